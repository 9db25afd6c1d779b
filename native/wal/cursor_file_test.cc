#include "wal/cursor_file.h"

#include <gtest/gtest.h>

#include "testing/faulty_file_system.h"
#include "testing/test_batches.h"

namespace walrus {
namespace {

constexpr char kDirectory[] = "/instance";
constexpr char kPath[] = "/instance/read_offset_idx_index.db";
constexpr InstanceId kInstance{5, 6, 7};
constexpr LogId kLog{{1}, 0};
constexpr LogId kOtherLog{{2}, 3};

CursorChange Set(const LogId& log, std::string reader, uint64_t offset) {
  return {CursorRecordType::kCursorSet, log, std::move(reader), offset};
}

struct Opened {
  std::unique_ptr<CursorFile> cursors;
  CursorLoadReport report;
};

Opened Load(FileSystem& disk) {
  Opened opened;
  EXPECT_TRUE(disk.CreateDirectories(kDirectory).ok());
  const Status status = CursorFile::Load(disk, kDirectory, kInstance,
                                         &opened.cursors, &opened.report);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return opened;
}

void Put(CursorFile& cursors, const std::vector<CursorChange>& changes) {
  const CursorRecords records = cursors.Build(changes);
  ASSERT_TRUE(cursors.Write(records).ok());
  cursors.Commit(records, changes);
}

TEST(CursorFileTest, EveryKindOfChangeComesBack) {
  FaultyFileSystem disk;
  {
    const auto [cursors, report] = Load(disk);
    EXPECT_TRUE(report.created);
    Put(*cursors, {Set(kLog, "a", 10), Set(kLog, "b", 20)});
    Put(*cursors, {Set(kLog, "a", 11), Set(kOtherLog, "c", 5)});
    Put(*cursors, {{CursorRecordType::kCursorDeleted, kLog, "b", 0},
                   {CursorRecordType::kLogStart, kLog, "", 7},
                   {CursorRecordType::kLeaderEpoch, LogId(), "", 3},
                   {CursorRecordType::kLogDeleted, kOtherLog, "", 99}});
    ASSERT_TRUE(cursors->Sync().ok());
  }
  const auto after = disk.Crash(CrashMode::kLoseUnsynced, 1);
  const auto [cursors, report] = Load(*after);
  EXPECT_FALSE(report.created);
  EXPECT_EQ(report.records, 8u);
  EXPECT_EQ(report.torn_bytes, 0u);
  EXPECT_EQ(cursors->Cursor(kLog, "a"), 11u);
  EXPECT_FALSE(cursors->Cursor(kLog, "b").has_value());
  EXPECT_FALSE(cursors->Cursor(kOtherLog, "c").has_value());
  EXPECT_EQ(cursors->LogStart(kLog), 7u);
  EXPECT_EQ(cursors->LogStart(kOtherLog), 0u);
  EXPECT_EQ(cursors->DeletedBelow(kOtherLog), 99u);
  EXPECT_FALSE(cursors->DeletedBelow(kLog).has_value());
  EXPECT_EQ(cursors->LeaderEpoch(), 3u);
  EXPECT_EQ(cursors->Logs(), std::vector<LogId>{kLog});
  EXPECT_EQ(cursors->Cursors(kLog).size(), 1u);
}

TEST(CursorFileTest, LogStartAndLeaderEpochNeverGoBack) {
  FaultyFileSystem disk;
  const auto [cursors, report] = Load(disk);
  Put(*cursors, {{CursorRecordType::kLogStart, kLog, "", 7},
                 {CursorRecordType::kLogStart, kLog, "", 4},
                 {CursorRecordType::kLeaderEpoch, LogId(), "", 3},
                 {CursorRecordType::kLeaderEpoch, LogId(), "", 2}});
  EXPECT_EQ(cursors->LogStart(kLog), 7u);
  EXPECT_EQ(cursors->LeaderEpoch(), 3u);
}

TEST(CursorFileTest, CleanCloseMarkCountsOnlyAtTheEnd) {
  FaultyFileSystem disk;
  {
    const auto [cursors, report] = Load(disk);
    Put(*cursors,
        {Set(kLog, "a", 1), {CursorRecordType::kCleanClose, LogId(), "", 0}});
  }
  {
    const auto [cursors, report] = Load(disk);
    EXPECT_TRUE(report.clean_close);
    Put(*cursors, {Set(kLog, "a", 2)});
  }
  EXPECT_FALSE(Load(disk).report.clean_close);
}

TEST(CursorFileTest, ABuildThatIsNotCommittedIsForgotten) {
  FaultyFileSystem disk;
  const auto [cursors, report] = Load(disk);
  const CursorRecords first = cursors->Build(std::vector{Set(kLog, "a", 1)});
  const CursorRecords second = cursors->Build(std::vector{Set(kLog, "a", 2)});
  EXPECT_EQ(first.position, second.position);
  EXPECT_FALSE(cursors->Cursor(kLog, "a").has_value());
}

TEST(CursorFileTest, ATornTailIsCutInEveryKindOfCrash) {
  for (const CrashMode mode : kAllCrashModes) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
      FaultyFileSystem disk(seed);
      const auto [cursors, report] = Load(disk);
      Put(*cursors, {Set(kLog, "a", 1)});
      ASSERT_TRUE(cursors->Sync().ok());
      for (uint64_t value = 2; value < 30; ++value) {
        Put(*cursors, {Set(kLog, "a", value), Set(kLog, "b", value)});
      }
      const auto after = disk.Crash(mode, seed);
      uint64_t recovered;
      {
        const auto [again, found] = Load(*after);
        EXPECT_EQ(found.corrupt_bytes, 0u)
            << static_cast<int>(mode) << " " << seed;
        recovered = again->Cursor(kLog, "a").value_or(0);
        // "a" and "b" go together, but for the last pair.
        const uint64_t other = again->Cursor(kLog, "b").value_or(1);
        EXPECT_TRUE(other == recovered || other + 1 == recovered);
        EXPECT_GE(recovered, 1u);
        if (mode == CrashMode::kKeepAll) {
          EXPECT_EQ(recovered, 29u);
        } else if (mode == CrashMode::kLoseUnsynced) {
          EXPECT_EQ(recovered, 1u);
        }
        Put(*again, {Set(kLog, "z", 5)});
      }
      // What was cut stays cut, and what came after it counts.
      const auto [third, found] = Load(*after);
      EXPECT_EQ(found.torn_bytes, 0u);
      EXPECT_EQ(third->Cursor(kLog, "a"), recovered);
      EXPECT_EQ(third->Cursor(kLog, "z"), 5u);
    }
  }
}

