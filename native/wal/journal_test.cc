#include "wal/journal.h"

#include <gtest/gtest.h>

#include <thread>

#include "testing/journal_fixture.h"

namespace walrus {
namespace {

constexpr char kFile0[] = "/instance/journal.0";

// Appends a group with one run in its own new block.
uint64_t AppendOne(Journal& journal, uint32_t unit, uint64_t block_id,
                   size_t value_bytes = 100) {
  const BlockHeader block = BlockInUnit(unit, block_id);
  TestGroup group;
  group.AddBlock(block);
  group.AddRun(block, kBlockHeaderAreaBytes, 0, value_bytes);
  uint64_t sequence = 0;
  const Status status = journal.Append(group.entries(), &sequence);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return sequence;
}

TEST(JournalTest, SequencesAreDenseAndSyncedOnlyBySync) {
  FaultyFileSystem disk;
  CreateDataFile(disk);
  const auto journal = OpenJournal(disk);
  EXPECT_EQ(AppendOne(*journal, 0, 1), 1u);
  EXPECT_EQ(AppendOne(*journal, 1, 2), 2u);
  EXPECT_EQ(journal->written_sequence(), 2u);
  EXPECT_EQ(journal->synced_sequence(), 0u);
  ASSERT_TRUE(journal->Sync().ok());
  EXPECT_EQ(journal->synced_sequence(), 2u);
  EXPECT_TRUE(disk.IsSynced(kFile0));
}

TEST(JournalTest, EachGroupTakesWholePages) {
  FaultyFileSystem disk;
  CreateDataFile(disk);
  const auto journal = OpenJournal(disk, 16 << 10);
  EXPECT_TRUE(journal->Fits(12 << 10));
  EXPECT_FALSE(journal->Fits((12 << 10) + 4096));
  EXPECT_TRUE(journal->FitsEmptyFile(12 << 10));
  EXPECT_FALSE(journal->FitsEmptyFile(16 << 10));
  AppendOne(*journal, 0, 1, 10);
  EXPECT_EQ(journal->used_bytes(), 4096u);
  AppendOne(*journal, 0, 2, 5000);
  EXPECT_EQ(journal->used_bytes(), 3 * 4096u);
  EXPECT_FALSE(journal->Fits(4096));
}

TEST(JournalTest, AFullFileWaitsToBeFreedBeforeItIsUsedAgain) {
  FaultyFileSystem disk;
  CreateDataFile(disk);
  const auto journal = OpenJournal(disk, 16 << 10);
  EXPECT_FALSE(journal->checkpoint_due());
  AppendOne(*journal, 0, 1, 5000);
  ASSERT_TRUE(journal->SwitchFile().ok());
  EXPECT_TRUE(journal->checkpoint_due());
  EXPECT_EQ(journal->used_bytes(), 0u);
  AppendOne(*journal, 0, 2, 5000);
  EXPECT_EQ(journal->SwitchFile().code(), Code::kBusy);
  EXPECT_EQ(journal->used_bytes(), 8192u);  // nothing changed
  ASSERT_TRUE(journal->Sync().ok());
  EXPECT_EQ(journal->synced_sequence(), 2u);
  ASSERT_TRUE(journal->Free().ok());
  EXPECT_FALSE(journal->checkpoint_due());
  ASSERT_TRUE(journal->SwitchFile().ok());
  EXPECT_EQ(AppendOne(*journal, 0, 3), 3u);
}

TEST(JournalTest, ASyncAfterASwitchCoversBothFiles) {
  FaultyFileSystem disk;
  CreateDataFile(disk);
  const auto journal = OpenJournal(disk, 16 << 10);
  AppendOne(*journal, 0, 1);
  ASSERT_TRUE(journal->SwitchFile().ok());
  AppendOne(*journal, 0, 2);
  // The older file's sync fails: the newer group must not count as synced.
  Fault fault;
  fault.call = FaultyCall::kSync;
  fault.path_contains = "journal.0";
  disk.Inject(fault);
  EXPECT_EQ(journal->Sync().code(), Code::kIo);
  EXPECT_EQ(journal->synced_sequence(), 0u);
}

TEST(JournalTest, WithoutSpaceTheGroupIsClearedAndItsSequenceFree) {
  FaultyFileSystem disk;
  CreateDataFile(disk);
  {
    const auto journal = OpenJournal(disk);
    AppendOne(*journal, 0, 1);
    const BlockHeader block = BlockInUnit(1, 2);
    TestGroup group;
    group.AddBlock(block);
    Fault fault;
    fault.error_number = ENOSPC;
    fault.bytes_before = 1 << 20;  // all of it arrives, and then the error
    disk.Inject(fault);
    uint64_t sequence = 77;
    EXPECT_EQ(journal->Append(group.entries(), &sequence).code(),
              Code::kNoSpace);
    EXPECT_EQ(sequence, 77u);
    EXPECT_EQ(journal->written_sequence(), 1u);
  }
  const JournalReplayReport report = ReplayInto(disk);
  EXPECT_EQ(report.groups, 1u);
  EXPECT_FALSE(report.corrupt);
}

TEST(JournalTest, NothingIsReplayedAfterClose) {
  FaultyFileSystem disk;
  CreateDataFile(disk);
  {
    const auto journal = OpenJournal(disk);
    AppendOne(*journal, 0, 1);
    ASSERT_TRUE(journal->Sync().ok());
    ASSERT_TRUE(journal->Close().ok());
  }
  for (const CrashMode mode : kAllCrashModes) {
    const auto after = disk.Crash(mode, 2);
    const JournalReplayReport report = ReplayInto(*after);
    EXPECT_EQ(report.groups, 0u);
    EXPECT_FALSE(report.corrupt);
  }
}

TEST(JournalTest, ACrashAtAnyStepOfCreationLeavesAnOpenableDirectory) {
  for (const CrashMode mode : kAllCrashModes) {
    for (uint64_t step = 1; step < 40; ++step) {
      FaultyFileSystem disk(step);
      CreateDataFile(disk);
      Fault fault;
      fault.call = FaultyCall::kAnyChange;
      fault.nth = step;
      fault.forever = true;
      disk.Inject(fault);
      std::unique_ptr<Journal> journal;
      const Status opened = Journal::Open(
          disk, {kJournalDirectory, kJournalInstance, 16 << 10}, &journal);
      const auto after = disk.Crash(mode, step);
      const JournalReplayReport report = ReplayInto(*after);
      EXPECT_FALSE(report.corrupt) << static_cast<int>(mode) << " " << step;
      EXPECT_EQ(report.groups, 0u);
      EXPECT_NE(OpenJournal(*after, 16 << 10), nullptr);
      if (opened.ok()) break;
    }
  }
}

TEST(JournalTest, DiscardRemovesTheFilesDurably) {
  FaultyFileSystem disk;
  CreateDataFile(disk);
  OpenJournal(disk);
  ASSERT_TRUE(Journal::Discard(disk, kJournalDirectory).ok());
  const auto after = disk.Crash(CrashMode::kLoseUnsynced, 1);
  EXPECT_EQ(after->ListFiles().size(), 1u);  // the data file
  EXPECT_TRUE(Journal::Discard(*after, kJournalDirectory).ok());
}

TEST(JournalTest, RefusesAFileSizeThatIsNotWholePages) {
  FaultyFileSystem disk;
  CreateDataFile(disk);
  std::unique_ptr<Journal> journal;
  for (uint64_t bytes : {0u, 4096u, 12'288u, 20'000u}) {
    EXPECT_EQ(Journal::Open(disk, {kJournalDirectory, kJournalInstance, bytes},
                            &journal)
                  .code(),
              Code::kInvalidInput);
  }
}

TEST(JournalTest, AGrownSettingGrowsTheFiles) {
  FaultyFileSystem disk;
  CreateDataFile(disk);
  OpenJournal(disk, 16 << 10);
  const auto journal = OpenJournal(disk, 64 << 10);
  EXPECT_TRUE(journal->Fits(60 << 10));
  Bytes bytes;
  ASSERT_TRUE(disk.ReadFile(kFile0, &bytes).ok());
  EXPECT_EQ(bytes.size(), 64u << 10);
}

TEST(JournalTest, ZeroingAheadNeverTouchesGroups) {
  FaultyFileSystem disk;
  CreateDataFile(disk);
  constexpr uint64_t kFileBytes = 4 << 20;
  const auto journal = OpenJournal(disk, kFileBytes);
  std::thread zeroing([&journal] {
    for (bool more = true; more;) ASSERT_TRUE(journal->ZeroAhead(&more).ok());
  });
  uint64_t groups = 0;
  while (journal->Fits(8192)) {
    AppendOne(*journal, 0, ++groups, 3000);
  }
  zeroing.join();
  const JournalReplayReport report = ReplayInto(disk);
  EXPECT_EQ(report.groups, groups);
  EXPECT_FALSE(report.corrupt);
  bool more = true;
  ASSERT_TRUE(journal->ZeroAhead(&more).ok());
  EXPECT_FALSE(more);
}

TEST(JournalTest, CommitAndSyncThreadsWorkSideBySide) {
  FaultyFileSystem disk;
  CreateDataFile(disk);
  const auto journal = OpenJournal(disk, 32 << 10);
  constexpr uint64_t kGroups = 500;
  std::thread commit([&journal] {
    const BlockHeader block = BlockInUnit(0, 1);
    for (uint64_t i = 0; i < kGroups; ++i) {
      TestGroup group;
      group.AddBlock(block);
      while (!journal->Fits(Journal::GroupBytes(group.entries())) &&
             !journal->SwitchFile().ok()) {
        std::this_thread::yield();
      }
      uint64_t sequence = 0;
      ASSERT_TRUE(journal->Append(group.entries(), &sequence).ok());
      ASSERT_EQ(sequence, i + 1);
    }
  });
  while (journal->synced_sequence() < kGroups) {
    ASSERT_TRUE(journal->Sync().ok());
    if (journal->checkpoint_due()) {
      ASSERT_TRUE(journal->Free().ok());
    }
  }
  commit.join();
  EXPECT_EQ(journal->synced_sequence(), kGroups);
}

}  // namespace
}  // namespace walrus
