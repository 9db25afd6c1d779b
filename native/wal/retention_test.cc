// What retention finds, what becomes of an open block that it empties, what a
// log is told while it is open, and deletions of many logs.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "testing/test_instance.h"
#include "wal/batch_header.h"

namespace walrus {
namespace {

// One record of this size fills most of a block of 4 KiB.
constexpr size_t kValueBytes = 2000;

bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 5000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

class RetentionTest : public testing::TestWithParam<FsyncMode> {
 protected:
  Options RetentionOptions() {
    Options options = SmallOptions(&disk_, GetParam());
    options.fsync_interval_ms = 5;
    options.reclaim_rule = ReclaimRule::kRetention;
    return options;
  }

  // A block of its own for each timestamp; the last one is open.
  static void Fill(TestInstance* instance, const std::vector<int64_t>& times) {
    for (const int64_t time : times) {
      Bytes batch = MakeBatchOfSize(kValueBytes, 7, time);
      const iovec chunk{batch.data(), batch.size()};
      AppendResult result;
      ASSERT_TRUE(instance->wal()
                      ->AppendSync(instance->OpenLog(1), {&chunk, 1}, &result)
                      .ok());
    }
    ASSERT_EQ(instance->Info(1).blocks, times.size());
    // Under the timed schedules the sync comes later.
    ASSERT_EQ(instance->Info(1).readable_end, times.size());
  }

  static uint64_t OlderThan(TestInstance* instance, int64_t oldest_ms) {
    RetentionLimits limits;
    limits.oldest_ms = oldest_ms;
    return instance->wal()->FindExpired(instance->OpenLog(1), limits);
  }

  static uint64_t LargerThan(TestInstance* instance, uint64_t bytes_max) {
    RetentionLimits limits;
    limits.bytes_max = bytes_max;
    return instance->wal()->FindExpired(instance->OpenLog(1), limits);
  }

  FaultyFileSystem disk_;
};

INSTANTIATE_TEST_SUITE_P(Modes, RetentionTest, testing::ValuesIn(kAllModes),
                         [](const auto& mode) { return ModeName(mode.param); });

TEST_P(RetentionTest, BlocksGoOldestFirstOnceTheirNewestRecordIsOld) {
  TestInstance instance(RetentionOptions());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, {100, 200, 300, 400});
  EXPECT_EQ(OlderThan(&instance, 100), 0u);
  EXPECT_EQ(OlderThan(&instance, 101), 1u);
  EXPECT_EQ(OlderThan(&instance, 300), 2u);
  EXPECT_EQ(OlderThan(&instance, 400), 3u);
  // Nothing but Truncate moves the start.
  EXPECT_EQ(instance.Info(1).start_offset, 0u);
  ASSERT_TRUE(instance.wal()->Truncate(instance.OpenLog(1), 2).ok());
  EXPECT_EQ(OlderThan(&instance, 300), 2u);
  EXPECT_EQ(OlderThan(&instance, 400), 3u);
  ASSERT_TRUE(instance.Close().ok());

