// Kafka record batches (v2) as the engine sees them: 61 header bytes that it
// verifies and stamps, and a body it does not look into except by timestamp.
#ifndef WALRUS_WAL_BATCH_HEADER_H_
#define WALRUS_WAL_BATCH_HEADER_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "wal/format.h"
#include "wal/status.h"

namespace walrus {

inline constexpr size_t kBatchHeaderBytes = 61;
/// Bytes before the ones that `length` counts.
inline constexpr size_t kBatchLengthOverhead = 12;

/// The fields of a batch header (big-endian on disk and on the wire).
struct BatchHeader {
  int64_t base_offset = 0;
  int32_t length = 0;  ///< bytes after this field
  int32_t leader_epoch = 0;
  int8_t magic = 2;
  uint32_t crc = 0;
  int16_t attributes = 0;
  int32_t last_offset_delta = 0;
  int64_t base_timestamp = 0;
  int64_t max_timestamp = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  int32_t record_count = 0;

  uint64_t TotalBytes() const {
    return kBatchLengthOverhead + static_cast<uint64_t>(length);
  }
  int compression() const { return attributes & 7; }
  bool is_log_append_time() const { return (attributes & 8) != 0; }
  bool is_control() const { return (attributes & 32) != 0; }
  bool operator==(const BatchHeader&) const = default;

  /// Writes kBatchHeaderBytes.
  void EncodeTo(std::byte* out) const;
  /// Reads kBatchHeaderBytes; judges nothing.
  static BatchHeader Parse(const std::byte* bytes);
};

/// What is wrong with a batch.
enum class BatchDefect {
  kNone,
  kTruncated,       ///< the bytes end before the batch does
  kBadMagic,        ///< not 2
  kBadLength,       ///< too small for the header
  kTooLarge,        ///< larger than allowed
  kBadCompression,  ///< a codec that does not exist
  kBadCount,        ///< no records, or count and last offset delta disagree
  kBadCrc,
};
std::string_view BatchDefectText(BatchDefect defect);

/// Checks that `chunks` form one or more whole batches, CRCs included, and
/// lists them (`*batches` is cleared first).
///
/// kInvalidInput: malformed, or a batch over `batch_bytes_max`; the message
/// names batch and defect. kCorrupt: a CRC does not match. kInvalidInput too
/// for no bytes at all.
Status VerifyBatches(std::span<const iovec> chunks, uint64_t batch_bytes_max,
                     std::vector<CheckedBatch>* batches);

/// Writes base offsets (dense from `base_offset`) and the leader epoch into the
/// headers. The CRCs cover neither.
///
/// With `log_append_time`, also sets the timestamp type bit and max timestamp
/// and fixes the CRC without reading the payload, and updates `batches`.
///
/// REQUIRES: `batches` is what VerifyBatches() found in `chunks`, and the
/// chunks' memory may be written.
void StampBatches(std::span<const iovec> chunks,
                  std::span<CheckedBatch> batches, uint64_t base_offset,
                  uint32_t leader_epoch,
                  std::optional<int64_t> log_append_time = std::nullopt);

/// `crc` extended by the stamped header of `batch`: folded over the batches of
/// a run from 0 this is CommitFrame::headers_crc.
uint32_t ExtendHeadersCrc(uint32_t crc, std::span<const iovec> chunks,
                          const CheckedBatch& batch);

/// Appends to `*parts` the spans that make up `length` bytes of `chunks` from
/// the given chunk and byte on.
/// REQUIRES: the chunks have that many.
void SliceChunks(std::span<const iovec> chunks, size_t chunk,
                 size_t chunk_position, uint64_t length,
                 std::vector<iovec>* parts);

/// Checks the batch that starts at `data`, CRC included, and fills `*header`
/// unless it is kTruncated. The base offset and epoch are not judged.
BatchDefect VerifyBatch(std::span<const std::byte> data, BatchHeader* header);

/// As VerifyBatch without the CRC: for batches verified before.
BatchDefect ParseBatch(std::span<const std::byte> data, BatchHeader* header);

/// Whether `run` (without padding) is what `frame` was written for: whole
/// batches with good CRCs, dense offsets from base_offset to next_offset, the
/// count, the max timestamp and the headers' CRC. kCorrupt says what is not.
/// A bare frame goes with an empty run, a snapshot's with a ProducerSnapshot.
Status VerifyRun(const CommitFrame& frame, std::span<const std::byte> run);

}  // namespace walrus

#endif  // WALRUS_WAL_BATCH_HEADER_H_
