// Failing disks: full ones heal, failed writes and syncs fence, and queues
// have bounds.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <future>
#include <thread>

#include "testing/test_instance.h"

namespace walrus {
namespace {

// Appends without waiting; keeps the bytes alive.
class AsyncAppends {
 public:
  explicit AsyncAppends(TestInstance* instance) : instance_(*instance) {}

  Status Append(uint8_t topic, const Values& values) {
    batches_.push_back(MakeBatch(values, 1000));
    observers_.emplace_back();
    const iovec chunk{batches_.back().data(), batches_.back().size()};
    const Status status = instance_.wal()->Append(
        instance_.OpenLog(topic), {&chunk, 1}, &observers_.back(), &result_);
    if (!status.ok()) observers_.pop_back();
    return status;
  }
  RecordingObserver& observer(size_t i) { return observers_[i]; }
  size_t size() const { return observers_.size(); }
  uint64_t base_offset() const { return result_.base_offset; }

 private:
  TestInstance& instance_;
  std::deque<Bytes> batches_;
  std::deque<RecordingObserver> observers_;
  AppendResult result_;
};

// Stops every call of one kind until it is let go.
class Gate {
 public:
  Gate(FaultyFileSystem* disk, FaultyCall kind)
      : disk_(*disk), state_(std::make_shared<State>()) {
    disk_.SetCallHook(
        [state = state_, kind](FaultyCall call, const std::string&) {
          if (call != kind) return;
          std::unique_lock lock(state->mutex);
          state->reached = true;
          state->changed.notify_all();
          state->changed.wait(lock, [&] { return state->open; });
        });
  }
  ~Gate() {
    {
      const std::lock_guard lock(state_->mutex);
      state_->open = true;
      state_->changed.notify_all();
    }
    disk_.SetCallHook(nullptr);
  }
  void WaitForOne() {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [this] { return state_->reached; });
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool reached = false;
    bool open = false;
  };

  FaultyFileSystem& disk_;
  std::shared_ptr<State> state_;
};

class FaultTest : public testing::TestWithParam<TestSetup> {
 protected:
  FaultTest() : instance_(SmallOptions(&disk_, GetParam())) {}
  void SetUp() override { ASSERT_TRUE(instance_.Open().ok()); }

  Values ReadAll(uint8_t topic) {
    Values values;
    const Status status = instance_.ReadAll(topic, 0, &values);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return values;
  }

  FaultyFileSystem disk_;
  TestInstance instance_;
};

INSTANTIATE_TEST_SUITE_P(Modes, FaultTest, testing::ValuesIn(kAllSetups),
                         [](const auto& mode) {
                           return SetupName(mode.param);
                         });

TEST_P(FaultTest, AFullDiskRefusesAndHealsByItself) {
  ASSERT_TRUE(instance_.Append(1, {"kept"}).ok());
  disk_.SetFreeBytes(0);
  // Until the space that is there already is used up, appends may go in.
  Values expected = {"kept"};
  Status status;
  for (int i = 0; i < 50 && status.ok(); ++i) {
    const std::string value(1000, 'a' + i % 26);
    status = instance_.Append(1, {value});
    if (status.ok()) expected.push_back(value);
  }
  ASSERT_EQ(status.code(), Code::kNoSpace) << status.ToString();
  EXPECT_EQ(instance_.Append(2, {"no"}).code(), Code::kNoSpace);
  EXPECT_EQ(ReadAll(1), expected);
  EXPECT_TRUE(ReadAll(2).empty());
  EXPECT_TRUE(instance_.wal()->Stats().fence.ok());

  // Power loss now brings nothing of the undone back.
  for (const CrashMode mode : kAllCrashModes) {
    const auto crashed = disk_.Crash(mode, 5);
    TestInstance after(SmallOptions(crashed.get(), GetParam()));
    ASSERT_TRUE(after.Open().ok());
    Values found;
    ASSERT_TRUE(after.ReadAll(1, 0, &found).ok());
    ASSERT_LE(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], expected[i]);
  }

  disk_.SetFreeBytes(std::nullopt);
  AppendResult result;
  ASSERT_TRUE(instance_.Append(1, {"healed"}, &result).ok());
  EXPECT_EQ(result.base_offset, expected.size());
  expected.push_back("healed");
  ASSERT_TRUE(instance_.Close().ok());
  ASSERT_TRUE(instance_.Open().ok());
  EXPECT_EQ(ReadAll(1), expected);
}

