// A table of states a directory can be left in, and what recovery makes of
// each: torn is cut, damage below what is known synced is reported and kept.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "testing/test_instance.h"
#include "wal/instance_lock.h"

namespace walrus {
namespace {

// One log of `count` records of 300 bytes and its data files, found by name.
class RecoveryTest : public testing::TestWithParam<Backend> {
 protected:
  static constexpr size_t kValueBytes = 300;

  static Values Expected(int count) {
    Values values;
    for (int i = 0; i < count; ++i) {
      values.push_back(std::string(kValueBytes, static_cast<char>('a' + i)));
    }
    return values;
  }

  // Appends one by one; each append's frame says the ones before are synced.
  void Fill(FsyncMode mode, int count) {
    mode_ = mode;
    instance_ = std::make_unique<TestInstance>(On(&disk_, mode));
    ASSERT_TRUE(instance_->Open().ok());
    for (const std::string& value : Expected(count)) {
      ASSERT_TRUE(instance_->Append(1, {value}).ok());
    }
  }

  // The disk as the next opening finds it.
  void CrashNow(CrashMode crash) {
    crashed_ = disk_.Crash(crash, 11);
    instance_.reset();
    instance_ = std::make_unique<TestInstance>(On(crashed_.get(), mode_));
  }

  static Options On(FileSystem* disk, FsyncMode mode) {
    return SmallOptions(disk, TestSetup{mode, GetParam()});
  }

  void CloseAndKeep() {
    ASSERT_TRUE(instance_->Close().ok());
    CrashNow(CrashMode::kKeepAll);
  }

  static std::string FirstFile(const FaultyFileSystem& disk) {
    for (const std::string& name : disk.ListFiles()) {
      if (name.find("/17") != std::string::npos) return name;
    }
    return {};
  }

  // Where the n-th frame (from 0) of the first file lies.
  static uint64_t FramePosition(const Bytes& bytes, int nth) {
    for (uint64_t at = 4096; at + kFrameBytes <= bytes.size();
         at += kFrameAlignment) {
      CommitFrame frame;
      if (CommitFrame::Decode(std::span(bytes).subspan(at), &frame) !=
              Decoded::kOk ||
          frame.bare) {
        continue;
      }
      if (nth-- == 0) return at;
    }
    return 0;
  }

  void Change(const std::function<void(Bytes*)>& change) {
    const std::string path = FirstFile(*crashed_);
    Bytes bytes;
    ASSERT_TRUE(crashed_->ReadFile(path, &bytes).ok());
    change(&bytes);
    ASSERT_TRUE(crashed_->WriteFile(path, bytes).ok());
  }

  void DropJournals() {
    for (const char* name : {"/wal/journal.0", "/wal/journal.1"}) {
      bool exists = false;
      ASSERT_TRUE(crashed_->Exists(name, &exists).ok());
      if (!exists) continue;
      ASSERT_TRUE(crashed_->Remove(name).ok());
    }
  }

  Values Read(uint64_t offset = 0) {
    Values values;
    read_status_ = instance_->ReadAll(1, offset, &values);
    return values;
  }

  const RecoveryReport& report() { return instance_->wal()->recovery_report(); }

