// The sync role: making written groups durable and telling their callers; the
// timed flush of Milliseconds; giving full journal files back.
#include <algorithm>

#include "wal/committer.h"

namespace walrus {

namespace {

// Zeros are laid out ahead of the journal in small pieces, so that a sync that
// takes one along is not much longer for it.
constexpr std::chrono::milliseconds kZeroInterval(20);

}  // namespace

bool Committer::SyncWantedLocked() const {
  if (syncing_) return false;
  return !written_groups_.empty() || (parts_.journal != nullptr && !fenced_ &&
                                      parts_.journal->checkpoint_due());
}

void Committer::SyncLoop() {
  if (sync_each_) {
    SyncEachLoop();
    return;
  }
  std::unique_lock lock(mutex_);
  const std::chrono::milliseconds interval(options_.fsync_interval_ms);
  while (!sync_wanted_.wait_for(lock, interval, [this] { return stopping_; })) {
    syncing_ = true;
    lock.unlock();
    SyncTick();
    lock.lock();
    syncing_ = false;
    quiet_.notify_all();
  }
}

void Committer::SyncEachLoop() {
  std::vector<CommitGroup*> groups;
  bool zeros_left = true;
  const auto has_work = [this] {
    return SyncWantedLocked() || (stopping_ && !syncing_);
  };
  std::unique_lock lock(mutex_);
  while (true) {
    while (zeros_left &&
           !sync_wanted_.wait_for(lock, kZeroInterval, has_work)) {
      lock.unlock();
      zeros_left = ZeroAhead();
      lock.lock();
    }
    sync_wanted_.wait(lock, has_work);
    if (!SyncWantedLocked()) return;
    syncing_ = true;
    groups.swap(written_groups_);
    lock.unlock();
    ReportSynced(groups, SyncGroups(groups));
    groups.clear();
    // A failed drain has fenced the instance, which tells everybody.
    if (parts_.journal->checkpoint_due()) (void)DrainJournal();
    lock.lock();
    syncing_ = false;
    quiet_.notify_all();
  }
}

bool Committer::ZeroAhead() {
  if (fenced_) return false;
  bool more = false;
  const Status status = parts_.journal->ZeroAhead(&more);
  if (!status.ok() && status.code() != Code::kNoSpace) SetFence(status);
  return more;
}

Status Committer::SyncDataFiles() {
  uint64_t count = 0;
  const Status status = parts_.files->SyncDirty(&count);
  syncs_.fetch_add(count, std::memory_order_relaxed);
  return status;
}

Status Committer::SyncCursors() {
  // One at a time, and none after a failure: the system tells a failed
  // write-back once, so a second caller could take it for a success.
  const std::lock_guard lock(cursor_sync_mutex_);
  if (fenced_) return fence();
  if (!cursors_dirty_.exchange(false)) return Status::Ok();
  syncs_.fetch_add(1, std::memory_order_relaxed);
  const Status status = parts_.cursors->Sync();
  if (!status.ok()) SetFence(status);
  return status;
}

Status Committer::SyncGroups(std::span<CommitGroup* const> groups) {
  bool in_place = false;
  bool journaled = false;
  for (const CommitGroup* group : groups) {
    const bool wrote = group->log_count > 0 || !group->changes.empty();
    in_place |= wrote && !group->journaled;
    journaled |= group->journaled;
  }
  Status status = fenced_ ? fence() : Status::Ok();
  if (status.ok() && in_place) status = SyncDataFiles();
  if (status.ok() && in_place) status = SyncCursors();
  if (status.ok() && journaled) {
    syncs_.fetch_add(1, std::memory_order_relaxed);
    status = parts_.journal->Sync();
  }
  if (!status.ok()) SetFence(status);
  if (fenced_) {
    const std::lock_guard lock(mutex_);
    return FencedStatusLocked();
  }
  for (const CommitGroup* group : groups) {
    for (size_t i = 0; i < group->log_count; ++i) {
      Log* log = group->logs[i].log;
      const std::lock_guard lock(log->mutex);
      log->synced_end = std::max(log->synced_end, group->logs[i].end_offset);
    }
    if (group->journaled && !group->changes.empty()) {
      parts_.cursors->NoteSynced(group->records.generation,
                                 group->records.last_sequence);
    }
  }
  return status;
}

void Committer::ReportSynced(std::span<CommitGroup* const> groups,
                             const Status& status) {
  for (CommitGroup* group : groups) {
    CommitOp* next = nullptr;
    for (CommitOp* op = group->ops.head; op != nullptr; op = next) {
      next = op->next;
      if (op->observer == nullptr) continue;
      if (op->status.ok() && status.ok()) {
        op->observer->OnSynced();
      } else {
        op->observer->OnFailed(op->status.ok() ? status : op->status);
      }
    }
  }
  callers_.TellAll();
  if (options_.after_group_reported) options_.after_group_reported();
  const std::lock_guard lock(mutex_);
  for (CommitGroup* group : groups) {
    ReleaseOpsLocked(&group->ops);
    free_groups_.push_back(group);
  }
}

void Committer::NoteDirty(Log* log) {
  // A tick clears the flag before it reads the log's end, and the caller has
  // moved that end before: so whoever finds the flag set is covered.
  if (log->in_dirty_list.exchange(true)) return;
  const std::lock_guard lock(dirty_mutex_);
  dirty_logs_.push_back(log);
}

void Committer::SyncTick() {
  if (fenced_) return;
  std::vector<Log*> logs;
  {
    const std::lock_guard lock(dirty_mutex_);
    logs.swap(dirty_logs_);
  }
  for (Log* log : logs) log->in_dirty_list = false;
  // Taken before the sync: what is written during it is not covered.
  std::vector<uint64_t> ends;
  for (const Log* log : logs) {
    const std::lock_guard lock(log->mutex);
    ends.push_back(log->written_end);
  }
  Status status = SyncDataFiles();
  if (status.ok()) status = SyncCursors();
  if (!status.ok()) {
    SetFence(status);
    return;
  }
  for (size_t i = 0; i < logs.size(); ++i) {
    const std::lock_guard lock(logs[i]->mutex);
    logs[i]->synced_end = std::max(logs[i]->synced_end, ends[i]);
    logs[i]->synced_end_hint = logs[i]->synced_end;
  }
}

Status Committer::SyncEverything(const std::vector<Log*>& logs) {
  Status status = SyncDataFiles();
  if (status.ok()) status = SyncCursors();
  if (!status.ok()) return status;
  for (Log* log : logs) {
    const std::lock_guard lock(log->mutex);
    log->synced_end = log->written_end;
  }
  return status;
}

Status Committer::DrainJournal() {
  Status status = fenced_ ? fence() : SyncDataFiles();
  if (status.ok()) status = SyncCursors();
  if (status.ok()) status = parts_.journal->Free();
  if (!status.ok()) SetFence(status);
  {
    const std::lock_guard lock(mutex_);
    // One that was asked for while the other file was still full.
    if (!committing_) StartCheckpointLocked();
    quiet_.notify_all();
  }
  if (parts_.space != nullptr) parts_.space->OnJournalFreed();
  return status;
}

}  // namespace walrus
