// Answers for systems without the Linux calls; compiled where there is no
// platform_linux.cc.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#if defined(__APPLE__)
#include <sys/sysctl.h>
#include <sys/time.h>
#endif

#include "wal/platform.h"
#include "wal/uring_file_system.h"

namespace walrus {

Status OpenUringFileSystem(std::unique_ptr<FileSystem>*, const UringLimits&) {
  return Status(Code::kInvalidInput, "io_uring exists on Linux only");
}

}  // namespace walrus

namespace walrus::platform {

ssize_t ReadCachedV(int, const iovec*, int, uint64_t) {
  errno = EOPNOTSUPP;
  return -1;
}

int SyncFile(int descriptor) {
#if defined(__APPLE__)
  // fsync() on macOS leaves the bytes in the drive's cache.
  return ::fcntl(descriptor, F_FULLFSYNC);
#else
  return ::fsync(descriptor);
#endif
}

int DropCached(int) { return 0; }

int PunchHole(int, uint64_t, uint64_t) {
  errno = EOPNOTSUPP;
  return -1;
}

int Allocate(int, uint64_t, uint64_t) {
  errno = EOPNOTSUPP;
  return -1;
}

int ReserveMapped(int, void*, uint64_t, uint64_t) {
  // Also because a sync of the descriptor need not cover mapped stores here.
  errno = EOPNOTSUPP;
  return -1;
}

std::string BootId() {
#if defined(__APPLE__)
  timeval booted{};
  size_t length = sizeof(booted);
  int name[2] = {CTL_KERN, KERN_BOOTTIME};
  if (::sysctl(name, 2, &booted, &length, nullptr, 0) != 0) return {};
  return std::to_string(booted.tv_sec) + "." + std::to_string(booted.tv_usec);
#else
  return {};
#endif
}

}  // namespace walrus::platform
