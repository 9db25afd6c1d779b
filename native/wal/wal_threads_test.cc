// Everything at once from many threads; made for ThreadSanitizer.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <filesystem>
#include <thread>

#include "testing/test_instance.h"

namespace walrus {
namespace {

class WalThreadsTest : public testing::TestWithParam<TestSetup> {
 protected:
  void SetUp() override {
    directory_ = OwnTempPath("threads-" + SetupName(GetParam()));
    std::filesystem::remove_all(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
};

INSTANTIATE_TEST_SUITE_P(Modes, WalThreadsTest, testing::ValuesIn(kAllSetups),
                         [](const auto& mode) {
                           return SetupName(mode.param);
                         });

constexpr int kCalls = 150;

void AppendOneByOne(TestInstance* instance, uint8_t log) {
  for (int i = 0; i < kCalls; ++i) {
    const Status status =
        instance->Append(log, {std::string(20 + i * 7 % 900, 'v')});
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
}

void AppendInFlight(TestInstance* instance, uint8_t log) {
  std::deque<RecordingObserver> observers(kCalls);
  std::deque<Bytes> batches;
  for (int i = 0; i < kCalls; ++i) {
    batches.push_back(MakeBatch({std::string(100, 'a')}, 1));
    const iovec chunk{batches.back().data(), batches.back().size()};
    AppendResult result;
    ASSERT_TRUE(instance->wal()
                    ->Append(instance->OpenLog(log), {&chunk, 1}, &observers[i],
                             &result)
                    .ok());
  }
  for (RecordingObserver& observer : observers) {
    EXPECT_TRUE(observer.Wait().ok());
  }
}

void ComeAndGo(TestInstance* instance, uint8_t log) {
  for (int i = 0; i < 10; ++i) {
    for (int j = 0; j < 5; ++j) {
      ASSERT_TRUE(instance->Append(log, {std::string(3000, 'd')}).ok());
    }
    ASSERT_TRUE(instance->wal()->DeleteLog(instance->OpenLog(log)).ok());
  }
}

void ReadBehind(TestInstance* instance, const std::atomic<bool>* stop) {
  uint64_t offset = 0;
  while (!*stop) {
    Bytes bytes;
    const Status status = instance->Read(1, offset, 4000, &bytes);
    if (status.code() == Code::kOutOfRange) {
      offset = instance->Info(1).start_offset;
      continue;
    }
    ASSERT_TRUE(status.ok()) << status.ToString();
    Values values;
    ASSERT_TRUE(ValuesOf(bytes, &offset, &values).ok());
  }
}

void MoveCursorAndStart(TestInstance* instance, const std::atomic<bool>* stop) {
  while (!*stop) {
    const LogSnapshot info = instance->Info(1);
    ASSERT_LE(info.readable_end, info.next_offset);
    Wal* wal = instance->wal();
    Log* log = instance->OpenLog(1);
    ASSERT_TRUE(wal->CommitCursorSync(log, "r", info.readable_end).ok());
    (void)wal->Truncate(log, info.readable_end / 2);
    (void)wal->Stats();
    (void)wal->ListLogs();
    std::optional<TimestampedOffset> found;
    (void)wal->OffsetForTimestamp(instance->OpenLog(2), 1, &found);
  }
}

TEST_P(WalThreadsTest, AppendsReadsCursorsAndDeletionsAtOnce) {
  Options options = SmallOptions(nullptr, GetParam());
  options.directory = directory_;
  options.block_bytes = 16 << 10;
  options.fsync_interval_ms = 2;
  options.run_table_bytes_max = 2000;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (uint8_t t = 0; t < 4; ++t) {
    writers.emplace_back(AppendOneByOne, &instance, 1 + t % 2);
  }
  writers.emplace_back(AppendInFlight, &instance, 3);
  writers.emplace_back(ComeAndGo, &instance, 4);
  std::thread reader(ReadBehind, &instance, &stop);
  std::thread mover(MoveCursorAndStart, &instance, &stop);
  for (std::thread& thread : writers) thread.join();
  stop = true;
  reader.join();
  mover.join();

  EXPECT_EQ(instance.Info(1).next_offset, 2u * kCalls);
  ASSERT_TRUE(instance.Close().ok());
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_TRUE(instance.wal()->recovery_report().corruptions.empty());
  Values values;
  ASSERT_TRUE(instance.ReadAll(2, 0, &values).ok());
  EXPECT_EQ(values.size(), 2u * kCalls);
  ASSERT_TRUE(instance.ReadAll(3, 0, &values).ok());
  EXPECT_EQ(values.size(), static_cast<size_t>(kCalls));
  EXPECT_EQ(instance.Info(4).next_offset, 0u);
}

TEST_P(WalThreadsTest, ClosingUnderLoadCommitsWhatWasAccepted) {
  Options options = SmallOptions(nullptr, GetParam());
  options.directory = directory_;
  options.block_bytes = 64 << 10;
  options.journal_bytes = 1 << 20;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  Wal* wal = instance.wal();
  Log* log = instance.OpenLog(1);
  std::atomic<int> accepted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (true) {
        Bytes batch = MakeBatch({"value"}, 1);
        const iovec chunk{batch.data(), batch.size()};
        AppendResult result;
        const Status status = wal->AppendSync(log, {&chunk, 1}, &result);
        if (status.code() == Code::kClosed) return;
        ASSERT_TRUE(status.ok()) << status.ToString();
        ++accepted;
      }
    });
  }
  while (accepted < 50) std::this_thread::yield();
  ASSERT_TRUE(wal->Close().ok());
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_EQ(instance.Info(1).next_offset,
            static_cast<uint64_t>(accepted.load()));
}

}  // namespace
}  // namespace walrus
