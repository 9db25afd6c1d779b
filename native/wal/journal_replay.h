// Replaying the commit journal at recovery: the physical redo of groups that
// were synced in the journal and perhaps not in the files.
#ifndef WALRUS_WAL_JOURNAL_REPLAY_H_
#define WALRUS_WAL_JOURNAL_REPLAY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "wal/file_system.h"
#include "wal/format.h"
#include "wal/status.h"

namespace walrus {

/// The files as the replay sees them; recovery implements it.
class JournalTarget {
 public:
  virtual ~JournalTarget() = default;

  /// The block header now at `unit_position` of the data file, earlier writes
  /// of this replay included. `*file_exists` false: no such file (it was
  /// reclaimed). `*header` nullopt: no valid one.
  virtual Status ReadBlockHeader(uint64_t file_id, uint64_t unit_position,
                                 bool* file_exists,
                                 std::optional<BlockHeader>* header) = 0;
  virtual Status Write(uint64_t file_id, uint64_t position,
                       std::span<const std::byte> bytes) = 0;
  /// CursorFile::ReadHeader().
  virtual Status ReadCursorHeader(std::optional<CursorFileHeader>* header) = 0;
  virtual Status WriteCursorFile(uint64_t position,
                                 std::span<const std::byte> bytes) = 0;
};

struct JournalReplayReport {
  uint64_t groups = 0;   ///< replayed
  uint64_t applied = 0;  ///< entries written
  uint64_t skipped = 0;  ///< entries whose guard said no
  uint64_t bytes_read = 0;
  /// A damaged group or header below what is known synced. The groups after it
  /// were applied; the blocks' own checks decide whether something is lost.
  bool corrupt = false;
  std::vector<std::string> notes;  ///< one sentence each
};

/// Applies the groups of the directory's journal files to `target`, in epoch
/// and sequence order, up to the first torn one. Idempotent: it changes the
/// target only. Missing journal files hold no groups.
///
/// Then the caller syncs what was written, and only then calls Journal::Open()
/// or Journal::Discard().
///
/// An error is one of the target or of reading; the journal is as it was.
Status ReplayJournal(FileSystem& file_system, const std::string& directory,
                     const InstanceId& instance_id, JournalTarget* target,
                     JournalReplayReport* report);

}  // namespace walrus

#endif  // WALRUS_WAL_JOURNAL_REPLAY_H_
