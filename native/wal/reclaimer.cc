#include "wal/reclaimer.h"

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <utility>

namespace walrus {

namespace {

// How long blocks that the journal names wait for it to fill by itself, and
// logs whose start could not be moved for the next attempt.
constexpr std::chrono::milliseconds kPatience(500);

}  // namespace

void Reclaimer::WakeLocked() {
  if (stopping_) return;
  if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
  wanted_.notify_one();
}

void Reclaimer::Free(Blocks blocks) {
  if (blocks.empty()) return;
  for (const std::shared_ptr<Block>& block : blocks) {
    parts_.tables->Remove(block);
  }
  const std::lock_guard lock(mutex_);
  waiting_.insert(waiting_.end(), blocks.begin(), blocks.end());
  TakeReleasedLocked();
  WakeLocked();
}

void Reclaimer::OnReadersMoved(Log* log) {
  if (log->in_reclaim_list.load(std::memory_order_acquire)) return;
  uint64_t next = 0;
  bool is_dead = false;
  {
    const std::lock_guard lock(log->mutex);
    if (log->blocks.size() < 2 || log->corrupt_offset || log->gone) return;
    is_dead = log->HasDeadBlocksLocked();
    if (!is_dead && log->rule != ReclaimRule::kConsumed) return;
    next = log->blocks[1]->header.base_offset;
  }
  if (!is_dead) {
    const std::optional<uint64_t> consumed =
        parts_.cursors->ConsumedBelow(log->id);
    if (!consumed || *consumed < next) return;
  }
  if (log->in_reclaim_list.exchange(true)) return;
  const std::lock_guard lock(mutex_);
  moved_logs_.push_back(log);
  WakeLocked();
}

void Reclaimer::OnBlockAllocated() {
  if (!parts_.files->has_empty() && !parts_.files->over_bound()) return;
  const std::lock_guard lock(mutex_);
  look_for_files_ = true;
  WakeLocked();
}

void Reclaimer::OnJournalFreed() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return;
  journal_freed_ = true;
  WakeLocked();
}

bool Reclaimer::HasWorkLocked() const {
  return !moved_logs_.empty() || !ready_.empty() || look_for_files_ ||
         journal_freed_;
}

void Reclaimer::TakeReleasedLocked() {
  const uint64_t released =
      parts_.journal == nullptr ? 0 : parts_.journal->released_sequence();
  const auto kept = std::stable_partition(
      waiting_.begin(), waiting_.end(), [&](const auto& block) {
        const std::lock_guard lock(block->log->mutex);
        return block->journal_sequence > released;
      });
  ready_.insert(ready_.end(), kept, waiting_.end());
  waiting_.erase(kept, waiting_.end());
}

void Reclaimer::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    const bool patient = late_logs_.empty() && waiting_.empty();
    while (!HasWorkLocked() && !stopping_) {
      if (patient) {
        wanted_.wait(lock);
      } else if (wanted_.wait_for(lock, kPatience) == std::cv_status::timeout) {
        break;
      }
    }
    if (stopping_) moved_logs_.clear();
    if (stopping_ && !HasWorkLocked()) return;
    const bool idle = !HasWorkLocked();
    if (idle) moved_logs_.swap(late_logs_);
    const bool checkpoint = idle && !waiting_.empty();
    look_for_files_ = false;
    journal_freed_ = false;
    TakeReleasedLocked();
    const std::vector<Log*> logs = std::exchange(moved_logs_, {});
    Blocks blocks = std::exchange(ready_, {});
    blocks_at_work_ = blocks.size();
    lock.unlock();
    if (checkpoint) parts_.committer->RequestCheckpoint();
    MoveStarts(logs);
    GiveBack(std::move(blocks));
    lock.lock();
    blocks_at_work_ = 0;
  }
}

void Reclaimer::MoveStarts(const std::vector<Log*>& logs) {
  for (Log* log : logs) {
    // Before the cursors are looked at: who moves one later comes again.
    log->in_reclaim_list = false;
    const Status status = MoveStart(log);
    if (status.ok() || status.code() == Code::kClosed) continue;
    NoteError(status);
    if (status.code() != Code::kBusy && status.code() != Code::kNoSpace) {
      continue;
    }
    log->in_reclaim_list = true;
    const std::lock_guard lock(mutex_);
    late_logs_.push_back(log);
  }
}

