// The tests' own disk: if it lost nothing, no test on it would prove anything.
#include "testing/faulty_file_system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "testing/test_batches.h"

namespace walrus {
namespace {

constexpr char kPath[] = "/d/file";

class FaultyFileSystemTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(disk_.CreateDirectories("/d").ok()); }

  std::unique_ptr<File> Create(const std::string& path = kPath) {
    std::unique_ptr<File> file;
    EXPECT_TRUE(disk_.Open(path, OpenMode::kCreateOrOpen, &file).ok());
    return file;
  }

  // A file of 'a', synced with its name, then 'b' written over and past it.
  std::unique_ptr<File> CreateHalfSynced() {
    auto file = Create();
    EXPECT_TRUE(file->Write(0, Bytes(4096, kA).data(), 4096).ok());
    EXPECT_TRUE(file->Sync().ok());
    EXPECT_TRUE(disk_.SyncDirectory("/d").ok());
    EXPECT_TRUE(file->Write(0, Bytes(2048, kB).data(), 2048).ok());
    EXPECT_TRUE(file->Write(4096, Bytes(4096, kB).data(), 4096).ok());
    return file;
  }

  static Bytes Read(const FaultyFileSystem& disk,
                    const std::string& path = kPath) {
    Bytes bytes;
    EXPECT_TRUE(disk.ReadFile(path, &bytes).ok());
    return bytes;
  }

  static constexpr std::byte kA{'a'};
  static constexpr std::byte kB{'b'};
  FaultyFileSystem disk_;
};

TEST_F(FaultyFileSystemTest, UnsyncedBytesAreLostAndSyncedOnesKept) {
  const auto file = CreateHalfSynced();
  EXPECT_EQ(Read(*disk_.Crash(CrashMode::kLoseUnsynced, 1)), Bytes(4096, kA));
  EXPECT_EQ(Read(*disk_.Crash(CrashMode::kKeepAll, 1)), Read(disk_));
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(Read(*disk_.Crash(CrashMode::kLoseUnsynced, 1)), Read(disk_));
}

TEST_F(FaultyFileSystemTest, APrefixKeepsTheOrderOfWrites) {
  const auto file = CreateHalfSynced();
  bool seen[3] = {};
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const Bytes bytes = Read(*disk_.Crash(CrashMode::kKeepPrefix, seed));
    const bool first = bytes[0] == kB;
    const bool second = bytes.size() == 8192;
    ASSERT_TRUE(first || !second);
    seen[first + second] = true;
  }
  EXPECT_TRUE(seen[0] && seen[1] && seen[2]);
}

TEST_F(FaultyFileSystemTest, ARandomSubsetCanReorderWrites) {
  const auto file = CreateHalfSynced();
  bool second_without_first = false;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const Bytes bytes = Read(*disk_.Crash(CrashMode::kRandomSubset, seed));
    second_without_first |= bytes[0] == kA && bytes.size() == 8192;
  }
  EXPECT_TRUE(second_without_first);
}

TEST_F(FaultyFileSystemTest, TornPagesAreWholeOrAbsent) {
  const auto file = Create();
  ASSERT_TRUE(file->Write(0, Bytes(4096, kA).data(), 4096).ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(disk_.SyncDirectory("/d").ok());
  ASSERT_TRUE(file->Write(0, Bytes(8192, kB).data(), 8192).ok());
  bool second_without_first = false;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const Bytes bytes = Read(*disk_.Crash(CrashMode::kTornPages, seed));
    ASSERT_EQ(std::count(bytes.begin(), bytes.end(), bytes[0]) % 4096, 0);
    second_without_first |= bytes[0] == kA && bytes.size() == 8192;
  }
  EXPECT_TRUE(second_without_first);
}

TEST_F(FaultyFileSystemTest, ZeroedWritesLeaveZerosInTheirRangeOnly) {
  const auto file = CreateHalfSynced();
  bool zeros = false;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const Bytes bytes = Read(*disk_.Crash(CrashMode::kZeroed, seed));
    for (size_t i = 0; i < 2048; ++i) zeros |= bytes[i] == std::byte{0};
    for (size_t i = 2048; i < 4096; ++i) ASSERT_EQ(bytes[i], kA);
  }
  EXPECT_TRUE(zeros);
}

