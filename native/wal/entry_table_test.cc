#include "wal/entry_table.h"

#include <gtest/gtest.h>

#include "testing/test_instance.h"
#include "wal/byte_order.h"
#include "wal/crc32c.h"

namespace walrus {
namespace {

constexpr size_t kAttributesPosition = 21;
constexpr size_t kCrcPosition = 17;

class EntryTableTest : public testing::Test {
 protected:
  EntryTableTest() : instance_(SmallOptions(&disk_, FsyncMode::kNoFsync)) {}
  void SetUp() override { ASSERT_TRUE(instance_.Open().ok()); }

  // A batch with a byte changed and the checksum put right.
  static Bytes Changed(Bytes batch, size_t position, int change) {
    batch[position] =
        static_cast<std::byte>(static_cast<int>(batch[position]) + change);
    StoreBig(batch.data() + kCrcPosition,
             Crc32c(batch.data() + kAttributesPosition,
                    batch.size() - kAttributesPosition));
    return batch;
  }
  void Append(Bytes batch) {
    const iovec chunk{batch.data(), batch.size()};
    AppendResult result;
    const Status status =
        instance_.wal()->AppendSync(instance_.OpenLog(1), {&chunk, 1}, &result);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  // Values by offset, from the table and the bytes.
  std::vector<std::pair<uint64_t, std::string>> Listed(uint64_t from) {
    Bytes bytes;
    EXPECT_TRUE(instance_.Read(1, from, 1 << 20, &bytes).ok());
    table_.Build(bytes, from);
    std::vector<std::pair<uint64_t, std::string>> listed;
    const std::span<const double> numbers = table_.numbers();
    for (size_t i = 0; i < numbers.size(); i += EntryTable::kNumbersPerEntry) {
      const auto* value = reinterpret_cast<const char*>(bytes.data()) +
                          static_cast<size_t>(numbers[i + 2]);
      listed.emplace_back(
          static_cast<uint64_t>(numbers[i]),
          std::string(value, static_cast<size_t>(numbers[i + 3])));
    }
    return listed;
  }

  using Entries = std::vector<std::pair<uint64_t, std::string>>;
  FaultyFileSystem disk_;
  TestInstance instance_;
  EntryTable table_;
};

TEST_F(EntryTableTest, ListsTheEntriesOfSeveralBatchesFromAnOffsetOn) {
  ASSERT_TRUE(instance_.Append(1, {"a", "bb", ""}).ok());
  ASSERT_TRUE(instance_.Append(1, {"dddd"}).ok());
  EXPECT_EQ(Listed(0), (Entries{{0, "a"}, {1, "bb"}, {2, ""}, {3, "dddd"}}));
  EXPECT_EQ(table_.end_offset(), 4u);
  // A read may stop at the end of any batch.
  const Entries behind = Listed(1);
  ASSERT_GE(behind.size(), 2u);
  EXPECT_EQ(behind[0], (std::pair<uint64_t, std::string>(1, "bb")));
  EXPECT_EQ(behind[1], (std::pair<uint64_t, std::string>(2, "")));
  EXPECT_EQ(Listed(3), (Entries{{3, "dddd"}}));
  // Nothing of what was listed before is left.
  table_.Build({}, 4);
  EXPECT_TRUE(table_.numbers().empty());
  EXPECT_EQ(table_.end_offset(), 4u);
}

TEST_F(EntryTableTest, StopsBeforeACompressedBatch) {
  ASSERT_TRUE(instance_.Append(1, {"a"}).ok());
  // The low byte of the attributes: gzip.
  Append(Changed(MakeBatch({"zipped"}, 1), kAttributesPosition + 1, 1));
  ASSERT_TRUE(instance_.Append(1, {"c"}).ok());
  EXPECT_EQ(Listed(0), (Entries{{0, "a"}}));
  EXPECT_EQ(table_.end_offset(), 1u);
  EXPECT_EQ(Listed(1), Entries());
  EXPECT_EQ(table_.end_offset(), 1u);
  EXPECT_EQ(Listed(2), (Entries{{2, "c"}}));
}

TEST_F(EntryTableTest, PassesOverControlBatches) {
  ASSERT_TRUE(instance_.Append(1, {"a"}).ok());
  Append(Changed(MakeBatch({"commit"}, 1), kAttributesPosition + 1, 0x20));
  ASSERT_TRUE(instance_.Append(1, {"c"}).ok());
  EXPECT_EQ(Listed(0), (Entries{{0, "a"}, {2, "c"}}));
  EXPECT_EQ(table_.end_offset(), 3u);
}

TEST_F(EntryTableTest, StopsBeforeRecordsThatAreMalformed) {
  ASSERT_TRUE(instance_.Append(1, {"a"}).ok());
  // The first record's length: longer than it is.
  Append(Changed(MakeBatch({"xxxx", "y"}, 1), kBatchHeaderBytes, 4));
  EXPECT_EQ(Listed(0), (Entries{{0, "a"}}));
  EXPECT_EQ(table_.end_offset(), 1u);
}

}  // namespace
}  // namespace walrus
