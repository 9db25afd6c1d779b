// InstanceLock: the LOCK file. One process at a time has an instance open, and
// the file tells how the last one left it.
#ifndef WALRUS_WAL_INSTANCE_LOCK_H_
#define WALRUS_WAL_INSTANCE_LOCK_H_

#include <memory>
#include <optional>
#include <string>

#include "wal/file_system.h"
#include "wal/format.h"
#include "wal/status.h"

namespace walrus {

inline constexpr char kLockName[] = "LOCK";

/// Holds the directory's lock and its record.
///
/// Place: Wal::Open takes it first and lets go of it last.
/// Life: Acquire() to destruction. Until Write() the record on disk is that of
/// the previous opening.
/// Threads: one at a time.
class InstanceLock {
 public:
  /// Creates the directory if it is missing, refuses a foreign one, takes the
  /// lock and reads the record.
  ///
  /// kLocked: somebody has it. kInvalidInput: the directory has no LOCK and
  /// holds files that are not ours; nothing was created in it.
  static Status Acquire(FileSystem& file_system, const std::string& directory,
                        std::unique_ptr<InstanceLock>* lock);

  /// The record of the previous opening; nullopt for a new directory or when
  /// nothing of it can be read. With record_damaged() it is not the newest one:
  /// the instance id holds, and it says neither clean nor which boot.
  const std::optional<LockRecord>& previous() const { return previous_; }
  bool record_damaged() const { return record_damaged_; }

  /// Replaces the record (its sequence is set here), synced, its directory
  /// entry too. On an error the one before may still be there.
  Status Write(LockRecord record);

  /// Says that the page cache may hold other bytes than the disk (a write or
  /// a sync failed), so that the next opening of this boot, too, takes nothing
  /// for arrived. Not synced: another boot has another cache. On an error the
  /// record before is still there. Nothing happens in a new directory.
  Status DistrustCache();

 private:
  InstanceLock(FileSystem& file_system, std::string directory);
  Status ReadRecord();
  Status WriteSlot(LockRecord record);

  FileSystem& file_system_;
  const std::string directory_;
  std::unique_ptr<DirectoryLock> lock_;
  std::unique_ptr<File> file_;
  std::optional<LockRecord> previous_;
  std::optional<LockRecord> written_;
  bool record_damaged_ = false;
  uint64_t sequence_ = 0;
  int next_slot_ = 0;
};

/// Whether `name` can be one of an instance's files: a data file (digits), a
/// left-over .tmp of ours, the cursor file, a journal file or LOCK.
bool IsInstanceFileName(const std::string& name);

/// 16 random bytes: instance ids and tags.
std::array<uint8_t, 16> RandomTag();

}  // namespace walrus

#endif  // WALRUS_WAL_INSTANCE_LOCK_H_