  // Seals and checkpoints say it after an opening, without a read.
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_EQ(OlderThan(&instance, 300), 2u);
  EXPECT_EQ(OlderThan(&instance, 400), 3u);
}

TEST_P(RetentionTest, ARecordFromTheFutureKeepsItsBlockAndThoseBehind) {
  TestInstance instance(RetentionOptions());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, {100, 9'000, 200, 300});
  EXPECT_EQ(OlderThan(&instance, 1'000), 1u);
  EXPECT_EQ(OlderThan(&instance, 9'000), 1u);
  EXPECT_EQ(OlderThan(&instance, 9'001), 3u);
}

TEST_P(RetentionTest, BlocksWithoutTimestampsGoWithTheOneBehind) {
  TestInstance instance(RetentionOptions());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, {-1, -1, 200, 300, -1});
  EXPECT_EQ(OlderThan(&instance, 200), 0u);
  EXPECT_EQ(OlderThan(&instance, 201), 3u);
  EXPECT_EQ(OlderThan(&instance, 9'999), 4u);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  // Of the open one nobody knows: it is left as it is.
  EXPECT_EQ(instance.Info(1).blocks, 5u);
}

TEST_P(RetentionTest, TheOldestBlocksGoWhileTheOthersHaveEnough) {
  TestInstance instance(RetentionOptions());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, {100, 200, 300, 400});
  const uint64_t all = instance.Info(1).stored_bytes;
  const uint64_t one = all / 4;
  EXPECT_EQ(LargerThan(&instance, all), 0u);
  EXPECT_EQ(LargerThan(&instance, all - one + 1), 0u);
  EXPECT_EQ(LargerThan(&instance, all - one), 1u);
  EXPECT_EQ(LargerThan(&instance, one), 3u);
  EXPECT_EQ(instance.Info(1).blocks, 4u);
  EXPECT_EQ(LargerThan(&instance, 0), 3u);
  // The open one is left, and goes next time.
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).blocks == 5; }));
  EXPECT_EQ(LargerThan(&instance, 0), 4u);
}

TEST_P(RetentionTest, WhatWasConsumedGoesInWholeBlocks) {
  TestInstance instance(RetentionOptions());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, {100, 200, 300});
  RetentionLimits limits;
  const auto below = [&](uint64_t consumed) {
    limits.consumed_below = consumed;
    return instance.wal()->FindExpired(instance.OpenLog(1), limits);
  };
  EXPECT_EQ(below(0), 0u);
  EXPECT_EQ(below(1), 1u);
  EXPECT_EQ(below(3), 2u);
  EXPECT_EQ(below(1'000'000), 2u);
  limits.oldest_ms = 201;
  EXPECT_EQ(below(1), 2u);
}

TEST_P(RetentionTest, AnOpenBlockThatIsOldIsSealedAndThenGoes) {
  TestInstance instance(RetentionOptions());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, {100, 200});
  EXPECT_EQ(OlderThan(&instance, 1'000), 1u);
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).blocks == 3; }));
  EXPECT_EQ(OlderThan(&instance, 1'000), 2u);
  ASSERT_TRUE(instance.wal()->Truncate(instance.OpenLog(1), 2).ok());
  ASSERT_TRUE(Eventually(
      [&] { return instance.wal()->Stats().reclaimed_blocks == 2; }));
  EXPECT_EQ(instance.Info(1).blocks, 1u);
  // The empty one that is left is not sealed again and again.
  EXPECT_EQ(OlderThan(&instance, 1'000), 2u);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(instance.Info(1).blocks, 1u);
  ASSERT_TRUE(instance.Append(1, {"after"}).ok());
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 2, &found).ok());
  EXPECT_EQ(found, Values{"after"});
}

TEST_P(RetentionTest, TheSpaceOfATruncatedOpenBlockComesBack) {
  TestInstance instance(RetentionOptions());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, {100, 200});
  ASSERT_TRUE(instance.wal()->Truncate(instance.OpenLog(1), 2).ok());
  EXPECT_EQ(instance.Info(1).start_offset, 2u);
  ASSERT_TRUE(Eventually(
      [&] { return instance.wal()->Stats().reclaimed_blocks == 2; }));
  ASSERT_TRUE(instance.Append(1, {"after"}).ok());
  ASSERT_TRUE(instance.Close().ok());
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_TRUE(instance.wal()->recovery_report().cuts.empty());
  EXPECT_EQ(instance.Info(1).start_offset, 2u);
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 2, &found).ok());
  EXPECT_EQ(found, Values{"after"});
}

