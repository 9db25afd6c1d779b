// Small appends from several threads: side by side, beside groups, and through
// a disk that is full at times.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "testing/test_instance.h"

namespace walrus {
namespace {

constexpr uint8_t kThreads = 4;
constexpr uint8_t kShared = 9;
constexpr int kRounds = 300;

// What was acknowledged, by log and offset.
class Acknowledged {
 public:
  void Add(uint8_t topic, uint64_t offset, const std::string& value) {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(values_[topic].emplace(offset, value).second)
        << "offset " << offset << " of log " << int{topic} << " twice";
  }
  const std::map<uint64_t, std::string>& Of(uint8_t topic) {
    return values_[topic];
  }

 private:
  std::mutex mutex_;
  std::map<uint8_t, std::map<uint64_t, std::string>> values_;
};

class SmallAppendTest : public testing::TestWithParam<TestSetup> {
 protected:
  SmallAppendTest() : instance_(MakeOptions()) {}

  Options MakeOptions() {
    Options options = SmallOptions(&disk_, GetParam());
    options.block_bytes = 64 << 10;
    options.blocks_per_file = 16;
    options.reserve_bytes = 0;  // what is written finds the disk full
    return options;
  }

  void Append(uint8_t topic, const std::string& value) {
    AppendResult result;
    const Status status = instance_.Append(topic, {value}, &result);
    if (status.ok()) {
      acknowledged_.Add(topic, result.base_offset, value);
    } else {
      ++refused_;
      ASSERT_EQ(status.code(), Code::kNoSpace) << status.ToString();
    }
  }

  // By the queue, to the same logs.
  void AppendQueued(uint8_t topic, const std::string& value) {
    Bytes batch = MakeBatch({value}, 1);
    const iovec chunk{batch.data(), batch.size()};
    RecordingObserver observer;
    AppendResult result;
    ASSERT_TRUE(
        instance_.wal()
            ->Append(instance_.OpenLog(topic), {&chunk, 1}, &observer, &result)
            .ok());
    const Status status = observer.Wait();
    if (status.ok()) {
      acknowledged_.Add(topic, result.base_offset, value);
    } else {
      ASSERT_EQ(status.code(), Code::kNoSpace) << status.ToString();
    }
  }

  void RunThreads() {
    std::vector<std::thread> threads;
    for (uint8_t thread = 1; thread <= kThreads; ++thread) {
      threads.emplace_back([this, thread] {
        for (int i = 0; i < kRounds; ++i) {
          const std::string value =
              std::to_string(thread) + "/" + std::to_string(i);
          Append(thread, value + std::string(i % 700, 's'));
          if (i % 5 == 0) Append(kShared, value);
          if (i % 7 == 0) AppendQueued(1 + i % kThreads, value + "q");
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  void CheckAll() {
    for (const uint8_t topic : {1, 2, 3, 4, 9}) {
      Values found;
      ASSERT_TRUE(instance_.ReadAll(topic, 0, &found).ok());
      const auto& expected = acknowledged_.Of(topic);
      ASSERT_EQ(found.size(), expected.size()) << "log " << int{topic};
      for (const auto& [offset, value] : expected) {
        ASSERT_EQ(found[offset], value) << "log " << int{topic};
      }
    }
  }

  FaultyFileSystem disk_;
  TestInstance instance_;
  Acknowledged acknowledged_;
  std::atomic<int> refused_{0};
};

INSTANTIATE_TEST_SUITE_P(
    Setups, SmallAppendTest,
    testing::Values(TestSetup{FsyncMode::kNoFsync, Backend::kUring},
                    TestSetup{FsyncMode::kNoFsync, Backend::kMmap},
                    TestSetup{FsyncMode::kMilliseconds, Backend::kUring},
                    TestSetup{FsyncMode::kMilliseconds, Backend::kMmap}),
    [](const auto& setup) { return SetupName(setup.param); });

TEST_P(SmallAppendTest, ThreadsGoOnBesideEachOtherAndBesideGroups) {
  ASSERT_TRUE(instance_.Open().ok());
  RunThreads();
  EXPECT_EQ(refused_, 0);
  CheckAll();
  ASSERT_TRUE(instance_.Close().ok());
  ASSERT_TRUE(instance_.Open().ok());
  CheckAll();
}

TEST_P(SmallAppendTest, AFullDiskTakesBackWhatItRefusedAndNothingElse) {
  ASSERT_TRUE(instance_.Open().ok());
  std::atomic<bool> over{false};
  std::thread filler([this, &over] {
    while (!over) {
      disk_.SetFreeBytes(0);
      while (!over && refused_ % 8 != 7) std::this_thread::yield();
      disk_.SetFreeBytes(1 << 30);
      for (int i = 0; i < 50; ++i) std::this_thread::yield();
      ++refused_;
    }
    disk_.SetFreeBytes(1 << 30);
  });
  RunThreads();
  over = true;
  filler.join();
  EXPECT_GT(refused_, 8);
  CheckAll();
  Append(1, "afterwards");
  ASSERT_TRUE(instance_.Close().ok());
  ASSERT_TRUE(instance_.Open().ok());
  EXPECT_TRUE(instance_.wal()->recovery_report().cuts.empty());
  CheckAll();
}

}  // namespace
}  // namespace walrus
