// KillStory: what the processes that were killed on a directory told about
// themselves, line by line, and what the directory is judged by after that.
#ifndef WALRUS_TOOLS_KILL_STORY_H_
#define WALRUS_TOOLS_KILL_STORY_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/sim_model.h"
#include "tools/sim_request.h"

namespace walrus {

/// The readers that take entries (NamedReader), and the entries between two
/// saves of their cursors: 1 is StrictlyAtOnce, others AtLeastOnce.
inline constexpr size_t kKillReaders = 2;
inline constexpr std::array<const char*, kKillReaders> kKillReaderNames = {
    "strict", "often"};
inline constexpr std::array<uint64_t, kKillReaders> kKillPersistEvery = {1, 4};

/// The calls of a burst.
inline constexpr uint8_t kKillBurst = 6;

/// A reader that takes entries of one log. Ends are offsets.
struct KillReader {
  uint64_t claimed_end = 0;    ///< no cursor can be above it
  uint64_t delivered_end = 0;  ///< handed out up to here, in any life
};

/// One log as a process found it when it opened the directory.
struct KillFound {
  SimFoundLog log;
  std::array<std::optional<uint64_t>, kKillReaders> readers;
};

/// The model of a directory over the lives of its processes.
///
/// Every change of it has a line; who replays the lines with Take() has the
/// same model as the process that wrote them, whenever that was killed. The
/// lines: `O` opening; `F …` a log as found; `G epoch` opened; `? kind topic
/// index` asked for; `! index` answered Ok; `W topic end` written; `C topic
/// reader to` and `D topic reader from to` a reader's claim, asked and granted.
class KillStory {
 public:
  explicit KillStory(FsyncMode mode) { moment_.mode = mode; }

  /// Replays one line. Empty, or what is wrong with the line or with what it
  /// tells.
  std::string Take(const std::string& line);

  const SimMoment& moment() const { return moment_; }
  /// Operations asked for, over all lives.
  uint64_t asked() const { return asked_; }
  /// Lines that promise something.
  uint64_t promises() const { return promises_; }
  const KillReader& reader(uint8_t topic, size_t reader) const {
    return readers_[topic][reader];
  }

  void Opening();
  void Opened(uint32_t epoch);
  /// Notes an operation that is about to be asked for; the calls of a burst
  /// ('p') are several.
  std::vector<SimRequest> Ask(const SimOp& op, uint64_t index);
  /// The operation asked for last was answered Ok.
  void Ack();
  void Written(uint8_t topic, uint64_t end);
  void Claim(uint8_t topic, size_t reader, uint64_t to);
  /// Empty, or why the reader may not be given [from, to).
  std::string Deliver(uint8_t topic, size_t reader, uint64_t from, uint64_t to);

  /// What is wrong with a log as found after the death of the process.
  std::string Judge(uint8_t topic, const KillFound& found) const;
  /// Takes over what was found: what was asked for and not answered is there
  /// or not from now on.
  void Adopt(uint8_t topic, const KillFound& found);

  static std::string FoundLine(uint8_t topic, const KillFound& found);

 private:
  std::string TakeFound(const std::vector<std::string>& words);

  SimMoment moment_;
  std::array<std::array<KillReader, kKillReaders>, kSimTopics> readers_;
  SimRequest last_;
  uint64_t asked_ = 0;
  uint64_t promises_ = 0;
};

}  // namespace walrus

#endif  // WALRUS_TOOLS_KILL_STORY_H_
