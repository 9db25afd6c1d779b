// Committer: the queue of an instance and the two roles that empty it, commit
// (writes groups) and sync (makes them durable).
#ifndef WALRUS_WAL_COMMITTER_H_
#define WALRUS_WAL_COMMITTER_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "wal/block_writer.h"
#include "wal/call_room.h"
#include "wal/commit_group.h"
#include "wal/cursor_file.h"
#include "wal/data_file.h"
#include "wal/journal.h"
#include "wal/producer_census.h"
#include "wal/run_table.h"
#include "wal/small_gate.h"
#include "wal/wal.h"

namespace walrus {

/// Told what may have freed space. Calls come on any thread, in the commit or
/// the sync role, with no lock of the engine held but none (the committer's
/// mutex included), and must not block.
class SpaceListener {
 public:
  virtual ~SpaceListener() = default;
  /// A cursor of the log moved or went, or the log took another block.
  virtual void OnReadersMoved(Log* log) = 0;
  /// A new data file is in use; the one before may be empty.
  virtual void OnBlockAllocated() = 0;
  /// Groups left the journal for good.
  virtual void OnJournalFreed() = 0;
};

/// What the committer works on; all of it outlives the committer's threads.
struct CommitterParts {
  FileSystem* file_system = nullptr;
  DataFileSet* files = nullptr;
  CursorFile* cursors = nullptr;
  Journal* journal = nullptr;  ///< nullptr unless SyncEach
  RunTableCache* tables = nullptr;
  SpaceListener* space = nullptr;
  ProducerCensus* producers = nullptr;
  /// Runs once, when the instance is fenced, before anybody is told of it.
  std::function<void()> on_fence;
  uint64_t next_block_id = 1;
  uint32_t leader_epoch = 0;
};

/// Takes appends and state changes, commits them in groups and reports them.
///
/// Place: the engine's write half. Wal calls it; it calls BlockWriter, Journal,
/// CursorFile and DataFileSet.
///
/// Life: Start() to Close(). After a failed write or sync it is fenced: what
/// waits fails, what comes is refused, nothing is written or synced any more.
///
/// Threads: any thread submits. The commit role is held by one thread at a
/// time: the commit thread, or a caller of AppendSync() that found nobody else
/// at work. So is the sync role, by the sync thread or that caller. Writing
/// goes on while a sync is under way. Small appends without a sync need no
/// role: each has its log for itself, which then has nothing in the queue.
///
/// Invariants:
///  (1) Offsets are given under `mutex_`, in queue order; groups are taken from
///      the queue in that order, and reported in it.
///  (2) After fence() is set no sync call is begun and nothing is reported as
///      written or synced that was not before.
///  (3) Nothing of a group is visible to readers before all of it is written.
class Committer : private CutBarrier {
 public:
  Committer(const Options& options, const CommitterParts& parts);
  ~Committer() override;

  /// `logs`: all there are, for the age of their open blocks.
  void Start(const std::vector<Log*>& logs);

  /// See Wal::Append, and Wal::AppendBuilt unless `built` is empty.
  Status Append(Log* log, std::span<const iovec> chunks,
                std::span<const CheckedBatch> built, AppendObserver* observer,
                AppendResult* result);
  /// See Wal::AppendSync, and Wal::AppendBuiltSync unless `built` is empty.
  Status AppendSync(Log* log, std::span<const iovec> chunks,
                    std::span<const CheckedBatch> built, AppendResult* result);
  /// Queues a change of the instance's state behind the appends before it.
  /// With `sync_now` it is durable, in every schedule, before it is reported.
  Status Submit(Log* log, const CursorChange& change, bool sync_now,
                AppendObserver* observer);
  /// As Submit() of each log's deletion, all of them in the queue before the
  /// first is committed. A log that is refused is reported to its observer.
  void SubmitDeletions(std::span<Log* const> logs,
                       std::span<AppendObserver* const> observers);
  /// As Submit(), on the caller's thread where nobody else is committing;
  /// returns when it is done.
  Status SubmitAndWait(Log* log, const CursorChange& change, bool sync_now) {
    return SubmitAndWait(log, change, sync_now, false);
  }