Status Reclaimer::MoveStart(Log* log) {
  const std::optional<uint64_t> consumed =
      parts_.cursors->ConsumedBelow(log->id);
  uint64_t start = 0;
  bool is_dead = false;
  {
    const std::lock_guard lock(log->mutex);
    if (log->gone) return Status::Ok();
    is_dead = log->HasDeadBlocksLocked();
    start = is_dead    ? log->start_offset
            : consumed ? log->FreeBelowLocked(*consumed)
                       : 0;
    if (!is_dead && start <= log->start_offset) return Status::Ok();
  }
  // A start that readers see already may not be synced yet.
  const Status status =
      is_dead
          ? parts_.committer->SubmitAndWait(
                log, {CursorRecordType::kLogStart, log->id, {}, start}, true)
          : parts_.committer->MoveStartIfConsumed(log, start);
  if (!status.ok()) return status;
  Blocks blocks;
  {
    const std::lock_guard lock(log->mutex);
    blocks = log->TakeFreeBlocksLocked();
  }
  Free(std::move(blocks));
  return status;
}

void Reclaimer::GiveBack(Blocks blocks) {
  uint64_t removed = 0;
  GiveBackFiles(&blocks, &removed);
  for (std::shared_ptr<Block>& block : blocks) {
    if (!parts_.committer->fence().ok()) return;
    const Status status = GiveBackOne(*block, &removed);
    if (!status.ok()) NoteError(status);
    // The last one closes a file that was removed: here, not under a lock.
    block.reset();
  }
  if (!parts_.committer->fence().ok()) return;
  const Status status = parts_.files->RemoveEmpty(&removed);
  if (!status.ok()) NoteError(status);
  CloseFiles();
  if (removed == 0) return;
  const Status synced = parts_.file_system->SyncDirectory(parts_.directory);
  if (!synced.ok()) {
    NoteError(synced);
    parts_.committer->SetFence(synced);
  }
  const std::lock_guard lock(mutex_);
  removed_files_ += removed;
}

void Reclaimer::GiveBackFiles(Blocks* blocks, uint64_t* removed_files) {
  std::unordered_map<DataFile*, Blocks> by_file;
  for (std::shared_ptr<Block>& block : *blocks) {
    by_file[block->file.get()].push_back(std::move(block));
  }
  blocks->clear();
  for (auto& [file, group] : by_file) {
    bool done = false;
    // One block goes as well without this; a fence leaves things as they are.
    if (group.size() > 1 && parts_.committer->fence().ok()) {
      const Status status = parts_.files->FreeWhole(
          group.front()->file, static_cast<uint32_t>(group.size()), &done,
          removed_files);
      if (!status.ok()) NoteError(status);
    }
    if (!done) {
      blocks->insert(blocks->end(), group.begin(), group.end());
      continue;
    }
    const std::lock_guard lock(mutex_);
    for (const std::shared_ptr<Block>& block : group) {
      blocks_at_work_ -= 1;
      reclaimed_blocks_ += 1;
      reclaimed_bytes_ += block->bytes;
    }
  }
}

// Without syncs of their own (NoFsync) files that are full would stay open.
void Reclaimer::CloseFiles() {
  uint64_t count = 0;
  const Status status = parts_.files->SyncToClose(&count);
  if (!status.ok()) parts_.committer->SetFence(status);
}

Status Reclaimer::GiveBackOne(const Block& block, uint64_t* removed_files) {
  const Status status =
      parts_.files->Free(block.file, block.header.unit_index,
                         block.header.unit_count, removed_files);
  const std::lock_guard lock(mutex_);
  blocks_at_work_ -= 1;
  if (!status.ok()) return status;
  reclaimed_blocks_ += 1;
  reclaimed_bytes_ += block.bytes;
  return status;
}

void Reclaimer::NoteError(const Status& status) {
  const std::lock_guard lock(mutex_);
  error_ = status;
}

void Reclaimer::Stop() {
  std::thread thread;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    thread.swap(thread_);
    wanted_.notify_all();
  }
  if (thread.joinable()) thread.join();
}

Status Reclaimer::GiveBackRest() {
  Blocks blocks;
  {
    const std::lock_guard lock(mutex_);
    TakeReleasedLocked();
    blocks.swap(ready_);
    blocks_at_work_ = blocks.size();
  }
  if (blocks.empty()) return Status::Ok();
  GiveBack(std::move(blocks));
  {
    const std::lock_guard lock(mutex_);
    blocks_at_work_ = 0;
  }
  uint64_t count = 0;
  return parts_.files->SyncDirty(&count);
}

void Reclaimer::FillStats(WalStats* stats) const {
  const std::lock_guard lock(mutex_);
  stats->reclaimed_blocks = reclaimed_blocks_;
  stats->reclaimed_bytes = reclaimed_bytes_;
  stats->reclaim_waiting_blocks =
      ready_.size() + waiting_.size() + blocks_at_work_;
  stats->removed_files = removed_files_;
  stats->reclaim_error = error_;
}

}  // namespace walrus
