// What the power-loss simulator found, each as small as it can be.
#include <gtest/gtest.h>

#include <algorithm>

#include "testing/test_instance.h"
#include "wal/format.h"
#include "wal/inspect.h"

namespace walrus {
namespace {

// The data files of the only instance, oldest first.
std::vector<std::string> DataFiles(const FaultyFileSystem& disk) {
  std::vector<std::string> files;
  for (const std::string& path : disk.ListFiles()) {
    if (path.find("/17") != std::string::npos) files.push_back(path);
  }
  return files;
}

class CrashRegressionTest : public testing::TestWithParam<FsyncMode> {
 protected:
  FaultyFileSystem disk_;
};

INSTANTIATE_TEST_SUITE_P(Modes, CrashRegressionTest,
                         testing::ValuesIn(kAllModes),
                         [](const auto& mode) { return ModeName(mode.param); });

TEST_P(CrashRegressionTest, ACleanCloseSurvivesAPowerCut) {
  // The record of the clean close was written and not synced.
  TestInstance instance(SmallOptions(&disk_, GetParam()));
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
  ASSERT_TRUE(instance.Close().ok());
  EXPECT_FALSE(disk_.HasUnsynced());
  const auto crashed = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  TestInstance after(SmallOptions(crashed.get(), GetParam()));
  ASSERT_TRUE(after.Open().ok());
  EXPECT_TRUE(after.wal()->recovery_report().previous_close_was_clean);
  EXPECT_FALSE(after.wal()->recovery_report().leader_epoch_bumped);
}

TEST_P(CrashRegressionTest, TheEpochGoesUpWhenAllThatReadersSawIsGone) {
  // It stayed when not one log was left.
  TestInstance instance(SmallOptions(&disk_, GetParam()));
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"read"}).ok());
  const auto crashed = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  TestInstance after(SmallOptions(crashed.get(), GetParam()));
  ASSERT_TRUE(after.Open().ok());
  Values found;
  ASSERT_TRUE(after.ReadAll(1, 0, &found).ok());
  const bool keeps = GetParam() == FsyncMode::kSyncEach;
  EXPECT_EQ(found.size(), keeps ? 1u : 0u);
  EXPECT_EQ(after.Info(1).leader_epoch, keeps ? 0u : 1u);
}

TEST_P(CrashRegressionTest, ATornCopyOfABlockHeaderIsMade) {
  // A power cut left one copy of two, and so it stayed.
  TestInstance instance(SmallOptions(&disk_, GetParam()));
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
  ASSERT_TRUE(instance.Close().ok());
  const std::string file = DataFiles(disk_).back();
  for (const size_t copy : {size_t{0}, kBlockHeaderCopyPosition}) {
    ASSERT_TRUE(
        disk_.FlipBit(file, (kFileHeaderAreaBytes + copy + 20) * 8).ok());
    ASSERT_TRUE(instance.Open().ok());
    Values found;
    ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok());
    EXPECT_EQ(found, Values{"kept"});
    ASSERT_TRUE(instance.Close().ok());
    VerifyReport report;
    InspectOptions options;
    options.file_system = &disk_;
    options.directory = "/wal";
    ASSERT_TRUE(VerifyInstance(options, &report).ok());
    EXPECT_TRUE(report.problems.empty());
  }
}

TEST_P(CrashRegressionTest, DeadBlocksAreFreedOnce) {
  // A deleted log that recovery met twice (by a block and by a damaged unit)
  // had its blocks freed twice; their file then counted one block too few and
  // was removed under another log.
  TestInstance instance(SmallOptions(&disk_, GetParam()));
  ASSERT_TRUE(instance.Open().ok());
  const std::string large(3000, 'x');
  ASSERT_TRUE(instance.Append(1, {large}).ok());
  ASSERT_TRUE(instance.Append(2, {large}).ok());
  ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
  // A second file, so that the first is not kept for being the newest.
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(instance.Append(3, {large}).ok());
  ASSERT_TRUE(instance.Append(4, {large}).ok());
  Fault no_punching;
  no_punching.call = FaultyCall::kPunchHole;
  no_punching.forever = true;
  no_punching.lies = true;
  disk_.Inject(no_punching);
  ASSERT_TRUE(instance.wal()->DeleteLog(instance.OpenLog(3)).ok());
  ASSERT_TRUE(instance.Close().ok());
  disk_.ClearFaults();
  ASSERT_GE(DataFiles(disk_).size(), 2u);
  // Of the deleted log's blocks one has lost both copies of its header.
  const std::string second = DataFiles(disk_)[1];
  for (const size_t copy : {size_t{0}, kBlockHeaderCopyPosition}) {
    ASSERT_TRUE(
        disk_.FlipBit(second, (kFileHeaderAreaBytes + copy + 20) * 8).ok());
  }
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(instance.Open().ok());
    Values found;
    ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok());
    EXPECT_EQ(found, (Values{large, "kept"}));
    ASSERT_TRUE(instance.ReadAll(2, 0, &found).ok());
    EXPECT_EQ(found, Values{large});
    ASSERT_TRUE(instance.ReadAll(4, 0, &found).ok());
    EXPECT_EQ(found, Values{large});
    ASSERT_TRUE(instance.Close().ok());
  }
}

}  // namespace
}  // namespace walrus
