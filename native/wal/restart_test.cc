// A process ends and the next one opens the directory on the same machine: the
// page cache outlives both, and after a failed sync it shows what the disk
// never got.
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>

#include "testing/test_instance.h"

namespace walrus {
namespace {

class RestartTest : public testing::TestWithParam<TestSetup> {
 protected:
  RestartTest() : instance_(SmallOptions(&disk_, GetParam())) {}
  void SetUp() override { ASSERT_TRUE(instance_.Open().ok()); }

  void Fail(FaultyCall call, const std::string& path) {
    Fault fault;
    fault.call = call;
    fault.path_contains = path;
    disk_.Inject(fault);
  }

  // Opens again, closes, and cuts the power: what was shown is there.
  void ExpectShownIsDurable(size_t records_min) {
    disk_.ClearFaults();
    ASSERT_TRUE(instance_.Open().ok());
    Values shown;
    ASSERT_TRUE(instance_.ReadAll(1, 0, &shown).ok());
    EXPECT_GE(shown.size(), records_min);
    ASSERT_TRUE(instance_.Close().ok());
    const auto after = disk_.Crash(CrashMode::kLoseUnsynced, 1);
    TestInstance last(SmallOptions(after.get(), GetParam()));
    ASSERT_TRUE(last.Open().ok());
    EXPECT_TRUE(last.wal()->recovery_report().corruptions.empty());
    Values found;
    const Status read = last.ReadAll(1, 0, &found);
    EXPECT_TRUE(read.ok()) << read.ToString();
    EXPECT_EQ(found, shown);
  }

  FaultyFileSystem disk_;
  TestInstance instance_;
};

INSTANTIATE_TEST_SUITE_P(Setups, RestartTest, testing::ValuesIn(kAllSetups),
                         [](const auto& setup) {
                           return SetupName(setup.param);
                         });

TEST_P(RestartTest, WhatAFailedSyncDidNotWriteIsNotShownAsWritten) {
  const bool sync_each = GetParam() == FsyncMode::kSyncEach;
  ASSERT_TRUE(instance_.Append(1, {"first"}).ok());
  Fail(FaultyCall::kSync, sync_each ? "/journal." : "/17");
  const Status status = instance_.Append(1, {"second"});
  EXPECT_EQ(status.code(), sync_each ? Code::kFenced : Code::kOk);
  EXPECT_FALSE(instance_.Close().ok());
  ExpectShownIsDurable(sync_each ? 1 : 0);
}

TEST_P(RestartTest, ACleanCloseCoversWhatTheProcessBeforeWrote) {
  ASSERT_TRUE(instance_.Append(1, {"first"}).ok());
  // From here on nothing is synced by this process.
  Fail(FaultyCall::kWrite, "");
  EXPECT_EQ(instance_.Append(1, {"second"}).code(), Code::kFenced);
  EXPECT_FALSE(instance_.Close().ok());
  ExpectShownIsDurable(1);
}

TEST_P(RestartTest, AnOpeningWhoseSyncFailedIsNotTakenForOneThatDid) {
  ASSERT_TRUE(instance_.Append(1, {"first"}).ok());
  Fail(FaultyCall::kWrite, "");
  EXPECT_EQ(instance_.Append(1, {"second"}).code(), Code::kFenced);
  EXPECT_FALSE(instance_.Close().ok());
  disk_.ClearFaults();
  Fault fault;
  fault.call = FaultyCall::kSync;
  fault.forever = true;
  fault.path_spares = "/LOCK";
  disk_.Inject(fault);
  EXPECT_EQ(instance_.Open().code(), Code::kIo);
  ExpectShownIsDurable(0);
}

// A log of which the first block was sealed before anything was synced, with a
// later frame that says all of it was. The power goes, and the next boot finds
// the first block damaged.
class DamagedRestartTest : public testing::TestWithParam<Backend> {
 protected:
  static constexpr size_t kRecords = 6;  // a block holds four

