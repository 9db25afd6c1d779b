// The writes of a group: laid out log by log, made together, undone together.
#include "wal/block_writer.h"

namespace walrus {

void BlockWriter::PlanWrite(Block* block, uint64_t position, size_t parts_begin,
                            size_t parts_end, CommitGroup* group) {
  uint64_t length = 0;
  for (size_t i = parts_begin; i < parts_end; ++i) {
    length += group->parts[i].iov_len;
  }
  group->extents.push_back({block->file, block->start + position, length});
  group->planned.push_back(
      {block->file.get(), block->start + position, parts_begin, parts_end});
  written_bytes_.fetch_add(length, std::memory_order_relaxed);
}

Status BlockWriter::FlushWrites(CommitGroup* group) {
  const std::span<const iovec> parts(group->parts);
  writes_.clear();
  for (const PlannedWrite& planned : group->planned) {
    writes_.push_back({&planned.file->file(), planned.position,
                       parts.subspan(planned.parts_begin,
                                     planned.parts_end - planned.parts_begin)});
  }
  Status status;
  if (writes_.size() == 1) {
    status = writes_[0].file->WriteV(writes_[0].position, writes_[0].parts);
  } else if (!writes_.empty()) {
    status = files_->file_system().WriteMany(writes_);
  }
  // After the writes: a sync that takes the mark covers them.
  for (const PlannedWrite& planned : group->planned) planned.file->MarkDirty();
  group->planned.clear();
  return status;
}

Status BlockWriter::Undo(CommitGroup* group) {
  // Zeros must be durable before the calls are told: otherwise a power loss
  // could bring back what they were told will never be read.
  for (const WrittenExtent& extent : group->extents) {
    FileUse use;
    Status status = extent.file->Use(&use);
    if (!status.ok()) return status;
    status = use.file().PunchHole(extent.position, extent.length);
    extent.file->MarkDirty();
    if (!status.ok()) return status;
  }
  for (const WrittenExtent& extent : group->extents) {
    const Status status = extent.file->Sync();
    if (!status.ok()) return status;
  }
  for (size_t i = group->log_count; i-- > 0;) {
    StagedLog& staged = group->logs[i];
    Log* log = staged.log;
    for (size_t j = staged.blocks.size(); j-- > 0;) {
      const Block& block = *staged.blocks[j].block;
      files_->UndoAllocate({block.file, nullptr, block.header.unit_index,
                            block.header.unit_count});
    }
    if (!staged.seals.empty()) log->index = std::move(staged.seals[0].index);
    log->index.resize(staged.before.index_size);
    log->tail = staged.before;
    staged.runs.clear();
    staged.pieces.clear();
    staged.blocks.clear();
    staged.seals.clear();
  }
  group->parts.clear();
  group->extents.clear();
  group->planned.clear();
  return Status::Ok();
}

}  // namespace walrus
