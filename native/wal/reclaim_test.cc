// What frees blocks, and when: readers under `consumed`, nobody but Truncate
// under `retention`; the journal that still names a block; files that go.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "testing/test_instance.h"

namespace walrus {
namespace {

// Four records of this size fill a block of 4 KiB.
std::string Value(uint64_t i) {
  return std::to_string(i) + std::string(600, static_cast<char>('a' + i % 26));
}

bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 5000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

class ReclaimTest : public testing::TestWithParam<FsyncMode> {
 protected:
  Options SmallBlocks() { return SmallOptions(&disk_, GetParam()); }

  void Fill(TestInstance* instance, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      ASSERT_TRUE(instance->Append(1, {Value(i)}).ok());
    }
  }

  Status Move(TestInstance* instance, const std::string& reader,
              uint64_t offset) {
    return instance->wal()->CommitCursorSync(instance->OpenLog(1), reader,
                                             offset);
  }

  // Whether exactly the records from the log's start on are there.
  void CheckRecords(TestInstance* instance, uint64_t end) {
    const uint64_t start = instance->Info(1).start_offset;
    Values found;
    ASSERT_TRUE(instance->ReadAll(1, start, &found).ok());
    ASSERT_EQ(start + found.size(), end);
    for (uint64_t i = start; i < end; ++i) {
      ASSERT_EQ(found[i - start], Value(i));
    }
  }

  static bool Reclaims(TestInstance* instance, uint64_t blocks,
                       uint64_t files) {
    return Eventually([&] {
      const WalStats stats = instance->wal()->Stats();
      return stats.reclaimed_blocks >= blocks && stats.removed_files >= files;
    });
  }

  uint64_t DataFiles() const {
    uint64_t count = 0;
    for (const std::string& path : disk_.ListFiles()) {
      const std::string name = path.substr(path.find_last_of('/') + 1);
      count += name.find_first_not_of("0123456789") == std::string::npos;
    }
    return count;
  }

  FaultyFileSystem disk_;
};

INSTANTIATE_TEST_SUITE_P(Modes, ReclaimTest, testing::ValuesIn(kAllModes),
                         [](const auto& mode) { return ModeName(mode.param); });

TEST_P(ReclaimTest, ALogThatTheDefaultReaderNeverReadFreesNothing) {
  TestInstance instance(SmallBlocks());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, 40);
  const uint64_t stored = disk_.StoredBytes();
  ASSERT_TRUE(Move(&instance, "fast", 40).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(instance.Info(1).start_offset, 0u);
  EXPECT_GE(disk_.StoredBytes(), stored);
  ASSERT_TRUE(instance.Close().ok());
  ASSERT_TRUE(instance.Open().ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(instance.wal()->Stats().reclaimed_blocks, 0u);
  CheckRecords(&instance, 40);
}

TEST_P(ReclaimTest, AFastReaderFreesNothingUnderRetention) {
  Options options = SmallBlocks();
  options.reclaim_rule = ReclaimRule::kRetention;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, 40);
  ASSERT_TRUE(Move(&instance, kDefaultReader, 40).ok());
  ASSERT_TRUE(Move(&instance, "fast", 40).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(instance.Info(1).start_offset, 0u);
  ASSERT_TRUE(instance.Close().ok());

  // The rule is the log's own: an opening with the other default changes
  // nothing, nor does a compaction or a read in it.
  TestInstance again(SmallBlocks());
  ASSERT_TRUE(again.Open().ok());
  EXPECT_EQ(again.Info(1).reclaim_rule, ReclaimRule::kRetention);
  ASSERT_TRUE(Move(&again, kDefaultReader, 39).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(again.wal()->Stats().reclaimed_blocks, 0u);
  CheckRecords(&again, 40);
}

TEST_P(ReclaimTest, BlocksGoOnceTheSlowestReaderPassedThem) {
  TestInstance instance(SmallBlocks());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, 40);
  ASSERT_TRUE(Move(&instance, "slow", 9).ok());
  ASSERT_TRUE(Move(&instance, kDefaultReader, 38).ok());
  ASSERT_TRUE(Reclaims(&instance, 2, 0));
  // Blocks hold four records each; offset 9 is in the third.
  EXPECT_EQ(instance.Info(1).start_offset, 8u);
  EXPECT_EQ(instance.wal()->Stats().reclaimed_blocks, 2u);
  CheckRecords(&instance, 40);

  const uint64_t before = disk_.StoredBytes();
  ASSERT_TRUE(
      instance.wal()->DeleteCursorSync(instance.OpenLog(1), "slow").ok());
  ASSERT_TRUE(Reclaims(&instance, 9, 2));
  EXPECT_EQ(instance.Info(1).start_offset, 36u);
  EXPECT_LT(disk_.StoredBytes() + 6 * 4096, before);
  // Of ten blocks, four to a file, the first eight are gone.
  EXPECT_EQ(DataFiles(), 1u);
  EXPECT_EQ(instance.wal()->Stats().removed_files, 2u);
  CheckRecords(&instance, 40);
  ASSERT_TRUE(instance.Close().ok());

  ASSERT_TRUE(instance.Open().ok());
  EXPECT_EQ(instance.Info(1).start_offset, 36u);
  const std::vector<ReaderCursor> readers = {{kDefaultReader, 38}};
  EXPECT_EQ(instance.wal()->ListCursors(instance.OpenLog(1)), readers);
  CheckRecords(&instance, 40);
}

TEST_P(ReclaimTest, WhatWasPassedBeforeAKillIsFreedAfterIt) {
  TestInstance instance(SmallBlocks());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, 20);
  // The cursor is written, the log's start is not.
  std::mutex mutex;
  std::unique_ptr<FaultyFileSystem> killed;
  int writes = 0;
  disk_.SetCallHook([&](FaultyCall call, const std::string& path) {
    // The file was made under another name.
    if (call != FaultyCall::kWrite ||
        path.find("_index.db") == std::string::npos)
      return;
    const std::lock_guard lock(mutex);
    if (++writes == 2) killed = disk_.Crash(CrashMode::kKeepAll, 1);
  });
  ASSERT_TRUE(Move(&instance, kDefaultReader, 17).ok());
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).start_offset == 16; }));
  disk_.SetCallHook(nullptr);
  ASSERT_NE(killed, nullptr);

  Options options = SmallBlocks();
  options.file_system = killed.get();
  TestInstance after(options);
  ASSERT_TRUE(after.Open().ok());
  EXPECT_EQ(after.wal()->Cursor(after.OpenLog(1), kDefaultReader), 17u);
  ASSERT_TRUE(Eventually([&] { return after.Info(1).start_offset == 16; }));
  CheckRecords(&after, 20);
}

