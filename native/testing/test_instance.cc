#include "testing/test_instance.h"

#include <unistd.h>

#include <filesystem>

#include "wal/batch_records.h"

namespace walrus {

std::string ModeName(FsyncMode mode) {
  if (mode == FsyncMode::kSyncEach) return "SyncEach";
  return mode == FsyncMode::kMilliseconds ? "Milliseconds" : "NoFsync";
}

Options SmallOptions(FileSystem* file_system, FsyncMode mode) {
  Options options;
  options.directory = "/wal";
  options.fsync_mode = mode;
  options.fsync_interval_ms = 60'000;
  options.block_bytes = 4096;
  options.blocks_per_file = 4;
  options.journal_bytes = 64 << 10;
  options.file_system = file_system;
  return options;
}

std::string BackendText(Backend backend) {
  if (backend == Backend::kMmap) return "Mmap";
  return backend == Backend::kFd ? "Fd" : "Uring";
}

std::string SetupName(const TestSetup& setup) {
  return ModeName(setup.mode) + BackendText(setup.backend);
}

Options SmallOptions(FileSystem* file_system, const TestSetup& setup) {
  Options options = SmallOptions(file_system, setup.mode);
  options.backend = setup.backend;
  options.mapped_windows = {8 << 10, 4 << 10, 8 << 10, 3};
  return options;
}

std::string OwnTempPath(const std::string& name) {
  const std::string own = "walrus-" + std::to_string(::getpid()) + "-" + name;
  return (std::filesystem::temp_directory_path() / own).string();
}

LogId TestLogId(uint8_t topic, uint32_t partition) {
  LogId id;
  id.topic_id.fill(topic);
  id.partition = partition;
  return id;
}

void RecordingObserver::Note(char call, const Status& status) {
  const std::lock_guard lock(mutex_);
  calls_ += call;
  if (call == 'w') return;
  status_ = status;
  done_.notify_all();
}

void RecordingObserver::OnWritten() { Note('w', Status::Ok()); }
void RecordingObserver::OnSynced() { Note('s', Status::Ok()); }
void RecordingObserver::OnFailed(const Status& status) { Note('f', status); }

Status RecordingObserver::Wait() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return !calls_.empty() && calls_.back() != 'w'; });
  return status_;
}

std::string RecordingObserver::calls() {
  const std::lock_guard lock(mutex_);
  return calls_;
}

bool RecordingObserver::written() {
  return calls().find('w') != std::string::npos;
}

bool RecordingObserver::synced() {
  return calls().find('s') != std::string::npos;
}

bool RecordingObserver::failed() {
  return calls().find('f') != std::string::npos;
}

Status TestInstance::Open() { return Wal::Open(options_, &wal_); }

Status TestInstance::Close() {
  const Status status = wal_->Close();
  wal_.reset();
  return status;
}

Log* TestInstance::OpenLog(uint8_t topic, uint32_t partition) {
  Log* log = nullptr;
  return wal_->OpenLog(TestLogId(topic, partition), &log).ok() ? log : nullptr;
}

Status TestInstance::Append(uint8_t topic, const Values& values,
                            AppendResult* result) {
  return AppendCall(topic, {values}, result);
}

Status TestInstance::AppendCall(uint8_t topic,
                                const std::vector<Values>& batches,
                                AppendResult* result) {
  AppendResult unused;
  std::vector<Bytes> bytes;
  std::vector<iovec> chunks;
  for (const Values& values : batches) bytes.push_back(MakeBatch(values, 1000));
  for (Bytes& batch : bytes) chunks.push_back({batch.data(), batch.size()});
  return wal_->AppendSync(OpenLog(topic), chunks,
                          result == nullptr ? &unused : result);
}

Status TestInstance::Read(uint8_t topic, uint64_t offset, size_t max_bytes,
                          Bytes* bytes) {
  size_t size = 0;
  bytes->clear();
  const Status status = wal_->Read(
      OpenLog(topic), offset, max_bytes,
      [bytes](size_t wanted) {
        bytes->resize(wanted);
        return bytes->data();
      },
      &size);
  bytes->resize(status.ok() ? size : 0);
  return status;
}

Status TestInstance::ReadAll(uint8_t topic, uint64_t offset, Values* values) {
  values->clear();
  while (true) {
    Bytes bytes;
    Status status = Read(topic, offset, 1 << 20, &bytes);
    if (!status.ok() || bytes.empty()) return status;
    status = ValuesOf(bytes, &offset, values);
    if (!status.ok()) return status;
  }
}

LogSnapshot TestInstance::Info(uint8_t topic) {
  return wal_->Info(OpenLog(topic));
}

Status ValuesOf(const Bytes& bytes, uint64_t* next_offset, Values* values) {
  std::span<const std::byte> rest(bytes);
  while (!rest.empty()) {
    BatchHeader header;
    if (VerifyBatch(rest, &header) != BatchDefect::kNone) {
      return Status(Code::kCorrupt, "the engine returned a bad batch");
    }
    const std::span<const std::byte> batch = rest.first(header.TotalBytes());
    rest = rest.subspan(header.TotalBytes());
    RecordWalker walker(batch);
    BatchRecord record;
    while (walker.Next(&record)) {
      if (record.offset < *next_offset) continue;
      if (record.offset != *next_offset) {
        return Status(Code::kCorrupt, "offsets are not dense");
      }
      values->emplace_back(reinterpret_cast<const char*>(record.value.data()),
                           record.value.size());
      ++*next_offset;
    }
  }
  return Status::Ok();
}

}  // namespace walrus
