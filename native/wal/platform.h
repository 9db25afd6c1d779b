// What POSIX does not have. platform_linux.cc or platform_posix.cc answers.
#ifndef WALRUS_WAL_PLATFORM_H_
#define WALRUS_WAL_PLATFORM_H_

#include <sys/types.h>
#include <sys/uio.h>

#include <cstdint>
#include <string>

namespace walrus::platform {

/// preadv that answers from the page cache only. -1 with errno EAGAIN: would
/// wait; EOPNOTSUPP: cannot tell here.
ssize_t ReadCachedV(int descriptor, const iovec* parts, int part_count,
                    uint64_t position);

/// fdatasync, or what promises the same. 0, or -1 with errno.
int SyncFile(int descriptor);

/// Frees the range's space, keeping the file's size. -1 with EOPNOTSUPP where
/// the system or the file system cannot.
int PunchHole(int descriptor, uint64_t position, uint64_t length);

/// Reserves space and extends the file to the range's end. -1 with EOPNOTSUPP
/// where it cannot be reserved.
int Allocate(int descriptor, uint64_t position, uint64_t length);

/// Reserves space for a mapped range, keeping the file's size, and makes its
/// pages present for stores. 0; -1 with EOPNOTSUPP where stores into mappings
/// cannot be made safe; EFAULT: a page cannot be read.
int ReserveMapped(int descriptor, void* address, uint64_t position,
                  uint64_t length);

/// Drops the file's clean pages from the page cache, where that can be asked
/// for. 0, or -1 with errno.
int DropCached(int descriptor);

/// Names this boot; empty where it cannot be known.
std::string BootId();

}  // namespace walrus::platform

#endif  // WALRUS_WAL_PLATFORM_H_
