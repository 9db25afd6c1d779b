#include "wal/crc32c.h"

#include <array>
#include <cstring>

#include "wal/byte_order.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace walrus {
namespace {

// Polynomials over GF(2) modulo the Castagnoli one, bits reversed as in the
// CRC: bit 31 is the coefficient of x^0.
constexpr uint32_t kPolynomial = 0x82f63b78;
constexpr uint32_t kOne = 1u << 31;

constexpr uint32_t MultiplyModulo(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = kOne; bit != 0; bit >>= 1) {
    if (a & bit) product ^= b;
    b = (b & 1) ? (b >> 1) ^ kPolynomial : b >> 1;
  }
  return product;
}

// kSquares[n] = x^(2^n).
constexpr auto kSquares = [] {
  std::array<uint32_t, 64> squares{};
  squares[0] = kOne >> 1;
  for (size_t n = 1; n < squares.size(); ++n) {
    squares[n] = MultiplyModulo(squares[n - 1], squares[n - 1]);
  }
  return squares;
}();

// x^(8 * bytes): multiplying a CRC by it appends that many zero bytes.
constexpr uint32_t ZeroBytesFactor(uint64_t bytes) {
  uint32_t factor = kOne;
  for (size_t n = 3; bytes != 0 && n < kSquares.size(); bytes >>= 1, ++n) {
    if (bytes & 1) factor = MultiplyModulo(factor, kSquares[n]);
  }
  return factor;
}

using Table = std::array<std::array<uint32_t, 256>, 8>;

// kSlices[k][b]: the CRC state that byte b leaves after k more zero bytes.
constexpr Table kSlices = [] {
  Table slices{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t state = byte;
    for (int bit = 0; bit < 8; ++bit) {
      state = (state & 1) ? (state >> 1) ^ kPolynomial : state >> 1;
    }
    slices[0][byte] = state;
  }
  for (uint32_t byte = 0; byte < 256; ++byte) {
    for (size_t k = 1; k < 8; ++k) {
      const uint32_t previous = slices[k - 1][byte];
      slices[k][byte] = (previous >> 8) ^ slices[0][previous & 0xff];
    }
  }
  return slices;
}();

uint32_t UpdatePortable(uint32_t state, const std::byte* data, size_t length) {
  for (; length >= 8; data += 8, length -= 8) {
    const uint64_t word = LoadLittle<uint64_t>(data) ^ state;
    state = kSlices[7][word & 0xff] ^ kSlices[6][(word >> 8) & 0xff] ^
            kSlices[5][(word >> 16) & 0xff] ^ kSlices[4][(word >> 24) & 0xff] ^
            kSlices[3][(word >> 32) & 0xff] ^ kSlices[2][(word >> 40) & 0xff] ^
            kSlices[1][(word >> 48) & 0xff] ^ kSlices[0][word >> 56];
  }
  for (; length > 0; ++data, --length) {
    state = (state >> 8) ^
            kSlices[0][(state ^ static_cast<uint32_t>(*data)) & 0xff];
  }
  return state;
}

#if defined(__x86_64__) || defined(__ARM_FEATURE_CRC32)
#define WALRUS_CRC32C_INSTRUCTION 1

#if defined(__x86_64__)
#define WALRUS_CRC32C_TARGET __attribute__((target("sse4.2")))
WALRUS_CRC32C_TARGET inline uint32_t UpdateWord(uint32_t state, uint64_t word) {
  return static_cast<uint32_t>(_mm_crc32_u64(state, word));
}
WALRUS_CRC32C_TARGET inline uint32_t UpdateByte(uint32_t state, uint8_t byte) {
  return _mm_crc32_u8(state, byte);
}
bool HasInstruction() { return __builtin_cpu_supports("sse4.2") != 0; }
#else
#define WALRUS_CRC32C_TARGET
inline uint32_t UpdateWord(uint32_t state, uint64_t word) {
  return __crc32cd(state, word);
}
inline uint32_t UpdateByte(uint32_t state, uint8_t byte) {
  return __crc32cb(state, byte);
}
bool HasInstruction() { return true; }
#endif

// The instruction takes three cycles and one can start each cycle: three
// stretches side by side hide that. kZeros<n> appends n zero bytes to a state.
constexpr size_t kLongStretch = 4096;
constexpr size_t kShortStretch = 256;
constexpr size_t kTinyStretch = 64;

