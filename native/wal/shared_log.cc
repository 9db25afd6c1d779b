#include "wal/shared_log.h"

#include <vector>

#include "wal/format.h"

namespace walrus {

Status SharedLog::OpenReader(const std::string& name, NamedReader** reader) {
  if (name.empty() || name.size() > kReaderNameBytesMax) {
    return Status(Code::kInvalidInput,
                  "a reader's name has 1 to 249 bytes, not " +
                      std::to_string(name.size()));
  }
  const std::lock_guard lock(mutex_);
  std::unique_ptr<NamedReader>& place = readers_[name];
  if (place == nullptr) {
    place = std::make_unique<NamedReader>(wal_, log_, name);
  }
  *reader = place.get();
  return Status::Ok();
}

Status SharedLog::SaveReaders() {
  std::vector<NamedReader*> readers;
  {
    // Saving may wait for the disk; who opens a reader must not.
    const std::lock_guard lock(mutex_);
    for (const auto& [name, reader] : readers_) {
      readers.push_back(reader.get());
    }
  }
  Status first;
  for (NamedReader* reader : readers) {
    const Status status = reader->Save();
    if (first.ok()) first = status;
  }
  return first;
}

SharedLog* SharedLogs::Find(Log* log) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<SharedLog>& place = logs_[log];
  if (place == nullptr) place = std::make_unique<SharedLog>(wal_, log);
  return place.get();
}

Status SharedLogs::SaveReaders() {
  std::vector<SharedLog*> logs;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, log] : logs_) logs.push_back(log.get());
  }
  Status first;
  for (SharedLog* log : logs) {
    const Status status = log->SaveReaders();
    if (first.ok()) first = status;
  }
  return first;
}

}  // namespace walrus
