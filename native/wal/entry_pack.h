// EntryPack: raw entries as the record batches of one append call.
#ifndef WALRUS_WAL_ENTRY_PACK_H_
#define WALRUS_WAL_ENTRY_PACK_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "wal/batch_records.h"
#include "wal/status.h"

namespace walrus {

/// Packs small entries into batches of up to 1 MiB, and half a block; an entry
/// over kBorrowedBytesMin becomes a batch of its own around the caller's bytes,
/// so that a call of gigabytes needs no second copy of them.
///
/// Life: borrowed entries must outlive it and stay as they are. parts() point
/// into this object, so it is neither copied nor moved.
class EntryPack {
 public:
  static constexpr uint64_t kPackedBatchBytesMax = 1ull << 20;
  static constexpr uint64_t kBorrowedBytesMin = 64ull << 10;

  EntryPack() = default;
  EntryPack(const EntryPack&) = delete;
  EntryPack& operator=(const EntryPack&) = delete;

  /// kInvalidInput: an entry is too large for a batch (2 GiB).
  /// REQUIRES: there is at least one entry, and it is called once.
  Status Build(std::span<const std::span<const std::byte>> entries,
               int64_t timestamp, uint64_t block_bytes);

  std::span<const iovec> parts() const { return parts_; }
  /// The batches as VerifyBatches() would list them.
  std::span<const CheckedBatch> checked() const { return checked_; }
  /// Whether the caller's bytes are among the parts.
  bool borrows() const { return !borrowed_.empty(); }

 private:
  Status Borrow(std::span<const std::byte> entry, int64_t timestamp);
  void Pack(std::span<const std::span<const std::byte>> entries,
            int64_t timestamp);
  void AddChecked(uint64_t bytes, size_t record_count, int64_t timestamp);

  std::vector<std::unique_ptr<std::byte[]>> packed_;
  std::vector<std::unique_ptr<EntryBatch>> borrowed_;
  std::vector<iovec> parts_;
  std::vector<CheckedBatch> checked_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_ENTRY_PACK_H_
