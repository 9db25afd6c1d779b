// What travels through the committer: the calls (CommitOp) and the groups they
// are committed in (CommitGroup). Both are pooled; nothing here does I/O.
#ifndef WALRUS_WAL_COMMIT_GROUP_H_
#define WALRUS_WAL_COMMIT_GROUP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "wal/batch_header.h"
#include "wal/cursor_file.h"
#include "wal/log.h"
#include "wal/wal.h"

namespace walrus {

/// One call in the queue: an append, one that the log has already (it is told
/// what becomes of the first), or a change of the instance's state.
struct CommitOp {
  enum class Kind : uint8_t { kAppend, kDuplicate, kState };

  CommitOp* next = nullptr;
  Kind kind = Kind::kAppend;
  /// Gets a commit group for itself: it may have to be cut into several runs.
  bool alone = false;
  /// Synced before it is written back as done, whatever the schedule.
  bool sync_now = false;
  /// A log start that holds only as far as all readers have come.
  bool if_consumed = false;
  Log* log = nullptr;
  AppendObserver* observer = nullptr;
  uint64_t bytes = 0;
  uint64_t base_offset = 0;
  std::vector<iovec> chunks;
  std::vector<CheckedBatch> batches;
  CursorChange change;  ///< kState
  Status status;        ///< how it ended

  /// Whether it is of that kind and has not failed.
  bool Waits(Kind wanted) const { return kind == wanted && status.ok(); }
};

/// A list of calls in Append() order, linked through CommitOp::next.
struct CommitOpList {
  CommitOp* head = nullptr;
  CommitOp* tail = nullptr;
  size_t count = 0;
  uint64_t bytes = 0;

  bool empty() const { return head == nullptr; }
  void Push(CommitOp* op) {
    op->next = nullptr;
    (head == nullptr ? head : tail->next) = op;
    tail = op;
    ++count;
    bytes += op->bytes;
  }
  CommitOp* Pop() {
    CommitOp* op = head;
    head = op->next;
    if (head == nullptr) tail = nullptr;
    --count;
    bytes -= op->bytes;
    return op;
  }
};

/// Memory for frames and header areas of one group; addresses stay put.
class GroupArena {
 public:
  std::byte* Take(size_t size) {
    if (slab_ == slabs_.size() || used_ + size > kSlabBytes) NextSlab();
    std::byte* place = slabs_[slab_]->data() + used_;
    used_ += size;
    return place;
  }
  void Reset() {
    slab_ = 0;
    used_ = 0;
    if (slabs_.size() > kSlabsKept) slabs_.resize(kSlabsKept);
  }

 private:
  static constexpr size_t kSlabBytes = 64 << 10;
  static constexpr size_t kSlabsKept = 4;
  using Slab = std::array<std::byte, kSlabBytes>;

  void NextSlab() {
    if (slab_ < slabs_.size() && used_ > 0) ++slab_;
    if (slab_ == slabs_.size()) slabs_.push_back(std::make_unique<Slab>());
    used_ = 0;
  }

  std::vector<std::unique_ptr<Slab>> slabs_;
  size_t slab_ = 0;
  size_t used_ = 0;
};

/// A run (or a bare frame: no length) that was written and is not visible yet.
struct StagedRun {
  Block* block = nullptr;
  RunEntry entry;
  uint64_t end_position = 0;
  uint64_t next_offset = 0;
  uint32_t frame_crc = 0;
  size_t parts_begin = 0;  ///< its bytes, in CommitGroup::parts
  size_t parts_end = 0;
  /// Its complete pieces, in StagedLog::pieces; the one after them is `last`.
  size_t pieces_begin = 0;
  size_t pieces_end = 0;
  RunEntry last;
};

/// A block that a log moved on from; sealed once the group stands.
struct StagedSeal {
  std::shared_ptr<Block> block;
  LogTail tail;  ///< at its end
  std::vector<IndexEntry> index;
};

/// A block that was allocated in the group.
struct StagedBlock {
  std::shared_ptr<Block> block;
  size_t header_part = 0;  ///< its header area, in CommitGroup::parts
};

/// One log's share of a group.
struct StagedLog {
  Log* log = nullptr;
  LogTail before;  ///< put back when the group is undone
  uint64_t synced_end = 0;
  std::vector<CommitOp*> ops;
  std::vector<StagedRun> runs;
  std::vector<RunEntry> pieces;  ///< of the runs that are long
  std::vector<StagedBlock> blocks;
  std::vector<StagedSeal> seals;
  uint64_t end_offset = 0;  ///< after the group

  void Reset(Log* owner);
};

/// Bytes that were written, or may have been, and must go if it is undone.
struct WrittenExtent {
  std::shared_ptr<DataFile> file;
  uint64_t position = 0;
  uint64_t length = 0;
};

/// A write that is laid out and not made yet.
struct PlannedWrite {
  DataFile* file = nullptr;  ///< kept by the group's extents
  uint64_t position = 0;
  size_t parts_begin = 0;  ///< its bytes, in CommitGroup::parts
  size_t parts_end = 0;
};

/// All calls that share one round of writes.
///
/// Life: filled and written by the commit role; under SyncEach handed to the
/// sync role, which reports it synced; then back to the pool.
struct CommitGroup {
  CommitOpList ops;
  std::vector<StagedLog> logs;  ///< the first `log_count` are in use
  size_t log_count = 0;
  std::vector<iovec> parts;
  std::vector<WrittenExtent> extents;
  std::vector<PlannedWrite> planned;
  std::vector<CursorChange> changes;
  CursorRecords records;
  iovec records_part{};
  GroupArena arena;
  std::deque<std::vector<std::byte>> snapshots;  ///< of producers
  bool journaled = false;
  uint64_t journal_sequence = 0;  ///< when journaled
  bool sync_now = false;
  bool cut_call = false;
  uint64_t number = 0;

  void Reset();
  StagedLog* StageLog(Log* log);
};

}  // namespace walrus

#endif  // WALRUS_WAL_COMMIT_GROUP_H_
