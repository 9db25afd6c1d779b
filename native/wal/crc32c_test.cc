#include "wal/crc32c.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string_view>
#include <vector>

namespace walrus {
namespace {

std::vector<std::byte> RandomBytes(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

TEST(Crc32cTest, KnownVectorsOfRfc3720Match) {
  std::array<uint8_t, 32> bytes{};
  EXPECT_EQ(Crc32c(bytes.data(), bytes.size()), 0x8a9136aau);
  bytes.fill(0xff);
  EXPECT_EQ(Crc32c(bytes.data(), bytes.size()), 0x62a8ab43u);
  for (uint8_t i = 0; i < 32; ++i) bytes[i] = i;
  EXPECT_EQ(Crc32c(bytes.data(), bytes.size()), 0x46dd794eu);
  constexpr std::string_view kDigits = "123456789";
  EXPECT_EQ(Crc32c(kDigits.data(), kDigits.size()), 0xe3069283u);
  EXPECT_EQ(Crc32c(nullptr, 0), 0u);
}

TEST(Crc32cTest, PortableVersionMatchesTheKnownVector) {
  constexpr std::string_view kDigits = "123456789";
  EXPECT_EQ(TEST_ExtendCrc32cPortable(0, kDigits.data(), kDigits.size()),
            0xe3069283u);
}

TEST(Crc32cTest, BothVersionsAgreeAtEveryAlignmentAndLength) {
  const auto bytes = RandomBytes(40'000, 7);
  for (size_t start = 0; start < 16; ++start) {
    for (size_t length = 0; length < 900; ++length) {
      ASSERT_EQ(Crc32c(bytes.data() + start, length),
                TEST_ExtendCrc32cPortable(0, bytes.data() + start, length))
          << start << " " << length;
    }
    for (size_t length : {767u, 768u, 769u, 12287u, 12288u, 12289u, 39'000u}) {
      ASSERT_EQ(Crc32c(bytes.data() + start, length),
                TEST_ExtendCrc32cPortable(0, bytes.data() + start, length))
          << start << " " << length;
    }
  }
}

TEST(Crc32cTest, ExtendingInAnyTwoPartsGivesTheWhole) {
  const auto bytes = RandomBytes(2'000, 8);
  const uint32_t whole = Crc32c(bytes.data(), bytes.size());
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    const uint32_t first = Crc32c(bytes.data(), cut);
    ASSERT_EQ(ExtendCrc32c(first, bytes.data() + cut, bytes.size() - cut),
              whole);
  }
}

TEST(Crc32cTest, CombiningTwoCrcsGivesTheWhole) {
  const auto bytes = RandomBytes(3'000, 9);
  const uint32_t whole = Crc32c(bytes.data(), bytes.size());
  for (size_t cut = 0; cut <= bytes.size(); cut += 37) {
    const size_t rest = bytes.size() - cut;
    ASSERT_EQ(CombineCrc32c(Crc32c(bytes.data(), cut),
                            Crc32c(bytes.data() + cut, rest), rest),
              whole);
  }
}

TEST(Crc32cTest, ReplacingAStretchGivesTheCrcOfTheChangedBytes) {
  auto bytes = RandomBytes(5'000, 10);
  const uint32_t before = Crc32c(bytes.data(), bytes.size());
  const uint32_t old_part = Crc32c(bytes.data() + 100, 40);
  for (size_t i = 100; i < 140; ++i) bytes[i] ^= std::byte{0x5a};
  const uint32_t new_part = Crc32c(bytes.data() + 100, 40);
  EXPECT_EQ(ReplaceCrc32c(before, old_part, new_part, bytes.size() - 140),
            Crc32c(bytes.data(), bytes.size()));
}

}  // namespace
}  // namespace walrus
