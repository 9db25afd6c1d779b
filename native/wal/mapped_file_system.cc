#include "wal/mapped_file_system.h"

#include <atomic>
#include <utility>

namespace walrus {

namespace {

uint64_t BytesOf(std::span<const iovec> parts) {
  uint64_t bytes = 0;
  for (const iovec& part : parts) bytes += part.iov_len;
  return bytes;
}

// Takes the first `bytes` off the list.
std::vector<iovec> TakeFront(std::vector<iovec>* parts, uint64_t bytes) {
  std::vector<iovec> taken;
  size_t used = 0;
  while (bytes > 0) {
    iovec& part = (*parts)[used];
    const size_t piece = std::min<uint64_t>(bytes, part.iov_len);
    taken.push_back({part.iov_base, piece});
    bytes -= piece;
    part.iov_base = static_cast<char*>(part.iov_base) + piece;
    part.iov_len -= piece;
    if (part.iov_len == 0) ++used;
  }
  parts->erase(parts->begin(), parts->begin() + static_cast<long>(used));
  return taken;
}

// Threads: as File says. Truncate() and PunchHole() do not overlap writes of
// the same range, which is the caller's affair with any file.
class MappedFile : public File {
 public:
  MappedFile(std::unique_ptr<File> file, std::shared_ptr<MappedWindows> windows,
             uint64_t size, uint64_t store_bytes_max)
      : file_(std::move(file)),
        windows_(std::move(windows)),
        store_bytes_max_(store_bytes_max),
        key_(windows_->NewFileKey()),
        size_(size) {}
  ~MappedFile() override { windows_->Drop(key_, 0, UINT64_MAX); }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  Status WriteV(uint64_t position, std::span<const iovec> parts) override {
    const uint64_t bytes = BytesOf(parts);
    if (bytes == 0) return Status::Ok();
    if (bytes > store_bytes_max_ ||
        !mappable_.load(std::memory_order_relaxed) ||
        position + bytes > size_.load(std::memory_order_acquire)) {
      return WriteBeyond(position, parts, bytes);
    }
    const uint64_t window = windows_->window_bytes();
    if (position / window == (position + bytes - 1) / window) {
      return Store(position, parts, bytes);
    }
    std::vector<iovec> rest(parts.begin(), parts.end());
    const uint64_t end = position + bytes;
    while (position < end) {
      const uint64_t piece =
          std::min(end, (position / window + 1) * window) - position;
      const std::vector<iovec> taken = TakeFront(&rest, piece);
      const Status status = Store(position, taken, piece);
      if (!status.ok()) return status;
      position += piece;
    }
    return Status::Ok();
  }

  Status ReadV(uint64_t position, std::span<const iovec> parts,
               size_t* bytes_read) override {
    return file_->ReadV(position, parts, bytes_read);
  }
  Status ReadVNow(uint64_t position, std::span<const iovec> parts,
                  size_t* bytes_read) override {
    return file_->ReadVNow(position, parts, bytes_read);
  }
  Status Sync() override { return file_->Sync(); }
  Status Size(uint64_t* size) override { return file_->Size(size); }
  Status Identity(FileIdentity* identity) override {
    return file_->Identity(identity);
  }
  Status FindData(uint64_t position, uint64_t* begin, uint64_t* end) override {
    return file_->FindData(position, begin, end);
  }
  Status DropCache() override { return file_->DropCache(); }
  int descriptor() const override { return file_->descriptor(); }

  Status Truncate(uint64_t size) override {
    // No window may reach beyond the end: a store there is a SIGBUS.
    size_.store(std::min(size, size_.load()), std::memory_order_release);
    windows_->Drop(key_, 0, UINT64_MAX);
    const Status status = file_->Truncate(size);
    return status.ok() ? TakeSize() : status;
  }

  Status PunchHole(uint64_t position, uint64_t length) override {
    windows_->Drop(key_, position, length);
    return file_->PunchHole(position, length);
  }

  Status Allocate(uint64_t position, uint64_t length) override {
    const Status status = file_->Allocate(position, length);
    return status.ok() ? TakeSize() : status;
  }

