// Journal: the commit journal of a SyncEach instance. One sequential write and
// one sync make a group durable that touches many blocks.
#ifndef WALRUS_WAL_JOURNAL_H_
#define WALRUS_WAL_JOURNAL_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "wal/file_system.h"
#include "wal/format.h"
#include "wal/status.h"

namespace walrus {

/// One write of a commit group: `parts` belong at `position` of the file.
/// kRun: the run, its padding and its frame, at the run's position in the data
/// file. kBlockHeader: the header area (512 bytes), at the unit's position.
/// kCursorRecords: CursorRecords::bytes; file_id is the generation.
struct JournalEntry {
  EntryKind kind = EntryKind::kRun;
  uint64_t file_id = 0;
  uint64_t position = 0;
  std::span<const iovec> parts;
};

/// Two preallocated files, written in turn, that hold the latest groups until
/// the data files are synced.
///
/// Place: the committer appends groups and switches files; the sync thread
/// syncs and frees. Replay (journal_replay.h) runs before Open().
///
/// Life: Open() gives both files new epochs, so everything replayed must be
/// synced before. After a failed write or sync nothing more is promised and the
/// caller fences. The destructor closes the files and changes nothing: what
/// they hold is replayed at the next opening.
///
/// Threads: "commit thread" and "sync thread" name roles; each role is one
/// thread at a time. The two may run at the same time.
///
/// Invariants:
///  (1) A group verifies only under the epoch and tag of its file's header, and
///      a file gets a new epoch, synced, before it is used again.
///  (2) Sequences are dense, across both files.
///  (3) synced_sequence() covers a group only after the syncs of all files
///      that hold it and the groups before it.
class Journal {
 public:
  struct Options {
    std::string directory;
    InstanceId instance_id{};
    uint64_t file_bytes = 32ull << 20;
  };

  /// Creates what is missing and starts both files anew, synced.
  /// kIo, kNoSpace: as it was, or with one file started anew.
  static Status Open(FileSystem& file_system, const Options& options,
                     std::unique_ptr<Journal>* journal);

  /// Removes the journal files: for instances that do not use one.
  /// REQUIRES: what they held is replayed and synced.
  static Status Discard(FileSystem& file_system, const std::string& directory);

  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // --- Commit thread -----------------------------------------------------

  /// What a group of these entries takes in a file.
  static uint64_t GroupBytes(std::span<const JournalEntry> entries);
  /// Whether a group of this size fits the file in use now.
  bool Fits(uint64_t group_bytes) const;
  /// Whether it fits an empty file; when not, the group is synced in place.
  bool FitsEmptyFile(uint64_t group_bytes) const;

  /// Writes one group (page cache) and gives it the next sequence. The group
  /// is durable once synced_sequence() reaches that.
  ///
  /// REQUIRES: Fits(GroupBytes(entries)).
  /// kNoSpace: the group was cleared away again and the sequence is free.
  /// kIo: it may or may not be there; the caller fences.
  Status Append(std::span<const JournalEntry> entries, uint64_t* sequence);

  /// Goes on in the other file. kBusy: that one is not freed yet; nothing
  /// changed, wait for the sync thread. Afterwards checkpoint_due() is true.
  Status SwitchFile();

  // --- Sync thread -------------------------------------------------------

  /// fdatasync of what was appended before the call, the older file first.
  /// Then synced_sequence() is at least what written_sequence() was. Any error
  /// must fence.
  Status Sync();

  /// Starts the file that SwitchFile() left anew, synced, and frees it.
  /// REQUIRES: checkpoint_due(); all data files and the cursor file that were
  /// written before the switch are synced since. Any error must fence.
  Status Free();

  /// Writes the next zeros ahead of the groups, so that later syncs find
  /// written extents. `*more`: call again when idle. Cheap (256 KiB, page
  /// cache). kNoSpace can be ignored.
  Status ZeroAhead(bool* more);

  // --- Any thread --------------------------------------------------------

  uint64_t written_sequence() const { return written_.load(); }
  uint64_t synced_sequence() const { return synced_.load(); }
  /// No group up to this sequence is in a file that would be replayed.
  uint64_t released_sequence() const { return released_.load(); }
  /// A full file waits for its data to be synced and for Free().
  bool checkpoint_due() const;
  /// Bytes of groups in the file in use.
  uint64_t used_bytes() const;

  /// Starts both files anew and marks them closed: nothing is left to replay.
  /// REQUIRES: all data files and the cursor file are synced; no other thread
  /// uses the journal, and nobody appends afterwards.
  Status Close();

 private:
  enum class State { kInUse, kFull, kFree };
  struct Slot {
    std::string path;
    std::unique_ptr<File> file;
    JournalHeader header;
    State state = State::kFree;
    bool dirty = false;
    uint64_t tail = kJournalHeaderAreaBytes;
    uint64_t zeroed_end = 0;  // guarded by zero_mutex_
  };

  Journal(FileSystem& file_system, Options options);

  Status OpenSlot(int index);
  Status CreateFile(const std::string& path);
  Status StartEpoch(Slot* slot, bool closed);
  Status WriteGroup(Slot* slot, std::span<const JournalEntry> entries,
                    uint64_t sequence, uint64_t group_bytes);

  FileSystem& file_system_;
  const Options options_;
  std::array<Slot, 2> slots_;
  uint64_t next_epoch_ = 1;

  mutable std::mutex mutex_;  // state, dirty, tail, current_
  int current_ = 0;
  uint64_t switched_at_ = 0;  // written_ when the full file was left
  std::mutex zero_mutex_;
  std::atomic<uint64_t> written_{0};
  std::atomic<uint64_t> synced_{0};
  std::atomic<uint64_t> released_{0};
};

}  // namespace walrus

#endif  // WALRUS_WAL_JOURNAL_H_
