// The mmap backend: files whose writes are stores into mapped windows.
#ifndef WALRUS_WAL_MAPPED_FILE_SYSTEM_H_
#define WALRUS_WAL_MAPPED_FILE_SYSTEM_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "wal/file_system.h"
#include "wal/mapped_windows.h"

namespace walrus {

/// Puts stores into mappings in front of another FileSystem.
///
/// Place: made by OpenBackend() for Backend::kMmap. Files that `maps` names
/// are written through windows, one after another; what lies beyond a file's
/// end, and every file where mapping or reserving is not possible, is written
/// by the other FileSystem's calls. Reads, syncs and names are its calls too.
/// Life: goes after its files. Threads: any.
class MappedFileSystem : public FileSystem {
 public:
  using Selector = std::function<bool(const std::string& path)>;

  MappedFileSystem(FileSystem& underneath, const WindowSizes& sizes,
                   Selector maps);

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
  std::string_view BackendName() const override { return "mmap"; }
  std::string BootId() override;
  uint64_t NowMs() override;

  /// How many windows are mapped now, over all files.
  size_t mapped_windows() const { return windows_->count(); }

 private:
  FileSystem& underneath_;
  const Selector maps_;
  const std::shared_ptr<MappedWindows> windows_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_MAPPED_FILE_SYSTEM_H_