TEST_F(FaultyFileSystemTest, LostNamesCanComeInAnyCombination) {
  ASSERT_TRUE(Create("/d/one")->Write(0, "1", 1).ok());
  ASSERT_TRUE(Create("/d/two")->Write(0, "2", 1).ok());
  bool second_without_first = false;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto files = disk_.Crash(CrashMode::kLostNames, seed)->ListFiles();
    second_without_first |= files == std::vector<std::string>{"/d/two"};
  }
  EXPECT_TRUE(second_without_first);
}

TEST_F(FaultyFileSystemTest, AMixedCrashGivesEachChangeItsOwnFate) {
  const auto file = CreateHalfSynced();
  bool torn = false;
  bool whole = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Bytes bytes = Read(*disk_.Crash(CrashMode::kMixed, seed));
    torn |= bytes[0] != bytes[600];
    whole |= bytes == Read(disk_);
  }
  EXPECT_TRUE(torn && whole);
}

TEST_F(FaultyFileSystemTest, ALyingSyncAnswersOkAndSyncsNothing) {
  const auto file = CreateHalfSynced();
  Fault lie;
  lie.call = FaultyCall::kSync;
  lie.lies = true;
  disk_.Inject(lie);
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_TRUE(disk_.HasUnsynced());
  EXPECT_EQ(Read(*disk_.Crash(CrashMode::kLoseUnsynced, 1)), Bytes(4096, kA));
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_FALSE(disk_.HasUnsynced());
  EXPECT_EQ(Read(*disk_.Crash(CrashMode::kLoseUnsynced, 1)), Read(disk_));
}

TEST_F(FaultyFileSystemTest, SameFileComparesBytesAndTakesHolesForZeros) {
  const auto file = CreateHalfSynced();
  const auto copy = disk_.Crash(CrashMode::kKeepAll, 1);
  EXPECT_TRUE(disk_.SameFile(*copy, kPath));
  ASSERT_TRUE(file->Write(8192, Bytes(4096).data(), 4096).ok());
  EXPECT_FALSE(disk_.SameFile(*copy, kPath)) << "longer";
  std::unique_ptr<File> other;
  ASSERT_TRUE(copy->Open(kPath, OpenMode::kExisting, &other).ok());
  ASSERT_TRUE(other->Truncate(12288).ok());
  EXPECT_TRUE(disk_.SameFile(*copy, kPath));
  ASSERT_TRUE(copy->FlipBit(kPath, 5).ok());
  EXPECT_FALSE(disk_.SameFile(*copy, kPath));
}

TEST_F(FaultyFileSystemTest, TornWritesBreakAtSectors) {
  const auto file = CreateHalfSynced();
  bool torn = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Bytes bytes = Read(*disk_.Crash(CrashMode::kTornSectors, seed));
    for (size_t sector = 0; sector < 4; ++sector) {
      for (size_t i = 1; i < 512; ++i) {
        ASSERT_EQ(bytes[sector * 512], bytes[sector * 512 + i]);
      }
    }
    torn |= bytes[0] != bytes[512];
    ASSERT_EQ(bytes[3000], kA);  // no write touched it
  }
  EXPECT_TRUE(torn);
}

TEST_F(FaultyFileSystemTest, GarbageStaysWithinTheUnsyncedWrites) {
  const auto file = CreateHalfSynced();
  bool garbled = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Bytes bytes = Read(*disk_.Crash(CrashMode::kGarbled, seed));
    for (size_t i = 2048; i < 4096; ++i) ASSERT_EQ(bytes[i], kA);
    for (size_t i = 0; i < 2048; ++i) {
      garbled |= bytes[i] != kA && bytes[i] != kB;
    }
  }
  EXPECT_TRUE(garbled);
}

TEST_F(FaultyFileSystemTest, AFileCanGrowWithoutItsBytes) {
  const auto file = CreateHalfSynced();
  Bytes expected(4096, kA);
  expected.resize(8192);
  EXPECT_EQ(Read(*disk_.Crash(CrashMode::kSizeWithoutBytes, 1)), expected);
}

