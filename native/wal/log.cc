#include "wal/log.h"

#include <algorithm>
#include <limits>

namespace walrus {

namespace {

// Snapshots of producers take one byte in so many at most.
constexpr uint64_t kSnapshotShare = 8;

}  // namespace

bool LogTail::Fits(uint64_t length) const {
  if (block == nullptr) return false;
  // A block of several units holds one batch and nothing else.
  if (block->header.unit_count > 1 && data_position > kBlockHeaderAreaBytes) {
    return false;
  }
  const uint64_t end =
      position + AlignUp(length, kFrameAlignment) + kFrameBytes;
  return end <= block->RunsEnd();
}

bool LogTail::SnapshotDue() const {
  if (block == nullptr) return false;
  const uint64_t step = std::max(
      std::min(kCheckpointStepBytes, block->file->header().block_bytes / 4),
      kSnapshotShare * snapshot_bytes);
  return data_position >=
         std::max<uint64_t>(snapshot_position, kBlockHeaderAreaBytes) + step;
}

std::shared_ptr<Block> Log::FindBlockLocked(uint64_t offset) const {
  const auto after =
      std::upper_bound(blocks.begin(), blocks.end(), offset,
                       [](uint64_t o, const std::shared_ptr<Block>& block) {
                         return o < block->header.base_offset;
                       });
  if (after == blocks.begin()) return nullptr;
  const std::shared_ptr<Block>& block = *(after - 1);
  if (offset >= block->end_offset && !block->corrupt_offset) return nullptr;
  return block;
}

uint64_t Log::FreeBelowLocked(uint64_t consumed) const {
  uint64_t below = start_offset;
  for (size_t i = 1; i < blocks.size(); ++i) {
    const uint64_t base = blocks[i]->header.base_offset;
    if (base > consumed) break;
    below = std::max(below, base);
  }
  return below;
}

uint64_t Log::ExpiredBelowLocked(const RetentionLimits& limits,
                                 bool* open_expired) const {
  *open_expired = false;
  if (gone || corrupt_offset || blocks.empty()) return start_offset;
  size_t count = 0;
  if (limits.bytes_max != std::numeric_limits<uint64_t>::max()) {
    uint64_t left = 0;
    for (const std::shared_ptr<Block>& block : blocks) left += block->used;
    while (count < blocks.size() &&
           left - blocks[count]->used >= limits.bytes_max) {
      left -= blocks[count]->used;
      ++count;
    }
  }
  for (size_t i = count; i < blocks.size(); ++i) {
    const int64_t newest = blocks[i]->max_timestamp;
    // Nothing tells its age but what comes behind it.
    if (newest == kNoTimestamp) continue;
    if (newest >= limits.oldest_ms) break;
    count = i + 1;
  }
  const uint64_t readable_end = ReadableEndLocked();
  if (count == blocks.size()) {
    const Block& open = *blocks.back();
    *open_expired =
        open.used > kBlockHeaderAreaBytes && open.end_offset <= readable_end;
    --count;
  }
  while (count > 0 && blocks[count]->header.base_offset > readable_end) {
    --count;
  }
  const uint64_t below = count == 0 ? 0 : blocks[count]->header.base_offset;
  return std::max(
      {start_offset, below,
       FreeBelowLocked(std::min(limits.consumed_below, readable_end))});
}

std::vector<std::shared_ptr<Block>> Log::TakeFreeBlocksLocked() {
  std::vector<std::shared_ptr<Block>> free;
  size_t count = 0;
  while (count + 1 < blocks.size() &&
         blocks[count + 1]->header.base_offset <= start_offset) {
    blocks[count]->freed = true;
    free.push_back(blocks[count]);
    ++count;
  }
  blocks.erase(blocks.begin(), blocks.begin() + static_cast<long>(count));
  return free;
}

std::vector<std::shared_ptr<Block>> Log::TakeAllBlocksLocked() {
  for (const std::shared_ptr<Block>& block : blocks) block->freed = true;
  std::vector<std::shared_ptr<Block>> all;
  all.swap(blocks);
  all.insert(all.end(), unreachable.begin(), unreachable.end());
  unreachable.clear();
  return all;
}

}  // namespace walrus
