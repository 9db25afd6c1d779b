// Rebuilding what a log remembers of its producers from a snapshot in its
// blocks and the batch headers behind it.
#ifndef WALRUS_WAL_RECOVERY_PRODUCERS_H_
#define WALRUS_WAL_RECOVERY_PRODUCERS_H_

#include <cstdint>
#include <string>

#include "wal/producer_table.h"
#include "wal/recovery_log.h"

namespace walrus {

/// The producers of a log at its end. Reads nothing for a log that has none.
///
/// Place: recovery, after FindLogEnd() and before anything of the log is cut or
/// freed.
class ProducerRebuild {
 public:
  /// What the log's batches say counts as appended at `now_ms`: that is as long
  /// as they can be remembered, and long enough.
  ProducerRebuild(const LogFindings& findings, int64_t now_ms)
      : found_(findings), now_ms_(now_ms) {}

  /// Whether there is anything to rebuild.
  bool HasProducers() const;
  /// kIo: cannot be read.
  Status Run(ProducerTable* table);

  uint64_t bytes_read() const { return bytes_read_; }
  /// Not empty: a snapshot is damaged, and producers may be forgotten.
  const std::string& note() const { return note_; }

 private:
  size_t StartBlock() const;
  Status LoadSnapshot(const FoundBlock& block, uint64_t position,
                      ProducerTable* table, ScanStart* behind, bool* loaded);
  Status Follow(const FoundBlock& block, const ScanStart& start, uint64_t end,
                ProducerTable* table);

  const LogFindings& found_;
  const int64_t now_ms_;
  uint64_t bytes_read_ = 0;
  std::string note_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_RECOVERY_PRODUCERS_H_