TEST_P(FaultTest, AWriteThatFindsNoSpaceIsUndoneWithItsWholeGroup) {
  ASSERT_TRUE(instance_.Append(1, {"kept"}).ok());
  for (const uint64_t bytes_before : {0u, 64u, 200u, 900u}) {
    Fault fault;
    fault.call = FaultyCall::kWrite;
    fault.error_number = ENOSPC;
    fault.bytes_before = bytes_before;
    disk_.Inject(fault);
    EXPECT_EQ(instance_.AppendCall(1, {{"un"}, {std::string(600, 'd')}}).code(),
              Code::kNoSpace);
    EXPECT_EQ(ReadAll(1), Values{"kept"});
    for (const CrashMode mode : kAllCrashModes) {
      const auto crashed = disk_.Crash(mode, bytes_before);
      TestInstance after(SmallOptions(crashed.get(), GetParam()));
      ASSERT_TRUE(after.Open().ok());
      Values found;
      ASSERT_TRUE(after.ReadAll(1, 0, &found).ok());
      EXPECT_LE(found.size(), 1u);
    }
  }
  EXPECT_EQ(instance_.Info(1).next_offset, 1u);
  ASSERT_TRUE(instance_.Append(1, {"next"}).ok());
  EXPECT_EQ(ReadAll(1), (Values{"kept", "next"}));
}

TEST_P(FaultTest, QueuedAppendsFailWithTheFullDiskAndOffsetsRollBack) {
  ASSERT_TRUE(instance_.Append(1, {"kept"}).ok());
  AsyncAppends appends(&instance_);
  {
    Gate gate(&disk_, FaultyCall::kWrite);
    ASSERT_TRUE(appends.Append(1, {"first"}).ok());
    gate.WaitForOne();
    ASSERT_TRUE(appends.Append(1, {"second"}).ok());
    ASSERT_TRUE(appends.Append(2, {"third"}).ok());
    Fault fault;
    fault.error_number = ENOSPC;
    disk_.Inject(fault);
  }
  for (size_t i = 0; i < appends.size(); ++i) {
    EXPECT_EQ(appends.observer(i).Wait().code(), Code::kNoSpace) << i;
    EXPECT_EQ(appends.observer(i).calls(), "f");
  }
  EXPECT_EQ(instance_.Info(1).next_offset, 1u);
  EXPECT_EQ(instance_.Info(2).next_offset, 0u);
  ASSERT_TRUE(appends.Append(1, {"again"}).ok());
  EXPECT_EQ(appends.base_offset(), 1u);
  EXPECT_TRUE(appends.observer(3).Wait().ok());
}

TEST_P(FaultTest, AFailedWriteFencesAppendsAndLeavesReads) {
  ASSERT_TRUE(instance_.Append(1, {"kept"}).ok());
  Fault fault;
  fault.call = FaultyCall::kWrite;
  fault.error_number = EIO;
  disk_.Inject(fault);
  EXPECT_EQ(instance_.Append(1, {"lost"}).code(), Code::kFenced);
  const uint64_t syncs = disk_.CallCount(FaultyCall::kSync);
  EXPECT_EQ(instance_.Append(1, {"later"}).code(), Code::kFenced);
  EXPECT_EQ(
      instance_.wal()->CommitCursorSync(instance_.OpenLog(1), "r", 1).code(),
      Code::kFenced);
  EXPECT_EQ(instance_.wal()->Stats().fence.code(), Code::kIo);
  EXPECT_EQ(ReadAll(1), Values{"kept"});
  EXPECT_FALSE(instance_.Close().ok());
  EXPECT_EQ(disk_.CallCount(FaultyCall::kSync), syncs);
  ASSERT_TRUE(instance_.Open().ok());
  EXPECT_FALSE(instance_.wal()->recovery_report().previous_close_was_clean);
  EXPECT_EQ(ReadAll(1)[0], "kept");
}

TEST(SyncFaultTest, AFailedSyncFencesWithoutASecondOne) {
  FaultyFileSystem disk;
  TestInstance instance(SmallOptions(&disk, FsyncMode::kSyncEach));
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
  AsyncAppends appends(&instance);
  {
    Gate gate(&disk, FaultyCall::kSync);
    ASSERT_TRUE(appends.Append(1, {"a"}).ok());
    gate.WaitForOne();
    ASSERT_TRUE(appends.Append(1, {"b"}).ok());
    ASSERT_TRUE(appends.Append(2, {"c"}).ok());
    Fault fault;
    fault.call = FaultyCall::kSync;
    disk.Inject(fault);
  }
  (void)appends.observer(0).Wait();
  const uint64_t syncs = disk.CallCount(FaultyCall::kSync);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(appends.observer(i).Wait().code(), Code::kFenced) << i;
    EXPECT_FALSE(appends.observer(i).synced());
  }
  EXPECT_EQ(appends.Append(1, {"d"}).code(), Code::kFenced);
  EXPECT_EQ(disk.CallCount(FaultyCall::kSync), syncs);
  const LogSnapshot info = instance.Info(1);
  EXPECT_EQ(info.synced_end, 1u);
  EXPECT_EQ(info.readable_end, 1u);
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok());
  EXPECT_EQ(found, Values{"kept"});
}

