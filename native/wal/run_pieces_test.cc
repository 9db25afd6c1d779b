// Long runs are read in pieces, whether their table was kept or built again.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "testing/test_instance.h"
#include "wal/run_table.h"

namespace walrus {
namespace {

struct Cut {
  uint32_t position = 0;
  uint32_t length = 0;
  uint64_t base_offset = 0;
  int64_t max_timestamp = 0;
  bool operator==(const Cut&) const = default;
};

struct Added {
  uint64_t bytes = 0;
  uint64_t records = 0;
  int64_t timestamp = 0;
};

std::vector<Cut> CutAll(const std::vector<Added>& batches) {
  RunCutter cutter(4096, 7);
  std::vector<RunEntry> pieces;
  for (const Added& batch : batches) {
    cutter.Add(batch.bytes, batch.records, batch.timestamp, &pieces);
  }
  pieces.push_back(cutter.piece());
  std::vector<Cut> cuts;
  for (const RunEntry& piece : pieces) {
    cuts.push_back(
        {piece.position, piece.length, piece.base_offset, piece.max_timestamp});
  }
  return cuts;
}

TEST(RunCutterTest, BatchesThatFitMakeOnePiece) {
  EXPECT_EQ(CutAll({{100, 2, 30}, {kRunPieceBytes - 100, 3, 20}}),
            (std::vector<Cut>{{4096, kRunPieceBytes, 7, 30}}));
}

TEST(RunCutterTest, TheBatchThatDoesNotFitBeginsTheNextPiece) {
  EXPECT_EQ(CutAll({{100, 2, 30}, {kRunPieceBytes - 99, 3, 20}, {100, 1, 40}}),
            (std::vector<Cut>{{4096, 100, 7, 30},
                              {4196, kRunPieceBytes - 99, 9, 20},
                              {4196 + kRunPieceBytes - 99, 100, 12, 40}}));
}

TEST(RunCutterTest, ABatchOverTheBoundIsAPieceOfItsOwn) {
  EXPECT_EQ(CutAll({{kRunPieceBytes + 1, 1, 5}, {10, 1, 6}}),
            (std::vector<Cut>{{4096, kRunPieceBytes + 1, 7, 5},
                              {4096 + kRunPieceBytes + 1, 10, 8, 6}}));
}

class RunPiecesTest : public testing::TestWithParam<Backend> {
 protected:
  static constexpr size_t kBatches = 120;
  static constexpr size_t kValueBytes = 9000;
  static constexpr size_t kAsked = 20 << 10;

  RunPiecesTest() : instance_(RunOptions()) {}

  Options RunOptions() {
    Options options = SmallOptions(&disk_, {FsyncMode::kNoFsync, GetParam()});
    options.block_bytes = 4 << 20;
    return options;
  }

  static Values ValueOf(size_t batch) {
    return {std::string(kValueBytes, static_cast<char>('a' + batch % 26))};
  }

  // One call of 120 batches, which is one run of 1 MB.
  void SetUp() override {
    ASSERT_TRUE(instance_.Open().ok());
    std::vector<Values> batches;
    for (size_t i = 0; i < kBatches; ++i) batches.push_back(ValueOf(i));
    ASSERT_TRUE(instance_.AppendCall(1, batches).ok());
  }

  // Reads it from `offset` in small steps and compares each; what the disk
  // was asked for.
  uint64_t ReadInSteps() {
    const uint64_t before = disk_.ReadBytes();
    uint64_t offset = 0;
    while (offset < kBatches) {
      Bytes bytes;
      const Status status = instance_.Read(1, offset, kAsked, &bytes);
      EXPECT_TRUE(status.ok()) << status.ToString();
      EXPECT_LE(bytes.size(), kAsked);
      Values values;
      uint64_t next = offset;
      EXPECT_TRUE(ValuesOf(bytes, &next, &values).ok());
      if (next == offset) break;
      for (const std::string& value : values) {
        EXPECT_EQ(Values{value}, ValueOf(offset++));
      }
    }
    EXPECT_EQ(offset, kBatches);
    return disk_.ReadBytes() - before;
  }

  FaultyFileSystem disk_;
  TestInstance instance_;
};

INSTANTIATE_TEST_SUITE_P(Backends, RunPiecesTest,
                         testing::ValuesIn(kAllBackends),
                         [](const auto& backend) {
                           return BackendText(backend.param);
                         });

TEST_P(RunPiecesTest, SmallReadsOfALongRunReadItFewTimes) {
  // Each step reads the piece it is in, which is a few steps long.
  EXPECT_LT(ReadInSteps(), 6 * kBatches * kValueBytes);
}

TEST_P(RunPiecesTest, ATableBuiltAfterOpeningHasThePiecesToo) {
  ASSERT_TRUE(instance_.Close().ok());
  ASSERT_TRUE(instance_.Open().ok());
  Bytes bytes;
  ASSERT_TRUE(instance_.Read(1, 0, 1, &bytes).ok());  // builds the table
  EXPECT_LT(ReadInSteps(), 6 * kBatches * kValueBytes);
}

TEST_P(RunPiecesTest, ATimestampIsFoundInTheRightPiece) {
  // MakeBatch() counts timestamps up from 1,000 within a batch.
  std::vector<Values> batches(kBatches, Values{std::string(kValueBytes, 'x')});
  batches[77] = {"0", "1", "2", "3", "4"};
  ASSERT_TRUE(instance_.AppendCall(2, batches).ok());
  std::optional<TimestampedOffset> found;
  ASSERT_TRUE(instance_.wal()
                  ->OffsetForTimestamp(instance_.OpenLog(2), 1003, &found)
                  .ok());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->offset, 80u);
}

}  // namespace
}  // namespace walrus
