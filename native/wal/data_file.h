// The data files of an instance: opening, creating, handing out units, syncing
// and giving space back. What is in the units is the blocks' affair.
#ifndef WALRUS_WAL_DATA_FILE_H_
#define WALRUS_WAL_DATA_FILE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "wal/file_system.h"
#include "wal/format.h"
#include "wal/open_files.h"
#include "wal/status.h"

namespace walrus {

/// One data file: open while somebody uses it, while it has bytes that no sync
/// covers, and as long after as the bound on open files lets.
///
/// Threads: any. Syncs of a file come one after another: a system reports a
/// failed write-back to one caller only, so two syncs at once could hide it
/// from the second.
class DataFile {
 public:
  DataFile(std::shared_ptr<OpenFiles> files, BoundedFile::Source source,
           const FileHeader& header)
      : header_(header), file_(std::move(files), std::move(source), &dirty_) {}

  const FileHeader& header() const { return header_; }
  uint64_t id() const { return header_.file_id; }

  /// As BoundedFile::Use(): kIo, and the file's state is as before.
  Status Use(FileUse* use) { return file_.Use(use); }
  bool UseIfOpen(FileUse* use) { return file_.UseIfOpen(use); }
  /// REQUIRES: it is in use; that of a log's tail is (LogTail::pin).
  File& file() { return file_.file(); }

  /// Notes that bytes were written which no sync covers yet.
  void MarkDirty() {
    // Mostly it is set, and writing it each time would take the line from all
    // other threads. The fence: the look comes after what was written.
#if !defined(__SANITIZE_THREAD__)  // which does not know fences
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
    if (!dirty_.load(std::memory_order_relaxed)) {
      dirty_.store(true, std::memory_order_release);
    }
  }
  bool dirty() const { return dirty_.load(std::memory_order_acquire); }
  /// Notes that a process before this one may have left such bytes. They do
  /// not keep the file open: it was closed when they were written.
  void MarkInherited() { inherited_.store(true, std::memory_order_release); }
  /// Whether nothing but bytes without a sync keeps it open.
  bool waits_for_sync() const { return dirty() && !file_.in_use(); }
  /// Makes what was written before the call durable. After a failure every
  /// later call fails with the same error, without asking the system again.
  Status Sync();

 private:
  friend class DataFileSet;

  Status TakeUnsyncedLocked(FileUse* use, bool* unsynced);

  const FileHeader header_;
  std::atomic<bool> dirty_{false};
  std::atomic<bool> inherited_{false};
  BoundedFile file_;
  std::mutex sync_mutex_;
  Status sync_error_;
  // Guarded by the set's mutex.
  uint32_t next_unit_ = 0;
  uint32_t blocks_in_use_ = 0;
  bool keep_ = false;
};

/// Keeps a data file, and keeps it open.
struct PinnedFile {
  std::shared_ptr<DataFile> file;
  FileUse use;  // goes first
};

/// A place for a block.
struct UnitRange {
  std::shared_ptr<DataFile> file;
  std::shared_ptr<PinnedFile> pin;  ///< of Allocate()
  uint32_t unit = 0;
  uint32_t count = 0;
};

/// What LoadAll() met besides good files.
struct DataFileReport {
  std::vector<std::string> notes;
  std::vector<std::string> unreadable;  ///< header damaged in both copies
};

/// All data files of an instance. Units are handed out in order within the
/// newest file, and never twice.
///
/// Place: recovery loads it; the commit role allocates; the reclaimer frees.
/// Threads: any.
class DataFileSet {
 public:
  DataFileSet(FileSystem& file_system, std::string directory,
              const InstanceId& instance_id, uint64_t block_bytes,
              uint32_t blocks_per_file, size_t open_files_max)
      : file_system_(file_system),
        directory_(std::move(directory)),
        instance_id_(instance_id),
        block_bytes_(block_bytes),
        blocks_per_file_(blocks_per_file),
        open_files_(std::make_shared<OpenFiles>(open_files_max)) {}

  /// Opens every data file of the directory. kInvalidInput: a file of another
  /// instance or of an unknown version; kIo: cannot be read.
  Status LoadAll(OpenMode mode, DataFileReport* report);
  /// Removes what was left of an unfinished creation.
  Status RemoveLeftOvers();

