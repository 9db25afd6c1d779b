#include "wal/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <new>

#include "wal/platform.h"
#include "wal/posix_file.h"

namespace walrus {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;

Status Error(std::string_view what, const std::string& path) {
  const int error_number = errno;
  return Status::FromErrno(std::string(what) + " " + path, error_number);
}

int OpenRetrying(const std::string& path, int flags) {
  int descriptor;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, kFileMode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

class PosixDirectoryLock : public DirectoryLock {
 public:
  explicit PosixDirectoryLock(int descriptor) : descriptor_(descriptor) {}
  ~PosixDirectoryLock() override { ::close(descriptor_); }
  PosixDirectoryLock(const PosixDirectoryLock&) = delete;
  PosixDirectoryLock& operator=(const PosixDirectoryLock&) = delete;

 private:
  const int descriptor_;
};

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool IsDirectory(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// Whether the locked descriptor is still the file at `path`: another process
// may have removed it between our open() and our flock().
bool IsStillAt(const std::string& path, int descriptor) {
  struct stat ours;
  struct stat there;
  return ::fstat(descriptor, &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
         ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

}  // namespace

FileSystem& FileSystem::Posix() {
  // Never destroyed: engine threads may outlive the statics. Its memory goes
  // with the library, which a worker thread may load and unload many times.
  alignas(PosixFileSystem) static std::byte memory[sizeof(PosixFileSystem)];
  static PosixFileSystem* const file_system = new (memory) PosixFileSystem;
  return *file_system;
}

Status PosixFileSystem::Open(const std::string& path, OpenMode mode,
                             std::unique_ptr<File>* file) {
  int flags = O_RDWR;
  switch (mode) {
    case OpenMode::kExisting:
      break;
    case OpenMode::kCreateNew:
      flags |= O_CREAT | O_EXCL;
      break;
    case OpenMode::kCreateOrOpen:
      flags |= O_CREAT;
      break;
    case OpenMode::kReadOnly:
      flags = O_RDONLY;
      break;
  }
  const int descriptor = OpenRetrying(path, flags);
  if (descriptor < 0) {
    if (mode == OpenMode::kCreateNew && errno == EEXIST) {
      return Status(Code::kInvalidInput, "open " + path + ": exists already");
    }
    return Error("open", path);
  }
  *file = std::make_unique<PosixFile>(path, descriptor);
  return Status::Ok();
}

Status PosixFileSystem::CreateDirectories(const std::string& path) {
  if (path.empty()) {
    return Status(Code::kInvalidInput, "create directory: the path is empty");
  }
  if (::mkdir(path.c_str(), kDirectoryMode) == 0) {
    return SyncDirectory(ParentOf(path));
  }
  if (errno == EEXIST) {
    if (IsDirectory(path)) return Status::Ok();
    errno = ENOTDIR;
    return Error("create directory", path);
  }
  if (errno != ENOENT) return Error("create directory", path);
  // Trailing and double slashes name the same directory.
  std::string parent = path;
  while (parent.size() > 1 && parent.back() == '/') parent.pop_back();
  parent = ParentOf(parent);
  if (Status status = CreateDirectories(parent); !status.ok()) return status;
  if (::mkdir(path.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return Error("create directory", path);
  }
  return SyncDirectory(parent);
}

Status PosixFileSystem::ListDirectory(const std::string& path,
                                      std::vector<DirectoryEntry>* entries) {
  entries->clear();
  DIR* const directory = ::opendir(path.c_str());
  if (directory == nullptr) return Error("list", path);
  Status status;
  while (true) {
    errno = 0;
    const dirent* const entry = ::readdir(directory);
    if (entry == nullptr) {
      if (errno != 0) status = Error("list", path);
      break;
    }
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    bool is_directory = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK) {
      is_directory = IsDirectory(path + "/" + name);
    }
    entries->push_back({name, is_directory});
  }
  ::closedir(directory);
  return status;
}

Status PosixFileSystem::Exists(const std::string& path, bool* exists) {
  struct stat status;
  *exists = ::stat(path.c_str(), &status) == 0;
  if (!*exists && errno != ENOENT && errno != ENOTDIR) {
    return Error("stat", path);
  }
  return Status::Ok();
}

Status PosixFileSystem::Rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return Error("rename", from);
  return Status::Ok();
}

Status PosixFileSystem::Remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return Error("remove", path);
  return Status::Ok();
}

Status PosixFileSystem::SyncDirectory(const std::string& path) {
  const int descriptor = OpenRetrying(path, O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) return Error("open directory", path);
  Status status;
  if (::fsync(descriptor) != 0) status = Error("sync directory", path);
  ::close(descriptor);
  return status;
}

Status PosixFileSystem::Lock(const std::string& path,
                             std::unique_ptr<DirectoryLock>* lock) {
  while (true) {
    const int descriptor = OpenRetrying(path, O_RDWR | O_CREAT);
    if (descriptor < 0) return Error("open", path);
    int result;
    do {
      result = ::flock(descriptor, LOCK_EX | LOCK_NB);
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
      const bool held = errno == EWOULDBLOCK;
      const Status error = Error("lock", path);
      ::close(descriptor);
      return held ? Status(Code::kLocked, path + " is held by another opening")
                  : error;
    }
    if (IsStillAt(path, descriptor)) {
      *lock = std::make_unique<PosixDirectoryLock>(descriptor);
      return Status::Ok();
    }
    ::close(descriptor);
  }
}

Status PosixFileSystem::FreeBytes(const std::string& path, uint64_t* bytes) {
  struct statvfs status;
  int result;
  do {
    result = ::statvfs(path.c_str(), &status);
  } while (result != 0 && errno == EINTR);
  if (result != 0) return Error("statvfs", path);
  *bytes = uint64_t{status.f_bavail} * uint64_t{status.f_frsize};
  return Status::Ok();
}

Status PosixFileSystem::FileUse(const std::string& path,
                                uint64_t* apparent_bytes,
                                uint64_t* real_bytes) {
  constexpr uint64_t kStatBlockBytes = 512;
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return Error("stat", path);
  *apparent_bytes = static_cast<uint64_t>(status.st_size);
  *real_bytes = static_cast<uint64_t>(status.st_blocks) * kStatBlockBytes;
  return Status::Ok();
}

std::string PosixFileSystem::BootId() { return platform::BootId(); }

uint64_t PosixFileSystem::NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace walrus
