// The writes of a group: laid out log by log, made together.
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

}  // namespace walrus