  /// Moves the log's start up to `offset`, durable on return in every schedule,
  /// unless the log's rule is not `consumed` or some reader is below `offset`
  /// when the call's turn comes: then nothing happens. Errors as Submit().
  Status MoveStartIfConsumed(Log* log, uint64_t offset);
  /// Has the journal's file in use left and checkpointed, so that the blocks
  /// named in it can be given back.
  void RequestCheckpoint();

  /// Refuses what comes, commits what was accepted, joins the threads; then,
  /// unless fenced, syncs everything, and writes bare frames, checkpoints and
  /// the clean mark for `logs`. Returns the fence's error, or Ok.
  Status Close(const std::vector<Log*>& logs);

  /// See Wal::Configure.
  void Configure(Log* log, const LogSettings& settings);
  /// Seals the log's open block as if it were old, unless it is empty.
  void SealSoon(Log* log);

  Status fence() const;
  /// Fences the instance, unless it is already.
  void SetFence(const Status& cause);
  void FillStats(WalStats* stats) const;
  static uint64_t NextOffset(const Log* log);

 private:
  using Clock = std::chrono::steady_clock;
  /// What is known of a call before the lock is taken.
  struct CheckedCall {
    std::vector<CheckedBatch> batches;
    uint64_t bytes = 0;
    ProducerCall producer;
  };
  /// What a change of the state counts in the queue.
  static constexpr uint64_t kStateOpBytes = 128;

  // committer.cc: the queue.
  Status SubmitAndWait(Log* log, const CursorChange& change, bool sync_now,
                       bool if_consumed);
  Status AdmitLocked(const Log* log, uint64_t bytes) const;
  Status CheckBatches(std::span<const CheckedBatch> batches) const;
  Status CheckCall(std::span<const iovec> chunks,
                   std::span<const CheckedBatch> built,
                   CheckedCall* call) const;
  Status AdmitAppendLocked(const Log* log, uint64_t bytes) const;
  /// The time that appends to the log get now, if they do.
  std::optional<int64_t> AppendTimeOf(const Log& log) const;
  Status AssignLocked(CommitOp* op, Log* log, std::span<const iovec> chunks,
                      CheckedCall* call, AppendResult* result);
  void EnqueueLocked(CommitOp* op);
  void NoteQueueLocked() {
    queue_count_.store(queue_.count, std::memory_order_relaxed);
  }
  CommitOp* TakeOpLocked();
  CommitOp* TakeStateOpLocked(Log* log, const CursorChange& change,
                              bool sync_now, bool if_consumed);
  void ReleaseOpsLocked(CommitOpList* ops);
  CommitGroup* TakeGroupLocked();
  void PassCommitRoleLocked();
  void WakeCommitThreadLocked();
  void LingerLocked(std::unique_lock<std::mutex>* lock);
  void CommitLoop();
  void FinishCommit(CommitGroup* group, bool keep);
  void FillGroupLocked(CommitGroup* group);
  Status FencedStatusLocked() const;
  /// Whether the calls at the queue's head can be committed now.
  bool IsHeadReadyLocked() const {
    return !queue_.empty() && !committing_ &&
           !queue_.head->log->has_small_append;
  }

  // committer_caller.cc: calls on the caller's thread.
  bool MayLeadLocked(const Log* log) const;
  Status CommitAsLeader(CommitGroup* group, CommitOp* op);

  // committer_offsets.cc: what a call is given, and what is taken back.
  /// Its offsets, or those it was given before: `result->duplicate`.
  /// REQUIRES: log->turn_mutex is held.
  Status GiveOffsets(Log* log, const CheckedCall& call, AppendResult* result);
  static void TakeBackOffsets(Log* log);
  static bool IsTakenBack(const CommitOp& op);

