// What every backend owes the engine: one suite, run on descriptors, io_uring,
// mappings, and on the file system in memory with and without mappings.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "testing/faulty_file_system.h"
#include "testing/test_batches.h"
#include "wal/mapped_file_system.h"
#include "wal/uring_file_system.h"

namespace walrus {
namespace {

constexpr uint64_t kFileBytes = 256 << 10;
constexpr WindowSizes kSmallWindows{32 << 10, 4 << 10, 16 << 10, 3};
constexpr WindowSizes kLateWindows{32 << 10, 4 << 10, 16 << 10, 3, 2};

bool EveryFile(const std::string&) { return true; }

class BackendContractTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam().starts_with("memory")) {
      underneath_ = std::make_unique<FaultyFileSystem>();
      directory_ = "/d";
      ASSERT_TRUE(underneath_->CreateDirectories(directory_).ok());
    } else {
      std::string pattern =
          (std::filesystem::temp_directory_path() / "walrus-XXXXXX").string();
      ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
      directory_ = pattern;
    }
    FileSystem& below =
        underneath_ == nullptr ? FileSystem::Posix() : *underneath_;
    disk_ = &below;
    if (GetParam().ends_with("mmap")) {
      own_ =
          std::make_unique<MappedFileSystem>(below, kSmallWindows, EveryFile);
    } else if (GetParam().ends_with("small_stores")) {
      own_ = std::make_unique<MappedFileSystem>(below, kLateWindows, EveryFile,
                                                2'000);
    } else if (GetParam() == "io_uring") {
      const Status status = OpenUringFileSystem(&own_, {0, 1, 1, 1});
      ASSERT_TRUE(status.ok()) << status.ToString();
    }
    if (own_ != nullptr) disk_ = own_.get();
    ASSERT_TRUE(
        disk_->Open(directory_ + "/1", OpenMode::kCreateNew, &file_).ok());
    ASSERT_TRUE(file_->Truncate(kFileBytes).ok());
    expected_.assign(kFileBytes, std::byte{0});
  }
  void TearDown() override {
    file_.reset();
    own_.reset();
    if (underneath_ == nullptr) std::filesystem::remove_all(directory_);
  }

  Bytes Noise(size_t size) {
    Bytes bytes(size);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random_());
    return bytes;
  }
  void Expect(uint64_t position, const Bytes& bytes) {
    if (expected_.size() < position + bytes.size()) {
      expected_.resize(position + bytes.size());
    }
    std::copy(bytes.begin(), bytes.end(),
              expected_.begin() + static_cast<long>(position));
  }
  void Write(uint64_t position, const Bytes& bytes) {
    ASSERT_TRUE(file_->Write(position, bytes.data(), bytes.size()).ok());
    Expect(position, bytes);
  }
  void CheckContents() {
    Bytes found(expected_.size() + 1);
    size_t bytes_read = 0;
    ASSERT_TRUE(file_->Read(0, found.data(), found.size(), &bytes_read).ok());
    ASSERT_EQ(bytes_read, expected_.size());
    found.pop_back();
    EXPECT_EQ(found, expected_);
    // Through another handle, as the next process sees it.
    FileSystem& other = underneath_ == nullptr
                            ? FileSystem::Posix()
                            : static_cast<FileSystem&>(*underneath_);
    std::unique_ptr<File> again;
    ASSERT_TRUE(
        other.Open(directory_ + "/1", OpenMode::kReadOnly, &again).ok());
    found.assign(expected_.size(), std::byte{1});
    ASSERT_TRUE(again->Read(0, found.data(), found.size(), &bytes_read).ok());
    EXPECT_EQ(found, expected_);
  }

  static constexpr uint64_t kSeed = 20260;
  std::mt19937_64 random_{kSeed};
  std::unique_ptr<FaultyFileSystem> underneath_;
  std::unique_ptr<FileSystem> own_;
  FileSystem* disk_ = nullptr;
  std::string directory_;
  std::unique_ptr<File> file_;
  Bytes expected_;
};

TEST_P(BackendContractTest, WritesAnywhereInsideAndAcrossTheEndAreRead) {
  Write(0, Noise(1));
  Write(4095, Noise(2));
  Write((32 << 10) - 7, Noise(14));          // over one window's end
  Write((64 << 10) - 100, Noise(70 << 10));  // over several
  Write(kFileBytes - 5, Noise(5));
  Write(kFileBytes - 5, Noise(300));  // grows the file
  Write(kFileBytes + 100, Noise(40 << 10));
  Write(kFileBytes + 1000, Noise(100));
  CheckContents();
  ASSERT_TRUE(file_->Sync().ok());
  CheckContents();
}

