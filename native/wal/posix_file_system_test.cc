#include "wal/posix_file_system.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "testing/test_batches.h"

namespace walrus {
namespace {

class PosixFileSystemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "walrus-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const {
    return directory_ + "/" + name;
  }
  std::unique_ptr<File> Create(const std::string& name) {
    std::unique_ptr<File> file;
    EXPECT_TRUE(disk_.Open(Path(name), OpenMode::kCreateNew, &file).ok());
    return file;
  }
  static mode_t ModeOf(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }

  FileSystem& disk_ = FileSystem::Posix();
  std::string directory_;
};

TEST_F(PosixFileSystemTest, ManyPartsComeBackInOrder) {
  const auto file = Create("f");
  // More parts than one call of the system takes, some of them empty.
  std::vector<Bytes> pieces;
  std::vector<iovec> parts;
  Bytes expected;
  for (size_t i = 0; i < 3000; ++i) {
    pieces.push_back(Bytes(i % 5, static_cast<std::byte>(i)));
    expected.insert(expected.end(), pieces.back().begin(), pieces.back().end());
  }
  for (Bytes& piece : pieces) parts.push_back({piece.data(), piece.size()});
  ASSERT_TRUE(file->WriteV(100, parts).ok());
  ASSERT_TRUE(file->Sync().ok());
  uint64_t size = 0;
  ASSERT_TRUE(file->Size(&size).ok());
  EXPECT_EQ(size, 100 + expected.size());

  for (Bytes& piece : pieces)
    std::fill(piece.begin(), piece.end(), std::byte{});
  size_t bytes_read = 0;
  ASSERT_TRUE(file->ReadV(100, parts, &bytes_read).ok());
  EXPECT_EQ(bytes_read, expected.size());
  Bytes found;
  for (const Bytes& piece : pieces) {
    found.insert(found.end(), piece.begin(), piece.end());
  }
  EXPECT_EQ(found, expected);
}

