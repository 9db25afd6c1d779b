// Small appends without a sync: one write each, with neither queue nor group
// nor role. Everything around that write counts, above all what threads would
// take from each other.
#include "wal/committer.h"
#include "wal/patient_lock.h"

namespace walrus {

namespace {

constexpr uint64_t kSmallBytesMax = 32 << 10;
constexpr int64_t kSpaceCreditBytes = 64 << 10;

}  // namespace

SmallGate::Lane* Committer::BeginSmall(Log* log, const CheckedCall& call,
                                       AppendResult* result, Status* status) {
  if (sync_each_ || call.bytes > kSmallBytesMax || log->refuses_appends ||
      refuses_) {
    return nullptr;
  }
  bool someone_waits = false;
  SmallGate::Lane* const lane = small_gate_.Enter(&someone_waits);
  if (lane != nullptr) {
    const auto turn = PatientLock(log->turn_mutex);
    // With nothing of it queued or under way nobody else has the log, its tail
    // included. A deletion is queued, and leaves a tail without a block.
    if (log->queued_ops.load(std::memory_order_acquire) == 0 &&
        !log->has_small_append && log->tail.Fits(call.bytes) &&
        // A group writes one, and for producers only.
        !(call.producer.is_idempotent() && log->tail.SnapshotDue())) {
      *status = GiveOffsets(log, call, result);
      if (status->ok() && !result->duplicate) {
        log->has_small_append = true;
        return lane;
      }
      // One that it has is written: nothing is under way. Without a sync for
      // each append that is all there is to wait for.
      if (status->ok()) ++small_duplicates_;
    }
    someone_waits = small_gate_.Leave(lane);
  }
  if (someone_waits) TellOfSmall();
  return nullptr;
}

Status Committer::CommitSmall(Log* log, std::span<const iovec> chunks,
                              std::span<const CheckedBatch> batches,
                              uint64_t bytes, SmallGate::Lane* lane) {
  StagedRun run;
  WrittenExtent extent;
  const bool is_first = log->tail.data_position == kBlockHeaderAreaBytes;
  Status status = fenced_ ? fence() : HasSpaceForSmall(bytes, lane);
  if (status.ok()) {
    // Not synced each time, so what is synced changes rarely; a value that is
    // a moment old says less, and nothing wrong.
    status = writer_.WriteSmallRun(
        log, chunks, batches, bytes,
        log->synced_end_hint.load(std::memory_order_acquire), &run, &extent);
  }
  if (!status.ok()) return FailSmall(log, extent, status, lane);
  lane->appends.fetch_add(1, std::memory_order_relaxed);
  lane->appended_bytes.fetch_add(bytes, std::memory_order_relaxed);
  lane->written_bytes.fetch_add(extent.length, std::memory_order_relaxed);
  const bool is_watched = PublishSmall(log, run);
  if (is_first) NoteOpenBlock(log, Clock::duration::zero());
  NotePublished(log);
  const Status upkeep = MaybeCheckpoint(log);
  if (!upkeep.ok() && upkeep.code() != Code::kNoSpace) SetFence(upkeep);
  EndSmall(log, lane);
  if (is_watched && options_.after_group_reported) {
    options_.after_group_reported();
  }
  return status;
}

Status Committer::HasSpaceForSmall(uint64_t bytes, SmallGate::Lane* lane) {
  const auto needed = static_cast<int64_t>(bytes);
  if (lane->space_credit.fetch_sub(needed, std::memory_order_relaxed) >=
      needed) {
    return Status::Ok();
  }
  // As many writes as call for a look at the clock: credit lasts for more.
  const Status status = HasSpace(kSpaceCreditBytes, 16);
  lane->space_credit.store(status.ok() ? kSpaceCreditBytes : 0,
                           std::memory_order_relaxed);
  return status;
}

bool Committer::PublishSmall(Log* log, const StagedRun& run) {
  size_t table_bytes = 0;
  bool is_watched = false;
  {
    const std::lock_guard lock(log->mutex);
    table_bytes = PublishRunLocked(run, {});
    log->written_end = run.next_offset;
    is_watched = log->watcher_count > 0;
  }
  if (table_bytes > 0) {
    parts_.tables->Charge(table_bytes);
    if (parts_.tables->over_budget()) parts_.tables->Evict();
  }
  return is_watched;
}

void Committer::EndSmall(Log* log, SmallGate::Lane* lane) {
  bool is_queued = false;
  {
    const auto turn = PatientLock(log->turn_mutex);
    log->has_small_append = false;
    is_queued = log->queued_ops > 0;
    if (log->producers != nullptr) {
      log->producers->Settle(log->tail.end_offset);
    }
  }
  if (small_gate_.Leave(lane) || is_queued) TellOfSmall();
}

void Committer::TellOfSmall() {
  const auto lock = PatientLock(mutex_);
  if (!queue_.empty()) WakeCommitThreadLocked();
  quiet_.notify_all();
}

void Committer::BarSmallLocked(std::unique_lock<std::mutex>* lock) {
  small_gate_.Bar();
  quiet_.wait(*lock, [this] { return small_gate_.inside() == failed_small_; });
}

CommitGroup* Committer::TakeRoleForUndo(SmallGate::Lane* lane) {
  // What is queued behind it goes with it, whatever its log. The log stays
  // taken meanwhile, so that nobody writes to it behind the gap. Others may be
  // waiting in the same way.
  std::unique_lock lock(mutex_);
  ++failed_small_;
  quiet_.notify_all();
  BarSmallLocked(&lock);
  quiet_.wait(lock, [this] { return !committing_; });
  --failed_small_;
  (void)small_gate_.Leave(lane);
  small_gate_.Unbar();
  committing_ = true;
  return TakeGroupLocked();
}

Status Committer::FailSmall(Log* log, const WrittenExtent& extent,
                            const Status& cause, SmallGate::Lane* lane) {
  CommitGroup* group = TakeRoleForUndo(lane);
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
    const std::lock_guard turn(log->turn_mutex);
    log->has_small_append = false;
  }
  ReportWritten(group);
  FinishCommit(group, /*keep=*/false);
  return status;
}

}  // namespace walrus