  FaultyFileSystem disk_;
  FsyncMode mode_ = FsyncMode::kSyncEach;
  std::unique_ptr<FaultyFileSystem> crashed_;
  std::unique_ptr<TestInstance> instance_;
  Status read_status_;
};

INSTANTIATE_TEST_SUITE_P(Backends, RecoveryTest,
                         testing::ValuesIn(kAllBackends),
                         [](const auto& backend) {
                           return BackendText(backend.param);
                         });

TEST_P(RecoveryTest, ATornLastRunIsCutAndReported) {
  Fill(FsyncMode::kNoFsync, 4);
  CrashNow(CrashMode::kKeepAll);
  Change([](Bytes* bytes) {
    (*bytes)[FramePosition(*bytes, 3) + 8] ^= std::byte{1};
  });
  ASSERT_TRUE(instance_->Open().ok());
  EXPECT_EQ(Read(), Expected(3));
  ASSERT_EQ(report().cuts.size(), 1u);
  EXPECT_EQ(report().cuts[0].offset, 3u);
  EXPECT_GT(report().cuts[0].bytes, kValueBytes);
  EXPECT_TRUE(report().corruptions.empty());
  EXPECT_TRUE(report().leader_epoch_bumped) << "readers may have seen it";
  EXPECT_EQ(instance_->Info(1).leader_epoch, 1u);
}

TEST_P(RecoveryTest, WhatWasCutIsZeroAndStaysAway) {
  Fill(FsyncMode::kNoFsync, 6);
  CrashNow(CrashMode::kKeepAll);
  uint64_t second = 0;
  Change([&](Bytes* bytes) {
    second = FramePosition(*bytes, 1);
    (*bytes)[second + 20] ^= std::byte{4};
  });
  ASSERT_TRUE(instance_->Open().ok());
  EXPECT_EQ(Read(), Expected(1));
  Bytes bytes;
  ASSERT_TRUE(crashed_->ReadFile(FirstFile(*crashed_), &bytes).ok());
  EXPECT_TRUE(IsZero(std::span(bytes).subspan(second, 2000)));
  // The same bytes again must not bring the later runs back.
  ASSERT_TRUE(instance_->Append(1, {Expected(2)[1]}).ok());
  const auto again = crashed_->Crash(CrashMode::kKeepAll, 1);
  TestInstance next(On(again.get(), mode_));
  ASSERT_TRUE(next.Open().ok());
  Values found;
  ASSERT_TRUE(next.ReadAll(1, 0, &found).ok());
  EXPECT_EQ(found, Expected(2));
}

TEST_P(RecoveryTest, DamageBelowASyncedOffsetIsCorruptionAndNothingIsCut) {
  Fill(FsyncMode::kSyncEach, 5);
  ASSERT_TRUE(instance_->Append(2, {"other"}).ok());
  CrashNow(CrashMode::kKeepAll);
  DropJournals();
  Bytes before;
  Change([&](Bytes* bytes) {
    (*bytes)[FramePosition(*bytes, 1) - 40] ^= std::byte{1};
    before = *bytes;
  });
  ASSERT_TRUE(instance_->Open().ok());
  ASSERT_EQ(report().corruptions.size(), 1u);
  const RecoveryReport::Corruption& corruption = report().corruptions[0];
  EXPECT_EQ(corruption.log, TestLogId(1));
  EXPECT_EQ(corruption.offset, 1u);
  EXPECT_TRUE(report().cuts.empty());
  EXPECT_TRUE(report().leader_epoch_bumped);

  EXPECT_EQ(Read(), Expected(1));
  EXPECT_EQ(read_status_.code(), Code::kCorrupt);
  EXPECT_EQ(instance_->Append(1, {"no"}).code(), Code::kCorrupt);
  EXPECT_EQ(instance_->Info(1).corrupt_offset, 1u);
  Values other;
  ASSERT_TRUE(instance_->ReadAll(2, 0, &other).ok());
  EXPECT_EQ(other, Values{"other"});
  EXPECT_TRUE(instance_->Append(2, {"works"}).ok());

  Bytes copy;
  ASSERT_TRUE(crashed_->ReadFile(corruption.quarantine_path, &copy).ok());
  ASSERT_FALSE(copy.empty());
  EXPECT_NE(std::search(before.begin(), before.end(), copy.begin(), copy.end()),
            before.end());
  // It stays so, and the evidence stays.
  ASSERT_TRUE(instance_->Close().ok());
  ASSERT_TRUE(instance_->Open().ok());
  EXPECT_EQ(Read(), Expected(1));
  EXPECT_EQ(read_status_.code(), Code::kCorrupt);
}

TEST_P(RecoveryTest, TheJournalRepairsARunThatItHolds) {
  Fill(FsyncMode::kSyncEach, 5);
  CrashNow(CrashMode::kKeepAll);
  Change([](Bytes* bytes) {
    (*bytes)[FramePosition(*bytes, 1) - 40] ^= std::byte{1};
  });
  ASSERT_TRUE(instance_->Open().ok());
  EXPECT_GT(report().journal_groups_replayed, 0u);
  EXPECT_TRUE(report().corruptions.empty());
  EXPECT_EQ(Read(), Expected(5));
}

TEST_P(RecoveryTest, BlocksLostFromTheMiddleAreCorruption) {
  Fill(FsyncMode::kSyncEach, 30);
  CrashNow(CrashMode::kKeepAll);
  DropJournals();
  Change([](Bytes* bytes) {
    std::memset(bytes->data() + 4096 + 4096, 0, kBlockHeaderAreaBytes);
  });
  ASSERT_TRUE(instance_->Open().ok());
  ASSERT_EQ(report().corruptions.size(), 1u);
  const uint64_t bad = report().corruptions[0].offset;
  EXPECT_GT(bad, 0u);
  EXPECT_EQ(Read(), Expected(static_cast<int>(bad)));
  EXPECT_EQ(read_status_.code(), Code::kCorrupt);
}

TEST_P(RecoveryTest, ADamagedTailHeaderIsNoticedByItsFrames) {
  Fill(FsyncMode::kSyncEach, 9);
  CloseAndKeep();
  // The tail's block is the second one; garbage over its whole header area.
  Change([](Bytes* bytes) {
    std::memset(bytes->data() + 4096 + 4096, 0x5a, kBlockHeaderAreaBytes);
  });
  ASSERT_TRUE(instance_->Open().ok());
  ASSERT_EQ(report().corruptions.size(), 1u);
  EXPECT_FALSE(report().notes.empty());
  const uint64_t bad = report().corruptions[0].offset;
  EXPECT_EQ(Read(), Expected(static_cast<int>(bad)));
}

TEST_P(RecoveryTest, OneDamagedCopyOfAHeaderChangesNothing) {
  Fill(FsyncMode::kNoFsync, 9);
  CloseAndKeep();
  Change([](Bytes* bytes) {
    for (const size_t at : {size_t{0}, size_t{4096}, size_t{8192}}) {
      (*bytes)[at + 30] ^= std::byte{16};
    }
  });
  ASSERT_TRUE(instance_->Open().ok());
  EXPECT_EQ(Read(), Expected(9));
}

TEST_P(RecoveryTest, CursorsAboveTheRecoveredEndAreClamped) {
  Fill(FsyncMode::kMilliseconds, 3);
  ASSERT_TRUE(instance_->wal()
                  ->CommitCursorSync(instance_->OpenLog(1), "reader", 3)
                  .ok());
  CrashNow(CrashMode::kKeepAll);
  Change([](Bytes* bytes) {
    (*bytes)[FramePosition(*bytes, 1) + 4] ^= std::byte{1};
  });
  ASSERT_TRUE(instance_->Open().ok());
  ASSERT_EQ(report().clamped_cursors.size(), 1u);
  EXPECT_EQ(report().clamped_cursors[0].from, 3u);
  EXPECT_EQ(report().clamped_cursors[0].to, 1u);
  EXPECT_EQ(instance_->wal()->Cursor(instance_->OpenLog(1), "reader"), 1u);
}

TEST_P(RecoveryTest, TheEpochGrowsOnlyWhenRecordsMayBeLost) {
  struct Case {
    FsyncMode mode;
    CrashMode crash;
    bool bumped;
  };
  for (const Case& c :
       {Case{FsyncMode::kSyncEach, CrashMode::kKeepAll, false},
        {FsyncMode::kSyncEach, CrashMode::kLoseUnsynced, false},
        {FsyncMode::kNoFsync, CrashMode::kKeepAll, false},
        {FsyncMode::kNoFsync, CrashMode::kLoseUnsynced, true},
        {FsyncMode::kMilliseconds, CrashMode::kLoseUnsynced, true}}) {
    FaultyFileSystem disk;
    TestInstance instance(On(&disk, c.mode));
    ASSERT_TRUE(instance.Open().ok());
    ASSERT_TRUE(instance.Append(1, {"a"}).ok());
    ASSERT_TRUE(instance.Close().ok());
    ASSERT_TRUE(instance.Open().ok());
    EXPECT_FALSE(instance.wal()->recovery_report().leader_epoch_bumped);
    ASSERT_TRUE(instance.Append(1, {"b"}).ok());
    const auto crashed = disk.Crash(c.crash, 3);
    TestInstance next(On(crashed.get(), c.mode));
    ASSERT_TRUE(next.Open().ok());
    EXPECT_EQ(next.wal()->recovery_report().leader_epoch_bumped, c.bumped)
        << ModeName(c.mode);
    EXPECT_EQ(next.Info(1).leader_epoch, c.bumped ? 1u : 0u);
  }
}

TEST_P(RecoveryTest, OptionsMayChangeBetweenOpenings) {
  Fill(FsyncMode::kSyncEach, 20);
  ASSERT_TRUE(instance_->Close().ok());
  Options options = On(&disk_, FsyncMode::kNoFsync);
  options.block_bytes = 16384;
  options.blocks_per_file = 7;
  instance_ = std::make_unique<TestInstance>(options);
  ASSERT_TRUE(instance_->Open().ok());
  EXPECT_EQ(Read(), Expected(20));
  Values expected = Expected(20);
  for (int i = 0; i < 40; ++i) {
    expected.push_back(std::string(900, static_cast<char>('A' + i % 26)));
    ASSERT_TRUE(instance_->Append(1, {expected.back()}).ok());
  }
  ASSERT_TRUE(instance_->Close().ok());
  instance_ =
      std::make_unique<TestInstance>(On(&disk_, FsyncMode::kMilliseconds));
  ASSERT_TRUE(instance_->Open().ok());
  EXPECT_EQ(Read(), expected);
}

TEST_P(RecoveryTest, AForeignDirectoryIsRefusedAndLeftAlone) {
  ASSERT_TRUE(disk_.CreateDirectories("/wal").ok());
  ASSERT_TRUE(disk_.WriteFile("/wal/notes.txt", BytesOf("mine")).ok());
  instance_ = std::make_unique<TestInstance>(On(&disk_, FsyncMode::kNoFsync));
  EXPECT_EQ(instance_->Open().code(), Code::kInvalidInput);
  EXPECT_EQ(disk_.ListFiles(), std::vector<std::string>{"/wal/notes.txt"});
}

TEST_P(RecoveryTest, ADataFileThatWasCutShortIsToldOf) {
  Fill(FsyncMode::kSyncEach, 3);
  ASSERT_TRUE(instance_->Close().ok());
  Bytes bytes;
  const std::string path = FirstFile(disk_);
  ASSERT_TRUE(disk_.ReadFile(path, &bytes).ok());
  bytes.resize(bytes.size() - 100);
  ASSERT_TRUE(disk_.WriteFile(path, bytes).ok());
  ASSERT_TRUE(instance_->Open().ok());
  const std::vector<std::string>& notes =
      instance_->wal()->recovery_report().notes;
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("100 bytes are missing"), std::string::npos);
  EXPECT_EQ(Read(), Expected(3));
}

// Every bit that the engine wrote, flipped once on a closed log.
TEST_P(RecoveryTest, EveryFlippedBitGivesATypedErrorOrTheRecordsIntact) {
  const Values expected = {"first", "second"};
  TestInstance closed(On(&disk_, FsyncMode::kNoFsync));
  ASSERT_TRUE(closed.Open().ok());
  for (const std::string& value : expected) {
    ASSERT_TRUE(closed.Append(1, {value}).ok());
  }
  ASSERT_TRUE(closed.Close().ok());
  Bytes bytes;
  const std::string path = FirstFile(disk_);
  ASSERT_TRUE(disk_.ReadFile(path, &bytes).ok());
  uint64_t typed = 0;
  for (uint64_t bit = 0; bit < bytes.size() * 8; ++bit) {
    if (bytes[bit / 8] == std::byte{0}) continue;
    const auto disk = disk_.Crash(CrashMode::kKeepAll, 1);
    ASSERT_TRUE(disk->FlipBit(path, bit).ok());
    TestInstance instance(On(disk.get(), FsyncMode::kNoFsync));
    const Status opened = instance.Open();
    if (!opened.ok()) {
      ++typed;
      continue;
    }
    Values found;
    const Status read = instance.ReadAll(1, 0, &found);
    ASSERT_LE(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i], expected[i]) << "bit " << bit;
    }
    ASSERT_TRUE(read.code() == Code::kCorrupt || found.size() == 2)
        << "bit " << bit << ": records are missing without a word";
    typed += read.ok() ? 0 : 1;
  }
  EXPECT_GT(typed, 1000u);
}

}  // namespace
}  // namespace walrus
