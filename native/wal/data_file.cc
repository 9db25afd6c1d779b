#include "wal/data_file.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace walrus {

namespace {

constexpr char kTmpSuffix[] = ".tmp";

bool ParseFileName(const std::string& name, uint64_t* file_id) {
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data(), end, *file_id);
  // A leading zero or sign would make two names for one id.
  return error == std::errc() && stop == end &&
         name == std::to_string(*file_id);
}

bool IsLeftOver(const std::string& name) {
  const size_t suffix = sizeof(kTmpSuffix) - 1;
  uint64_t file_id = 0;
  return name.size() > suffix && name.ends_with(kTmpSuffix) &&
         ParseFileName(name.substr(0, name.size() - suffix), &file_id);
}

// Whether a file that was opened again carries the header that it had.
Status CheckHeader(File& file, const std::string& path,
                   const FileHeader& header) {
  std::array<std::byte, kFileHeaderAreaBytes> area{};
  size_t bytes_read = 0;
  const Status status = file.Read(0, area.data(), area.size(), &bytes_read);
  if (!status.ok()) return status;
  FileHeader found;
  if (FileHeader::DecodeArea(area, &found) == Decoded::kOk && found == header) {
    return status;
  }
  return Status(Code::kIo,
                path + " has another header than when it was closed");
}

}  // namespace

std::string DataFileSet::PathOf(uint64_t file_id) const {
  return directory_ + "/" + std::to_string(file_id);
}

BoundedFile::Source DataFileSet::SourceOf(const FileHeader& header,
                                          OpenMode mode,
                                          bool header_is_good) const {
  const std::string path = PathOf(header.file_id);
  BoundedFile::Source source{&file_system_, path, mode, nullptr};
  if (header_is_good) {
    source.check = [path, header](File& file) {
      return CheckHeader(file, path, header);
    };
  }
  return source;
}

Status DataFileSet::OpenOne(const std::string& name, OpenMode mode,
                            DataFileReport* report) {
  std::unique_ptr<File> file;
  Status status = file_system_.Open(directory_ + "/" + name, mode, &file);
  if (!status.ok()) return status;
  std::array<std::byte, kFileHeaderAreaBytes> area{};
  size_t bytes_read = 0;
  status = file->Read(0, area.data(), area.size(), &bytes_read);
  if (!status.ok()) return status;
  uint64_t file_id = 0;
  (void)ParseFileName(name, &file_id);
  FileHeader header;
  const Decoded decoded = FileHeader::DecodeArea(area, &header);
  if (decoded == Decoded::kBadVersion) {
    return Status(Code::kInvalidInput,
                  "data file " + name + " has a version that is not known");
  }
  if (decoded != Decoded::kOk) {
    // Its blocks name their place themselves, so only the sizes are guessed,
    // and a wrong guess finds no block.
    report->unreadable.push_back(name);
    header.block_bytes = block_bytes_;
    header.blocks_per_file = blocks_per_file_;
    header.file_id = file_id;
    header.instance_id = instance_id_;
  } else if (header.instance_id != instance_id_) {
    return Status(Code::kInvalidInput,
                  "data file " + name + " belongs to another instance");
  } else if (header.file_id != file_id) {
    return Status(Code::kInvalidInput, "data file " + name + " was named " +
                                           std::to_string(header.file_id) +
                                           " when it was made");
  }
  uint64_t size = 0;
  status = file->Size(&size);
  if (!status.ok()) return status;
  if (decoded == Decoded::kOk && size < header.FileBytes()) {
    // A file gets its size before its name, so no crash leaves it shorter.
    report->notes.push_back("data file " + name + " was cut short: " +
                            std::to_string(header.FileBytes() - size) +
                            " bytes are missing");
  }
  const bool header_is_good = decoded == Decoded::kOk;
  const auto opened = std::make_shared<DataFile>(
      open_files_, SourceOf(header, mode, header_is_good), header);
  opened->keep_ = !header_is_good;
  FileUse use;
  status = opened->file_.Adopt(std::move(file), &use);
  if (status.ok()) files_[file_id] = opened;
  return status;
}

