// The descriptors' FileSystem with an io_uring beside it.
#ifndef WALRUS_WAL_URING_FILE_SYSTEM_H_
#define WALRUS_WAL_URING_FILE_SYSTEM_H_

#include <cstdint>
#include <memory>

#include "wal/file_system.h"

namespace walrus {

/// Several writes go through the ring when they average this size or more; a
/// call for each is faster below (docs/design/0003-backends.md).
inline constexpr uint64_t kRingWriteBytesMin = 512 << 10;

/// A FileSystem as FileSystem::Posix(), which hands several operations at once
/// to one ring of its own, kept until it goes: reads and syncs always, writes
/// that average `write_bytes_min` or more.
/// Not Ok: the kernel or a container forbids io_uring, or lacks a part of it;
/// says which. Nothing was made.
Status OpenUringFileSystem(std::unique_ptr<FileSystem>* file_system,
                           uint64_t write_bytes_min = kRingWriteBytesMin);

}  // namespace walrus

#endif  // WALRUS_WAL_URING_FILE_SYSTEM_H_