TEST_F(PosixFileSystemTest, DroppingTheCacheLosesNothingThatIsToBeWritten) {
  const auto file = Create("f");
  const Bytes synced(20'000, std::byte{'s'});
  const Bytes dirty(5000, std::byte{'d'});
  ASSERT_TRUE(file->Write(0, synced.data(), synced.size()).ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Write(9000, dirty.data(), dirty.size()).ok());
  ASSERT_TRUE(file->DropCache().ok());
  Bytes found(synced.size());
  size_t bytes_read = 0;
  ASSERT_TRUE(file->Read(0, found.data(), found.size(), &bytes_read).ok());
  Bytes expected = synced;
  std::copy(dirty.begin(), dirty.end(), expected.begin() + 9000);
  EXPECT_EQ(found, expected);
}

TEST_F(PosixFileSystemTest, AReadStopsAtTheEndOfTheFile) {
  const auto file = Create("f");
  ASSERT_TRUE(file->Write(0, "abc", 3).ok());
  char buffer[10];
  size_t bytes_read = 0;
  ASSERT_TRUE(file->Read(1, buffer, sizeof(buffer), &bytes_read).ok());
  EXPECT_EQ(bytes_read, 2u);
  const iovec part{buffer, sizeof(buffer)};
  const Status now = file->ReadVNow(1, {&part, 1}, &bytes_read);
  EXPECT_TRUE(now.ok() ? bytes_read == 2 : now.code() == Code::kWouldBlock);
}

TEST_F(PosixFileSystemTest, APunchedHoleReadsAsZerosAndKeepsTheSize) {
  const auto file = Create("f");
  const Bytes ones(100'000, std::byte{1});
  ASSERT_TRUE(file->Write(0, ones.data(), ones.size()).ok());
  ASSERT_TRUE(file->PunchHole(4096, 1ull << 30).ok());
  Bytes found(ones.size());
  size_t bytes_read = 0;
  ASSERT_TRUE(file->Read(0, found.data(), found.size(), &bytes_read).ok());
  EXPECT_EQ(bytes_read, ones.size());
  EXPECT_FALSE(IsZero(std::span(found).first(4096)));
  EXPECT_TRUE(IsZero(std::span(found).subspan(4096)));
}

TEST_F(PosixFileSystemTest, AllocatingExtendsTheFileWithZeros) {
  const auto file = Create("f");
  ASSERT_TRUE(file->Allocate(0, 8192).ok());
  uint64_t size = 0;
  ASSERT_TRUE(file->Size(&size).ok());
  EXPECT_EQ(size, 8192u);
  ASSERT_TRUE(file->Truncate(10).ok());
  ASSERT_TRUE(file->Size(&size).ok());
  EXPECT_EQ(size, 10u);
}

TEST_F(PosixFileSystemTest, FilesAndDirectoriesAreTheOwnersAlone) {
  ASSERT_TRUE(disk_.CreateDirectories(Path("a/b/c/")).ok());
  ASSERT_TRUE(disk_.CreateDirectories(Path("a/b/c")).ok());
  EXPECT_EQ(ModeOf(Path("a")), 0700u);
  EXPECT_EQ(ModeOf(Path("a/b/c")), 0700u);
  Create("a/b/c/f");
  EXPECT_EQ(ModeOf(Path("a/b/c/f")), 0600u);
}

TEST_F(PosixFileSystemTest, ADirectoryWhereAFileIsIsRefused) {
  Create("f");
  EXPECT_EQ(disk_.CreateDirectories(Path("f")).code(), Code::kIo);
  EXPECT_EQ(disk_.CreateDirectories(Path("f/below")).code(), Code::kIo);
  EXPECT_EQ(disk_.CreateDirectories("").code(), Code::kInvalidInput);
}

TEST_F(PosixFileSystemTest, OpenModesAreKept) {
  std::unique_ptr<File> file;
  EXPECT_EQ(disk_.Open(Path("f"), OpenMode::kExisting, &file).code(),
            Code::kIo);
  EXPECT_TRUE(disk_.Open(Path("f"), OpenMode::kCreateNew, &file).ok());
  EXPECT_EQ(disk_.Open(Path("f"), OpenMode::kCreateNew, &file).code(),
            Code::kInvalidInput);
  EXPECT_TRUE(disk_.Open(Path("f"), OpenMode::kCreateOrOpen, &file).ok());
  ASSERT_TRUE(disk_.Open(Path("f"), OpenMode::kReadOnly, &file).ok());
  EXPECT_EQ(file->Write(0, "x", 1).code(), Code::kIo);
}

TEST_F(PosixFileSystemTest, NamesAreListedRenamedAndRemoved) {
  Create("f");
  ASSERT_TRUE(disk_.CreateDirectories(Path("sub")).ok());
  ASSERT_TRUE(disk_.Rename(Path("f"), Path("g")).ok());
  ASSERT_TRUE(disk_.SyncDirectory(directory_).ok());
  std::vector<DirectoryEntry> entries;
  ASSERT_TRUE(disk_.ListDirectory(directory_, &entries).ok());
  ASSERT_EQ(entries.size(), 2u);
  for (const DirectoryEntry& entry : entries) {
    EXPECT_EQ(entry.is_directory, entry.name == "sub");
  }
  bool exists = true;
  ASSERT_TRUE(disk_.Exists(Path("f"), &exists).ok());
  EXPECT_FALSE(exists);
  ASSERT_TRUE(disk_.Remove(Path("g")).ok());
  EXPECT_EQ(disk_.Remove(Path("g")).code(), Code::kIo);
  EXPECT_EQ(disk_.ListDirectory(Path("none"), &entries).code(), Code::kIo);
}

TEST_F(PosixFileSystemTest, ALockExcludesThisProcessAndOthers) {
  std::unique_ptr<DirectoryLock> lock;
  ASSERT_TRUE(disk_.Lock(Path("LOCK"), &lock).ok());
  std::unique_ptr<DirectoryLock> second;
  EXPECT_EQ(disk_.Lock(Path("LOCK"), &second).code(), Code::kLocked);

  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::unique_ptr<DirectoryLock> other;
    const Status status = disk_.Lock(Path("LOCK"), &other);
    ::_exit(status.code() == Code::kLocked ? 0 : 1);
  }
  int exit_status = -1;
  ASSERT_EQ(::waitpid(child, &exit_status, 0), child);
  EXPECT_EQ(exit_status, 0);

  lock.reset();
  EXPECT_TRUE(disk_.Lock(Path("LOCK"), &second).ok());
}

TEST_F(PosixFileSystemTest, SpaceClockAndBootAreKnown) {
  uint64_t bytes = 0;
  ASSERT_TRUE(disk_.FreeBytes(directory_, &bytes).ok());
  EXPECT_GT(bytes, 0u);
  EXPECT_GT(disk_.NowMs(), 1'600'000'000'000u);
  EXPECT_EQ(disk_.BootId(), disk_.BootId());
  EXPECT_LE(disk_.BootId().size(), kBootIdBytesMax);
#if defined(__linux__)
  EXPECT_FALSE(disk_.BootId().empty());
#endif
}

TEST(StatusTest, DiskFullIsToldFromOtherErrors) {
  EXPECT_EQ(Status::FromErrno("write", ENOSPC).code(), Code::kNoSpace);
  EXPECT_EQ(Status::FromErrno("write", EDQUOT).code(), Code::kNoSpace);
  const Status status = Status::FromErrno("write /x", EIO);
  EXPECT_EQ(status.code(), Code::kIo);
  EXPECT_EQ(status.ToString(), "IO: write /x: Input/output error");
  EXPECT_EQ(Status::Ok().ToString(), "OK");
}

}  // namespace
}  // namespace walrus
