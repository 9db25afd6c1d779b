#include "wal/journal_replay.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "wal/journal_group.h"

namespace walrus {
namespace {

// What is read at once when looking for group headers.
constexpr size_t kScanBytes = 1 << 20;

struct FoundGroup {
  GroupHeader header;
  uint64_t position = 0;
  bool after_gap = false;  // something before it in its file is not whole
};

struct JournalFile {
  std::string name;
  std::unique_ptr<File> file;
  uint64_t size = 0;
  JournalHeader header;
  std::vector<FoundGroup> groups;
};

// The sequence with which the journal should begin, going by its first group:
// its own, or, with something damaged before it, at least the one before.
uint64_t FirstExpected(const FoundGroup& group) {
  const uint64_t sequence = group.header.sequence;
  return group.after_gap && sequence > 1 ? sequence - 1 : sequence;
}

// Reads, judges and applies. One per replay.
class Replay {
 public:
  Replay(FileSystem& file_system, const InstanceId& instance_id,
         JournalTarget* target, JournalReplayReport* report)
      : file_system_(file_system),
        instance_id_(instance_id),
        target_(*target),
        report_(*report) {}

  Status Run(const std::string& directory);

 private:
  Status OpenFile(const std::string& directory, int index);
  Status ChooseHeader(std::span<const std::byte> area, JournalFile* file,
                      bool* usable);
  Status FindGroups(JournalFile* file);
  Status FindNextHeader(JournalFile* file, uint64_t* position,
                        GroupHeader* header, bool* found);
  Status LoadGroup(JournalFile* file, uint64_t position,
                   const GroupHeader& header, bool* whole);
  Status ApplyInOrder();
  Status ApplyGroup(JournalFile* file, const FoundGroup& group);
  Status Apply(const LoadedEntry& loaded);
  Status ApplyRun(const LoadedEntry& loaded);
  Status ApplyBlockHeader(const LoadedEntry& loaded);
  Status Write(const LoadedEntry& loaded);
  void NoteCorrupt(std::string note) {
    report_.corrupt = true;
    report_.notes.push_back(std::move(note));
  }