  void SetUp() override {
    options_ = SmallOptions(&disk_, {FsyncMode::kMilliseconds, GetParam()});
    options_.fsync_interval_ms = 1;
    disk_.SetCallHook([this](FaultyCall call, const std::string& path) {
      if (call != FaultyCall::kSync || path.find("/17") == std::string::npos) {
        return;
      }
      std::unique_lock lock(mutex_);
      // The sync of its header, before it gets its name; its handle keeps the
      // first one.
      if (named_.insert(path).second) return;
      opened_.wait(lock, [this] { return may_sync_; });
    });
    TestInstance first(options_);
    ASSERT_TRUE(first.Open().ok());
    for (size_t i = 0; i < kRecords; ++i) Append(&first);
    ASSERT_EQ(first.Info(1).synced_end, 0u);
    {
      const std::lock_guard lock(mutex_);
      may_sync_ = true;
    }
    opened_.notify_all();
    while (first.Info(1).synced_end < kRecords) std::this_thread::yield();
    Append(&first);
    after_ = disk_.Crash(CrashMode::kKeepAll, 1);
    after_->SetBootId("another boot");
    options_.file_system = after_.get();
    Damage();
  }

  static void Append(TestInstance* instance) {
    ASSERT_TRUE(instance->Append(1, {std::string(600, 'v')}).ok());
  }

  // In the second run of the first block.
  void Damage() {
    for (const std::string& path : after_->ListFiles()) {
      if (path.find("/17") == std::string::npos) continue;
      Bytes bytes;
      ASSERT_TRUE(after_->ReadFile(path, &bytes).ok());
      const uint64_t position = 4096 + kBlockHeaderAreaBytes + 1000;
      ASSERT_EQ(bytes[position], std::byte{'v'});
      ASSERT_TRUE(after_->FlipBit(path, position * 8).ok());
      return;
    }
    FAIL() << "no data file";
  }

  void ExpectDamageIsKnown(TestInstance* instance, const std::string& when) {
    const Status opened = instance->Open();
    ASSERT_TRUE(opened.ok()) << opened.ToString();
    EXPECT_EQ(instance->wal()->recovery_report().corruptions.size(), 1u)
        << when;
    EXPECT_EQ(instance->Append(1, {"more"}).code(), Code::kCorrupt) << when;
    Values found;
    EXPECT_EQ(instance->ReadAll(1, 0, &found).code(), Code::kCorrupt) << when;
    EXPECT_EQ(found.size(), 1u) << when;
    EXPECT_TRUE(instance->Append(2, {"others go on"}).ok()) << when;
  }

  FaultyFileSystem disk_;
  std::unique_ptr<FaultyFileSystem> after_;
  Options options_;
  std::mutex mutex_;
  std::condition_variable opened_;
  std::set<std::string> named_;
  bool may_sync_ = false;
};

INSTANTIATE_TEST_SUITE_P(Backends, DamagedRestartTest,
                         testing::ValuesIn(kAllBackends),
                         [](const auto& backend) {
                           return BackendText(backend.param);
                         });

TEST_P(DamagedRestartTest, TheVerdictStaysWhenTheProcessDies) {
  for (const char* const when : {"first", "second", "third"}) {
    TestInstance instance(options_);
    ExpectDamageIsKnown(&instance, when);
    auto next = after_->Crash(CrashMode::kKeepAll, 1);
    instance.Abandon();
    after_ = std::move(next);
    options_.file_system = after_.get();
  }
}

TEST_P(DamagedRestartTest, TheVerdictStaysOverCleanStops) {
  for (const char* const when : {"first", "second", "third"}) {
    TestInstance instance(options_);
    ExpectDamageIsKnown(&instance, when);
    EXPECT_TRUE(instance.Close().ok());
  }
}

TEST_P(DamagedRestartTest, TheVerdictGoesWithTheLog) {
  for (const bool damaged : {true, false}) {
    TestInstance instance(options_);
    ASSERT_TRUE(instance.Open().ok());
    EXPECT_EQ(instance.wal()->recovery_report().corruptions.empty(), !damaged);
    if (damaged) {
      ASSERT_TRUE(instance.wal()->DeleteLog(instance.OpenLog(1)).ok());
    }
    EXPECT_TRUE(instance.Close().ok());
  }
  Bytes lock;
  ASSERT_TRUE(after_->ReadFile("/wal/LOCK", &lock).ok());
  for (const size_t position : kLockRecordPositions) {
    LockRecord record;
    ASSERT_EQ(LockRecord::Decode(
                  std::span(lock).subspan(position, kLockRecordBytes), &record),
              Decoded::kOk);
    EXPECT_FALSE(record.corrupt);
  }
}

// A log with damage below a checkpoint that the same boot believes: the
// checkpoint covers what no sync did yet.
class BelievedCheckpointTest : public testing::TestWithParam<Backend> {
 protected:
  static constexpr size_t kRecords = 6;
  static constexpr size_t kRecordBytes = 60'000;  // five reach a checkpoint

