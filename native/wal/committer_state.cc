// Changes of the instance's small state (cursors, starts, deletions, reclaim
// rules), and what they set free. Runs in the commit role but for the calls
// that queue a change.
#include <algorithm>
#include <utility>
#include <vector>

#include "wal/committer.h"

namespace walrus {

void Committer::RecordRules(CommitGroup* group) {
  for (size_t i = 0; i < group->log_count; ++i) {
    const StagedLog& staged = group->logs[i];
    if (staged.blocks.empty() || staged.log->rule_recorded) continue;
    const std::lock_guard lock(staged.log->mutex);
    group->changes.push_back({CursorRecordType::kReclaimRule,
                              staged.log->id,
                              {},
                              RuleValue(staged.log->rule)});
  }
}

bool Committer::IsConsumed(const CommitGroup& group, const CommitOp& op) const {
  {
    const std::lock_guard lock(op.log->mutex);
    if (op.log->rule != ReclaimRule::kConsumed) return false;
  }
  const std::optional<uint64_t> consumed =
      parts_.cursors->ConsumedBelow(op.log->id);
  if (!consumed || *consumed < op.change.value) return false;
  // The group's own changes are not in the state yet. A reader that goes back
  // or comes, or another rule, is waited for; the next move asks again.
  return std::none_of(
      group.changes.begin(), group.changes.end(),
      [&op](const CursorChange& change) {
        const bool lower = change.type == CursorRecordType::kCursorSet &&
                           change.value < op.change.value;
        return change.log == op.log->id &&
               (lower || change.type == CursorRecordType::kReclaimRule);
      });
}

Status Committer::WriteState(CommitGroup* group) {
  RecordRules(group);
  for (CommitOp* op = group->ops.head; op != nullptr; op = op->next) {
    if (!op->Waits(CommitOp::Kind::kState)) continue;
    if (op->change.type == CursorRecordType::kLogDeleted) {
      op->change.value = writer_.next_block_id();
    }
    if (op->if_consumed && !IsConsumed(*group, *op)) {
      op->change.value = 0;
      continue;
    }
    group->changes.push_back(op->change);
    group->sync_now |= op->sync_now;
  }
  if (group->changes.empty()) return Status::Ok();
  group->records = parts_.cursors->Build(group->changes);
  const Status status = parts_.cursors->Write(group->records);
  if (status.code() == Code::kNoSpace) return UndoState(group, status);
  written_bytes_ += group->records.bytes.size();
  return status;
}

Status Committer::UndoState(CommitGroup* group, const Status& cause) {
  if (group->changes.empty()) return Status::Ok();
  const Status undone = parts_.cursors->CutBack();
  if (!undone.ok()) return Status(Code::kIo, undone.message());
  group->changes.clear();
  const std::lock_guard lock(mutex_);
  for (CommitOp* op = group->ops.head; op != nullptr; op = op->next) {
    if (!op->Waits(CommitOp::Kind::kState)) continue;
    op->status = cause;
    if (op->change.type == CursorRecordType::kLogDeleted) {
      op->log->deleted = false;
    }
  }
  return Status::Ok();
}

Status Committer::CommitState(CommitGroup* group) {
  if (group->changes.empty()) return Status::Ok();
  parts_.cursors->Commit(group->records, group->changes);
  cursors_dirty_ = true;
  for (size_t i = 0; i < group->log_count; ++i) {
    const StagedLog& staged = group->logs[i];
    if (!staged.blocks.empty()) staged.log->rule_recorded = true;
  }
  return group->sync_now && !sync_each_ ? SyncCursors() : Status::Ok();
}

void Committer::PublishState(CommitOp* op) {
  Log* log = op->log;
  switch (op->change.type) {
    case CursorRecordType::kLogDeleted: {
      log->tail.block = nullptr;
      log->tail.pin = nullptr;
      log->captured.reset();
      const std::lock_guard lock(mutex_);
      log->aging_block_id = 0;
      AgeLocked(log, std::nullopt);
      return;
    }
    case CursorRecordType::kLogStart: {
      const std::lock_guard lock(log->mutex);
      log->start_offset = std::max(log->start_offset, op->change.value);
      return;
    }
    case CursorRecordType::kReclaimRule: {
      log->rule_recorded = true;
      const std::lock_guard lock(log->mutex);
      log->rule = RuleOfValue(op->change.value);
      break;
    }
    default:
      break;
  }
  if (parts_.space != nullptr) parts_.space->OnReadersMoved(log);
}

void Committer::SubmitDeletions(std::span<Log* const> logs,
                                std::span<AppendObserver* const> observers) {
  std::vector<std::pair<AppendObserver*, Status>> refused;
  {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < logs.size(); ++i) {
      const Status status = AdmitLocked(logs[i], kStateOpBytes);
      if (!status.ok()) {
        refused.emplace_back(observers[i], status);
        continue;
      }
      CommitOp* op = TakeStateOpLocked(
          logs[i], {CursorRecordType::kLogDeleted, logs[i]->id, {}, 0}, true,
          false);
      op->observer = observers[i];
      EnqueueLocked(op);
    }
  }
  for (const auto& [observer, status] : refused) observer->OnFailed(status);
}

Status Committer::MoveStartIfConsumed(Log* log, uint64_t offset) {
  return SubmitAndWait(log, {CursorRecordType::kLogStart, log->id, {}, offset},
                       true, true);
}

void Committer::RequestCheckpoint() {
  if (parts_.journal == nullptr) return;
  const std::lock_guard lock(mutex_);
  checkpoint_wanted_ = true;
  // Else the holder of the role does it when it lets go.
  if (!committing_) StartCheckpointLocked();
}

void Committer::StartCheckpointLocked() {
  if (fenced_ || closing_) checkpoint_wanted_ = false;
  if (!checkpoint_wanted_) return;
  if (parts_.journal->used_bytes() == 0) {
    checkpoint_wanted_ = false;
    return;
  }
  // kBusy: the other file is being checkpointed; this one is next.
  if (!parts_.journal->SwitchFile().ok()) return;
  checkpoint_wanted_ = false;
  if (SyncWantedLocked()) sync_wanted_.notify_one();
}

}  // namespace walrus
