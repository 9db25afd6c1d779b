// New blocks, and the snapshots of producers that stand in them.
#include "wal/block_writer.h"
#include "wal/instance_lock.h"

namespace walrus {

uint64_t BlockWriter::BlockSpace(uint64_t length, uint64_t block_bytes) {
  return kBlockHeaderAreaBytes + RunSpace(length) + SealBytesMax(block_bytes);
}

void BlockWriter::TakeSnapshot(Log* log, ProducerSnapshot* snapshot) const {
  snapshot->producers.clear();
  if (!log->has_producers.load(std::memory_order_acquire)) return;
  const auto now = static_cast<int64_t>(files_->file_system().NowMs());
  const std::lock_guard turn(log->turn_mutex);
  snapshot->end_offset = log->tail.end_offset;
  snapshot->producers = log->producers->StateAt(log->tail.end_offset, now);
}

Status BlockWriter::NewBlock(StagedLog* staged, CommitGroup* group,
                             uint64_t length, ProducerSnapshot* snapshot) {
  const uint64_t block_bytes = files_->block_bytes();
  const auto units_for = [block_bytes](uint64_t space) {
    return static_cast<uint32_t>((space + block_bytes - 1) / block_bytes);
  };
  const uint64_t space = BlockSpace(length, block_bytes);
  uint32_t units = units_for(space);
  TakeSnapshot(staged->log, snapshot);
  if (!snapshot->producers.empty()) {
    const uint32_t more = units_for(space + RunSpace(snapshot->EncodedBytes()));
    // A batch that takes a whole file has it for itself.
    if (more <= files_->blocks_per_file()) {
      units = more;
    } else {
      snapshot->producers.clear();
    }
  }
  UnitRange range;
  const Status status = files_->Allocate(units, &range);
  if (!status.ok()) return status;

  LeaveBlock(staged);
  LogTail& tail = staged->log->tail;
  BlockHeader header;
  header.block_id = next_block_id_++;
  header.log = staged->log->id;
  header.leader_epoch = leader_epoch_;
  header.ordinal = tail.next_ordinal++;
  header.base_offset = tail.end_offset;
  header.tag = RandomTag();
  header.file_id = range.file->id();
  header.unit_index = range.unit;
  header.unit_count = range.count;
  header.synced_through = staged->synced_end;
  header.prev_frame_crc = tail.frame_crc;
  tail.block = std::make_shared<Block>(staged->log, range.file, header);
  tail.pin = std::move(range.pin);
  tail.position = kBlockHeaderAreaBytes;
  tail.data_position = kBlockHeaderAreaBytes;
  tail.data_frame_crc = tail.frame_crc;
  tail.block_max_timestamp = kNoTimestamp;
  tail.checkpoint_sequence = 0;
  tail.checkpoint_position = kBlockHeaderAreaBytes;
  tail.snapshot_position = 0;
  staged->blocks.push_back({tail.block, group->parts.size()});

  std::byte* area = group->arena.Take(kBlockHeaderAreaBytes);
  header.EncodeAreaTo(area);
  group->parts.push_back(Part(area, kBlockHeaderAreaBytes));
  return Status::Ok();
}

}  // namespace walrus
