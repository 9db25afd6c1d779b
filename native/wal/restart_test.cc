// A process ends and the next one opens the directory on the same machine: the
// page cache outlives both, and after a failed sync it shows what the disk
// never got.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace walrus
