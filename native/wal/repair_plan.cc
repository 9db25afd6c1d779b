#include "wal/repair_plan.h"

#include <algorithm>
#include <array>

namespace walrus {

Status RepairPlanner::Plan() {
  const UnitScan& scan = inspection_.scan();
  Status status = PlanFileHeaders();
  std::vector<LogId> ids;
  for (const auto& [id, blocks] : scan.logs) {
    ids.push_back(id);
    for (const FoundBlock& found : blocks) {
      if (status.ok()) status = PlanBlockHeaders(found);
    }
  }
  for (const auto& [id, synced] : scan.suspect_synced) {
    if (!scan.logs.contains(id)) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end(), [](const LogId& a, const LogId& b) {
    return a.topic_id != b.topic_id ? a.topic_id < b.topic_id
                                    : a.partition < b.partition;
  });
  for (const LogId& id : ids) {
    if (status.ok()) status = PlanLog(id);
  }
  // Last: what a damaged unit says of its log has been heard by then.
  if (status.ok()) PlanUnits();
  return status;
}

Status RepairPlanner::PlanFileHeaders() {
  for (const std::shared_ptr<DataFile>& file : inspection_.files().All()) {
    std::array<std::byte, kFileHeaderAreaBytes> area{};
    size_t got = 0;
    FileUse use;
    Status status = file->Use(&use);
    if (!status.ok()) return status;
    status = use.file().Read(0, area.data(), area.size(), &got);
    if (!status.ok()) return status;
    const std::span<const std::byte> bytes(area);
    FileHeader good;
    if (FileHeader::DecodeArea(bytes, &good) != Decoded::kOk) continue;
    for (const size_t position : {size_t{0}, kFileHeaderCopyPosition}) {
      FileHeader copy;
      if (FileHeader::Decode(bytes.subspan(position, kFileHeaderBytes),
                             &copy) == Decoded::kOk &&
          copy == good) {
        continue;
      }
      RepairStep step;
      step.action.kind = RepairKind::kHeaderRestored;
      step.action.file_id = file->id();
      step.action.bytes = kFileHeaderBytes;
      step.action.what = "a copy of the file's header is damaged";
      RepairRange range{file->id(), position, kFileHeaderBytes, {}, true};
      range.bytes.resize(kFileHeaderBytes);
      good.EncodeTo(range.bytes.data());
      step.ranges.push_back(std::move(range));
      steps_.push_back(std::move(step));
    }
  }
  return Status::Ok();
}

Status RepairPlanner::PlanBlockHeaders(const FoundBlock& found) {
  std::array<std::byte, kBlockHeaderAreaBytes> area{};
  size_t got = 0;
  FileUse use;
  Status status = found.file->Use(&use);
  if (!status.ok()) return status;
  status = use.file().Read(found.start, area.data(), area.size(), &got);
  if (!status.ok()) return status;
  for (const size_t position : {size_t{0}, kBlockHeaderCopyPosition}) {
    BlockHeader copy;
    const Decoded decoded = BlockHeader::Decode(
        std::span<const std::byte>(area).subspan(position, kBlockHeaderBytes),
        &copy);
    if (decoded == Decoded::kOk && copy == found.header) continue;
    RepairStep step;
    step.action.kind = RepairKind::kHeaderRestored;
    step.action.log = found.header.log;
    step.action.file_id = found.file->id();
    step.action.block_id = found.header.block_id;
    step.action.offset = found.header.base_offset;
    step.action.bytes = kBlockHeaderBytes;
    step.action.what = "a copy of the block's header is damaged";
    RepairRange range{
        found.file->id(), found.start + position, kBlockHeaderBytes, {}, true};
    range.bytes.resize(kBlockHeaderBytes);
    found.header.EncodeTo(range.bytes.data());
    step.ranges.push_back(std::move(range));
    steps_.push_back(std::move(step));
  }
  return status;
}

Status RepairPlanner::PlanLog(const LogId& id) {
  const CursorState& state = inspection_.state();
  const auto find = [&](uint64_t start, LogFindings* findings) {
    return FindLogEnd(inspection_.scan(), id, TrustRule{}, start,
                      state.DeletedBelow(id), findings);
  };
  LogFindings findings;
  Status status = find(state.LogStart(id), &findings);
  if (!status.ok() || findings.verdict != LogVerdict::kCorrupt) return status;
  if (!findings.has_end_block) {
    const uint64_t start = findings.blocks.empty()
                               ? findings.synced_through
                               : findings.blocks[0].header.base_offset;
    MoveStart(id, start, findings.what);
    if (findings.blocks.empty()) return status;
    findings = LogFindings();
    status = find(start, &findings);
    if (!status.ok() || findings.verdict != LogVerdict::kCorrupt) {
      return status;
    }
  }
  CutLog(id, findings);
  return status;
}

void RepairPlanner::MoveStart(const LogId& id, uint64_t offset,
                              const std::string& what) {
  RepairStep step;
  step.action.kind = RepairKind::kStartMoved;
  step.action.log = id;
  step.action.offset = offset;
  step.action.what = what;
  steps_.push_back(std::move(step));
}

void RepairPlanner::CutLog(const LogId& id, const LogFindings& findings) {
  RepairStep step;
  step.action.kind = RepairKind::kLogCut;
  step.action.log = id;
  step.action.offset = std::max(findings.end.offset, findings.start_offset);
  step.action.what = findings.what;
  // From the last block backwards: should this be interrupted, what is left
  // still ends where it ends now.
  for (size_t i = findings.blocks.size(); i-- > findings.end.block + 1;) {
    const FoundBlock& found = findings.blocks[i];
    step.ranges.push_back(
        {found.file->id(), found.start, found.bytes, {}, true});
    step.action.bytes += found.bytes;
  }
  const FoundBlock& last = findings.blocks[findings.end.block];
  step.action.file_id = last.file->id();
  step.action.block_id = last.header.block_id;
  // Checkpoints that cover more than the new end must not be believed.
  step.ranges.push_back({last.file->id(),
                         last.start + kCheckpointPositions[0],
                         2 * kCheckpointBytes,
                         {},
                         false});
  const uint64_t rest = last.bytes - findings.end.position;
  step.ranges.push_back(
      {last.file->id(), last.start + findings.end.position, rest, {}, true});
  step.action.bytes += rest;
  steps_.push_back(std::move(step));
}

void RepairPlanner::PlanUnits() {
  for (const SuspectUnit& suspect : inspection_.scan().suspects) {
    const FileHeader& header = suspect.file->header();
    RepairStep step;
    step.action.kind = RepairKind::kUnitCleared;
    step.action.file_id = suspect.file->id();
    step.action.bytes = header.block_bytes;
    step.action.what = "the header of a block: " + suspect.what;
    step.ranges.push_back({suspect.file->id(),
                           header.UnitPosition(suspect.unit),
                           header.block_bytes,
                           {},
                           true});
    steps_.push_back(std::move(step));
  }
}

}  // namespace walrus
