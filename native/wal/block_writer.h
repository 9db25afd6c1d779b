// BlockWriter: turns the calls of one group into runs, frames and blocks.
#ifndef WALRUS_WAL_BLOCK_WRITER_H_
#define WALRUS_WAL_BLOCK_WRITER_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "wal/commit_group.h"
#include "wal/data_file.h"
#include "wal/producer_snapshot.h"
#include "wal/status.h"

namespace walrus {

/// Runs end before they get larger than this, unless one batch is. A call that
/// is larger has to be cut, with a sync before its last run: the largest batch
/// of entries of up to 1 KiB is not.
inline constexpr uint64_t kRunBytesMax = 2 << 20;

/// Syncs what a cut call wrote before its last run is written.
class CutBarrier {
 public:
  virtual ~CutBarrier() = default;
  virtual Status SyncBeforeLastRun() = 0;
};

/// Writes runs, frames, seals and checkpoints into the blocks of the logs.
///
/// Place: the committer calls it; it calls DataFileSet and File.
/// Threads: the commit role only, but for WriteSmallRun() and
/// WriteCheckpoint(): those who have the log.
///
/// Invariants:
///  (1) A run never crosses a block, and holds whole calls or parts of one.
///  (2) What WriteLog(), WriteBareFrame() and StartBlock() planned is in the
///      group's extents before the write is made, so that Undo() finds it.
class BlockWriter {
 public:
  BlockWriter(DataFileSet* files, uint64_t next_block_id, uint32_t leader_epoch,
              CutBarrier* barrier)
      : files_(files),
        next_block_id_(next_block_id),
        leader_epoch_(leader_epoch),
        barrier_(barrier) {}

  /// Whether a call of this size must have a group for itself.
  static bool NeedsOwnGroup(uint64_t bytes, uint64_t block_bytes);
  /// Whether a batch of this size fits any block at all.
  static bool BatchFitsFile(uint64_t bytes, uint64_t block_bytes,
                            uint32_t blocks_per_file);

  /// Lays the log's calls of the group out behind its tail, for FlushWrites().
  /// On an error part of it may be written: call Undo(), or fence.
  Status WriteLog(StagedLog* staged, CommitGroup* group);
  /// Makes the writes that the group has planned, together. On an error any
  /// part of them may be there: call Undo(), or fence.
  Status FlushWrites(CommitGroup* group);
  /// Writes one small append as a run of its own. Only on Ok has the tail
  /// moved; else what may be there is `*extent`.
  /// REQUIRES: the tail fits it.
  Status WriteSmallRun(Log* log, std::span<const iovec> chunks,
                       std::span<const CheckedBatch> batches, uint64_t bytes,
                       uint64_t synced_end, StagedRun* run,
                       WrittenExtent* extent);
  /// Lays out a snapshot of the log's producers, where it fits and says more
  /// than the last one, for FlushWrites().
  void WriteSnapshot(StagedLog* staged, CommitGroup* group);
  /// Lays out a frame that only says up to where the log is synced, for
  /// FlushWrites(). Where none fits, the block is staged to be sealed instead.
  Status WriteBareFrame(StagedLog* staged, CommitGroup* group);

  /// Leaves the log's block, to be sealed, for a new one that holds a frame
  /// that says up to where the log is synced, and nothing else; for
  /// FlushWrites().
  Status StartBlock(StagedLog* staged, CommitGroup* group);

  /// Clears what the group wrote into blocks, durably, and puts the tails
  /// back. On an error the caller fences.
  Status Undo(CommitGroup* group);

  /// Seals the blocks that the group left behind.
  Status WriteSeals(StagedLog* staged, uint64_t synced_end);
  /// Writes the checkpoint of a block.
  Status WriteCheckpoint(Block* block, Checkpoint checkpoint,
                         uint64_t synced_end);
  /// The state of the log's tail as a checkpoint.
  static Checkpoint CheckpointOf(const LogTail& tail);

  uint64_t next_block_id() const { return next_block_id_; }
  /// Threads: any.
  uint64_t written_bytes() const { return written_bytes_; }

 private:
  class RunBuilder;

  CommitFrame NewFrame(const Log& log, uint64_t base_offset,
                       uint64_t call_base_offset, uint64_t synced_end) const;
  static void CountBatch(std::span<const iovec> chunks,
                         const CheckedBatch& batch, CommitFrame* frame);
  static void AdvanceTail(Log* log, const CommitFrame& frame, uint32_t crc);
  void PlanWrite(Block* block, uint64_t position, size_t parts_begin,
                 size_t parts_end, CommitGroup* group);
  /// `*snapshot` is to stand first in it, unless it is empty.
  Status NewBlock(StagedLog* staged, CommitGroup* group, uint64_t length,
                  ProducerSnapshot* snapshot);
  /// The producers at the log's tail; empty when there are none.
  void TakeSnapshot(Log* log, ProducerSnapshot* snapshot) const;
  static uint64_t BlockSpace(uint64_t length, uint64_t block_bytes);
  static uint64_t RunSpace(uint64_t length) {
    return AlignUp(length, kFrameAlignment) + kFrameBytes;
  }
  static iovec Part(const void* bytes, size_t size) {
    return {const_cast<void*>(bytes), size};
  }
  static void LeaveBlock(StagedLog* staged);

  DataFileSet* const files_;
  uint64_t next_block_id_;
  const uint32_t leader_epoch_;
  CutBarrier* const barrier_;
  std::atomic<uint64_t> written_bytes_{0};
  std::vector<FileWrite> writes_;  // scratch of FlushWrites()
};

}  // namespace walrus

#endif  // WALRUS_WAL_BLOCK_WRITER_H_