Status DataFileSet::LoadAll(OpenMode mode, DataFileReport* report) {
  std::vector<DirectoryEntry> entries;
  Status status = file_system_.ListDirectory(directory_, &entries);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  for (const DirectoryEntry& entry : entries) {
    uint64_t file_id = 0;
    if (entry.is_directory || !ParseFileName(entry.name, &file_id)) continue;
    status = OpenOne(entry.name, mode, report);
    if (!status.ok()) return status;
  }
  for (const std::string& name : report->unreadable) {
    report->notes.push_back("data file " + name +
                            ": both copies of its header are damaged; its "
                            "sizes were taken from the options");
  }
  if (files_.empty()) return Status::Ok();
  const std::shared_ptr<DataFile>& newest = files_.rbegin()->second;
  const FileHeader& header = newest->header();
  if (header.block_bytes == block_bytes_ &&
      header.blocks_per_file == blocks_per_file_ &&
      report->unreadable.empty()) {
    current_ = newest;
    return Pin(newest, &current_pin_);
  }
  return Status::Ok();
}

Status DataFileSet::RemoveLeftOvers() {
  std::vector<DirectoryEntry> entries;
  Status status = file_system_.ListDirectory(directory_, &entries);
  if (!status.ok()) return status;
  for (const DirectoryEntry& entry : entries) {
    if (entry.is_directory || !IsLeftOver(entry.name)) continue;
    status = file_system_.Remove(directory_ + "/" + entry.name);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

Status DataFileSet::SkipTakenNames(uint64_t* file_id) const {
  // What an earlier creation left when the disk was full must not be in the
  // way of this one, and is not replaced.
  while (true) {
    bool exists = false;
    bool unfinished = false;
    const std::string path = PathOf(*file_id);
    Status status = file_system_.Exists(path, &exists);
    if (status.ok()) {
      status = file_system_.Exists(path + kTmpSuffix, &unfinished);
    }
    if (!status.ok() || (!exists && !unfinished)) return status;
    ++*file_id;
  }
}

// A new file under its name, synced.
Status DataFileSet::MakeFile(const FileHeader& header,
                             std::unique_ptr<File>* handle) {
  const std::string path = PathOf(header.file_id);
  Status status =
      file_system_.Open(path + kTmpSuffix, OpenMode::kCreateNew, handle);
  if (!status.ok()) return status;
  std::array<std::byte, kFileHeaderAreaBytes> area{};
  header.EncodeAreaTo(area.data());
  status = (*handle)->Write(0, area.data(), area.size());
  // The full (sparse) size now, so that later syncs write no file size.
  if (status.ok()) status = (*handle)->Truncate(header.FileBytes());
  if (status.ok()) status = (*handle)->Sync();
  if (status.ok()) status = file_system_.Rename(path + kTmpSuffix, path);
  if (!status.ok()) {
    handle->reset();
    // It never held data; at the next opening it is removed in any case.
    const Status removed = file_system_.Remove(path + kTmpSuffix);
    if (!removed.ok() && removed.code() != Code::kIo) return removed;
    return status;
  }
  return file_system_.SyncDirectory(directory_);
}

Status DataFileSet::Create(std::shared_ptr<PinnedFile>* pin) {
  FileHeader header;
  header.block_bytes = block_bytes_;
  header.blocks_per_file = blocks_per_file_;
  header.instance_id = instance_id_;
  header.file_id = file_system_.NowMs();
  if (!files_.empty()) {
    header.file_id = std::max(header.file_id, files_.rbegin()->first + 1);
  }
  Status status = SkipTakenNames(&header.file_id);
  std::unique_ptr<File> handle;
  if (status.ok()) status = MakeFile(header, &handle);
  if (!status.ok()) return status;
  auto made = std::make_shared<PinnedFile>();
  made->file = std::make_shared<DataFile>(
      open_files_, SourceOf(header, OpenMode::kExisting, true), header);
  status = made->file->file_.Adopt(std::move(handle), &made->use);
  if (!status.ok()) return status;
  files_[header.file_id] = made->file;
  *pin = std::move(made);
  return status;
}

Status DataFileSet::Pin(const std::shared_ptr<DataFile>& file,
                        std::shared_ptr<PinnedFile>* pin) {
  auto made = std::make_shared<PinnedFile>();
  made->file = file;
  const Status status = file->Use(&made->use);
  if (status.ok()) *pin = std::move(made);
  return status;
}

Status DataFileSet::Allocate(uint32_t count, UnitRange* range) {
  const std::lock_guard lock(mutex_);
  if (current_ == nullptr ||
      current_->header_.blocks_per_file - current_->next_unit_ < count) {
    std::shared_ptr<PinnedFile> created;
    const Status status = Create(&created);
    if (!status.ok()) return status;
    const std::shared_ptr<DataFile> full = std::move(current_);
    current_ = created->file;
    current_pin_ = std::move(created);
    // An old file without blocks was only kept because it was the newest. The
    // reclaimer removes it: unlinking may take long.
    if (full != nullptr && full->blocks_in_use_ == 0) has_empty_ = true;
  }
  range->file = current_;
  range->pin = current_pin_;
  range->unit = current_->next_unit_;
  range->count = count;
  current_->next_unit_ += count;
  current_->blocks_in_use_ += 1;
  return Status::Ok();
}

void DataFileSet::UndoAllocate(const UnitRange& range) {
  const std::lock_guard lock(mutex_);
  range.file->blocks_in_use_ -= 1;
  if (range.file->next_unit_ == range.unit + range.count) {
    range.file->next_unit_ = range.unit;
  }
}

void DataFileSet::NoteUsed(const std::shared_ptr<DataFile>& file, uint32_t unit,
                           uint32_t count) {
  const std::lock_guard lock(mutex_);
  file->blocks_in_use_ += 1;
  file->next_unit_ = std::max(file->next_unit_, unit + count);
}

void DataFileSet::Keep(const std::shared_ptr<DataFile>& file, uint32_t unit) {
  const std::lock_guard lock(mutex_);
  file->keep_ = true;
  file->next_unit_ = std::max(file->next_unit_, unit);
}

bool DataFileSet::IsRemovableLocked(const DataFile& file) const {
  // The newest stays also when units come from nowhere yet: it carries the
  // highest name.
  return file.blocks_in_use_ == 0 && !file.keep_ && &file != current_.get() &&
         file.id() != files_.rbegin()->first;
}

Status DataFileSet::Free(const std::shared_ptr<DataFile>& file, uint32_t unit,
                         uint32_t count, uint64_t* removed) {
  const FileHeader& header = file->header();
  {
    std::unique_lock lock(mutex_);
    file->blocks_in_use_ -= 1;
    if (IsRemovableLocked(*file)) {
      files_.erase(file->id());
      lock.unlock();
      const Status status = file_system_.Remove(PathOf(file->id()));
      if (status.ok()) ++*removed;
      return status;
    }
    // It counts until its space is gone.
    file->blocks_in_use_ += 1;
  }
  FileUse use;
  Status status = file->Use(&use);
  if (!status.ok()) return status;
  status = use.file().PunchHole(header.UnitPosition(unit),
                                uint64_t{count} * header.block_bytes);
  file->MarkDirty();
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  file->blocks_in_use_ -= 1;
  // It may have stopped being the newest meanwhile.
  if (IsRemovableLocked(*file)) has_empty_ = true;
  return status;
}

Status DataFileSet::FreeWhole(const std::shared_ptr<DataFile>& file,
                              uint32_t count, bool* done, uint64_t* removed) {
  *done = false;
  {
    const std::lock_guard lock(mutex_);
    if (file->blocks_in_use_ != count) return Status::Ok();
    file->blocks_in_use_ = 0;
    if (!IsRemovableLocked(*file)) {
      file->blocks_in_use_ = count;
      return Status::Ok();
    }
    files_.erase(file->id());
  }
  *done = true;
  const Status status = file_system_.Remove(PathOf(file->id()));
  if (status.ok()) ++*removed;
  return status;
}

Status DataFileSet::RemoveEmpty(uint64_t* removed) {
  std::vector<std::shared_ptr<DataFile>> empty;
  {
    const std::lock_guard lock(mutex_);
    has_empty_ = false;
    for (const auto& [id, file] : files_) {
      if (IsRemovableLocked(*file)) empty.push_back(file);
    }
    for (const std::shared_ptr<DataFile>& file : empty) {
      files_.erase(file->id());
    }
  }
  for (const std::shared_ptr<DataFile>& file : empty) {
    const Status status = file_system_.Remove(PathOf(file->id()));
    if (!status.ok()) return status;
    ++*removed;
  }
  return Status::Ok();
}

std::shared_ptr<DataFile> DataFileSet::Find(uint64_t file_id) const {
  const std::lock_guard lock(mutex_);
  const auto place = files_.find(file_id);
  return place == files_.end() ? nullptr : place->second;
}

std::vector<std::shared_ptr<DataFile>> DataFileSet::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<DataFile>> all;
  for (const auto& [id, file] : files_) all.push_back(file);
  return all;
}

}  // namespace walrus
