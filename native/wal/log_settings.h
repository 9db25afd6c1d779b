// What whoever opens an instance says of each log: how it is written, and what
// it may keep.
#ifndef WALRUS_WAL_LOG_SETTINGS_H_
#define WALRUS_WAL_LOG_SETTINGS_H_

#include <cstdint>
#include <limits>

namespace walrus {

/// How a log treats its appends and its open block. Not recorded: whoever opens
/// the instance says it again.
struct LogSettings {
  /// Records get the time of their append as timestamp (design.md, D1).
  bool log_append_time = false;
  /// As Options::segment_ms, for this log.
  uint64_t segment_ms = 0;
};

/// What a log may keep under ReclaimRule::kRetention.
struct RetentionLimits {
  /// A block goes once the newest of its records is older than this. One whose
  /// records have no timestamps goes with the one behind it.
  int64_t oldest_ms = std::numeric_limits<int64_t>::min();
  /// The oldest block goes as long as the others have so many bytes.
  uint64_t bytes_max = std::numeric_limits<uint64_t>::max();
  /// Blocks wholly below it go.
  uint64_t consumed_below = 0;
};

}  // namespace walrus

#endif  // WALRUS_WAL_LOG_SETTINGS_H_
