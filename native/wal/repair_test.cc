#include "wal/repair.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/test_instance.h"
#include "wal/format.h"

namespace walrus {
namespace {

constexpr uint64_t kRecords = 20;

// Four records of this size fill a block of 4 KiB.
std::string Value(uint64_t i) {
  return std::to_string(i) + std::string(600, static_cast<char>('a' + i % 26));
}

class RepairTest : public testing::Test {
 protected:
  RepairTest() : options_(SmallOptions(&disk_, FsyncMode::kSyncEach)) {}

  void SetUp() override {
    TestInstance instance(options_);
    ASSERT_TRUE(instance.Open().ok());
    for (uint64_t i = 0; i < kRecords; ++i) {
      ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
    }
    ASSERT_TRUE(instance.Append(2, {"other"}).ok());
    ASSERT_TRUE(instance.wal()
                    ->CommitCursorSync(instance.OpenLog(1), "r", kRecords)
                    .ok());
    ASSERT_TRUE(instance.Close().ok());
  }

  // Where the block of log 1 with this ordinal lies.
  void FindBlock(uint64_t ordinal, std::string* path, uint64_t* position) {
    class Finder : public InspectVisitor {
     public:
      void OnBlock(const InspectedBlock& block) override {
        if (block.header.log == TestLogId(1)) blocks.push_back(block);
      }
      std::vector<InspectedBlock> blocks;
    } finder;
    ASSERT_TRUE(InspectInstance({&disk_, "/wal"}, &finder).ok());
    for (const InspectedBlock& block : finder.blocks) {
      if (block.header.ordinal != ordinal) continue;
      *path = "/wal/" + std::to_string(block.header.file_id);
      *position = block.position;
      return;
    }
    FAIL() << "no block " << ordinal;
  }

  void Damage(uint64_t ordinal, uint64_t from, uint64_t length) {
    std::string path;
    uint64_t position = 0;
    FindBlock(ordinal, &path, &position);
    for (uint64_t i = 0; i < length; ++i) {
      ASSERT_TRUE(disk_.FlipBit(path, (position + from + i) * 8 + 3).ok());
    }
  }

  // The first record of the last block, and what would let an opening pass
  // over it: both checkpoints.
  void DamageTail() {
    Damage(4, kCheckpointPositions[0], 2 * kCheckpointBytes);
    Damage(4, 600, 4);
  }

  RepairReport Run(bool dry_run) {
    RepairReport report;
    RepairOptions options;
    options.file_system = &disk_;
    options.directory = "/wal";
    options.dry_run = dry_run;
    const Status status = Repair(options, &report);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return report;
  }

  // The log takes appends again, and holds [start, end) as it was written.
  void CheckWritable(uint64_t start, uint64_t end) {
    TestInstance instance(options_);
    ASSERT_TRUE(instance.Open().ok());
    const RecoveryReport& report = instance.wal()->recovery_report();
    EXPECT_TRUE(report.corruptions.empty());
    EXPECT_EQ(instance.Info(1).start_offset, start);
    AppendResult result;
    ASSERT_TRUE(instance.Append(1, {"after"}, &result).ok());
    EXPECT_EQ(result.base_offset, end);
    Values found;
    ASSERT_TRUE(instance.ReadAll(1, start, &found).ok());
    ASSERT_EQ(found.size(), end - start + 1);
    for (uint64_t i = start; i < end; ++i) {
      EXPECT_EQ(found[i - start], Value(i));
    }
    ASSERT_TRUE(instance.ReadAll(2, 0, &found).ok());
    EXPECT_EQ(found, Values{"other"});
    ASSERT_TRUE(instance.Close().ok());
  }

  std::vector<std::pair<std::string, Bytes>> Contents() {
    std::vector<std::pair<std::string, Bytes>> all;
    for (const std::string& path : disk_.ListFiles()) {
      all.emplace_back(path, Bytes());
      EXPECT_TRUE(disk_.ReadFile(path, &all.back().second).ok());
    }
    return all;
  }

