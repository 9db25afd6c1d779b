// Data files are closed and opened again as the bound on open files asks: what
// is read and written is the same, and what goes wrong with it is told.
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <thread>

#include "testing/test_instance.h"

namespace walrus {
namespace {

constexpr uint32_t kMax = 16;
constexpr size_t kFiles = 40;
constexpr size_t kValueBytes = 2500;  // a block holds one, a file four

std::string ValueOf(size_t i) {
  std::string value = std::to_string(i) + ";";
  value.resize(kValueBytes, static_cast<char>('a' + i % 26));
  return value;
}

class OpenFilesTest : public testing::TestWithParam<TestSetup> {
 protected:
  OpenFilesTest() : instance_(On(&disk_)) {}
  void SetUp() override { ASSERT_TRUE(instance_.Open().ok()); }

  static Options On(FaultyFileSystem* disk) {
    Options options = SmallOptions(disk, GetParam());
    options.open_files_max = kMax;
    return options;
  }

  static std::vector<std::string> DataFiles(const FaultyFileSystem& disk) {
    std::vector<std::string> files;
    for (const std::string& path : disk.ListFiles()) {
      if (path.find("/17") != std::string::npos) files.push_back(path);
    }
    return files;
  }

  static bool Waits(const std::function<bool()>& holds) {
    for (int i = 0; i < 2000; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  uint64_t OpenCount() { return instance_.wal()->Stats().open_files; }

  // Appends until there are so many files, and waits until most are closed.
  void Fill() {
    while (DataFiles(disk_).size() < kFiles) {
      expected_.push_back(ValueOf(expected_.size()));
      ASSERT_TRUE(instance_.Append(1, {expected_.back()}).ok());
    }
    // Files are synced for it when blocks are allocated.
    ASSERT_TRUE(Waits([this] {
      expected_.push_back(ValueOf(expected_.size()));
      EXPECT_TRUE(instance_.Append(1, {expected_.back()}).ok());
      return OpenCount() <= kMax;
    })) << OpenCount();
  }

  void ExpectAll(TestInstance* instance, size_t from = 0) {
    Values found;
    const Status status = instance->ReadAll(1, from, &found);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(found, Values(expected_.begin() + static_cast<long>(from),
                            expected_.end()));
  }

  Status ReadAt(uint64_t offset) {
    Bytes bytes;
    const Status status = instance_.Read(1, offset, 1, &bytes);
    if (!status.ok()) return status;
    Values found;
    const Status whole = ValuesOf(bytes, &offset, &found);
    if (whole.ok()) {
      EXPECT_EQ(found[0], expected_[offset - found.size()]);
    }
    return whole;
  }

  void FailOpen(const std::string& path, int error_number) {
    Fault fault;
    fault.call = FaultyCall::kOpen;
    fault.error_number = error_number;
    fault.path_contains = path;
    disk_.Inject(fault);
  }

  // Reads the first record while its file cannot be had.
  void ExpectIoError(const std::string& words) {
    const Status status = ReadAt(0);
    EXPECT_EQ(status.code(), Code::kIo) << status.ToString();
    EXPECT_NE(status.message().find(words), std::string::npos)
        << status.ToString();
    EXPECT_TRUE(instance_.wal()->Stats().fence.ok());
    EXPECT_TRUE(ReadAt(expected_.size() - 1).ok());
  }

  FaultyFileSystem disk_;
  TestInstance instance_;
  Values expected_;
};

INSTANTIATE_TEST_SUITE_P(Setups, OpenFilesTest, testing::ValuesIn(kAllSetups),
                         [](const auto& setup) {
                           return SetupName(setup.param);
                         });

TEST_P(OpenFilesTest, TheBoundHoldsWhileFilesAreWrittenReadAndRecovered) {
  Fill();
  ExpectAll(&instance_);
  EXPECT_LE(OpenCount(), kMax);
  EXPECT_GT(OpenCount(), 0u);
  ASSERT_TRUE(instance_.Close().ok());
  for (const std::string& path : DataFiles(disk_)) {
    EXPECT_TRUE(disk_.IsSynced(path)) << path;
  }
  ASSERT_TRUE(instance_.Open().ok());
  EXPECT_LE(OpenCount(), kMax);
  ExpectAll(&instance_);
  EXPECT_LE(OpenCount(), kMax);
}

TEST_P(OpenFilesTest, TheBoundHoldsAfterAKillAndACloseSyncsWhatWasLeft) {
  Fill();
  const auto killed = disk_.Crash(CrashMode::kKeepAll, 1);
  TestInstance next(On(killed.get()));
  ASSERT_TRUE(next.Open().ok());
  EXPECT_LE(next.wal()->Stats().open_files, kMax);
  ExpectAll(&next);
  EXPECT_LE(next.wal()->Stats().open_files, kMax);
  ASSERT_TRUE(next.Close().ok());
  const auto cut = killed->Crash(CrashMode::kLoseUnsynced, 1);
  TestInstance last(On(cut.get()));
  ASSERT_TRUE(last.Open().ok());
  EXPECT_TRUE(last.wal()->recovery_report().cuts.empty());
  ExpectAll(&last);
}

TEST_P(OpenFilesTest, AFileThatCannotBeOpenedAgainFailsThatReadAlone) {
  Fill();
  ASSERT_TRUE(ReadAt(expected_.size() - 1).ok());
  const std::string first = DataFiles(disk_).front();
  for (const int error_number : {EMFILE, EIO}) {
    FailOpen(first, error_number);
    ExpectIoError(first);
    EXPECT_TRUE(ReadAt(0).ok());
    // Others take its place.
    ExpectAll(&instance_);
  }
}

TEST_P(OpenFilesTest, AFileThatCannotBeReadOnOpeningAgainFailsThatReadAlone) {
  Fill();
  const std::string first = DataFiles(disk_).front();
  Fault fault;
  fault.call = FaultyCall::kRead;
  fault.path_contains = first;
  disk_.Inject(fault);
  ExpectIoError(first);
  EXPECT_TRUE(ReadAt(0).ok());
}

TEST_P(OpenFilesTest, AFileThatIsGoneOrAnotherOneIsNotRead) {
  Fill();
  const std::string first = DataFiles(disk_).front();
  Bytes bytes;
  ASSERT_TRUE(disk_.ReadFile(first, &bytes).ok());
  ASSERT_TRUE(disk_.Rename(first, "/kept").ok());
  ExpectIoError(first);
  // The same bytes, but nobody knows what was written to which.
  ASSERT_TRUE(disk_.WriteFile(first, bytes).ok());
  ExpectIoError("replaced");
  ASSERT_TRUE(disk_.Remove(first).ok());
  ASSERT_TRUE(disk_.Rename("/kept", first).ok());
  EXPECT_TRUE(ReadAt(0).ok());
}

TEST_P(OpenFilesTest, AFileWithAnotherHeaderIsNotRead) {
  Fill();
  const std::vector<std::string> files = DataFiles(disk_);
  Bytes other;
  ASSERT_TRUE(disk_.ReadFile(files[1], &other).ok());
  Bytes own;
  ASSERT_TRUE(disk_.ReadFile(files[0], &own).ok());
  // In place: it stays the file that it was.
  std::unique_ptr<File> file;
  ASSERT_TRUE(disk_.Open(files[0], OpenMode::kExisting, &file).ok());
  ASSERT_TRUE(file->Write(0, other.data(), other.size()).ok());
  ExpectIoError("header");
  ASSERT_TRUE(file->Write(0, own.data(), own.size()).ok());
  EXPECT_TRUE(ReadAt(0).ok());
}

TEST_P(OpenFilesTest, ClosedFilesAreReclaimed) {
  Fill();
  const size_t before = DataFiles(disk_).size();
  // In the midst of a file: what lies before goes with it or is punched out.
  const uint64_t start = 4 * (kFiles / 2) + 2;
  Log* log = instance_.OpenLog(1);
  ASSERT_TRUE(instance_.wal()->Truncate(log, start).ok());
  // Files are counted after their blocks.
  ASSERT_TRUE(Waits([this, before] {
    const WalStats now = instance_.wal()->Stats();
    return now.reclaim_waiting_blocks == 0 && now.removed_files > 0 &&
           DataFiles(disk_).size() == before - now.removed_files;
  }));
  const WalStats stats = instance_.wal()->Stats();
  EXPECT_TRUE(stats.reclaim_error.ok()) << stats.reclaim_error.ToString();
  EXPECT_GE(stats.removed_files, kFiles / 2 - 1);
  EXPECT_EQ(DataFiles(disk_).size(), before - stats.removed_files);
  EXPECT_GT(stats.reclaimed_blocks, 4 * stats.removed_files);
  ExpectAll(&instance_, start);
  ASSERT_TRUE(instance_.Close().ok());
  ASSERT_TRUE(instance_.Open().ok());
  ExpectAll(&instance_, start);
}

TEST_P(OpenFilesTest, AFileOfATailStaysOpenAndAppendsOpenNothing) {
  constexpr uint8_t kTopics = 4 * (kMax + 4);
  for (uint8_t topic = 1; topic <= kTopics; ++topic) {
    ASSERT_TRUE(instance_.Append(topic, {"first"}).ok());
  }
  ASSERT_EQ(DataFiles(disk_).size(), kMax + 4);
  EXPECT_EQ(OpenCount(), kMax + 4);
  const uint64_t opened = disk_.CallCount(FaultyCall::kOpen);
  for (uint8_t topic = 1; topic <= kTopics; ++topic) {
    ASSERT_TRUE(instance_.Append(topic, {"second"}).ok());
    Values found;
    ASSERT_TRUE(instance_.ReadAll(topic, 0, &found).ok());
    EXPECT_EQ(found, (Values{"first", "second"}));
  }
  EXPECT_EQ(disk_.CallCount(FaultyCall::kOpen), opened);
  // The deleted ones hold nothing.
  for (uint8_t topic = 1; topic <= kTopics / 2; ++topic) {
    Log* log = instance_.OpenLog(topic);
    ASSERT_TRUE(instance_.wal()->DeleteLog(log).ok());
  }
  EXPECT_TRUE(Waits([this] { return OpenCount() <= kMax; })) << OpenCount();
}

TEST_P(OpenFilesTest, AFailedWriteBackIsToldThoughFilesAreClosed) {
  Fill();
  Fault fault;
  fault.call = FaultyCall::kSync;
  fault.forever = true;
  fault.path_contains = DataFiles(disk_).back();
  disk_.Inject(fault);
  // Once it is full and others are used, it is to be closed.
  Status status;
  EXPECT_TRUE(Waits([this, &status] {
    status = instance_.Append(1, {ValueOf(0)});
    return !status.ok();
  }));
  EXPECT_EQ(status.code(), Code::kFenced) << status.ToString();
  EXPECT_FALSE(instance_.Close().ok());
}

TEST_P(OpenFilesTest, ThreadsReadAcrossFilesWhileOthersAppend) {
  Fill();
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> wrong{0};
  std::vector<std::thread> threads;
  for (size_t reader = 0; reader < 3; ++reader) {
    threads.emplace_back([this, reader, &stop, &wrong] {
      Log* log = instance_.OpenLog(1);
      for (size_t i = reader; !stop; i += 7) {
        const uint64_t offset = i * 4 % expected_.size();
        Bytes bytes;
        size_t size = 0;
        const Status status = instance_.wal()->Read(
            log, offset, 1,
            [&bytes](size_t wanted) {
              bytes.resize(wanted);
              return bytes.data();
            },
            &size);
        uint64_t at = offset;
        Values found;
        if (!status.ok() || !ValuesOf(bytes, &at, &found).ok() ||
            found.empty() || found[0] != expected_[offset]) {
          ++wrong;
        }
      }
    });
  }
  for (size_t i = 0; i < 300; ++i) {
    ASSERT_TRUE(instance_.Append(2, {ValueOf(i)}).ok());
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0u);
  ExpectAll(&instance_);
  EXPECT_TRUE(Waits([this] {
    EXPECT_TRUE(instance_.Append(2, {ValueOf(0)}).ok());
    return OpenCount() <= kMax;
  }));
}

TEST(OpenFilesOptionTest, TheBoundHasARange) {
  FaultyFileSystem disk;
  for (const uint32_t count : {0u, 15u, 1'000'001u}) {
    Options options = SmallOptions(&disk, FsyncMode::kNoFsync);
    options.open_files_max = count;
    TestInstance instance(options);
    EXPECT_EQ(instance.Open().code(), Code::kInvalidInput) << count;
  }
}

}  // namespace
}  // namespace walrus
