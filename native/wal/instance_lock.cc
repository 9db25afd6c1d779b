#include "wal/instance_lock.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string_view>
#include <utility>

#include "wal/cursor_file.h"

namespace walrus {
namespace {

bool IsDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

}  // namespace

bool IsInstanceFileName(const std::string& name) {
  constexpr std::string_view kTemporary = ".tmp";
  std::string_view rest = name;
  if (rest.ends_with(kTemporary)) rest.remove_suffix(kTemporary.size());
  return IsDigits(rest) || rest == kCursorFileName || rest == "journal.0" ||
         rest == "journal.1" || name == kLockName;
}

std::array<uint8_t, 16> RandomTag() {
  // The system's source, each time: tags are drawn once per block.
  std::random_device source;
  std::array<uint8_t, 16> tag;
  for (size_t at = 0; at < tag.size(); at += sizeof(uint32_t)) {
    const uint32_t word = source();
    std::memcpy(tag.data() + at, &word, sizeof(word));
  }
  return tag;
}

InstanceLock::InstanceLock(FileSystem& file_system, std::string directory)
    : file_system_(file_system), directory_(std::move(directory)) {}

Status InstanceLock::Acquire(FileSystem& file_system,
                             const std::string& directory,
                             std::unique_ptr<InstanceLock>* lock) {
  Status status = file_system.CreateDirectories(directory);
  if (!status.ok()) return status;
  std::vector<DirectoryEntry> entries;
  status = file_system.ListDirectory(directory, &entries);
  if (!status.ok()) return status;
  const bool has_lock =
      std::any_of(entries.begin(), entries.end(), [](const auto& entry) {
        return !entry.is_directory && entry.name == kLockName;
      });
  for (const DirectoryEntry& entry : entries) {
    // Directories are other instances, or ours to ignore.
    if (has_lock || entry.is_directory) continue;
    if (!IsInstanceFileName(entry.name)) {
      return Status(Code::kInvalidInput,
                    "not a WalrusMQ data directory: " + directory + " holds " +
                        entry.name);
    }
  }
  std::unique_ptr<InstanceLock> acquired(
      new InstanceLock(file_system, directory));
  const std::string path = directory + "/" + kLockName;
  status = file_system.Lock(path, &acquired->lock_);
  if (!status.ok()) return status;
  status = file_system.Open(path, OpenMode::kCreateOrOpen, &acquired->file_);
  if (status.ok()) status = acquired->ReadRecord();
  if (!status.ok()) return status;
  *lock = std::move(acquired);
  return Status::Ok();
}

Status InstanceLock::ReadRecord() {
  std::array<std::byte, kLockRecordPositions[1] + kLockRecordBytes> bytes{};
  size_t bytes_read;
  Status status = file_->Read(0, bytes.data(), bytes.size(), &bytes_read);
  if (!status.ok()) return status;
  for (int slot = 0; slot < 2; ++slot) {
    const std::span<const std::byte> slot_bytes =
        std::span(bytes).subspan(kLockRecordPositions[slot], kLockRecordBytes);
    if (IsZero(slot_bytes)) continue;
    LockRecord record;
    const Decoded judged = LockRecord::Decode(slot_bytes, &record);
    if (judged == Decoded::kBadVersion) {
      return Status(Code::kInvalidInput,
                    directory_ + " was written by a newer version");
    }
    if (judged != Decoded::kOk) {
      record_damaged_ = true;
    } else if (!previous_ || record.sequence > previous_->sequence) {
      sequence_ = record.sequence;
      next_slot_ = 1 - slot;
      previous_ = std::move(record);
    }
  }
  if (record_damaged_ && previous_) {
    // The damaged one may be newer, so what this one says of the last closing
    // may be out of date.
    previous_->clean = false;
    previous_->boot_id.clear();
  }
  return Status::Ok();
}

Status InstanceLock::WriteSlot(LockRecord record) {
  record.sequence = sequence_ + 1;
  std::array<std::byte, kLockRecordBytes> bytes;
  record.EncodeTo(bytes.data());
  return file_->Write(kLockRecordPositions[next_slot_], bytes.data(),
                      bytes.size());
}

Status InstanceLock::Write(LockRecord record) {
  Status status = WriteSlot(record);
  if (status.ok()) status = file_->Sync();
  if (status.ok()) status = file_system_.SyncDirectory(directory_);
  if (!status.ok()) return status;
  ++sequence_;
  next_slot_ = 1 - next_slot_;
  written_ = std::move(record);
  return Status::Ok();
}

Status InstanceLock::DistrustCache() {
  std::optional<LockRecord> record = written_ ? written_ : previous_;
  if (!record) return Status::Ok();
  record->clean = false;
  record->boot_id.clear();
  const Status status = WriteSlot(*record);
  if (!status.ok()) return status;
  ++sequence_;
  next_slot_ = 1 - next_slot_;
  return Status::Ok();
}

}  // namespace walrus
