// The data files of an instance: opening, creating, handing out units, syncing
// and giving space back. What is in the units is the blocks' affair.
#ifndef WALRUS_WAL_DATA_FILE_H_
#define WALRUS_WAL_DATA_FILE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "wal/file_system.h"
#include "wal/format.h"
#include "wal/status.h"

namespace walrus {

/// One open data file.
///
/// Threads: any. Syncs of a file come one after another: a system reports a
/// failed write-back to one caller only, so two syncs at once could hide it
/// from the second.
class DataFile {
 public:
  DataFile(std::unique_ptr<File> file, const FileHeader& header)
      : file_(std::move(file)), header_(header) {}

  const FileHeader& header() const { return header_; }
  uint64_t id() const { return header_.file_id; }
  File& file() { return *file_; }

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
  /// Makes what was written before the call durable. After a failure every
  /// later call fails with the same error, without asking the system again.
  Status Sync();

 private:
  friend class DataFileSet;

  const std::unique_ptr<File> file_;
  const FileHeader header_;
  std::atomic<bool> dirty_{false};
  std::mutex sync_mutex_;
  Status sync_error_;
  // Guarded by the set's mutex.
  uint32_t next_unit_ = 0;
  uint32_t blocks_in_use_ = 0;
  bool keep_ = false;
};

/// A place for a block.
struct UnitRange {
  std::shared_ptr<DataFile> file;
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
              uint32_t blocks_per_file)
      : file_system_(file_system),
        directory_(std::move(directory)),
        instance_id_(instance_id),
        block_bytes_(block_bytes),
        blocks_per_file_(blocks_per_file) {}

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
  /// Removes files without blocks, the newest excepted; `*removed` counts up.
  Status RemoveEmpty(uint64_t* removed);
  /// Whether RemoveEmpty() would find one.
  bool has_empty() const { return has_empty_.load(); }

  std::shared_ptr<DataFile> Find(uint64_t file_id) const;
  std::vector<std::shared_ptr<DataFile>> All() const;
  /// Syncs every file that was written since its last sync, together. The
  /// first failure; each file remembers its own. `*synced_count` grows by the
  /// number of files.
  Status SyncDirty(uint64_t* synced_count);
  FileSystem& file_system() const { return file_system_; }
  uint64_t block_bytes() const { return block_bytes_; }
  uint32_t blocks_per_file() const { return blocks_per_file_; }

 private:
  Status OpenOne(const std::string& name, OpenMode mode,
                 DataFileReport* report);
  Status SkipTakenNames(uint64_t* file_id) const;
  Status Create(std::shared_ptr<DataFile>* file);
  std::string PathOf(uint64_t file_id) const;
  bool IsRemovableLocked(const DataFile& file) const;

  FileSystem& file_system_;
  const std::string directory_;
  const InstanceId instance_id_;
  const uint64_t block_bytes_;
  const uint32_t blocks_per_file_;

  mutable std::mutex mutex_;
  std::map<uint64_t, std::shared_ptr<DataFile>> files_;
  std::shared_ptr<DataFile> current_;  // where units come from
  std::atomic<bool> has_empty_{false};
};

}  // namespace walrus

#endif  // WALRUS_WAL_DATA_FILE_H_
