#include "wal/block_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "wal/batch_header.h"
#include "wal/block_scanner.h"
#include "wal/run_walker.h"

namespace walrus {

namespace {

// Frames and padding between two runs land here and are forgotten.
constexpr size_t kGapBytesMax = 4096;
constexpr size_t kScratchBytesKept = 256 << 10;

std::string LogName(const LogId& id) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string name;
  for (const uint8_t byte : id.topic_id) {
    name += kDigits[byte >> 4];
    name += kDigits[byte & 15];
  }
  return name + "/" + std::to_string(id.partition);
}

Status CorruptAt(const Log& log, uint64_t offset, const std::string& what) {
  return Status(Code::kCorrupt, "log " + LogName(log.id) +
                                    " is damaged at offset " +
                                    std::to_string(offset) + ": " + what);
}

Status OutOfRange(const Log& log, uint64_t offset, uint64_t start,
                  uint64_t end) {
  return Status(Code::kOutOfRange, "offset " + std::to_string(offset) +
                                       " is not in [" + std::to_string(start) +
                                       ", " + std::to_string(end) +
                                       "] of log " + LogName(log.id));
}

// Memory for one read: the thread's, which is not cleared again and again, or
// `*own` where that would keep too much.
std::span<std::byte> Scratch(size_t size, std::vector<std::byte>* own) {
  thread_local std::vector<std::byte> kept;
  std::vector<std::byte>& bytes = size <= kScratchBytesKept ? kept : *own;
  if (bytes.size() < size) bytes.resize(size);
  return std::span(bytes).first(size);
}

// Appends a batch; one that follows the last one makes it longer.
void AddStretch(std::span<const std::byte> batch,
                std::vector<std::span<const std::byte>>* stretches) {
  if (!stretches->empty()) {
    std::span<const std::byte>& last = stretches->back();
    if (last.data() + last.size() == batch.data()) {
      last = {last.data(), last.size() + batch.size()};
      return;
    }
  }
  stretches->push_back(batch);
}

Status GoneStatus() {
  return Status(Code::kOutOfRange, "the records were removed meanwhile");
}

}  // namespace

struct BlockReader::Plan {
  Log* log = nullptr;
  std::shared_ptr<Block> block;
  std::vector<RunEntry> runs;
  uint64_t end_offset = 0;  ///< of what may be returned
  bool at_end = false;
  bool first_is_partial = false;  ///< not readable to its end
  bool needs_table = false;
};

Status BlockReader::MakePlan(Log* log, uint64_t offset, size_t max_bytes,
                             Plan* plan) {
  const std::lock_guard lock(log->mutex);
  plan->log = log;
  plan->runs.clear();
  plan->at_end = plan->needs_table = false;
  if (log->gone) return Status(Code::kClosed, "the log was deleted");
  const uint64_t end = log->ReadableEndLocked();
  if (log->corrupt_offset && offset >= *log->corrupt_offset) {
    return CorruptAt(*log, *log->corrupt_offset, "found at recovery");
  }
  if (offset < log->start_offset || offset > end) {
    return OutOfRange(*log, offset, log->start_offset, end);
  }
  plan->at_end = offset == end;
  if (plan->at_end) return Status::Ok();
  plan->block = log->FindBlockLocked(offset);
  if (plan->block == nullptr) {
    return CorruptAt(*log, offset, "its block is missing");
  }
  const RunTable* table = plan->block->table.get();
  if (table == nullptr ||
      (offset >= table->end_offset && table->broken.empty() &&
       table->covered_position < plan->block->used)) {
    plan->needs_table = true;
    return Status::Ok();
  }
  return PlanRunsLocked(log, offset, max_bytes, end, plan);
}

Status BlockReader::PlanRunsLocked(Log* log, uint64_t offset, size_t max_bytes,
                                   uint64_t readable_end, Plan* plan) {
  const RunTable& table = *plan->block->table;
  const size_t first = table.Find(offset);
  if (first == table.runs.size()) {
    return CorruptAt(
        *log, table.end_offset,
        table.broken.empty() ? "the block ends too early" : table.broken);
  }
  plan->end_offset = std::min(readable_end, table.end_offset);
  for (const DamagedRun& damaged : table.damaged) {
    if (damaged.run_end <= offset) continue;
    if (offset >= damaged.offset) {
      return CorruptAt(*log, damaged.offset, "a batch fails its CRC");
    }
    plan->end_offset = std::min(plan->end_offset, damaged.offset);
    break;
  }
  size_t bytes = 0;
  for (size_t i = first; i < table.runs.size(); ++i) {
    const RunEntry& run = table.runs[i];
    const bool over = bytes + run.length > max_bytes;
    if (!plan->runs.empty() && over) break;
    if (run.base_offset >= plan->end_offset) break;
    const uint64_t run_end = i + 1 < table.runs.size()
                                 ? table.runs[i + 1].base_offset
                                 : table.end_offset;
    // A run that is readable only in part goes alone, batch by batch.
    if (run_end > plan->end_offset) {
      if (!plan->runs.empty()) break;
      plan->first_is_partial = true;
    }
    plan->runs.push_back(run);
    bytes += run.length;
  }
  return Status::Ok();
}