  void SetUp() override {
    options_ = SmallOptions(&disk_, {FsyncMode::kMilliseconds, GetParam()});
    options_.block_bytes = 1 << 20;
    options_.mapped_windows = {2 << 20, 1 << 20, 2 << 20, 3};
    // A frame of log 2 says that the record before it is synced.
    TestInstance instance(options_);
    ASSERT_TRUE(instance.Open().ok());
    ASSERT_TRUE(instance.Append(2, {"synced"}).ok());
    ASSERT_TRUE(instance.Close().ok());
    ASSERT_TRUE(instance.Open().ok());
    ASSERT_TRUE(instance.Append(2, {"says so"}).ok());
    for (size_t i = 0; i < kRecords; ++i) {
      ASSERT_TRUE(instance.Append(1, {std::string(kRecordBytes, 'v')}).ok());
    }
    Kill(&instance);
    FlipInBlockOfLog1(kBlockHeaderAreaBytes + 1000);
  }

  void Kill(TestInstance* instance) {
    auto next = options_.file_system == &disk_
                    ? disk_.Crash(CrashMode::kKeepAll, 1)
                    : after_->Crash(CrashMode::kKeepAll, 1);
    instance->Abandon();
    after_ = std::move(next);
    options_.file_system = after_.get();
  }

  void FlipInBlockOfLog1(uint64_t position) {
    ASSERT_TRUE(after_
                    ->FlipBit(DataFile(), (kFileHeaderAreaBytes +
                                           options_.block_bytes + position) *
                                              8)
                    .ok());
  }

  std::string DataFile() const {
    for (const std::string& path : after_->ListFiles()) {
      if (path.find("/17") != std::string::npos) return path;
    }
    return {};
  }

  // Three openings, with a kill after each, see the same end of log 1, and the
  // damage where it is read.
  void ExpectTheSameEndThrice(uint64_t end, size_t corrupt_logs) {
    for (const char* const when : {"first", "second", "third"}) {
      TestInstance instance(options_);
      const Status opened = instance.Open();
      ASSERT_TRUE(opened.ok()) << opened.ToString();
      EXPECT_EQ(instance.wal()->recovery_report().corruptions.size(),
                corrupt_logs)
          << when;
      EXPECT_EQ(instance.Info(1).written_end, end) << when;
      Values found;
      EXPECT_EQ(instance.ReadAll(1, 0, &found).code(), Code::kCorrupt) << when;
      EXPECT_TRUE(instance.ReadAll(1, 1, &found).ok()) << when;
      Kill(&instance);
    }
  }

  FaultyFileSystem disk_;
  std::unique_ptr<FaultyFileSystem> after_;
  Options options_;
};

INSTANTIATE_TEST_SUITE_P(Backends, BelievedCheckpointTest,
                         testing::ValuesIn(kAllBackends),
                         [](const auto& backend) {
                           return BackendText(backend.param);
                         });

TEST_P(BelievedCheckpointTest, IsBelievedAgainAfterACutBehindIt) {
  FlipInBlockOfLog1(kBlockHeaderAreaBytes + kRecords * kRecordBytes);
  ExpectTheSameEndThrice(kRecords - 1, 0);
}

TEST_P(BelievedCheckpointTest, IsBelievedAgainBesideACorruptLog) {
  for (const size_t copy : {size_t{0}, kBlockHeaderCopyPosition}) {
    ASSERT_TRUE(
        after_->FlipBit(DataFile(), (kFileHeaderAreaBytes + copy + 20) * 8)
            .ok());
  }
  ExpectTheSameEndThrice(kRecords, 1);
}

}  // namespace
}  // namespace walrus