TEST(SyncFaultTest, AFailedTimedFlushFencesLaterAppends) {
  FaultyFileSystem disk;
  Options options = SmallOptions(&disk, FsyncMode::kMilliseconds);
  options.fsync_interval_ms = 5;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
  Fault fault;
  fault.call = FaultyCall::kSync;
  disk.Inject(fault);
  Status status;
  for (int i = 0; i < 2000 && status.ok(); ++i) {
    status = instance.Append(1, {"v"});
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(status.code(), Code::kFenced);
}

// The fence is set, and the next opening is not warned yet: whoever was refused
// meanwhile must not be followed by somebody who is not.
TEST(SyncFaultTest, NothingIsTakenWhileTheNextOpeningIsWarned) {
  FaultyFileSystem disk;
  Options options = SmallOptions(&disk, FsyncMode::kMilliseconds);
  options.fsync_interval_ms = 5;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
  std::promise<void> reached;
  std::promise<void> warned;
  std::atomic<bool> is_held{true};
  disk.SetCallHook([&](FaultyCall call, const std::string& path) {
    if (call != FaultyCall::kWrite || !path.ends_with("LOCK")) return;
    if (!is_held.exchange(false)) return;
    reached.set_value();
    warned.get_future().wait();
  });
  Fault fault;
  fault.call = FaultyCall::kSync;
  disk.Inject(fault);
  ASSERT_TRUE(instance.Append(1, {"unsynced"}).ok());
  reached.get_future().wait();
  EXPECT_EQ(instance.Append(1, {"late"}).code(), Code::kFenced);
  EXPECT_EQ(instance.Append(2, {"late"}).code(), Code::kFenced);
  warned.set_value();
  EXPECT_FALSE(instance.Close().ok());
  disk.SetCallHook(nullptr);
}

TEST(SyncFaultTest, ACutCallWhoseFirstRunsCannotBeSyncedFences) {
  for (const FsyncMode mode :
       {FsyncMode::kSyncEach, FsyncMode::kMilliseconds}) {
    FaultyFileSystem disk;
    TestInstance instance(SmallOptions(&disk, mode));
    ASSERT_TRUE(instance.Open().ok());
    ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
    Fault fault;
    fault.call = FaultyCall::kSync;
    fault.error_number = ENOSPC;
    disk.Inject(fault);
    const Status status = instance.AppendCall(
        1, {{std::string(2000, 'a')}, {std::string(2000, 'b')}});
    EXPECT_EQ(status.code(), Code::kFenced) << status.ToString();
    Values found;
    ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok());
    EXPECT_EQ(found, Values{"kept"});
  }
}

TEST(QueueTest, IsBusyAtTheBudgetAndTakesALargerCallAlone) {
  FaultyFileSystem disk;
  Options options = SmallOptions(&disk, FsyncMode::kNoFsync);
  options.queued_bytes_max = 1000;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  AsyncAppends appends(&instance);
  {
    Gate gate(&disk, FaultyCall::kWrite);
    const Values large = {std::string(3000, 'l')};
    ASSERT_TRUE(appends.Append(1, large).ok()) << "alone, whatever its size";
    EXPECT_EQ(appends.Append(1, {"more"}).code(), Code::kBusy);
    EXPECT_EQ(instance.Info(1).next_offset, 1u);
  }
  EXPECT_TRUE(appends.observer(0).Wait().ok());
  // The budget is given back just after the last report.
  Status status(Code::kBusy, "");
  while (status.code() == Code::kBusy) status = appends.Append(1, {"fits"});
  EXPECT_TRUE(status.ok());
  EXPECT_TRUE(appends.observer(1).Wait().ok());
}

TEST(SyncFaultTest, EveryNthFailingCallLeavesATypedAnswer) {
  // Each changing call of the script fails once: appends end with a type, what
  // was acknowledged is read, and the next opening finds it again.
  for (const int error_number : {EIO, ENOSPC}) {
    for (uint64_t nth = 1; nth < 60; ++nth) {
      FaultyFileSystem disk;
      TestInstance instance(SmallOptions(&disk, FsyncMode::kSyncEach));
      ASSERT_TRUE(instance.Open().ok());
      Fault fault;
      fault.call = FaultyCall::kAnyChange;
      fault.nth = nth;
      fault.error_number = error_number;
      disk.Inject(fault);
      Values kept;
      for (int i = 0; i < 8; ++i) {
        const std::string value(700, 'a' + i);
        const Status status = instance.Append(1, {value});
        if (status.ok()) kept.push_back(value);
        if (!status.ok()) {
          ASSERT_TRUE(status.code() == Code::kFenced ||
                      status.code() == Code::kNoSpace)
              << status.ToString();
        }
      }
      Values found;
      ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok()) << nth;
      ASSERT_EQ(found, kept) << nth;
      (void)instance.Close();
      disk.ClearFaults();
      ASSERT_TRUE(instance.Open().ok()) << nth;
      ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok()) << nth;
      ASSERT_GE(found.size(), kept.size()) << nth;
      found.resize(kept.size());
      ASSERT_EQ(found, kept) << nth;
    }
  }
}

}  // namespace
}  // namespace walrus
