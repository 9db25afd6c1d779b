// Calls that return when they are done, on the caller's own thread where nobody
// else is at work. A small append without a sync goes without a group: it is
// one write, and everything around that write counts.
#include "wal/committer.h"
#include "wal/patient_lock.h"

namespace walrus {

namespace {

constexpr uint64_t kSmallBytesMax = 32 << 10;

// Lets a caller wait for its own call among the others.
class WaitingObserver : public AppendObserver {
 public:
  void OnWritten() override {}
  void OnSynced() override { Finish(Status::Ok()); }
  void OnFailed(const Status& status) override { Finish(status); }

  Status Wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return finished_; });
    return status_;
  }

 private:
  void Finish(const Status& status) {
    // Notifying inside the lock: the waiter destroys this object once it has
    // seen finished_.
    const std::lock_guard lock(mutex_);
    status_ = status;
    finished_ = true;
    done_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable done_;
  bool finished_ = false;
  Status status_;
};

}  // namespace

bool Committer::MayLeadLocked(const Log* log) const {
  return queue_.empty() && !committing_ && !log->has_small_append &&
         (!sync_each_ || (!syncing_ && written_groups_.empty()));
}

bool Committer::IsSmallLocked(const Log* log, uint64_t bytes) const {
  // With nothing of it queued, under way or barred, nobody else has the log,
  // its tail included.
  return !sync_each_ && bytes <= kSmallBytesMax && small_bars_ == 0 &&
         log->queued_ops == 0 && !log->has_small_append &&
         log->tail.Fits(bytes) && !parts_.tables->over_budget();
}

Status Committer::AppendSync(Log* log, std::span<const iovec> chunks,
                             std::span<const CheckedBatch> built,
                             AppendResult* result) {
  thread_local std::vector<CheckedBatch> batches;
  uint64_t bytes = 0;
  Status status = CheckCall(chunks, built, &batches, &bytes);
  if (!status.ok()) return status;
  auto lock = PatientLock(mutex_);
  status = AdmitAppendLocked(log, bytes);
  if (!status.ok()) return status;
  if (IsSmallLocked(log, bytes)) {
    ++small_appends_;
    log->has_small_append = true;
    (void)GiveOffsetsLocked(log, batches, result);
    lock.unlock();
    StampBatches(chunks, batches, result->base_offset, parts_.leader_epoch);
    return CommitSmall(log, chunks, batches, bytes);
  }
  const bool leads = MayLeadLocked(log);
  CommitOp* op = TakeOpLocked();
  AssignLocked(op, log, chunks, &batches, result);
  if (!leads) {
    WaitingObserver observer;
    op->observer = &observer;
    EnqueueLocked(op);
    lock.unlock();
    return observer.Wait();
  }
  op->observer = nullptr;
  committing_ = true;
  syncing_ = sync_each_;
  CommitGroup* group = TakeGroupLocked();
  group->ops.Push(op);
  lock.unlock();
  return CommitAsLeader(group, op);
}

Status Committer::CommitAsLeader(CommitGroup* group, CommitOp* op) {
  leads_sync_ = sync_each_;
  CommitOneGroup(group);
  Status status = op->status;
  leads_sync_ = false;
  FinishCommit(group, /*keep=*/sync_each_);
  if (!sync_each_) return status;

  const Status synced = SyncGroups({&group, 1});
  if (status.ok()) status = synced;
  ReportSynced({&group, 1}, synced);
  const std::lock_guard lock(mutex_);
  syncing_ = false;
  if (SyncWantedLocked()) sync_wanted_.notify_one();
  quiet_.notify_all();
  return status;
}

