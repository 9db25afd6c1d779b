#include "wal/batch_records.h"

#include <cassert>
#include <climits>
#include <cstring>

#include "wal/byte_order.h"
#include "wal/crc32c.h"

namespace walrus {
namespace {

constexpr size_t kCrcPosition = 17;
constexpr size_t kAttributesPosition = 21;
constexpr uint64_t kBatchBytesMax = uint64_t{INT32_MAX} + kBatchLengthOverhead;

// Attributes, timestamp delta 0, null key; the offset delta and the value's
// length vary.
constexpr size_t kRecordFixedBytes = 3;
constexpr std::byte kNoDelta{0};
constexpr std::byte kNullKey{1};  // -1, zigzag
constexpr std::byte kNoHeaders{0};

uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^
         static_cast<uint64_t>(value >> 63);
}

size_t VarintBytes(int64_t value) {
  size_t bytes = 1;
  for (uint64_t rest = ZigZag(value) >> 7; rest != 0; rest >>= 7) ++bytes;
  return bytes;
}

std::byte* PutVarint(std::byte* to, int64_t value) {
  uint64_t rest = ZigZag(value);
  for (; rest >= 0x80; rest >>= 7) {
    *to++ = static_cast<std::byte>((rest & 0x7f) | 0x80);
  }
  *to++ = static_cast<std::byte>(rest);
  return to;
}

// Bytes of a record after its length field.
uint64_t RecordBodyBytes(uint64_t index, uint64_t value_bytes) {
  return kRecordFixedBytes + VarintBytes(static_cast<int64_t>(index)) +
         VarintBytes(static_cast<int64_t>(value_bytes)) + value_bytes +
         sizeof(kNoHeaders);
}

uint64_t RecordBytes(uint64_t index, uint64_t value_bytes) {
  const uint64_t body = RecordBodyBytes(index, value_bytes);
  return VarintBytes(static_cast<int64_t>(body)) + body;
}

// Everything of a record up to its value.
std::byte* PutRecordHead(std::byte* to, uint64_t index, uint64_t value_bytes) {
  to = PutVarint(to, static_cast<int64_t>(RecordBodyBytes(index, value_bytes)));
  *to++ = std::byte{0};  // attributes
  *to++ = kNoDelta;
  to = PutVarint(to, static_cast<int64_t>(index));
  *to++ = kNullKey;
  return PutVarint(to, static_cast<int64_t>(value_bytes));
}

BatchHeader HeaderOf(uint64_t total_bytes, size_t record_count,
                     int64_t timestamp) {
  BatchHeader header;
  header.length = static_cast<int32_t>(total_bytes - kBatchLengthOverhead);
  header.last_offset_delta = static_cast<int32_t>(record_count - 1);
  header.base_timestamp = timestamp;
  header.max_timestamp = timestamp;
  header.record_count = static_cast<int32_t>(record_count);
  return header;
}

}  // namespace

Status EntryBatch::Build(std::span<const std::byte> payload,
                         int64_t timestamp) {
  const uint64_t total = kBatchHeaderBytes + RecordBytes(0, payload.size());
  if (payload.size() > kBatchBytesMax || total > kBatchBytesMax) {
    return Status(Code::kInvalidInput, "an entry of " +
                                           std::to_string(payload.size()) +
                                           " bytes does not fit a batch");
  }
  HeaderOf(total, 1, timestamp).EncodeTo(head_.data());
  const std::byte* const head_end =
      PutRecordHead(head_.data() + kBatchHeaderBytes, 0, payload.size());
  const size_t head_bytes = static_cast<size_t>(head_end - head_.data());
  tail_[0] = kNoHeaders;
  uint32_t crc = Crc32c(head_.data() + kAttributesPosition,
                        head_bytes - kAttributesPosition);
  crc = ExtendCrc32c(crc, payload.data(), payload.size());
  crc = ExtendCrc32c(crc, tail_.data(), tail_.size());
  StoreBig(head_.data() + kCrcPosition, crc);
  parts_[0] = {head_.data(), head_bytes};
  parts_[1] = {const_cast<std::byte*>(payload.data()), payload.size()};
  parts_[2] = {tail_.data(), tail_.size()};
  checked_.bytes = static_cast<uint32_t>(total);
  checked_.record_count = 1;
  checked_.max_timestamp = timestamp;
  return Status::Ok();
}

uint64_t PackedBatchBytes(std::span<const std::span<const std::byte>> entries) {
  if (entries.empty() || entries.size() > INT32_MAX) return 0;
  uint64_t total = kBatchHeaderBytes;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].size() > kBatchBytesMax) return 0;
    total += RecordBytes(i, entries[i].size());
    if (total > kBatchBytesMax) return 0;
  }
  return total;
}