TEST_P(ReclaimTest, AReaderThatGoesBackInTimeKeepsItsRecords) {
  TestInstance instance(SmallBlocks());
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, 20);
  Wal* wal = instance.wal();
  Log* log = instance.OpenLog(1);
  // One group: the cursor that frees, and the one that takes it back.
  std::vector<RecordingObserver> observers(3);
  ASSERT_TRUE(wal->CommitCursor(log, "other", 2, &observers[0]).ok());
  ASSERT_TRUE(wal->CommitCursor(log, kDefaultReader, 18, &observers[1]).ok());
  ASSERT_TRUE(wal->CommitCursor(log, kDefaultReader, 5, &observers[2]).ok());
  for (RecordingObserver& observer : observers) {
    ASSERT_TRUE(observer.Wait().ok());
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(instance.Info(1).start_offset, 0u);
  ASSERT_TRUE(Move(&instance, "other", 20).ok());
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).start_offset == 4; }));
  CheckRecords(&instance, 20);
}

TEST_P(ReclaimTest, ARuleCanBeChangedAndIsKept) {
  Options options = SmallBlocks();
  options.reclaim_rule = ReclaimRule::kRetention;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, 20);
  ASSERT_TRUE(Move(&instance, kDefaultReader, 20).ok());
  EXPECT_EQ(instance.Info(1).start_offset, 0u);
  ASSERT_TRUE(instance.wal()
                  ->SetReclaimRule(instance.OpenLog(1), ReclaimRule::kConsumed)
                  .ok());
  const auto lost = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).start_offset == 16; }));
  CheckRecords(&instance, 20);

  // Durable in every schedule, and gone with the log.
  options.file_system = lost.get();
  TestInstance after(options);
  ASSERT_TRUE(after.Open().ok());
  EXPECT_EQ(after.Info(1).reclaim_rule, ReclaimRule::kConsumed);
  ASSERT_TRUE(after.wal()->DeleteLog(after.OpenLog(1)).ok());
  EXPECT_EQ(after.Info(1).reclaim_rule, ReclaimRule::kRetention);
}

TEST_P(ReclaimTest, TruncationFreesUnderBothRulesWithoutAnyReader) {
  for (const ReclaimRule rule :
       {ReclaimRule::kConsumed, ReclaimRule::kRetention}) {
    FaultyFileSystem disk;
    Options options = SmallOptions(&disk, GetParam());
    options.reclaim_rule = rule;
    TestInstance instance(options);
    ASSERT_TRUE(instance.Open().ok());
    Fill(&instance, 20);
    ASSERT_TRUE(instance.wal()->Truncate(instance.OpenLog(1), 13).ok());
    EXPECT_EQ(instance.Info(1).start_offset, 13u);
    ASSERT_TRUE(Reclaims(&instance, 3, 0));
    EXPECT_EQ(instance.wal()->Stats().reclaimed_blocks, 3u);
    CheckRecords(&instance, 20);
  }
}