TEST(CursorFileTest, DamageBelowTheSyncedEndIsReportedAndTheRestKept) {
  FaultyFileSystem disk;
  {
    const auto [cursors, report] = Load(disk);
    for (uint64_t i = 0; i < 10; ++i) {
      Put(*cursors, {Set(kLog, "reader-" + std::to_string(i), i)});
      ASSERT_TRUE(cursors->Sync().ok());
    }
  }
  // The fourth record; each is 64 bytes after the two headers.
  ASSERT_TRUE(disk.FlipBit(kPath, (128 + 3 * 64 + 33) * 8).ok());
  Bytes damaged;
  ASSERT_TRUE(disk.ReadFile(kPath, &damaged).ok());
  {
    const auto [cursors, report] = Load(disk);
    EXPECT_EQ(report.corrupt_bytes, 64u);
    EXPECT_EQ(report.records, 9u);
    EXPECT_FALSE(cursors->Cursor(kLog, "reader-3").has_value());
    for (const uint64_t i : {0u, 2u, 4u, 9u}) {
      EXPECT_EQ(cursors->Cursor(kLog, "reader-" + std::to_string(i)), i);
    }
    Bytes copy;
    ASSERT_TRUE(disk.ReadFile(report.quarantine_path, &copy).ok());
    EXPECT_EQ(copy, damaged);
  }
  // Reported once: the file was written anew.
  const auto [cursors, report] = Load(disk);
  EXPECT_EQ(report.corrupt_bytes, 0u);
  EXPECT_EQ(cursors->Cursors(kLog).size(), 9u);
}

