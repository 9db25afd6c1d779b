// Which FileSystem an instance writes through.
#ifndef WALRUS_WAL_BACKEND_H_
#define WALRUS_WAL_BACKEND_H_

#include <memory>

#include "wal/file_system.h"
#include "wal/wal.h"

namespace walrus {

/// The FileSystem of one instance. The others are set when they were made for
/// it, and go after everything that the instance opened.
struct OpenedBackend {
  std::unique_ptr<FileSystem> own;
  std::unique_ptr<FileSystem> own_mapped;  ///< over it
  FileSystem* file_system = nullptr;
};

/// Options::file_system and Options::backend as one FileSystem. Where io_uring
/// is forbidden or absent the plain calls are used, and Options::log is told
/// once.
OpenedBackend OpenBackend(const Options& options);

}  // namespace walrus

#endif  // WALRUS_WAL_BACKEND_H_
