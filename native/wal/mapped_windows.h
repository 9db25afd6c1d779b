// MappedWindows: the mapped parts of an instance's files, bounded in number.
#ifndef WALRUS_WAL_MAPPED_WINDOWS_H_
#define WALRUS_WAL_MAPPED_WINDOWS_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "wal/file_system.h"

namespace walrus {

/// The windows that are mapped, least recently used out first.
///
/// Place: MappedFile asks for the window of a write. Threads: any.
///
/// Invariants:
///  (1) At most `count_max` windows are kept; one that is being written lives
///      on until that write is done.
///  (2) A window counts a step as reserved only while nothing has punched or
///      cut its range.
class MappedWindows {
 public:
  explicit MappedWindows(const WindowSizes& sizes) : sizes_(sizes) {}

  /// Which file a window is of; never used twice.
  uint64_t NewFileKey();

  /// The region of the window that holds `position`, with the space of the
  /// range reserved. `file_bytes` ends the last window.
  /// Errors as of File::Map() and MappedRegion::Reserve(); what was reserved
  /// before stays so.
  /// REQUIRES: the range lies within the window and within the file.
  Status Acquire(uint64_t key, const std::shared_ptr<File>& file,
                 uint64_t file_bytes, uint64_t position, uint64_t length,
                 std::shared_ptr<MappedRegion>* region);

  /// Forgets the windows that touch the range; UINT64_MAX: to the end.
  void Drop(uint64_t key, uint64_t position, uint64_t length);

  uint64_t window_bytes() const { return sizes_.window; }
  size_t count() const;

 private:
  using Key = std::pair<uint64_t, uint64_t>;  // file, number of the window
  struct Window {
    Key key;
    std::shared_ptr<MappedRegion> region;
    uint64_t end = 0;
    std::vector<bool> reserved;  // by step
  };
  using Place = std::list<Window>::iterator;

  Status FindLocked(const Key& key, const std::shared_ptr<File>& file,
                    uint64_t file_bytes, Place* place);
  Status ReserveLocked(Window* window, uint64_t position, uint64_t length);

  const WindowSizes sizes_;
  mutable std::mutex mutex_;
  uint64_t next_file_key_ = 1;
  std::list<Window> windows_;  // the latest first
  std::map<Key, Place> places_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_MAPPED_WINDOWS_H_
