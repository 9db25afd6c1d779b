// Blocks that are sealed because of their age, and what that lets go.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "testing/test_instance.h"

namespace walrus {
namespace {

bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 5000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

class SegmentAgeTest : public testing::TestWithParam<FsyncMode> {
 protected:
  Options Aging(uint64_t segment_ms) {
    Options options = SmallOptions(&disk_, GetParam());
    options.fsync_interval_ms = 5;
    options.segment_ms = segment_ms;
    return options;
  }

  FaultyFileSystem disk_;
};

INSTANTIATE_TEST_SUITE_P(Modes, SegmentAgeTest, testing::ValuesIn(kAllModes),
                         [](const auto& mode) { return ModeName(mode.param); });

TEST_P(SegmentAgeTest, ABlockIsLeftOnceItIsOldAndThenItCanGo) {
  TestInstance instance(Aging(60));
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"a", "b"}).ok());
  EXPECT_EQ(instance.Info(1).blocks, 1u);
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).blocks == 2; }));
  // An empty block does not age.
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  EXPECT_EQ(instance.Info(1).blocks, 2u);
  ASSERT_TRUE(instance.Append(1, {"c"}).ok());
  EXPECT_EQ(instance.Info(1).blocks, 2u);
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).blocks == 3; }));

  // Everything was read: nothing of it stays.
  ASSERT_TRUE(instance.wal()
                  ->CommitCursorSync(instance.OpenLog(1), kDefaultReader, 3)
                  .ok());
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).blocks == 1; }));
  EXPECT_EQ(instance.Info(1).start_offset, 3u);
  ASSERT_TRUE(instance.Append(1, {"d"}).ok());
  ASSERT_TRUE(instance.Close().ok());
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_TRUE(instance.wal()->recovery_report().cuts.empty());
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 3, &found).ok());
  EXPECT_EQ(found, Values{"d"});
}

TEST_P(SegmentAgeTest, WithoutAnAgeABlockStaysOpen) {
  TestInstance instance(Aging(0));
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"a"}).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  EXPECT_EQ(instance.Info(1).blocks, 1u);
}

TEST_P(SegmentAgeTest, AnOldBlockIsLeftAlsoWhileOtherLogsAreBusy) {
  TestInstance instance(Aging(20));
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"quiet"}).ok());
  ASSERT_TRUE(Eventually([&] {
    EXPECT_TRUE(instance.Append(2, {"busy"}).ok());
    return instance.Info(1).blocks == 2;
  }));
}

TEST_P(SegmentAgeTest, TheAgeOfABlockSurvivesAnOpening) {
  {
    TestInstance instance(Aging(0));
    ASSERT_TRUE(instance.Open().ok());
    ASSERT_TRUE(instance.Append(1, {"old"}).ok());
    ASSERT_TRUE(instance.Close().ok());
  }
  // Its records carry timestamps of 1970: an hour is over.
  TestInstance instance(Aging(3'600'000));
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).blocks == 2; }));
}

TEST_P(SegmentAgeTest, AKillAtAnyChangeOfItLosesNothing) {
  TestInstance instance(Aging(20));
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"a", "b"}).ok());
  std::mutex mutex;
  std::vector<std::unique_ptr<FaultyFileSystem>> states;
  disk_.SetCallHook([&](FaultyCall call, const std::string&) {
    if (call == FaultyCall::kOpen || call == FaultyCall::kRead) return;
    const std::lock_guard lock(mutex);
    states.push_back(disk_.Crash(CrashMode::kKeepAll, states.size()));
    if (GetParam() == FsyncMode::kSyncEach) {
      for (const CrashMode mode : kAllCrashModes) {
        states.push_back(disk_.Crash(mode, states.size()));
      }
    }
  });
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).blocks == 2; }));
  ASSERT_TRUE(instance.Append(1, {"c"}).ok());
  disk_.SetCallHook(nullptr);
  const std::lock_guard lock(mutex);
  ASSERT_GT(states.size(), 2u);
  for (const auto& state : states) {
    Options options = Aging(0);
    options.file_system = state.get();
    TestInstance after(options);
    ASSERT_TRUE(after.Open().ok());
    EXPECT_TRUE(after.wal()->recovery_report().corruptions.empty());
    Values found;
    ASSERT_TRUE(after.ReadAll(1, 0, &found).ok());
    ASSERT_GE(found.size(), 2u);
    EXPECT_EQ(found[1], "b");
  }
}

TEST_P(SegmentAgeTest, AFullDiskPutsItOffAndFencesNothing) {
  TestInstance instance(Aging(30));
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"a"}).ok());
  disk_.SetFreeBytes(0);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(instance.Info(1).blocks, 1u);
  EXPECT_TRUE(instance.wal()->Stats().fence.ok());
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok());
  EXPECT_EQ(found, Values{"a"});
  disk_.SetFreeBytes(std::nullopt);
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).blocks == 2; }));
  ASSERT_TRUE(instance.Append(1, {"b"}).ok());
}

}  // namespace
}  // namespace walrus
