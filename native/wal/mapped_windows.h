// MappedWindows: the mapped parts of an instance's files, bounded in number.
#ifndef WALRUS_WAL_MAPPED_WINDOWS_H_
#define WALRUS_WAL_MAPPED_WINDOWS_H_

#include <array>
#include <atomic>
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
/// Place: MappedFile asks for the window of a write. Threads: any; those who
/// write to different windows mostly meet in no lock.
///
/// Invariants:
///  (1) At most `count_max` windows are kept; one that is being written lives
///      on until that write is done.
///  (2) A window counts a step as reserved only while nothing has punched or
///      cut its range.
class MappedWindows {
 public:
  explicit MappedWindows(const WindowSizes& sizes);

  /// Which file a window is of; never used twice.
  uint64_t NewFileKey() { return ++last_file_key_; }

  /// The region of the window that holds `position`, with the space of the
  /// range reserved; nullptr while mapping it does not pay
  /// (WindowSizes::writes_before). `file_bytes` ends the last window.
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
  static constexpr size_t kShardsMax = 8;
  static constexpr size_t kCandidates = 64;

  using Key = std::pair<uint64_t, uint64_t>;  // file, number of the window
  struct Window {
    std::shared_ptr<MappedRegion> region;
    uint64_t begin = 0;
    uint64_t end = 0;
    std::mutex mutex;                         // of those who reserve
    std::vector<std::atomic<bool>> reserved;  // by step
  };
  /// A window that is not mapped yet, and how often it was written.
  struct Candidate {
    Key key;
    uint32_t writes = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<std::pair<Key, std::shared_ptr<Window>>> windows;  // latest first
    std::map<Key, decltype(windows)::iterator> places;
    std::vector<Candidate> candidates;  // by hash; a newer one takes the place
  };

  Shard& ShardOf(const Key& key) {
    return shards_[(key.first + key.second) % shard_count_];
  }
  bool PaysOffLocked(Shard* shard, const Key& key) const;
  Status Find(const Key& key, const std::shared_ptr<File>& file,
              uint64_t file_bytes, std::shared_ptr<Window>* window);
  Status Reserve(Window* window, uint64_t position, uint64_t length) const;

  const WindowSizes sizes_;
  const size_t shard_count_;
  std::array<Shard, kShardsMax> shards_;
  std::atomic<uint64_t> last_file_key_{0};
};

}  // namespace walrus

#endif  // WALRUS_WAL_MAPPED_WINDOWS_H_