using ShiftTable = std::array<std::array<uint32_t, 256>, 4>;

constexpr ShiftTable MakeShiftTable(uint64_t bytes) {
  ShiftTable table{};
  const uint32_t factor = ZeroBytesFactor(bytes);
  for (uint32_t lane = 0; lane < 4; ++lane) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      table[lane][byte] = MultiplyModulo(factor, byte << (8 * lane));
    }
  }
  return table;
}
constexpr ShiftTable kLongShift = MakeShiftTable(kLongStretch);
constexpr ShiftTable kShortShift = MakeShiftTable(kShortStretch);
constexpr ShiftTable kTinyShift = MakeShiftTable(kTinyStretch);

inline uint32_t Shift(const ShiftTable& table, uint32_t state) {
  return table[0][state & 0xff] ^ table[1][(state >> 8) & 0xff] ^
         table[2][(state >> 16) & 0xff] ^ table[3][state >> 24];
}

WALRUS_CRC32C_TARGET uint32_t UpdateThreeStretches(uint32_t state,
                                                   const std::byte* data,
                                                   size_t stretch,
                                                   const ShiftTable& shift) {
  uint32_t second = 0;
  uint32_t third = 0;
  for (size_t i = 0; i < stretch; i += 8) {
    state = UpdateWord(state, LoadLittle<uint64_t>(data + i));
    second = UpdateWord(second, LoadLittle<uint64_t>(data + stretch + i));
    third = UpdateWord(third, LoadLittle<uint64_t>(data + 2 * stretch + i));
  }
  state = Shift(shift, state) ^ second;
  return Shift(shift, state) ^ third;
}

WALRUS_CRC32C_TARGET uint32_t UpdateAccelerated(uint32_t state,
                                                const std::byte* data,
                                                size_t length) {
  for (; length >= 3 * kLongStretch;
       data += 3 * kLongStretch, length -= 3 * kLongStretch) {
    state = UpdateThreeStretches(state, data, kLongStretch, kLongShift);
  }
  for (; length >= 3 * kShortStretch;
       data += 3 * kShortStretch, length -= 3 * kShortStretch) {
    state = UpdateThreeStretches(state, data, kShortStretch, kShortShift);
  }
  for (; length >= 3 * kTinyStretch;
       data += 3 * kTinyStretch, length -= 3 * kTinyStretch) {
    state = UpdateThreeStretches(state, data, kTinyStretch, kTinyShift);
  }
  for (; length >= 8; data += 8, length -= 8) {
    state = UpdateWord(state, LoadLittle<uint64_t>(data));
  }
  for (; length > 0; ++data, --length) {
    state = UpdateByte(state, static_cast<uint8_t>(*data));
  }
  return state;
}
#endif

using UpdateFunction = uint32_t (*)(uint32_t, const std::byte*, size_t);

UpdateFunction ChooseUpdate() {
#if defined(WALRUS_CRC32C_INSTRUCTION)
  if (HasInstruction()) return UpdateAccelerated;
#endif
  return UpdatePortable;
}

UpdateFunction ChosenUpdate() {
  static const UpdateFunction chosen = ChooseUpdate();
  return chosen;
}

}  // namespace

uint32_t ExtendCrc32c(uint32_t crc, const void* data, size_t length) {
  return ~ChosenUpdate()(~crc, static_cast<const std::byte*>(data), length);
}

uint32_t CombineCrc32c(uint32_t a_crc, uint32_t b_crc, uint64_t b_length) {
  return MultiplyModulo(ZeroBytesFactor(b_length), a_crc) ^ b_crc;
}

uint32_t ReplaceCrc32c(uint32_t crc, uint32_t old_part_crc,
                       uint32_t new_part_crc, uint64_t bytes_after) {
  const uint32_t difference = old_part_crc ^ new_part_crc;
  return crc ^ MultiplyModulo(ZeroBytesFactor(bytes_after), difference);
}

uint32_t TEST_ExtendCrc32cPortable(uint32_t crc, const void* data,
                                   size_t length) {
  return ~UpdatePortable(~crc, static_cast<const std::byte*>(data), length);
}

bool Crc32cIsAccelerated() { return ChosenUpdate() != UpdatePortable; }

}  // namespace walrus