  /// Takes `count` neighbouring units for a block, in a new file when the
  /// newest has no room. A new file is durable, name included, on return.
  /// REQUIRES: count <= blocks_per_file. kNoSpace, kIo: nothing was taken.
  Status Allocate(uint32_t count, UnitRange* range);
  /// Takes back the latest Allocate() that is still in use; the units are
  /// handed out again.
  void UndoAllocate(const UnitRange& range);

  /// Recovery: this range holds a block.
  void NoteUsed(const std::shared_ptr<DataFile>& file, uint32_t unit,
                uint32_t count);
  /// Recovery: the file holds something that could not be read. It is never
  /// removed, and its units below `unit` are not handed out.
  void Keep(const std::shared_ptr<DataFile>& file, uint32_t unit);

  /// Frees the space of a block that nobody needs: punches it out, or removes
  /// its file when that was the last one and the file is not the newest;
  /// `*removed` counts up then, and the caller syncs the directory. A file that
  /// somebody still reads goes when he lets go of it. On an error the block
  /// counts as in use until the next opening.
  Status Free(const std::shared_ptr<DataFile>& file, uint32_t unit,
              uint32_t count, uint64_t* removed);
  /// Removes the file, counting `*removed` up, when these `count` blocks are
  /// all that it holds and it may go: no punches for each. False, and nothing
  /// was done, when it may not. Errors as Free().
  Status FreeWhole(const std::shared_ptr<DataFile>& file, uint32_t count,
                   bool* done, uint64_t* removed);
  /// Removes files without blocks, the newest excepted; `*removed` counts up.
  Status RemoveEmpty(uint64_t* removed);
  /// Whether RemoveEmpty() would find one.
  bool has_empty() const { return has_empty_.load(); }

  /// Keeps the file open for a log's tail. Errors as of DataFile::Use().
  static Status Pin(const std::shared_ptr<DataFile>& file,
                    std::shared_ptr<PinnedFile>* pin);

  /// How many files are open.
  size_t open_count() const { return open_files_->count(); }
  /// Whether that is more than the bound.
  bool over_bound() const { return open_files_->over_bound(); }
  /// While it is: syncs files that nobody uses, so that they close. Errors and
  /// `*synced_count` as of SyncDirty().
  Status SyncToClose(uint64_t* synced_count);

  std::shared_ptr<DataFile> Find(uint64_t file_id) const;
  std::vector<std::shared_ptr<DataFile>> All() const;
  /// Syncs every file that was written since its last sync, as many together
  /// as may be open. The first failure; each file remembers its own.
  /// `*synced_count` grows by the number of files.
  Status SyncDirty(uint64_t* synced_count);
  FileSystem& file_system() const { return file_system_; }
  uint64_t block_bytes() const { return block_bytes_; }
  uint32_t blocks_per_file() const { return blocks_per_file_; }

 private:
  Status OpenOne(const std::string& name, OpenMode mode,
                 DataFileReport* report);
  Status SkipTakenNames(uint64_t* file_id) const;
  Status Create(std::shared_ptr<PinnedFile>* pin);
  Status MakeFile(const FileHeader& header, std::unique_ptr<File>* handle);
  BoundedFile::Source SourceOf(const FileHeader& header, OpenMode mode,
                               bool header_is_good) const;
  Status SyncSome(std::span<const std::shared_ptr<DataFile>> files,
                  size_t* done, uint64_t* synced_count);
  std::string PathOf(uint64_t file_id) const;
  bool IsRemovableLocked(const DataFile& file) const;

  FileSystem& file_system_;
  const std::string directory_;
  const InstanceId instance_id_;
  const uint64_t block_bytes_;
  const uint32_t blocks_per_file_;
  const std::shared_ptr<OpenFiles> open_files_;

  mutable std::mutex mutex_;
  std::map<uint64_t, std::shared_ptr<DataFile>> files_;
  std::shared_ptr<DataFile> current_;  // where units come from
  std::shared_ptr<PinnedFile> current_pin_;
  std::atomic<bool> has_empty_{false};
};

}  // namespace walrus

#endif  // WALRUS_WAL_DATA_FILE_H_