 private:
  Status Store(uint64_t position, std::span<const iovec> parts,
               uint64_t bytes) {
    std::shared_ptr<MappedRegion> region;
    const Status status =
        windows_->Acquire(key_, file_, size_.load(std::memory_order_acquire),
                          position, bytes, &region);
    if (status.code() == Code::kInvalidInput) mappable_ = false;
    if (status.code() == Code::kInvalidInput ||
        (status.ok() && region == nullptr)) {
      return file_->WriteV(position, parts);
    }
    return status.ok() ? region->Write(position, parts) : status;
  }

  Status WriteBeyond(uint64_t position, std::span<const iovec> parts,
                     uint64_t bytes) {
    const Status status = file_->WriteV(position, parts);
    if (!status.ok() || position + bytes <= size_.load()) return status;
    // The last window ended where the file did.
    windows_->Drop(key_, size_.load(), 1);
    return TakeSize();
  }

  Status TakeSize() {
    uint64_t size = 0;
    const Status status = file_->Size(&size);
    if (status.ok()) size_.store(size, std::memory_order_release);
    return status;
  }

  const std::shared_ptr<File> file_;
  const std::shared_ptr<MappedWindows> windows_;
  const uint64_t store_bytes_max_;
  const uint64_t key_;
  std::atomic<uint64_t> size_;
  std::atomic<bool> mappable_{true};
};

}  // namespace

MappedFileSystem::MappedFileSystem(FileSystem& underneath,
                                   const WindowSizes& sizes, Selector maps,
                                   uint64_t store_bytes_max)
    : underneath_(underneath),
      maps_(std::move(maps)),
      store_bytes_max_(store_bytes_max),
      windows_(std::make_shared<MappedWindows>(sizes)) {}

Status MappedFileSystem::Open(const std::string& path, OpenMode mode,
                              std::unique_ptr<File>* file) {
  std::unique_ptr<File> opened;
  Status status = underneath_.Open(path, mode, &opened);
  if (!status.ok()) return status;
  if (mode == OpenMode::kReadOnly || !maps_(path)) {
    *file = std::move(opened);
    return status;
  }
  uint64_t size = 0;
  status = opened->Size(&size);
  if (!status.ok()) return status;
  *file = std::make_unique<MappedFile>(std::move(opened), windows_, size,
                                       store_bytes_max_);
  return status;
}

Status MappedFileSystem::WriteMany(std::span<const FileWrite> writes) {
  // By the files' own WriteV(), or past them by descriptor: stores and writes
  // meet in the same pages.
  return underneath_.WriteMany(writes);
}

Status MappedFileSystem::ReadMany(std::span<FileRead> reads) {
  return underneath_.ReadMany(reads);
}

void MappedFileSystem::SyncMany(std::span<FileSync> syncs) {
  underneath_.SyncMany(syncs);
}

Status MappedFileSystem::CreateDirectories(const std::string& path) {
  return underneath_.CreateDirectories(path);
}

Status MappedFileSystem::ListDirectory(const std::string& path,
                                       std::vector<DirectoryEntry>* entries) {
  return underneath_.ListDirectory(path, entries);
}

Status MappedFileSystem::Exists(const std::string& path, bool* exists) {
  return underneath_.Exists(path, exists);
}

Status MappedFileSystem::Rename(const std::string& from,
                                const std::string& to) {
  return underneath_.Rename(from, to);
}

Status MappedFileSystem::Remove(const std::string& path) {
  return underneath_.Remove(path);
}

Status MappedFileSystem::SyncDirectory(const std::string& path) {
  return underneath_.SyncDirectory(path);
}

Status MappedFileSystem::Lock(const std::string& path,
                              std::unique_ptr<DirectoryLock>* lock) {
  return underneath_.Lock(path, lock);
}

Status MappedFileSystem::FileUse(const std::string& path,
                                 uint64_t* apparent_bytes,
                                 uint64_t* real_bytes) {
  return underneath_.FileUse(path, apparent_bytes, real_bytes);
}

Status MappedFileSystem::FreeBytes(const std::string& path, uint64_t* bytes) {
  return underneath_.FreeBytes(path, bytes);
}

std::string MappedFileSystem::BootId() { return underneath_.BootId(); }

uint64_t MappedFileSystem::NowMs() { return underneath_.NowMs(); }

}  // namespace walrus
