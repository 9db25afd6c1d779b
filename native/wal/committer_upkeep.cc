// What the commit role writes beside the calls: seals, checkpoints, bare
// frames, the cursor file's compaction, and the last state at closing.
#include "wal/committer.h"

namespace walrus {

Status Committer::WriteUpkeep(CommitGroup* group) {
  for (size_t i = 0; i < group->log_count; ++i) {
    StagedLog* staged = &group->logs[i];
    if (!staged->seals.empty()) {
      const Status status = writer_.WriteSeals(staged, staged->synced_end);
      if (!status.ok()) return status;
    }
    const Status status = MaybeCheckpoint(staged->log);
    if (!status.ok()) return status;
  }
  if (group->changes.empty() || !parts_.cursors->NeedsCompaction()) {
    return Status::Ok();
  }
  return parts_.cursors->Compact();
}

Status Committer::MaybeCheckpoint(Log* log) {
  LogTail& tail = log->tail;
  if (log->captured && log->captured->block != tail.block) {
    log->captured.reset();
  }
  if (tail.block == nullptr) return Status::Ok();
  const bool timed = options_.fsync_mode == FsyncMode::kMilliseconds;
  const bool due =
      (timed || !log->captured) &&
      tail.data_position - tail.checkpoint_position >= kCheckpointStepBytes;
  if (!log->captured && !due) return Status::Ok();
  if (due) tail.checkpoint_position = tail.data_position;
  if (!log->captured) {
    log->captured = {tail.block, BlockWriter::CheckpointOf(tail)};
  }

  uint64_t synced_end = 0;
  {
    const std::lock_guard lock(log->mutex);
    synced_end = log->synced_end;
  }
  // A checkpoint describes what the schedule counts as held.
  if (options_.fsync_mode != FsyncMode::kNoFsync &&
      log->captured->checkpoint.end_offset > synced_end) {
    // Much is written between two timed syncs. Should only the process die,
    // the next opening can go on from here.
    if (!due || !timed) return Status::Ok();
    return WriteCheckpoint(log, BlockWriter::CheckpointOf(tail), synced_end, 1);
  }
  const Checkpoint captured = log->captured->checkpoint;
  log->captured.reset();
  return WriteCheckpoint(log, captured, synced_end, timed ? 0 : -1);
}

Status Committer::WriteCheckpoint(Log* log, Checkpoint checkpoint,
                                  uint64_t synced_end, int slot) {
  LogTail& tail = log->tail;
  checkpoint.sequence = tail.checkpoint_sequence + 1;
  if (slot >= 0 && checkpoint.sequence % 2 != static_cast<uint64_t>(slot)) {
    ++checkpoint.sequence;
  }
  tail.checkpoint_sequence = checkpoint.sequence;
  return writer_.WriteCheckpoint(tail.block.get(), checkpoint, synced_end);
}

bool Committer::StageBareFrame(CommitGroup* group, Log* log, Status* status) {
  if (log->tail.block == nullptr) return true;
  uint64_t synced_end = 0;
  {
    const std::lock_guard lock(log->mutex);
    synced_end = log->synced_end;
  }
  if (log->tail.framed_synced_through < synced_end) {
    StagedLog* staged = group->StageLog(log);
    staged->synced_end = synced_end;
    *status = writer_.WriteBareFrame(staged, group);
  }
  return synced_end >= log->tail.end_offset;
}

Status Committer::DropStaged(CommitGroup* group, const Status& cause) {
  // Bare frames take no offsets, so no append has to fail with them.
  const Status undone = UndoBlocks(group, cause);
  for (size_t i = 0; i < group->log_count; ++i) group->logs[i].Reset(nullptr);
  group->log_count = 0;
  return undone;
}

void Committer::StageIdleFrames(CommitGroup* group, Status* status) {
  std::vector<Log*> waiting;
  for (Log* log : bare_candidates_) {
    // The rest of a failed round comes again with the logs' next appends.
    const bool done = !status->ok() || StageBareFrame(group, log, status);
    log->awaits_bare_frame = !done;
    if (!done) waiting.push_back(log);
  }
  bare_candidates_.swap(waiting);
}

void Committer::WriteIdleGroup(CommitGroup* group, bool bare_frames) {
  if (fenced_) return;
  Status status;
  if (bare_frames) StageIdleFrames(group, &status);
  StageAgedLogs(group, &status);
  std::vector<Log*> aged;
  for (size_t i = 0; i < group->log_count; ++i) {
    if (!group->logs[i].blocks.empty()) aged.push_back(group->logs[i].log);
  }
  if (status.ok()) status = writer_.FlushWrites(group);
  if (status.code() == Code::kNoSpace) status = DropStaged(group, status);
  if (status.ok()) status = WriteJournal(group);
  if (status.ok() && group->log_count == 0) {
    // Undone: there was no space.
    for (Log* log : aged) RetryAged(log);
  }
  if (!status.ok()) {
    SetFence(status);
    return;
  }
  Publish(group);
  // A journal without space has failed what was queued, too.
  ReportWritten(group);
  status = WriteUpkeep(group);
  if (!status.ok() && status.code() != Code::kNoSpace) SetFence(status);
}

Status Committer::Close(const std::vector<Log*>& logs) {
  {
    std::unique_lock lock(mutex_);
    if (closed_) return Status(Code::kClosed, "the instance is closed");
    closed_ = true;
    closing_ = true;
    small_gate_.Bar();
    quiet_.wait(lock, [this] {
      return queue_.empty() && !committing_ && small_gate_.inside() == 0 &&
             !syncing_ && written_groups_.empty();
    });
    stopping_ = true;
    commit_wanted_.notify_all();
    sync_wanted_.notify_all();
  }
  if (commit_thread_.joinable()) commit_thread_.join();
  if (sync_thread_.joinable()) sync_thread_.join();
  if (!fenced_) {
    const Status status = WriteFinalState(logs);
    if (!status.ok()) SetFence(status);
  }
  return fence();
}

Status Committer::WriteFinalState(const std::vector<Log*>& logs) {
  Status status = SyncEverything(logs);
  if (!status.ok()) return status;
  CommitGroup* group = nullptr;
  {
    const std::lock_guard lock(mutex_);
    group = TakeGroupLocked();
  }
  for (Log* log : logs) {
    if (status.ok()) StageClosingSnapshot(group, log);
    if (status.ok()) (void)StageBareFrame(group, log, &status);
  }
  if (status.ok()) status = writer_.FlushWrites(group);
  // The checkpoints below say the same within space that is there already.
  if (status.code() == Code::kNoSpace) status = DropStaged(group, status);
  if (!status.ok()) return status;
  Publish(group);
  status = WriteUpkeep(group);
  for (Log* log : logs) {
    if (status.ok()) status = WriteClosingCheckpoint(log);
  }
  if (!status.ok() && status.code() != Code::kNoSpace) return status;

  group->changes = {CursorChange{CursorRecordType::kCleanClose, {}, {}, 0}};
  group->records = parts_.cursors->Build(group->changes);
  status = parts_.cursors->Write(group->records);
  if (!status.ok()) return status;
  parts_.cursors->Commit(group->records, group->changes);
  cursors_dirty_ = true;
  status = SyncEverything(logs);
  if (status.ok() && parts_.journal != nullptr) {
    status = parts_.journal->Close();
  }
  return status;
}

void Committer::StageClosingSnapshot(CommitGroup* group, Log* log) {
  const LogTail& tail = log->tail;
  // Behind one that is the last thing in the block nothing is new.
  const bool is_last =
      tail.snapshot_position > 0 &&
      tail.data_position == tail.snapshot_position +
                                AlignUp(tail.snapshot_bytes, kFrameAlignment) +
                                kFrameBytes;
  if (tail.block == nullptr || !log->has_producers || is_last) return;
  StagedLog* staged = group->StageLog(log);
  {
    const std::lock_guard lock(log->mutex);
    staged->synced_end = log->synced_end;
  }
  writer_.WriteSnapshot(staged, group);
}

Status Committer::WriteClosingCheckpoint(Log* log) {
  LogTail& tail = log->tail;
  if (tail.block == nullptr) return Status::Ok();
  if (!log->captured && tail.checkpoint_position == tail.data_position) {
    return Status::Ok();
  }
  log->captured.reset();
  tail.checkpoint_position = tail.data_position;
  return writer_.WriteCheckpoint(
      tail.block.get(), BlockWriter::CheckpointOf(tail), tail.end_offset);
}

}  // namespace walrus
