#include "wal/instance_lock.h"

#include <gtest/gtest.h>

#include "testing/faulty_file_system.h"
#include "testing/test_batches.h"

namespace walrus {
namespace {

constexpr char kDirectory[] = "/instance";
constexpr char kPath[] = "/instance/LOCK";

LockRecord Record(bool clean) {
  LockRecord record;
  record.instance_id = {1, 2, 3};
  record.boot_id = "boot-1";
  record.clean = clean;
  record.fsync_mode = 1;
  return record;
}

std::unique_ptr<InstanceLock> Acquire(FileSystem& disk) {
  std::unique_ptr<InstanceLock> lock;
  const Status status = InstanceLock::Acquire(disk, kDirectory, &lock);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return lock;
}

TEST(InstanceLockTest, ANewDirectoryHasNoPreviousRecord) {
  FaultyFileSystem disk;
  const auto lock = Acquire(disk);
  EXPECT_FALSE(lock->previous().has_value());
  EXPECT_FALSE(lock->record_damaged());
}

TEST(InstanceLockTest, TheRecordIsThereAfterACrash) {
  FaultyFileSystem disk;
  auto lock = Acquire(disk);
  ASSERT_TRUE(lock->Write(Record(false)).ok());
  ASSERT_TRUE(lock->Write(Record(true)).ok());
  const auto after = disk.Crash(CrashMode::kLoseUnsynced, 1);
  const auto again = Acquire(*after);
  ASSERT_TRUE(again->previous().has_value());
  EXPECT_TRUE(again->previous()->clean);
  EXPECT_EQ(again->previous()->instance_id, Record(true).instance_id);
  EXPECT_EQ(again->previous()->boot_id, "boot-1");
}

TEST(InstanceLockTest, ASecondOpeningIsLockedOut) {
  FaultyFileSystem disk;
  auto lock = Acquire(disk);
  std::unique_ptr<InstanceLock> second;
  EXPECT_EQ(InstanceLock::Acquire(disk, kDirectory, &second).code(),
            Code::kLocked);
  lock.reset();
  EXPECT_TRUE(InstanceLock::Acquire(disk, kDirectory, &second).ok());
}

TEST(InstanceLockTest, AForeignDirectoryIsRefusedAndLeftAlone) {
  FaultyFileSystem disk;
  ASSERT_TRUE(disk.CreateDirectories(kDirectory).ok());
  ASSERT_TRUE(disk.WriteFile("/instance/photo.jpg", BytesOf("x")).ok());
  std::unique_ptr<InstanceLock> lock;
  const Status status = InstanceLock::Acquire(disk, kDirectory, &lock);
  EXPECT_EQ(status.code(), Code::kInvalidInput);
  EXPECT_NE(status.message().find("photo.jpg"), std::string::npos);
  EXPECT_EQ(disk.ListFiles(), std::vector<std::string>{"/instance/photo.jpg"});
}

TEST(InstanceLockTest, OurFilesWithoutALockAndOtherFoldersAreNotForeign) {
  FaultyFileSystem disk;
  ASSERT_TRUE(disk.CreateDirectories("/instance/other-key").ok());
  for (const char* name : {"1700000000123", "1700000000124.tmp", "journal.0",
                           "journal.1.tmp", "read_offset_idx_index.db"}) {
    ASSERT_TRUE(
        disk.WriteFile(std::string("/instance/") + name, BytesOf("x")).ok());
  }
  EXPECT_NE(Acquire(disk), nullptr);
}

TEST(InstanceLockTest, ATornRecordNeverClaimsACleanClose) {
  for (const CrashMode mode : kAllCrashModes) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
      FaultyFileSystem disk(seed);
      auto lock = Acquire(disk);
      ASSERT_TRUE(lock->Write(Record(true)).ok());
      // The next opening's record is written, and its sync fails.
      Fault fault;
      fault.call = FaultyCall::kSync;
      disk.Inject(fault);
      LockRecord open = Record(false);
      open.boot_id = "boot-2";
      ASSERT_EQ(lock->Write(open).code(), Code::kIo);
      lock.reset();
      const auto after = disk.Crash(mode, seed);
      const auto again = Acquire(*after);
      ASSERT_TRUE(again->previous().has_value());
      EXPECT_EQ(again->previous()->instance_id, open.instance_id);
      if (again->record_damaged()) {
        EXPECT_FALSE(again->previous()->clean);
        EXPECT_TRUE(again->previous()->boot_id.empty());
      } else {
        EXPECT_EQ(again->previous()->clean,
                  again->previous()->boot_id == "boot-1");
      }
    }
  }
}

TEST(InstanceLockTest, AFlippedBitIsReportedAndTrustsNothing) {
  FaultyFileSystem disk;
  auto lock = Acquire(disk);
  ASSERT_TRUE(lock->Write(Record(true)).ok());
  ASSERT_TRUE(lock->Write(Record(false)).ok());  // in the second slot
  lock.reset();
  ASSERT_TRUE(disk.FlipBit(kPath, (512 + 17) * 8).ok());
  lock = Acquire(disk);
  EXPECT_TRUE(lock->record_damaged());
  ASSERT_TRUE(lock->previous().has_value());
  EXPECT_FALSE(lock->previous()->clean);
}

TEST(InstanceLockTest, ADistrustedCacheIsOfNoBoot) {
  FaultyFileSystem disk;
  auto lock = Acquire(disk);
  EXPECT_TRUE(lock->DistrustCache().ok());  // new: there is nothing to say
  ASSERT_TRUE(lock->Write(Record(false)).ok());
  ASSERT_TRUE(lock->DistrustCache().ok());
  lock = nullptr;
  // Not synced: the page cache of this boot is what it is about.
  const auto same_boot = disk.Crash(CrashMode::kKeepAll, 1);
  lock = Acquire(*same_boot);
  EXPECT_FALSE(lock->record_damaged());
  ASSERT_TRUE(lock->previous().has_value());
  EXPECT_TRUE(lock->previous()->boot_id.empty());
  EXPECT_FALSE(lock->previous()->clean);
  EXPECT_EQ(lock->previous()->instance_id, Record(false).instance_id);
}

TEST(InstanceLockTest, RandomTagsDiffer) {
  EXPECT_NE(RandomTag(), RandomTag());
}

}  // namespace
}  // namespace walrus
