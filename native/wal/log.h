// Log: one partition's log in memory, and Block, a piece of it on disk.
#ifndef WALRUS_WAL_LOG_H_
#define WALRUS_WAL_LOG_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "wal/data_file.h"
#include "wal/format.h"
#include "wal/producer_table.h"
#include "wal/run_table.h"
#include "wal/wal.h"

namespace walrus {

/// A log's tail and its producers are checkpointed this often.
inline constexpr uint64_t kCheckpointStepBytes = 256 << 10;

/// One block of a log: where it lies, and how far it is written.
///
/// Threads: what is not const is guarded by `log->mutex`, the cache's place by
/// the cache.
struct Block {
  Block(Log* owner, std::shared_ptr<DataFile> data_file, BlockHeader block)
      : log(owner),
        file(std::move(data_file)),
        header(block),
        start(file->header().UnitPosition(block.unit_index)),
        bytes(uint64_t{block.unit_count} * file->header().block_bytes),
        end_offset(block.base_offset) {}

  Log* const log;
  const std::shared_ptr<DataFile> file;
  const BlockHeader header;
  const uint64_t start;  ///< in the file
  const uint64_t bytes;

  uint64_t used = kBlockHeaderAreaBytes;  ///< just past the last frame
  uint64_t end_offset;
  int64_t max_timestamp = kNoTimestamp;
  bool sealed = false;
  /// Set before its space goes; what was read meanwhile must be dropped.
  bool freed = false;
  /// From here on the bytes are damaged (recovery's verdict).
  std::optional<uint64_t> corrupt_offset;
  std::shared_ptr<RunTable> table;
  /// The last group in the journal that names it; 0: none does.
  uint64_t journal_sequence = 0;

  bool cached = false;
  std::list<std::shared_ptr<Block>>::iterator cache_place;

  /// Where runs must end: the seal's space comes after.
  uint64_t RunsEnd() const {
    return bytes - SealBytesMax(file->header().block_bytes);
  }
};

/// Where the next run of a log goes.
///
/// Threads: the commit role only. A group works on a copy and puts it back when
/// all of its writes succeeded.
struct LogTail {
  std::shared_ptr<Block> block;  ///< nullptr before the first append
  /// Keeps the block's file open: changes with the block.
  std::shared_ptr<PinnedFile> pin;
  uint64_t position = 0;
  uint64_t end_offset = 0;
  uint64_t next_ordinal = 0;
  uint32_t frame_crc = 0;  ///< of the log's last frame
  /// The same for the last frame that is not bare. Checkpoints describe this
  /// one: offsets say what is synced, and a bare frame has none of its own.
  uint64_t data_position = 0;
  uint32_t data_frame_crc = 0;
  int64_t block_max_timestamp = kNoTimestamp;
  uint64_t framed_synced_through = 0;  ///< what the last frame carries
  uint64_t checkpoint_sequence = 0;    ///< of the block's newest one
  uint64_t checkpoint_position = 0;    ///< covered by it, or captured
  /// Of the block's last snapshot of producers below data_position (or before
  /// the first run); 0: there is none.
  uint64_t snapshot_position = 0;
  uint64_t snapshot_bytes = 0;  ///< of the last one, in whatever block
  size_t index_size = 0;        ///< entries of Log::index

  /// Whether a run of `length` bytes and its frame go into the block.
  bool Fits(uint64_t length) const;
  /// Whether enough was written since the last snapshot of producers.
  bool SnapshotDue() const;
};

/// A tail that becomes a checkpoint once its end offset is synced.
struct CapturedCheckpoint {
  std::shared_ptr<Block> block;
  Checkpoint checkpoint;
};

/// One partition's log.
///
/// Place: owned by the engine; handed out as an opaque pointer.
/// Life: until the engine is destroyed, also after DeleteLog.
/// Threads: each group of members names its guard.
///
/// Invariants:
///  (1) start_offset <= synced_end <= written_end <= next_offset, apart from
///      synced_end under NoFsync, which only Close() moves.
///  (2) `blocks` is ordered by ordinal; each begins where the one before ends.
///  (3) Below readable_end everything is in blocks' `used` parts.
class Log {
 public:
  Log(const LogId& log_id, bool readers_see_synced_only)
      : id(log_id), readable_is_synced(readers_see_synced_only) {}

