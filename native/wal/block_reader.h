// BlockReader: whole batches from the blocks of a log.
#ifndef WALRUS_WAL_BLOCK_READER_H_
#define WALRUS_WAL_BLOCK_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "wal/log.h"
#include "wal/run_table.h"
#include "wal/wal.h"

namespace walrus {

/// Reads, finds timestamps, and builds run tables when they are missing.
///
/// Place: Wal's read calls. It calls BlockScanner and File.
/// Threads: any number at once; it holds a log's mutex only to look at tables.
///
/// Invariant: what is returned was in a run table, so its CRC was checked when
/// it was written or when the table was built, and it lies below readable_end.
class BlockReader {
 public:
  explicit BlockReader(RunTableCache* tables) : tables_(*tables) {}

  /// See Wal::Read; with `now`, see Wal::ReadNow.
  Status Read(Log* log, uint64_t offset, size_t max_bytes, bool now,
              const BufferAllocator& allocate, size_t* size);

  /// See Wal::OffsetForTimestamp.
  Status FindTimestamp(Log* log, int64_t timestamp,
                       std::optional<TimestampedOffset>* found);

 private:
  struct Plan;

  Status MakePlan(Log* log, uint64_t offset, size_t max_bytes, Plan* plan);
  Status PlanRunsLocked(Log* log, uint64_t offset, size_t max_bytes,
                        uint64_t readable_end, Plan* plan);
  Status BuildTable(Log* log, const std::shared_ptr<Block>& block);
  static Status UseFile(Log* log, Block* block, bool now, FileUse* use);
  Status ReadWholeRuns(const Plan& plan, bool now,
                       const BufferAllocator& allocate, size_t* size);
  Status ReadBatches(const Plan& plan, uint64_t offset, size_t max_bytes,
                     bool now, const BufferAllocator& allocate, size_t* size);
  Status ReadBytes(const Plan& plan, uint64_t position,
                   std::span<const iovec> parts, bool now);
  Status FindInBlock(Log* log, const std::shared_ptr<Block>& block,
                     int64_t timestamp,
                     std::optional<TimestampedOffset>* found);
  Status FindInRun(Log* log, const std::shared_ptr<Block>& block,
                   const RunEntry& run, int64_t timestamp,
                   std::optional<TimestampedOffset>* found);

  RunTableCache& tables_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_BLOCK_READER_H_
