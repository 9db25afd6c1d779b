// FileSystem: the one seam between the engine and the disk. The engine does no
// I/O around it, so that tests can lose, tear, reorder and fail every write.
#ifndef WALRUS_WAL_FILE_SYSTEM_H_
#define WALRUS_WAL_FILE_SYSTEM_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wal/status.h"

namespace walrus {

/// A range of a file that is written by storing into memory.
///
/// Life: made by File::Map(); goes before its file.
/// Threads: stores into different ranges may overlap in time.
class MappedRegion {
 public:
  virtual ~MappedRegion() = default;

  /// Takes space for the range, which reads as before. A store into a range
  /// without space would end the process (SIGBUS) when the disk is full.
  /// kNoSpace: part of it may be taken. kInvalidInput: this file system cannot
  /// take space beforehand; write by descriptor. kIo: the range cannot be read.
  virtual Status Reserve(uint64_t position, uint64_t length) = 0;

  /// Stores all parts one after another at `position` of the file. Other
  /// readers of the file see them at once; File::Sync() makes them durable.
  /// kIo: some prefix may be there.
  /// REQUIRES: the range lies in the region and was reserved since the last
  /// File::PunchHole() or File::Truncate() that touched it.
  virtual Status Write(uint64_t position, std::span<const iovec> parts) = 0;
};

/// Tells one file from another that has its name later.
struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  bool operator==(const FileIdentity&) const = default;
};

/// One open file.
///
/// Threads: reads and writes of different ranges may overlap in time; the
/// caller orders writes of the same range.
class File {
 public:
  virtual ~File() = default;

  /// Writes all parts one after another at `position`. Short writes and EINTR
  /// are continued, so on Ok every byte was taken by the system.
  /// kNoSpace or kIo: some prefix may have been written.
  virtual Status WriteV(uint64_t position, std::span<const iovec> parts) = 0;

  /// Reads into all parts in order; `*bytes_read` is less than their sum only
  /// at the end of the file.
  virtual Status ReadV(uint64_t position, std::span<const iovec> parts,
                       size_t* bytes_read) = 0;

  /// As ReadV, from the page cache only. kWouldBlock: some page is not there
  /// (or the system cannot tell); nothing is said about the parts' contents.
  virtual Status ReadVNow(uint64_t position, std::span<const iovec> parts,
                          size_t* bytes_read) = 0;

  /// fdatasync. After a failure the caller must not retry (design.md, D4).
  virtual Status Sync() = 0;

  virtual Status Size(uint64_t* size) = 0;
  /// Which file it is; always the same where the system cannot tell.
  virtual Status Identity(FileIdentity* identity) {
    *identity = FileIdentity();
    return Status::Ok();
  }
  virtual Status Truncate(uint64_t size) = 0;
  /// Frees the space of the range; it reads as zeros after. Falls back to
  /// writing zeros where the file system cannot punch holes.
  virtual Status PunchHole(uint64_t position, uint64_t length) = 0;
  /// Reserves space for the range and extends the file to its end.
  virtual Status Allocate(uint64_t position, uint64_t length) = 0;
  /// The first stretch at or behind `position` that may hold other bytes than
  /// zeros; both kNoData when there is none. What was never written can be
  /// skipped so. A file system that cannot tell names all that is left.
  virtual Status FindData(uint64_t position, uint64_t* begin, uint64_t* end) {
    *begin = position;
    *end = kNoData;
    return Status::Ok();
  }
  static constexpr uint64_t kNoData = UINT64_MAX;

  /// Forgets what the page cache holds of the file and has not to be written:
  /// after a failed sync that may be other bytes than the disk has. Where the
  /// system cannot, nothing happens. kIo: the system refuses.
  virtual Status DropCache() { return Status::Ok(); }

  /// Maps the range for stores. kInvalidInput: it is not wholly inside the
  /// file, or this file cannot be mapped; kIo: the system refuses.
  virtual Status Map(uint64_t position, uint64_t length,
                     std::unique_ptr<MappedRegion>* region);
  /// The system's descriptor; -1 where there is none.
  virtual int descriptor() const { return -1; }

