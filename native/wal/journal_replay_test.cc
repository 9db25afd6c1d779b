#include "wal/journal_replay.h"

#include <gtest/gtest.h>

#include <functional>

#include "testing/journal_fixture.h"
#include "wal/cursor_file.h"

namespace walrus {
namespace {

constexpr char kFile0[] = "/instance/journal.0";
constexpr char kFile1[] = "/instance/journal.1";

// An instance whose groups each add one run to one block.
class ReplayTest : public ::testing::Test {
 protected:
  void SetUp() override {
    CreateDataFile(disk_);
    journal_ = OpenJournal(disk_, 32 << 10);
  }

  // Group `index` (from 0); in place too, so that the page cache has it.
  void AppendGroup(size_t value_bytes = 200) {
    TestGroup group;
    if (groups_ == 0) group.AddBlock(block_);
    tail_ = group.AddRun(block_, tail_, groups_, value_bytes);
    group.WriteInPlace(disk_);
    uint64_t sequence = 0;
    ASSERT_TRUE(journal_->Append(group.entries(), &sequence).ok());
    ends_.push_back(tail_);
    ++groups_;
  }

  // How many of the groups' runs are whole in the data file, from the first.
  uint64_t WholeRuns(const FaultyFileSystem& disk) const {
    Bytes bytes = DataFileBytes(disk);
    bytes.resize(UnitPosition(2));
    uint64_t whole = 0;
    uint64_t start = kBlockHeaderAreaBytes;
    for (const uint64_t end : ends_) {
      const auto run =
          std::span(bytes).subspan(UnitPosition(0) + start, end - start);
      CommitFrame frame;
      if (CommitFrame::Decode(run.last(kFrameBytes), &frame) != Decoded::kOk ||
          !VerifyRun(frame, run.first(frame.run_length)).ok()) {
        break;
      }
      ++whole;
      start = end;
    }
    return whole;
  }

  static void SyncDataFile(FaultyFileSystem* disk) {
    const std::string path =
        std::string(kJournalDirectory) + "/" + std::to_string(kJournalFileId);
    std::unique_ptr<File> file;
    ASSERT_TRUE(disk->Open(path, OpenMode::kExisting, &file).ok());
    ASSERT_TRUE(file->Sync().ok());
  }

  // Groups fill the file in use; the last one is torn by a crash, after which
  // two groups in the other file are whole.
  std::unique_ptr<FaultyFileSystem> CrashWithAGapBetweenFiles(
      const char* full_file) {
    while (journal_->Fits(4096)) AppendGroup();
    EXPECT_TRUE(journal_->SwitchFile().ok());
    AppendGroup();
    AppendGroup();
    EXPECT_TRUE(journal_->Sync().ok());
    auto after = disk_.Crash(CrashMode::kLoseUnsynced, 1);
    const uint64_t last_group = (32 << 10) - kJournalAlignment;
    EXPECT_TRUE(after->FlipBit(full_file, last_group * 8 + 77).ok());
    return after;
  }

  // Empties the journal's files, with a crash before each change of the disk:
  // what a replay then finds is what a replay found before.
  void ExpectSameAfterCrashesIn(FaultyFileSystem* disk,
                                const std::function<void()>& empty_files) {
    ReplayInto(*disk);
    SyncDataFile(disk);
    EXPECT_EQ(WholeRuns(*disk), groups_ - 3);
    const Bytes replayed = DataFileBytes(*disk);
    std::vector<std::unique_ptr<FaultyFileSystem>> crashed;
    disk->SetCallHook([&](FaultyCall call, const std::string&) {
      if (call == FaultyCall::kOpen || call == FaultyCall::kRead) return;
      for (const CrashMode mode : kAllCrashModes) {
        crashed.push_back(disk->Crash(mode, crashed.size()));
      }
    });
    empty_files();
    disk->SetCallHook(nullptr);
    EXPECT_GE(crashed.size(), 4 * kAllCrashModes.size());
    for (size_t crash = 0; crash < crashed.size(); ++crash) {
      const auto& state = crashed[crash];
      EXPECT_FALSE(ReplayInto(*state).corrupt);
      EXPECT_TRUE(DataFileBytes(*state) == replayed) << "crash " << crash;
    }
  }