TEST(CursorFileTest, EveryFlippedBitOfACleanlyClosedFileIsFound) {
  FaultyFileSystem disk;
  uint64_t mark_position;
  {
    const auto [cursors, report] = Load(disk);
    for (uint64_t i = 0; i < 4; ++i) Put(*cursors, {Set(kLog, "reader", i)});
    ASSERT_TRUE(cursors->Sync().ok());
    mark_position = cursors->file_bytes();
    Put(*cursors, {{CursorRecordType::kCleanClose, LogId(), "", 0}});
    ASSERT_TRUE(cursors->Sync().ok());
  }
  Bytes good;
  ASSERT_TRUE(disk.ReadFile(kPath, &good).ok());
  for (uint64_t bit = 0; bit < mark_position * 8; ++bit) {
    FaultyFileSystem copy;
    ASSERT_TRUE(copy.CreateDirectories(kDirectory).ok());
    ASSERT_TRUE(copy.WriteFile(kPath, good).ok());
    ASSERT_TRUE(copy.FlipBit(kPath, bit).ok());
    const auto [cursors, report] = Load(copy);
    if (bit / 8 < kCursorFileHeaderAreaBytes) {
      // The other copy of the header serves.
      EXPECT_EQ(cursors->Cursor(kLog, "reader"), 3u);
    } else {
      ASSERT_GT(report.corrupt_bytes, 0u) << "bit " << bit;
    }
  }
}

TEST(CursorFileTest, LosingBothHeadersIsCorruptionAndNotSilence) {
  FaultyFileSystem disk;
  {
    const auto [cursors, report] = Load(disk);
    Put(*cursors, {Set(kLog, "a", 1)});
    ASSERT_TRUE(cursors->Sync().ok());
  }
  ASSERT_TRUE(disk.FlipBit(kPath, 100).ok());
  ASSERT_TRUE(disk.FlipBit(kPath, 64 * 8 + 100).ok());
  const auto [cursors, report] = Load(disk);
  EXPECT_GT(report.corrupt_bytes, 0u);
  EXPECT_FALSE(report.quarantine_path.empty());
  EXPECT_GT(cursors->generation(), 1u);
}

TEST(CursorFileTest, AnotherInstancesFileIsRefused) {
  FaultyFileSystem disk;
  Load(disk);
  std::unique_ptr<CursorFile> cursors;
  CursorLoadReport report;
  EXPECT_EQ(CursorFile::Load(disk, kDirectory, InstanceId{9}, &cursors, &report)
                .code(),
            Code::kInvalidInput);
}

TEST(CursorFileTest, CutBackLeavesNothingOfAFailedWrite) {
  FaultyFileSystem disk;
  const auto [cursors, report] = Load(disk);
  Put(*cursors, {Set(kLog, "a", 1)});
  const std::vector<CursorChange> three = {Set(kLog, "x", 1), Set(kLog, "y", 1),
                                           Set(kLog, "z", 1)};
  ASSERT_TRUE(cursors->Write(cursors->Build(three)).ok());
  ASSERT_TRUE(cursors->CutBack().ok());
  // One record where three were: the other two must not follow it.
  Put(*cursors, {Set(kLog, "a", 2)});
  for (const CrashMode mode : {CrashMode::kKeepAll, CrashMode::kKeepPrefix}) {
    const auto after = disk.Crash(mode, 3);
    const auto [again, found] = Load(*after);
    EXPECT_FALSE(again->Cursor(kLog, "y").has_value());
    EXPECT_FALSE(again->Cursor(kLog, "z").has_value());
  }
}

TEST(CursorFileTest, ReaderNamesCannotForgeRecords) {
  FaultyFileSystem disk;
  CursorRecord forged{CursorRecordType::kLogDeleted, kLog, 1000, 500, 499, ""};
  Bytes bytes(forged.EncodedBytes());
  forged.EncodeTo(Tag{}, bytes.data());
  // Placed so that it would lie at an aligned position of the file.
  std::string name(16, 'n');
  for (const std::byte byte : bytes) name += static_cast<char>(byte);
  {
    const auto [cursors, report] = Load(disk);
    Put(*cursors, {Set(kLog, name, 1)});
    ASSERT_TRUE(cursors->Sync().ok());
    Put(*cursors, {Set(kLog, "b", 1)});
  }
  ASSERT_TRUE(disk.FlipBit(kPath, (128 + 20) * 8).ok());
  const auto [cursors, report] = Load(disk);
  EXPECT_GT(report.corrupt_bytes, 0u);
  EXPECT_FALSE(cursors->DeletedBelow(kLog).has_value());
  EXPECT_EQ(cursors->Cursor(kLog, "b"), 1u);
}

}  // namespace
}  // namespace walrus
