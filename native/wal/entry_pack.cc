#include "wal/entry_pack.h"

#include <algorithm>
#include <utility>

namespace walrus {

namespace {

bool IsBorrowed(std::span<const std::byte> entry) {
  return entry.size() > EntryPack::kBorrowedBytesMin;
}

}  // namespace

Status EntryPack::Build(std::span<const std::span<const std::byte>> entries,
                        int64_t timestamp, uint64_t block_bytes) {
  const uint64_t bytes_max = std::min(kPackedBatchBytesMax, block_bytes / 2);
  for (auto rest = entries; !rest.empty();) {
    if (IsBorrowed(rest.front())) {
      const Status status = Borrow(rest.front(), timestamp);
      if (!status.ok()) return status;
      rest = rest.subspan(1);
      continue;
    }
    const auto large = std::find_if(rest.begin(), rest.end(), IsBorrowed);
    const auto small = rest.first(static_cast<size_t>(large - rest.begin()));
    const size_t count = EntriesThatFit(small, bytes_max);
    Pack(small.first(count), timestamp);
    rest = rest.subspan(count);
  }
  return Status::Ok();
}

Status EntryPack::Borrow(std::span<const std::byte> entry, int64_t timestamp) {
  auto batch = std::make_unique<EntryBatch>();
  const Status status = batch->Build(entry, timestamp);
  if (!status.ok()) return status;
  const std::span<const iovec> parts = batch->parts();
  AddChecked(batch->total_bytes(), 1, timestamp);
  parts_.insert(parts_.end(), parts.begin(), parts.end());
  borrowed_.push_back(std::move(batch));
  return status;
}

void EntryPack::Pack(std::span<const std::span<const std::byte>> entries,
                     int64_t timestamp) {
  const uint64_t size = PackedBatchBytes(entries);
  // Every byte is written by PackEntries().
  auto bytes = std::make_unique_for_overwrite<std::byte[]>(size);
  PackEntries(entries, timestamp, bytes.get());
  AddChecked(size, entries.size(), timestamp);
  parts_.push_back({bytes.get(), size});
  packed_.push_back(std::move(bytes));
}

void EntryPack::AddChecked(uint64_t bytes, size_t record_count,
                           int64_t timestamp) {
  CheckedBatch batch;
  if (!checked_.empty()) {
    batch.position = checked_.back().position + checked_.back().bytes;
  }
  batch.chunk = parts_.size();
  batch.bytes = static_cast<uint32_t>(bytes);
  batch.record_count = static_cast<uint32_t>(record_count);
  batch.max_timestamp = timestamp;
  checked_.push_back(batch);
}

}  // namespace walrus
