#include "wal/entry_pack.h"

#include <gtest/gtest.h>

#include <string>

#include "testing/test_instance.h"

namespace walrus {
namespace {

constexpr uint64_t kBlockBytes = 10 << 20;

std::span<const std::byte> BytesOf(const std::string& text) {
  return std::as_bytes(std::span(text));
}

Values ValuesIn(const EntryPack& pack) {
  Bytes bytes;
  for (const iovec& part : pack.parts()) {
    const auto* from = static_cast<const std::byte*>(part.iov_base);
    bytes.insert(bytes.end(), from, from + part.iov_len);
  }
  std::vector<CheckedBatch> batches;
  const iovec whole{bytes.data(), bytes.size()};
  const Status status = VerifyBatches({&whole, 1}, 1ull << 31, &batches);
  EXPECT_TRUE(status.ok()) << status.ToString();
  StampBatches({&whole, 1}, batches, 0, 0);
  uint64_t next_offset = 0;
  Values values;
  EXPECT_TRUE(ValuesOf(bytes, &next_offset, &values).ok());
  return values;
}

TEST(EntryPackTest, HoldsEntriesOfEverySizeInOrder) {
  const std::vector<size_t> sizes = {0,     1,       700, 65536,   65537,
                                     20000, 1048576, 0,   3000000, 5};
  Values entries;
  std::vector<std::span<const std::byte>> spans;
  for (size_t size : sizes) {
    entries.emplace_back(size, static_cast<char>('a' + entries.size()));
  }
  for (const std::string& entry : entries) spans.push_back(BytesOf(entry));
  EntryPack pack;
  ASSERT_TRUE(pack.Build(spans, 1700000000000, kBlockBytes).ok());
  EXPECT_TRUE(pack.borrows());
  EXPECT_EQ(ValuesIn(pack), entries);
}

TEST(EntryPackTest, BorrowsOnlyLargeEntries) {
  const std::string small(EntryPack::kBorrowedBytesMin, 's');
  const std::string large(EntryPack::kBorrowedBytesMin + 1, 'l');
  const std::span<const std::byte> spans[] = {BytesOf(small), BytesOf(large)};
  EntryPack both;
  ASSERT_TRUE(both.Build(spans, 1, kBlockBytes).ok());
  EXPECT_TRUE(both.borrows());
  // A batch of one copied entry, and head, entry and tail of the other.
  ASSERT_EQ(both.parts().size(), 4u);
  EXPECT_EQ(both.parts()[2].iov_base, large.data());
  EntryPack copied;
  ASSERT_TRUE(copied.Build({spans, 1}, 1, kBlockBytes).ok());
  EXPECT_FALSE(copied.borrows());
}

TEST(EntryPackTest, CutsManySmallEntriesIntoBatchesOfAtMostOneMebibyte) {
  const std::string entry(1000, 'e');
  const std::vector<std::span<const std::byte>> spans(5000, BytesOf(entry));
  EntryPack pack;
  ASSERT_TRUE(pack.Build(spans, 1, kBlockBytes).ok());
  ASSERT_EQ(pack.parts().size(), 5u);
  for (const iovec& part : pack.parts()) {
    EXPECT_LE(part.iov_len, EntryPack::kPackedBatchBytesMax);
  }
  EXPECT_EQ(ValuesIn(pack), Values(5000, entry));
}

TEST(EntryPackTest, PacksNoMoreThanHalfABlockIntoABatch) {
  const std::string entry(1000, 'e');
  const std::vector<std::span<const std::byte>> spans(100, BytesOf(entry));
  EntryPack pack;
  ASSERT_TRUE(pack.Build(spans, 1, 16 << 10).ok());
  for (const iovec& part : pack.parts()) EXPECT_LE(part.iov_len, 8u << 10);
  EXPECT_EQ(ValuesIn(pack), Values(100, entry));
}

}  // namespace
}  // namespace walrus
