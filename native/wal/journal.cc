#include "wal/journal.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <utility>

#include "wal/crc32c.h"
#include "wal/instance_lock.h"

namespace walrus {
namespace {

constexpr uint64_t kZeroAheadBytes = 256 << 10;
// Zeroed before the file gets its name, so that the first groups find written
// extents too.
constexpr uint64_t kZeroedAtCreation = 1 << 20;

uint64_t PartsBytes(std::span<const iovec> parts) {
  uint64_t bytes = 0;
  for (const iovec& part : parts) bytes += part.iov_len;
  return bytes;
}

uint64_t UnpaddedGroupBytes(std::span<const JournalEntry> entries) {
  uint64_t bytes = kGroupHeaderBytes + entries.size() * kGroupEntryBytes;
  for (const JournalEntry& entry : entries) bytes += PartsBytes(entry.parts);
  return bytes;
}

std::string SlotPath(const std::string& directory, int index) {
  return directory + "/journal." + std::to_string(index);
}

Status WriteZeros(File* file, uint64_t position, uint64_t length) {
  static const std::array<std::byte, 64 << 10> zeros{};
  while (length > 0) {
    const uint64_t bytes = std::min<uint64_t>(length, zeros.size());
    Status status = file->Write(position, zeros.data(), bytes);
    if (!status.ok()) return status;
    position += bytes;
    length -= bytes;
  }
  return Status::Ok();
}

// The file's header with the highest epoch; as it was when neither is whole.
Status ReadHeader(File* file, JournalHeader* newest) {
  std::array<std::byte, kJournalHeaderAreaBytes> area{};
  size_t bytes_read;
  Status status = file->Read(0, area.data(), area.size(), &bytes_read);
  if (!status.ok()) return status;
  for (const size_t position : {size_t{0}, kJournalHeaderCopyPosition}) {
    JournalHeader header;
    if (JournalHeader::Decode(std::span(area).subspan(position), &header) ==
            Decoded::kOk &&
        header.epoch > newest->epoch) {
      *newest = header;
    }
  }
  return status;
}

// Durable on return.
Status DiscardFile(FileSystem& file_system, const std::string& directory,
                   int index) {
  bool removed = false;
  for (const char* suffix : {"", ".tmp"}) {
    const std::string path = SlotPath(directory, index) + suffix;
    bool exists;
    Status status = file_system.Exists(path, &exists);
    if (status.ok() && exists) {
      removed = true;
      status = file_system.Remove(path);
    }
    if (!status.ok()) return status;
  }
  return removed ? file_system.SyncDirectory(directory) : Status::Ok();
}

}  // namespace

Journal::Journal(FileSystem& file_system, Options options)
    : file_system_(file_system), options_(std::move(options)) {}

Status Journal::Open(FileSystem& file_system, const Options& options,
                     std::unique_ptr<Journal>* journal) {
  if (options.file_bytes % kJournalAlignment != 0 ||
      options.file_bytes < 4 * kJournalAlignment) {
    return Status(
        Code::kInvalidInput,
        "journal_bytes must be a multiple of 4096 and at least 16384");
  }
  std::unique_ptr<Journal> opened(new Journal(file_system, options));
  for (int i = 0; i < 2; ++i) {
    if (Status status = opened->OpenSlot(i); !status.ok()) return status;
  }
  // Replay may have stopped at a gap in the older file and left out what the
  // newer one holds. So that one is emptied first: alone it would be replayed
  // by the next opening, which no longer sees the gap.
  const int newer =
      opened->slots_[0].header.epoch < opened->slots_[1].header.epoch ? 1 : 0;
  for (const int index : {newer, 1 - newer}) {
    Slot& slot = opened->slots_[static_cast<size_t>(index)];
    Status status = opened->StartEpoch(&slot, false);
    if (!status.ok()) return status;
  }
  // The lower epoch comes first.
  opened->current_ = newer;
  opened->slots_[static_cast<size_t>(newer)].state = State::kInUse;
  *journal = std::move(opened);
  return Status::Ok();
}

Status Journal::Discard(FileSystem& file_system, const std::string& directory) {
  std::array<uint64_t, 2> epochs{};
  for (int i = 0; i < 2; ++i) {
    const std::string path = SlotPath(directory, i);
    bool exists;
    Status status = file_system.Exists(path, &exists);
    if (status.ok() && exists) {
      std::unique_ptr<File> file;
      status = file_system.Open(path, OpenMode::kReadOnly, &file);
      JournalHeader header;
      if (status.ok()) status = ReadHeader(file.get(), &header);
      epochs[static_cast<size_t>(i)] = header.epoch;
    }
    if (!status.ok()) return status;
  }
  // The newer one goes first, as in Open().
  const int newer = epochs[0] < epochs[1] ? 1 : 0;
  for (const int index : {newer, 1 - newer}) {
    Status status = DiscardFile(file_system, directory, index);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

Status Journal::OpenSlot(int index) {
  Slot& slot = slots_[static_cast<size_t>(index)];
  slot.path = SlotPath(options_.directory, index);
  bool exists;
  Status status = file_system_.Exists(slot.path, &exists);
  if (status.ok() && !exists) status = CreateFile(slot.path);
  if (status.ok()) {
    status = file_system_.Open(slot.path, OpenMode::kExisting, &slot.file);
  }
  uint64_t size = 0;
  if (status.ok()) status = slot.file->Size(&size);
  if (status.ok() && size < options_.file_bytes) {
    // The setting grew. A file that is longer than the setting stays so: its
    // end is only not used.
    status = slot.file->Allocate(size, options_.file_bytes - size);
  }
  JournalHeader& header = slot.header;
  if (status.ok()) status = ReadHeader(slot.file.get(), &header);
  const uint64_t written = uint64_t{header.written_pages} * kJournalAlignment;
  slot.zeroed_end = std::max<uint64_t>(
      exists ? written : std::min(kZeroedAtCreation, options_.file_bytes),
      kJournalHeaderAreaBytes);
  next_epoch_ = std::max(next_epoch_, header.epoch + 1);
  return status;
}

Status Journal::CreateFile(const std::string& path) {
  const std::string temporary = path + ".tmp";
  std::unique_ptr<File> file;
  Status status = file_system_.Open(temporary, OpenMode::kCreateOrOpen, &file);
  if (status.ok()) status = file->Truncate(0);
  if (status.ok()) status = file->Allocate(0, options_.file_bytes);
  if (status.ok()) {
    status = WriteZeros(file.get(), 0,
                        std::min(kZeroedAtCreation, options_.file_bytes));
  }
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file_system_.Rename(temporary, path);
  if (status.ok()) status = file_system_.SyncDirectory(options_.directory);
  return status;
}

Status Journal::StartEpoch(Slot* slot, bool closed) {
  JournalHeader header;
  header.closed = closed;
  {
    const std::lock_guard lock(zero_mutex_);
    header.written_pages =
        static_cast<uint32_t>(slot->zeroed_end / kJournalAlignment);
  }
  header.epoch = next_epoch_++;
  header.tag = RandomTag();
  header.instance_id = options_.instance_id;
  slot->header = header;
  std::array<std::byte, kJournalHeaderBytes> bytes;
  slot->header.EncodeTo(bytes.data());
  // One copy at a time is being written, so a crash leaves the other one whole
  // and replay never finds a file that it cannot read.
  for (const size_t position : {size_t{0}, kJournalHeaderCopyPosition}) {
    Status status = slot->file->Write(position, bytes.data(), bytes.size());
    if (status.ok()) status = slot->file->Sync();
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

Status Journal::Close() {
  for (Slot& slot : slots_) {
    if (Status status = StartEpoch(&slot, true); !status.ok()) return status;
  }
  released_ = written_.load();
  return Status::Ok();
}

uint64_t Journal::GroupBytes(std::span<const JournalEntry> entries) {
  return AlignUp(UnpaddedGroupBytes(entries), kJournalAlignment);
}

bool Journal::Fits(uint64_t group_bytes) const {
  const std::lock_guard lock(mutex_);
  const Slot& slot = slots_[static_cast<size_t>(current_)];
  return group_bytes <= options_.file_bytes - slot.tail;
}

bool Journal::FitsEmptyFile(uint64_t group_bytes) const {
  return group_bytes <= options_.file_bytes - kJournalHeaderAreaBytes;
}

Status Journal::Append(std::span<const JournalEntry> entries,
                       uint64_t* sequence) {
  Slot* slot;
  {
    const std::lock_guard lock(mutex_);
    slot = &slots_[static_cast<size_t>(current_)];
  }
  // Only this thread moves tail and current_, so they hold without the lock.
  const uint64_t group_bytes = GroupBytes(entries);
  assert(!entries.empty() && group_bytes <= options_.file_bytes - slot->tail);
  const uint64_t next = written_.load() + 1;
  {
    // Before the write: from now on ZeroAhead() keeps off the range.
    const std::lock_guard lock(zero_mutex_);
    slot->zeroed_end = std::max(slot->zeroed_end, slot->tail + group_bytes);
  }
  const Status status = WriteGroup(slot, entries, next, group_bytes);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  slot->tail += group_bytes;
  slot->dirty = true;
  written_ = next;
  *sequence = next;
  return Status::Ok();
}

Status Journal::WriteGroup(Slot* slot, std::span<const JournalEntry> entries,
                           uint64_t sequence, uint64_t group_bytes) {
  const uint64_t length = UnpaddedGroupBytes(entries);
  std::vector<std::byte> head(kGroupHeaderBytes +
                              entries.size() * kGroupEntryBytes);
  std::vector<iovec> parts;
  parts.push_back({head.data(), head.size()});
  std::byte* line = head.data() + kGroupHeaderBytes;
  for (const JournalEntry& entry : entries) {
    const uint64_t bytes = PartsBytes(entry.parts);
    assert(bytes <= std::numeric_limits<uint32_t>::max());
    GroupEntry{entry.kind, static_cast<uint32_t>(bytes), entry.file_id,
               entry.position}
        .EncodeTo(line);
    line += kGroupEntryBytes;
    parts.insert(parts.end(), entry.parts.begin(), entry.parts.end());
  }
  GroupHeader header;
  header.entry_count = static_cast<uint32_t>(entries.size());
  header.epoch = slot->header.epoch;
  header.tag = slot->header.tag;
  header.sequence = sequence;
  header.synced_sequence = synced_.load();
  header.length = length;
  header.table_crc = Crc32c(head.data() + kGroupHeaderBytes,
                            entries.size() * kGroupEntryBytes);
  header.EncodeTo(head.data());
  static const std::array<std::byte, kJournalAlignment> zeros{};
  parts.push_back({const_cast<std::byte*>(zeros.data()), group_bytes - length});

  const Status status = slot->file->WriteV(slot->tail, parts);
  if (status.code() != Code::kNoSpace) return status;
  // A file system that copies on write can run out even here. The group's
  // appends will be told that nothing of them is left, so nothing may be.
  std::fill(head.begin(), head.begin() + kGroupHeaderBytes, std::byte{0});
  const Status cleared =
      slot->file->Write(slot->tail, head.data(), kGroupHeaderBytes);
  return cleared.ok() ? status : Status(Code::kIo, cleared.message());
}

Status Journal::SwitchFile() {
  const std::lock_guard lock(mutex_);
  Slot& current = slots_[static_cast<size_t>(current_)];
  Slot& other = slots_[static_cast<size_t>(1 - current_)];
  if (other.state != State::kFree) {
    return Status(Code::kBusy, "the other journal file is not freed yet");
  }
  current.state = State::kFull;
  other.state = State::kInUse;
  current_ = 1 - current_;
  switched_at_ = written_.load();
  return Status::Ok();
}

Status Journal::Sync() {
  std::array<Slot*, 2> dirty{};
  uint64_t sequence;
  {
    const std::lock_guard lock(mutex_);
    // The full file is the older one: its groups come before the others.
    Slot& current = slots_[static_cast<size_t>(current_)];
    Slot& other = slots_[static_cast<size_t>(1 - current_)];
    if (other.dirty) dirty[0] = &other;
    if (current.dirty) dirty[1] = &current;
    other.dirty = false;
    current.dirty = false;
    sequence = written_.load();
  }
  for (Slot* slot : dirty) {
    if (slot == nullptr) continue;
    if (Status status = slot->file->Sync(); !status.ok()) return status;
  }
  synced_ = std::max(synced_.load(), sequence);
  return Status::Ok();
}

Status Journal::Free() {
  Slot* full = nullptr;
  {
    const std::lock_guard lock(mutex_);
    for (Slot& slot : slots_) {
      if (slot.state == State::kFull) full = &slot;
    }
  }
  if (full == nullptr) return Status::Ok();
  // Its unsynced groups, if any, are durable in the files themselves, but the
  // sequence says so only when the caller syncs the journal next.
  if (Status status = StartEpoch(full, false); !status.ok()) return status;
  const std::lock_guard lock(mutex_);
  full->tail = kJournalHeaderAreaBytes;
  full->dirty = false;
  full->state = State::kFree;
  released_ = switched_at_;
  return Status::Ok();
}

Status Journal::ZeroAhead(bool* more) {
  *more = false;
  for (Slot& slot : slots_) {
    const std::lock_guard lock(zero_mutex_);
    if (slot.zeroed_end >= options_.file_bytes) continue;
    const uint64_t length =
        std::min(kZeroAheadBytes, options_.file_bytes - slot.zeroed_end);
    Status status = WriteZeros(slot.file.get(), slot.zeroed_end, length);
    if (status.ok()) slot.zeroed_end += length;
    *more = status.ok();
    return status;
  }
  return Status::Ok();
}

bool Journal::checkpoint_due() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
    return slot.state == State::kFull;
  });
}

uint64_t Journal::used_bytes() const {
  const std::lock_guard lock(mutex_);
  return slots_[static_cast<size_t>(current_)].tail - kJournalHeaderAreaBytes;
}

}  // namespace walrus
