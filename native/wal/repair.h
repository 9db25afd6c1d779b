// Repair: making the logs of a stopped, damaged instance writable again. Never
// done by an opening; somebody has to ask for it.
#ifndef WALRUS_WAL_REPAIR_H_
#define WALRUS_WAL_REPAIR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wal/inspect.h"
#include "wal/status.h"
#include "wal/wal.h"

namespace walrus {

enum class RepairKind {
  /// The log ends at `offset` now; what stood behind it was damaged.
  kLogCut,
  /// The log starts at `offset` now; the blocks before were lost.
  kStartMoved,
  /// A unit whose block header was damaged is free again.
  kUnitCleared,
  /// A damaged copy of a header was written anew from the good one.
  kHeaderRestored,
};

/// One thing that was, or would be, done. Fields that do not apply are 0.
struct RepairAction {
  RepairKind kind = RepairKind::kLogCut;
  std::optional<LogId> log;
  uint64_t file_id = 0;
  uint64_t block_id = 0;
  uint64_t offset = 0;
  uint64_t bytes = 0;  ///< that go to quarantine
  std::string what;
  /// Copies of the bytes, made and synced before anything was changed.
  std::vector<std::string> quarantine_paths;
};

struct RepairOptions {
  FileSystem* file_system = nullptr;  ///< nullptr: FileSystem::Posix()
  std::string directory;
  /// Only says what would be done; nothing on disk changes.
  bool dry_run = true;
};

/// What Repair() did, or would do.
struct RepairReport {
  bool dry_run = true;
  /// Whether the instance was stopped cleanly. If not, an opening has things
  /// to finish first, and may change a dry run's plan.
  bool previous_close_was_clean = false;
  std::vector<RepairAction> actions;
  /// What VerifyInstance() found: before anything was done in a dry run, else
  /// after it. Damaged records in the midst of a log stay: the records around
  /// them can be read, and cutting would take those as well.
  std::vector<InspectProblem> problems;
};

/// Makes damaged logs whole: cuts each at its first damaged byte, or moves its
/// start behind blocks that are missing; frees units that hold no block; and
/// restores header copies. Every byte that goes is copied to quarantine/ first.
/// Cursors above a new end are set to it, and the leader epoch goes up. After
/// a crash, and without `dry_run`, the instance is recovered first, so that
/// what the crash left is finished by the usual rules.
///
/// A crash in between is harmless: run it again.
/// kLocked: the instance is running. kInvalidInput: no instance is there, or
/// one of an unknown version. kNoSpace: a copy could not be made, and nothing
/// was changed after that. kIo: cannot be read or written.
Status Repair(const RepairOptions& options, RepairReport* report);

}  // namespace walrus

#endif  // WALRUS_WAL_REPAIR_H_
