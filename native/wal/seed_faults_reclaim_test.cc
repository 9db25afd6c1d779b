// Weaknesses of the seed engine around cursors, deletion and files, each of
// them as something that this engine does right (docs/guarantees.md).
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

#include "testing/test_instance.h"

namespace walrus {
namespace {

std::string Value(uint64_t i) {
  return std::to_string(i) + std::string(600, static_cast<char>('a' + i % 26));
}

bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 5000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

void Fill(TestInstance* instance, uint64_t from, uint64_t to) {
  for (uint64_t i = from; i < to; ++i) {
    ASSERT_TRUE(instance->Append(1, {Value(i)}).ok());
  }
}

Status Move(TestInstance* instance, const std::string& reader,
            uint64_t offset) {
  return instance->wal()->CommitCursorSync(instance->OpenLog(1), reader,
                                           offset);
}

std::vector<std::string> DataFiles(const FaultyFileSystem& disk,
                                   const std::string& directory) {
  std::vector<std::string> found;
  for (const std::string& path : disk.ListFiles()) {
    if (!path.starts_with(directory + "/")) continue;
    const std::string name = path.substr(directory.size() + 1);
    if (name.find_first_not_of("0123456789") == std::string::npos) {
      found.push_back(name);
    }
  }
  return found;
}

// A directory on the real disk that goes with the test.
class RealDirectory {
 public:
  RealDirectory() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "walrus-seed-XXXXXX")
            .string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~RealDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

  Options SmallBlocks() const {
    Options options =
        SmallOptions(&FileSystem::Posix(), FsyncMode::kMilliseconds);
    options.directory = path_;
    options.reserve_bytes = 0;
    return options;
  }
  uint64_t DiskBytes() const {
    uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      struct stat status {};
      EXPECT_EQ(::stat(entry.path().c_str(), &status), 0);
      bytes += static_cast<uint64_t>(status.st_blocks) * 512;
    }
    return bytes;
  }

 private:
  std::string path_;
};

// Files that this process has open though they have no name. By their links:
// the engine's threads may close one meanwhile.
int DeletedOpenFiles() {
  int count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string name =
        std::filesystem::read_symlink(entry.path(), gone).string();
    if (!gone && name.starts_with('/') && name.ends_with(" (deleted)")) ++count;
  }
  return count;
}

TEST(SeedFaults, W15_ACursorIsAnOffsetAndOutlivesTheFilesBeforeIt) {
  FaultyFileSystem disk;
  TestInstance instance(SmallOptions(&disk, FsyncMode::kSyncEach));
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, 0, 60);
  ASSERT_TRUE(Move(&instance, kDefaultReader, 50).ok());
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).start_offset == 48; }));
  ASSERT_TRUE(
      Eventually([&] { return instance.wal()->Stats().removed_files >= 2; }));
  for (int life = 0; life < 3; ++life) {
    ASSERT_TRUE(instance.Close().ok());
    ASSERT_TRUE(instance.Open().ok());
    const auto cursor =
        instance.wal()->Cursor(instance.OpenLog(1), kDefaultReader);
    ASSERT_EQ(cursor, 50u);
    Values found;
    ASSERT_TRUE(instance.ReadAll(1, *cursor, &found).ok());
    ASSERT_EQ(found.size(), 10u);
    EXPECT_EQ(found[0], Value(50));
  }
}

TEST(SeedFaults, W16_TwoInstancesKnowNothingOfEachOthersBlocks) {
  FaultyFileSystem disk;
  Options options = SmallOptions(&disk, FsyncMode::kMilliseconds);
  TestInstance first(options);
  options.directory = "/wal/second";
  TestInstance second(options);
  ASSERT_TRUE(first.Open().ok());
  ASSERT_TRUE(second.Open().ok());
  Fill(&first, 0, 40);
  Fill(&second, 0, 40);
  const auto files = DataFiles(disk, "/wal");
  ASSERT_TRUE(Move(&second, kDefaultReader, 40).ok());
  ASSERT_TRUE(
      Eventually([&] { return second.wal()->Stats().removed_files == 2; }));
  EXPECT_EQ(DataFiles(disk, "/wal"), files);
  EXPECT_EQ(first.Info(1).start_offset, 0u);
  Values found;
  ASSERT_TRUE(first.ReadAll(1, 0, &found).ok());
  EXPECT_EQ(found.size(), 40u);
  ASSERT_TRUE(second.Close().ok());
  ASSERT_TRUE(first.Close().ok());
  ASSERT_TRUE(first.Open().ok());
  ASSERT_TRUE(first.ReadAll(1, 0, &found).ok());
  EXPECT_EQ(found.size(), 40u);
}

TEST(SeedFaults, W17_WhatOneReaderReadOftenIsNotFreeForAnother) {
  FaultyFileSystem disk;
  TestInstance instance(SmallOptions(&disk, FsyncMode::kNoFsync));
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, 0, 20);
  ASSERT_TRUE(Move(&instance, "slow", 2).ok());
  // More often than any 16-bit counter can count.
  for (uint64_t i = 0; i < 70'000; ++i) {
    ASSERT_TRUE(Move(&instance, kDefaultReader, i % 21).ok());
  }
  ASSERT_TRUE(Move(&instance, kDefaultReader, 20).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(instance.Info(1).start_offset, 0u);
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 2, &found).ok());
  EXPECT_EQ(found.size(), 18u);
  ASSERT_TRUE(Move(&instance, "slow", 20).ok());
  ASSERT_TRUE(Eventually([&] { return instance.Info(1).start_offset == 16; }));
}

