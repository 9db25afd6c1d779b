// The Linux-only calls.
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "wal/platform.h"

namespace walrus::platform {

ssize_t ReadCachedV(int descriptor, const iovec* parts, int part_count,
                    uint64_t position) {
  return ::preadv2(descriptor, parts, part_count, static_cast<off_t>(position),
                   RWF_NOWAIT);
}

int SyncFile(int descriptor) { return ::fdatasync(descriptor); }

int PunchHole(int descriptor, uint64_t position, uint64_t length) {
  return ::fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                     static_cast<off_t>(position), static_cast<off_t>(length));
}

int Allocate(int descriptor, uint64_t position, uint64_t length) {
  return ::fallocate(descriptor, 0, static_cast<off_t>(position),
                     static_cast<off_t>(length));
}

int ReserveMapped(int descriptor, void* address, uint64_t position,
                  uint64_t length) {
  const int reserved =
      ::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(position),
                  static_cast<off_t>(length));
  if (reserved != 0) return reserved;
  // Linux 5.14 (a number, for older headers): faults the pages in and answers
  // with an error where a store would get SIGBUS. An older kernel does not
  // know it; then the space that was just reserved has to do.
  constexpr int kPopulateWrite = 23;
  if (::madvise(address, length, kPopulateWrite) == 0) return 0;
  return errno == EINVAL ? 0 : -1;
}

int DropCached(int descriptor) {
  const int error = ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  errno = error;
  return error == 0 ? 0 : -1;
}

std::string BootId() {
  const int descriptor =
      ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return {};
  std::array<char, 64> text{};
  ssize_t length;
  do {
    length = ::read(descriptor, text.data(), text.size());
  } while (length < 0 && errno == EINTR);
  ::close(descriptor);
  if (length <= 0) return {};
  std::string id(text.data(), static_cast<size_t>(length));
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace walrus::platform
