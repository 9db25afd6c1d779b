// Building run tables, and finding timestamps with them.
#include <algorithm>

#include "wal/batch_records.h"
#include "wal/block_reader.h"
#include "wal/block_scanner.h"
#include "wal/run_walker.h"

namespace walrus {

Status BlockReader::BuildTable(Log* log, const std::shared_ptr<Block>& block) {
  RunTable table;
  uint64_t used = 0;
  uint64_t block_end = 0;
  {
    const std::lock_guard lock(log->mutex);
    used = block->used;
    block_end = block->end_offset;
    if (block->table != nullptr) {
      table = *block->table;
    } else {
      table.covered_position = kBlockHeaderAreaBytes;
      table.end_offset = block->header.base_offset;
      table.frame_crc = block->header.prev_frame_crc;
    }
  }
  FileUse use;
  const Status opened = UseFile(log, block.get(), false, &use);
  if (!opened.ok()) return opened;
  BlockScanner scanner(
      &use.file(), block->start, block->header, used,
      {table.covered_position, table.end_offset, table.frame_crc},
      Extent::kWritten);
  ScannedRun run;  // its memory is used again
  while (scanner.at().position < used) {
    bool found = false;
    const Status status = scanner.Next(&run, &found);
    if (!status.ok()) return status;
    if (!found) {
      // A bare frame behind the last record carries none: it may be torn.
      if (table.end_offset >= block_end) {
        table.covered_position = used;
        break;
      }
      table.broken = scanner.broken();
      break;
    }
    for (const RunEntry& piece : run.pieces) table.Add(piece);
    if (run.damaged_offset) {
      table.damaged.push_back({*run.damaged_offset, run.frame.next_offset});
    }
    table.covered_position = run.end_position;
    table.end_offset = run.frame.next_offset;
    table.frame_crc = run.frame_crc;
  }
  {
    const std::lock_guard lock(log->mutex);
    // Space that was given back reads as zeros; that is no damage.
    if (block->freed) {
      return Status(Code::kOutOfRange, "the records were removed meanwhile");
    }
    // Another thread, or the commit role, may have got further.
    const RunTable* present = block->table.get();
    if (present != nullptr &&
        present->covered_position > table.covered_position) {
      return Status::Ok();
    }
    table.charged = present ? present->charged : 0;
    tables_.Charge(table.TakeUncharged());
    block->table = std::make_shared<RunTable>(std::move(table));
  }
  tables_.Touch(block);
  tables_.Evict();
  return Status::Ok();
}

Status BlockReader::FindTimestamp(Log* log, int64_t timestamp,
                                  std::optional<TimestampedOffset>* found) {
  found->reset();
  std::vector<std::shared_ptr<Block>> blocks;
  {
    const std::lock_guard lock(log->mutex);
    if (log->gone) return Status(Code::kClosed, "the log was deleted");
    for (const std::shared_ptr<Block>& block : log->blocks) {
      if (block->max_timestamp >= timestamp &&
          block->end_offset > log->start_offset) {
        blocks.push_back(block);
      }
    }
  }
  for (const std::shared_ptr<Block>& block : blocks) {
    const Status status = FindInBlock(log, block, timestamp, found);
    if (!status.ok() || found->has_value()) return status;
  }
  return Status::Ok();
}

Status BlockReader::FindInBlock(Log* log, const std::shared_ptr<Block>& block,
                                int64_t timestamp,
                                std::optional<TimestampedOffset>* found) {
  std::vector<RunEntry> late;
  while (late.empty()) {
    std::unique_lock lock(log->mutex);
    if (block->freed) return Status::Ok();
    const RunTable* table = block->table.get();
    if (table == nullptr ||
        (table->covered_position < block->used && table->broken.empty())) {
      lock.unlock();
      const Status status = BuildTable(log, block);
      if (!status.ok()) return status;
      continue;
    }
    const uint64_t end = log->ReadableEndLocked();
    for (const RunEntry& run : table->runs) {
      if (run.max_timestamp >= timestamp && run.base_offset < end) {
        late.push_back(run);
      }
    }
    if (late.empty()) return Status::Ok();
  }
  for (const RunEntry& run : late) {
    const Status status = FindInRun(log, block, run, timestamp, found);
    if (!status.ok() || found->has_value()) return status;
  }
  return Status::Ok();
}

Status BlockReader::FindInRun(Log* log, const std::shared_ptr<Block>& block,
                              const RunEntry& run, int64_t timestamp,
                              std::optional<TimestampedOffset>* found) {
  std::vector<std::byte> bytes(run.length);
  size_t got = 0;
  FileUse use;
  Status status = UseFile(log, block.get(), false, &use);
  if (status.code() == Code::kOutOfRange) return Status::Ok();
  if (!status.ok()) return status;
  status = use.file().Read(block->start + run.position, bytes.data(),
                           bytes.size(), &got);
  if (!status.ok()) return status;
  uint64_t start = 0;
  {
    const std::lock_guard lock(log->mutex);
    if (block->freed) return Status::Ok();
    start = log->start_offset;
  }
  RunWalker walker({bytes.data(), got}, run.position, block->header.tag);
  WalkedBatch batch;
  while (walker.Next(&batch)) {
    if (batch.next_offset <= start) continue;
    *found = walrus::FindTimestamp(batch.bytes, timestamp);
    if (!found->has_value()) continue;
    if ((*found)->offset >= start) return status;
    // The log begins inside this batch.
    (*found)->offset = start;
    return status;
  }
  return status;
}

}  // namespace walrus
