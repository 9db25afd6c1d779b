#include "wal/entry_table.h"

#include "wal/batch_records.h"

namespace walrus {

namespace {

constexpr int16_t kControlAttribute = 0x20;

}  // namespace

void EntryTable::Build(std::span<const std::byte> bytes, uint64_t from) {
  numbers_.clear();
  end_offset_ = from;
  for (size_t position = 0; position < bytes.size();) {
    const auto rest = bytes.subspan(position);
    const BatchHeader header = BatchHeader::Parse(rest.data());
    if (header.compression() != 0) return;
    const auto batch = rest.first(header.TotalBytes());
    const bool is_control = (header.attributes & kControlAttribute) != 0;
    if (!is_control && !AddBatch(batch, header, position, from)) return;
    end_offset_ = static_cast<uint64_t>(header.base_offset) +
                  static_cast<uint64_t>(header.last_offset_delta) + 1;
    position += batch.size();
  }
}

bool EntryTable::AddBatch(std::span<const std::byte> batch,
                          const BatchHeader& header, size_t batch_position,
                          uint64_t from) {
  const size_t size_before = numbers_.size();
  RecordWalker walker(batch, header);
  BatchRecord record;
  bool is_first = true;
  uint64_t previous = 0;
  while (walker.Next(&record)) {
    // Offsets that do not grow are as malformed as bytes that do not parse.
    if (!is_first && record.offset <= previous) break;
    is_first = false;
    previous = record.offset;
    if (record.offset < from) continue;
    const size_t position =
        record.value.empty()
            ? 0
            : batch_position +
                  static_cast<size_t>(record.value.data() - batch.data());
    numbers_.insert(numbers_.end(), {static_cast<double>(record.offset),
                                     static_cast<double>(record.timestamp),
                                     static_cast<double>(position),
                                     static_cast<double>(record.value.size())});
  }
  if (walker.exhausted()) return true;
  numbers_.resize(size_before);
  return false;
}

}  // namespace walrus