  // committer_small.cc: small appends, beside the commit role.
  SmallGate::Lane* BeginSmall(Log* log, const CheckedCall& call,
                              AppendResult* result, Status* status);
  Status CommitSmall(Log* log, std::span<const iovec> chunks,
                     std::span<const CheckedBatch> batches, uint64_t bytes,
                     SmallGate::Lane* lane);
  Status HasSpaceForSmall(uint64_t bytes, SmallGate::Lane* lane);
  bool PublishSmall(Log* log, const StagedRun& run);
  void EndSmall(Log* log, SmallGate::Lane* lane);
  void TellOfSmall();
  Status FailSmall(Log* log, const WrittenExtent& extent, const Status& cause,
                   SmallGate::Lane* lane);
  CommitGroup* TakeRoleForUndo(SmallGate::Lane* lane);
  void BarSmallLocked(std::unique_lock<std::mutex>* lock);

  // committer_group.cc: one group, in the commit role.
  void CommitOneGroup(CommitGroup* group);
  void StageOps(CommitGroup* group);
  Status HasSpace(uint64_t bytes, uint32_t writes);
  Status WriteAppends(CommitGroup* group);
  Status UndoBlocks(CommitGroup* group, const Status& cause);
  Status UndoAppends(CommitGroup* group, const Status& cause);
  void TakeQueuedAppendsLocked(CommitGroup* group);
  bool BypassesJournal(const CommitGroup& group) const;
  void BuildJournalEntries(CommitGroup* group);
  Status WriteJournal(CommitGroup* group);
  Status WaitForJournal();
  Status SyncBeforeLastRun() override;
  void FailGroup(CommitGroup* group);
  void Publish(CommitGroup* group);
  void PublishLog(StagedLog* staged, uint64_t journal_sequence);
  static size_t PublishRunLocked(const StagedRun& run,
                                 std::span<const RunEntry> pieces);
  void NotePublished(Log* log);
  void ReportWritten(CommitGroup* group);

  // committer_state.cc: changes of the small state.
  Status WriteState(CommitGroup* group);
  Status UndoState(CommitGroup* group, const Status& cause);
  Status CommitState(CommitGroup* group);
  static void RecordRules(CommitGroup* group);
  bool IsConsumed(const CommitGroup& group, const CommitOp& op) const;
  void PublishState(CommitOp* op);
  void StartCheckpointLocked();

  // committer_upkeep.cc: seals, checkpoints, bare frames, closing.
  Status WriteUpkeep(CommitGroup* group);
  Status MaybeCheckpoint(Log* log);
  /// Into the given slot of the tail's block, so that what is synced and what
  /// is not do not take each other's; in turn with -1.
  Status WriteCheckpoint(Log* log, Checkpoint checkpoint, uint64_t synced_end,
                         int slot);
  /// Whether the log needs no further bare frame for now.
  bool StageBareFrame(CommitGroup* group, Log* log, Status* status);
  Status DropStaged(CommitGroup* group, const Status& cause);
  void WriteIdleGroup(CommitGroup* group, bool bare_frames);
  void StageIdleFrames(CommitGroup* group, Status* status);
  Status WriteFinalState(const std::vector<Log*>& logs);
  void StageClosingSnapshot(CommitGroup* group, Log* log);
  Status WriteClosingCheckpoint(Log* log);

  // committer_age.cc: blocks that are sealed by age, and the idle tick.
  void NoteOpenBlock(Log* log, Clock::duration age);
  Clock::duration AgeOf(const Log& log) const;
  /// Enters the block that the log notes, or takes it out without a `due`.
  void AgeLocked(Log* log, std::optional<Clock::time_point> due);
  std::optional<Clock::time_point> DueLocked(const Log& log) const;
  std::vector<Log*> TakeAgedLogs();
  void StageAgedLogs(CommitGroup* group, Status* status);
  /// Whether the log's block needs no further attention.
  bool StageAged(CommitGroup* group, Log* log, Status* status);
  void RetryAged(Log* log);
  bool HasAgedLocked() const;
  bool HasUpkeepLocked() const {
    return !bare_candidates_.empty() || !aging_blocks_.empty();
  }
  /// Waits until there may be something to do; runs what is to be done when
  /// nobody else does anything.
  void WaitForWorkLocked(std::unique_lock<std::mutex>* lock);
  void RunIdleGroupLocked(std::unique_lock<std::mutex>* lock, bool bare_frames);

