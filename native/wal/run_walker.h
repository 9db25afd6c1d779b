// RunWalker: the batches of a stretch of a block that is in memory.
#ifndef WALRUS_WAL_RUN_WALKER_H_
#define WALRUS_WAL_RUN_WALKER_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "wal/format.h"

namespace walrus {

/// A batch in memory, and the offsets it holds.
struct WalkedBatch {
  std::span<const std::byte> bytes;
  uint64_t base_offset = 0;
  uint64_t next_offset = 0;
};

/// Steps through the batches of one or more runs of a block, over the padding
/// and the frames between them, and over snapshots of producers.
///
/// Everything was verified before, when it came into a run table; where it is
/// not what it was then the walk ends. A frame is known by the block's tag,
/// which no payload can have.
class RunWalker {
 public:
  /// `bytes` begin with a batch and lie at `position` of the block.
  RunWalker(std::span<const std::byte> bytes, uint64_t position, const Tag& tag)
      : bytes_(bytes), position_(position), tag_(tag) {}

  /// The next batch; false at the end.
  bool Next(WalkedBatch* batch);

 private:
  void SkipFrames();

  const std::span<const std::byte> bytes_;
  const uint64_t position_;
  const Tag tag_;
  size_t at_ = 0;
};

}  // namespace walrus

#endif  // WALRUS_WAL_RUN_WALKER_H_
