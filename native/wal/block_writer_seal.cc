// Seals and checkpoints: what a block says about its own end.
#include <array>

#include "wal/block_writer.h"

namespace walrus {

Checkpoint BlockWriter::CheckpointOf(const LogTail& tail) {
  Checkpoint checkpoint;
  checkpoint.block_id = tail.block->header.block_id;
  checkpoint.tag = tail.block->header.tag;
  checkpoint.sequence = tail.checkpoint_sequence + 1;
  checkpoint.position = tail.data_position;
  checkpoint.end_offset = tail.end_offset;
  checkpoint.max_timestamp = tail.block_max_timestamp;
  checkpoint.frame_crc = tail.data_frame_crc;
  checkpoint.has_producers = tail.block->log->has_producers;
  // One that was written when the log was left stands behind its last run.
  if (tail.snapshot_position < tail.data_position) {
    checkpoint.snapshot_position = tail.snapshot_position;
  }
  return checkpoint;
}

Status BlockWriter::WriteCheckpoint(Block* block, Checkpoint checkpoint,
                                    uint64_t synced_end) {
  checkpoint.synced_through = synced_end;
  std::array<std::byte, kCheckpointBytes> bytes{};
  checkpoint.EncodeTo(bytes.data());
  const size_t slot = checkpoint.sequence % 2;
  const Status status = block->file->file().Write(
      block->start + kCheckpointPositions[slot], bytes.data(), bytes.size());
  block->file->MarkDirty();
  written_bytes_.fetch_add(bytes.size(), std::memory_order_relaxed);
  return status;
}

Status BlockWriter::WriteSeals(StagedLog* staged, uint64_t synced_end) {
  for (StagedSeal& left : staged->seals) {
    Block* block = left.block.get();
    Seal seal;
    seal.frame_crc = left.tail.frame_crc;
    seal.block_id = block->header.block_id;
    seal.tag = block->header.tag;
    seal.end_offset = left.tail.end_offset;
    seal.max_timestamp = left.tail.block_max_timestamp;
    seal.synced_through = synced_end;
    seal.index = std::move(left.index);
    std::vector<std::byte> bytes(seal.EncodedBytes());
    seal.EncodeTo(bytes.data());
    Status status = block->file->file().Write(block->start + left.tail.position,
                                              bytes.data(), bytes.size());
    block->file->MarkDirty();
    written_bytes_.fetch_add(bytes.size(), std::memory_order_relaxed);
    if (!status.ok()) return status;

    Checkpoint checkpoint = CheckpointOf(left.tail);
    checkpoint.sealed = true;
    checkpoint.position = left.tail.position;
    checkpoint.frame_crc = left.tail.frame_crc;
    checkpoint.seal_position = left.tail.position;
    checkpoint.seal_length = static_cast<uint32_t>(bytes.size());
    status = WriteCheckpoint(block, checkpoint, synced_end);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace walrus
