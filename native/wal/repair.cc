#include "wal/repair.h"

#include <algorithm>
#include <utility>

#include "wal/cursor_file.h"
#include "wal/recovery.h"
#include "wal/repair_plan.h"

namespace walrus {

Status RepairWriter::Handle(uint64_t file_id, File** file) {
  std::unique_ptr<File>& handle = handles_[file_id];
  if (handle == nullptr) {
    const Status status =
        file_system_.Open(directory_ + "/" + std::to_string(file_id),
                          OpenMode::kExisting, &handle);
    if (!status.ok()) return status;
  }
  *file = handle.get();
  return Status::Ok();
}

Status RepairWriter::CopyOut(const RepairRange& range, std::string* path) {
  File* from = nullptr;
  Status status = Handle(range.file_id, &from);
  if (!status.ok()) return status;
  const std::string name = directory_ + "/" + kQuarantineName + "/" +
                           std::to_string(range.file_id) + "-" +
                           std::to_string(range.position) + "-repair";
  // A copy of an earlier attempt is never written over: it may be the better
  // one.
  std::unique_ptr<File> copy;
  for (int attempt = 0;; ++attempt) {
    *path = attempt == 0 ? name : name + "." + std::to_string(attempt);
    status = file_system_.Open(*path, OpenMode::kCreateNew, &copy);
    if (status.code() != Code::kInvalidInput) break;
  }
  if (!status.ok()) return status;
  return CopyRange(from, range.position, range.length, copy.get());
}

Status RepairWriter::SetAside(RepairStep* step) {
  for (const RepairRange& range : step->ranges) {
    if (!range.set_aside) continue;
    std::string path;
    const Status status = CopyOut(range, &path);
    if (!status.ok()) return status;
    step->action.quarantine_paths.push_back(std::move(path));
  }
  return Status::Ok();
}

Status RepairWriter::WriteState(const InstanceId& instance_id,
                                const std::vector<RepairStep>& steps) {
  std::unique_ptr<CursorFile> cursors;
  CursorLoadReport loaded;
  Status status = CursorFile::Load(file_system_, directory_, instance_id,
                                   &cursors, &loaded);
  if (!status.ok()) return status;
  std::vector<CursorChange> changes;
  for (const RepairStep& step : steps) {
    const RepairAction& action = step.action;
    if (action.kind == RepairKind::kStartMoved) {
      changes.push_back(
          {CursorRecordType::kLogStart, *action.log, {}, action.offset});
    }
    if (action.kind != RepairKind::kLogCut) continue;
    for (const auto& [reader, offset] : cursors->Cursors(*action.log)) {
      if (offset <= action.offset) continue;
      changes.push_back(
          {CursorRecordType::kCursorSet, *action.log, reader, action.offset});
    }
  }
  const bool lost =
      std::any_of(steps.begin(), steps.end(), [](const RepairStep& step) {
        return step.action.kind == RepairKind::kLogCut ||
               step.action.kind == RepairKind::kStartMoved;
      });
  if (!lost) return status;
  // Readers may have seen what is gone now.
  changes.push_back({CursorRecordType::kLeaderEpoch,
                     {},
                     {},
                     uint64_t{cursors->LeaderEpoch()} + 1});
  const CursorRecords records = cursors->Build(changes);
  status = cursors->Write(records);
  if (!status.ok()) return status;
  cursors->Commit(records, changes);
  return cursors->Sync();
}

Status RepairWriter::Change(const RepairRange& range) {
  File* file = nullptr;
  const Status status = Handle(range.file_id, &file);
  if (!status.ok()) return status;
  return range.bytes.empty() ? file->PunchHole(range.position, range.length)
                             : file->Write(range.position, range.bytes.data(),
                                           range.bytes.size());
}

Status RepairWriter::Apply(const Inspection& inspection,
                           std::vector<RepairStep>* steps) {
  if (steps->empty()) return Status::Ok();
  const std::string quarantine = directory_ + "/" + kQuarantineName;
  Status status = file_system_.CreateDirectories(quarantine);
  for (RepairStep& step : *steps) {
    if (status.ok()) status = SetAside(&step);
  }
  if (status.ok()) status = file_system_.SyncDirectory(quarantine);
  if (status.ok()) status = WriteState(inspection.instance_id(), *steps);
  for (const RepairStep& step : *steps) {
    for (const RepairRange& range : step.ranges) {
      if (status.ok()) status = Change(range);
    }
    // Each step before the next: a damaged unit may be all that says that a
    // log lost something, so its log comes first.
    for (const auto& [id, file] : handles_) {
      if (status.ok()) status = file->Sync();
    }
  }
  return status;
}

namespace {

// Does what an opening does: the journal is replayed, torn tails are cut. No
// engine runs on the result, so readers free nothing.
Status Settle(FileSystem* file_system, const std::string& directory) {
  Options options;
  options.directory = directory;
  options.fsync_mode = FsyncMode::kMilliseconds;
  std::unique_ptr<InstanceLock> lock;
  const Status status = InstanceLock::Acquire(*file_system, directory, &lock);
  if (!status.ok()) return status;
  RecoveredInstance instance;
  return Recovery(*file_system, options, lock.get()).Run(&instance);
}

}  // namespace

Status Repair(const RepairOptions& options, RepairReport* report) {
  *report = RepairReport();
  report->dry_run = options.dry_run;
  FileSystem* file_system = options.file_system == nullptr
                                ? &FileSystem::Posix()
                                : options.file_system;
  const InspectOptions look{file_system, options.directory};
  // The first look refuses what is no instance, or runs.
  VerifyReport verified;
  Status status = VerifyInstance(look, &verified);
  if (!status.ok()) return status;
  report->previous_close_was_clean = verified.previous_close_was_clean;
  if (!options.dry_run && !verified.previous_close_was_clean) {
    status = Settle(file_system, options.directory);
    if (!status.ok()) return status;
  }
  {
    Inspection inspection;
    status = inspection.Open(look);
    RepairPlanner planner(inspection);
    if (status.ok()) status = planner.Plan();
    if (status.ok() && !options.dry_run) {
      status = RepairWriter(file_system, options.directory)
                   .Apply(inspection, &planner.steps());
    }
    for (RepairStep& step : planner.steps()) {
      report->actions.push_back(std::move(step.action));
    }
  }
  if (status.ok() && !options.dry_run) {
    verified = VerifyReport();
    status = VerifyInstance(look, &verified);
  }
  report->problems = std::move(verified.problems);
  return status;
}

}  // namespace walrus
