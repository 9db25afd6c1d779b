// CursorFile while an instance is open; cursor_file_load.cc has its opening.
#include "wal/cursor_file.h"

#include <algorithm>
#include <utility>

#include "wal/instance_lock.h"

namespace walrus {
namespace {

constexpr uint64_t kCompactionBytesMin = 1 << 20;
constexpr uint64_t kCompactionFactor = 4;

// The records for `changes`, sequences from `first_sequence` on.
std::vector<std::byte> EncodeChanges(std::span<const CursorChange> changes,
                                     const Tag& tag, uint32_t first_sequence,
                                     uint32_t synced_sequence) {
  std::vector<std::byte> bytes;
  for (const CursorChange& change : changes) {
    CursorRecord record;
    record.type = change.type;
    record.log = change.log;
    record.value = change.value;
    record.name = change.reader;
    record.sequence = first_sequence++;
    record.synced_sequence = synced_sequence;
    const size_t start = bytes.size();
    bytes.resize(start + record.EncodedBytes());
    record.EncodeTo(tag, bytes.data() + start);
  }
  return bytes;
}

}  // namespace

CursorFile::CursorFile(FileSystem& file_system, std::string directory,
                       const InstanceId& instance_id)
    : file_system_(file_system),
      directory_(std::move(directory)),
      instance_id_(instance_id) {}

std::string CursorFile::Path() const {
  return directory_ + "/" + kCursorFileName;
}

CursorRecords CursorFile::Build(std::span<const CursorChange> changes) const {
  const std::lock_guard lock(mutex_);
  CursorRecords records;
  records.generation = header_.generation;
  records.position = tail_;
  records.last_sequence =
      last_sequence_ + static_cast<uint32_t>(changes.size());
  records.bytes =
      EncodeChanges(changes, header_.tag, last_sequence_ + 1, synced_sequence_);
  return records;
}

Status CursorFile::Write(const CursorRecords& records) {
  std::shared_ptr<File> file;
  {
    const std::lock_guard lock(mutex_);
    file = file_;
  }
  return file->Write(records.position, records.bytes.data(),
                     records.bytes.size());
}

void CursorFile::Commit(const CursorRecords& records,
                        std::span<const CursorChange> changes) {
  const std::lock_guard lock(mutex_);
  tail_ = records.position + records.bytes.size();
  last_sequence_ = records.last_sequence;
  for (const CursorChange& change : changes) state_.Apply(change);
}

Status CursorFile::CutBack() {
  std::shared_ptr<File> file;
  uint64_t tail;
  {
    const std::lock_guard lock(mutex_);
    file = file_;
    tail = tail_;
  }
  if (Status status = file->Truncate(tail); !status.ok()) return status;
  // Synced: a later record may reach the disk by the journal alone, and the
  // removed ones must not follow it then.
  return file->Sync();
}

bool CursorFile::NeedsCompaction() const {
  const std::lock_guard lock(mutex_);
  const uint64_t live = kCursorFileHeaderAreaBytes + state_.live_bytes();
  return tail_ > kCompactionBytesMin && tail_ > kCompactionFactor * live;
}

Status CursorFile::Compact() {
  std::vector<CursorChange> changes;
  uint64_t generation;
  {
    const std::lock_guard lock(mutex_);
    changes = state_.Snapshot();
    generation = header_.generation + 1;
  }
  return WriteNewFile(generation, changes);
}

Status CursorFile::WriteNewFile(uint64_t generation,
                                const std::vector<CursorChange>& changes) {
  CursorFileHeader header;
  header.generation = generation;
  header.base_records = static_cast<uint32_t>(changes.size());
  header.instance_id = instance_id_;
  header.tag = RandomTag();
  std::vector<std::byte> bytes(kCursorFileHeaderAreaBytes);
  header.EncodeAreaTo(bytes.data());
  const std::vector<std::byte> records =
      EncodeChanges(changes, header.tag, 1, 0);
  bytes.insert(bytes.end(), records.begin(), records.end());

  const std::string temporary = Path() + ".tmp";
  std::unique_ptr<File> file;
  Status status = file_system_.Open(temporary, OpenMode::kCreateOrOpen, &file);
  if (status.ok()) status = file->Truncate(0);
  if (status.ok()) status = file->Write(0, bytes.data(), bytes.size());
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file_system_.Rename(temporary, Path());
  if (!status.ok()) return status;
  // The new file is what the name means now, so it is used from here on; if
  // the name's sync fails, which one a crash leaves is unknown.
  const Status synced = file_system_.SyncDirectory(directory_);
  if (!synced.ok()) return Status(Code::kFenced, synced.message());

  const std::lock_guard lock(mutex_);
  file_ = std::move(file);
  header_ = header;
  tail_ = bytes.size();
  last_sequence_ = header.base_records;
  synced_sequence_ = header.base_records;
  return Status::Ok();
}

void CursorFile::ForgetDeletedLog(const LogId& log) {
  const std::lock_guard lock(mutex_);
  state_.ForgetDeletedLog(log);
}

Status CursorFile::Sync() {
  std::shared_ptr<File> file;
  uint64_t generation;
  uint32_t sequence;
  {
    const std::lock_guard lock(mutex_);
    file = file_;
    generation = header_.generation;
    sequence = last_sequence_;
  }
  if (Status status = file->Sync(); !status.ok()) return status;
  NoteSynced(generation, sequence);
  return Status::Ok();
}

void CursorFile::NoteSynced(uint64_t generation, uint32_t sequence) {
  const std::lock_guard lock(mutex_);
  if (generation != header_.generation) return;
  synced_sequence_ = std::max(synced_sequence_, sequence);
}

std::optional<uint64_t> CursorFile::Cursor(const LogId& log,
                                           const std::string& reader) const {
  const std::lock_guard lock(mutex_);
  return state_.Cursor(log, reader);
}

std::vector<std::pair<std::string, uint64_t>> CursorFile::Cursors(
    const LogId& log) const {
  const std::lock_guard lock(mutex_);
  return state_.Cursors(log);
}

uint64_t CursorFile::LogStart(const LogId& log) const {
  const std::lock_guard lock(mutex_);
  return state_.LogStart(log);
}

std::optional<uint64_t> CursorFile::ConsumedBelow(const LogId& log) const {
  const std::lock_guard lock(mutex_);
  return state_.ConsumedBelow(log);
}

std::optional<ReclaimRule> CursorFile::Rule(const LogId& log) const {
  const std::lock_guard lock(mutex_);
  return state_.Rule(log);
}

std::optional<uint64_t> CursorFile::DeletedBelow(const LogId& log) const {
  const std::lock_guard lock(mutex_);
  return state_.DeletedBelow(log);
}

std::vector<LogId> CursorFile::Logs() const {
  const std::lock_guard lock(mutex_);
  return state_.Logs();
}

std::vector<std::pair<LogId, uint64_t>> CursorFile::DeletedLogs() const {
  const std::lock_guard lock(mutex_);
  return state_.DeletedLogs();
}

uint32_t CursorFile::LeaderEpoch() const {
  const std::lock_guard lock(mutex_);
  return state_.leader_epoch();
}

uint64_t CursorFile::generation() const {
  const std::lock_guard lock(mutex_);
  return header_.generation;
}

uint64_t CursorFile::file_bytes() const {
  const std::lock_guard lock(mutex_);
  return tail_;
}

}  // namespace walrus