TEST(SeedFaults, W18_ADeletedFileIsClosedAndItsSpaceComesBack) {
  const RealDirectory directory;
  Options options = directory.SmallBlocks();
  options.block_bytes = 64 << 10;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  const int before = DeletedOpenFiles();
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(instance.Append(1, {std::string(10'000, 'x')}).ok());
  }
  // So that every file was read, and each block's table is in the cache.
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok());
  ASSERT_EQ(found.size(), 400u);
  ASSERT_GT(directory.DiskBytes(), 4'000'000u);
  ASSERT_TRUE(Move(&instance, kDefaultReader, 400).ok());
  ASSERT_TRUE(
      Eventually([&] { return instance.wal()->Stats().open_files == 1; }));
  EXPECT_TRUE(Eventually([&] { return directory.DiskBytes() < 200'000; }));
  EXPECT_TRUE(Eventually([&] { return DeletedOpenFiles() == before; }));
  EXPECT_TRUE(instance.Close().ok());
}

TEST(SeedFaults, W27_AClockThatGoesBackNeverReusesAFile) {
  FaultyFileSystem disk;
  TestInstance instance(SmallOptions(&disk, FsyncMode::kSyncEach));
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, 0, 20);
  const auto before = DataFiles(disk, "/wal");
  disk.AdvanceClockMs(static_cast<uint64_t>(-86'400'000));
  Fill(&instance, 20, 60);
  ASSERT_TRUE(instance.Close().ok());
  disk.AdvanceClockMs(static_cast<uint64_t>(-86'400'000));
  ASSERT_TRUE(instance.Open().ok());
  Fill(&instance, 60, 80);
  const auto after = DataFiles(disk, "/wal");
  ASSERT_GE(after.size(), before.size() + 3);
  // Names of the same length: the order of text is that of numbers.
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok());
  ASSERT_EQ(found.size(), 80u);
  for (uint64_t i = 0; i < 80; ++i) ASSERT_EQ(found[i], Value(i));
}

TEST(SeedFaults, W28_ASecondOpeningIsRefusedAtOnce) {
  const RealDirectory directory;
  TestInstance instance(directory.SmallBlocks());
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"kept"}).ok());
  std::unique_ptr<Wal> second;
  EXPECT_EQ(Wal::Open(directory.SmallBlocks(), &second).code(), Code::kLocked);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::unique_ptr<Wal> third;
    const Status status = Wal::Open(directory.SmallBlocks(), &third);
    ::_exit(status.code() == Code::kLocked ? 7 : 1);
  }
  int exit_status = 0;
  ASSERT_EQ(::waitpid(child, &exit_status, 0), child);
  EXPECT_TRUE(WIFEXITED(exit_status));
  EXPECT_EQ(WEXITSTATUS(exit_status), 7);
  // The first one has not noticed.
  ASSERT_TRUE(instance.Append(1, {"more"}).ok());
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok());
  EXPECT_EQ(found, (Values{"kept", "more"}));
  ASSERT_TRUE(instance.Close().ok());
  EXPECT_TRUE(Wal::Open(directory.SmallBlocks(), &second).ok());
}

int DescriptorsInUse() {
  int count = 0;
  for (int descriptor = 0; descriptor < 1024; ++descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) == 0) ++count;
  }
  return count;
}

// Some sanitizers have threads of their own.
ptrdiff_t ThreadsInUse() {
  const std::filesystem::path tasks = "/proc/self/task";
  if (!std::filesystem::exists(tasks)) return 0;
  return std::distance(std::filesystem::directory_iterator(tasks), {});
}

TEST(SeedFaults, W29_OpeningMakesNoDataFileAndClosingLeavesNothingBehind) {
  const RealDirectory directory;
  const int descriptors = DescriptorsInUse();
  const ptrdiff_t threads = ThreadsInUse();
  for (int life = 0; life < 200; ++life) {
    TestInstance instance(directory.SmallBlocks());
    ASSERT_TRUE(instance.Open().ok());
    ASSERT_EQ(instance.wal()->Stats().open_files, 0u);
    ASSERT_TRUE(instance.Close().ok());
  }
  EXPECT_LT(directory.DiskBytes(), 100'000u);
  // Work for every thread there is, then nothing of them is left.
  for (int life = 0; life < 5; ++life) {
    TestInstance instance(directory.SmallBlocks());
    ASSERT_TRUE(instance.Open().ok());
    const uint64_t start = instance.Info(1).start_offset;
    Fill(&instance, 0, 20);
    ASSERT_TRUE(Move(&instance, kDefaultReader, start + 20).ok());
    ASSERT_TRUE(instance.wal()
                    ->ReadAsync(instance.OpenLog(1), start + 19, 1,
                                [](const Status&, auto) {})
                    .ok());
    ASSERT_TRUE(instance.Close().ok());
  }
  EXPECT_EQ(DescriptorsInUse(), descriptors);
  // One that outlived its instance would count.
  EXPECT_TRUE(Eventually([&] { return ThreadsInUse() == threads; }));
}

}  // namespace
}  // namespace walrus
