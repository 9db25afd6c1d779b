// The simulator's model: what was asked of each log, what was promised, and
// whether a recovered log keeps to it.
#ifndef WALRUS_TOOLS_SIM_MODEL_H_
#define WALRUS_TOOLS_SIM_MODEL_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wal/wal.h"

namespace walrus {

inline constexpr uint8_t kSimTopics = 3;
inline constexpr size_t kSimReaders = 2;
/// The engine's default rule is in force: what both have passed is freed.
inline constexpr std::array<const char*, kSimReaders> kSimReaderNames = {
    kDefaultReader, "second"};

/// The value of a record, which can be computed again from its place.
std::string SimValue(uint8_t topic, uint32_t generation, uint64_t offset,
                     uint32_t bytes);
/// The timestamp of a record.
int64_t SimTimestamp(uint64_t offset);

/// One append call. Most are of idempotent producers, of which a log has two.
struct SimCall {
  uint64_t base_offset = 0;
  uint64_t end = 0;
  int64_t producer_id = -1;                    ///< -1: of none
  int32_t sequence = -1;                       ///< of the first record
  std::vector<std::vector<uint32_t>> batches;  ///< value sizes

  uint32_t record_count() const {
    return static_cast<uint32_t>(end - base_offset);
  }
};

/// One life of a log, up to its deletion. Only grows.
struct SimHistory {
  uint32_t generation = 0;
  std::vector<uint32_t> value_bytes;  ///< per record
  std::vector<SimCall> calls;
  std::array<std::vector<uint64_t>, kSimReaders> cursors;  ///< as committed
};

/// How many of a reader's commits were asked for, and hold against what.
struct SimCursor {
  size_t asked = 0;
  size_t written = 0;  ///< against the death of the process
  size_t durable = 0;  ///< against a power cut
};

/// One log at one moment. Ends are offsets.
struct SimLog {
  std::shared_ptr<SimHistory> history = std::make_shared<SimHistory>();
  bool delete_asked = false;
  uint64_t asked_end = 0;
  uint64_t written_end = 0;   ///< holds against the death of the process
  uint64_t durable_end = 0;   ///< holds against a power cut
  uint64_t readable_end = 0;  ///< readers may have seen up to here
  uint64_t start_asked = 0;
  uint64_t start_acked = 0;  ///< holds against a power cut
  uint64_t start_shown = 0;  ///< holds against the death of the process
  std::array<SimCursor, kSimReaders> cursors;
};

/// All that a crash may be judged by.
struct SimMoment {
  FsyncMode mode = FsyncMode::kSyncEach;
  std::array<SimLog, kSimTopics> logs;
  uint32_t leader_epoch = 0;
  bool running = false;  ///< open, with no opening or closing under way
  bool closed = false;   ///< Close() returned and nothing was opened since
};

/// One log as a recovered engine shows it.
struct SimFoundLog {
  uint64_t start = 0;
  uint64_t end = 0;
  std::vector<std::string> values;  ///< of [start, end)
  std::array<std::optional<uint64_t>, kSimReaders> cursors;

  /// Same end, cursors and values. The start may be another one where the
  /// default reader has passed both: what it passed is freed in time.
  bool SameAs(const SimFoundLog& other) const;
  std::string ToString() const;
};

/// What is wrong with a recovered log; empty: nothing. `power_cut` false: the
/// process died and the disk kept everything.
std::string JudgeLog(const SimMoment& moment, uint8_t topic, bool power_cut,
                     const SimFoundLog& found);

/// Whether records that readers may have seen are gone.
bool LostReadable(const SimMoment& moment, uint8_t topic,
                  const SimFoundLog& found);

}  // namespace walrus

#endif  // WALRUS_TOOLS_SIM_MODEL_H_
