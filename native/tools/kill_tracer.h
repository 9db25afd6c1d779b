// Runs a process and kills it: before its nth call that touches files, or
// after a time. Linux only.
#ifndef WALRUS_TOOLS_KILL_TRACER_H_
#define WALRUS_TOOLS_KILL_TRACER_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace walrus {

/// How a process ended, and what it wrote to its standard output.
struct KilledRun {
  bool killed = false;
  int exit_code = -1;  ///< when it ended by itself; 128 + n by signal n
  uint64_t calls = 0;  ///< that touch files, counted over all its threads
  std::string killed_before;  ///< name of the call that never ran
  std::string told;           ///< whole lines only
};

/// Runs `command` under ptrace. Calls are counted from its first line on
/// standard output on, over all threads, in the order in which they begin:
/// opening, writing, syncing, cutting, naming and locking files, submissions to
/// io_uring. With `kill_before` > 0 it is killed, all threads at once, before
/// that call has done anything.
///
/// REQUIRES: this process has no other children that end meanwhile. What it
/// writes fits a pipe (1 MiB).
/// Empty, or why it could not be run.
std::string RunTraced(const std::vector<std::string>& command,
                      uint64_t kill_before, KilledRun* run);

/// Runs `command` and kills it this long after it began, or after it has told
/// that it is open (a line that begins with G); nullopt: never.
std::string RunAndKill(const std::vector<std::string>& command,
                       std::optional<std::chrono::microseconds> kill_after,
                       bool from_start, KilledRun* run);

}  // namespace walrus

#endif  // WALRUS_TOOLS_KILL_TRACER_H_