TEST_P(BackendContractTest, ManyPartsAreOneWrite) {
  std::vector<Bytes> pieces;
  std::vector<iovec> parts;
  Bytes whole;
  for (size_t i = 0; i < 3000; ++i) {
    pieces.push_back(Noise(i % 40));
    whole.insert(whole.end(), pieces.back().begin(), pieces.back().end());
  }
  for (Bytes& piece : pieces) parts.push_back({piece.data(), piece.size()});
  ASSERT_TRUE(file_->WriteV(30'000, parts).ok());
  Expect(30'000, whole);
  CheckContents();
}

TEST_P(BackendContractTest, SeveralWritesTogetherAllArrive) {
  for (const size_t size : {size_t{100}, size_t{3000}, size_t{100'000}}) {
    constexpr size_t kCount = 150;  // more than a ring holds
    std::unique_ptr<File> second;
    const std::string path = directory_ + "/2" + std::to_string(size);
    ASSERT_TRUE(disk_->Open(path, OpenMode::kCreateNew, &second).ok());
    std::vector<Bytes> bytes;
    std::vector<iovec> parts(kCount);
    std::vector<FileWrite> writes;
    Bytes in_second(kCount / 2 * size);
    for (size_t i = 0; i < kCount; ++i) {
      bytes.push_back(Noise(size));
      parts[i] = {bytes[i].data(), size};
      File* const to = i % 2 == 0 ? file_.get() : second.get();
      writes.push_back({to, i / 2 * size, {&parts[i], 1}});
      if (i % 2 == 0) {
        Expect(i / 2 * size, bytes[i]);
      } else {
        std::copy(bytes[i].begin(), bytes[i].end(),
                  in_second.begin() + static_cast<long>(i / 2 * size));
      }
    }
    ASSERT_TRUE(disk_->WriteMany(writes).ok());
    CheckContents();
    Bytes found(in_second.size());
    size_t bytes_read = 0;
    ASSERT_TRUE(second->Read(0, found.data(), found.size(), &bytes_read).ok());
    EXPECT_EQ(found, in_second);
    FileSync syncs[] = {{file_.get(), Status(Code::kIo, "not set")},
                        {second.get(), Status(Code::kIo, "not set")}};
    disk_->SyncMany(syncs);
    EXPECT_TRUE(syncs[0].status.ok());
    EXPECT_TRUE(syncs[1].status.ok());
  }
}

TEST_P(BackendContractTest, SeveralReadsTogetherStopAtTheEnd) {
  Write(0, Noise(kFileBytes));
  constexpr size_t kCount = 100;
  std::vector<Bytes> found(kCount, Bytes(5000));
  std::vector<iovec> parts(2 * kCount);
  std::vector<FileRead> reads;
  for (size_t i = 0; i < kCount; ++i) {
    parts[2 * i] = {found[i].data(), 1000};
    parts[2 * i + 1] = {found[i].data() + 1000, 4000};
    reads.push_back({file_.get(), i * 2700, {&parts[2 * i], 2}});
  }
  ASSERT_TRUE(disk_->ReadMany(reads).ok());
  for (size_t i = 0; i < kCount; ++i) {
    const uint64_t at = i * 2700;
    const size_t wanted =
        at >= kFileBytes ? 0 : std::min<size_t>(5000, kFileBytes - at);
    ASSERT_EQ(reads[i].bytes_read, wanted) << i;
    EXPECT_TRUE(std::equal(found[i].begin(),
                           found[i].begin() + static_cast<long>(wanted),
                           expected_.begin() + static_cast<long>(at)));
  }
}

TEST_P(BackendContractTest, NothingToDoIsDone) {
  EXPECT_TRUE(disk_->WriteMany({}).ok());
  EXPECT_TRUE(disk_->ReadMany({}).ok());
  disk_->SyncMany({});
  EXPECT_TRUE(file_->WriteV(0, {}).ok());
  CheckContents();
}

TEST_P(BackendContractTest, PunchedRangesReadAsZerosAndTakeNewBytes) {
  Write(0, Noise(kFileBytes));
  ASSERT_TRUE(file_->PunchHole(10'000, 100'000).ok());
  Expect(10'000, Bytes(100'000));
  CheckContents();
  Write(50'000, Noise(30'000));
  Write(9'990, Noise(20));
  CheckContents();
}

TEST_P(BackendContractTest, ACutFileGrowsAgainWithZeros) {
  Write(0, Noise(kFileBytes));
  ASSERT_TRUE(file_->Truncate(40'000).ok());
  expected_.resize(40'000);
  CheckContents();
  Write(39'000, Noise(2000));
  ASSERT_TRUE(file_->Truncate(80'000).ok());
  expected_.resize(80'000);
  Write(60'000, Noise(100));
  CheckContents();
  ASSERT_TRUE(file_->Allocate(70'000, 50'000).ok());
  expected_.resize(120'000);
  Write(119'000, Noise(1000));
  CheckContents();
}

TEST_P(BackendContractTest, AnyMixOfCallsLeavesWhatTheyWrote) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  for (int i = 0; i < 400; ++i) {
    const uint64_t position = random_() % expected_.size();
    const uint64_t length = 1 + random_() % (random_() % 4 == 0 ? 90'000 : 900);
    switch (random_() % 8) {
      case 0:
        ASSERT_TRUE(file_->PunchHole(position, length).ok());
        Expect(position,
               Bytes(std::min<uint64_t>(length, expected_.size() - position)));
        break;
      case 1: {
        const uint64_t size = std::max<uint64_t>(random_() % kFileBytes, 1);
        ASSERT_TRUE(file_->Truncate(size).ok());
        expected_.resize(size);
        break;
      }
      case 2:
        ASSERT_TRUE(file_->Sync().ok());
        break;
      default:
        Write(position, Noise(length));
    }
  }
  CheckContents();
}

std::vector<std::string> BackendNames() {
  std::vector<std::string> names = {
      "fd",     "small_stores",        "mmap",
      "memory", "memory_small_stores", "memory_mmap",
  };
#if defined(__linux__)
  names.push_back("io_uring");
#endif
  return names;
}

INSTANTIATE_TEST_SUITE_P(Backends, BackendContractTest,
                         testing::ValuesIn(BackendNames()),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace walrus
