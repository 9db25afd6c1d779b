// Files by descriptor: PosixFileSystem::Open() hands these out.
#include "wal/posix_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "wal/platform.h"
#include "wal/posix_mapped_region.h"

namespace walrus {
namespace {

// Fewer than IOV_MAX, so that the copy of the parts stays small on the stack.
constexpr size_t kPartsPerCall = 128;
constexpr size_t kZeroBytes = 64 << 10;

// Walks a list of parts in bites the system takes, resuming inside a part
// after a short transfer.
class PartsCursor {
 public:
  explicit PartsCursor(std::span<const iovec> parts) : rest_(parts) { Fill(); }

  bool done() const { return count_ == 0; }
  const iovec* parts() const { return batch_.data() + begin_; }
  int count() const { return static_cast<int>(count_); }

  void Advance(size_t bytes) {
    while (count_ > 0 && bytes >= batch_[begin_].iov_len) {
      bytes -= batch_[begin_].iov_len;
      ++begin_;
      --count_;
    }
    if (count_ == 0) {
      Fill();
    } else if (bytes > 0) {
      iovec& part = batch_[begin_];
      part.iov_base = static_cast<char*>(part.iov_base) + bytes;
      part.iov_len -= bytes;
    }
  }

 private:
  void Fill() {
    begin_ = 0;
    count_ = 0;
    while (count_ < kPartsPerCall && !rest_.empty()) {
      // An empty part would make a transfer of 0 bytes look like the end.
      if (rest_.front().iov_len > 0) batch_[count_++] = rest_.front();
      rest_ = rest_.subspan(1);
    }
  }

  std::span<const iovec> rest_;
  std::array<iovec, kPartsPerCall> batch_;
  size_t begin_ = 0;
  size_t count_ = 0;
};

}  // namespace

PosixFile::PosixFile(std::string path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {}

PosixFile::~PosixFile() { ::close(descriptor_); }

Status PosixFile::Error(std::string_view what) const {
  const int error_number = errno;
  return Status::FromErrno(std::string(what) + " " + path_, error_number);
}

Status PosixFile::WriteV(uint64_t position, std::span<const iovec> parts) {
  for (PartsCursor cursor(parts); !cursor.done();) {
    // One part is the common case of small writes, and pwrite costs less.
    const iovec& first = *cursor.parts();
    const auto at = static_cast<off_t>(position);
    const ssize_t written =
        cursor.count() == 1
            ? ::pwrite(descriptor_, first.iov_base, first.iov_len, at)
            : ::pwritev(descriptor_, cursor.parts(), cursor.count(), at);
    if (written < 0) {
      if (errno == EINTR) continue;
      return Error("write");
    }
    if (written == 0) {
      return Status(Code::kIo, "write " + path_ + ": the system took nothing");
    }
    position += static_cast<uint64_t>(written);
    cursor.Advance(static_cast<size_t>(written));
  }
  return Status::Ok();
}

Status PosixFile::ReadV(uint64_t position, std::span<const iovec> parts,
                        size_t* bytes_read) {
  *bytes_read = 0;
  for (PartsCursor cursor(parts); !cursor.done();) {
    const ssize_t got = ::preadv(descriptor_, cursor.parts(), cursor.count(),
                                 static_cast<off_t>(position + *bytes_read));
    if (got < 0) {
      if (errno == EINTR) continue;
      return Error("read");
    }
    if (got == 0) break;
    *bytes_read += static_cast<size_t>(got);
    cursor.Advance(static_cast<size_t>(got));
  }
  return Status::Ok();
}

Status PosixFile::ReadVNow(uint64_t position, std::span<const iovec> parts,
                           size_t* bytes_read) {
  *bytes_read = 0;
  for (PartsCursor cursor(parts); !cursor.done();) {
    const ssize_t got = platform::ReadCachedV(
        descriptor_, cursor.parts(), cursor.count(), position + *bytes_read);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EOPNOTSUPP || errno == ENOSYS ||
          errno == EPERM) {
        // Old kernels, some file systems and some sandboxes refuse the call
        // itself: then nothing is known to be cached.
        return Status(Code::kWouldBlock, "read " + path_ + ": not cached");
      }
      return Error("read");
    }
    if (got == 0) break;
    *bytes_read += static_cast<size_t>(got);
    cursor.Advance(static_cast<size_t>(got));
  }
  return Status::Ok();
}