  Status Write(uint64_t position, const void* data, size_t length) {
    const iovec part{const_cast<void*>(data), length};
    return WriteV(position, {&part, 1});
  }
  Status Read(uint64_t position, void* data, size_t length,
              size_t* bytes_read) {
    const iovec part{data, length};
    return ReadV(position, {&part, 1}, bytes_read);
  }
};

/// How files are mapped. Bytes, multiples of the page size; `window` a multiple
/// of `step`.
struct WindowSizes {
  uint64_t window = 4 << 20;
  /// Space is taken for so much at first, and for more when writes go on
  /// behind it, up to `step_max`: small logs stay small.
  uint64_t step = 16 << 10;
  uint64_t step_max = 1 << 20;
  size_t count_max = 64;
  /// A window is mapped after so many writes to it, which are made otherwise:
  /// mapping one costs as much as several.
  uint32_t writes_before = 0;
};

/// One write among several.
struct FileWrite {
  File* file = nullptr;
  uint64_t position = 0;
  std::span<const iovec> parts;
};

/// One read among several.
struct FileRead {
  File* file = nullptr;
  uint64_t position = 0;
  std::span<const iovec> parts;
  size_t bytes_read = 0;  ///< as of File::ReadV()
};

/// One sync among several.
struct FileSync {
  File* file = nullptr;
  Status status;  ///< as of File::Sync()
};

/// Held while an instance is open; destroying it releases the lock.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

enum class OpenMode {
  kExisting,   ///< kIo when it does not exist
  kCreateNew,  ///< O_EXCL; kInvalidInput when it exists
  kCreateOrOpen,
  kReadOnly,
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
};

/// Threads: any thread may call any method.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Status Open(const std::string& path, OpenMode mode,
                      std::unique_ptr<File>* file) = 0;
  /// Creates the directory and its parents, mode 0700; Ok when it exists.
  virtual Status CreateDirectories(const std::string& path) = 0;
  virtual Status ListDirectory(const std::string& path,
                               std::vector<DirectoryEntry>* entries) = 0;
  virtual Status Exists(const std::string& path, bool* exists) = 0;
  /// Renames over `to` when it exists (rename(2)).
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& path) = 0;
  /// fsync of the directory: creations, renames and removals in it hold.
  virtual Status SyncDirectory(const std::string& path) = 0;
  /// flock on the file, created when missing. kLocked when another holder
  /// (also one in this process) has it; never waits.
  virtual Status Lock(const std::string& path,
                      std::unique_ptr<DirectoryLock>* lock) = 0;
  /// Bytes an unprivileged writer can still use.
  virtual Status FreeBytes(const std::string& path, uint64_t* bytes) = 0;

  /// The file's length, and what it takes of the disk; the length again where
  /// the system cannot tell.
  virtual Status FileUse(const std::string& path, uint64_t* apparent_bytes,
                         uint64_t* real_bytes);

  /// File::WriteV() of each, in any order and at the same time; returns when
  /// none is under way. On an error any part of any of them may be written.
  /// kNoSpace: no other error was met.
  /// REQUIRES: the ranges do not overlap.
  virtual Status WriteMany(std::span<const FileWrite> writes);
  /// File::ReadV() of each, in any order and at the same time.
  virtual Status ReadMany(std::span<FileRead> reads);
  /// File::Sync() of each, in any order and at the same time; whether each
  /// went well is in its status. One that was not begun because another had
  /// failed has that one's status.
  /// REQUIRES: no file comes twice.
  virtual void SyncMany(std::span<FileSync> syncs);
  /// How files are written here: "fd", "io_uring", "mmap".
  virtual std::string_view BackendName() const { return "fd"; }

  /// Names this boot of the machine; empty where it cannot be known.
  virtual std::string BootId() = 0;
  /// Milliseconds since the epoch, for file names only.
  virtual uint64_t NowMs() = 0;

  /// The real one. Lives for the whole process.
  static FileSystem& Posix();
};

}  // namespace walrus

#endif  // WALRUS_WAL_FILE_SYSTEM_H_
