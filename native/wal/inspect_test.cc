// Looking into a stopped instance: what is shown, what is found, what is left
// alone.
#include "wal/inspect.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/test_instance.h"

namespace walrus {
namespace {

struct Counts : InspectVisitor {
  void OnFile(const InspectedFile&) override { ++files; }
  void OnBlock(const InspectedBlock& block) override {
    ++blocks;
    deleted += block.deleted ? 1 : 0;
  }
  void OnRun(const InspectedBlock&, const InspectedRun& run) override {
    runs += run.frame.bare ? 0 : 1;
  }
  void OnBatch(const InspectedBlock&, const InspectedBatch& batch) override {
    ++batches;
    records += static_cast<uint64_t>(batch.header.record_count);
  }
  uint64_t files = 0, blocks = 0, deleted = 0, runs = 0, batches = 0;
  uint64_t records = 0;
};

class InspectTest : public testing::TestWithParam<TestSetup> {
 protected:
  void SetUp() override {
    TestInstance instance(SmallOptions(&disk_, GetParam()));
    ASSERT_TRUE(instance.Open().ok());
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(
          instance.AppendCall(1, {{"one", "two"}, {std::string(500, 'x')}})
              .ok());
    }
    ASSERT_TRUE(instance.Append(2, {std::string(9000, 'l')}).ok());
    ASSERT_TRUE(instance.Close().ok());
  }

  VerifyReport Verify() {
    VerifyReport report;
    const Status status = VerifyInstance({&disk_, "/wal"}, &report);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return report;
  }

  FaultyFileSystem disk_;
};

INSTANTIATE_TEST_SUITE_P(Modes, InspectTest, testing::ValuesIn(kAllSetups),
                         [](const auto& mode) {
                           return SetupName(mode.param);
                         });

TEST_P(InspectTest, ShowsEveryRecordOnce) {
  Counts counts;
  ASSERT_TRUE(InspectInstance({&disk_, "/wal"}, &counts).ok());
  EXPECT_EQ(counts.records, 61u);
  EXPECT_EQ(counts.batches, 41u);
  EXPECT_GE(counts.files, 2u);
  EXPECT_EQ(counts.deleted, 0u);
}

TEST_P(InspectTest, FindsNothingWrongWithAClosedInstanceAndChangesNothing) {
  std::vector<Bytes> before;
  for (const std::string& name : disk_.ListFiles()) {
    before.emplace_back();
    ASSERT_TRUE(disk_.ReadFile(name, &before.back()).ok());
  }
  const VerifyReport report = Verify();
  EXPECT_TRUE(report.problems.empty()) << report.problems[0].what;
  EXPECT_TRUE(report.previous_close_was_clean);
  EXPECT_EQ(report.records, 61u);
  size_t i = 0;
  for (const std::string& name : disk_.ListFiles()) {
    Bytes after;
    ASSERT_TRUE(disk_.ReadFile(name, &after).ok());
    EXPECT_EQ(after, before[i++]) << name;
  }
}

TEST_P(InspectTest, NamesLogAndOffsetOfAFlippedPayloadBit) {
  const std::string file = "/wal/1700000000000";
  Bytes bytes;
  ASSERT_TRUE(disk_.ReadFile(file, &bytes).ok());
  // The third call's long value.
  const Bytes value(500, std::byte{'x'});
  auto at = bytes.begin();
  for (int i = 0; i < 3; ++i) {
    at = std::search(at + 1, bytes.end(), value.begin(), value.end());
    ASSERT_NE(at, bytes.end());
  }
  const auto position = static_cast<uint64_t>(at - bytes.begin());
  ASSERT_TRUE(disk_.FlipBit(file, 8 * position).ok());
  const VerifyReport report = Verify();
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_TRUE(report.damaged());
  EXPECT_EQ(report.problems[0].log, TestLogId(1));
  EXPECT_EQ(report.problems[0].offset, 8u);
}

TEST_P(InspectTest, EveryFlippedBitInUseIsFound) {
  const std::string file = "/wal/1700000000000";
  Bytes bytes;
  ASSERT_TRUE(disk_.ReadFile(file, &bytes).ok());
  for (uint64_t bit = 0; bit < bytes.size() * 8; bit += 37) {
    if (bytes[bit / 8] == std::byte{0}) continue;
    // An older checkpoint is never looked at again.
    const uint64_t in_block = (bit / 8 - 4096) % 4096;
    if (bit / 8 >= 4096 && in_block >= 128 && in_block < 384) continue;
    // The first copy of the file's header stands for the second one.
    if (bit / 8 < 4096) continue;
    ASSERT_TRUE(disk_.FlipBit(file, bit).ok());
    EXPECT_FALSE(Verify().problems.empty()) << "bit " << bit;
    ASSERT_TRUE(disk_.FlipBit(file, bit).ok());
  }
}

TEST_P(InspectTest, ARunningInstanceIsRefused) {
  TestInstance running(SmallOptions(&disk_, GetParam()));
  ASSERT_TRUE(running.Open().ok());
  VerifyReport report;
  EXPECT_EQ(VerifyInstance({&disk_, "/wal"}, &report).code(), Code::kLocked);
  Counts counts;
  EXPECT_EQ(InspectInstance({&disk_, "/wal"}, &counts).code(), Code::kLocked);
  EXPECT_EQ(InspectInstance({&disk_, "/nowhere"}, &counts).code(),
            Code::kInvalidInput);
}

}  // namespace
}  // namespace walrus
