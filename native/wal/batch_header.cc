#include "wal/batch_header.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <string>

#include "wal/byte_order.h"
#include "wal/crc32c.h"
#include "wal/producer_snapshot.h"

namespace walrus {
namespace {

// Where the fields lie in a batch.
constexpr size_t kBaseOffsetPosition = 0;
constexpr size_t kLengthPosition = 8;
constexpr size_t kLeaderEpochPosition = 12;
constexpr size_t kMagicPosition = 16;
constexpr size_t kCrcPosition = 17;
constexpr size_t kAttributesPosition = 21;  // the CRC starts to count here
constexpr size_t kLastOffsetDeltaPosition = 23;
constexpr size_t kBaseTimestampPosition = 27;
constexpr size_t kMaxTimestampPosition = 35;
constexpr size_t kProducerIdPosition = 43;
constexpr size_t kProducerEpochPosition = 51;
constexpr size_t kBaseSequencePosition = 53;
constexpr size_t kRecordCountPosition = 57;

constexpr int8_t kMagic = 2;
constexpr int kCompressionMax = 4;  // none, gzip, snappy, lz4, zstd
constexpr int16_t kLogAppendTimeBit = 8;
constexpr size_t kCrcCoveredHeaderBytes =
    kBatchHeaderBytes - kAttributesPosition;

using HeaderBytes = std::array<std::byte, kBatchHeaderBytes>;

// A place in a list of chunks that moves forward.
class ChunkPosition {
 public:
  ChunkPosition(std::span<const iovec> chunks, size_t chunk, size_t position)
      : chunks_(chunks), chunk_(chunk), position_(position) {
    SkipEmpty();
  }

  size_t chunk() const { return chunk_; }
  size_t position() const { return position_; }

  // Calls visit(bytes, length) for each contiguous piece of the next `length`
  // bytes, which must exist, and moves past them.
  template <typename Visit>
  void Advance(uint64_t length, Visit visit) {
    while (length > 0) {
      assert(chunk_ < chunks_.size());
      const iovec& chunk = chunks_[chunk_];
      const size_t piece = static_cast<size_t>(
          std::min<uint64_t>(length, chunk.iov_len - position_));
      visit(static_cast<std::byte*>(chunk.iov_base) + position_, piece);
      position_ += piece;
      length -= piece;
      SkipEmpty();
    }
  }

  void CopyOut(std::byte* to, size_t length) {
    Advance(length, [&to](const std::byte* from, size_t piece) {
      std::memcpy(to, from, piece);
      to += piece;
    });
  }

  void CopyIn(const std::byte* from, size_t length) {
    Advance(length, [&from](std::byte* to, size_t piece) {
      std::memcpy(to, from, piece);
      from += piece;
    });
  }

 private:
  void SkipEmpty() {
    while (chunk_ < chunks_.size() && position_ == chunks_[chunk_].iov_len) {
      ++chunk_;
      position_ = 0;
    }
  }