TEST_P(RetentionTest, NoCrashBringsBackOrLosesWhatATruncatedBlockLeft) {
  TestInstance instance(RetentionOptions());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, {100, 200});
  std::mutex mutex;
  std::vector<std::unique_ptr<FaultyFileSystem>> states;
  disk_.SetCallHook([&](FaultyCall call, const std::string&) {
    if (call == FaultyCall::kOpen || call == FaultyCall::kRead) return;
    const std::lock_guard lock(mutex);
    for (const CrashMode mode : kAllCrashModes) {
      states.push_back(disk_.Crash(mode, states.size()));
    }
  });
  ASSERT_TRUE(instance.wal()->Truncate(instance.OpenLog(1), 2).ok());
  size_t durable_from = 0;
  {
    const std::lock_guard lock(mutex);
    durable_from = states.size();
  }
  ASSERT_TRUE(Eventually(
      [&] { return instance.wal()->Stats().reclaimed_blocks == 2; }));
  disk_.SetCallHook(nullptr);
  const std::lock_guard lock(mutex);
  ASSERT_GT(states.size(), 2u);
  for (size_t i = 0; i < states.size(); ++i) {
    Options options = RetentionOptions();
    options.file_system = states[i].get();
    TestInstance after(options);
    ASSERT_TRUE(after.Open().ok());
    EXPECT_TRUE(after.wal()->recovery_report().corruptions.empty());
    // Once Truncate had returned it holds in every schedule.
    const uint64_t start = after.Info(1).start_offset;
    EXPECT_TRUE(start == 2 || (start == 0 && i < durable_from)) << start;
    if (start == 2) {
      EXPECT_EQ(after.Info(1).readable_end, 2u);
    }
  }
}

TEST_P(RetentionTest, ALogMayHaveAnAgeOfItsOwnAndChangeIt) {
  TestInstance instance(RetentionOptions());
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"a"}).ok());
  ASSERT_TRUE(instance.Append(2, {"a"}).ok());
  instance.wal()->Configure(instance.OpenLog(1), {false, UINT64_MAX - 1});
  instance.wal()->Configure(instance.OpenLog(1), {false, 3'600'000});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(instance.Info(1).blocks, 1u);
  // The block is older than that already.
  instance.wal()->Configure(instance.OpenLog(1), {false, 10});
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).blocks == 2; }));
  EXPECT_EQ(instance.Info(2).blocks, 1u);
  instance.wal()->Configure(instance.OpenLog(1), {false, 0});
  ASSERT_TRUE(instance.Append(1, {"b"}).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(instance.Info(1).blocks, 2u);
}