TEST_F(FaultyFileSystemTest, NamesHoldOnlyOnceTheDirectoryIsSynced) {
  const auto file = Create();
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_TRUE(disk_.Crash(CrashMode::kLoseUnsynced, 1)->ListFiles().empty());
  ASSERT_TRUE(disk_.SyncDirectory("/d").ok());
  ASSERT_TRUE(disk_.Rename(kPath, "/d/renamed").ok());
  EXPECT_EQ(disk_.Crash(CrashMode::kLoseUnsynced, 1)->ListFiles(),
            std::vector<std::string>{kPath});
  ASSERT_TRUE(disk_.SyncDirectory("/d").ok());
  EXPECT_EQ(disk_.Crash(CrashMode::kLoseUnsynced, 1)->ListFiles(),
            std::vector<std::string>{"/d/renamed"});
  ASSERT_TRUE(disk_.Remove("/d/renamed").ok());
  EXPECT_EQ(disk_.Crash(CrashMode::kLoseUnsynced, 1)->ListFiles().size(), 1u);
  ASSERT_TRUE(disk_.SyncDirectory("/d").ok());
  EXPECT_TRUE(disk_.Crash(CrashMode::kLoseUnsynced, 1)->ListFiles().empty());
}

TEST_F(FaultyFileSystemTest, TheNthCallFailsOnceOrForEver) {
  const auto file = Create();
  Fault fault;
  fault.nth = 2;
  disk_.Inject(fault);
  EXPECT_TRUE(file->Write(0, "x", 1).ok());
  EXPECT_EQ(file->Write(0, "y", 1).code(), Code::kIo);
  EXPECT_TRUE(file->Write(0, "z", 1).ok());
  fault.forever = true;
  fault.error_number = ENOSPC;
  disk_.Inject(fault);
  EXPECT_TRUE(file->Write(0, "x", 1).ok());
  EXPECT_EQ(file->Write(0, "y", 1).code(), Code::kNoSpace);
  EXPECT_EQ(file->Write(0, "z", 1).code(), Code::kNoSpace);
  disk_.ClearFaults();
  EXPECT_TRUE(file->Write(0, "z", 1).ok());
  EXPECT_EQ(disk_.CallCount(FaultyCall::kWrite), 7u);
}

TEST_F(FaultyFileSystemTest, AFailedWriteCanLeaveAPrefix) {
  const auto file = Create();
  Fault fault;
  fault.bytes_before = 3;
  fault.path_contains = "file";
  disk_.Inject(fault);
  EXPECT_EQ(file->Write(0, "abcdef", 6).code(), Code::kIo);
  EXPECT_EQ(Read(disk_), BytesOf("abc"));
}

TEST_F(FaultyFileSystemTest,
       AfterAFailedSyncASecondOneSucceedsAndTheBytesAreGone) {
  const auto file = CreateHalfSynced();
  Fault fault;
  fault.call = FaultyCall::kSync;
  disk_.Inject(fault);
  EXPECT_EQ(file->Sync().code(), Code::kIo);
  EXPECT_TRUE(file->Sync().ok());
  Bytes expected(4096, kA);
  expected.resize(8192);
  EXPECT_EQ(Read(*disk_.Crash(CrashMode::kLoseUnsynced, 1)), expected);
}

TEST_F(FaultyFileSystemTest, TheQuotaIsLiftedAndHoldsPagesNotBytes) {
  const auto file = Create();
  disk_.SetFreeBytes(8192);
  EXPECT_TRUE(file->Write(0, Bytes(4096, kA).data(), 4096).ok());
  uint64_t free_bytes = 0;
  ASSERT_TRUE(disk_.FreeBytes("/d", &free_bytes).ok());
  EXPECT_EQ(free_bytes, 4096u);
  // The first page still fits, so that much of the write is there.
  EXPECT_EQ(file->Write(4096, Bytes(8192, kB).data(), 8192).code(),
            Code::kNoSpace);
  EXPECT_EQ(Read(disk_).size(), 8192u);
  EXPECT_TRUE(file->Write(0, Bytes(8192, kB).data(), 8192).ok());
  ASSERT_TRUE(file->PunchHole(0, 4096).ok());
  EXPECT_TRUE(file->Write(9000, "x", 1).ok());
  EXPECT_EQ(file->Allocate(0, 4096).code(), Code::kNoSpace);
  disk_.SetFreeBytes(std::nullopt);
  EXPECT_TRUE(file->Allocate(0, 1 << 20).ok());
}

TEST_F(FaultyFileSystemTest, RemovedFilesGiveTheirSpaceBack) {
  disk_.SetFreeBytes(4096);
  auto file = Create();
  ASSERT_TRUE(file->Write(0, "x", 1).ok());
  const auto second = Create("/d/second");
  EXPECT_EQ(second->Write(0, "x", 1).code(), Code::kNoSpace);
  ASSERT_TRUE(disk_.Remove(kPath).ok());
  EXPECT_TRUE(second->Write(0, "x", 1).ok());
  EXPECT_EQ(disk_.StoredBytes(), 4096u);
}

