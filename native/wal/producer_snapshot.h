// ProducerSnapshot: a log's producers as a block has them
// (docs/wal-format.md, section 3.5).
#ifndef WALRUS_WAL_PRODUCER_SNAPSHOT_H_
#define WALRUS_WAL_PRODUCER_SNAPSHOT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "wal/format.h"
#include "wal/producer_table.h"

namespace walrus {

inline constexpr size_t kProducerSnapshotHeaderBytes = 56;
inline constexpr size_t kProducerBytes = 20;
inline constexpr size_t kProducerBatchBytes = 16;

/// Every producer that the log remembered when it ended at `end_offset`.
struct ProducerSnapshot {
  uint64_t block_id = 0;
  Tag tag{};  ///< the block's
  uint64_t end_offset = 0;
  std::vector<ProducerState> producers;  ///< newest append last

  bool operator==(const ProducerSnapshot&) const = default;
  size_t EncodedBytes() const;
  /// Writes EncodedBytes() and returns the crc, which its frame repeats.
  uint32_t EncodeTo(std::byte* out) const;
  /// What bytes that begin with a snapshot of the block with this tag say of
  /// its length; 0: they do not. Nothing else is judged.
  static size_t LengthOf(std::span<const std::byte> bytes, const Tag& tag);
  /// `bytes` are the whole snapshot. `*crc` (unless nullptr) is set on kOk.
  static Decoded Decode(std::span<const std::byte> bytes,
                        ProducerSnapshot* snapshot, uint32_t* crc = nullptr);

  /// What one producer takes at most.
  static constexpr size_t kProducerBytesMax =
      kProducerBytes + kRememberedBatches * kProducerBatchBytes;
  /// How many producers a block of this size has room to name.
  static constexpr size_t ProducersMax(uint64_t block_bytes) {
    return (block_bytes / 4 - kProducerSnapshotHeaderBytes - 4) /
           kProducerBytesMax;
  }
};

}  // namespace walrus

#endif  // WALRUS_WAL_PRODUCER_SNAPSHOT_H_
