// CursorState: what the cursor file says, in memory.
#ifndef WALRUS_WAL_CURSOR_STATE_H_
#define WALRUS_WAL_CURSOR_STATE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "wal/format.h"

namespace walrus {

struct LogIdHash {
  size_t operator()(const LogId& id) const;
};

/// How a rule is recorded. An unknown value is read as the rule that frees
/// nothing by itself.
uint64_t RuleValue(ReclaimRule rule);
ReclaimRule RuleOfValue(uint64_t value);

/// One change of the state; the fields as in CursorRecord.
struct CursorChange {
  CursorRecordType type = CursorRecordType::kCursorSet;
  LogId log;
  std::string reader;
  uint64_t value = 0;
};

/// Cursors per (log, reader), log starts, reclaim rules, deleted logs and the
/// leader epoch.
///
/// Place: inside CursorFile, which guards it. Threads: one at a time.
///
/// Invariant: (1) Applying Snapshot() to an empty state gives this state.
class CursorState {
 public:
  /// Deleting a log takes its cursors, start and rule with it. The leader epoch
  /// and a log's start never go back.
  void Apply(const CursorChange& change);

  std::optional<uint64_t> Cursor(const LogId& log,
                                 const std::string& reader) const;
  /// Ordered by name.
  std::vector<std::pair<std::string, uint64_t>> Cursors(const LogId& log) const;
  uint64_t LogStart(const LogId& log) const;
  /// The lowest cursor of the log; nullopt while the default reader has none.
  std::optional<uint64_t> ConsumedBelow(const LogId& log) const;
  std::optional<ReclaimRule> Rule(const LogId& log) const;
  std::optional<uint64_t> DeletedBelow(const LogId& log) const;
  std::vector<LogId> Logs() const;
  std::vector<std::pair<LogId, uint64_t>> DeletedLogs() const;
  uint32_t leader_epoch() const { return leader_epoch_; }

  void ForgetDeletedLog(const LogId& log);

  std::vector<CursorChange> Snapshot() const;
  /// What the snapshot's records take in a file.
  uint64_t live_bytes() const { return live_bytes_; }

 private:
  struct LogState {
    std::map<std::string, uint64_t> cursors;
    std::optional<uint64_t> start;
    std::optional<uint64_t> deleted_below;
    std::optional<ReclaimRule> rule;
  };

  const LogState* Find(const LogId& log) const;
  void SetCursor(const CursorChange& change);
  void DeleteCursor(const CursorChange& change);
  void DeleteLog(const CursorChange& change);
  void SetRule(const CursorChange& change);
  void EraseIfEmpty(const LogId& log);

  std::unordered_map<LogId, LogState, LogIdHash> logs_;
  uint32_t leader_epoch_ = 0;
  uint64_t live_bytes_ = 0;
};

}  // namespace walrus

#endif  // WALRUS_WAL_CURSOR_STATE_H_
