// The descriptors' FileSystem with an io_uring beside it.
#ifndef WALRUS_WAL_URING_FILE_SYSTEM_H_
#define WALRUS_WAL_URING_FILE_SYSTEM_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "wal/file_system.h"

namespace walrus {

/// From where on several operations go through the ring. Below, a call for
/// each is faster (docs/design/0003-backends.md).
struct UringLimits {
  uint64_t write_bytes_min = 512 << 10;  ///< that the writes average
  size_t writes_min = 2;
  size_t reads_min = 16;
  size_t syncs_min = 4;
};

/// A FileSystem as FileSystem::Posix(), which hands several operations at once
/// to one ring of its own, kept until it goes, within `limits`.
/// Not Ok: the kernel or a container forbids io_uring, or lacks a part of it;
/// says which. Nothing was made.
Status OpenUringFileSystem(std::unique_ptr<FileSystem>* file_system,
                           const UringLimits& limits = {});

}  // namespace walrus

#endif  // WALRUS_WAL_URING_FILE_SYSTEM_H_