  const LogId id;
  const bool readable_is_synced;

  bool refuses_appends = false;  ///< recovery found it corrupt

  // --- See LogSettings -----------------------------------------------------
  static constexpr uint64_t kSegmentMsOfOptions = UINT64_MAX;
  std::atomic<bool> log_append_time{false};
  std::atomic<uint64_t> segment_ms{kSegmentMsOfOptions};

  // --- Guarded by the committer's mutex ----------------------------------
  bool deleted = false;
  /// The open block, once it has a record, and when it got it; 0: none has.
  uint64_t aging_block_id = 0;
  std::chrono::steady_clock::time_point aging_since{};
  /// Its place in the committer's list; nullopt: it is not in there.
  std::optional<std::chrono::steady_clock::time_point> aging_due;

  // --- Guarded by `turn_mutex`, which comes after the committer's --------
  mutable std::mutex turn_mutex;
  uint64_t next_offset = 0;
  /// Raised with the mutex held. In the queue, or in a group under way.
  std::atomic<uint32_t> queued_ops{0};
  /// Set with the mutex held. One is being written; see Committer.
  std::atomic<bool> has_small_append{false};
  /// nullptr before the first idempotent batch; see ProducerCensus::Enter.
  std::unique_ptr<ProducerTable> producers;
  /// Of `producers`, without the mutex.
  std::atomic<bool> has_producers{false};

  // --- The commit role only, or the small append that is being written ----
  LogTail tail;
  std::vector<IndexEntry> index;  ///< of the tail's block, for its seal
  std::optional<CapturedCheckpoint> captured;
  size_t group_index = 0;     ///< place in the group being built
  uint64_t group_number = 0;  ///< of the last group it was part of
  bool awaits_bare_frame = false;
  bool rule_recorded = false;

  // --- Guarded by `mutex` ------------------------------------------------
  mutable std::mutex mutex;
  std::vector<std::shared_ptr<Block>> blocks;
  /// Blocks behind the damage of a corrupt log: kept, never read.
  std::vector<std::shared_ptr<Block>> unreachable;
  ReclaimRule rule = ReclaimRule::kRetention;
  uint64_t start_offset = 0;
  uint64_t written_end = 0;
  uint64_t synced_end = 0;
  std::optional<uint64_t> corrupt_offset;
  bool gone = false;           ///< deleted, and its blocks with it
  uint32_t watcher_count = 0;  ///< see Wal::Watch
  std::atomic<bool> in_dirty_list{false};
  std::atomic<bool> in_reclaim_list{false};
  /// Of synced_end, without the mutex; behind it at times.
  std::atomic<uint64_t> synced_end_hint{0};

  uint64_t ReadableEndLocked() const {
    return readable_is_synced ? synced_end : written_end;
  }
  /// The block that holds `offset`; nullptr if none does.
  std::shared_ptr<Block> FindBlockLocked(uint64_t offset) const;
  /// The highest base offset of a block, the first one excepted, that is not
  /// above `consumed`: what lies below it is free. start_offset if there is
  /// none.
  uint64_t FreeBelowLocked(uint64_t consumed) const;
  /// See Wal::FindExpired. `*open_expired`: the limits do not cover the open
  /// block either, which stays for now.
  uint64_t ExpiredBelowLocked(const RetentionLimits& limits,
                              bool* open_expired) const;
  /// Whether a block other than the last one lies wholly below start_offset.
  bool HasDeadBlocksLocked() const {
    return blocks.size() > 1 && blocks[1]->header.base_offset <= start_offset;
  }
  /// Takes the blocks that lie wholly below start_offset out of the log, the
  /// last one excepted, and marks them freed.
  std::vector<std::shared_ptr<Block>> TakeFreeBlocksLocked();
  /// All of them.
  std::vector<std::shared_ptr<Block>> TakeAllBlocksLocked();
};

}  // namespace walrus

#endif  // WALRUS_WAL_LOG_H_
