// What appends, reads, cursors and deletions promise on a disk without faults.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "testing/test_instance.h"
#include "wal/batch_records.h"
#include "wal/instance_lock.h"

namespace walrus {
namespace {

class WalBehaviourTest : public testing::TestWithParam<TestSetup> {
 protected:
  WalBehaviourTest() : instance_(SmallOptions(&disk_, GetParam())) {}
  void SetUp() override { ASSERT_TRUE(instance_.Open().ok()); }

  void Reopen() {
    ASSERT_TRUE(instance_.Close().ok());
    ASSERT_TRUE(instance_.Open().ok());
  }

  FaultyFileSystem disk_;
  TestInstance instance_;
};

INSTANTIATE_TEST_SUITE_P(Modes, WalBehaviourTest, testing::ValuesIn(kAllSetups),
                         [](const auto& mode) {
                           return SetupName(mode.param);
                         });

TEST_P(WalBehaviourTest, OffsetsAreDenseAndBatchesWholeUnderEightThreads) {
  constexpr int kThreads = 8;
  constexpr int kCalls = 60;
  std::atomic<uint64_t> records{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kCalls; ++i) {
        const std::string name =
            std::to_string(t) + ":" + std::to_string(i) + ":";
        const Values values(1 + i % 4, name);
        AppendResult result;
        ASSERT_TRUE(instance_.AppendCall(1, {values, values}, &result).ok());
        EXPECT_EQ(result.record_count, 2 * values.size());
        records += result.record_count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Values found;
  ASSERT_TRUE(instance_.ReadAll(1, 0, &found).ok());
  ASSERT_EQ(found.size(), records);
  // Calls never interleave: equal values stand in groups of their call's size.
  for (size_t i = 0; i < found.size();) {
    size_t same = i;
    while (same < found.size() && found[same] == found[i]) ++same;
    const int call = std::stoi(found[i].substr(found[i].find(':') + 1));
    ASSERT_EQ(same - i, 2u * (1 + call % 4)) << found[i];
    i = same;
  }
}

TEST_P(WalBehaviourTest, BatchesLargerThanABlockGetBlocksOfSeveralUnits) {
  const Values large = {std::string(11'000, 'x')};
  ASSERT_TRUE(instance_.Append(1, {"before"}).ok());
  ASSERT_TRUE(instance_.Append(1, large).ok());
  ASSERT_TRUE(instance_.Append(1, {"after"}).ok());
  Reopen();
  Values found;
  ASSERT_TRUE(instance_.ReadAll(1, 0, &found).ok());
  EXPECT_EQ(found, (Values{"before", large[0], "after"}));
}

TEST_P(WalBehaviourTest, RefusesAnEntryThatFitsNoFile) {
  const Status status = instance_.Append(1, {std::string(17'000, 'x')});
  EXPECT_EQ(status.code(), Code::kInvalidInput);
  EXPECT_EQ(instance_.Info(1).next_offset, 0u);
  EXPECT_TRUE(instance_.Append(1, {"fits"}).ok());
}

TEST_P(WalBehaviourTest, RefusesMalformedAndDamagedBatchesWithoutAnOffset) {
  Bytes batch = MakeBatch({"value"}, 5);
  AppendResult result;
  Log* log = instance_.OpenLog(1);
  const auto append = [&](Bytes bytes) {
    const iovec chunk{bytes.data(), bytes.size()};
    return instance_.wal()->AppendSync(log, {&chunk, 1}, &result).code();
  };
  Bytes flipped = batch;
  flipped.back() ^= std::byte{1};
  EXPECT_EQ(append(flipped), Code::kCorrupt);
  Bytes cut(batch.begin(), batch.end() - 1);
  EXPECT_EQ(append(cut), Code::kInvalidInput);
  EXPECT_EQ(append({}), Code::kInvalidInput);
  EXPECT_EQ(instance_.Info(1).next_offset, 0u);
  EXPECT_EQ(append(batch), Code::kOk);
  EXPECT_EQ(result.base_offset, 0u);
}

TEST_P(WalBehaviourTest, ReportsWrittenThenSyncedInAppendOrder) {
  constexpr int kCalls = 50;
  std::mutex mutex;
  std::vector<int> written;
  std::vector<int> synced;
  struct Observer : AppendObserver {
    void OnWritten() override {
      const std::lock_guard lock(*mutex);
      written->push_back(index);
    }
    void OnSynced() override {
      const std::lock_guard lock(*mutex);
      EXPECT_LT(synced->size(), written->size());
      synced->push_back(index);
    }
    void OnFailed(const Status&) override { ADD_FAILURE(); }
    int index = 0;
    std::mutex* mutex = nullptr;
    std::vector<int>* written = nullptr;
    std::vector<int>* synced = nullptr;
  };
  std::vector<Observer> observers(kCalls);
  std::vector<Bytes> batches;
  for (int i = 0; i < kCalls; ++i) {
    observers[i].index = i;
    observers[i].mutex = &mutex;
    observers[i].written = &written;
    observers[i].synced = &synced;
    batches.push_back(MakeBatch({"v" + std::to_string(i)}, 1));
  }
  for (int i = 0; i < kCalls; ++i) {
    const iovec chunk{batches[i].data(), batches[i].size()};
    AppendResult result;
    ASSERT_TRUE(instance_.wal()
                    ->Append(instance_.OpenLog(1 + i % 3), {&chunk, 1},
                             &observers[i], &result)
                    .ok());
  }
  ASSERT_TRUE(instance_.Close().ok());
  std::vector<int> in_order;
  for (int i = 0; i < kCalls; ++i) in_order.push_back(i);
  EXPECT_EQ(written, in_order);
  EXPECT_EQ(synced, in_order);
}

TEST_P(WalBehaviourTest, ReadsWholeBatchesUpToTheLimitButAtLeastOne) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(instance_.AppendCall(1, {{"a", "b"}, {"c"}}).ok());
  }
  Bytes bytes;
  ASSERT_TRUE(instance_.Read(1, 1, 1, &bytes).ok());
  uint64_t next = 1;
  Values values;
  ASSERT_TRUE(ValuesOf(bytes, &next, &values).ok());
  EXPECT_EQ(values, Values{"b"});
  ASSERT_TRUE(instance_.Read(1, 2, 1, &bytes).ok());
  values.clear();
  ASSERT_TRUE(ValuesOf(bytes, &next, &values).ok());
  EXPECT_EQ(values, Values{"c"});
  ASSERT_TRUE(instance_.Read(1, 15, 1, &bytes).ok());
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(instance_.Read(1, 16, 1, &bytes).code(), Code::kOutOfRange);
}

TEST_P(WalBehaviourTest, AnswersFromMemoryOrSaysItWouldBlock) {
  ASSERT_TRUE(instance_.Append(1, {"warm"}).ok());
  std::vector<std::byte> bytes;
  size_t size = 0;
  const auto allocate = [&bytes](size_t wanted) {
    bytes.resize(wanted);
    return bytes.data();
  };
  const auto read_now = [&] {
    return instance_.wal()->ReadNow(instance_.OpenLog(1), 0, 1000, allocate,
                                    &size);
  };
  EXPECT_TRUE(read_now().ok());
  EXPECT_GT(size, 0u);
  disk_.SetReadsWouldBlock(true);
  EXPECT_EQ(read_now().code(), Code::kWouldBlock);
  disk_.SetReadsWouldBlock(false);
  Reopen();
  EXPECT_EQ(read_now().code(), Code::kWouldBlock) << "nothing verified yet";
  std::mutex mutex;
  std::condition_variable ready;
  std::optional<Status> ended;
  ASSERT_TRUE(instance_.wal()
                  ->ReadAsync(instance_.OpenLog(1), 0, 1000,
                              [&](const Status& status, auto read) {
                                const std::lock_guard lock(mutex);
                                ended = status;
                                bytes = std::move(read);
                                ready.notify_one();
                              })
                  .ok());
  std::unique_lock lock(mutex);
  ready.wait(lock, [&] { return ended.has_value(); });
  EXPECT_TRUE(ended->ok());
  EXPECT_FALSE(bytes.empty());
  EXPECT_TRUE(read_now().ok());
}

TEST_P(WalBehaviourTest, CursorsSurviveAndAreForgottenWithTheirLog) {
  ASSERT_TRUE(instance_.Append(1, {"a", "b"}).ok());
  Wal* wal = instance_.wal();
  ASSERT_TRUE(wal->CommitCursorSync(instance_.OpenLog(1), "r", 1).ok());
  ASSERT_TRUE(wal->CommitCursorSync(instance_.OpenLog(1), "r", 2).ok());
  EXPECT_EQ(wal->CommitCursorSync(instance_.OpenLog(1), "", 2).code(),
            Code::kInvalidInput);
  RecordingObserver observer;
  ASSERT_TRUE(wal->CommitCursor(instance_.OpenLog(1), "s", 1, &observer).ok());
  EXPECT_TRUE(observer.Wait().ok());
  Reopen();
  wal = instance_.wal();
  EXPECT_EQ(wal->Cursor(instance_.OpenLog(1), "r"), 2u);
  EXPECT_EQ(wal->Cursor(instance_.OpenLog(1), "s"), 1u);
  EXPECT_EQ(wal->Cursor(instance_.OpenLog(1), "t"), std::nullopt);
  ASSERT_TRUE(wal->DeleteLog(instance_.OpenLog(1)).ok());
  EXPECT_EQ(wal->Cursor(instance_.OpenLog(1), "r"), std::nullopt);
}

TEST_P(WalBehaviourTest, DeletedLogsStayGoneAndCanBeMadeAgain) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(instance_.Append(1, {std::string(900, 'o')}).ok());
    ASSERT_TRUE(instance_.Append(2, {"other"}).ok());
  }
  Log* old = instance_.OpenLog(1);
  ASSERT_TRUE(instance_.wal()->DeleteLog(old).ok());
  EXPECT_EQ(instance_.wal()->DeleteLog(old).code(), Code::kClosed);
  AppendResult result;
  ASSERT_TRUE(instance_.Append(1, {"new"}, &result).ok());
  EXPECT_EQ(result.base_offset, 0u);
  for (int round = 0; round < 2; ++round) {
    Values found;
    ASSERT_TRUE(instance_.ReadAll(1, 0, &found).ok());
    EXPECT_EQ(found, Values{"new"});
    ASSERT_TRUE(instance_.ReadAll(2, 0, &found).ok());
    EXPECT_EQ(found, Values(20, "other"));
    Reopen();
  }
}

TEST_P(WalBehaviourTest, TruncateMovesTheStartAndGivesFilesBack) {
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(instance_.Append(1, {std::string(900, 'a' + i % 26)}).ok());
  }
  const size_t files = instance_.wal()->Stats().open_files;
  ASSERT_GT(files, 3u);
  ASSERT_EQ(instance_.wal()->Truncate(instance_.OpenLog(1), 61).code(),
            Code::kOutOfRange);
  ASSERT_TRUE(instance_.wal()->Truncate(instance_.OpenLog(1), 55).ok());
  EXPECT_EQ(instance_.Info(1).start_offset, 55u);
  Bytes bytes;
  EXPECT_EQ(instance_.Read(1, 54, 1, &bytes).code(), Code::kOutOfRange);
  Reopen();
  EXPECT_LT(instance_.wal()->Stats().open_files, files);
  EXPECT_EQ(instance_.Info(1).start_offset, 55u);
  Values found;
  ASSERT_TRUE(instance_.ReadAll(1, 55, &found).ok());
  EXPECT_EQ(found.size(), 5u);
  ASSERT_TRUE(instance_.wal()->Truncate(instance_.OpenLog(1), 60).ok());
  AppendResult result;
  ASSERT_TRUE(instance_.Append(1, {"next"}, &result).ok());
  EXPECT_EQ(result.base_offset, 60u);
}

TEST_P(WalBehaviourTest, FindsTheFirstRecordOfATimestamp) {
  for (int i = 0; i < 30; ++i) {
    Bytes batch = MakeBatch({"a", "b", "c"}, 1000 + 10 * i);
    const iovec chunk{batch.data(), batch.size()};
    AppendResult result;
    ASSERT_TRUE(instance_.wal()
                    ->AppendSync(instance_.OpenLog(1), {&chunk, 1}, &result)
                    .ok());
  }
  for (int round = 0; round < 2; ++round) {
    const auto find = [&](int64_t timestamp) {
      std::optional<TimestampedOffset> found;
      EXPECT_TRUE(
          instance_.wal()
              ->OffsetForTimestamp(instance_.OpenLog(1), timestamp, &found)
              .ok());
      return found ? static_cast<int64_t>(found->offset) : -1;
    };
    EXPECT_EQ(find(0), 0);
    EXPECT_EQ(find(1001), 1);
    EXPECT_EQ(find(1003), 3);
    EXPECT_EQ(find(1290), 87);
    EXPECT_EQ(find(1292), 89);
    EXPECT_EQ(find(1293), -1);
    Reopen();
  }
}

TEST_P(WalBehaviourTest, ReadersSeeUpToWhatTheScheduleCounts) {
  ASSERT_TRUE(instance_.Append(1, {"first"}).ok());
  const LogSnapshot info = instance_.Info(1);
  EXPECT_EQ(info.written_end, 1u);
  EXPECT_EQ(info.readable_end, 1u);
  EXPECT_EQ(info.synced_end, GetParam() == FsyncMode::kSyncEach ? 1u : 0u);
}

TEST_P(WalBehaviourTest, ASecondOpeningIsRefused) {
  TestInstance second(SmallOptions(&disk_, GetParam()));
  EXPECT_EQ(second.Open().code(), Code::kLocked);
  ASSERT_TRUE(instance_.Append(1, {"first is unharmed"}).ok());
  ASSERT_TRUE(instance_.Close().ok());
  EXPECT_TRUE(second.Open().ok());
}

TEST_P(WalBehaviourTest, AClosedInstanceAnswersClosed) {
  Wal* wal = instance_.wal();
  Log* log = instance_.OpenLog(1);
  ASSERT_TRUE(instance_.Append(1, {"a"}).ok());
  ASSERT_TRUE(wal->Close().ok());
  Log* other = nullptr;
  EXPECT_EQ(wal->OpenLog(TestLogId(2), &other).code(), Code::kClosed);
  EXPECT_EQ(wal->CommitCursorSync(log, "r", 1).code(), Code::kClosed);
  EXPECT_EQ(wal->Close().code(), Code::kClosed);
  size_t size = 0;
  const auto none = [](size_t) -> std::byte* { return nullptr; };
  EXPECT_EQ(wal->Read(log, 0, 1, none, &size).code(), Code::kClosed);
}

}  // namespace
}  // namespace walrus
