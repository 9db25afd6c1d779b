// Calls that return when they are done, on the caller's own thread where nobody
// else is at work.
#include "wal/committer.h"
#include "wal/patient_lock.h"

namespace walrus {

namespace {

// One caller's call among the others of a group.
class WaitingObserver : public AppendObserver {
 public:
  void OnWritten() override {}
  void OnSynced() override { finished_.store(true, std::memory_order_release); }
  void OnFailed(const Status& status) override {
    status_ = status;
    finished_.store(true, std::memory_order_release);
  }

  Status WaitIn(CallRoom* room) {
    room->WaitUntil(finished_);
    return status_;
  }

 private:
  std::atomic<bool> finished_{false};
  Status status_;
};

}  // namespace

bool Committer::MayLeadLocked(const Log* log) const {
  // The call is counted in the log by now, so no small append begins there.
  return queue_.empty() && !committing_ && !log->has_small_append &&
         (!sync_each_ || (!syncing_ && written_groups_.empty()));
}

Status Committer::AppendSync(Log* log, std::span<const iovec> chunks,
                             std::span<const CheckedBatch> built,
                             AppendResult* result) {
  thread_local CheckedCall call;
  Status status = CheckCall(chunks, built, &call);
  if (!status.ok()) return status;
  result->duplicate = false;
  result->log_append_time = -1;
  SmallGate::Lane* const lane = BeginSmall(log, call, result, &status);
  if (lane != nullptr) {
    const std::optional<int64_t> time = AppendTimeOf(*log);
    result->log_append_time = time.value_or(-1);
    StampBatches(chunks, call.batches, result->base_offset, parts_.leader_epoch,
                 time);
    status = CommitSmall(log, chunks, call.batches, call.bytes, lane);
    if (call.producer.is_idempotent() && parts_.producers->is_over()) {
      parts_.producers->Evict();
    }
    return status;
  }
  if (!status.ok() || result->duplicate) return status;
  auto lock = PatientLock(mutex_);
  status = AdmitAppendLocked(log, call.bytes);
  if (!status.ok()) return status;
  CommitOp* op = TakeOpLocked();
  status = AssignLocked(op, log, chunks, &call, result);
  if (!status.ok()) return status;
  const bool leads = MayLeadLocked(log);
  if (!leads) {
    WaitingObserver observer;
    op->observer = &observer;
    EnqueueLocked(op);
    lock.unlock();
    return observer.WaitIn(&callers_);
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
    return observer.WaitIn(&callers_);
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