  // committer_sync.cc: the sync role.
  bool SyncWantedLocked() const;
  void SyncLoop();
  void SyncEachLoop();
  /// False when there is nothing more to lay out, or no use in it.
  bool ZeroAhead();
  Status SyncDataFiles();
  Status SyncCursors();
  Status SyncGroups(std::span<CommitGroup* const> groups);
  void ReportSynced(std::span<CommitGroup* const> groups, const Status& status);
  void NoteDirty(Log* log);
  void SyncTick();
  Status SyncEverything(const std::vector<Log*>& logs);
  Status DrainJournal();

  const Options options_;
  const CommitterParts parts_;
  const bool sync_each_;
  BlockWriter writer_;
  SmallGate small_gate_;  // those who write small appends
  CallRoom callers_;      // those who wait for a call of theirs

  mutable std::mutex mutex_;
  std::condition_variable commit_wanted_;
  std::condition_variable sync_wanted_;
  std::condition_variable quiet_;  // a role was let go, or the journal freed
  // Guarded by mutex_.
  CommitOpList queue_;
  uint64_t queued_bytes_ = 0;
  uint64_t appends_ = 0;
  uint64_t appended_bytes_ = 0;
  uint64_t duplicate_appends_ = 0;
  bool committing_ = false;
  uint32_t failed_small_ = 0;  // inside small_gate_, wait to be undone
  bool syncing_ = false;
  bool commit_waits_ = false;
  bool waits_untimed_ = false;
  bool started_ = false;
  bool closing_ = false;
  bool stopping_ = false;
  bool closed_ = false;
  bool checkpoint_wanted_ = false;
  Status fence_;
  std::vector<CommitGroup*> written_groups_;  // wait for the sync role
  std::vector<CommitOp*> free_ops_;
  std::vector<CommitGroup*> free_groups_;
  std::vector<std::unique_ptr<CommitOp>> all_ops_;
  std::vector<std::unique_ptr<CommitGroup>> all_groups_;

  // The commit role only.
  size_t last_group_ops_ = 0;
  uint64_t group_number_ = 0;
  bool leads_sync_ = false;  // this thread holds the sync role too

  // Guarded by mutex_, but for the commit role while the small gate is barred.
  std::vector<Log*> bare_candidates_;
  /// The open block of a log, and when it is to be sealed; by that time.
  /// Guarded by mutex_, as what Log says of it.
  struct AgingBlock {
    Clock::time_point due;
    Log* log = nullptr;
    uint64_t block_id = 0;
  };
  std::deque<AgingBlock> aging_blocks_;

  std::vector<JournalEntry> journal_entries_;  // the commit role only

  // What HasSpace() knows.
  std::mutex space_mutex_;
  uint64_t free_bytes_ = 0;
  uint64_t written_since_check_ = 0;
  uint32_t writes_since_check_ = 0;
  Clock::time_point last_check_{};

  std::mutex cursor_sync_mutex_;
  std::atomic<bool> cursors_dirty_{false};
  std::mutex dirty_mutex_;
  std::vector<Log*> dirty_logs_;  // Milliseconds: written since the last tick

  /// Set with `fence_`: nothing is admitted any more. `fenced_` follows once
  /// the next opening is warned, and fails what was admitted.
  std::atomic<bool> refuses_{false};
  std::atomic<bool> fenced_{false};
  std::atomic<size_t> queue_count_{0};  // of queue_, a moment ago
  std::atomic<uint64_t> commit_groups_{0};
  std::atomic<uint64_t> small_duplicates_{0};
  std::atomic<uint64_t> syncs_{0};
  std::atomic<uint64_t> written_bytes_{0};
  std::atomic<uint64_t> journaled_groups_{0};

  std::thread commit_thread_;
  std::thread sync_thread_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_COMMITTER_H_
