#include "wal/recovery_producers.h"

#include "wal/block_scanner.h"
#include "wal/producer_snapshot.h"

namespace walrus {

size_t ProducerRebuild::StartBlock() const {
  // A block without records says no more than the one before it; its first
  // snapshot need not have arrived.
  size_t i = found_.end.block;
  while (i > 0 &&
         found_.extents[i].end_offset == found_.blocks[i].header.base_offset) {
    --i;
  }
  return i;
}

bool ProducerRebuild::HasProducers() const {
  if (!found_.has_end_block || found_.extents.empty()) return false;
  return found_.extents[StartBlock()].has_producers ||
         found_.extents[found_.end.block].has_producers;
}

Status ProducerRebuild::LoadSnapshot(const FoundBlock& block, uint64_t position,
                                     ProducerTable* table, ScanStart* behind,
                                     bool* loaded) {
  *loaded = false;
  FileUse use;
  Status status = block.file->Use(&use);
  if (!status.ok()) return status;
  FileWindow window(&use.file(), block.start, block.RunsEnd());
  std::span<const std::byte> bytes;
  status = window.Get(position, kFrameBytes, &bytes);
  if (!status.ok()) return status;
  const size_t length = ProducerSnapshot::LengthOf(bytes, block.header.tag);
  const uint64_t frame_position = position + AlignUp(length, kFrameAlignment);
  if (length == 0 || frame_position + kFrameBytes > block.RunsEnd()) {
    return status;
  }
  status =
      window.Get(position, frame_position + kFrameBytes - position, &bytes);
  bytes_read_ += window.bytes_read();
  if (!status.ok()) return status;
  ProducerSnapshot snapshot;
  CommitFrame frame;
  uint32_t crc = 0;
  uint32_t frame_crc = 0;
  if (ProducerSnapshot::Decode(bytes.first(length), &snapshot, &crc) !=
          Decoded::kOk ||
      CommitFrame::Decode(bytes.last(kFrameBytes), &frame, &frame_crc) !=
          Decoded::kOk ||
      !frame.snapshot || frame.headers_crc != crc ||
      frame.block_id != block.header.block_id ||
      snapshot.block_id != block.header.block_id ||
      snapshot.end_offset != frame.base_offset) {
    return status;
  }
  *loaded = true;
  *behind = {frame.EndPosition(), frame.next_offset, frame_crc};
  table->Clear();
  for (const ProducerState& producer : snapshot.producers) {
    table->Restore(producer);
  }
  table->Settle(snapshot.end_offset);
  return status;
}

Status ProducerRebuild::Follow(const FoundBlock& block, const ScanStart& start,
                               uint64_t end, ProducerTable* table) {
  FileUse use;
  Status status = block.file->Use(&use);
  if (!status.ok()) return status;
  BlockScanner scanner(&use.file(), block.start, block.header, end, start);
  ScannedRun run;
  while (scanner.at().position < end) {
    const uint64_t position = scanner.at().position;
    bool found = false;
    status = scanner.Next(&run, &found);
    if (!status.ok()) return status;
    if (!found) {
      // What stands behind the last record need not have arrived.
      if (scanner.at().offset < found_.end.offset) note_ = scanner.broken();
      break;
    }
    if (run.frame.snapshot) {
      ScanStart behind;
      bool loaded = false;
      status = LoadSnapshot(block, position, table, &behind, &loaded);
      if (!status.ok()) return status;
    }
    for (const auto& [producer_id, batch] : run.producer_batches) {
      table->Add(producer_id, batch, now_ms_);
    }
  }
  bytes_read_ += scanner.bytes_read();
  return status;
}

Status ProducerRebuild::Run(ProducerTable* table) {
  for (size_t i = StartBlock(); i <= found_.end.block; ++i) {
    const FoundBlock& block = found_.blocks[i];
    const BlockExtent& extent = found_.extents[i];
    const uint64_t end =
        i == found_.end.block ? found_.end.position : extent.used;
    ScanStart start{kBlockHeaderAreaBytes, block.header.base_offset,
                    block.header.prev_frame_crc};
    if (extent.snapshot_position > 0) {
      bool loaded = false;
      const Status status =
          LoadSnapshot(block, extent.snapshot_position, table, &start, &loaded);
      if (!status.ok()) return status;
    }
    const Status status = Follow(block, start, end, table);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace walrus