size_t EntriesThatFit(std::span<const std::span<const std::byte>> entries,
                      uint64_t bytes_max) {
  uint64_t total = kBatchHeaderBytes;
  for (size_t i = 0; i < entries.size(); ++i) {
    total += RecordBytes(i, entries[i].size());
    if (total > bytes_max || i == INT32_MAX) return i == 0 ? 1 : i;
  }
  return entries.size();
}

void PackEntries(std::span<const std::span<const std::byte>> entries,
                 int64_t timestamp, std::byte* out) {
  const uint64_t total = PackedBatchBytes(entries);
  assert(total != 0);
  BatchHeader header = HeaderOf(total, entries.size(), timestamp);
  header.EncodeTo(out);
  std::byte* to = out + kBatchHeaderBytes;
  for (size_t i = 0; i < entries.size(); ++i) {
    to = PutRecordHead(to, i, entries[i].size());
    if (!entries[i].empty()) {
      std::memcpy(to, entries[i].data(), entries[i].size());
    }
    to += entries[i].size();
    *to++ = kNoHeaders;
  }
  assert(to == out + total);
  StoreBig(out + kCrcPosition,
           Crc32c(out + kAttributesPosition, total - kAttributesPosition));
}

RecordWalker::RecordWalker(std::span<const std::byte> batch,
                           const BatchHeader& header)
    : header_(header),
      rest_(batch.first(header_.TotalBytes()).subspan(kBatchHeaderBytes)),
      remaining_(header_.record_count) {
  if (header_.compression() != 0) {
    remaining_ = 0;
    malformed_ = true;
  }
}

bool RecordWalker::ReadVarint(int64_t* value) {
  uint64_t bits = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return false;
    const uint64_t byte = static_cast<uint64_t>(rest_.front());
    rest_ = rest_.subspan(1);
    bits |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) {
      *value =
          static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
      return true;
    }
  }
  return false;
}

bool RecordWalker::ReadBytes(int64_t length,
                             std::span<const std::byte>* bytes) {
  if (length < -1) return false;
  const uint64_t count = length < 0 ? 0 : static_cast<uint64_t>(length);
  if (count > rest_.size()) return false;
  *bytes = rest_.first(count);
  rest_ = rest_.subspan(count);
  return true;
}

bool RecordWalker::Next(BatchRecord* record) {
  if (remaining_ == 0 || malformed_) return false;
  malformed_ = true;  // until all of it is read
  int64_t length;
  std::span<const std::byte> body;
  if (!ReadVarint(&length) || length < 0 || !ReadBytes(length, &body)) {
    return false;
  }
  const std::span<const std::byte> after = rest_;
  rest_ = body;
  int64_t timestamp_delta;
  int64_t offset_delta;
  int64_t key_length;
  int64_t value_length;
  std::span<const std::byte> attributes;
  if (!ReadBytes(1, &attributes) || !ReadVarint(&timestamp_delta) ||
      !ReadVarint(&offset_delta) || offset_delta < 0 ||
      offset_delta > header_.last_offset_delta || !ReadVarint(&key_length) ||
      !ReadBytes(key_length, &record->key) || !ReadVarint(&value_length) ||
      !ReadBytes(value_length, &record->value)) {
    return false;
  }
  // Wraps as Java's long does: the deltas are the producer's.
  const uint64_t timestamp = static_cast<uint64_t>(header_.base_timestamp) +
                             static_cast<uint64_t>(timestamp_delta);
  record->timestamp = header_.is_log_append_time()
                          ? header_.max_timestamp
                          : static_cast<int64_t>(timestamp);
  record->offset = static_cast<uint64_t>(header_.base_offset) +
                   static_cast<uint64_t>(offset_delta);
  rest_ = after;
  --remaining_;
  malformed_ = false;
  return true;
}

std::optional<TimestampedOffset> FindTimestamp(std::span<const std::byte> batch,
                                               int64_t timestamp) {
  const BatchHeader header = BatchHeader::Parse(batch.data());
  const TimestampedOffset whole_batch{static_cast<uint64_t>(header.base_offset),
                                      header.max_timestamp};
  const bool late_enough = header.max_timestamp >= timestamp;
  if (!late_enough) return std::nullopt;
  if (header.compression() != 0 || header.is_log_append_time()) {
    return whole_batch;
  }
  RecordWalker walker(batch);
  BatchRecord record;
  while (walker.Next(&record)) {
    if (record.timestamp >= timestamp) {
      return TimestampedOffset{record.offset, record.timestamp};
    }
  }
  if (walker.malformed()) return whole_batch;
  return std::nullopt;
}

}  // namespace walrus
