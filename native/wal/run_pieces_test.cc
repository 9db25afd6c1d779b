// Long runs are read in pieces and short ones together, whether their table
// was kept or built again.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "testing/test_instance.h"
#include "wal/run_table.h"
#include "wal/run_walker.h"

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

RunEntry Entry(uint32_t position, uint32_t length, uint64_t base_offset,
               int64_t max_timestamp) {
  RunEntry entry;
  entry.position = position;
  entry.length = length;
  entry.base_offset = base_offset;
  entry.max_timestamp = max_timestamp;
  return entry;
}

TEST(RunTableTest, OlderShortRunsAreJoinedAndTheLastOnesAreNot) {
  RunTable table;
  constexpr uint64_t kRuns = 1000;
  for (uint64_t i = 0; i < kRuns; ++i) {
    table.Add(
        Entry(static_cast<uint32_t>(i * 1024), 900, i, i == 10 ? 5000 : 1000));
  }
  table.end_offset = kRuns;
  EXPECT_LT(table.runs.size(), kRuns / 40);
  EXPECT_EQ(table.runs.front().max_timestamp, 5000);
  for (size_t i = 0; i < table.runs.size(); ++i) {
    const RunEntry& entry = table.runs[i];
    EXPECT_LE(entry.length, kRunPieceBytes);
    EXPECT_EQ(entry.position, entry.base_offset * 1024);
    if (i + RunTable::kSingleRuns < table.runs.size()) continue;
    EXPECT_FALSE(entry.joined);
    EXPECT_EQ(entry.length, 900u);
  }
  for (uint64_t offset = 0; offset < kRuns; ++offset) {
    const RunEntry& found = table.runs[table.Find(offset)];
    EXPECT_LE(found.base_offset, offset);
    EXPECT_GE(found.position + found.length, offset * 1024 + 900);
  }
}

TEST(RunTableTest, PiecesOfALongRunAreNotJoined) {
  RunTable table;
  for (uint32_t i = 0; i < 20; ++i) {
    table.Add(Entry(i << 16, 60 << 10, i, 1000));
  }
  EXPECT_EQ(table.runs.size(), 20u);
}

TEST(RunTableTest, AChargeIsNeverNegative) {
  RunTable table;
  size_t charged = 0;
  for (uint32_t i = 0; i < 1000; ++i) {
    table.Add(Entry(i * 200, 100, i, 1000));
    charged += table.TakeUncharged();
  }
  EXPECT_GE(charged, table.bytes());
  EXPECT_LT(charged, table.bytes() + 1024);
}

// The values of the batches that a walk finds.
Values Walk(const Bytes& bytes, const Tag& tag) {
  RunWalker walker(bytes, kBlockHeaderAreaBytes, tag);
  Values values;
  WalkedBatch batch;
  while (walker.Next(&batch)) {
    uint64_t next = batch.base_offset;
    EXPECT_TRUE(
        ValuesOf(Bytes(batch.bytes.begin(), batch.bytes.end()), &next, &values)
            .ok());
    EXPECT_EQ(next, batch.next_offset);
  }
  return values;
}

// Two runs of two batches, each with its frame.
Bytes TwoRuns(const Tag& tag) {
  CommitFrame frame;
  frame.tag = tag;
  frame.run_position = kBlockHeaderAreaBytes;
  Bytes bytes = MakeRun({MakeBatch({"a"}), MakeBatch({"b", "c"})}, &frame);
  CommitFrame second;
  second.tag = tag;
  second.run_position = static_cast<uint32_t>(frame.EndPosition());
  second.base_offset = frame.next_offset;
  const Bytes more = MakeRun({MakeBatch({"d"}), MakeBatch({"e"})}, &second);
  bytes.insert(bytes.end(), more.begin(), more.end());
  return bytes;
}

TEST(RunWalkerTest, GoesOverPaddingAndFrames) {
  Tag tag{};
  tag.fill(7);
  EXPECT_EQ(Walk(TwoRuns(tag), tag), (Values{"a", "b", "c", "d", "e"}));
}

TEST(RunWalkerTest, AFrameWithAnotherTagIsNone) {
  Tag tag{};
  tag.fill(7);
  Tag other = tag;
  other[15] = 8;
  EXPECT_EQ(Walk(TwoRuns(tag), other), (Values{"a", "b", "c"}));
}

TEST(RunWalkerTest, EndsWhereTheBytesDo) {
  Tag tag{};
  const Bytes bytes = TwoRuns(tag);
  const Values all = Walk(bytes, tag);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const Values some = Walk(
        Bytes(bytes.begin(), bytes.begin() + static_cast<long>(size)), tag);
    ASSERT_LE(some.size(), all.size());
    EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
  }
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

// Many small runs one after another, some of several batches.
class ShortRunsTest : public testing::TestWithParam<TestSetup> {
 protected:
  static constexpr uint64_t kRecords = 600;

  ShortRunsTest() : instance_(ShortRunOptions()) {}

  Options ShortRunOptions() {
    Options options = SmallOptions(&disk_, GetParam());
    options.block_bytes = 256 << 10;
    return options;
  }

  static std::string ValueAt(uint64_t offset) {
    return std::to_string(offset) + std::string(offset * 37 % 700, 'v');
  }

  void SetUp() override {
    ASSERT_TRUE(instance_.Open().ok());
    uint64_t offset = 0;
    while (offset < kRecords) {
      std::vector<Values> batches;
      for (uint64_t i = 0; i <= offset % 3; ++i) {
        batches.push_back({ValueAt(offset)});
        ++offset;
      }
      ASSERT_TRUE(instance_.AppendCall(1, batches).ok());
    }
    end_offset_ = offset;
  }

  // Any offset can be asked for, and any number of bytes.
  void ExpectEveryRead() {
    for (uint64_t offset = 0; offset < end_offset_; ++offset) {
      const size_t max_bytes = offset * 7919 % 90'000;
      Bytes bytes;
      const Status status = instance_.Read(1, offset, max_bytes, &bytes);
      ASSERT_TRUE(status.ok()) << status.ToString();
      Values values;
      uint64_t next = offset;
      ASSERT_TRUE(ValuesOf(bytes, &next, &values).ok());
      ASSERT_FALSE(values.empty());
      EXPECT_TRUE(values.size() == 1 || bytes.size() <= max_bytes);
      for (size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(values[i], ValueAt(offset + i));
      }
    }
  }

  FaultyFileSystem disk_;
  TestInstance instance_;
  uint64_t end_offset_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Setups, ShortRunsTest, testing::ValuesIn(kAllSetups),
                         [](const auto& setup) {
                           return SetupName(setup.param);
                         });

TEST_P(ShortRunsTest, CanBeReadFromAnyOffset) { ExpectEveryRead(); }

TEST_P(ShortRunsTest, CanBeReadFromAnyOffsetAfterOpening) {
  ASSERT_TRUE(instance_.Close().ok());
  ASSERT_TRUE(instance_.Open().ok());
  ExpectEveryRead();
}

TEST_P(ShortRunsTest, AreReadWithoutTheDiskBeingAskedTwice) {
  const uint64_t before = disk_.ReadBytes();
  Values values;
  ASSERT_TRUE(instance_.ReadAll(1, 0, &values).ok());
  EXPECT_EQ(values.size(), end_offset_);
  size_t bytes = 0;
  for (const std::string& value : values) bytes += value.size() + 300;
  EXPECT_LT(disk_.ReadBytes() - before, 2 * bytes);
}

}  // namespace
}  // namespace walrus
