// The simulator's workloads: short texts like "SyncEach:a1,c1,t1,r".
#ifndef WALRUS_TOOLS_SIM_SCRIPT_H_
#define WALRUS_TOOLS_SIM_SCRIPT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "wal/wal.h"

namespace walrus {

/// What one letter of a workload does to the log of its digit.
///   a  appends one record             b  appends a batch of three
///   c  one call of three batches, cut into runs over a block's end
///   l  a batch larger than a block    f  a record that nearly fills a block
///   p  six calls in flight at once, on all logs
///   u  commits the first reader's cursor at the end
///   v  commits the second reader's cursor in the middle
///   t  truncates to the middle        T  truncates to the end
///   d  deletes the log                r  closes and opens again
///   i  idles until bare frames are due
struct SimOp {
  char kind = 'a';
  uint8_t topic = 0;
};

struct SimScript {
  FsyncMode mode = FsyncMode::kSyncEach;
  uint32_t interval_ms = 60'000;  ///< of Milliseconds
  Backend backend = Backend::kUring;
  std::vector<SimOp> ops;

  /// "Milliseconds/2@mmap:a0,b1"; the interval and the backend ("fd", "mmap")
  /// only when they are not the default.
  std::string ToString() const;
  /// False when the text is none.
  static bool Parse(const std::string& text, SimScript* script);
};

/// All workloads of one to `ops_max` operations out of nine kinds, under all
/// three schedules.
std::vector<SimScript> AllShortScripts(size_t ops_max);

/// A workload of 10 to 200 operations, on any of the backends.
SimScript RandomScript(uint64_t seed);

/// The backends that workloads run on.
inline constexpr Backend kSimBackends[] = {Backend::kUring, Backend::kFd,
                                           Backend::kMmap};
/// "uring", "fd", "mmap".
const char* SimBackendName(Backend backend);
/// False when the name is none of these.
bool ParseSimBackend(const std::string& name, Backend* backend);

/// Mixes two numbers into one that looks random; for decisions that a replay
/// must repeat.
uint64_t SimHash(uint64_t a, uint64_t b);
uint64_t SimHash(const std::string& text);

}  // namespace walrus

#endif  // WALRUS_TOOLS_SIM_SCRIPT_H_
