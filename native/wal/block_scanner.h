// BlockScanner: follows the runs of a block on disk and verifies every byte.
#ifndef WALRUS_WAL_BLOCK_SCANNER_H_
#define WALRUS_WAL_BLOCK_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "wal/file_system.h"
#include "wal/format.h"
#include "wal/producer_table.h"
#include "wal/run_table.h"
#include "wal/status.h"

namespace walrus {

/// What is known of a range of a file before it is read.
enum class Extent {
  kMayHaveHoles,  ///< asked for first: what was never written is not read
  kWritten,       ///< all of it was written: asking would cost for nothing
};

/// A sliding view of a part of a file, read in large pieces.
class FileWindow {
 public:
  /// Positions are relative to `start`; nothing at or past `limit` is read.
  FileWindow(File* file, uint64_t start, uint64_t limit,
             Extent extent = Extent::kMayHaveHoles)
      : file_(file), start_(start), limit_(limit), extent_(extent) {}

  /// Up to `length` bytes at `position`; fewer only at the limit (bytes past
  /// the end of the file read as zeros). Valid until the next call.
  Status Get(uint64_t position, size_t length,
             std::span<const std::byte>* bytes);

  /// Moves `*position` up to the first byte that may be other than zero, or to
  /// the limit.
  Status SkipUnwritten(uint64_t* position);

  uint64_t limit() const { return limit_; }
  /// Without what was never written, which is not read.
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  Status Fill(uint64_t position, size_t size);
  Status FillWritten(uint64_t position, size_t size);

  File* const file_;
  const uint64_t start_;
  const uint64_t limit_;
  const Extent extent_;
  std::vector<std::byte> buffer_;
  uint64_t buffer_position_ = 0;
  size_t next_read_ = 64 << 10;  // doubles up to kWindowBytes
  uint64_t bytes_read_ = 0;
};

/// A run that was found whole, apart from what `damaged_offset` says.
struct ScannedRun {
  RunEntry entry;
  std::vector<RunEntry> pieces;  ///< the same run, cut by RunCutter
  CommitFrame frame;
  uint32_t frame_crc = 0;
  uint64_t end_position = 0;
  /// The first batch whose CRC does not match; headers and frame are good.
  std::optional<uint64_t> damaged_offset;
  bool padding_is_zero = true;
  /// Of the run's batches those of idempotent producers, in order.
  std::vector<std::pair<int64_t, ProducerBatch>> producer_batches;
};

/// Where a scan begins: just past a frame, or at the block's first run.
struct ScanStart {
  uint64_t position = kBlockHeaderAreaBytes;
  uint64_t offset = 0;
  uint32_t prev_frame_crc = 0;
};

/// Steps through the runs of one block.
///
/// Place: table building, recovery and inspection.
/// Life: after Next() said "not found" it stays where it is; broken() tells
/// what stood there instead of a run.
/// Threads: one.
class BlockScanner {
 public:
  /// Scans up to `limit` (relative to the block).
  BlockScanner(File* file, uint64_t block_start, const BlockHeader& header,
               uint64_t limit, const ScanStart& start,
               Extent extent = Extent::kMayHaveHoles)
      : header_(header),
        window_(file, block_start, limit, extent),
        at_(start) {}

  /// The next run and true, or false when there is none that verifies.
  /// kIo: the file cannot be read; nothing is known.
  Status Next(ScannedRun* run, bool* found);

  const ScanStart& at() const { return at_; }
  const std::string& broken() const { return broken_; }
  uint64_t bytes_read() const { return window_.bytes_read(); }

 private:
  struct Walk {
    uint64_t position = 0;
    uint64_t offset = 0;
    uint32_t batch_count = 0;
    uint32_t headers_crc = 0;
    int64_t max_timestamp = kNoTimestamp;
    std::optional<uint64_t> damaged_offset;
    RunCutter cutter{0, 0};
  };

  Status TakeSnapshot(Walk* walk, bool* is_snapshot);
  Status TakeFrame(const Walk& walk, ScannedRun* run, bool* is_frame);
  Status TakeBatch(Walk* walk, ScannedRun* run, bool* is_batch);
  Status CheckPayload(uint64_t position, uint64_t length, uint32_t crc,
                      bool* matches);
  std::string FrameDefect(const CommitFrame& frame, const Walk& walk) const;
  bool Break(std::string why);

  const BlockHeader header_;
  FileWindow window_;
  ScanStart at_;
  std::string broken_;
};

/// Looks for frames of the block (by tag and CRC) at 64-byte boundaries from
/// `position` to `limit`: evidence for recovery's verdict only.
struct FrameEvidence {
  uint64_t frames = 0;
  uint64_t synced_through = 0;  ///< the highest one carries
  bool any_bytes = false;       ///< something other than zeros is there
  uint64_t last_byte = 0;       ///< just past the last such byte (64-aligned)
  uint64_t bytes_read = 0;
};
Status FindFrames(File* file, uint64_t block_start, const BlockHeader& header,
                  uint64_t position, uint64_t limit, FrameEvidence* evidence);

}  // namespace walrus

#endif  // WALRUS_WAL_BLOCK_SCANNER_H_
