// One commit group, from its calls to what readers see. Runs in the commit
// role.
#include <algorithm>

#include "wal/committer.h"

namespace walrus {

namespace {

constexpr uint64_t kFreeCheckBytes = 4 << 20;
constexpr uint32_t kFreeCheckWrites = 16;
constexpr std::chrono::milliseconds kFreeCheckInterval(100);
// What tables grow by is told to their cache in steps.
constexpr size_t kChargeStepBytes = 4096;

}  // namespace

void Committer::CommitOneGroup(CommitGroup* group) {
  Status status;
  if (!fenced_) {
    StageOps(group);
    status = WriteAppends(group);
    if (status.ok()) status = WriteState(group);
    if (status.ok()) status = WriteJournal(group);
    if (status.ok()) status = CommitState(group);
    if (!status.ok()) SetFence(status);
  }
  if (fenced_) {
    FailGroup(group);
    ReportWritten(group);
    return;
  }
  commit_groups_.fetch_add(1, std::memory_order_relaxed);
  Publish(group);
  ReportWritten(group);
  const Status upkeep = WriteUpkeep(group);
  if (!upkeep.ok() && upkeep.code() != Code::kNoSpace) SetFence(upkeep);
}

void Committer::StageOps(CommitGroup* group) {
  for (CommitOp* op = group->ops.head; op != nullptr; op = op->next) {
    if (op->kind == CommitOp::Kind::kAppend) {
      group->StageLog(op->log)->ops.push_back(op);
    }
  }
}

Status Committer::HasSpace(uint64_t bytes, uint32_t writes) {
  if (options_.reserve_bytes == 0) return Status::Ok();
  const uint64_t needed = options_.reserve_bytes + bytes;
  const std::lock_guard lock(space_mutex_);
  written_since_check_ += bytes;
  bool check = free_bytes_ < needed + written_since_check_ ||
               written_since_check_ >= kFreeCheckBytes;
  writes_since_check_ += writes;
  if (!check && writes_since_check_ >= kFreeCheckWrites) {
    writes_since_check_ = 0;
    check = Clock::now() - last_check_ >= kFreeCheckInterval;
  }
  if (check) {
    uint64_t free_bytes = 0;
    const Status status =
        parts_.file_system->FreeBytes(options_.directory, &free_bytes);
    // Not knowing is no reason to refuse: a full disk will say so itself.
    if (!status.ok()) return Status::Ok();
    free_bytes_ = free_bytes;
    written_since_check_ = 0;
    last_check_ = Clock::now();
  }
  if (free_bytes_ >= needed) return Status::Ok();
  return Status(Code::kNoSpace, std::to_string(free_bytes_) +
                                    " bytes are free, " +
                                    std::to_string(options_.reserve_bytes) +
                                    " are kept back for cursors and offsets");
}

Status Committer::WriteAppends(CommitGroup* group) {
  if (group->log_count == 0) return Status::Ok();
  group->cut_call = group->ops.head->alone;
  Status status = HasSpace(group->ops.bytes, 1);
  for (size_t i = 0; status.ok() && i < group->log_count; ++i) {
    StagedLog* staged = &group->logs[i];
    {
      const std::lock_guard lock(staged->log->mutex);
      staged->synced_end = staged->log->synced_end;
    }
    status = writer_.WriteLog(staged, group);
  }
  if (status.ok()) status = writer_.FlushWrites(group);
  if (status.code() != Code::kNoSpace) return status;
  return UndoAppends(group, status);
}

Status Committer::UndoBlocks(CommitGroup* group, const Status& cause) {
  // No sync is begun after a fence, and an undo needs one.
  if (fenced_) return fence();
  const Status undone = writer_.Undo(group);
  if (!undone.ok()) {
    return Status(Code::kIo, "undoing a write that ended with " +
                                 cause.ToString() + ": " + undone.ToString());
  }
  return undone;
}

Status Committer::UndoAppends(CommitGroup* group, const Status& cause) {
  const Status undone = UndoBlocks(group, cause);
  if (!undone.ok()) return undone;
  // In one go with emptying the queue: an append between the two would be
  // given an offset that is about to be given back.
  std::unique_lock lock(mutex_);
  // What is queued may stand behind small appends that are being written.
  BarSmallLocked(&lock);
  for (size_t i = 0; i < group->log_count; ++i) {
    TakeBackOffsets(group->logs[i].log);
    group->logs[i].Reset(nullptr);
  }
  group->log_count = 0;
  TakeQueuedAppendsLocked(group);
  for (CommitOp* op = group->ops.head; op != nullptr; op = op->next) {
    if (!op->status.ok() || !IsTakenBack(*op)) continue;
    op->status = cause;
    if (op->kind == CommitOp::Kind::kAppend) TakeBackOffsets(op->log);
  }
  small_gate_.Unbar();
  return Status::Ok();
}

void Committer::TakeQueuedAppendsLocked(CommitGroup* group) {
  // They have offsets behind the ones that were given back.
  CommitOpList others;
  while (!queue_.empty()) {
    CommitOp* op = queue_.Pop();
    (IsTakenBack(*op) ? group->ops : others).Push(op);
  }
  queue_ = others;
  NoteQueueLocked();
}

void Committer::BuildJournalEntries(CommitGroup* group) {
  journal_entries_.clear();
  const std::span<const iovec> parts(group->parts);
  for (size_t i = 0; i < group->log_count; ++i) {
    const StagedLog& staged = group->logs[i];
    for (const StagedBlock& made : staged.blocks) {
      journal_entries_.push_back({EntryKind::kBlockHeader,
                                  made.block->file->id(), made.block->start,
                                  parts.subspan(made.header_part, 1)});
    }
    for (const StagedRun& run : staged.runs) {
      journal_entries_.push_back(
          {EntryKind::kRun, run.block->file->id(),
           run.block->start + run.entry.position,
           parts.subspan(run.parts_begin, run.parts_end - run.parts_begin)});
    }
  }
  if (group->changes.empty()) return;
  group->records_part = {group->records.bytes.data(),
                         group->records.bytes.size()};
  journal_entries_.push_back({EntryKind::kCursorRecords,
                              group->records.generation,
                              group->records.position,
                              {&group->records_part, 1}});
}

bool Committer::BypassesJournal(const CommitGroup& group) const {
  if (parts_.journal == nullptr || group.cut_call) return true;
  uint64_t runs = 0;
  uint64_t bytes = 0;
  for (size_t i = 0; i < group.log_count; ++i) {
    runs += group.logs[i].runs.size();
    for (const StagedRun& run : group.logs[i].runs) bytes += run.entry.length;
  }
  return runs > 0 && bytes / runs >= options_.journal_bypass_run_bytes;
}

Status Committer::WriteJournal(CommitGroup* group) {
  if (BypassesJournal(*group)) return Status::Ok();
  Journal* journal = parts_.journal;
  BuildJournalEntries(group);
  if (journal_entries_.empty()) return Status::Ok();
  const uint64_t bytes = Journal::GroupBytes(journal_entries_);
  if (!journal->FitsEmptyFile(bytes)) return Status::Ok();
  Status status;
  if (!journal->Fits(bytes)) status = WaitForJournal();
  uint64_t sequence = 0;
  if (status.ok()) status = journal->Append(journal_entries_, &sequence);
  if (status.ok()) {
    group->journaled = true;
    group->journal_sequence = sequence;
    journaled_groups_.fetch_add(1, std::memory_order_relaxed);
    written_bytes_ += bytes;
    return status;
  }
  if (status.code() != Code::kNoSpace) return status;
  const Status undone = UndoAppends(group, status);
  return undone.ok() ? UndoState(group, status) : undone;
}

Status Committer::WaitForJournal() {
  while (true) {
    const Status status = parts_.journal->SwitchFile();
    if (status.code() != Code::kBusy) return status;
    if (leads_sync_) {
      const Status drained = DrainJournal();
      if (!drained.ok()) return drained;
      continue;
    }
    std::unique_lock lock(mutex_);
    if (SyncWantedLocked()) sync_wanted_.notify_one();
    quiet_.wait(
        lock, [this] { return fenced_ || !parts_.journal->checkpoint_due(); });
    if (fenced_) return fence_;
  }
}

Status Committer::SyncBeforeLastRun() {
  if (options_.fsync_mode == FsyncMode::kNoFsync) return Status::Ok();
  if (fenced_) return fence();
  const Status status = SyncDataFiles();
  // Whatever a sync fails with, undoing is no answer to it.
  return status.ok() ? status : Status(Code::kIo, status.message());
}

void Committer::FailGroup(CommitGroup* group) {
  const std::lock_guard lock(mutex_);
  const Status status = FencedStatusLocked();
  while (!queue_.empty()) group->ops.Push(queue_.Pop());
  NoteQueueLocked();
  for (CommitOp* op = group->ops.head; op != nullptr; op = op->next) {
    if (op->status.ok()) op->status = status;
  }
}

void Committer::Publish(CommitGroup* group) {
  for (size_t i = 0; i < group->log_count; ++i) {
    PublishLog(&group->logs[i], group->journal_sequence);
  }
  if (parts_.tables->over_budget()) parts_.tables->Evict();
  if (group->changes.empty()) return;
  for (CommitOp* op = group->ops.head; op != nullptr; op = op->next) {
    if (op->Waits(CommitOp::Kind::kState)) PublishState(op);
  }
}

void Committer::PublishLog(StagedLog* staged, uint64_t journal_sequence) {
  Log* log = staged->log;
  size_t table_bytes = 0;
  {
    const std::lock_guard lock(log->mutex);
    for (const StagedBlock& made : staged->blocks) {
      made.block->table = std::make_shared<RunTable>();
      made.block->table->covered_position = kBlockHeaderAreaBytes;
      made.block->table->end_offset = made.block->header.base_offset;
      table_bytes += made.block->table->TakeUncharged();
      log->blocks.push_back(made.block);
    }
    for (const StagedRun& run : staged->runs) {
      table_bytes += PublishRunLocked(
          run,
          std::span(staged->pieces)
              .subspan(run.pieces_begin, run.pieces_end - run.pieces_begin));
      // A group that bypassed the journal says nothing of it.
      run.block->journal_sequence =
          std::max(run.block->journal_sequence, journal_sequence);
    }
    for (const StagedSeal& seal : staged->seals) seal.block->sealed = true;
    log->written_end = staged->end_offset;
  }
  if (log->has_producers) {
    const std::lock_guard turn(log->turn_mutex);
    log->producers->Settle(staged->end_offset);
  }
  for (const StagedBlock& made : staged->blocks) {
    parts_.tables->Touch(made.block);
  }
  if (table_bytes > 0) parts_.tables->Charge(table_bytes);
  // A block's age counts from its first record.
  if (!staged->blocks.empty() ||
      staged->before.data_position == kBlockHeaderAreaBytes) {
    NoteOpenBlock(log, Clock::duration::zero());
  }
  if (!staged->blocks.empty() && parts_.space != nullptr) {
    parts_.space->OnBlockAllocated();
    // Readers may have been waiting at its first offset.
    parts_.space->OnReadersMoved(log);
  }
  NotePublished(log);
}

size_t Committer::PublishRunLocked(const StagedRun& run,
                                   std::span<const RunEntry> pieces) {
  Block* block = run.block;
  block->used = run.end_position;
  block->end_offset = run.next_offset;
  block->max_timestamp =
      std::max(block->max_timestamp, run.entry.max_timestamp);
  RunTable* table = block->table.get();
  // A table that was dropped, or is being built, is none of our business.
  if (table == nullptr || table->covered_position != run.entry.position) {
    return 0;
  }
  for (const RunEntry& piece : pieces) table->Add(piece);
  if (run.last.length > 0) table->Add(run.last);
  table->covered_position = run.end_position;
  table->end_offset = run.next_offset;
  table->frame_crc = run.frame_crc;
  return table->uncharged() < kChargeStepBytes ? 0 : table->TakeUncharged();
}

void Committer::NotePublished(Log* log) {
  if (options_.fsync_mode == FsyncMode::kNoFsync) return;
  if (options_.fsync_mode == FsyncMode::kMilliseconds) NoteDirty(log);
  if (log->awaits_bare_frame) return;
  const std::lock_guard lock(mutex_);
  log->awaits_bare_frame = true;
  bare_candidates_.push_back(log);
  if (waits_untimed_) WakeCommitThreadLocked();
}

void Committer::ReportWritten(CommitGroup* group) {
  CommitOp* next = nullptr;
  for (CommitOp* op = group->ops.head; op != nullptr; op = next) {
    next = op->next;
    if (op->observer == nullptr) continue;
    if (op->status.ok()) {
      op->observer->OnWritten();
      if (!sync_each_) op->observer->OnSynced();
    } else if (!sync_each_) {
      // Under SyncEach the sync role tells it, behind the calls before it.
      op->observer->OnFailed(op->status);
    }
  }
  if (!sync_each_) callers_.TellAll();
  if (options_.after_group_reported) options_.after_group_reported();
}

}  // namespace walrus
