// Weaknesses of the seed engine around writes, reads, syncs and full disks,
// each of them as something that this engine does right (docs/guarantees.md).
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "testing/test_instance.h"

namespace walrus {
namespace {

std::string Value(uint64_t i, size_t bytes = 600) {
  return std::to_string(i) +
         std::string(bytes, static_cast<char>('a' + i % 26));
}

Fault FaultOf(FaultyCall call, int error_number, uint64_t nth = 1) {
  Fault fault;
  fault.call = call;
  fault.error_number = error_number;
  fault.nth = nth;
  return fault;
}

Values ReadAll(TestInstance* instance, uint8_t topic) {
  Values found;
  const Status status = instance->ReadAll(topic, 0, &found);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return found;
}

bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 5000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

class SeedIoFaults : public testing::TestWithParam<TestSetup> {};

INSTANTIATE_TEST_SUITE_P(Setups, SeedIoFaults, testing::ValuesIn(kAllSetups),
                         [](const auto& setup) {
                           return SetupName(setup.param);
                         });

TEST_P(SeedIoFaults, W2_AWriteThatFailsOrStopsHalfWayFailsItsAppend) {
  for (const uint64_t bytes_before : {0u, 1u, 100u, 650u}) {
    FaultyFileSystem disk;
    TestInstance instance(SmallOptions(&disk, GetParam()));
    ASSERT_TRUE(instance.Open().ok());
    ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
    Fault fault = FaultOf(FaultyCall::kWrite, EIO);
    fault.bytes_before = bytes_before;
    disk.Inject(fault);
    EXPECT_EQ(instance.Append(1, {Value(1)}).code(), Code::kFenced);
    EXPECT_EQ(ReadAll(&instance, 1), Values{"kept"});
    EXPECT_EQ(instance.Append(1, {Value(2)}).code(), Code::kFenced);
    for (const CrashMode mode : kAllCrashModes) {
      const auto crashed = disk.Crash(mode, bytes_before);
      TestInstance after(SmallOptions(crashed.get(), GetParam()));
      ASSERT_TRUE(after.Open().ok());
      // Whole, or not there: which of them is what FENCED leaves open.
      const Values whole = {"kept", Value(1)};
      const Values found = ReadAll(&after, 1);
      ASSERT_LE(found.size(), whole.size());
      EXPECT_TRUE(std::equal(found.begin(), found.end(), whole.begin()));
    }
  }
}

// The system itself stops a write half way: at the process's largest file.
TEST(SeedFaults, W2_TheSystemsShortWritesAreContinuedOrFail) {
  std::string directory =
      (std::filesystem::temp_directory_path() / "walrus-w2-XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{10'000, 10'000};
    std::unique_ptr<File> file;
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
        !FileSystem::Posix()
             .Open(directory + "/f", OpenMode::kCreateNew, &file)
             .ok()) {
      ::_exit(2);
    }
    const Bytes bytes(8192, std::byte{7});
    const bool fits = file->Write(0, bytes.data(), bytes.size()).ok();
    const bool cut = file->Write(8192, bytes.data(), bytes.size()).ok();
    uint64_t size = 0;
    const bool sized = file->Size(&size).ok();
    // 1,808 bytes went in, and the call did not call that a success.
    ::_exit(fits && !cut && sized && size == 10'000 ? 7 : 1);
  }
  int exit_status = 0;
  ASSERT_EQ(::waitpid(child, &exit_status, 0), child);
  EXPECT_TRUE(WIFEXITED(exit_status));
  EXPECT_EQ(WEXITSTATUS(exit_status), 7);
  std::filesystem::remove_all(directory);
}

TEST_P(SeedIoFaults, W3_AReadErrorIsAnErrorAndNotTheEndOfTheLog) {
  FaultyFileSystem disk;
  TestInstance instance(SmallOptions(&disk, GetParam()));
  ASSERT_TRUE(instance.Open().ok());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
  for (const uint64_t offset : {0u, 7u, 19u}) {
    disk.Inject(FaultOf(FaultyCall::kRead, EIO));
    Bytes bytes;
    EXPECT_EQ(instance.Read(1, offset, 1, &bytes).code(), Code::kIo);
    EXPECT_TRUE(bytes.empty());
    disk.ClearFaults();
    // The next one reads the same records; the log was not given up.
    ASSERT_TRUE(instance.Read(1, offset, 1, &bytes).ok());
    EXPECT_FALSE(bytes.empty());
  }
  EXPECT_EQ(ReadAll(&instance, 1).size(), 20u);
  EXPECT_TRUE(instance.Append(1, {"more"}).ok()) << "a read fences nothing";
}

TEST_P(SeedIoFaults, W3_AFileThatLostItsEndIsCorruptAndNotShort) {
  FaultyFileSystem disk;
  Options options = SmallOptions(&disk, GetParam());
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
  ASSERT_TRUE(instance.Close().ok());
  for (const std::string& path : disk.ListFiles()) {
    if (path.find("/17") == std::string::npos) continue;
    Bytes bytes;
    ASSERT_TRUE(disk.ReadFile(path, &bytes).ok());
    bytes.resize(4096 + 4096 + 2048);  // a unit and a half
    ASSERT_TRUE(disk.WriteFile(path, bytes).ok());
  }
  ASSERT_TRUE(instance.Open().ok());
  Values found;
  EXPECT_EQ(instance.ReadAll(1, 0, &found).code(), Code::kCorrupt);
  EXPECT_LT(found.size(), 9u);
  for (size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], Value(i));
}

TEST_P(SeedIoFaults, W4_ABatchWhoseSyncFailedIsNotServedAndNotReused) {
  FaultyFileSystem disk;
  Options options = SmallOptions(&disk, GetParam());
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
  // Over a block's end: the first half has to be synced before the frame that
  // makes the batch exist, under the timed schedule too.
  const std::vector<Values> batch = {{Value(1, 2000)}, {Value(2, 2000)}};
  disk.Inject(FaultOf(FaultyCall::kSync, EIO));
  const Status status = instance.AppendCall(1, batch);
  if (GetParam().mode == FsyncMode::kNoFsync) {
    EXPECT_TRUE(status.ok()) << status.ToString();
    return;
  }
  EXPECT_EQ(status.code(), Code::kFenced);
  EXPECT_EQ(ReadAll(&instance, 1), Values{"kept"});
  EXPECT_EQ(instance.Append(1, {"later"}).code(), Code::kFenced);
  for (const CrashMode mode : kAllCrashModes) {
    for (uint64_t seed = 0; seed < 5; ++seed) {
      const auto crashed = disk.Crash(mode, seed);
      options.file_system = crashed.get();
      TestInstance after(options);
      ASSERT_TRUE(after.Open().ok());
      const Values found = ReadAll(&after, 1);
      EXPECT_TRUE(found.size() <= 1 || found.size() == 3) << found.size();
    }
  }
}

TEST(SeedFaults, W5_AfterAFailedSyncNoAppendIsAcknowledged) {
  for (const Backend backend : kAllBackends) {
    FaultyFileSystem disk;
    TestInstance instance(
        SmallOptions(&disk, TestSetup{FsyncMode::kSyncEach, backend}));
    ASSERT_TRUE(instance.Open().ok());
    ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
    disk.Inject(FaultOf(FaultyCall::kSync, EIO));
    EXPECT_EQ(instance.Append(1, {"unknown"}).code(), Code::kFenced);
    // The disk is well again, as the second fsync of the seed found it.
    const uint64_t syncs = disk.CallCount(FaultyCall::kSync);
    for (uint8_t topic : {1, 2, 3}) {
      EXPECT_EQ(instance.Append(topic, {"later"}).code(), Code::kFenced);
    }
    EXPECT_EQ(disk.CallCount(FaultyCall::kSync), syncs);
    EXPECT_EQ(instance.wal()->Stats().fence.code(), Code::kIo);
    EXPECT_EQ(instance.Info(1).readable_end, 1u);
    EXPECT_FALSE(instance.Close().ok());
    const auto crashed = disk.Crash(CrashMode::kLoseUnsynced, 1);
    TestInstance after(SmallOptions(crashed.get(), FsyncMode::kSyncEach));
    ASSERT_TRUE(after.Open().ok());
    EXPECT_EQ(ReadAll(&after, 1), Values{"kept"});
  }
}

TEST(SeedFaults, W6_AFailedTimedSyncIsToldToEverybodyFromThenOn) {
  for (const Backend backend : kAllBackends) {
    FaultyFileSystem disk;
    Options options =
        SmallOptions(&disk, TestSetup{FsyncMode::kMilliseconds, backend});
    options.fsync_interval_ms = 5;
    TestInstance instance(options);
    ASSERT_TRUE(instance.Open().ok());
    ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
    disk.Inject(FaultOf(FaultyCall::kSync, EIO));
    ASSERT_TRUE(instance.Append(1, {"acknowledged before the sync"}).ok());
    // Nobody appends: the state tells, to whoever looks at it.
    ASSERT_TRUE(
        Eventually([&] { return !instance.wal()->Stats().fence.ok(); }));
    EXPECT_EQ(instance.wal()->Stats().fence.code(), Code::kIo);
    std::atomic<int> fenced{0};
    std::vector<std::thread> writers;
    for (uint8_t topic = 1; topic <= 4; ++topic) {
      writers.emplace_back([&, topic] {
        const Status status = instance.Append(topic, {"later"});
        fenced += status.code() == Code::kFenced ? 1 : 0;
      });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(fenced, 4);
    EXPECT_EQ(
        instance.wal()->CommitCursorSync(instance.OpenLog(1), "r", 1).code(),
        Code::kFenced);
    EXPECT_FALSE(instance.Close().ok());
  }
}

TEST(SeedFaults, W7_WhatIsAcknowledgedIsSyncedInTimeThoughNobodyCalls) {
  for (const Backend backend : kAllBackends) {
    FaultyFileSystem disk;
    Options options =
        SmallOptions(&disk, TestSetup{FsyncMode::kMilliseconds, backend});
    options.fsync_interval_ms = 5;
    TestInstance instance(options);
    ASSERT_TRUE(instance.Open().ok());
    for (uint64_t i = 0; i < 20; ++i) {
      ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
      ASSERT_TRUE(
          Eventually([&] { return instance.Info(1).synced_end == i + 1; }));
      const auto crashed = disk.Crash(CrashMode::kLoseUnsynced, i);
      Options later = options;
      later.file_system = crashed.get();
      TestInstance after(later);
      ASSERT_TRUE(after.Open().ok());
      ASSERT_EQ(ReadAll(&after, 1).size(), i + 1);
    }
  }
}

TEST_P(SeedIoFaults, W26_AFullDiskHangsNobodyAndTheEngineGoesOn) {
  FaultyFileSystem disk;
  TestInstance instance(SmallOptions(&disk, GetParam()));
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
  disk.SetFreeBytes(0);
  std::atomic<int> refused{0};
  std::vector<std::thread> writers;
  for (uint8_t topic = 2; topic < 6; ++topic) {
    writers.emplace_back([&, topic] {
      // The first ones may still fit into what is there.
      for (int i = 0; i < 50; ++i) {
        const Status status = instance.Append(topic, {Value(i, 2000)});
        EXPECT_TRUE(status.ok() || status.code() == Code::kNoSpace);
        if (!status.ok()) ++refused;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_GT(refused, 100);
  EXPECT_EQ(ReadAll(&instance, 1), Values{"kept"});
  disk.SetFreeBytes(std::nullopt);
  for (uint8_t topic = 1; topic < 6; ++topic) {
    EXPECT_TRUE(instance.Append(topic, {"again"}).ok());
    EXPECT_EQ(ReadAll(&instance, topic).back(), "again");
  }
  EXPECT_TRUE(instance.Close().ok());
}

// The batch needs three blocks; each write of it fails once.
TEST_P(SeedIoFaults, W31_ABatchUndoneAfterABlockSwitchLeavesNoHole) {
  const std::vector<Values> batch = {
      {Value(1, 2000)}, {Value(2, 2000)}, {Value(3, 2000)}, {Value(4, 2000)}};
  int undone = 0;
  for (uint64_t nth = 1; nth < 40; ++nth) {
    FaultyFileSystem disk;
    Options options = SmallOptions(&disk, GetParam());
    TestInstance instance(options);
    ASSERT_TRUE(instance.Open().ok());
    ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
    disk.Inject(FaultOf(FaultyCall::kWrite, ENOSPC, nth));
    const Status status = instance.AppendCall(1, batch);
    disk.ClearFaults();
    Values expected = {"kept"};
    if (status.ok()) {
      for (const Values& part : batch) expected.push_back(part[0]);
    } else {
      ASSERT_EQ(status.code(), Code::kNoSpace) << nth << status.ToString();
      ++undone;
    }
    ASSERT_TRUE(instance.Append(1, {"after"}).ok()) << nth;
    expected.push_back("after");
    ASSERT_TRUE(instance.Append(2, {"neighbour"}).ok());
    ASSERT_EQ(ReadAll(&instance, 1), expected) << nth;
    const auto killed = disk.Crash(CrashMode::kKeepAll, nth);
    ASSERT_TRUE(instance.Close().ok());
    for (FaultyFileSystem* left : {killed.get(), &disk}) {
      options.file_system = left;
      TestInstance next(options);
      ASSERT_TRUE(next.Open().ok());
      EXPECT_TRUE(next.wal()->recovery_report().corruptions.empty());
      ASSERT_EQ(ReadAll(&next, 1), expected) << nth;
      ASSERT_EQ(ReadAll(&next, 2), Values{"neighbour"});
    }
    if (status.ok()) break;
  }
  EXPECT_GT(undone, 1);
}

// Entries that end just before, at and just behind the end of their block,
// with another log's block right behind it.
TEST_P(SeedIoFaults, W33_NothingIsWrittenPastTheEndOfABlock) {
#ifdef NDEBUG
  FAIL() << "the engine's checks are not compiled in";
#endif
  FaultyFileSystem disk;
  TestInstance instance(SmallOptions(&disk, GetParam()));
  ASSERT_TRUE(instance.Open().ok());
  Values first;
  Values second;
  uint64_t switches = 0;
  for (size_t bytes = 2900; bytes < 3500; bytes += 7) {
    const uint64_t blocks = instance.Info(1).blocks;
    first.push_back(Value(bytes, bytes));
    ASSERT_TRUE(instance.Append(1, {first.back()}).ok());
    second.push_back("n" + std::to_string(bytes));
    ASSERT_TRUE(instance.Append(2, {second.back()}).ok());
    first.push_back("rest");
    ASSERT_TRUE(instance.Append(1, {first.back()}).ok());
    switches += instance.Info(1).blocks - blocks;
    ASSERT_EQ(ReadAll(&instance, 2), second) << bytes;
  }
  EXPECT_GT(switches, 80u);
  ASSERT_TRUE(instance.Close().ok());
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_TRUE(instance.wal()->recovery_report().corruptions.empty());
  EXPECT_EQ(ReadAll(&instance, 1), first);
  EXPECT_EQ(ReadAll(&instance, 2), second);
}

}  // namespace
}  // namespace walrus
