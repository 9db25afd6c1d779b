#include "wal/run_table.h"

#include <algorithm>

#include "wal/log.h"

namespace walrus {

void RunCutter::Add(uint64_t bytes, uint64_t record_count,
                    int64_t max_timestamp, std::vector<RunEntry>* pieces) {
  if (piece_.length > 0 && piece_.length + bytes > kRunPieceBytes) {
    pieces->push_back(piece_);
    piece_.position += piece_.length;
    piece_.length = 0;
    piece_.base_offset = next_offset_;
    piece_.max_timestamp = -1;
  }
  piece_.length += static_cast<uint32_t>(bytes);
  piece_.max_timestamp = std::max(piece_.max_timestamp, max_timestamp);
  next_offset_ += record_count;
}

void RunTable::Add(const RunEntry& entry) {
  runs.push_back(entry);
  if (runs.size() - joined_ >= 2 * kSingleRuns) JoinOlder();
}

void RunTable::JoinOlder() {
  const size_t end = runs.size() - kSingleRuns;
  size_t kept = joined_;
  for (size_t i = joined_; i < end; ++i) {
    const RunEntry& next = runs[i];
    const uint32_t next_end = next.position + next.length;
    RunEntry* const last = kept > 0 ? &runs[kept - 1] : nullptr;
    if (last == nullptr || next_end - last->position > kRunPieceBytes) {
      runs[kept++] = next;
      continue;
    }
    last->length = next_end - last->position;
    last->max_timestamp = std::max(last->max_timestamp, next.max_timestamp);
    last->joined = true;
  }
  runs.erase(runs.begin() + static_cast<ptrdiff_t>(kept),
             runs.begin() + static_cast<ptrdiff_t>(end));
  joined_ = kept;
}

size_t RunTable::Find(uint64_t offset) const {
  if (offset >= end_offset) return runs.size();
  const auto after = std::upper_bound(
      runs.begin(), runs.end(), offset,
      [](uint64_t o, const RunEntry& run) { return o < run.base_offset; });
  if (after == runs.begin()) return runs.size();
  return static_cast<size_t>(after - runs.begin()) - 1;
}

void RunTableCache::Touch(const std::shared_ptr<Block>& block) {
  const std::lock_guard lock(mutex_);
  if (block->cached) {
    recent_.splice(recent_.begin(), recent_, block->cache_place);
    return;
  }
  recent_.push_front(block);
  block->cache_place = recent_.begin();
  block->cached = true;
}

void RunTableCache::DropTable(Block* block) {
  size_t freed = 0;
  {
    const std::lock_guard lock(block->log->mutex);
    if (block->table != nullptr) freed = block->table->charged;
    block->table.reset();
  }
  bytes_.fetch_sub(freed);
}

void RunTableCache::Remove(const std::shared_ptr<Block>& block) {
  {
    const std::lock_guard lock(mutex_);
    if (block->cached) {
      recent_.erase(block->cache_place);
      block->cached = false;
    }
  }
  DropTable(block.get());
}

void RunTableCache::Evict() {
  while (over_budget()) {
    std::shared_ptr<Block> victim;
    {
      const std::lock_guard lock(mutex_);
      if (recent_.size() <= 1) return;
      victim = recent_.back();
      recent_.pop_back();
      victim->cached = false;
    }
    DropTable(victim.get());
  }
}

}  // namespace walrus
