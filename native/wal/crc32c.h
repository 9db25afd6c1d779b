// CRC-32C (Castagnoli), the checksum of every structure on disk and of Kafka
// record batches.
#ifndef WALRUS_WAL_CRC32C_H_
#define WALRUS_WAL_CRC32C_H_

#include <cstddef>
#include <cstdint>

namespace walrus {

/// The CRC-32C of `data` appended to bytes whose CRC-32C is `crc`. Uses the
/// processor's instruction where there is one, else tables; the same result.
uint32_t ExtendCrc32c(uint32_t crc, const void* data, size_t length);

/// The CRC-32C of `data`.
inline uint32_t Crc32c(const void* data, size_t length) {
  return ExtendCrc32c(0, data, length);
}

/// The CRC-32C of A followed by B, from those of A and of B (`b_length` bytes).
/// Costs a few dozen multiplications whatever the lengths.
uint32_t CombineCrc32c(uint32_t a_crc, uint32_t b_crc, uint64_t b_length);

/// The CRC of bytes in which some were changed: `crc` is the CRC before,
/// `old_part_crc` and `new_part_crc` are those of the changed stretch before
/// and after (same length), and `bytes_after` follow it unchanged.
uint32_t ReplaceCrc32c(uint32_t crc, uint32_t old_part_crc,
                       uint32_t new_part_crc, uint64_t bytes_after);

/// The table-driven version, for tests and processors without the instruction.
uint32_t TEST_ExtendCrc32cPortable(uint32_t crc, const void* data,
                                   size_t length);

/// Whether what was computed is what is stored. A fuzzer's build takes every
/// checksum for the right one, to get behind them.
inline bool SameCrc(uint32_t computed, uint32_t stored) {
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  static_cast<void>(computed);
  static_cast<void>(stored);
  return true;
#else
  return computed == stored;
#endif
}

/// Whether ExtendCrc32c() uses the processor's instruction here.
bool Crc32cIsAccelerated();

}  // namespace walrus

#endif  // WALRUS_WAL_CRC32C_H_
