#include "wal/backend.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "wal/mapped_file_system.h"
#include "wal/uring_file_system.h"

namespace walrus {

namespace {

// Data files are named by numbers, also while they are being made. The rest is
// small, or grows, or is overwritten in place: nothing to map.
bool IsDataFile(const std::string& path) {
  constexpr std::string_view kTmp = ".tmp";
  std::string_view name = path;
  name.remove_prefix(std::min(name.size(), name.find_last_of('/') + 1));
  if (name.ends_with(kTmp)) name.remove_suffix(kTmp.size());
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char digit) {
    return digit >= '0' && digit <= '9';
  });
}

// What one small append writes at most. A commit group writes more at once, and
// larger writes gain nothing by a store.
constexpr uint64_t kStoreBytesMax = 33 << 10;
// Only logs that are being written to have a window, for a small part of their
// block; the others, however many, cost no memory and no space beforehand.
constexpr WindowSizes kSmallWriteWindows{1 << 20, 64 << 10, 512 << 10, 64, 8};

void Tell(const Options& options, const std::string& line) {
  if (options.log) {
    options.log(line);
  } else {
    std::fprintf(stderr, "walrus: %s\n", line.c_str());
  }
}

}  // namespace

OpenedBackend OpenBackend(const Options& options) {
  OpenedBackend opened;
  const bool given = options.file_system != nullptr;
  opened.file_system = given ? options.file_system : &FileSystem::Posix();
  if (options.backend == Backend::kMmap) {
    opened.own = std::make_unique<MappedFileSystem>(
        *opened.file_system, options.mapped_windows, IsDataFile);
  } else if (!given && options.backend != Backend::kFd) {
    const Status status = OpenUringFileSystem(&opened.own);
    if (!status.ok()) {
      Tell(options,
           "io_uring is not used, pread and pwrite are: " + status.message());
    }
  }
  if (opened.own != nullptr) opened.file_system = opened.own.get();
  // With a sync for each there is nothing to gain by a cheaper write.
  if (!given && options.backend == Backend::kAuto &&
      options.fsync_mode != FsyncMode::kSyncEach) {
    opened.own_mapped = std::make_unique<MappedFileSystem>(
        *opened.file_system, kSmallWriteWindows, IsDataFile, kStoreBytesMax);
    opened.file_system = opened.own_mapped.get();
  }
  return opened;
}

}  // namespace walrus
