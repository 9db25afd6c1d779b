// Several operations at once, for file systems that have no better way than one
// after another.
#include "wal/file_system.h"

namespace walrus {

Status File::Map(uint64_t, uint64_t, std::unique_ptr<MappedRegion>*) {
  return Status(Code::kInvalidInput, "files cannot be mapped here");
}

Status FileSystem::FileUse(const std::string& path, uint64_t* apparent_bytes,
                           uint64_t* real_bytes) {
  std::unique_ptr<File> file;
  Status status = Open(path, OpenMode::kReadOnly, &file);
  if (status.ok()) status = file->Size(apparent_bytes);
  *real_bytes = *apparent_bytes;
  return status;
}

Status FileSystem::WriteMany(std::span<const FileWrite> writes) {
  for (const FileWrite& write : writes) {
    const Status status = write.file->WriteV(write.position, write.parts);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

Status FileSystem::ReadMany(std::span<FileRead> reads) {
  for (FileRead& read : reads) {
    const Status status =
        read.file->ReadV(read.position, read.parts, &read.bytes_read);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

void FileSystem::SyncMany(std::span<FileSync> syncs) {
  Status failure;
  for (FileSync& sync : syncs) {
    sync.status = failure.ok() ? sync.file->Sync() : failure;
    if (failure.ok()) failure = sync.status;
  }
}

}  // namespace walrus