  FaultyFileSystem disk_;
  Options options_;
};

TEST_F(RepairTest, AWholeInstanceIsLeftAsItIs) {
  const auto before = Contents();
  EXPECT_TRUE(Run(true).actions.empty());
  const RepairReport report = Run(false);
  EXPECT_TRUE(report.actions.empty());
  EXPECT_TRUE(report.problems.empty());
  EXPECT_TRUE(report.previous_close_was_clean);
  EXPECT_EQ(Contents(), before);
}

TEST_F(RepairTest, ADryRunSaysWhatWouldBeDoneAndChangesNothing) {
  DamageTail();
  const auto before = Contents();
  const RepairReport plan = Run(true);
  EXPECT_EQ(Contents(), before);
  ASSERT_EQ(plan.actions.size(), 1u);
  EXPECT_EQ(plan.actions[0].kind, RepairKind::kLogCut);
  EXPECT_EQ(plan.actions[0].log, TestLogId(1));
  EXPECT_EQ(plan.actions[0].offset, 16u);
  EXPECT_TRUE(plan.actions[0].quarantine_paths.empty());
  EXPECT_FALSE(plan.problems.empty());
  const RepairReport done = Run(false);
  ASSERT_EQ(done.actions.size(), 1u);
  EXPECT_EQ(done.actions[0].offset, 16u);
  EXPECT_EQ(done.actions[0].bytes, plan.actions[0].bytes);
}

TEST_F(RepairTest, ALogIsCutAtItsFirstDamagedByteAndEverythingCutIsCopied) {
  std::string path;
  uint64_t position = 0;
  FindBlock(4, &path, &position);
  DamageTail();
  Bytes damaged;
  ASSERT_TRUE(disk_.ReadFile(path, &damaged).ok());
  const RepairReport report = Run(false);
  ASSERT_EQ(report.actions.size(), 1u);
  const RepairAction& cut = report.actions[0];
  EXPECT_TRUE(report.problems.empty()) << report.problems[0].what;
  ASSERT_EQ(cut.quarantine_paths.size(), 1u);
  Bytes copy;
  ASSERT_TRUE(disk_.ReadFile(cut.quarantine_paths.back(), &copy).ok());
  ASSERT_FALSE(copy.empty());
  const auto from =
      damaged.begin() + static_cast<long>(position + 4096 - copy.size());
  EXPECT_TRUE(std::equal(copy.begin(), copy.end(), from));
  for (const std::string& each : cut.quarantine_paths) {
    EXPECT_TRUE(disk_.IsSynced(each));
  }
  CheckWritable(0, 16);
}

TEST_F(RepairTest, DamageInTheMidstOfALogIsReportedAndLeftAsItIs) {
  // Cutting there would take the whole records behind it as well.
  Damage(2, 600, 4);
  const auto before = Contents();
  const RepairReport report = Run(false);
  EXPECT_TRUE(report.actions.empty());
  ASSERT_FALSE(report.problems.empty());
  EXPECT_EQ(report.problems[0].kind, ProblemKind::kDamage);
  EXPECT_EQ(report.problems[0].offset, 8u);
  EXPECT_EQ(Contents(), before);
  TestInstance instance(options_);
  ASSERT_TRUE(instance.Open().ok());
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 12, &found).ok());
  ASSERT_EQ(found.size(), kRecords - 12);
  EXPECT_EQ(found[0], Value(12));
}

TEST_F(RepairTest, ReadersAreSetBackAndTheEpochGoesUp) {
  DamageTail();
  Run(false);
  TestInstance instance(options_);
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_EQ(instance.wal()->Cursor(instance.OpenLog(1), "r"), 16u);
  EXPECT_EQ(instance.Info(1).leader_epoch, 1u);
}

TEST_F(RepairTest, ABlockThatLostItsHeaderIsSetAsideWithWhatComesAfter) {
  Damage(1, 0, 512);
  const RepairReport report = Run(false);
  ASSERT_EQ(report.actions.size(), 2u);
  EXPECT_EQ(report.actions[0].kind, RepairKind::kLogCut);
  // Blocks 2 to 4, and what stands behind the end in block 0.
  EXPECT_EQ(report.actions[0].quarantine_paths.size(), 4u);
  EXPECT_EQ(report.actions[1].kind, RepairKind::kUnitCleared);
  EXPECT_EQ(report.actions[1].quarantine_paths.size(), 1u);
  EXPECT_TRUE(report.problems.empty());
  CheckWritable(0, 4);
}

