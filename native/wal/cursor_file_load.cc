// Opening a cursor file: telling torn from corrupt, cutting, setting aside.
#include <algorithm>
#include <utility>

#include "wal/cursor_file.h"

namespace walrus {
namespace {

struct FoundRecord {
  uint64_t position = 0;
  CursorRecord record;
};

Status ReadWhole(File* file, std::vector<std::byte>* bytes) {
  uint64_t size;
  if (Status status = file->Size(&size); !status.ok()) return status;
  bytes->resize(size);
  size_t bytes_read;
  Status status = file->Read(0, bytes->data(), size, &bytes_read);
  bytes->resize(bytes_read);
  return status;
}

// Every whole record from `position` on, at whatever aligned place.
std::vector<FoundRecord> FindRecords(std::span<const std::byte> bytes,
                                     uint64_t position, const Tag& tag) {
  std::vector<FoundRecord> found;
  while (position < bytes.size()) {
    FoundRecord candidate;
    candidate.position = position;
    if (CursorRecord::Decode(bytes.subspan(position), tag, &candidate.record) ==
        Decoded::kOk) {
      position += candidate.record.EncodedBytes();
      found.push_back(std::move(candidate));
    } else {
      position += kCursorRecordAlignment;
    }
  }
  return found;
}

}  // namespace

Status CursorFile::ReadHeader(FileSystem& file_system,
                              const std::string& directory,
                              std::optional<CursorFileHeader>* header) {
  header->reset();
  const std::string path = directory + "/" + kCursorFileName;
  bool exists;
  Status status = file_system.Exists(path, &exists);
  if (!status.ok() || !exists) return status;
  std::unique_ptr<File> file;
  status = file_system.Open(path, OpenMode::kReadOnly, &file);
  if (!status.ok()) return status;
  std::array<std::byte, kCursorFileHeaderAreaBytes> area{};
  size_t bytes_read;
  status = file->Read(0, area.data(), area.size(), &bytes_read);
  if (!status.ok()) return status;
  CursorFileHeader found;
  if (CursorFileHeader::DecodeArea(std::span(area).first(bytes_read), &found) ==
      Decoded::kOk) {
    *header = found;
  }
  return Status::Ok();
}

Status CursorFile::Load(FileSystem& file_system, const std::string& directory,
                        const InstanceId& instance_id,
                        std::unique_ptr<CursorFile>* cursors,
                        CursorLoadReport* report) {
  *report = CursorLoadReport();
  std::unique_ptr<CursorFile> loaded(
      new CursorFile(file_system, directory, instance_id));
  const std::string path = loaded->Path();

  // A compaction that did not come to its rename: the file in use is whole.
  bool exists;
  Status status = file_system.Exists(path + ".tmp", &exists);
  if (status.ok() && exists) status = file_system.Remove(path + ".tmp");
  if (status.ok()) status = file_system.Exists(path, &exists);
  if (!status.ok()) return status;
  if (!exists) {
    report->created = true;
    status = loaded->WriteNewFile(1, {});
  } else {
    std::unique_ptr<File> file;
    status = file_system.Open(path, OpenMode::kExisting, &file);
    if (!status.ok()) return status;
    loaded->file_ = std::move(file);
    std::vector<std::byte> bytes;
    status = ReadWhole(loaded->file_.get(), &bytes);
    if (status.ok()) status = loaded->LoadFrom(bytes, report);
  }
  // Nobody was told anything yet that a fence would have to protect.
  if (status.code() == Code::kFenced) {
    status = Status(Code::kIo, status.message());
  }
  if (!status.ok()) return status;
  *cursors = std::move(loaded);
  return Status::Ok();
}

Status CursorFile::LoadFrom(std::span<const std::byte> bytes,
                            CursorLoadReport* report) {
  const Decoded judged = CursorFileHeader::DecodeArea(bytes, &header_);
  if (judged == Decoded::kBadVersion) {
    return Status(Code::kInvalidInput,
                  Path() + " was written by a newer version");
  }
  if (judged == Decoded::kOk && header_.instance_id != instance_id_) {
    return Status(Code::kInvalidInput, Path() + " is of another instance");
  }
  if (judged != Decoded::kOk) {
    // Both copies are gone, and with them the seed of the records' checksums.
    // The clock gives a generation that no journal can name.
    report->corrupt_bytes = bytes.size();
    const uint64_t generation = file_system_.NowMs();
    const Status status = Quarantine(bytes, report);
    return status.ok() ? WriteNewFile(generation, {}) : status;
  }
  LoadRecords(bytes, report);
  if (report->corrupt_bytes > 0) {
    const Status status = Quarantine(bytes, report);
    return status.ok() ? Compact() : status;
  }
  synced_sequence_ = std::max(synced_sequence_, header_.base_records);
  if (report->torn_bytes == 0) return Status::Ok();
  return CutBack();
}

void CursorFile::LoadRecords(std::span<const std::byte> bytes,
                             CursorLoadReport* report) {
  const std::vector<FoundRecord> found =
      FindRecords(bytes, kCursorFileHeaderAreaBytes, header_.tag);
  // synced_by_rest[i]: the highest sequence that records i, i+1, … know synced.
  std::vector<uint32_t> synced_by_rest(found.size() + 1, header_.base_records);
  for (size_t i = found.size(); i > 0; --i) {
    synced_by_rest[i - 1] =
        std::max(synced_by_rest[i], found[i - 1].record.synced_sequence);
  }
  tail_ = kCursorFileHeaderAreaBytes;
  size_t next = 0;
  for (; next < found.size(); ++next) {
    const CursorRecord& record = found[next].record;
    const bool follows =
        found[next].position == tail_ && record.sequence == last_sequence_ + 1;
    if (!follows) {
      // The record after the last good one is missing. Unless it was synced,
      // it and all that follows were never promised to anyone.
      if (synced_by_rest[next] <= last_sequence_) break;
      if (record.sequence <= last_sequence_) continue;
      report->corrupt_bytes +=
          std::max<uint64_t>(found[next].position - tail_, 1);
    }
    state_.Apply({record.type, record.log, record.name, record.value});
    last_sequence_ = record.sequence;
    tail_ = found[next].position + record.EncodedBytes();
    ++report->records;
    report->clean_close = record.type == CursorRecordType::kCleanClose;
  }
  const uint64_t rest = bytes.size() - tail_;
  if (synced_by_rest[next] > last_sequence_) {
    // Records at the end that were synced with the header are gone.
    report->corrupt_bytes += std::max<uint64_t>(rest, 1);
  } else {
    report->torn_bytes = rest;
  }
}

Status CursorFile::Quarantine(std::span<const std::byte> bytes,
                              CursorLoadReport* report) {
  const std::string folder = directory_ + "/" + kQuarantineName;
  Status status = file_system_.CreateDirectories(folder);
  if (!status.ok()) return status;
  std::unique_ptr<File> file;
  std::string path;
  for (uint64_t mark = file_system_.NowMs();; ++mark) {
    path = folder + "/" + kCursorFileName + "." + std::to_string(mark);
    status = file_system_.Open(path, OpenMode::kCreateNew, &file);
    if (status.code() != Code::kInvalidInput) break;
  }
  if (status.ok()) status = file->Write(0, bytes.data(), bytes.size());
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file_system_.SyncDirectory(folder);
  if (status.ok()) report->quarantine_path = path;
  return status;
}

}  // namespace walrus