TEST_F(FaultyFileSystemTest, LargeSparseFilesCostTheirPagesOnly) {
  const auto file = Create();
  ASSERT_TRUE(file->Truncate(1000ull << 20).ok());
  ASSERT_TRUE(file->Write(900ull << 20, "x", 1).ok());
  EXPECT_EQ(disk_.StoredBytes(), 4096u);
  std::byte byte;
  size_t bytes_read = 0;
  ASSERT_TRUE(file->Read(900ull << 20, &byte, 1, &bytes_read).ok());
  EXPECT_EQ(byte, std::byte{'x'});
  ASSERT_TRUE(file->Read(1000ull << 20, &byte, 1, &bytes_read).ok());
  EXPECT_EQ(bytes_read, 0u);
}

TEST_F(FaultyFileSystemTest, TruncatedAndPunchedBytesReadAsZerosAfterGrowth) {
  const auto file = Create();
  ASSERT_TRUE(file->Write(0, Bytes(10'000, kA).data(), 10'000).ok());
  ASSERT_TRUE(file->PunchHole(100, 5000).ok());
  ASSERT_TRUE(file->Truncate(9000).ok());
  ASSERT_TRUE(file->Truncate(10'000).ok());
  const Bytes bytes = Read(disk_);
  ASSERT_EQ(bytes.size(), 10'000u);
  for (size_t i = 0; i < bytes.size(); ++i) {
    const bool kept = i < 100 || (i >= 5100 && i < 9000);
    ASSERT_EQ(bytes[i], kept ? kA : std::byte{0}) << i;
  }
}

TEST_F(FaultyFileSystemTest, AFlippedBitIsThereAfterACrashToo) {
  const auto file = CreateHalfSynced();
  ASSERT_TRUE(disk_.FlipBit(kPath, 3000 * 8).ok());
  EXPECT_EQ(Read(disk_)[3000], kA ^ std::byte{1});
  EXPECT_EQ(Read(*disk_.Crash(CrashMode::kLoseUnsynced, 1))[3000],
            kA ^ std::byte{1});
}

TEST_F(FaultyFileSystemTest, LocksExcludeUntilTheyAreLetGo) {
  std::unique_ptr<DirectoryLock> first;
  std::unique_ptr<DirectoryLock> second;
  ASSERT_TRUE(disk_.Lock("/d/LOCK", &first).ok());
  EXPECT_EQ(disk_.Lock("/d/LOCK", &second).code(), Code::kLocked);
  first.reset();
  EXPECT_TRUE(disk_.Lock("/d/LOCK", &second).ok());
}

TEST_F(FaultyFileSystemTest, ColdReadsWouldBlock) {
  const auto file = CreateHalfSynced();
  std::byte byte;
  const iovec part{&byte, 1};
  size_t bytes_read = 0;
  EXPECT_TRUE(file->ReadVNow(0, {&part, 1}, &bytes_read).ok());
  EXPECT_EQ(bytes_read, 1u);
  disk_.SetReadsWouldBlock(true);
  EXPECT_EQ(file->ReadVNow(0, {&part, 1}, &bytes_read).code(),
            Code::kWouldBlock);
  EXPECT_TRUE(file->ReadV(0, {&part, 1}, &bytes_read).ok());
}

TEST_F(FaultyFileSystemTest, ARebootHasAnotherBootIdAndAProcessDeathHasNot) {
  EXPECT_NE(disk_.Crash(CrashMode::kLoseUnsynced, 1)->BootId(), disk_.BootId());
  EXPECT_EQ(disk_.Crash(CrashMode::kKeepAll, 1)->BootId(), disk_.BootId());
}

TEST_F(FaultyFileSystemTest, OpenModesAreKept) {
  std::unique_ptr<File> file;
  EXPECT_EQ(disk_.Open(kPath, OpenMode::kExisting, &file).code(), Code::kIo);
  EXPECT_TRUE(disk_.Open(kPath, OpenMode::kCreateNew, &file).ok());
  EXPECT_EQ(disk_.Open(kPath, OpenMode::kCreateNew, &file).code(),
            Code::kInvalidInput);
  ASSERT_TRUE(disk_.Open(kPath, OpenMode::kReadOnly, &file).ok());
  EXPECT_EQ(file->Write(0, "x", 1).code(), Code::kIo);
  EXPECT_EQ(disk_.Open("/no/such", OpenMode::kCreateNew, &file).code(),
            Code::kIo);
}

}  // namespace
}  // namespace walrus
