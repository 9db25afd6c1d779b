// Inspection: a stopped instance, opened for reading only. Inside inspect*.cc.
#ifndef WALRUS_WAL_INSPECTION_H_
#define WALRUS_WAL_INSPECTION_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "wal/block_scanner.h"
#include "wal/cursor_state.h"
#include "wal/data_file.h"
#include "wal/inspect.h"
#include "wal/instance_lock.h"
#include "wal/recovery_log.h"

namespace walrus {

/// Where the first run of a block is looked for.
ScanStart StartOf(const BlockHeader& header);

/// What a look at headers and state tells of an instance.
///
/// Life: Open() locks the directory, the destructor lets it go.
/// Threads: one.
class Inspection {
 public:
  /// Errors as InspectInstance(). Writes nothing.
  Status Open(const InspectOptions& options);

  const DataFileSet& files() const { return *files_; }
  const DataFileReport& file_report() const { return file_report_; }
  const UnitScan& scan() const { return scan_; }
  const CursorState& state() const { return state_; }
  /// Empty unless the cursor file is damaged.
  const std::string& state_damage() const { return state_damage_; }
  bool closed_cleanly() const {
    return lock_->previous() && lock_->previous()->clean;
  }

  const InstanceId& instance_id() const { return instance_id_; }

  /// The blocks of a data file, in their order there.
  std::vector<const FoundBlock*> BlocksOf(const DataFile& file) const;
  /// Whether the block's log was deleted.
  bool IsDead(const FoundBlock& found) const;

 private:
  Status ReadState();
  void TakeState(std::span<const std::byte> bytes);

  FileSystem* file_system_ = nullptr;
  std::string directory_;
  InstanceId instance_id_{};
  std::unique_ptr<InstanceLock> lock_;
  std::unique_ptr<DataFileSet> files_;
  DataFileReport file_report_;
  UnitScan scan_;
  CursorState state_;
  std::string state_damage_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_INSPECTION_H_