Status BlockReader::Read(Log* log, uint64_t offset, size_t max_bytes, bool now,
                         const BufferAllocator& allocate, size_t* size) {
  *size = 0;
  Plan plan;
  Status status = MakePlan(log, offset, max_bytes, &plan);
  while (status.ok() && plan.needs_table) {
    if (now) return Status(Code::kWouldBlock, "the block was not read yet");
    status = BuildTable(log, plan.block);
    if (status.ok()) status = MakePlan(log, offset, max_bytes, &plan);
  }
  if (!status.ok() || plan.at_end) return status;
  tables_.Touch(plan.block);
  const RunEntry& first = plan.runs.front();
  // One batch is handed out whole, however large.
  const bool whole =
      first.base_offset == offset && !plan.first_is_partial && !first.joined &&
      (first.length <= max_bytes || first.length > kRunPieceBytes);
  return whole ? ReadWholeRuns(plan, now, allocate, size)
               : ReadBatches(plan, offset, max_bytes, now, allocate, size);
}

// A file that was removed while it was closed is gone with its records.
Status BlockReader::UseFile(Log* log, Block* block, bool now, FileUse* use) {
  if (now) {
    // Opening may wait for the disk.
    return block->file->UseIfOpen(use)
               ? Status::Ok()
               : Status(Code::kWouldBlock, "the data file is not open");
  }
  const Status status = block->file->Use(use);
  if (status.ok()) return status;
  const std::lock_guard lock(log->mutex);
  return block->freed ? GoneStatus() : status;
}

Status BlockReader::ReadBytes(const Plan& plan, uint64_t position,
                              std::span<const iovec> parts, bool now) {
  size_t wanted = 0;
  for (const iovec& part : parts) wanted += part.iov_len;
  FileUse use;
  Status status = UseFile(plan.log, plan.block.get(), now, &use);
  if (!status.ok()) return status;
  File& file = use.file();
  size_t got = 0;
  status = now ? file.ReadVNow(plan.block->start + position, parts, &got)
               : file.ReadV(plan.block->start + position, parts, &got);
  if (!status.ok()) return status;
  {
    // Its space may have been given back while it was read.
    const std::lock_guard lock(plan.log->mutex);
    if (plan.block->freed) return GoneStatus();
  }
  if (got < wanted) {
    return CorruptAt(*plan.log, plan.runs.front().base_offset,
                     "the data file is shorter than its blocks");
  }
  return status;
}

Status BlockReader::ReadWholeRuns(const Plan& plan, bool now,
                                  const BufferAllocator& allocate,
                                  size_t* size) {
  thread_local std::array<std::byte, kGapBytesMax> gap_bytes;
  std::vector<iovec> parts;
  parts.reserve(plan.runs.size() * 2);
  size_t total = 0;
  uint64_t end = plan.runs.front().position;
  size_t count = 0;
  for (const RunEntry& run : plan.runs) {
    // Many bare frames in a row; the next read goes on behind them.
    if (run.position - end > kGapBytesMax || run.joined) break;
    total += run.length;
    end = uint64_t{run.position} + run.length;
    ++count;
  }
  std::byte* buffer = allocate(total);
  if (buffer == nullptr) return Status(Code::kIo, "no buffer for the read");
  end = plan.runs.front().position;
  std::byte* to = buffer;
  for (size_t i = 0; i < count; ++i) {
    const RunEntry& run = plan.runs[i];
    if (run.position > end) {
      parts.push_back({gap_bytes.data(), run.position - end});
    }
    parts.push_back({to, run.length});
    to += run.length;
    end = uint64_t{run.position} + run.length;
  }
  const Status status = ReadBytes(plan, plan.runs.front().position, parts, now);
  if (status.ok()) *size = total;
  return status;
}

Status BlockReader::ReadBatches(const Plan& plan, uint64_t offset,
                                size_t max_bytes, bool now,
                                const BufferAllocator& allocate, size_t* size) {
  const uint64_t position = plan.runs.front().position;
  uint64_t end = position;
  for (const RunEntry& run : plan.runs) {
    if (run.position - end > kGapBytesMax) break;
    end = uint64_t{run.position} + run.length;
  }
  std::vector<std::byte> own;
  const std::span<std::byte> bytes = Scratch(end - position, &own);
  const iovec part{bytes.data(), bytes.size()};
  const Status status = ReadBytes(plan, position, {&part, 1}, now);
  if (!status.ok()) return status;

  std::vector<std::span<const std::byte>> stretches;
  size_t length = 0;
  RunWalker walker(bytes, position, plan.block->header.tag);
  WalkedBatch batch;
  while (walker.Next(&batch)) {
    if (batch.next_offset > plan.end_offset) break;
    if (batch.next_offset <= offset) continue;
    if (length > 0 && length + batch.bytes.size() > max_bytes) break;
    AddStretch(batch.bytes, &stretches);
    length += batch.bytes.size();
  }
  if (length == 0) {
    return CorruptAt(*plan.log, offset, "its run does not hold it any more");
  }
  std::byte* to = allocate(length);
  if (to == nullptr) return Status(Code::kIo, "no buffer for the read");
  for (const std::span<const std::byte> stretch : stretches) {
    std::memcpy(to, stretch.data(), stretch.size());
    to += stretch.size();
  }
  *size = length;
  return status;
}

}  // namespace walrus
