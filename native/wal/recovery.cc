#include "wal/recovery.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "wal/recovery_producers.h"

namespace walrus {

Status ReplayTarget::ReadBlockHeader(uint64_t file_id, uint64_t unit_position,
                                     bool* file_exists,
                                     std::optional<BlockHeader>* header) {
  header->reset();
  const std::shared_ptr<DataFile> file = files_.Find(file_id);
  *file_exists = file != nullptr;
  if (file == nullptr) return Status::Ok();
  std::array<std::byte, kBlockHeaderAreaBytes> area{};
  size_t got = 0;
  FileUse use;
  Status status = file->Use(&use);
  if (!status.ok()) return status;
  status = use.file().Read(unit_position, area.data(), area.size(), &got);
  BlockHeader found;
  if (status.ok() && got == area.size() &&
      BlockHeader::DecodeArea(area, &found) == Decoded::kOk) {
    *header = found;
  }
  return status;
}

Status ReplayTarget::Write(uint64_t file_id, uint64_t position,
                           std::span<const std::byte> bytes) {
  const std::shared_ptr<DataFile> file = files_.Find(file_id);
  if (file == nullptr) return Status::Ok();
  FileUse use;
  Status status = file->Use(&use);
  if (!status.ok()) return status;
  status = use.file().Write(position, bytes.data(), bytes.size());
  file->MarkDirty();
  return status;
}

Status ReplayTarget::ReadCursorHeader(std::optional<CursorFileHeader>* header) {
  return CursorFile::ReadHeader(file_system_, directory_, header);
}

Status ReplayTarget::WriteCursorFile(uint64_t position,
                                     std::span<const std::byte> bytes) {
  if (cursor_file_ == nullptr) {
    const Status status = file_system_.Open(directory_ + "/" + kCursorFileName,
                                            OpenMode::kExisting, &cursor_file_);
    if (!status.ok()) return status;
  }
  return cursor_file_->Write(position, bytes.data(), bytes.size());
}

Status ReplayTarget::Sync() {
  uint64_t count = 0;
  const Status status = files_.SyncDirty(&count);
  if (!status.ok() || cursor_file_ == nullptr) return status;
  return cursor_file_->Sync();
}

Status Recovery::Run(RecoveredInstance* instance) {
  instance_ = instance;
  instance->producers = std::make_unique<ProducerCensus>(options_);
  Status status = FindInstanceId();
  if (status.ok()) status = DropCaches();
  if (!status.ok()) return status;
  instance->files = std::make_unique<DataFileSet>(
      file_system_, options_.directory, instance->instance_id,
      options_.block_bytes, options_.blocks_per_file, options_.open_files_max);
  DataFileReport files;
  status = instance->files->LoadAll(OpenMode::kExisting, &files);
  instance->report.notes = files.notes;
  if (status.ok()) status = instance->files->RemoveLeftOvers();
  if (status.ok()) status = ReplayJournals();
  if (status.ok()) status = LoadState();
  if (status.ok()) status = RecoverLogs();
  // One that believes the checkpoints again finds the same again.
  instance->found_corrupt =
      !trust_.BelievesAll() && !instance->report.corruptions.empty();
  if (status.ok()) status = WriteState();
  if (status.ok()) status = FreeDead();
  if (status.ok()) status = Finish();
  return status;
}

Status Recovery::FindInstanceId() {
  const std::optional<LockRecord>& previous = lock_.previous();
  if (previous) {
    instance_->instance_id = previous->instance_id;
    const std::string boot_id = file_system_.BootId();
    trust_.same_boot = !boot_id.empty() && previous->boot_id == boot_id;
    trust_.clean_close = previous->clean;
    trust_.found_corrupt = previous->corrupt;
    previous_sync_each_ =
        previous->fsync_mode == static_cast<uint32_t>(FsyncMode::kSyncEach);
    return Status::Ok();
  }
  if (lock_.record_damaged()) {
    instance_->report.notes.push_back("the LOCK file's record was damaged");
  }
  bool found = false;
  const Status status = ReadInstanceId(file_system_, options_.directory,
                                       &instance_->instance_id, &found);
  if (!status.ok()) return status;
  is_new_ = !found;
  if (is_new_) instance_->instance_id = RandomTag();
  // Before any file carries the id.
  LockRecord record;
  record.instance_id = instance_->instance_id;
  record.fsync_mode = static_cast<uint32_t>(options_.fsync_mode);
  return lock_.Write(record);
}

// After a failed sync the cache may show what the disk never got; another
// boot's cache holds nothing that was written before.
Status Recovery::DropCaches() {
  if (trust_.same_boot || trust_.clean_close || is_new_) return Status::Ok();
  std::vector<DirectoryEntry> entries;
  Status status = file_system_.ListDirectory(options_.directory, &entries);
  for (const DirectoryEntry& entry : entries) {
    if (!status.ok()) break;
    if (entry.is_directory || entry.name == kLockName) continue;
    std::unique_ptr<File> file;
    status = file_system_.Open(options_.directory + "/" + entry.name,
                               OpenMode::kReadOnly, &file);
    if (status.ok()) status = file->DropCache();
  }
  return status;
}

Status Recovery::ReplayJournals() {
  ReplayTarget target(file_system_, options_.directory, instance_->files.get());
  JournalReplayReport replay;
  Status status = ReplayJournal(file_system_, options_.directory,
                                instance_->instance_id, &target, &replay);
  if (!status.ok()) return status;
  RecoveryReport& report = instance_->report;
  report.journal_groups_replayed = replay.groups;
  report.bytes_read += replay.bytes_read;
  report.notes.insert(report.notes.end(), replay.notes.begin(),
                      replay.notes.end());
  return target.Sync();
}

Status Recovery::LoadState() {
  CursorLoadReport loaded;
  const Status status =
      CursorFile::Load(file_system_, options_.directory, instance_->instance_id,
                       &instance_->cursors, &loaded);
  if (!status.ok()) return status;
  const bool lost_end =
      trust_.clean_close && !loaded.clean_close && loaded.corrupt_bytes == 0;
  trust_.clean_close = trust_.clean_close && loaded.clean_close;
  // A new directory has nothing that could have been lost.
  instance_->report.previous_close_was_clean = is_new_ || trust_.clean_close;
  instance_->leader_epoch = instance_->cursors->LeaderEpoch();
  if (loaded.corrupt_bytes > 0) {
    instance_->report.notes.push_back(
        "the cursor file is damaged: " + std::to_string(loaded.corrupt_bytes) +
        " bytes were skipped; a copy is in " + loaded.quarantine_path);
  } else if (loaded.created && !instance_->files->All().empty()) {
    instance_->report.notes.push_back(
        "the cursor file is missing: all readers begin at the log start");
  } else if (lost_end) {
    instance_->report.notes.push_back(
        "the cursor file does not end as the clean stop left it: readers may "
        "have gone back (" +
        std::to_string(loaded.torn_bytes) + " bytes were cut)");
  }
  return status;
}

Status Recovery::RecoverLogs() {
  Status status = ScanUnits(instance_->files.get(), &scan_);
  if (!status.ok()) return status;
  instance_->report.bytes_read += scan_.bytes_read;
  for (const SuspectUnit& suspect : scan_.suspects) {
    instance_->report.notes.push_back(
        "data file " + std::to_string(suspect.file->id()) + ", unit " +
        std::to_string(suspect.unit) + ": " + suspect.what);
  }
  instance_->next_block_id = scan_.block_id_max + 1;
  for (const auto& [id, below] : instance_->cursors->DeletedLogs()) {
    instance_->next_block_id = std::max(instance_->next_block_id, below);
  }
  std::vector<LogId> ids = instance_->cursors->Logs();
  for (const auto& [id, blocks] : scan_.logs) ids.push_back(id);
  for (const auto& [id, blocks] : scan_.suspect_synced) ids.push_back(id);
  // Each once: the dead blocks of a log of which nothing is left are to be
  // freed once, or their file counts one block too few.
  std::unordered_set<LogId, LogIdHash> seen;
  for (const LogId& id : ids) {
    if (!seen.insert(id).second) continue;
    status = RecoverLog(id);
    if (!status.ok()) return status;
  }
  return status;
}

Status Recovery::RecoverLog(const LogId& id) {
  LogFindings findings;
  const CursorFile& cursors = *instance_->cursors;
  Status status = FindLogEnd(scan_, id, trust_, cursors.LogStart(id),
                             cursors.DeletedBelow(id), &findings);
  if (!status.ok()) return status;
  instance_->report.bytes_read += findings.bytes_read;
  to_free_.insert(to_free_.end(), findings.dead.begin(), findings.dead.end());
  const bool nothing_left =
      findings.blocks.empty() && findings.verdict == LogVerdict::kWhole &&
      cursors.LogStart(id) == 0 && cursors.Cursors(id).empty();
  if (nothing_left) return status;
  ReportVerdict(id, findings);
  std::unique_ptr<Log> log = BuildLog(id, findings);
  status = BuildProducers(findings, log.get());
  if (status.ok()) status = Repair(findings);
  if (status.ok()) status = BuildTail(findings, log.get());
  if (status.ok()) instance_->logs[id] = std::move(log);
  return status;
}

void Recovery::ReportVerdict(const LogId& id, const LogFindings& findings) {
  RecoveryReport& report = instance_->report;
  for (const FoundBlock& stray : findings.strays) {
    report.notes.push_back("block " + std::to_string(stray.header.block_id) +
                           " is not part of its log; it is left as it is");
  }
  const uint64_t offset = std::max(findings.end.offset, findings.start_offset);
  if (findings.verdict == LogVerdict::kTorn) {
    report.cuts.push_back({id, offset, findings.bad_bytes});
  } else if (findings.verdict == LogVerdict::kCorrupt) {
    report.corruptions.push_back(
        {id, offset, findings.what, Quarantine(findings)});
  }
}

std::unique_ptr<Log> Recovery::BuildLog(const LogId& id,
                                        const LogFindings& findings) {
  const FsyncMode mode = options_.fsync_mode;
  auto log = std::make_unique<Log>(id, mode == FsyncMode::kSyncEach);
  log->start_offset = findings.start_offset;
  const std::optional<ReclaimRule> rule = instance_->cursors->Rule(id);
  log->rule = rule.value_or(options_.reclaim_rule);
  log->rule_recorded = rule.has_value();
  uint64_t end = std::max(findings.end.offset, findings.start_offset);
  const bool corrupt = findings.verdict == LogVerdict::kCorrupt;
  // Below the start nothing is needed, and the next block must begin at it.
  const bool all_below = !corrupt && findings.end.offset < end;
  const size_t good = findings.has_end_block ? findings.end.block + 1 : 0;
  for (size_t i = 0; i < findings.blocks.size(); ++i) {
    const FoundBlock& found = findings.blocks[i];
    if (i < good && all_below) to_free_.push_back(found);
    if (all_below || (i >= good && !corrupt)) continue;
    auto block = std::make_shared<Block>(log.get(), found.file, found.header);
    if (i >= good) {
      log->unreachable.push_back(std::move(block));
      continue;
    }
    const BlockExtent& extent = findings.extents[i];
    block->used = extent.used;
    block->end_offset = extent.end_offset;
    block->max_timestamp = extent.max_timestamp;
    block->sealed = extent.sealed;
    log->blocks.push_back(std::move(block));
  }
  if (corrupt) {
    log->corrupt_offset = end;
    log->refuses_appends = true;
  }
  log->written_end = end;
  log->synced_end = mode == FsyncMode::kNoFsync && !trust_.clean_close
                        ? std::min(end, std::max(findings.synced_through,
                                                 findings.start_offset))
                        : end;
  log->synced_end_hint = log->synced_end;
  log->next_offset = end;
  return log;
}

Status Recovery::BuildProducers(const LogFindings& findings, Log* log) {
  const auto now = static_cast<int64_t>(file_system_.NowMs());
  ProducerRebuild rebuild(findings, now);
  // To a damaged log nobody appends.
  if (log->refuses_appends || !rebuild.HasProducers()) return Status::Ok();
  const std::lock_guard turn(log->turn_mutex);
  const Status status = rebuild.Run(&instance_->producers->Enter(log));
  instance_->report.bytes_read += rebuild.bytes_read();
  if (!rebuild.note().empty()) {
    instance_->report.notes.push_back(
        "producers of a log may be forgotten, their batches could not be "
        "followed to its end: " +
        rebuild.note());
  }
  return status;
}

Status Recovery::BuildTail(const LogFindings& findings, Log* log) const {
  LogTail& tail = log->tail;
  tail.end_offset = log->written_end;
  tail.frame_crc = findings.end.frame_crc;
  for (const FoundBlock& found : findings.blocks) {
    tail.next_ordinal = std::max(tail.next_ordinal, found.header.ordinal + 1);
  }
  if (findings.verdict == LogVerdict::kTorn) {
    tail.next_ordinal =
        findings.has_end_block
            ? findings.blocks[findings.end.block].header.ordinal + 1
            : 0;
  }
  if (log->refuses_appends || log->blocks.empty()) return Status::Ok();
  const std::shared_ptr<Block>& last = log->blocks.back();
  if (last->sealed) return Status::Ok();
  const Status status = DataFileSet::Pin(last->file, &tail.pin);
  if (!status.ok()) return status;
  tail.block = last;
  tail.position = last->used;
  tail.data_position = findings.end.data_position;
  tail.data_frame_crc = findings.end.data_frame_crc;
  tail.block_max_timestamp = last->max_timestamp;
  tail.framed_synced_through = findings.end.framed_synced_through;
  tail.checkpoint_position = kBlockHeaderAreaBytes;
  const BlockExtent& extent = findings.extents[findings.end.block];
  if (extent.snapshot_position < tail.data_position) {
    tail.snapshot_position = extent.snapshot_position;
  }
  const bool torn = findings.verdict == LogVerdict::kTorn;
  for (const auto& slot :
       torn ? findings.slots_left : findings.blocks[findings.end.block].slots) {
    if (!slot) continue;
    tail.checkpoint_sequence =
        std::max(tail.checkpoint_sequence, slot->sequence);
    tail.checkpoint_position =
        std::max(tail.checkpoint_position, slot->position);
  }
  return status;
}

}  // namespace walrus
