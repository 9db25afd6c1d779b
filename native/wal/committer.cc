// The queue: admission, offsets, groups, and who holds the commit role. What
// happens to a group is in committer_group.cc, syncing in committer_sync.cc.
#include "wal/committer.h"

#include <algorithm>

#include "wal/patient_lock.h"

namespace walrus {

namespace {

constexpr uint64_t kGroupBytesMax = 8 << 20;
constexpr size_t kGroupOpsMax = 4096;
constexpr size_t kPooledEntriesMax = 1024;
constexpr size_t kLingerOps = 32;
constexpr std::chrono::microseconds kLingerTime(30);
constexpr std::chrono::microseconds kLingerStall(4);
constexpr uint32_t kRoundsPerAgeCheck = 64;

}  // namespace

Committer::Committer(const Options& options, const CommitterParts& parts)
    : options_(options),
      parts_(parts),
      sync_each_(options.fsync_mode == FsyncMode::kSyncEach),
      writer_(parts.files, parts.next_block_id, parts.leader_epoch, this) {
  small_gate_.Bar();  // until Start()
}

Committer::~Committer() = default;

void Committer::Start(const std::vector<Log*>& logs) {
  for (Log* log : logs) NoteOpenBlock(log, AgeOf(*log));
  {
    const std::lock_guard lock(mutex_);
    started_ = true;
  }
  small_gate_.Unbar();
  commit_thread_ = std::thread([this] { CommitLoop(); });
  if (options_.fsync_mode != FsyncMode::kNoFsync) {
    sync_thread_ = std::thread([this] { SyncLoop(); });
  }
}

Status Committer::CheckBatches(std::span<const CheckedBatch> batches) const {
  for (const CheckedBatch& batch : batches) {
    if (batch.bytes > options_.batch_bytes_max) {
      return Status(Code::kInvalidInput,
                    "a batch of " + std::to_string(batch.bytes) +
                        " bytes is larger than allowed (" +
                        std::to_string(options_.batch_bytes_max) + ")");
    }
    if (BlockWriter::BatchFitsFile(batch.bytes, options_.block_bytes,
                                   options_.blocks_per_file)) {
      continue;
    }
    return Status(Code::kInvalidInput,
                  "a batch of " + std::to_string(batch.bytes) +
                      " bytes does not fit a data file of " +
                      std::to_string(options_.blocks_per_file) + " x " +
                      std::to_string(options_.block_bytes) + " bytes");
  }
  return Status::Ok();
}

Status Committer::FencedStatusLocked() const {
  return Status(Code::kFenced,
                "the instance is fenced since: " + fence_.ToString());
}

Status Committer::AdmitLocked(const Log* log, uint64_t bytes) const {
  if (closing_ || !started_) {
    return Status(Code::kClosed, "the instance is closed");
  }
  if (log->deleted) return Status(Code::kClosed, "the log was deleted");
  if (!fence_.ok()) return FencedStatusLocked();
  // A call larger than the whole budget goes in when nothing else waits.
  if (queued_bytes_ > 0 && queued_bytes_ + bytes > options_.queued_bytes_max) {
    return Status(Code::kBusy, "the append queue is full");
  }
  return Status::Ok();
}

CommitOp* Committer::TakeOpLocked() {
  if (free_ops_.empty()) {
    all_ops_.push_back(std::make_unique<CommitOp>());
    return all_ops_.back().get();
  }
  CommitOp* op = free_ops_.back();
  free_ops_.pop_back();
  return op;
}

void Committer::ReleaseOpsLocked(CommitOpList* ops) {
  queued_bytes_ -= ops->bytes;
  for (CommitOp* op = ops->head; op != nullptr; op = op->next) {
    --op->log->queued_ops;
    op->chunks.clear();
    op->batches.clear();
    if (op->chunks.capacity() > kPooledEntriesMax) op->chunks.shrink_to_fit();
    if (op->batches.capacity() > kPooledEntriesMax) {
      op->batches.shrink_to_fit();
    }
    free_ops_.push_back(op);
  }
  *ops = CommitOpList();
}

CommitGroup* Committer::TakeGroupLocked() {
  CommitGroup* group = nullptr;
  if (free_groups_.empty()) {
    all_groups_.push_back(std::make_unique<CommitGroup>());
    group = all_groups_.back().get();
  } else {
    group = free_groups_.back();
    free_groups_.pop_back();
  }
  group->Reset();
  group->number = ++group_number_;
  return group;
}

Status Committer::AssignLocked(CommitOp* op, Log* log,
                               std::span<const iovec> chunks, CheckedCall* call,
                               AppendResult* result) {
  op->log = log;
  op->sync_now = false;
  op->status = Status::Ok();
  {
    const std::lock_guard turn(log->turn_mutex);
    const Status given = GiveOffsets(log, *call, result);
    if (!given.ok()) {
      free_ops_.push_back(op);
      return given;
    }
    ++log->queued_ops;
  }
  op->base_offset = result->base_offset;
  if (result->duplicate) {
    // Behind the first in the queue, so it is told after that one.
    op->kind = CommitOp::Kind::kDuplicate;
    op->alone = false;
    op->bytes = kStateOpBytes;
    queued_bytes_ += op->bytes;
    ++duplicate_appends_;
    return Status::Ok();
  }
  op->kind = CommitOp::Kind::kAppend;
  op->chunks.assign(chunks.begin(), chunks.end());
  // The op's emptied vector goes back to the caller's scratch.
  op->batches.swap(call->batches);
  op->bytes = call->bytes;
  queued_bytes_ += op->bytes;
  ++appends_;
  appended_bytes_ += op->bytes;
  const std::optional<int64_t> time = AppendTimeOf(*log);
  result->log_append_time = time.value_or(-1);
  StampBatches(chunks, op->batches, op->base_offset, parts_.leader_epoch, time);
  op->alone = BlockWriter::NeedsOwnGroup(op->bytes, options_.block_bytes);
  if (call->producer.is_idempotent() && parts_.producers->is_over()) {
    parts_.producers->Evict();
  }
  return Status::Ok();
}

void Committer::EnqueueLocked(CommitOp* op) {
  queue_.Push(op);
  NoteQueueLocked();
  WakeCommitThreadLocked();
}

void Committer::WakeCommitThreadLocked() {
  // While the role is held its holder looks at the queue when it lets go.
  if (!commit_waits_ || committing_) return;
  commit_waits_ = false;
  commit_wanted_.notify_one();
}

Status Committer::CheckCall(std::span<const iovec> chunks,
                            std::span<const CheckedBatch> built,
                            CheckedCall* call) const {
  Status status;
  call->producer = ProducerCall();
  if (built.empty()) {
    status = VerifyBatches(chunks, options_.batch_bytes_max, &call->batches);
    if (status.ok()) status = ReadProducerCall(call->batches, &call->producer);
  } else {
    call->batches.assign(built.begin(), built.end());
  }
  if (status.ok()) status = CheckBatches(call->batches);
  call->bytes = 0;
  for (const CheckedBatch& batch : call->batches) call->bytes += batch.bytes;
  return status;
}

Status Committer::AdmitAppendLocked(const Log* log, uint64_t bytes) const {
  const Status status = AdmitLocked(log, bytes);
  if (!status.ok() || !log->refuses_appends) return status;
  return Status(Code::kCorrupt, "the log is damaged; it is read-only");
}

Status Committer::Append(Log* log, std::span<const iovec> chunks,
                         std::span<const CheckedBatch> built,
                         AppendObserver* observer, AppendResult* result) {
  // Outside the lock: this is where the time goes.
  thread_local CheckedCall call;
  Status status = CheckCall(chunks, built, &call);
  if (!status.ok()) return status;
  const auto lock = PatientLock(mutex_);
  status = AdmitAppendLocked(log, call.bytes);
  if (!status.ok()) return status;
  CommitOp* op = TakeOpLocked();
  op->observer = observer;
  status = AssignLocked(op, log, chunks, &call, result);
  if (status.ok()) EnqueueLocked(op);
  return status;
}

CommitOp* Committer::TakeStateOpLocked(Log* log, const CursorChange& change,
                                       bool sync_now, bool if_consumed) {
  CommitOp* op = TakeOpLocked();
  op->kind = CommitOp::Kind::kState;
  op->alone = false;
  op->sync_now = sync_now;
  op->if_consumed = if_consumed;
  op->log = log;
  {
    const std::lock_guard turn(log->turn_mutex);
    ++log->queued_ops;
  }
  op->bytes = kStateOpBytes;
  op->change = change;
  op->status = Status::Ok();
  queued_bytes_ += op->bytes;
  // What was queued before is still committed, nothing comes after.
  if (change.type == CursorRecordType::kLogDeleted) log->deleted = true;
  return op;
}

Status Committer::Submit(Log* log, const CursorChange& change, bool sync_now,
                         AppendObserver* observer) {
  const std::lock_guard lock(mutex_);
  const Status status = AdmitLocked(log, kStateOpBytes);
  if (!status.ok()) return status;
  CommitOp* op = TakeStateOpLocked(log, change, sync_now, false);
  op->observer = observer;
  EnqueueLocked(op);
  return Status::Ok();
}

void Committer::FillGroupLocked(CommitGroup* group) {
  while (!queue_.empty()) {
    const CommitOp* next = queue_.head;
    const bool first = group->ops.empty();
    // What is being written to that log comes before.
    if (next->log->has_small_append) break;
    if (!first && (next->alone || group->ops.count >= kGroupOpsMax ||
                   group->ops.bytes + next->bytes > kGroupBytesMax)) {
      break;
    }
    group->ops.Push(queue_.Pop());
    if (group->ops.head->alone) break;
  }
  NoteQueueLocked();
}

void Committer::LingerLocked(std::unique_lock<std::mutex>* lock) {
  // Where several appends are under way their callers come back one by one
  // just after a group was reported. Taking the first of them at once would
  // make every group that small, and going to sleep would cost the first of
  // them a wake-up; a few microseconds gather the others. Without giving the
  // processor away: on a busy machine it would not come back soon.
  const bool several = last_group_ops_ > 1 || !queue_.empty();
  if (!several || stopping_ || queue_.count >= kLingerOps) return;
  lock->unlock();
  const Clock::time_point begin = Clock::now();
  Clock::time_point last_change = begin;
  size_t seen = 0;
  while (true) {
    const size_t count = queue_count_.load(std::memory_order_relaxed);
    const Clock::time_point now = Clock::now();
    if (count != seen) last_change = now;
    seen = count;
    if (count >= kLingerOps || now - begin >= kLingerTime ||
        (count > 0 && now - last_change >= kLingerStall)) {
      break;
    }
    for (int i = 0; i < 16; ++i) PauseProcessor();
  }
  *lock = PatientLock(mutex_);
}

void Committer::CommitLoop() {
  std::unique_lock lock(mutex_);
  for (uint32_t rounds = 1;; ++rounds) {
    LingerLocked(&lock);
    while (!IsHeadReadyLocked()) {
      if (stopping_ && queue_.empty() && !committing_) return;
      WaitForWorkLocked(&lock);
    }
    // Under load there is no idle tick.
    if (rounds % kRoundsPerAgeCheck == 0 && HasAgedLocked()) {
      RunIdleGroupLocked(&lock, /*bare_frames=*/false);
      continue;
    }
    committing_ = true;
    CommitGroup* group = TakeGroupLocked();
    FillGroupLocked(group);
    last_group_ops_ = group->ops.count;
    lock.unlock();
    CommitOneGroup(group);
    FinishCommit(group, /*keep=*/false);
    lock = PatientLock(mutex_);
  }
}

void Committer::FinishCommit(CommitGroup* group, bool keep) {
  const auto lock = PatientLock(mutex_);
  if (!keep && sync_each_) {
    written_groups_.push_back(group);
    if (SyncWantedLocked()) sync_wanted_.notify_one();
  } else if (!keep) {
    ReleaseOpsLocked(&group->ops);
    free_groups_.push_back(group);
  }
  PassCommitRoleLocked();
}

void Committer::PassCommitRoleLocked() {
  committing_ = false;
  StartCheckpointLocked();
  const bool wanted =
      !queue_.empty() || stopping_ || (waits_untimed_ && HasUpkeepLocked());
  if (wanted) WakeCommitThreadLocked();
  quiet_.notify_all();
}

void Committer::SetFence(const Status& cause) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = fence_.ok();
    if (first) fence_ = cause;
    refuses_ = true;
  }
  if (first && parts_.on_fence) parts_.on_fence();
  const std::lock_guard lock(mutex_);
  fenced_ = true;
  // What waits in the queue is to fail now.
  commit_waits_ = false;
  commit_wanted_.notify_one();
  quiet_.notify_all();
}

Status Committer::fence() const {
  const std::lock_guard lock(mutex_);
  return fence_;
}

void Committer::FillStats(WalStats* stats) const {
  const std::lock_guard lock(mutex_);
  stats->fence = fence_;
  stats->queued_bytes = queued_bytes_;
  using Lane = SmallGate::Lane;
  const uint64_t small_appends = small_gate_.Total(&Lane::appends);
  stats->appends = appends_ + small_appends;
  stats->appended_bytes =
      appended_bytes_ + small_gate_.Total(&Lane::appended_bytes);
  // Each is a group of its own.
  stats->commit_groups = commit_groups_ + small_appends;
  stats->duplicate_appends = duplicate_appends_ + small_duplicates_;
  stats->producers = parts_.producers->count();
  stats->syncs = syncs_;
  stats->written_bytes = written_bytes_ + writer_.written_bytes() +
                         small_gate_.Total(&Lane::written_bytes);
  stats->journaled_groups = journaled_groups_;
}

}  // namespace walrus
