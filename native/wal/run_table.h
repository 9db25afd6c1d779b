// RunTable: where the runs of one block lie. RunTableCache: which blocks keep
// their table in memory.
#ifndef WALRUS_WAL_RUN_TABLE_H_
#define WALRUS_WAL_RUN_TABLE_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace walrus {

struct Block;

/// A run, a piece of a long one, or several short ones: whole batches in
/// `length` bytes at `position`.
struct RunEntry {
  uint32_t position = 0;  ///< from the start of the block
  uint32_t length = 0;    ///< to the end of the last batch
  uint64_t base_offset = 0;
  int64_t max_timestamp = -1;
  bool joined = false;  ///< padding and frames lie between its batches
};

/// A long run is entered in pieces of whole batches of about this size, and
/// short ones are joined up to it: who wants little need not read much, and a
/// table takes little.
inline constexpr uint64_t kRunPieceBytes = 64 << 10;

/// Cuts one run into pieces. A piece of more than kRunPieceBytes is one batch.
class RunCutter {
 public:
  /// `position` is that of the run in its block.
  RunCutter(uint32_t position, uint64_t base_offset) {
    piece_.position = position;
    piece_.base_offset = next_offset_ = base_offset;
  }

  /// Adds the batch that comes next. A piece that it does not fit into is
  /// complete, and appended to `*pieces`.
  void Add(uint64_t bytes, uint64_t record_count, int64_t max_timestamp,
           std::vector<RunEntry>* pieces);
  /// The piece that is not complete yet; no length before the first Add().
  const RunEntry& piece() const { return piece_; }

 private:
  RunEntry piece_;
  uint64_t next_offset_ = 0;
};

/// A batch whose bytes do not match its CRC, inside a run that is otherwise
/// whole. Offsets from `offset` up to `run_end` cannot be read.
struct DamagedRun {
  uint64_t offset = 0;
  uint64_t run_end = 0;
};

/// The runs of one block from its first one on, in offset order.
///
/// Life: grown by the commit role while the block is written, or built by
/// BlockScanner, which verifies every byte it covers. So a run that is in a
/// table needs no CRC check when it is read.
/// Threads: guarded by the mutex of the block's log.
struct RunTable {
  /// So many of the last entries are not joined yet: who follows the tail reads
  /// what is new and nothing else.
  static constexpr size_t kSingleRuns = 4;

  std::vector<RunEntry> runs;
  std::vector<DamagedRun> damaged;
  uint64_t covered_position = 0;  ///< just past the last frame in the table
  uint64_t end_offset = 0;        ///< offset after the last run
  uint32_t frame_crc = 0;         ///< of the last frame in the table
  /// Why the block could not be followed further; empty if it could.
  std::string broken;

  /// Of bytes(), what RunTableCache was told.
  size_t charged = 0;

  size_t bytes() const { return runs.size() * sizeof(RunEntry) + 64; }
  size_t uncharged() const { return std::max(bytes(), charged) - charged; }
  /// What is to be charged now.
  size_t TakeUncharged() {
    const size_t grown = uncharged();
    charged += grown;
    return grown;
  }
  /// Enters what follows the last entry.
  void Add(const RunEntry& entry);
  /// The entry that holds `offset`; runs.size() if none does.
  size_t Find(uint64_t offset) const;

 private:
  void JoinOlder();

  size_t joined_ = 0;  // entries before this one were looked at
};

/// Keeps the tables in memory within a byte bound, the least recently used
/// ones going first. A dropped table is built again by the next read.
///
/// Threads: any. Lock order: never call with a log's mutex held; Evict() takes
/// the mutex of each victim's log while it holds no other.
class RunTableCache {
 public:
  explicit RunTableCache(size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Makes the block the most recently used one, adding it if it is new.
  void Touch(const std::shared_ptr<Block>& block);
  /// Forgets the block and drops its table.
  void Remove(const std::shared_ptr<Block>& block);
  /// Notes that a table grew.
  void Charge(size_t bytes) { bytes_.fetch_add(bytes); }
  bool over_budget() const { return bytes_.load() > bytes_max_; }
  /// Drops tables until the bound holds; the most recent one always stays.
  void Evict();

  size_t bytes() const { return bytes_.load(); }

 private:
  void DropTable(Block* block);

  const size_t bytes_max_;
  std::atomic<size_t> bytes_{0};
  std::mutex mutex_;
  std::list<std::shared_ptr<Block>> recent_;  // front: most recently used
};

}  // namespace walrus

#endif  // WALRUS_WAL_RUN_TABLE_H_
