// Deletions and truncations crashed at every call that changes the disk: what
// was acknowledged as gone stays gone, what was kept is whole.
#include <gtest/gtest.h>

#include <algorithm>

#include "testing/test_instance.h"

namespace walrus {
namespace {

struct State {
  std::string name;
  CrashMode mode;
  int phase = 0;  // steps of the script that were acknowledged
  std::unique_ptr<FaultyFileSystem> disk;
};

constexpr int kOldRecords = 14;
constexpr uint64_t kNewStart = 9;

std::string Kept(uint64_t i) {
  return std::string(700, static_cast<char>('a' + i));
}

// Phase 1: both logs are full. 2: log 1 is truncated. 3: log 2 is deleted.
// 4: log 2 has a new record. 5: log 1 has one more.
std::vector<State> RunScript(const TestSetup& setup) {
  FaultyFileSystem disk;
  std::vector<State> states;
  std::mutex mutex;
  int phase = 0;
  TestInstance instance(SmallOptions(&disk, setup));
  EXPECT_TRUE(instance.Open().ok());
  for (uint64_t i = 0; i < kOldRecords; ++i) {
    EXPECT_TRUE(instance.Append(1, {Kept(i)}).ok());
    EXPECT_TRUE(instance.Append(2, {"old" + std::string(700, 'o')}).ok());
  }
  phase = 1;
  disk.SetCallHook([&](FaultyCall call, const std::string& path) {
    if (call == FaultyCall::kOpen || call == FaultyCall::kRead) return;
    const std::lock_guard lock(mutex);
    for (const CrashMode crash : kAllCrashModes) {
      states.push_back({SetupName(setup) + ", state " +
                            std::to_string(states.size()) + " at " + path,
                        crash, phase, disk.Crash(crash, states.size())});
    }
  });
  const auto done = [&](const Status& status) {
    EXPECT_TRUE(status.ok()) << status.ToString();
    const std::lock_guard lock(mutex);
    ++phase;
  };
  done(instance.wal()->Truncate(instance.OpenLog(1), kNewStart));
  done(instance.wal()->DeleteLog(instance.OpenLog(2)));
  done(instance.Append(2, {"new"}));
  done(instance.Append(1, {Kept(kOldRecords)}));
  EXPECT_TRUE(instance.Close().ok());
  disk.SetCallHook(nullptr);
  return states;
}

class WalDeleteCrashTest : public testing::TestWithParam<TestSetup> {
 protected:
  void CheckTruncated(TestInstance* instance, const State& state) {
    const LogSnapshot info = instance->Info(1);
    if (state.phase >= 2) {
      ASSERT_EQ(info.start_offset, kNewStart) << state.name;
    }
    ASSERT_TRUE(info.start_offset == 0 || info.start_offset == kNewStart);
    Values found;
    const Status read = instance->ReadAll(1, info.start_offset, &found);
    ASSERT_TRUE(read.ok()) << state.name << ": " << read.ToString();
    for (size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i], Kept(info.start_offset + i)) << state.name;
    }
    const bool kept =
        GetParam() == FsyncMode::kSyncEach || state.mode == CrashMode::kKeepAll;
    if (kept) {
      ASSERT_GE(info.start_offset + found.size(),
                uint64_t{kOldRecords} + (state.phase >= 5 ? 1 : 0))
          << state.name;
    }
  }

  void CheckDeleted(TestInstance* instance, const State& state) {
    Values found;
    const Status read = instance->ReadAll(2, 0, &found);
    ASSERT_TRUE(read.ok()) << state.name << ": " << read.ToString();
    const bool is_new = found == Values{"new"};
    const bool is_old =
        !found.empty() &&
        std::all_of(found.begin(), found.end(), [](const std::string& value) {
          return value.starts_with("old");
        });
    ASSERT_TRUE(found.empty() || is_new || is_old) << state.name;
    if (state.phase >= 3) {
      ASSERT_FALSE(is_old) << state.name;
    }
    if (state.phase >= 4 && state.mode == CrashMode::kKeepAll) {
      ASSERT_TRUE(is_new) << state.name;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Modes, WalDeleteCrashTest,
                         testing::ValuesIn(kAllSetups), [](const auto& mode) {
                           return SetupName(mode.param);
                         });

TEST_P(WalDeleteCrashTest, WhatIsGoneStaysGoneAndTheRestIsWhole) {
  std::vector<State> states = RunScript(GetParam());
  ASSERT_GT(states.size(), 60u);
  for (State& state : states) {
    TestInstance instance(SmallOptions(state.disk.get(), GetParam()));
    for (int round = 0; round < 2; ++round) {
      const Status opened = instance.Open();
      ASSERT_TRUE(opened.ok()) << state.name << ": " << opened.ToString();
      const RecoveryReport& report = instance.wal()->recovery_report();
      ASSERT_TRUE(report.corruptions.empty())
          << state.name << ": " << report.corruptions[0].what;
      CheckTruncated(&instance, state);
      CheckDeleted(&instance, state);
      if (HasFatalFailure()) return;
      ASSERT_TRUE(instance.Close().ok()) << state.name;
    }
  }
}

}  // namespace
}  // namespace walrus
