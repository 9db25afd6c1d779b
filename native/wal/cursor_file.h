// CursorFile: the small durable state of an instance beside its records.
#ifndef WALRUS_WAL_CURSOR_FILE_H_
#define WALRUS_WAL_CURSOR_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "wal/cursor_state.h"
#include "wal/file_system.h"
#include "wal/format.h"
#include "wal/status.h"

namespace walrus {

inline constexpr char kCursorFileName[] = "read_offset_idx_index.db";
inline constexpr char kQuarantineName[] = "quarantine";

/// The records of one commit group, ready to be written at `position`.
struct CursorRecords {
  uint64_t generation = 0;
  uint64_t position = 0;
  uint32_t last_sequence = 0;
  std::vector<std::byte> bytes;
};

/// What Load() found.
struct CursorLoadReport {
  bool created = false;
  bool clean_close = false;  ///< the last record is the clean close mark
  uint64_t records = 0;
  uint64_t torn_bytes = 0;      ///< cut from the end
  uint64_t corrupt_bytes = 0;   ///< skipped, with good synced records after
  std::string quarantine_path;  ///< copy of the file, when corrupt_bytes > 0
};

/// Cursors per (log, reader), log starts, reclaim rules, deleted logs, and the
/// leader epoch, in memory and as an append-only file.
///
/// Place: the committer writes what Build() gives (in the file and, under
/// SyncEach, in the journal); recovery calls Load(); anyone reads the state.
///
/// Life: Load() leaves a file that ends with its last good record. After a
/// failed write the caller calls CutBack(); when that fails too the instance is
/// fenced.
///
/// Threads: Build, Commit, CutBack and Compact on the commit thread (or where
/// nothing else runs); Sync and NoteSynced on the sync thread; the state may be
/// read on any thread.
///
/// Invariants:
///  (1) A record exists for Load() only with every record before it, or when a
///      later record tells that it was synced (then the gap is corruption).
///  (2) Sequences are dense within one generation.
class CursorFile {
 public:
  /// The header of the directory's cursor file, for the journal's replay
  /// (which comes before Load). nullopt: no file, or its header is damaged.
  static Status ReadHeader(FileSystem& file_system,
                           const std::string& directory,
                           std::optional<CursorFileHeader>* header);

  /// Reads the file, creating it (synced, with its directory entry) when it is
  /// missing. A torn tail is cut and synced. Damage below what is known synced
  /// is copied to quarantine/, reported, and the file written anew from what
  /// is good. kIo: cannot be read or written; kInvalidInput: the header is
  /// whole but of another instance or of an unknown version.
  static Status Load(FileSystem& file_system, const std::string& directory,
                     const InstanceId& instance_id,
                     std::unique_ptr<CursorFile>* cursors,
                     CursorLoadReport* report);

  CursorFile(const CursorFile&) = delete;
  CursorFile& operator=(const CursorFile&) = delete;

  // --- Commit thread -----------------------------------------------------

  /// The records for these changes, to be written at the end of the file.
  /// Changes nothing: a Build() that is not committed is forgotten.
  /// REQUIRES: names of 1..kReaderNameBytesMax bytes for cursor changes.
  CursorRecords Build(std::span<const CursorChange> changes) const;

  /// Writes the records into the file (page cache). kNoSpace, kIo: some prefix
  /// may be there; call CutBack() before the next Build().
  Status Write(const CursorRecords& records);

  /// Makes written records part of the file and of the state.
  /// REQUIRES: `records` = the latest Build(changes), written.
  void Commit(const CursorRecords& records,
              std::span<const CursorChange> changes);

  /// Removes what was written and not committed, synced, so that no later
  /// opening takes it for a record. An error: the instance must be fenced.
  Status CutBack();

  /// Whether the file is over 1 MiB and over 4 times what its state takes.
  bool NeedsCompaction() const;

  /// Writes the state into a new file of the next generation, synced, over the
  /// old one. On an error before the rename the old file stays in use and
  /// nothing changed (kNoSpace heals); a failed directory sync is kFenced.
  Status Compact();

  /// Leaves the log out of the deleted ones: its record goes with the next
  /// compaction.
  /// REQUIRES: none of its blocks is left, and none can come back by a replay
  /// of the journal; both are sure right after an opening, once the journal is
  /// started anew.
  void ForgetDeletedLog(const LogId& log);

  // --- Sync thread -------------------------------------------------------

  /// fdatasync of the file in use; then everything committed before the call
  /// is known synced. Any error must fence.
  Status Sync();
  /// Records up to this sequence are durable, by the journal. Of a generation
  /// that is gone: ignored.
  void NoteSynced(uint64_t generation, uint32_t sequence);

  // --- Any thread --------------------------------------------------------

  std::optional<uint64_t> Cursor(const LogId& log,
                                 const std::string& reader) const;
  /// All readers of a log, ordered by name.
  std::vector<std::pair<std::string, uint64_t>> Cursors(const LogId& log) const;
  /// 0 when it was never moved.
  uint64_t LogStart(const LogId& log) const;
  /// The lowest cursor of the log; nullopt while the default reader has none.
  std::optional<uint64_t> ConsumedBelow(const LogId& log) const;
  /// nullopt: none was recorded for the log.
  std::optional<ReclaimRule> Rule(const LogId& log) const;
  /// Blocks of the log with an id below this one were deleted with it.
  std::optional<uint64_t> DeletedBelow(const LogId& log) const;
  /// Logs that have a cursor or a start.
  std::vector<LogId> Logs() const;
  std::vector<std::pair<LogId, uint64_t>> DeletedLogs() const;
  uint32_t LeaderEpoch() const;
  uint64_t generation() const;
  uint64_t file_bytes() const;  ///< where the next record goes

 private:
  CursorFile(FileSystem& file_system, std::string directory,
             const InstanceId& instance_id);

  std::string Path() const;
  Status LoadFrom(std::span<const std::byte> bytes, CursorLoadReport* report);
  void LoadRecords(std::span<const std::byte> bytes, CursorLoadReport* report);
  Status Quarantine(std::span<const std::byte> bytes, CursorLoadReport* report);
  Status WriteNewFile(uint64_t generation,
                      const std::vector<CursorChange>& changes);

  FileSystem& file_system_;
  const std::string directory_;
  const InstanceId instance_id_;

  mutable std::mutex mutex_;    // guards all below
  std::shared_ptr<File> file_;  // its calls are made without the mutex
  CursorState state_;
  CursorFileHeader header_;
  uint64_t tail_ = 0;
  uint32_t last_sequence_ = 0;
  uint32_t synced_sequence_ = 0;
};

}  // namespace walrus

#endif  // WALRUS_WAL_CURSOR_FILE_H_
