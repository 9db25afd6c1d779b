#include <gtest/gtest.h>

#include "testing/faulty_file_system.h"
#include "testing/test_batches.h"
#include "wal/cursor_file.h"

namespace walrus {
namespace {

constexpr char kDirectory[] = "/instance";
constexpr char kPath[] = "/instance/read_offset_idx_index.db";
constexpr InstanceId kInstance{5, 6, 7};
constexpr LogId kLog{{1}, 0};

std::unique_ptr<CursorFile> Load(FileSystem& disk,
                                 CursorLoadReport* report = nullptr) {
  CursorLoadReport ignored;
  std::unique_ptr<CursorFile> cursors;
  EXPECT_TRUE(disk.CreateDirectories(kDirectory).ok());
  const Status status = CursorFile::Load(disk, kDirectory, kInstance, &cursors,
                                         report == nullptr ? &ignored : report);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return cursors;
}

void Put(CursorFile& cursors, const std::vector<CursorChange>& changes) {
  const CursorRecords records = cursors.Build(changes);
  ASSERT_TRUE(cursors.Write(records).ok());
  cursors.Commit(records, changes);
}

void Fill(CursorFile& cursors) {
  for (uint64_t i = 1; i <= 20; ++i) {
    Put(cursors, {{CursorRecordType::kCursorSet, kLog, "reader", i},
                  {CursorRecordType::kLogStart, kLog, "", i / 2}});
  }
  Put(cursors, {{CursorRecordType::kLeaderEpoch, LogId(), "", 4},
                {CursorRecordType::kLogDeleted, LogId{{9}, 1}, "", 55}});
}

void ExpectFilled(const CursorFile& cursors) {
  EXPECT_EQ(cursors.Cursor(kLog, "reader"), 20u);
  EXPECT_EQ(cursors.LogStart(kLog), 10u);
  EXPECT_EQ(cursors.LeaderEpoch(), 4u);
  EXPECT_EQ(cursors.DeletedBelow(LogId{{9}, 1}), 55u);
}

TEST(CursorFileCompactionTest, KeepsTheStateInAShorterFileOfTheNextGeneration) {
  FaultyFileSystem disk;
  const auto cursors = Load(disk);
  Fill(*cursors);
  const uint64_t before = cursors->file_bytes();
  const uint64_t generation = cursors->generation();
  ASSERT_TRUE(cursors->Compact().ok());
  EXPECT_EQ(cursors->file_bytes(), 128u + 4 * 64);
  EXPECT_LT(cursors->file_bytes(), before);
  EXPECT_EQ(cursors->generation(), generation + 1);
  ExpectFilled(*cursors);
  Put(*cursors, {{CursorRecordType::kCursorSet, kLog, "late", 1}});
  ASSERT_TRUE(cursors->Sync().ok());
  const auto after = disk.Crash(CrashMode::kLoseUnsynced, 1);
  const auto again = Load(*after);
  ExpectFilled(*again);
  EXPECT_EQ(again->Cursor(kLog, "late"), 1u);
  EXPECT_EQ(again->generation(), generation + 1);
}

TEST(CursorFileCompactionTest, ACrashAtAnyStepLeavesTheWholeState) {
  for (const CrashMode mode : kAllCrashModes) {
    for (uint64_t step = 1; step <= 6; ++step) {
      for (uint64_t seed = 0; seed < 10; ++seed) {
        FaultyFileSystem disk(seed);
        const auto cursors = Load(disk);
        Fill(*cursors);
        ASSERT_TRUE(cursors->Sync().ok());
        // Everything from this step on fails: the power went.
        Fault fault;
        fault.call = FaultyCall::kAnyChange;
        fault.nth = step;
        fault.forever = true;
        disk.Inject(fault);
        const Status compacted = cursors->Compact();
        EXPECT_FALSE(compacted.ok()) << step;
        const auto after = disk.Crash(mode, seed);
        CursorLoadReport report;
        const auto again = Load(*after, &report);
        ExpectFilled(*again);
        EXPECT_EQ(report.corrupt_bytes, 0u);
        bool exists = true;
        ASSERT_TRUE(after->Exists(std::string(kPath) + ".tmp", &exists).ok());
        EXPECT_FALSE(exists);
      }
    }
  }
}

TEST(CursorFileCompactionTest, WithoutSpaceTheOldFileStaysInUse) {
  FaultyFileSystem disk;
  const auto cursors = Load(disk);
  Fill(*cursors);
  disk.SetFreeBytes(0);
  const uint64_t generation = cursors->generation();
  EXPECT_EQ(cursors->Compact().code(), Code::kNoSpace);
  EXPECT_EQ(cursors->generation(), generation);
  ExpectFilled(*cursors);
  Put(*cursors, {{CursorRecordType::kCursorSet, kLog, "reader", 20}});
  disk.SetFreeBytes(std::nullopt);
  EXPECT_TRUE(cursors->Compact().ok());
  ExpectFilled(*Load(disk));
}

TEST(CursorFileCompactionTest, AFailedDirectorySyncAsksForAFence) {
  FaultyFileSystem disk;
  const auto cursors = Load(disk);
  Fill(*cursors);
  Fault fault;
  fault.call = FaultyCall::kSyncDirectory;
  disk.Inject(fault);
  EXPECT_EQ(cursors->Compact().code(), Code::kFenced);
}

TEST(CursorFileCompactionTest, IsDueOnlyForALargeFileOfFewLiveRecords) {
  FaultyFileSystem disk;
  const auto cursors = Load(disk);
  EXPECT_FALSE(cursors->NeedsCompaction());
  std::vector<CursorChange> changes;
  for (uint64_t i = 0; i < 20'000; ++i) {
    changes.push_back(
        {CursorRecordType::kCursorSet, kLog, std::to_string(i), i});
  }
  Put(*cursors, changes);
  EXPECT_GT(cursors->file_bytes(), 1u << 20);
  EXPECT_FALSE(cursors->NeedsCompaction());  // all of it is live
  Put(*cursors, {{CursorRecordType::kLogDeleted, kLog, "", 1}});
  EXPECT_TRUE(cursors->NeedsCompaction());
  ASSERT_TRUE(cursors->Compact().ok());
  EXPECT_FALSE(cursors->NeedsCompaction());
}

TEST(CursorFileCompactionTest, AForgottenDeletedLogGoesWithTheNextCompaction) {
  FaultyFileSystem disk;
  const auto cursors = Load(disk);
  Fill(*cursors);
  cursors->ForgetDeletedLog(LogId{{9}, 1});
  EXPECT_TRUE(Load(disk)->DeletedBelow(LogId{{9}, 1}).has_value());
  ASSERT_TRUE(cursors->Compact().ok());
  EXPECT_FALSE(Load(disk)->DeletedBelow(LogId{{9}, 1}).has_value());
}

TEST(CursorFileCompactionTest,
     DamageToTheLastCompactedRecordIsNotTakenForTorn) {
  FaultyFileSystem disk;
  {
    const auto cursors = Load(disk);
    Fill(*cursors);
    ASSERT_TRUE(cursors->Compact().ok());
  }
  Bytes bytes;
  ASSERT_TRUE(disk.ReadFile(kPath, &bytes).ok());
  ASSERT_TRUE(disk.FlipBit(kPath, (bytes.size() - 64 + 33) * 8).ok());
  CursorLoadReport report;
  Load(disk, &report);
  EXPECT_GT(report.corrupt_bytes, 0u);
  EXPECT_EQ(report.torn_bytes, 0u);
}

}  // namespace
}  // namespace walrus
