#include "wal/wal_engine.h"

#include <algorithm>
#include <utility>

namespace walrus {

namespace {

constexpr uint64_t kPageBytes = 4096;

CommitterParts PartsOf(FileSystem* file_system, DataFileSet* files,
                       CursorFile* cursors, Journal* journal,
                       RunTableCache* tables, SpaceListener* space,
                       ProducerCensus* producers, InstanceLock* lock,
                       uint64_t next_block_id, uint32_t leader_epoch) {
  CommitterParts parts;
  parts.file_system = file_system;
  parts.files = files;
  parts.cursors = cursors;
  parts.journal = journal;
  parts.tables = tables;
  parts.space = space;
  parts.producers = producers;
  parts.on_fence = [lock] {
    // A disk that does not take this either leaves what the fence says.
    (void)lock->DistrustCache();
  };
  parts.next_block_id = next_block_id;
  parts.leader_epoch = leader_epoch;
  return parts;
}

}  // namespace

WalEngine::WalEngine(OpenedBackend backend, const Options& options,
                     std::unique_ptr<InstanceLock> lock,
                     RecoveredInstance instance)
    : backend_(std::move(backend)),
      file_system_(*backend_.file_system),
      options_(options),
      lock_(std::move(lock)),
      instance_id_(instance.instance_id),
      found_corrupt_(instance.found_corrupt),
      report_(std::move(instance.report)),
      files_(std::move(instance.files)),
      cursors_(std::move(instance.cursors)),
      journal_(std::move(instance.journal)),
      leader_epoch_(instance.leader_epoch),
      producers_(std::move(instance.producers)),
      tables_(options.run_table_bytes_max),
      reader_(&tables_),
      committer_(options_, PartsOf(&file_system_, files_.get(), cursors_.get(),
                                   journal_.get(), &tables_, &reclaimer_,
                                   producers_.get(), lock_.get(),
                                   instance.next_block_id, leader_epoch_)),
      reclaimer_({&file_system_, options.directory, files_.get(),
                  cursors_.get(), journal_.get(), &tables_, &committer_}),
      pool_(options.reader_threads),
      logs_(std::move(instance.logs)) {}

WalEngine::~WalEngine() {
  // An error of a destructor has nobody to go to; Close() is there for those
  // who want to know.
  if (!closed_) (void)Close();
}

void WalEngine::Start() {
  committer_.Start(AllLogs());
  if (producers_->is_over()) producers_->Evict();
  // What readers had passed when the instance was last left.
  for (Log* log : AllLogs()) reclaimer_.OnReadersMoved(log);
}

const RecoveryReport& WalEngine::recovery_report() const { return report_; }

Status WalEngine::CheckOpen() const {
  if (closed_) return Status(Code::kClosed, "the instance is closed");
  return Status::Ok();
}

Status WalEngine::OpenLog(const LogId& id, Log** log) {
  const Status status = CheckOpen();
  if (!status.ok()) return status;
  {
    const std::shared_lock lock(logs_mutex_);
    const auto place = logs_.find(id);
    if (place != logs_.end()) {
      *log = place->second.get();
      return status;
    }
  }
  const std::unique_lock lock(logs_mutex_);
  std::unique_ptr<Log>& place = logs_[id];
  if (place == nullptr) {
    place =
        std::make_unique<Log>(id, options_.fsync_mode == FsyncMode::kSyncEach);
    const std::optional<ReclaimRule> rule = cursors_->Rule(id);
    place->rule = rule.value_or(options_.reclaim_rule);
    place->rule_recorded = rule.has_value();
  }
  *log = place.get();
  return status;
}

std::vector<Log*> WalEngine::AllLogs() const {
  const std::shared_lock lock(logs_mutex_);
  std::vector<Log*> all;
  all.reserve(logs_.size());
  for (const auto& [id, log] : logs_) all.push_back(log.get());
  return all;
}

Log* WalEngine::FindLog(const LogId& id) const {
  const std::shared_lock lock(logs_mutex_);
  const auto place = logs_.find(id);
  return place == logs_.end() ? nullptr : place->second.get();
}

std::vector<LogSnapshot> WalEngine::ListLogs() const {
  std::vector<LogSnapshot> infos;
  for (const Log* log : AllLogs()) infos.push_back(Info(log));
  return infos;
}

LogSnapshot WalEngine::Info(const Log* log) const {
  LogSnapshot info;
  info.id = log->id;
  info.leader_epoch = leader_epoch_;
  // First: it only grows ahead of the ends below.
  info.next_offset = committer_.NextOffset(log);
  const std::lock_guard lock(log->mutex);
  info.start_offset = log->start_offset;
  info.written_end = log->written_end;
  info.synced_end = log->synced_end;
  info.readable_end = log->ReadableEndLocked();
  info.next_offset = std::max(info.next_offset, log->written_end);
  info.corrupt_offset = log->corrupt_offset;
  info.reclaim_rule = log->rule;
  info.blocks = log->blocks.size();
  for (const std::shared_ptr<Block>& block : log->blocks) {
    info.stored_bytes += block->used;
    // A seal stands behind what is used.
    const uint64_t end =
        block->used + (block->sealed ? block->bytes - block->RunsEnd() : 0);
    info.disk_bytes += AlignUp(end, kPageBytes);
  }
  return info;
}

void WalEngine::Watch(Log* log) {
  const std::lock_guard lock(log->mutex);
  ++log->watcher_count;
}

void WalEngine::Unwatch(Log* log) {
  const std::lock_guard lock(log->mutex);
  --log->watcher_count;
}

Status WalEngine::Append(Log* log, std::span<const iovec> chunks,
                         AppendObserver* observer, AppendResult* result) {
  return committer_.Append(log, chunks, {}, observer, result);
}

Status WalEngine::AppendBuilt(Log* log, std::span<const iovec> chunks,
                              std::span<const CheckedBatch> built,
                              AppendObserver* observer, AppendResult* result) {
  return committer_.Append(log, chunks, built, observer, result);
}

Status WalEngine::AppendBuiltSync(Log* log, std::span<const iovec> chunks,
                                  std::span<const CheckedBatch> built,
                                  AppendResult* result) {
  return committer_.AppendSync(log, chunks, built, result);
}

Status WalEngine::AppendSync(Log* log, std::span<const iovec> chunks,
                             AppendResult* result) {
  return committer_.AppendSync(log, chunks, {}, result);
}

Status WalEngine::Read(Log* log, uint64_t offset, size_t max_bytes,
                       const BufferAllocator& allocate, size_t* size) {
  const Status status = CheckOpen();
  if (!status.ok()) return status;
  return reader_.Read(log, offset, max_bytes, false, allocate, size);
}

Status WalEngine::ReadNow(Log* log, uint64_t offset, size_t max_bytes,
                          const BufferAllocator& allocate, size_t* size) {
  const Status status = CheckOpen();
  if (!status.ok()) return status;
  return reader_.Read(log, offset, max_bytes, true, allocate, size);
}

Status WalEngine::ReadAsync(
    Log* log, uint64_t offset, size_t max_bytes,
    std::function<void(const Status&, std::vector<std::byte>)> done) {
  return pool_.SubmitRead(
      max_bytes, [this, log, offset, max_bytes, done = std::move(done)] {
        std::vector<std::byte> bytes;
        size_t size = 0;
        const Status status = reader_.Read(
            log, offset, max_bytes, false,
            [&bytes](size_t wanted) {
              bytes.resize(wanted);
              return bytes.data();
            },
            &size);
        if (!status.ok()) bytes.clear();
        done(status, std::move(bytes));
      });
}

Status WalEngine::OffsetForTimestamp(Log* log, int64_t timestamp,
                                     std::optional<TimestampedOffset>* found) {
  const Status status = CheckOpen();
  if (!status.ok()) return status;
  return reader_.FindTimestamp(log, timestamp, found);
}

Status WalEngine::CommitCursor(Log* log, const std::string& reader,
                               uint64_t offset, AppendObserver* observer) {
  const Status status = CheckReaderName(reader);
  if (!status.ok()) return status;
  return committer_.Submit(
      log, {CursorRecordType::kCursorSet, log->id, reader, offset}, false,
      observer);
}

Status WalEngine::CommitCursorSync(Log* log, const std::string& reader,
                                   uint64_t offset) {
  const Status status = CheckReaderName(reader);
  if (!status.ok()) return status;
  return committer_.SubmitAndWait(
      log, {CursorRecordType::kCursorSet, log->id, reader, offset}, false);
}

Status WalEngine::DeleteCursor(Log* log, const std::string& reader,
                               AppendObserver* observer) {
  const Status status = CheckReaderName(reader);
  if (!status.ok()) return status;
  return committer_.Submit(
      log, {CursorRecordType::kCursorDeleted, log->id, reader, 0}, false,
      observer);
}

Status WalEngine::DeleteCursorSync(Log* log, const std::string& reader) {
  const Status status = CheckReaderName(reader);
  if (!status.ok()) return status;
  return committer_.SubmitAndWait(
      log, {CursorRecordType::kCursorDeleted, log->id, reader, 0}, false);
}

Status WalEngine::CheckReaderName(const std::string& reader) {
  if (!reader.empty() && reader.size() <= kReaderNameBytesMax) {
    return Status::Ok();
  }
  return Status(Code::kInvalidInput,
                "a reader's name has 1 to 249 bytes, not " +
                    std::to_string(reader.size()));
}

std::optional<uint64_t> WalEngine::Cursor(const Log* log,
                                          const std::string& reader) const {
  {
    const std::lock_guard lock(log->mutex);
    if (log->gone) return std::nullopt;
  }
  return cursors_->Cursor(log->id, reader);
}

std::vector<ReaderCursor> WalEngine::ListCursors(const Log* log) const {
  {
    const std::lock_guard lock(log->mutex);
    if (log->gone) return {};
  }
  std::vector<ReaderCursor> readers;
  for (auto& [reader, offset] : cursors_->Cursors(log->id)) {
    readers.push_back({reader, offset});
  }
  return readers;
}

std::vector<ProducerState> WalEngine::Producers(const Log* log) const {
  {
    const std::lock_guard lock(log->mutex);
    if (log->gone) return {};
  }
  const auto now = static_cast<int64_t>(file_system_.NowMs());
  const std::lock_guard turn(log->turn_mutex);
  if (log->producers == nullptr) return {};
  return log->producers->StateAt(log->next_offset, now);
}

WalStats WalEngine::Stats() const {
  WalStats stats;
  committer_.FillStats(&stats);
  reclaimer_.FillStats(&stats);
  stats.open_files = files_->open_count();
  stats.backend = file_system_.BackendName();
  return stats;
}

Status WalEngine::MeasureDisk(DiskUse* use) const {
  *use = DiskUse();
  std::vector<DirectoryEntry> entries;
  Status status = file_system_.ListDirectory(options_.directory, &entries);
  for (const DirectoryEntry& entry : entries) {
    if (!status.ok()) return status;
    if (entry.is_directory) continue;
    const std::string path = options_.directory + "/" + entry.name;
    uint64_t apparent = 0;
    uint64_t real = 0;
    status = file_system_.FileUse(path, &apparent, &real);
    bool exists = true;
    // One that was removed meanwhile takes nothing.
    if (!status.ok()) {
      const Status looked = file_system_.Exists(path, &exists);
      if (looked.ok() && !exists) status = looked;
      continue;
    }
    use->files += 1;
    use->apparent_bytes += apparent;
    use->real_bytes += real;
  }
  return status;
}

Status WalEngine::Close() {
  if (closed_.exchange(true)) {
    return Status(Code::kClosed, "the instance is closed");
  }
  // Reads and deletions first: the files are synced after.
  pool_.Stop();
  reclaimer_.Stop();
  Status status = committer_.Close(AllLogs());
  if (status.ok()) status = reclaimer_.GiveBackRest();
  // The next opening then relies on the disk alone. A disk that does not take
  // this either leaves what the first error says.
  if (!status.ok()) (void)lock_->DistrustCache();
  if (status.ok()) {
    LockRecord record;
    record.instance_id = instance_id_;
    record.boot_id = file_system_.BootId();
    record.clean = true;
    record.corrupt = found_corrupt_;
    record.fsync_mode = static_cast<uint32_t>(options_.fsync_mode);
    status = lock_->Write(record);
  }
  lock_.reset();
  return status;
}

}  // namespace walrus
