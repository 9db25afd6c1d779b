// KillDriver: the process that is killed. Opens a directory, judges it by the
// story of the processes before it, then works on it, telling each step first.
#ifndef WALRUS_TOOLS_KILL_DRIVER_H_
#define WALRUS_TOOLS_KILL_DRIVER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "testing/test_instance.h"
#include "tools/kill_story.h"
#include "tools/sim_script.h"
#include "wal/named_reader.h"

namespace walrus {

struct KillDriverOptions {
  std::string directory;
  std::string story_path;  ///< of the lives before; none: there were none
  FsyncMode mode = FsyncMode::kSyncEach;
  uint32_t interval_ms = 2;  ///< of Milliseconds
  Backend backend = Backend::kFd;
  uint64_t seed = 1;
  uint64_t ops = 0;
  bool acks_early = false;  ///< a planted bug: says Ok before it asks
};

/// The operations of one life: SimOp's, and `s`, `m`: the strict reader and
/// the other one take entries.
std::vector<SimOp> KillScript(uint64_t seed, uint64_t ops);

/// One life. Threads: used by one; the engine's threads call back into it.
class KillDriver {
 public:
  explicit KillDriver(const KillDriverOptions& options);

  /// Opens, judges, works, closes.
  /// Empty, or what is wrong. On standard output stands what was told.
  std::string Run();

 private:
  class Observer;

  std::string ReadStory();
  std::string Open();
  std::string Find(uint8_t topic, KillFound* found);
  std::string Do(const SimOp& op, uint64_t index, bool is_last);
  std::string DoOne(const SimOp& op, uint64_t index);
  std::string DoBurst(const SimOp& op, uint64_t index);
  std::string DoClose(const SimOp& op, uint64_t index, bool reopens);
  std::string DoTake(uint8_t topic, size_t reader, uint64_t index);
  std::string CheckValues(uint8_t topic, uint64_t from, const Values& values);
  NamedReader& ReaderOf(uint8_t topic, size_t which);
  void Tell(const std::string& line);
  void TellAsk(const SimOp& op, uint64_t index);

  const KillDriverOptions options_;
  TestInstance instance_;
  std::array<std::array<std::unique_ptr<NamedReader>, kKillReaders>, kSimTopics>
      readers_;
  std::mutex mutex_;  // guards the story and the order of lines
  KillStory story_;
};

}  // namespace walrus

#endif  // WALRUS_TOOLS_KILL_DRIVER_H_