TEST_P(RetentionTest, AppendsGetTheTimeOfTheirAppendWhileTheLogIsToldTo) {
  TestInstance instance(RetentionOptions());
  ASSERT_TRUE(instance.Open().ok());
  Log* const log = instance.OpenLog(1);
  const auto append = [&](AppendResult* result) {
    Bytes batch = MakeBatch({"a", "b"}, 1'000);
    const std::vector<iovec> chunks = CutIntoChunks(&batch, {5, 30, 62});
    if (GetParam() != FsyncMode::kNoFsync) {
      return instance.wal()->AppendSync(log, chunks, result);
    }
    RecordingObserver observer;
    const Status status =
        instance.wal()->Append(log, chunks, &observer, result);
    return status.ok() ? observer.Wait() : status;
  };
  const auto header_at = [&](uint64_t offset) {
    Bytes bytes;
    EXPECT_TRUE(instance.Read(1, offset, 1, &bytes).ok());
    BatchHeader header;
    EXPECT_EQ(VerifyBatch(bytes, &header), BatchDefect::kNone);
    return header;
  };
  AppendResult result;
  ASSERT_TRUE(append(&result).ok());
  EXPECT_EQ(result.log_append_time, -1);
  instance.wal()->Configure(log, {true, 0});
  ASSERT_TRUE(append(&result).ok());
  const auto now = static_cast<int64_t>(disk_.NowMs());
  EXPECT_LE(result.log_append_time, now);
  EXPECT_GT(result.log_append_time, 1'000);
  const int64_t time = result.log_append_time;
  instance.wal()->Configure(log, {false, 0});
  ASSERT_TRUE(append(&result).ok());
  EXPECT_EQ(result.log_append_time, -1);

  EXPECT_EQ(header_at(0).max_timestamp, 1'001);
  EXPECT_FALSE(header_at(0).is_log_append_time());
  EXPECT_EQ(header_at(2).max_timestamp, time);
  EXPECT_TRUE(header_at(2).is_log_append_time());
  EXPECT_EQ(header_at(4).max_timestamp, 1'001);
  std::optional<TimestampedOffset> found;
  ASSERT_TRUE(instance.wal()->OffsetForTimestamp(log, 2'000, &found).ok());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->offset, 2u);
  EXPECT_EQ(found->timestamp, time);
}

TEST_P(RetentionTest, ManyLogsAreDeletedWithFewSyncs) {
  TestInstance instance(RetentionOptions());
  ASSERT_TRUE(instance.Open().ok());
  std::vector<Log*> logs;
  for (uint32_t partition = 0; partition < 100; ++partition) {
    logs.push_back(instance.OpenLog(1, partition));
    if (partition % 2 == 0) {
      Bytes batch = MakeBatch({"a"});
      const iovec chunk{batch.data(), batch.size()};
      AppendResult result;
      ASSERT_TRUE(
          instance.wal()->AppendSync(logs.back(), {&chunk, 1}, &result).ok());
    }
  }
  ASSERT_TRUE(instance.Append(2, {"stays"}).ok());
  const uint64_t syncs = instance.wal()->Stats().syncs;
  ASSERT_TRUE(instance.wal()->DeleteLogs(logs).ok());
  // Far from one each. Should this take long, the logs go idle meanwhile and
  // each of their 13 files is synced.
  EXPECT_LT(instance.wal()->Stats().syncs - syncs, 30u);
  EXPECT_EQ(instance.wal()->ListLogs().size(), 1u);
  EXPECT_EQ(instance.wal()->FindLog(TestLogId(1, 4)), nullptr);
  // Each of them says so from then on.
  EXPECT_EQ(instance.wal()->DeleteLogs(logs).code(), Code::kClosed);
  EXPECT_TRUE(instance.wal()->DeleteLogs({}).ok());
  ASSERT_TRUE(instance.Close().ok());
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_EQ(instance.wal()->ListLogs().size(), 1u);
  Values found;
  ASSERT_TRUE(instance.ReadAll(2, 0, &found).ok());
  EXPECT_EQ(found, Values{"stays"});
}

TEST(RetentionFilesTest,
     AFileThatLosesAllBlocksAtOnceIsUnlinkedWithoutPunches) {
  FaultyFileSystem disk;
  Options options = SmallOptions(&disk, FsyncMode::kNoFsync);
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  // 4 records to a block, 4 blocks to a file: five files, the last one open.
  for (uint64_t i = 0; i < 70; ++i) {
    ASSERT_TRUE(instance.Append(1, {std::string(600, 'v')}).ok());
  }
  ASSERT_TRUE(instance.Append(2, {"stays"}).ok());
  const uint64_t blocks = instance.Info(1).blocks;
  std::atomic<uint64_t> punches{0};
  disk.SetCallHook([&](FaultyCall call, const std::string&) {
    if (call == FaultyCall::kPunchHole) ++punches;
  });
  ASSERT_TRUE(instance.wal()->DeleteLog(instance.OpenLog(1)).ok());
  ASSERT_TRUE(Eventually(
      [&] { return instance.wal()->Stats().reclaimed_blocks == blocks; }));
  disk.SetCallHook(nullptr);
  EXPECT_EQ(instance.wal()->Stats().removed_files, 4u);
  EXPECT_LE(punches, 3u);
  Values found;
  ASSERT_TRUE(instance.ReadAll(2, 0, &found).ok());
  EXPECT_EQ(found, Values{"stays"});
  ASSERT_TRUE(instance.Close().ok());
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_EQ(instance.wal()->ListLogs().size(), 1u);
}

}  // namespace
}  // namespace walrus