  std::span<const iovec> chunks_;
  size_t chunk_;
  size_t position_;
};

BatchDefect JudgeHeader(const BatchHeader& header, uint64_t available,
                        uint64_t bytes_max) {
  if (header.magic != kMagic) return BatchDefect::kBadMagic;
  if (header.length <
      static_cast<int32_t>(kBatchHeaderBytes - kBatchLengthOverhead)) {
    return BatchDefect::kBadLength;
  }
  if (header.TotalBytes() > bytes_max) return BatchDefect::kTooLarge;
  if (header.TotalBytes() > available) return BatchDefect::kTruncated;
  if (header.compression() > kCompressionMax) {
    return BatchDefect::kBadCompression;
  }
  if (header.record_count <= 0 ||
      header.last_offset_delta != header.record_count - 1) {
    return BatchDefect::kBadCount;
  }
  return BatchDefect::kNone;
}

// Judges the batch at `at` and moves past it when it is whole.
BatchDefect VerifyNext(ChunkPosition* at, uint64_t available,
                       uint64_t bytes_max, BatchHeader* header) {
  if (available < kBatchHeaderBytes) return BatchDefect::kTruncated;
  HeaderBytes bytes;
  at->CopyOut(bytes.data(), bytes.size());
  *header = BatchHeader::Parse(bytes.data());
  const BatchDefect defect = JudgeHeader(*header, available, bytes_max);
  if (defect != BatchDefect::kNone) return defect;
  uint32_t crc =
      Crc32c(bytes.data() + kAttributesPosition, kCrcCoveredHeaderBytes);
  at->Advance(header->TotalBytes() - kBatchHeaderBytes,
              [&crc](const std::byte* piece, size_t length) {
                crc = ExtendCrc32c(crc, piece, length);
              });
  return SameCrc(crc, header->crc) ? BatchDefect::kNone : BatchDefect::kBadCrc;
}

// Sets the log append time in the header's bytes and fixes their CRC.
void SetLogAppendTime(int64_t timestamp, uint64_t total_bytes,
                      HeaderBytes* bytes) {
  std::byte* const covered = bytes->data() + kAttributesPosition;
  const uint32_t old_part = Crc32c(covered, kCrcCoveredHeaderBytes);
  const int16_t attributes = LoadBig<int16_t>(covered);
  StoreBig(covered, static_cast<int16_t>(attributes | kLogAppendTimeBit));
  StoreBig(bytes->data() + kMaxTimestampPosition, timestamp);
  const uint32_t new_part = Crc32c(covered, kCrcCoveredHeaderBytes);
  std::byte* const crc = bytes->data() + kCrcPosition;
  StoreBig(crc, ReplaceCrc32c(LoadBig<uint32_t>(crc), old_part, new_part,
                              total_bytes - kBatchHeaderBytes));
}

Status RunDefect(const CommitFrame& frame, uint64_t offset,
                 std::string_view what) {
  return Status(Code::kCorrupt,
                "run at position " + std::to_string(frame.run_position) +
                    " of block " + std::to_string(frame.block_id) +
                    ", offset " + std::to_string(offset) + ": " +
                    std::string(what));
}

Status VerifySnapshot(const CommitFrame& frame,
                      std::span<const std::byte> run) {
  ProducerSnapshot snapshot;
  uint32_t crc = 0;
  if (ProducerSnapshot::Decode(run, &snapshot, &crc) == Decoded::kOk &&
      crc == frame.headers_crc && snapshot.block_id == frame.block_id &&
      snapshot.tag == frame.tag) {
    return Status::Ok();
  }
  return RunDefect(frame, frame.base_offset,
                   "it is not the snapshot of producers it was framed for");
}

}  // namespace

void BatchHeader::EncodeTo(std::byte* out) const {
  StoreBig(out + kBaseOffsetPosition, base_offset);
  StoreBig(out + kLengthPosition, length);
  StoreBig(out + kLeaderEpochPosition, leader_epoch);
  StoreBig(out + kMagicPosition, magic);
  StoreBig(out + kCrcPosition, crc);
  StoreBig(out + kAttributesPosition, attributes);
  StoreBig(out + kLastOffsetDeltaPosition, last_offset_delta);
  StoreBig(out + kBaseTimestampPosition, base_timestamp);
  StoreBig(out + kMaxTimestampPosition, max_timestamp);
  StoreBig(out + kProducerIdPosition, producer_id);
  StoreBig(out + kProducerEpochPosition, producer_epoch);
  StoreBig(out + kBaseSequencePosition, base_sequence);
  StoreBig(out + kRecordCountPosition, record_count);
}

BatchHeader BatchHeader::Parse(const std::byte* bytes) {
  BatchHeader header;
  header.base_offset = LoadBig<int64_t>(bytes + kBaseOffsetPosition);
  header.length = LoadBig<int32_t>(bytes + kLengthPosition);
  header.leader_epoch = LoadBig<int32_t>(bytes + kLeaderEpochPosition);
  header.magic = LoadBig<int8_t>(bytes + kMagicPosition);
  header.crc = LoadBig<uint32_t>(bytes + kCrcPosition);
  header.attributes = LoadBig<int16_t>(bytes + kAttributesPosition);
  header.last_offset_delta = LoadBig<int32_t>(bytes + kLastOffsetDeltaPosition);
  header.base_timestamp = LoadBig<int64_t>(bytes + kBaseTimestampPosition);
  header.max_timestamp = LoadBig<int64_t>(bytes + kMaxTimestampPosition);
  header.producer_id = LoadBig<int64_t>(bytes + kProducerIdPosition);
  header.producer_epoch = LoadBig<int16_t>(bytes + kProducerEpochPosition);
  header.base_sequence = LoadBig<int32_t>(bytes + kBaseSequencePosition);
  header.record_count = LoadBig<int32_t>(bytes + kRecordCountPosition);
  return header;
}

std::string_view BatchDefectText(BatchDefect defect) {
  switch (defect) {
    case BatchDefect::kNone:
      return "whole";
    case BatchDefect::kTruncated:
      return "the bytes end before the batch does";
    case BatchDefect::kBadMagic:
      return "the magic byte is not 2";
    case BatchDefect::kBadLength:
      return "the length is too small for the header";
    case BatchDefect::kTooLarge:
      return "the batch is larger than allowed";
    case BatchDefect::kBadCompression:
      return "the compression type does not exist";
    case BatchDefect::kBadCount:
      return "record count and last offset delta do not agree";
    case BatchDefect::kBadCrc:
      return "the CRC does not match";
  }
  return "unknown";
}

Status VerifyBatches(std::span<const iovec> chunks, uint64_t batch_bytes_max,
                     std::vector<CheckedBatch>* batches) {
  batches->clear();
  uint64_t total = 0;
  for (const iovec& chunk : chunks) total += chunk.iov_len;
  if (total == 0) {
    return Status(Code::kInvalidInput, "the call holds no batch");
  }
  ChunkPosition at(chunks, 0, 0);
  for (uint64_t position = 0; position < total;) {
    CheckedBatch batch;
    batch.position = position;
    batch.chunk = at.chunk();
    batch.chunk_position = at.position();
    BatchHeader header;
    const BatchDefect defect =
        VerifyNext(&at, total - position, batch_bytes_max, &header);
    if (defect != BatchDefect::kNone) {
      return Status(
          defect == BatchDefect::kBadCrc ? Code::kCorrupt : Code::kInvalidInput,
          "batch " + std::to_string(batches->size()) + " at byte " +
              std::to_string(position) + ": " +
              std::string(BatchDefectText(defect)));
    }
    batch.bytes = static_cast<uint32_t>(header.TotalBytes());
    batch.record_count = static_cast<uint32_t>(header.record_count);
    batch.max_timestamp = header.max_timestamp;
    // Control batches have a producer and no sequence.
    if (!header.is_control()) {
      batch.producer_id = header.producer_id;
      batch.producer_epoch = header.producer_epoch;
      batch.base_sequence = header.base_sequence;
    }
    batches->push_back(batch);
    position += batch.bytes;
  }
  return Status::Ok();
}

void StampBatches(std::span<const iovec> chunks,
                  std::span<CheckedBatch> batches, uint64_t base_offset,
                  uint32_t leader_epoch,
                  std::optional<int64_t> log_append_time) {
  for (CheckedBatch& batch : batches) {
    const ChunkPosition start(chunks, batch.chunk, batch.chunk_position);
    const iovec& chunk = chunks[batch.chunk];
    if (!log_append_time &&
        chunk.iov_len - batch.chunk_position >= kMagicPosition) {
      std::byte* const header =
          static_cast<std::byte*>(chunk.iov_base) + batch.chunk_position;
      StoreBig(header + kBaseOffsetPosition, base_offset);
      StoreBig(header + kLeaderEpochPosition, leader_epoch);
      base_offset += batch.record_count;
      continue;
    }
    HeaderBytes bytes;
    ChunkPosition(start).CopyOut(bytes.data(), bytes.size());
    StoreBig(bytes.data() + kBaseOffsetPosition, base_offset);
    StoreBig(bytes.data() + kLeaderEpochPosition, leader_epoch);
    size_t changed = kMagicPosition;
    if (log_append_time.has_value()) {
      SetLogAppendTime(*log_append_time, batch.bytes, &bytes);
      batch.max_timestamp = *log_append_time;
      changed = bytes.size();
    }
    ChunkPosition(start).CopyIn(bytes.data(), changed);
    base_offset += batch.record_count;
  }
}

uint32_t ExtendHeadersCrc(uint32_t crc, std::span<const iovec> chunks,
                          const CheckedBatch& batch) {
  ChunkPosition(chunks, batch.chunk, batch.chunk_position)
      .Advance(kBatchHeaderBytes,
               [&crc](const std::byte* piece, size_t length) {
                 crc = ExtendCrc32c(crc, piece, length);
               });
  return crc;
}

void SliceChunks(std::span<const iovec> chunks, size_t chunk,
                 size_t chunk_position, uint64_t length,
                 std::vector<iovec>* parts) {
  ChunkPosition(chunks, chunk, chunk_position)
      .Advance(length, [parts](std::byte* piece, size_t piece_length) {
        parts->push_back({piece, piece_length});
      });
}

BatchDefect ParseBatch(std::span<const std::byte> data, BatchHeader* header) {
  if (data.size() < kBatchHeaderBytes) return BatchDefect::kTruncated;
  *header = BatchHeader::Parse(data.data());
  return JudgeHeader(*header, data.size(), UINT64_MAX);
}

BatchDefect VerifyBatch(std::span<const std::byte> data, BatchHeader* header) {
  const BatchDefect defect = ParseBatch(data, header);
  if (defect != BatchDefect::kNone) return defect;
  const uint32_t crc = Crc32c(data.data() + kAttributesPosition,
                              header->TotalBytes() - kAttributesPosition);
  return SameCrc(crc, header->crc) ? BatchDefect::kNone : BatchDefect::kBadCrc;
}

Status VerifyRun(const CommitFrame& frame, std::span<const std::byte> run) {
  if (run.size() != frame.run_length) {
    return RunDefect(frame, frame.base_offset, "its length is not the frame's");
  }
  if (frame.snapshot) return VerifySnapshot(frame, run);
  uint64_t offset = frame.base_offset;
  uint32_t headers_crc = 0;
  uint32_t batch_count = 0;
  int64_t max_timestamp = kNoTimestamp;
  while (!run.empty()) {
    BatchHeader header;
    const BatchDefect defect = VerifyBatch(run, &header);
    if (defect != BatchDefect::kNone) {
      return RunDefect(frame, offset, BatchDefectText(defect));
    }
    if (static_cast<uint64_t>(header.base_offset) != offset) {
      return RunDefect(frame, offset, "a batch has another base offset");
    }
    headers_crc = ExtendCrc32c(headers_crc, run.data(), kBatchHeaderBytes);
    offset += static_cast<uint64_t>(header.record_count);
    max_timestamp = std::max(max_timestamp, header.max_timestamp);
    ++batch_count;
    run = run.subspan(header.TotalBytes());
  }
  if (offset != frame.next_offset || batch_count != frame.batch_count) {
    return RunDefect(frame, offset, "its batches are not as many as framed");
  }
  if (headers_crc != frame.headers_crc) {
    return RunDefect(frame, frame.base_offset,
                     "the CRC of its batch headers does not match");
  }
  // A bare frame repeats the log's maximum; a run's is its own.
  if (!frame.bare && max_timestamp != frame.max_timestamp) {
    return RunDefect(frame, frame.base_offset,
                     "the max timestamp is not the frame's");
  }
  return Status::Ok();
}

}  // namespace walrus
