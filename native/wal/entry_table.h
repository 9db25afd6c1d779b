// EntryTable: where the entries in a piece of a log are, as plain numbers.
#ifndef WALRUS_WAL_ENTRY_TABLE_H_
#define WALRUS_WAL_ENTRY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "wal/batch_header.h"

namespace walrus {

/// The entries of uncompressed batches. Exact below 2^53, as every offset is;
/// kept as doubles because that is what JavaScript takes without a copy each.
class EntryTable {
 public:
  /// Offset, timestamp, and the value's position and length in the bytes.
  static constexpr size_t kNumbersPerEntry = 4;

  /// Lists the entries at and above `from` of the whole batches in `bytes`, up
  /// to the first batch that is compressed or malformed: end_offset() is its
  /// base offset then. Control batches have no entries. Replaces what was
  /// listed before.
  /// REQUIRES: `bytes` comes from Wal::Read(), at `from`.
  void Build(std::span<const std::byte> bytes, uint64_t from);

  std::span<const double> numbers() const { return numbers_; }
  /// Everything below it, from `from` on, is listed.
  uint64_t end_offset() const { return end_offset_; }

 private:
  bool AddBatch(std::span<const std::byte> batch, const BatchHeader& header,
                size_t batch_position, uint64_t from);

  std::vector<double> numbers_;
  uint64_t end_offset_ = 0;
};

}  // namespace walrus

#endif  // WALRUS_WAL_ENTRY_TABLE_H_
