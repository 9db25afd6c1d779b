#include "wal/commit_group.h"

namespace walrus {

void StagedLog::Reset(Log* owner) {
  log = owner;
  before = LogTail();
  synced_end = 0;
  ops.clear();
  runs.clear();
  pieces.clear();
  blocks.clear();
  seals.clear();
  end_offset = 0;
}

void CommitGroup::Reset() {
  ops = CommitOpList();
  // Drops the references to blocks; the vectors keep their memory.
  for (size_t i = 0; i < log_count; ++i) logs[i].Reset(nullptr);
  log_count = 0;
  parts.clear();
  extents.clear();
  planned.clear();
  changes.clear();
  records = CursorRecords();
  arena.Reset();
  snapshots.clear();
  journaled = false;
  journal_sequence = 0;
  sync_now = false;
  cut_call = false;
}

StagedLog* CommitGroup::StageLog(Log* log) {
  if (log->group_number == number) return &logs[log->group_index];
  log->group_number = number;
  log->group_index = log_count;
  if (log_count == logs.size()) logs.emplace_back();
  StagedLog* staged = &logs[log_count++];
  staged->Reset(log);
  staged->before = log->tail;
  staged->before.index_size = log->index.size();
  return staged;
}

}  // namespace walrus