Status PosixFile::Sync() {
  if (platform::SyncFile(descriptor_) != 0) return Error("sync");
  return Status::Ok();
}

Status PosixFile::Size(uint64_t* size) {
  struct stat status;
  if (::fstat(descriptor_, &status) != 0) return Error("stat");
  *size = static_cast<uint64_t>(status.st_size);
  return Status::Ok();
}

Status PosixFile::Identity(FileIdentity* identity) {
  struct stat status;
  if (::fstat(descriptor_, &status) != 0) return Error("stat");
  *identity = {static_cast<uint64_t>(status.st_dev),
               static_cast<uint64_t>(status.st_ino)};
  return Status::Ok();
}

Status PosixFile::Truncate(uint64_t size) {
  int result;
  do {
    result = ::ftruncate(descriptor_, static_cast<off_t>(size));
  } while (result != 0 && errno == EINTR);
  if (result != 0) return Error("truncate");
  return Status::Ok();
}

Status PosixFile::DropCache() {
  return platform::DropCached(descriptor_) == 0 ? Status::Ok()
                                                : Error("drop the cache of");
}

Status PosixFile::PunchHole(uint64_t position, uint64_t length) {
  uint64_t size;
  if (Status status = Size(&size); !status.ok()) return status;
  if (position >= size || length == 0) return Status::Ok();
  length = std::min(length, size - position);
  int result;
  do {
    result = platform::PunchHole(descriptor_, position, length);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return Status::Ok();
  if (errno != EOPNOTSUPP && errno != ENOSYS) return Error("punch hole in");
  return WriteZeros(position, length);
}

Status PosixFile::WriteZeros(uint64_t position, uint64_t length) {
  static const std::array<std::byte, kZeroBytes> zeros{};
  while (length > 0) {
    const size_t bytes =
        static_cast<size_t>(std::min<uint64_t>(length, zeros.size()));
    if (Status status = Write(position, zeros.data(), bytes); !status.ok()) {
      return status;
    }
    position += bytes;
    length -= bytes;
  }
  return Status::Ok();
}

Status PosixFile::Allocate(uint64_t position, uint64_t length) {
  if (length == 0) return Status::Ok();
  int result;
  do {
    result = platform::Allocate(descriptor_, position, length);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return Status::Ok();
  if (errno != EOPNOTSUPP && errno != ENOSYS) return Error("allocate in");
  uint64_t size;
  if (Status status = Size(&size); !status.ok()) return status;
  return position + length > size ? Truncate(position + length) : Status::Ok();
}

Status PosixFile::FindData(uint64_t position, uint64_t* begin, uint64_t* end) {
  *begin = position;
  *end = kNoData;
#ifdef SEEK_DATA
  // Reads and writes here name their positions, so moving the descriptor's own
  // one disturbs nobody.
  const off_t data =
      ::lseek(descriptor_, static_cast<off_t>(position), SEEK_DATA);
  if (data < 0) {
    // ENXIO: nothing but a hole is left. EINVAL: the file system cannot tell.
    if (errno == ENXIO) *begin = kNoData;
    return errno == ENXIO || errno == EINVAL ? Status::Ok() : Error("seek");
  }
  *begin = static_cast<uint64_t>(data);
  const off_t hole = ::lseek(descriptor_, data, SEEK_HOLE);
  if (hole > data) *end = static_cast<uint64_t>(hole);
#endif
  return Status::Ok();
}

Status PosixFile::Map(uint64_t position, uint64_t length,
                      std::unique_ptr<MappedRegion>* region) {
  uint64_t size;
  if (Status status = Size(&size); !status.ok()) return status;
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  if (length == 0 || position % page != 0 || position + length > size) {
    return Status(Code::kInvalidInput,
                  "map " + path_ + ": the range is not within the file");
  }
  void* const address =
      ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_,
             static_cast<off_t>(position));
  if (address == MAP_FAILED) return Error("map");
  // Windows are written once, front to back. Read-ahead would fill the cache
  // with large folios, of which each fault then marks every block as dirty
  // (half of the time of an append). Advice that is not taken costs time only.
  (void)::posix_madvise(address, length, POSIX_MADV_RANDOM);
  *region = std::make_unique<PosixMappedRegion>(
      path_, descriptor_, static_cast<std::byte*>(address), position, length);
  return Status::Ok();
}

}  // namespace walrus