  FileSystem& file_system_;
  const InstanceId& instance_id_;
  JournalTarget& target_;
  JournalReplayReport& report_;
  std::vector<JournalFile> files_;
  std::optional<CursorFileHeader> cursor_header_;
  std::vector<std::byte> group_bytes_;
  std::vector<LoadedEntry> entries_;
};

Status Replay::Run(const std::string& directory) {
  Status status = target_.ReadCursorHeader(&cursor_header_);
  for (int i = 0; i < 2 && status.ok(); ++i) status = OpenFile(directory, i);
  std::sort(files_.begin(), files_.end(), [](const auto& a, const auto& b) {
    return a.header.epoch < b.header.epoch;
  });
  for (JournalFile& file : files_) {
    if (status.ok() && !file.header.closed) status = FindGroups(&file);
  }
  return status.ok() ? ApplyInOrder() : status;
}

Status Replay::OpenFile(const std::string& directory, int index) {
  JournalFile file;
  file.name = "journal." + std::to_string(index);
  const std::string path = directory + "/" + file.name;
  bool exists;
  Status status = file_system_.Exists(path, &exists);
  if (!status.ok() || !exists) return status;
  status = file_system_.Open(path, OpenMode::kReadOnly, &file.file);
  if (status.ok()) status = file.file->Size(&file.size);
  if (!status.ok()) return status;
  std::vector<std::byte> area(kJournalHeaderAreaBytes);
  size_t bytes_read;
  status = file.file->Read(0, area.data(), area.size(), &bytes_read);
  if (!status.ok()) return status;
  report_.bytes_read += bytes_read;
  bool usable = false;
  status = ChooseHeader(area, &file, &usable);
  if (status.ok() && usable) files_.push_back(std::move(file));
  return status;
}

Status Replay::ChooseHeader(std::span<const std::byte> area, JournalFile* file,
                            bool* usable) {
  *usable = false;
  for (const size_t position : {size_t{0}, kJournalHeaderCopyPosition}) {
    JournalHeader header;
    const Decoded judged =
        JournalHeader::Decode(area.subspan(position), &header);
    if (judged == Decoded::kBadVersion) {
      return Status(Code::kInvalidInput,
                    file->name + " was written by a newer version");
    }
    if (judged == Decoded::kOk &&
        (!*usable || header.epoch > file->header.epoch)) {
      file->header = header;
      *usable = true;
    }
  }
  if (*usable && file->header.instance_id != instance_id_) {
    NoteCorrupt(file->name + " is of another instance; not replayed");
    *usable = false;
  } else if (!*usable && !IsZero(area.subspan(kJournalHeaderCopyPosition,
                                              kJournalHeaderBytes))) {
    // The second copy is written once the first is synced, so that a crash
    // never leaves two bad ones.
    NoteCorrupt("both headers of " + file->name + " are damaged");
  }
  return Status::Ok();
}

Status Replay::FindGroups(JournalFile* file) {
  uint64_t position = kJournalHeaderAreaBytes;
  bool after_gap = false;
  while (true) {
    GroupHeader header;
    const uint64_t expected = position;
    bool found = false;
    Status status = FindNextHeader(file, &position, &header, &found);
    if (!status.ok() || !found) return status;
    after_gap = after_gap || position != expected;
    bool whole = false;
    status = LoadGroup(file, position, header, &whole);
    if (!status.ok()) return status;
    if (!whole) {
      after_gap = true;
      position += kJournalAlignment;
      continue;
    }
    file->groups.push_back({header, position, after_gap});
    after_gap = false;
    position += AlignUp(header.length, kJournalAlignment);
  }
}

Status Replay::FindNextHeader(JournalFile* file, uint64_t* position,
                              GroupHeader* header, bool* found) {
  *found = false;
  std::vector<std::byte> window;
  while (*position + kJournalAlignment <= file->size) {
    // The first page alone: mostly the header is there.
    window.resize(window.empty() ? kJournalAlignment : kScanBytes);
    size_t bytes_read;
    Status status =
        file->file->Read(*position, window.data(), window.size(), &bytes_read);
    if (!status.ok()) return status;
    report_.bytes_read += bytes_read;
    if (bytes_read < kJournalAlignment) return Status::Ok();
    for (size_t at = 0; at + kJournalAlignment <= bytes_read;
         at += kJournalAlignment, *position += kJournalAlignment) {
      if (GroupHeader::Decode(std::span(window).subspan(at), header) ==
              Decoded::kOk &&
          header->epoch == file->header.epoch &&
          header->tag == file->header.tag) {
        *found = true;
        return Status::Ok();
      }
    }
  }
  return Status::Ok();
}

Status Replay::LoadGroup(JournalFile* file, uint64_t position,
                         const GroupHeader& header, bool* whole) {
  *whole = false;
  if (header.length > file->size - position) return Status::Ok();
  group_bytes_.resize(header.length);
  size_t bytes_read;
  Status status = file->file->Read(position, group_bytes_.data(),
                                   group_bytes_.size(), &bytes_read);
  if (!status.ok()) return status;
  report_.bytes_read += bytes_read;
  *whole = bytes_read == header.length &&
           ReadGroup(header, group_bytes_, cursor_header_, &entries_);
  return Status::Ok();
}

Status Replay::ApplyInOrder() {
  // The highest sequence that anything in the journal knows synced.
  uint64_t synced = 0;
  for (const JournalFile& file : files_) {
    for (const FoundGroup& group : file.groups) {
      synced = std::max(synced, group.header.synced_sequence);
    }
  }
  uint64_t next = 0;  // 0: not known yet
  for (JournalFile& file : files_) {
    for (const FoundGroup& group : file.groups) {
      const uint64_t sequence = group.header.sequence;
      if (next == 0) next = FirstExpected(group);
      if (sequence < next) continue;
      if (sequence != next) {
        if (synced < next) return Status::Ok();
        NoteCorrupt("groups " + std::to_string(next) + " to " +
                    std::to_string(sequence - 1) + " of " + file.name +
                    " are damaged");
      }
      if (Status status = ApplyGroup(&file, group); !status.ok()) {
        return status;
      }
      next = sequence + 1;
    }
  }
  if (next != 0 && next <= synced) {
    NoteCorrupt("group " + std::to_string(next) + " is damaged");
  }
  return Status::Ok();
}

Status Replay::ApplyGroup(JournalFile* file, const FoundGroup& group) {
  bool whole;
  Status status = LoadGroup(file, group.position, group.header, &whole);
  if (!status.ok()) return status;
  if (!whole) {
    return Status(Code::kIo, file->name + " read differently a second time");
  }
  for (const LoadedEntry& loaded : entries_) {
    status = Apply(loaded);
    if (!status.ok()) return status;
  }
  ++report_.groups;
  return status;
}

Status Replay::Apply(const LoadedEntry& loaded) {
  switch (loaded.entry.kind) {
    case EntryKind::kRun:
      return ApplyRun(loaded);
    case EntryKind::kBlockHeader:
      return ApplyBlockHeader(loaded);
    case EntryKind::kCursorRecords:
      break;
  }
  if (!cursor_header_ || cursor_header_->generation != loaded.entry.file_id) {
    ++report_.skipped;
    return Status::Ok();
  }
  ++report_.applied;
  return target_.WriteCursorFile(loaded.entry.position, loaded.bytes);
}

Status Replay::ApplyRun(const LoadedEntry& loaded) {
  CommitFrame frame;
  if (CommitFrame::Decode(loaded.bytes.last(kFrameBytes), &frame) !=
      Decoded::kOk) {
    return Status(Code::kIo, "a frame changed in memory");
  }
  bool file_exists = false;
  std::optional<BlockHeader> header;
  Status status = target_.ReadBlockHeader(
      loaded.entry.file_id, loaded.entry.position - frame.run_position,
      &file_exists, &header);
  if (!status.ok()) return status;
  if (!file_exists || !header || header->block_id != frame.block_id ||
      header->tag != frame.tag) {
    ++report_.skipped;
    return status;
  }
  return Write(loaded);
}

Status Replay::ApplyBlockHeader(const LoadedEntry& loaded) {
  BlockHeader journaled;
  if (BlockHeader::Decode(loaded.bytes, &journaled) != Decoded::kOk) {
    return Status(Code::kIo, "a block header changed in memory");
  }
  bool file_exists = false;
  std::optional<BlockHeader> present;
  Status status = target_.ReadBlockHeader(
      loaded.entry.file_id, loaded.entry.position, &file_exists, &present);
  if (!status.ok()) return status;
  // The same id: it is there already, perhaps with checkpoints beside it.
  if (!file_exists || (present && present->block_id >= journaled.block_id)) {
    ++report_.skipped;
    return status;
  }
  return Write(loaded);
}

Status Replay::Write(const LoadedEntry& loaded) {
  ++report_.applied;
  return target_.Write(loaded.entry.file_id, loaded.entry.position,
                       loaded.bytes);
}

}  // namespace

Status ReplayJournal(FileSystem& file_system, const std::string& directory,
                     const InstanceId& instance_id, JournalTarget* target,
                     JournalReplayReport* report) {
  *report = JournalReplayReport();
  return Replay(file_system, instance_id, target, report).Run(directory);
}

}  // namespace walrus
