// The offsets of calls, and what is remembered of their producers: given under
// the log's lock, taken back when their group is undone.
#include "wal/committer.h"

namespace walrus {

uint64_t Committer::NextOffset(const Log* log) {
  const std::lock_guard turn(log->turn_mutex);
  return log->next_offset;
}

Status Committer::GiveOffsets(Log* log, const CheckedCall& call,
                              AppendResult* result) {
  *result = AppendResult();
  for (const CheckedBatch& batch : call.batches) {
    result->record_count += batch.record_count;
  }
  result->base_offset = log->next_offset;
  if (call.producer.is_idempotent()) {
    ProducerTable& producers = parts_.producers->Enter(log);
    const auto now = static_cast<int64_t>(parts_.file_system->NowMs());
    const Status status =
        producers.Check(call.producer, call.batches, now, &result->duplicate,
                        &result->base_offset);
    if (!status.ok() || result->duplicate) return status;
    producers.Remember(call.producer, call.batches, log->next_offset, now);
  }
  log->next_offset += result->record_count;
  return Status::Ok();
}

void Committer::TakeBackOffsets(Log* log) {
  const std::lock_guard turn(log->turn_mutex);
  log->next_offset = log->tail.end_offset;
  if (log->producers != nullptr) {
    log->producers->TakeBack(log->tail.end_offset);
  }
}

bool Committer::IsTakenBack(const CommitOp& op) {
  if (op.kind == CommitOp::Kind::kAppend) return true;
  // What an earlier group wrote stays, and so do the answers that repeat it.
  return op.kind == CommitOp::Kind::kDuplicate &&
         op.base_offset >= op.log->tail.end_offset;
}

}  // namespace walrus
