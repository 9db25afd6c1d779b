// Choosing a backend, io_uring that is forbidden, and mappings that find no
// space or too many windows.
#include "wal/backend.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include "testing/test_instance.h"
#include "wal/mapped_file_system.h"

namespace walrus {
namespace {

constexpr WindowSizes kWindows{32 << 10, 4 << 10, 16 << 10, 3};

bool EveryFile(const std::string&) { return true; }

class MappedTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.CreateDirectories("/d").ok());
    file_ = Create("/d/1", 1 << 20);
  }

  std::unique_ptr<File> Create(const std::string& path, uint64_t size) {
    std::unique_ptr<File> file;
    EXPECT_TRUE(mapped_.Open(path, OpenMode::kCreateNew, &file).ok());
    EXPECT_TRUE(file->Truncate(size).ok());
    return file;
  }

  FaultyFileSystem disk_;
  MappedFileSystem mapped_{disk_, kWindows, EveryFile};
  std::unique_ptr<File> file_;
};

TEST_F(MappedTest, AFullDiskIsAnAnswerAndNotASignal) {
  // A store into a page without space ends the process here as on a machine.
  const Bytes bytes(3 << 10, std::byte{7});
  disk_.SetFreeBytes(64 << 10);
  Status status;
  uint64_t position = 0;
  while (status.ok()) {
    status = file_->Write(position, bytes.data(), bytes.size());
    if (status.ok()) position += bytes.size();
    ASSERT_LT(position, 100u << 10);
  }
  EXPECT_EQ(status.code(), Code::kNoSpace);
  EXPECT_GE(position, 32u << 10);
  // What has its space can still be written; with space the rest can, too.
  EXPECT_TRUE(file_->Write(0, bytes.data(), bytes.size()).ok());
  disk_.SetFreeBytes(1 << 20);
  EXPECT_TRUE(file_->Write(position, bytes.data(), bytes.size()).ok());
}

TEST_F(MappedTest, ASmallFileTakesLittleSpaceAndAGrowingOneStepsUp) {
  ASSERT_TRUE(file_->Write(100, "x", 1).ok());
  EXPECT_EQ(disk_.StoredBytes(), 4u << 10);
  const Bytes bytes(4 << 10, std::byte{7});
  for (uint64_t at = 0; at < (28u << 10); at += bytes.size()) {
    ASSERT_TRUE(file_->Write(at, bytes.data(), bytes.size()).ok());
    EXPECT_LE(disk_.StoredBytes(), 2 * (at + bytes.size()));
  }
  // 4, 4, 8 and 16 KiB.
  EXPECT_EQ(disk_.CallCount(FaultyCall::kAllocate), 4u);
}

TEST_F(MappedTest, TheNumberOfWindowsIsBounded) {
  std::vector<std::unique_ptr<File>> files;
  for (int i = 0; i < 10; ++i) {
    files.push_back(Create("/d/1" + std::to_string(i), 256 << 10));
    for (uint64_t at = 0; at < (256u << 10); at += 20'000) {
      ASSERT_TRUE(files.back()->Write(at, "abc", 3).ok());
      ASSERT_LE(mapped_.mapped_windows(), kWindows.count_max);
    }
  }
  EXPECT_EQ(mapped_.mapped_windows(), kWindows.count_max);
  files.clear();
  EXPECT_EQ(mapped_.mapped_windows(), 0u);
}

TEST_F(MappedTest, StoresAreLostAndTornLikeWritesUntilTheyAreSynced) {
  const Bytes first(8192, std::byte{1});
  const Bytes second(8192, std::byte{2});
  ASSERT_TRUE(file_->Write(0, first.data(), first.size()).ok());
  ASSERT_TRUE(file_->Sync().ok());
  ASSERT_TRUE(disk_.SyncDirectory("/d").ok());
  ASSERT_TRUE(file_->Write(0, second.data(), second.size()).ok());
  const auto contents = [this](CrashMode mode, uint64_t seed) {
    Bytes bytes;
    EXPECT_TRUE(disk_.Crash(mode, seed)->ReadFile("/d/1", &bytes).ok());
    bytes.resize(8192);
    return bytes;
  };
  EXPECT_EQ(contents(CrashMode::kLoseUnsynced, 1), first);
  EXPECT_EQ(contents(CrashMode::kKeepAll, 1), second);
  int mixed = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Bytes torn = contents(CrashMode::kTornSectors, seed);
    mixed += torn != first && torn != second ? 1 : 0;
  }
  EXPECT_GT(mixed, 10);
}

