// What Repair() found out and is going to do. Inside repair*.cc.
#ifndef WALRUS_WAL_REPAIR_PLAN_H_
#define WALRUS_WAL_REPAIR_PLAN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "wal/inspection.h"
#include "wal/repair.h"

namespace walrus {

/// A stretch of a data file that is cleared, or written anew.
struct RepairRange {
  uint64_t file_id = 0;
  uint64_t position = 0;
  uint64_t length = 0;
  /// What stands there afterwards; empty: zeros.
  std::vector<std::byte> bytes;
  /// Whether what stood there is worth a copy.
  bool set_aside = true;
};

/// One action with the changes that make it; they are made in order.
struct RepairStep {
  RepairAction action;
  std::vector<RepairRange> ranges;
};

/// Decides what is to be done. Reads only.
class RepairPlanner {
 public:
  explicit RepairPlanner(const Inspection& inspection)
      : inspection_(inspection) {}

  /// kIo: a file cannot be read.
  Status Plan();
  std::vector<RepairStep>& steps() { return steps_; }

 private:
  Status PlanFileHeaders();
  Status PlanBlockHeaders(const FoundBlock& found);
  Status PlanLog(const LogId& id);
  void PlanUnits();
  void MoveStart(const LogId& id, uint64_t offset, const std::string& what);
  void CutLog(const LogId& id, const LogFindings& findings);

  const Inspection& inspection_;
  std::vector<RepairStep> steps_;
};

/// Does what was planned, through handles of its own.
class RepairWriter {
 public:
  RepairWriter(FileSystem* file_system, std::string directory)
      : file_system_(*file_system), directory_(std::move(directory)) {}

  /// Copies first, then the state, then the ranges; each synced before the
  /// next. Fills in the actions' quarantine paths.
  Status Apply(const Inspection& inspection, std::vector<RepairStep>* steps);

 private:
  Status SetAside(RepairStep* step);
  Status CopyOut(const RepairRange& range, std::string* path);
  Status WriteState(const InstanceId& instance_id,
                    const std::vector<RepairStep>& steps);
  Status Change(const RepairRange& range);
  Status Handle(uint64_t file_id, File** file);

  FileSystem& file_system_;
  const std::string directory_;
  std::map<uint64_t, std::unique_ptr<File>> handles_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_REPAIR_PLAN_H_
