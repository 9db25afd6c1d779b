// Reclaim crashed at every call that changes the disk: a log starts below all
// of its readers' cursors, and everything from its start on is whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include "testing/test_instance.h"

namespace walrus {
namespace {

constexpr uint64_t kRecords = 30;

std::string Value(uint64_t i) {
  return std::to_string(i) + std::string(600, static_cast<char>('a' + i % 26));
}

struct State {
  std::string name;
  CrashMode mode;
  std::unique_ptr<FaultyFileSystem> disk;
};

// Two readers, the default one ahead of the other, move through the log while
// it grows; a third one comes, holds and goes.
std::vector<State> RunScript(FsyncMode mode) {
  FaultyFileSystem disk;
  std::vector<State> states;
  std::mutex mutex;
  TestInstance instance(SmallOptions(&disk, mode));
  EXPECT_TRUE(instance.Open().ok());
  for (uint64_t i = 0; i < kRecords; ++i) {
    EXPECT_TRUE(instance.Append(1, {Value(i)}).ok());
  }
  disk.SetCallHook([&](FaultyCall call, const std::string& path) {
    if (call == FaultyCall::kOpen || call == FaultyCall::kRead) return;
    const std::lock_guard lock(mutex);
    const size_t number = states.size();
    const CrashMode crash = kAllCrashModes[number % kAllCrashModes.size()];
    for (const CrashMode each : {crash, CrashMode::kLoseUnsynced}) {
      states.push_back(
          {ModeName(mode) + ", state " + std::to_string(number) + " at " + path,
           each, disk.Crash(each, number)});
    }
  });
  Wal* wal = instance.wal();
  Log* log = instance.OpenLog(1);
  const auto move = [&](const std::string& reader, uint64_t offset) {
    EXPECT_TRUE(wal->CommitCursorSync(log, reader, offset).ok());
  };
  move("slow", 3);
  move("pins", 10);
  for (uint64_t offset = 7; offset < kRecords; offset += 7) {
    move(kDefaultReader, offset);
    move("slow", offset - 2);
    EXPECT_TRUE(instance.Append(2, {"other"}).ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_TRUE(wal->DeleteCursorSync(log, "pins").ok());
  for (int i = 0; i < 2000 && instance.Info(1).start_offset < 24; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(instance.Info(1).start_offset, 24u);
  EXPECT_TRUE(instance.Close().ok());
  disk.SetCallHook(nullptr);
  return states;
}

class ReclaimCrashTest : public testing::TestWithParam<FsyncMode> {
 protected:
  void Check(TestInstance* instance, const std::string& name, bool is_kept) {
    const Log* log = instance->OpenLog(1);
    LogSnapshot info;
    Values found;
    Status read;
    // The reclaimer of this opening may move the start meanwhile.
    do {
      info = instance->Info(1);
      read = instance->ReadAll(1, info.start_offset, &found);
    } while (read.code() == Code::kOutOfRange &&
             instance->Info(1).start_offset > info.start_offset);
    const std::vector<ReaderCursor> readers = instance->wal()->ListCursors(log);
    uint64_t lowest = 0;
    for (const ReaderCursor& reader : readers) {
      lowest = lowest == 0 ? reader.offset : std::min(lowest, reader.offset);
    }
    // Nothing is gone that a reader has not passed, durably.
    ASSERT_LE(info.start_offset, lowest) << name;
    if (info.start_offset > 0) {
      ASSERT_TRUE(instance->wal()->Cursor(log, kDefaultReader)) << name;
    }
    ASSERT_TRUE(read.ok()) << name << ": " << read.ToString();
    for (size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i], Value(info.start_offset + i)) << name;
    }
    if (is_kept) {
      ASSERT_EQ(info.start_offset + found.size(), kRecords) << name;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Modes, ReclaimCrashTest, testing::ValuesIn(kAllModes),
                         [](const auto& mode) { return ModeName(mode.param); });

TEST_P(ReclaimCrashTest, NothingIsGoneThatAReaderHasNotDurablyPassed) {
  std::vector<State> states = RunScript(GetParam());
  ASSERT_GT(states.size(), 60u);
  for (State& state : states) {
    TestInstance instance(SmallOptions(state.disk.get(), GetParam()));
    const bool is_kept =
        GetParam() == FsyncMode::kSyncEach || state.mode == CrashMode::kKeepAll;
    for (int round = 0; round < 2; ++round) {
      const Status opened = instance.Open();
      ASSERT_TRUE(opened.ok()) << state.name << ": " << opened.ToString();
      const RecoveryReport& report = instance.wal()->recovery_report();
      ASSERT_TRUE(report.corruptions.empty())
          << state.name << ": " << report.corruptions[0].what;
      Check(&instance, state.name, is_kept);
      if (HasFatalFailure()) return;
      ASSERT_TRUE(instance.Close().ok()) << state.name;
    }
  }
}

}  // namespace
}  // namespace walrus
