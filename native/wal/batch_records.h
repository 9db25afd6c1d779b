// The records inside a batch: building batches around raw entries, and walking
// the records of an uncompressed one.
#ifndef WALRUS_WAL_BATCH_RECORDS_H_
#define WALRUS_WAL_BATCH_RECORDS_H_

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "wal/batch_header.h"
#include "wal/status.h"
#include "wal/wal.h"

namespace walrus {

/// A batch of one record (null key, no headers) around a payload that stays
/// where it is: parts() are the head, the payload and the tail.
///
/// Life: the payload must outlive it; parts() point into this object, so it is
/// neither copied nor moved.
class EntryBatch {
 public:
  EntryBatch() = default;
  EntryBatch(const EntryBatch&) = delete;
  EntryBatch& operator=(const EntryBatch&) = delete;

  /// kInvalidInput: the payload is too large for a batch (2 GiB).
  Status Build(std::span<const std::byte> payload, int64_t timestamp);
  std::span<const iovec> parts() const { return parts_; }
  /// The batch as VerifyBatches() would list it.
  const CheckedBatch& checked() const { return checked_; }
  uint64_t total_bytes() const { return checked_.bytes; }

 private:
  static constexpr size_t kHeadBytesMax = kBatchHeaderBytes + 16;
  std::array<std::byte, kHeadBytesMax> head_;
  std::array<std::byte, 1> tail_{};
  std::array<iovec, 3> parts_{};
  CheckedBatch checked_;
};

/// What one batch of these entries takes; 0 when it would not fit a batch.
uint64_t PackedBatchBytes(std::span<const std::span<const std::byte>> entries);

/// How many of the first entries fit a batch of `bytes_max`; at least 1 unless
/// there are none.
size_t EntriesThatFit(std::span<const std::span<const std::byte>> entries,
                      uint64_t bytes_max);

/// Writes one batch with one record per entry, PackedBatchBytes() long.
/// REQUIRES: PackedBatchBytes(entries) is not 0 and `out` has that many bytes.
void PackEntries(std::span<const std::span<const std::byte>> entries,
                 int64_t timestamp, std::byte* out);

/// One record of an uncompressed batch. Spans point into the batch.
struct BatchRecord {
  uint64_t offset = 0;
  int64_t timestamp = kNoTimestamp;
  std::span<const std::byte> key;  ///< empty also for a null key
  std::span<const std::byte> value;
};

/// Walks the records of one uncompressed batch in order.
class RecordWalker {
 public:
  /// REQUIRES: `batch` is one whole batch that passed VerifyBatch().
  explicit RecordWalker(std::span<const std::byte> batch)
      : RecordWalker(batch, BatchHeader::Parse(batch.data())) {}
  /// The same for a caller that has the header already.
  RecordWalker(std::span<const std::byte> batch, const BatchHeader& header);

  /// False at the end, and at the first record that is malformed: a producer
  /// can send a batch whose CRC is right and whose records are not.
  bool Next(BatchRecord* record);
  bool malformed() const { return malformed_; }
  /// Whether every record was walked and nothing follows the last.
  bool exhausted() const {
    return !malformed_ && remaining_ == 0 && rest_.empty();
  }

 private:
  bool ReadVarint(int64_t* value);
  bool ReadBytes(int64_t length, std::span<const std::byte>* bytes);

  BatchHeader header_;
  std::span<const std::byte> rest_;
  int32_t remaining_ = 0;
  bool malformed_ = false;
};

/// The first record of the batch with timestamp >= `timestamp`; nullopt when
/// there is none. A compressed batch, or one whose records cannot be walked,
/// answers its base offset and max timestamp when that is late enough.
std::optional<TimestampedOffset> FindTimestamp(std::span<const std::byte> batch,
                                               int64_t timestamp);

}  // namespace walrus

#endif  // WALRUS_WAL_BATCH_RECORDS_H_