TEST(ReclaimJournalTest, ABlockNamedInTheJournalWaitsForItsCheckpoint) {
  FaultyFileSystem disk;
  Options options = SmallOptions(&disk, FsyncMode::kSyncEach);
  // One file of it holds all groups.
  options.journal_bytes = 1 << 20;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  for (uint64_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
  }
  std::mutex mutex;
  bool synced_in_place = false;
  uint64_t punched = 0;
  uint64_t too_early = 0;
  disk.SetCallHook([&](FaultyCall call, const std::string& path) {
    const std::lock_guard lock(mutex);
    const bool is_data = path.find("/17") != std::string::npos;
    synced_in_place |= call == FaultyCall::kSync && is_data;
    if (call != FaultyCall::kPunchHole && call != FaultyCall::kRemove) return;
    ++punched;
    if (!synced_in_place) ++too_early;
  });
  ASSERT_TRUE(instance.wal()->Truncate(instance.OpenLog(1), 20).ok());
  // The open one too: it is sealed for that.
  ASSERT_TRUE(Eventually(
      [&] { return instance.wal()->Stats().reclaimed_blocks == 5; }));
  disk.SetCallHook(nullptr);
  EXPECT_GT(punched, 0u);
  EXPECT_EQ(too_early, 0u);
}

TEST(ReclaimJournalTest, ClosingGivesBackWhatWaitedForTheJournal) {
  FaultyFileSystem disk;
  TestInstance instance(SmallOptions(&disk, FsyncMode::kSyncEach));
  ASSERT_TRUE(instance.Open().ok());
  const uint64_t empty = disk.StoredBytes();
  for (uint64_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
  }
  ASSERT_TRUE(instance.wal()->DeleteLog(instance.OpenLog(1)).ok());
  ASSERT_TRUE(instance.Close().ok());
  // The newest file stays, with nothing in it but its header.
  EXPECT_LE(disk.StoredBytes(), empty + 2 * 4096);
}

TEST(ReclaimFilesTest, AFileIsUnlinkedWhileAReadIsInFlight) {
  FaultyFileSystem disk;
  Options options = SmallOptions(&disk, FsyncMode::kMilliseconds);
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  for (uint64_t i = 0; i < 30; ++i) {
    ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
  }
  std::mutex mutex;
  std::condition_variable changed;
  bool reading = false;
  bool go_on = false;
  disk.SetCallHook([&](FaultyCall call, const std::string&) {
    if (call != FaultyCall::kRead) return;
    std::unique_lock lock(mutex);
    reading = true;
    changed.notify_all();
    changed.wait(lock, [&] { return go_on; });
  });
  Status read;
  bool done = false;
  ASSERT_TRUE(instance.wal()
                  ->ReadAsync(instance.OpenLog(1), 1, 1 << 20,
                              [&](const Status& status, auto) {
                                const std::lock_guard lock(mutex);
                                read = status;
                                done = true;
                                changed.notify_all();
                              })
                  .ok());
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return reading; });
  }
  // Neither the deletion nor the unlinking waits for the reader.
  EXPECT_TRUE(instance.wal()->Truncate(instance.OpenLog(1), 29).ok());
  EXPECT_TRUE(
      Eventually([&] { return instance.wal()->Stats().removed_files == 1; }));
  {
    std::unique_lock lock(mutex);
    go_on = true;
    changed.notify_all();
    changed.wait(lock, [&] { return done; });
  }
  disk.SetCallHook(nullptr);
  EXPECT_EQ(read.code(), Code::kOutOfRange) << read.ToString();
}

TEST(ReclaimFaultTest, AStartThatFindsNoSpaceIsTriedAgain) {
  FaultyFileSystem disk;
  TestInstance instance(SmallOptions(&disk, FsyncMode::kMilliseconds));
  ASSERT_TRUE(instance.Open().ok());
  for (uint64_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
  }
  Fault full;
  full.call = FaultyCall::kWrite;
  full.path_contains = "_index.db";
  full.nth = 2;  // the first one is the cursor
  full.error_number = ENOSPC;
  disk.Inject(full);
  ASSERT_TRUE(instance.wal()
                  ->CommitCursorSync(instance.OpenLog(1), kDefaultReader, 20)
                  .ok());
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).start_offset == 16; }));
  EXPECT_EQ(instance.wal()->Stats().reclaim_error.code(), Code::kNoSpace);
  EXPECT_TRUE(instance.wal()->Stats().fence.ok());
}

TEST(ReclaimFaultTest, AFailedPunchIsToldAndMadeUpForAtTheNextOpening) {
  FaultyFileSystem disk;
  TestInstance instance(SmallOptions(&disk, FsyncMode::kMilliseconds));
  ASSERT_TRUE(instance.Open().ok());
  for (uint64_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
  }
  Fault bad;
  bad.call = FaultyCall::kPunchHole;
  disk.Inject(bad);
  ASSERT_TRUE(instance.wal()->Truncate(instance.OpenLog(1), 9).ok());
  ASSERT_TRUE(Eventually(
      [&] { return instance.wal()->Stats().reclaimed_blocks == 1; }));
  EXPECT_EQ(instance.wal()->Stats().reclaim_error.code(), Code::kIo);
  ASSERT_TRUE(instance.Append(1, {Value(20)}).ok());
  const uint64_t before = disk.StoredBytes();
  ASSERT_TRUE(instance.Close().ok());
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_LE(disk.StoredBytes() + 4096, before);
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 9, &found).ok());
  EXPECT_EQ(found.size(), 12u);
}

}  // namespace
}  // namespace walrus