TEST_F(RepairTest, WhereTheFirstBlockIsLostTheRestOfTheLogIsKept) {
  Damage(0, 0, 512);
  const RepairReport report = Run(false);
  ASSERT_EQ(report.actions.size(), 2u);
  EXPECT_EQ(report.actions[0].kind, RepairKind::kStartMoved);
  EXPECT_EQ(report.actions[0].offset, 4u);
  CheckWritable(4, kRecords);
}

TEST_F(RepairTest, ADamagedCopyOfAHeaderIsWrittenAnew) {
  Damage(1, kBlockHeaderCopyPosition + 20, 1);
  ASSERT_TRUE(disk_.FlipBit("/wal/1700000000000", 20 * 8).ok());
  const RepairReport report = Run(false);
  ASSERT_EQ(report.actions.size(), 2u);
  for (const RepairAction& action : report.actions) {
    EXPECT_EQ(action.kind, RepairKind::kHeaderRestored);
    EXPECT_EQ(action.quarantine_paths.size(), 1u);
  }
  EXPECT_TRUE(report.problems.empty());
  CheckWritable(0, kRecords);
}

TEST_F(RepairTest, ACrashInBetweenIsMadeUpForByAnotherRun) {
  Damage(1, 0, 512);
  Damage(3, 600, 4);
  std::vector<std::unique_ptr<FaultyFileSystem>> crashed;
  disk_.SetCallHook([&](FaultyCall call, const std::string&) {
    if (call == FaultyCall::kOpen || call == FaultyCall::kRead) return;
    for (const CrashMode mode : kAllCrashModes) {
      crashed.push_back(disk_.Crash(mode, crashed.size()));
    }
  });
  Run(false);
  disk_.SetCallHook(nullptr);
  ASSERT_GT(crashed.size(), 70u);
  for (const auto& disk : crashed) {
    RepairReport report;
    RepairOptions options;
    options.file_system = disk.get();
    options.directory = "/wal";
    options.dry_run = false;
    ASSERT_TRUE(Repair(options, &report).ok());
    EXPECT_TRUE(report.problems.empty()) << report.problems[0].what;
    Options engine = options_;
    engine.file_system = disk.get();
    TestInstance instance(engine);
    ASSERT_TRUE(instance.Open().ok());
    AppendResult result;
    ASSERT_TRUE(instance.Append(1, {"after"}, &result).ok());
    EXPECT_EQ(result.base_offset, 4u);
    Values found;
    ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok());
    EXPECT_EQ(found, (Values{Value(0), Value(1), Value(2), Value(3), "after"}));
  }
}

TEST_F(RepairTest, NothingIsChangedWhenNoCopyCanBeMade) {
  DamageTail();
  const auto before = Contents();
  disk_.SetFreeBytes(0);
  RepairReport report;
  RepairOptions options;
  options.file_system = &disk_;
  options.directory = "/wal";
  options.dry_run = false;
  EXPECT_EQ(Repair(options, &report).code(), Code::kNoSpace);
  for (const auto& [path, bytes] : before) {
    Bytes now;
    ASSERT_TRUE(disk_.ReadFile(path, &now).ok());
    EXPECT_EQ(now, bytes) << path;
  }
}

TEST_F(RepairTest, ARunningInstanceAndADirectoryOfSomethingElseAreRefused) {
  TestInstance instance(options_);
  ASSERT_TRUE(instance.Open().ok());
  RepairReport report;
  RepairOptions options;
  options.file_system = &disk_;
  options.directory = "/wal";
  EXPECT_EQ(Repair(options, &report).code(), Code::kLocked);
  options.directory = "/elsewhere";
  EXPECT_EQ(Repair(options, &report).code(), Code::kInvalidInput);
}

}  // namespace
}  // namespace walrus
