// Reclaimer: gives the space of blocks back that nobody needs.
#ifndef WALRUS_WAL_RECLAIMER_H_
#define WALRUS_WAL_RECLAIMER_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "wal/committer.h"
#include "wal/cursor_file.h"
#include "wal/data_file.h"
#include "wal/log.h"
#include "wal/run_table.h"

namespace walrus {

/// What the reclaimer works on; all of it outlives the reclaimer.
struct ReclaimerParts {
  FileSystem* file_system = nullptr;
  std::string directory;
  DataFileSet* files = nullptr;
  CursorFile* cursors = nullptr;
  Journal* journal = nullptr;  ///< nullptr unless SyncEach
  RunTableCache* tables = nullptr;
  Committer* committer = nullptr;
};

/// Moves the starts of logs whose readers have passed whole blocks, punches
/// freed blocks out of their files, and removes files that hold none.
///
/// Place: the engine hands it what Truncate() and DeleteLog() freed; the
/// committer tells it of cursors that moved. It calls the committer (for log
/// starts and journal checkpoints) and DataFileSet.
///
/// Life: its thread starts with the first work. Stop() ends the thread; then
/// GiveBackRest() does, once the journal is closed, what had to wait for it.
/// What is left undone, or fails, is done by the next opening: the record that
/// says so is durable.
///
/// Threads: any thread may call; the disk is waited for on its own one only.
///
/// Invariants:
///  (1) Space goes only after the start or deletion that frees it is synced.
///  (2) A block that a live journal file names is not punched.
///  (3) After the instance is fenced nothing is changed.
class Reclaimer : public SpaceListener {
 public:
  explicit Reclaimer(ReclaimerParts parts) : parts_(std::move(parts)) {}
  ~Reclaimer() override { Stop(); }

  /// Takes over blocks that were freed, durably.
  void Free(std::vector<std::shared_ptr<Block>> blocks);

  void OnReadersMoved(Log* log) override;
  void OnBlockAllocated() override;
  void OnJournalFreed() override;

  /// Punches what may go, waits for nothing else, joins the thread. What comes
  /// later is left to the next opening.
  void Stop();
  /// Gives back what waited for the journal, on the caller's thread, and syncs
  /// it. REQUIRES: Stop(); the journal is closed and the committer too.
  Status GiveBackRest();

  void FillStats(WalStats* stats) const;

 private:
  using Blocks = std::vector<std::shared_ptr<Block>>;

  void WakeLocked();
  void Loop();
  bool HasWorkLocked() const;
  void MoveStarts(const std::vector<Log*>& logs);
  Status MoveStart(Log* log);
  void TakeReleasedLocked();
  void GiveBack(Blocks blocks);
  /// Takes out the blocks that are all of their file, and removes it.
  void GiveBackFiles(Blocks* blocks, uint64_t* removed_files);
  void CloseFiles();
  Status GiveBackOne(const Block& block, uint64_t* removed_files);
  void NoteError(const Status& status);

  const ReclaimerParts parts_;

  mutable std::mutex mutex_;
  std::condition_variable wanted_;
  // Guarded by mutex_.
  std::vector<Log*> moved_logs_;
  std::vector<Log*> late_logs_;  // could not be moved; tried again later
  Blocks ready_;
  Blocks waiting_;  // named in the journal
  bool look_for_files_ = false;
  bool journal_freed_ = false;
  bool stopping_ = false;
  uint64_t blocks_at_work_ = 0;
  uint64_t reclaimed_blocks_ = 0;
  uint64_t reclaimed_bytes_ = 0;
  uint64_t removed_files_ = 0;
  Status error_;
  std::thread thread_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_RECLAIMER_H_
