// What recovery writes: quarantine copies, cuts, state records, the epoch.
#include <algorithm>
#include <array>
#include <charconv>

#include "wal/recovery.h"

namespace walrus {

namespace {

constexpr uint64_t kCopyBytes = 1 << 20;

}  // namespace

Status CopyRange(File* from, uint64_t position, uint64_t length, File* to) {
  std::vector<std::byte> buffer(std::min(length, kCopyBytes));
  for (uint64_t done = 0; done < length;) {
    const size_t size =
        static_cast<size_t>(std::min<uint64_t>(buffer.size(), length - done));
    size_t got = 0;
    Status status = from->Read(position + done, buffer.data(), size, &got);
    if (status.ok() && got > 0) status = to->Write(done, buffer.data(), got);
    if (!status.ok() || got < size) return status;
    done += got;
  }
  return to->Sync();
}

Status ReadInstanceId(FileSystem& file_system, const std::string& directory,
                      InstanceId* instance_id, bool* found) {
  *found = false;
  std::vector<DirectoryEntry> entries;
  Status status = file_system.ListDirectory(directory, &entries);
  if (!status.ok()) return status;
  for (const DirectoryEntry& entry : entries) {
    if (entry.is_directory || entry.name == kLockName) continue;
    std::unique_ptr<File> file;
    status = file_system.Open(directory + "/" + entry.name, OpenMode::kReadOnly,
                              &file);
    std::array<std::byte, kFileHeaderAreaBytes> area{};
    size_t got = 0;
    if (status.ok()) status = file->Read(0, area.data(), area.size(), &got);
    if (!status.ok()) return status;
    FileHeader data;
    CursorFileHeader cursors;
    if (FileHeader::DecodeArea(area, &data) == Decoded::kOk) {
      *instance_id = data.instance_id;
    } else if (CursorFileHeader::Decode(area, &cursors) == Decoded::kOk) {
      *instance_id = cursors.instance_id;
    } else {
      continue;
    }
    *found = true;
    return status;
  }
  return status;
}

std::string Recovery::Quarantine(const LogFindings& findings) {
  if (!findings.has_end_block || findings.bad_bytes == 0) return {};
  const FoundBlock& block = findings.blocks[findings.end.block];
  const uint64_t position = block.start + findings.end.position;
  const std::string directory = options_.directory + "/" + kQuarantineName;
  const std::string path = directory + "/" + std::to_string(block.file->id()) +
                           "-" + std::to_string(position) + "-offset-" +
                           std::to_string(findings.end.offset);
  Status status = file_system_.CreateDirectories(directory);
  std::unique_ptr<File> copy;
  if (status.ok()) {
    status = file_system_.Open(path, OpenMode::kCreateOrOpen, &copy);
  }
  FileUse use;
  if (status.ok()) status = block.file->Use(&use);
  if (status.ok()) {
    status = CopyRange(&use.file(), position, findings.bad_bytes, copy.get());
  }
  if (status.ok()) status = file_system_.SyncDirectory(directory);
  if (status.ok()) return path;
  // The original stays where it is, so the opening goes on without a copy.
  instance_->report.notes.push_back("no quarantine copy at " + path + ": " +
                                    status.ToString());
  return {};
}

// A power cut can leave one good copy of a header: the second is there for that
// and is made good again for the next one.
Status Recovery::MendHeaders(const LogFindings& findings) {
  if (findings.verdict == LogVerdict::kCorrupt || !findings.has_end_block) {
    return Status::Ok();
  }
  for (size_t i = 0; i <= findings.end.block; ++i) {
    const FoundBlock& block = findings.blocks[i];
    if (!block.bad_copy) continue;
    std::array<std::byte, kBlockHeaderBytes> header;
    block.header.EncodeTo(header.data());
    // The good one is not touched: this write may be cut short as well.
    FileUse use;
    Status status = block.file->Use(&use);
    if (!status.ok()) return status;
    status = use.file().Write(block.start + *block.bad_copy, header.data(),
                              header.size());
    if (!status.ok()) return status;
    block.file->MarkDirty();
  }
  return Status::Ok();
}

Status Recovery::Repair(const LogFindings& findings) {
  const Status mended = MendHeaders(findings);
  if (!mended.ok() || findings.verdict != LogVerdict::kTorn) return mended;
  // From the last block backwards: after a crash in between, what is left
  // still ends where it ends now.
  const size_t good = findings.has_end_block ? findings.end.block + 1 : 0;
  for (size_t i = findings.blocks.size(); i-- > good;) {
    const FoundBlock& block = findings.blocks[i];
    const Status status =
        instance_->files->Free(block.file, block.header.unit_index,
                               block.header.unit_count, &removed_files_);
    if (!status.ok()) return status;
  }
  return findings.has_end_block ? CutBehindEnd(findings) : Status::Ok();
}

Status Recovery::CutBehindEnd(const LogFindings& findings) {
  const FoundBlock& block = findings.blocks[findings.end.block];
  FileUse use;
  Status status = block.file->Use(&use);
  if (!status.ok()) return status;
  File& file = use.file();
  const uint64_t position = findings.end.position;
  // Checkpoints go first: one that covers more than the end must not be
  // believed by the next recovery, should this one be cut short.
  for (size_t slot = 0; status.ok() && slot < findings.slots_left.size();
       ++slot) {
    const std::optional<Checkpoint>& left = findings.slots_left[slot];
    if (left == block.slots[slot]) continue;
    std::array<std::byte, kCheckpointBytes> bytes{};
    if (left) left->EncodeTo(bytes.data());
    status = file.Write(block.start + kCheckpointPositions[slot], bytes.data(),
                        bytes.size());
  }
  // Behind a seal that stays there is nothing to cut.
  if (status.ok() && findings.bad_bytes > 0) {
    status = file.PunchHole(block.start + position, block.bytes - position);
  }
  block.file->MarkDirty();
  return status;
}

void Recovery::CollectClamps(std::vector<CursorChange>* changes) {
  if (trust_.clean_close) return;
  for (const LogId& id : instance_->cursors->Logs()) {
    const auto place = instance_->logs.find(id);
    if (place == instance_->logs.end()) continue;
    const Log& log = *place->second;
    if (log.corrupt_offset) continue;
    for (const auto& [reader, offset] : instance_->cursors->Cursors(id)) {
      if (offset <= log.written_end) continue;
      changes->push_back(
          {CursorRecordType::kCursorSet, id, reader, log.written_end});
      instance_->report.clamped_cursors.push_back(
          {id, reader, offset, log.written_end});
    }
  }
}

bool Recovery::MustBumpEpoch() const {
  const RecoveryReport& report = instance_->report;
  // Without any log too: the cut may have taken all there was.
  if (is_new_) return false;
  if (!report.corruptions.empty()) return true;
  if (trust_.clean_close || previous_sync_each_) return false;
  // Readers may have seen what is gone now.
  return !trust_.same_boot || !report.cuts.empty();
}

Status Recovery::WriteState() {
  std::vector<CursorChange> changes;
  CollectClamps(&changes);
  if (MustBumpEpoch()) {
    instance_->report.leader_epoch_bumped = true;
    instance_->leader_epoch += 1;
    changes.push_back(
        {CursorRecordType::kLeaderEpoch, {}, {}, instance_->leader_epoch});
  }
  CursorFile* cursors = instance_->cursors.get();
  if (!changes.empty()) {
    const CursorRecords records = cursors->Build(changes);
    const Status status = cursors->Write(records);
    if (!status.ok()) return status;
    cursors->Commit(records, changes);
  }
  // Under NoFsync what stands in the page cache is not waited for, unless
  // something was cut.
  if (options_.fsync_mode != FsyncMode::kNoFsync && !trust_.clean_close) {
    for (const auto& file : instance_->files->All()) file->MarkInherited();
  }
  uint64_t count = 0;
  const Status status = instance_->files->SyncDirty(&count);
  return status.ok() ? cursors->Sync() : status;
}

Status Recovery::FreeDead() {
  for (const FoundBlock& block : to_free_) {
    const Status status =
        instance_->files->Free(block.file, block.header.unit_index,
                               block.header.unit_count, &removed_files_);
    if (!status.ok()) return status;
  }
  uint64_t count = 0;
  const Status status = instance_->files->SyncDirty(&count);
  if (status.ok()) ForgetDeletedLogs();
  return status;
}

void Recovery::ForgetDeletedLogs() {
  // Under NoFsync the holes of the last opening may not be durable yet.
  if (options_.fsync_mode == FsyncMode::kNoFsync && !trust_.clean_close) {
    return;
  }
  for (const auto& [id, below] : instance_->cursors->DeletedLogs()) {
    instance_->cursors->ForgetDeletedLog(id);
  }
}

Status Recovery::Finish() {
  if (options_.fsync_mode == FsyncMode::kNoFsync && !trust_.clean_close) {
    // What the process before left in the page cache was not synced yet
    // (WriteState); a clean close has to.
    for (const auto& file : instance_->files->All()) file->MarkInherited();
  }
  Status status = instance_->files->RemoveEmpty(&removed_files_);
  if (status.ok() && removed_files_ > 0) {
    status = file_system_.SyncDirectory(options_.directory);
  }
  if (!status.ok()) return status;
  if (options_.fsync_mode == FsyncMode::kSyncEach) {
    status = Journal::Open(
        file_system_,
        {options_.directory, instance_->instance_id, options_.journal_bytes},
        &instance_->journal);
  } else {
    status = Journal::Discard(file_system_, options_.directory);
  }
  if (!status.ok()) return status;
  LockRecord record;
  record.instance_id = instance_->instance_id;
  record.boot_id = file_system_.BootId();
  record.fsync_mode = static_cast<uint32_t>(options_.fsync_mode);
  record.corrupt = instance_->found_corrupt;
  return lock_.Write(record);
}

}  // namespace walrus
