// Several operations at once, cut at each completion and failing one by one:
// what a group of many logs may leave when its writes arrive in any order.
#include <gtest/gtest.h>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <utility>

#include "testing/test_instance.h"

namespace walrus {
namespace {

constexpr uint8_t kLogs = 6;

std::string Text(uint8_t log, int call) {
  return std::string(100 + 37 * log, static_cast<char>('a' + log)) +
         std::to_string(call);
}

// Appends to every log at once, so that their runs share one group.
class OneGroup {
 public:
  explicit OneGroup(TestInstance* instance) : instance_(*instance) {}

  void Append(int call) {
    for (uint8_t log = 0; log < kLogs; ++log) {
      batches_.push_back(MakeBatch({Text(log, call)}));
      observers_.emplace_back();
      const iovec chunk{batches_.back().data(), batches_.back().size()};
      AppendResult result;
      ASSERT_TRUE(instance_.wal()
                      ->Append(instance_.OpenLog(log), {&chunk, 1},
                               &observers_.back(), &result)
                      .ok());
    }
  }
  size_t Wait() {
    size_t failed = 0;
    for (RecordingObserver& observer : observers_) {
      failed += observer.Wait().ok() ? 0 : 1;
    }
    return failed;
  }

 private:
  TestInstance& instance_;
  std::deque<Bytes> batches_;
  std::deque<RecordingObserver> observers_;
};

// Holds the first data write back until everything is queued behind it, so
// that the rest makes one group.
class FirstWriteWaits {
 public:
  explicit FirstWriteWaits(FaultyFileSystem* disk) : disk_(*disk) {
    disk_.SetCallHook([this](FaultyCall call, const std::string& path) {
      if (call != FaultyCall::kWrite || path.find("/17") == std::string::npos) {
        return;
      }
      std::unique_lock lock(mutex_);
      if (std::exchange(seen_, true)) {
        if (on_write_) on_write_();
        return;
      }
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
    });
  }
  ~FirstWriteWaits() { disk_.SetCallHook(nullptr); }

  void WaitUntilHeld() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return seen_; });
  }
  void LetGo(std::function<void()> on_write) {
    const std::lock_guard lock(mutex_);
    on_write_ = std::move(on_write);
    open_ = true;
    changed_.notify_all();
  }

 private:
  FaultyFileSystem& disk_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> on_write_;
  bool seen_ = false;
  bool open_ = false;
};

// The logs that hold the record of the second call, after a crash.
std::set<uint8_t> Arrived(FaultyFileSystem* disk) {
  TestInstance instance(SmallOptions(disk, FsyncMode::kNoFsync));
  EXPECT_TRUE(instance.Open().ok());
  EXPECT_TRUE(instance.wal()->recovery_report().corruptions.empty());
  std::set<uint8_t> arrived;
  for (uint8_t log = 0; log < kLogs; ++log) {
    Values values;
    EXPECT_TRUE(instance.ReadAll(log, 0, &values).ok());
    if (values.size() == 2) arrived.insert(log);
    if (!values.empty()) {
      EXPECT_EQ(values[0], Text(log, 0));
    }
    if (values.size() > 1) {
      EXPECT_EQ(values[1], Text(log, 1));
    }
    EXPECT_LE(values.size(), 2u);
  }
  return arrived;
}

TEST(BackendCutTest, AGroupCutAtEachCompletionLeavesWholeCallsInAnyOrder) {
  std::set<std::set<uint8_t>> halves;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    FaultyFileSystem disk(seed);
    TestInstance instance(SmallOptions(&disk, FsyncMode::kNoFsync));
    ASSERT_TRUE(instance.Open().ok());
    for (uint8_t log = 0; log < kLogs; ++log) {
      ASSERT_TRUE(instance.Append(log, {Text(log, 0)}).ok());
    }
    std::vector<std::unique_ptr<FaultyFileSystem>> cuts;
    {
      FirstWriteWaits gate(&disk);
      OneGroup first(&instance);
      // A log of its own holds the commit role while the others queue up.
      Bytes batch = MakeBatch({"first"});
      RecordingObserver observer;
      const iovec chunk{batch.data(), batch.size()};
      AppendResult result;
      ASSERT_TRUE(
          instance.wal()
              ->Append(instance.OpenLog(kLogs), {&chunk, 1}, &observer, &result)
              .ok());
      gate.WaitUntilHeld();
      first.Append(1);
      gate.LetGo(
          [&] { cuts.push_back(disk.Crash(CrashMode::kKeepAll, seed)); });
      EXPECT_EQ(first.Wait(), 0u);
      EXPECT_TRUE(observer.Wait().ok());
    }
    // Before each of the six writes: 0 to 5 of them had arrived.
    ASSERT_EQ(cuts.size(), size_t{kLogs});
    for (size_t i = 0; i < cuts.size(); ++i) {
      const std::set<uint8_t> arrived = Arrived(cuts[i].get());
      EXPECT_EQ(arrived.size(), i);
      if (i == kLogs / 2) halves.insert(arrived);
    }
    ASSERT_TRUE(instance.Close().ok());
  }
  // They come in no order of their own.
  EXPECT_GT(halves.size(), 4u);
}

TEST(BackendCutTest, OneWriteOfAGroupWithoutSpaceUndoesAllOfThem) {
  for (uint64_t nth = 1; nth <= kLogs; ++nth) {
    SCOPED_TRACE("write " + std::to_string(nth));
    FaultyFileSystem disk(nth);
    TestInstance instance(SmallOptions(&disk, FsyncMode::kMilliseconds));
    ASSERT_TRUE(instance.Open().ok());
    for (uint8_t log = 0; log < kLogs; ++log) {
      ASSERT_TRUE(instance.Append(log, {Text(log, 0)}).ok());
    }
    {
      FirstWriteWaits gate(&disk);
      OneGroup group(&instance);
      Bytes batch = MakeBatch({"first"});
      RecordingObserver observer;
      const iovec chunk{batch.data(), batch.size()};
      AppendResult result;
      ASSERT_TRUE(
          instance.wal()
              ->Append(instance.OpenLog(kLogs), {&chunk, 1}, &observer, &result)
              .ok());
      gate.WaitUntilHeld();
      group.Append(1);
      Fault fault;
      fault.nth = nth + 1;  // the held one counts when it goes on
      fault.error_number = ENOSPC;
      fault.bytes_before = 50;
      fault.path_contains = "/17";
      disk.Inject(fault);
      gate.LetGo(nullptr);
      EXPECT_EQ(group.Wait(), size_t{kLogs});
      EXPECT_TRUE(observer.Wait().ok());
    }
    disk.ClearFaults();
    EXPECT_TRUE(Arrived(disk.Crash(CrashMode::kKeepAll, 1).get()).empty());
    for (uint8_t log = 0; log < kLogs; ++log) {
      ASSERT_TRUE(instance.Append(log, {Text(log, 1)}).ok());
    }
    ASSERT_TRUE(instance.Close().ok());
    EXPECT_EQ(Arrived(&disk).size(), size_t{kLogs});
  }
}

}  // namespace
}  // namespace walrus