TEST_F(MappedTest, AFailedStoreSaysSo) {
  Fault fault;
  fault.bytes_before = 2;
  disk_.Inject(fault);
  EXPECT_EQ(file_->Write(0, "abcd", 4).code(), Code::kIo);
  Bytes bytes(4);
  size_t bytes_read = 0;
  ASSERT_TRUE(file_->Read(0, bytes.data(), 4, &bytes_read).ok());
  EXPECT_EQ(bytes, (Bytes{std::byte{'a'}, std::byte{'b'}, std::byte{0},
                          std::byte{0}}));
  fault.call = FaultyCall::kAllocate;
  fault.error_number = ENOSPC;
  disk_.Inject(fault);
  EXPECT_EQ(file_->Write(500'000, "abcd", 4).code(), Code::kNoSpace);
  EXPECT_TRUE(file_->Write(500'000, "abcd", 4).ok());
}

class BackendTest : public testing::TestWithParam<TestSetup> {};

TEST_P(BackendTest, AnInstanceOnTheRealDiskKeepsWhatEveryBackendWrote) {
  const std::string directory = OwnTempPath("backend-" + SetupName(GetParam()));
  std::filesystem::remove_all(directory);
  Options options = SmallOptions(nullptr, GetParam());
  options.directory = directory;
  options.block_bytes = 64 << 10;
  options.blocks_per_file = 20;
  std::vector<std::string> lines;
  options.log = [&lines](const std::string& line) { lines.push_back(line); };
  std::vector<Values> expected(20);
  // Each backend goes on where another one stopped.
  for (const Backend backend :
       {GetParam().backend, Backend::kFd, GetParam().backend}) {
    options.backend = backend;
    TestInstance instance(options);
    ASSERT_TRUE(instance.Open().ok());
    std::vector<std::thread> threads;
    for (uint8_t topic = 0; topic < expected.size(); ++topic) {
      threads.emplace_back([&instance, &values = expected[topic], topic] {
        for (int i = 0; i < 40; ++i) {
          values.push_back(std::string(100 + i * 97, 'a' + i % 26));
          EXPECT_TRUE(instance.Append(topic, {values.back()}).ok());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_TRUE(instance.Close().ok());
    ASSERT_TRUE(instance.Open().ok());
    for (uint8_t topic = 0; topic < expected.size(); ++topic) {
      Values found;
      ASSERT_TRUE(instance.ReadAll(topic, 0, &found).ok());
      EXPECT_EQ(found, expected[topic]);
    }
  }
  EXPECT_TRUE(lines.empty()) << lines[0];
  std::filesystem::remove_all(directory);
}

INSTANTIATE_TEST_SUITE_P(Setups, BackendTest, testing::ValuesIn(kAllSetups),
                         [](const auto& setup) {
                           return SetupName(setup.param);
                         });

TEST(BackendChoiceTest, TheInstanceSaysWhatItUses) {
  FaultyFileSystem disk;
  for (const auto& [backend, name] :
       {std::pair{Backend::kFd, "fd"}, std::pair{Backend::kMmap, "mmap"}}) {
    TestInstance instance(
        SmallOptions(&disk, TestSetup{FsyncMode::kNoFsync, backend}));
    ASSERT_TRUE(instance.Open().ok());
    EXPECT_EQ(instance.wal()->Stats().backend, name);
    ASSERT_TRUE(instance.Close().ok());
  }
}

}  // namespace
}  // namespace walrus