  FaultyFileSystem disk_;
  std::unique_ptr<Journal> journal_;
  BlockHeader block_ = BlockInUnit(0, 10);
  uint64_t tail_ = kBlockHeaderAreaBytes;
  uint64_t groups_ = 0;
  std::vector<uint64_t> ends_;
};

TEST_F(ReplayTest, BringsBackWhatOnlyTheJournalHad) {
  for (int i = 0; i < 5; ++i) AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  const Bytes expected = DataFileBytes(disk_);
  const auto after = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  EXPECT_EQ(WholeRuns(*after), 0u);
  const JournalReplayReport report = ReplayInto(*after);
  EXPECT_EQ(report.groups, 5u);
  EXPECT_EQ(report.applied, 6u);
  EXPECT_EQ(report.skipped, 0u);
  EXPECT_FALSE(report.corrupt);
  EXPECT_EQ(DataFileBytes(*after), expected);
}

TEST_F(ReplayTest, ASecondReplayChangesNothing) {
  for (int i = 0; i < 5; ++i) AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  const auto after = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  ReplayInto(*after);
  const Bytes once = DataFileBytes(*after);
  const JournalReplayReport report = ReplayInto(*after);
  EXPECT_EQ(report.groups, 5u);
  EXPECT_EQ(report.skipped, 1u);  // the block's header, there already
  EXPECT_EQ(DataFileBytes(*after), once);
}

TEST_F(ReplayTest, AfterAnyCrashEverySyncedGroupIsBackAndTornOnesEndIt) {
  for (int i = 0; i < 3; ++i) AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  for (int i = 0; i < 3; ++i) AppendGroup(3000);
  for (const CrashMode mode : kAllCrashModes) {
    for (uint64_t seed = 0; seed < 60; ++seed) {
      const auto after = disk_.Crash(mode, seed);
      const JournalReplayReport report = ReplayInto(*after);
      EXPECT_FALSE(report.corrupt) << static_cast<int>(mode) << " " << seed;
      EXPECT_GE(report.groups, 3u);
      EXPECT_LE(report.groups, 6u);
      EXPECT_GE(WholeRuns(*after), report.groups);
      if (mode == CrashMode::kKeepAll) {
        EXPECT_EQ(report.groups, 6u);
      } else if (mode == CrashMode::kLoseUnsynced) {
        EXPECT_EQ(report.groups, 3u);
      }
    }
  }
}

// The last group of the full file is torn, those of the next file arrived:
// replay stops at the gap. Once the full file is started anew nothing shows
// that gap any more, so the later groups must be gone by then.
TEST_F(ReplayTest, ACrashWhileTheFilesStartAnewBringsNoLaterGroupBack) {
  const auto after = CrashWithAGapBetweenFiles(kFile0);
  const auto copy = after->Crash(CrashMode::kKeepAll, 1);
  ExpectSameAfterCrashesIn(after.get(), [&] { OpenJournal(*after, 32 << 10); });
  ExpectSameAfterCrashesIn(copy.get(), [&] {
    EXPECT_TRUE(Journal::Discard(*copy, kJournalDirectory).ok());
  });
}

TEST_F(ReplayTest, NorWhenTheSecondFileIsTheOlderOne) {
  while (journal_->Fits(4096)) AppendGroup();
  ASSERT_TRUE(journal_->SwitchFile().ok());
  ASSERT_TRUE(journal_->Sync().ok());
  SyncDataFile(&disk_);
  ASSERT_TRUE(journal_->Free().ok());
  const auto after = CrashWithAGapBetweenFiles(kFile1);
  ExpectSameAfterCrashesIn(after.get(), [&] { OpenJournal(*after, 32 << 10); });
}

TEST_F(ReplayTest, GroupsOfBothFilesComeInOrder) {
  while (journal_->Fits(4096)) AppendGroup();
  ASSERT_TRUE(journal_->SwitchFile().ok());
  AppendGroup();
  AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  const auto after = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  const JournalReplayReport report = ReplayInto(*after);
  EXPECT_EQ(report.groups, groups_);
  EXPECT_EQ(WholeRuns(*after), groups_);
}

TEST_F(ReplayTest, AGroupTornInTheOlderFileHidesTheNewerFile) {
  AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  AppendGroup();  // not synced
  ASSERT_TRUE(journal_->SwitchFile().ok());
  AppendGroup();  // not synced either, but its bytes arrived
  Bytes journal1;
  ASSERT_TRUE(disk_.ReadFile(kFile1, &journal1).ok());
  const auto after = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  ASSERT_TRUE(after->WriteFile(kFile1, journal1).ok());
  const JournalReplayReport report = ReplayInto(*after);
  EXPECT_EQ(report.groups, 1u);
  EXPECT_FALSE(report.corrupt);
}

TEST_F(ReplayTest, AFreedFilesOldGroupsAreNeverReplayed) {
  while (journal_->Fits(4096)) AppendGroup();
  ASSERT_TRUE(journal_->SwitchFile().ok());
  AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  ASSERT_TRUE(journal_->Free().ok());
  const uint64_t before = groups_;
  // One group over the first of the old ones; the others are still there.
  ASSERT_TRUE(journal_->SwitchFile().ok());
  AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  const auto after = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  const JournalReplayReport report = ReplayInto(*after);
  EXPECT_EQ(report.groups, 2u);
  EXPECT_EQ(groups_, before + 1);
  EXPECT_FALSE(report.corrupt);
}

TEST_F(ReplayTest, ACrashWhileAFileStartsAnewReplaysAllOrNothingOfIt) {
  while (journal_->Fits(4096)) AppendGroup();
  const uint64_t in_first = groups_;
  ASSERT_TRUE(journal_->SwitchFile().ok());
  AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  for (const CrashMode mode : kAllCrashModes) {
    for (uint64_t step = 1; step <= 4; ++step) {
      const auto copy = disk_.Crash(CrashMode::kKeepAll, step);
      const auto reopened_at = DataFileBytes(*copy);
      Fault fault;
      fault.call = FaultyCall::kAnyChange;
      fault.nth = step;
      fault.forever = true;
      copy->Inject(fault);
      // Starts the newer file anew first, both copies of its header.
      std::unique_ptr<Journal> reopened;
      const Status status = Journal::Open(
          *copy, {kJournalDirectory, kJournalInstance, 32 << 10}, &reopened);
      EXPECT_FALSE(status.ok());
      const auto after = copy->Crash(mode, step);
      const JournalReplayReport report = ReplayInto(*after);
      EXPECT_FALSE(report.corrupt);
      EXPECT_TRUE(report.groups == in_first + 1 || report.groups == in_first)
          << report.groups;
      EXPECT_EQ(DataFileBytes(*after), reopened_at);
    }
  }
}

TEST_F(ReplayTest, DamageBelowTheSyncedSequenceIsReportedAndTheRestApplied) {
  for (int i = 0; i < 4; ++i) {
    AppendGroup();
    ASSERT_TRUE(journal_->Sync().ok());
  }
  // Group 2, at the second page after the header area.
  ASSERT_TRUE(disk_.FlipBit(kFile0, (4096 + 4096 + 300) * 8).ok());
  const auto after = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  const JournalReplayReport report = ReplayInto(*after);
  EXPECT_TRUE(report.corrupt);
  ASSERT_EQ(report.notes.size(), 1u);
  EXPECT_NE(report.notes[0].find("2 to 2"), std::string::npos)
      << report.notes[0];
  EXPECT_EQ(report.groups, 3u);
  EXPECT_EQ(WholeRuns(*after), 1u);  // the blocks' own checks see the hole
}

TEST_F(ReplayTest, EveryFlippedBitOfASyncedGroupThatIsFollowedIsFound) {
  for (int i = 0; i < 3; ++i) {
    AppendGroup(20);
    ASSERT_TRUE(journal_->Sync().ok());
  }
  const auto synced = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  Bytes bytes;
  ASSERT_TRUE(synced->ReadFile(kFile0, &bytes).ok());
  GroupHeader header;
  ASSERT_EQ(GroupHeader::Decode(std::span(bytes).subspan(4096), &header),
            Decoded::kOk);
  for (uint64_t bit = 0; bit < header.length * 8; bit += 3) {
    ASSERT_TRUE(synced->FlipBit(kFile0, 4096 * 8 + bit).ok());
    const auto copy = synced->Crash(CrashMode::kKeepAll, 1);
    ASSERT_TRUE(ReplayInto(*copy).corrupt) << "bit " << bit;
    ASSERT_TRUE(synced->FlipBit(kFile0, 4096 * 8 + bit).ok());
  }
}

TEST_F(ReplayTest, LosingBothHeadersIsReported) {
  AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  ASSERT_TRUE(disk_.FlipBit(kFile0, 100).ok());
  EXPECT_EQ(ReplayInto(disk_).groups, 1u);  // the copy serves
  ASSERT_TRUE(disk_.FlipBit(kFile0, 2048 * 8 + 100).ok());
  const JournalReplayReport report = ReplayInto(disk_);
  EXPECT_TRUE(report.corrupt);
  EXPECT_EQ(report.groups, 0u);
}

TEST_F(ReplayTest, RunsOfABlockWhoseUnitWasGivenToAnotherAreSkipped) {
  for (int i = 0; i < 3; ++i) AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  const auto after = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  TestGroup newer;
  newer.AddBlock(BlockInUnit(0, 11));
  newer.WriteInPlace(*after);
  const Bytes expected = DataFileBytes(*after);
  const JournalReplayReport report = ReplayInto(*after);
  EXPECT_EQ(report.applied, 0u);
  EXPECT_EQ(report.skipped, 4u);
  EXPECT_EQ(DataFileBytes(*after), expected);
}

TEST_F(ReplayTest, AnOlderBlocksUnitIsTakenOver) {
  TestGroup older;
  older.AddBlock(BlockInUnit(0, 9));
  older.WriteInPlace(disk_);
  AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  const JournalReplayReport report = ReplayInto(disk_);
  EXPECT_EQ(WholeRuns(disk_), 1u);
  EXPECT_FALSE(report.corrupt);
}

TEST_F(ReplayTest, FilesThatAreGoneAreSkipped) {
  AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  ASSERT_TRUE(disk_.Remove("/instance/" + std::to_string(kJournalFileId)).ok());
  const JournalReplayReport report = ReplayInto(disk_);
  EXPECT_EQ(report.groups, 1u);
  EXPECT_EQ(report.skipped, 2u);
}

TEST_F(ReplayTest, AnotherInstancesJournalIsReportedAndNotReplayed) {
  AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  TestTarget target(disk_);
  JournalReplayReport report;
  ASSERT_TRUE(
      ReplayJournal(disk_, kJournalDirectory, InstanceId{99}, &target, &report)
          .ok());
  EXPECT_TRUE(report.corrupt);
  EXPECT_EQ(report.groups, 0u);
}

TEST_F(ReplayTest, CursorRecordsComeBackIntoTheirGenerationOnly) {
  const LogId log{{1}, 2};
  const std::vector<CursorChange> changes = {
      {CursorRecordType::kCursorSet, log, "reader", 41}};
  CursorLoadReport load_report;
  std::unique_ptr<CursorFile> cursors;
  ASSERT_TRUE(CursorFile::Load(disk_, kJournalDirectory, kJournalInstance,
                               &cursors, &load_report)
                  .ok());
  const CursorRecords records = cursors->Build(changes);
  TestGroup group;
  group.AddCursorRecords(records.generation, records.position, records.bytes);
  uint64_t sequence = 0;
  ASSERT_TRUE(journal_->Append(group.entries(), &sequence).ok());
  ASSERT_TRUE(journal_->Sync().ok());

  const auto after = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  EXPECT_EQ(ReplayInto(*after).applied, 1u);
  std::unique_ptr<CursorFile> again;
  ASSERT_TRUE(CursorFile::Load(*after, kJournalDirectory, kJournalInstance,
                               &again, &load_report)
                  .ok());
  EXPECT_EQ(again->Cursor(log, "reader"), 41u);

  ASSERT_TRUE(cursors->Compact().ok());
  const JournalReplayReport report = ReplayInto(disk_);
  EXPECT_EQ(report.applied, 0u);
  EXPECT_EQ(report.skipped, 1u);
  EXPECT_FALSE(report.corrupt);
}

TEST_F(ReplayTest, AnErrorOfTheTargetIsHandedOn) {
  AppendGroup();
  ASSERT_TRUE(journal_->Sync().ok());
  Fault fault;
  fault.path_contains = std::to_string(kJournalFileId);
  disk_.Inject(fault);
  TestTarget target(disk_);
  JournalReplayReport report;
  EXPECT_EQ(ReplayJournal(disk_, kJournalDirectory, kJournalInstance, &target,
                          &report)
                .code(),
            Code::kIo);
}

}  // namespace
}  // namespace walrus
