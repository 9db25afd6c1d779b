// The FileSystem of the machine: descriptors, pwritev and fdatasync.
#ifndef WALRUS_WAL_POSIX_FILE_SYSTEM_H_
#define WALRUS_WAL_POSIX_FILE_SYSTEM_H_

#include <memory>
#include <string>
#include <vector>

#include "wal/file_system.h"

namespace walrus {

/// Place: behind FileSystem::Posix(). Threads: any; it has no state.
class PosixFileSystem : public FileSystem {
 public:
  Status Open(const std::string& path, OpenMode mode,
              std::unique_ptr<File>* file) override;
  Status CreateDirectories(const std::string& path) override;
  Status ListDirectory(const std::string& path,
                       std::vector<DirectoryEntry>* entries) override;
  Status Exists(const std::string& path, bool* exists) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status Lock(const std::string& path,
              std::unique_ptr<DirectoryLock>* lock) override;
  Status FreeBytes(const std::string& path, uint64_t* bytes) override;
  Status FileUse(const std::string& path, uint64_t* apparent_bytes,
                 uint64_t* real_bytes) override;
  std::string BootId() override;
  uint64_t NowMs() override;
};

}  // namespace walrus

#endif  // WALRUS_WAL_POSIX_FILE_SYSTEM_H_