Status Committer::CommitSmall(Log* log, std::span<const iovec> chunks,
                              std::span<const CheckedBatch> batches,
                              uint64_t bytes) {
  StagedRun run;
  WrittenExtent extent;
  const bool timed = options_.fsync_mode == FsyncMode::kMilliseconds;
  const bool is_first = log->tail.data_position == kBlockHeaderAreaBytes;
  Status status = fenced_ ? fence() : HasSpace(bytes);
  if (status.ok()) {
    // Not synced each time, so what is synced changes rarely; a value that is
    // a moment old says less, and nothing wrong.
    status = writer_.WriteSmallRun(
        log, chunks, batches, bytes,
        log->synced_end_hint.load(std::memory_order_acquire), &run, &extent);
  }
  if (!status.ok()) return FailSmall(log, bytes, extent, status);
  const bool is_watched = PublishSmall(log, run);
  const Status upkeep = MaybeCheckpoint(log);
  if (!upkeep.ok() && upkeep.code() != Code::kNoSpace) SetFence(upkeep);
  if (timed) NoteDirty(log);
  {
    const auto lock = PatientLock(mutex_);
    if (is_first) NoteOpenBlockLocked(log, Clock::duration::zero());
    if (timed && !log->awaits_bare_frame) NotePublishedLocked(log);
    ++small_groups_;
    EndSmallLocked(log, bytes);
  }
  if (is_watched && options_.after_group_reported) {
    options_.after_group_reported();
  }
  return status;
}

bool Committer::PublishSmall(Log* log, const StagedRun& run) {
  size_t table_bytes = 0;
  bool is_watched = false;
  {
    const std::lock_guard lock(log->mutex);
    table_bytes = PublishRunLocked(run);
    log->written_end = run.next_offset;
    is_watched = log->watcher_count > 0;
  }
  if (table_bytes > 0) parts_.tables->Charge(table_bytes);
  return is_watched;
}

void Committer::EndSmallLocked(Log* log, uint64_t bytes) {
  queued_bytes_ -= bytes;
  log->has_small_append = false;
  --small_appends_;
  const bool wanted = !queue_.empty() || (waits_untimed_ && HasUpkeepLocked());
  if (commit_waits_ && !committing_ && wanted) {
    commit_waits_ = false;
    commit_wanted_.notify_one();
  }
  if (small_bars_ > 0 || closing_) quiet_.notify_all();
}

void Committer::BarSmallLocked(std::unique_lock<std::mutex>* lock) {
  ++small_bars_;
  quiet_.wait(*lock, [this] { return small_appends_ == failed_appends_; });
}

CommitGroup* Committer::TakeRoleForUndo() {
  // What is queued behind it goes with it, whatever its log. The log stays
  // taken meanwhile, so that nobody writes to it behind the gap. Others may be
  // waiting in the same way.
  std::unique_lock lock(mutex_);
  ++failed_appends_;
  quiet_.notify_all();
  BarSmallLocked(&lock);
  quiet_.wait(lock, [this] { return !committing_; });
  --failed_appends_;
  --small_appends_;
  --small_bars_;
  committing_ = true;
  return TakeGroupLocked();
}

Status Committer::FailSmall(Log* log, uint64_t bytes,
                            const WrittenExtent& extent, const Status& cause) {
  CommitGroup* group = TakeRoleForUndo();
  Status status = cause;
  if (status.code() == Code::kNoSpace) {
    (void)group->StageLog(log);
    if (extent.file != nullptr) group->extents.push_back(extent);
    const Status undone = UndoAppends(group, cause);
    if (!undone.ok()) status = undone;
  }
  if (status.code() != Code::kNoSpace) {
    SetFence(status);
    FailGroup(group);
    const std::lock_guard lock(mutex_);
    status = FencedStatusLocked();
  }
  {
    const std::lock_guard lock(mutex_);
    log->has_small_append = false;
    queued_bytes_ -= bytes;
  }
  ReportWritten(group);
  FinishCommit(group, /*keep=*/false);
  return status;
}

Status Committer::SubmitAndWait(Log* log, const CursorChange& change,
                                bool sync_now, bool if_consumed) {
  auto lock = PatientLock(mutex_);
  const Status status = AdmitLocked(log, kStateOpBytes);
  if (!status.ok()) return status;
  CommitOp* op = TakeStateOpLocked(log, change, sync_now, if_consumed);
  if (!MayLeadLocked(log)) {
    WaitingObserver observer;
    op->observer = &observer;
    EnqueueLocked(op);
    lock.unlock();
    return observer.Wait();
  }
  op->observer = nullptr;
  committing_ = true;
  syncing_ = sync_each_;
  CommitGroup* group = TakeGroupLocked();
  group->ops.Push(op);
  lock.unlock();
  return CommitAsLeader(group, op);
}

}  // namespace walrus
