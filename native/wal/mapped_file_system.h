// The mmap backend: files whose writes are stores into mapped windows.
#ifndef WALRUS_WAL_MAPPED_FILE_SYSTEM_H_
#define WALRUS_WAL_MAPPED_FILE_SYSTEM_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "wal/file_system.h"
#include "wal/mapped_windows.h"

namespace walrus {

/// Puts stores into mappings in front of another FileSystem.
///
/// Place: made by OpenBackend(). Files that `maps` names are written through
/// windows, one write after another. By the other FileSystem's calls are
/// written: what is larger than `store_bytes_max` (several such writes
/// together, with it), what lies beyond a file's end, and every file where
/// mapping or reserving is not possible. Reads, syncs and names are its calls
/// too.
/// Life: goes after its files. Threads: any.
class MappedFileSystem : public FileSystem {
 public:
  using Selector = std::function<bool(const std::string& path)>;

  /// Everything is stored: Backend::kMmap.
  MappedFileSystem(FileSystem& underneath, const WindowSizes& sizes,
                   Selector maps)
      : MappedFileSystem(underneath, sizes, std::move(maps), UINT64_MAX) {}
  MappedFileSystem(FileSystem& underneath, const WindowSizes& sizes,
                   Selector maps, uint64_t store_bytes_max);

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
  Status WriteMany(std::span<const FileWrite> writes) override;
  Status ReadMany(std::span<FileRead> reads) override;
  void SyncMany(std::span<FileSync> syncs) override;
  std::string_view BackendName() const override {
    return store_bytes_max_ == UINT64_MAX ? "mmap" : underneath_.BackendName();
  }
  std::string BootId() override;
  uint64_t NowMs() override;

  /// How many windows are mapped now, over all files.
  size_t mapped_windows() const { return windows_->count(); }

 private:
  FileSystem& underneath_;
  const Selector maps_;
  const uint64_t store_bytes_max_;
  const std::shared_ptr<MappedWindows> windows_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_MAPPED_FILE_SYSTEM_H_
