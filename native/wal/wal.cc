// Wal::Open: from a directory to an engine that runs.
#include "wal/wal.h"

#include "wal/backend.h"
#include "wal/format.h"
#include "wal/instance_lock.h"
#include "wal/recovery.h"
#include "wal/wal_engine.h"

namespace walrus {

namespace {

constexpr uint64_t kJournalBytesMin = 64 << 10;
constexpr uint64_t kSegmentMsMax = 3'155'760'000'000;

Status Invalid(const std::string& what) {
  return Status(Code::kInvalidInput, what);
}

Status CheckOptions(const Options& options) {
  if (options.directory.empty()) return Invalid("no directory was given");
  if (options.block_bytes < kBlockBytesMin ||
      options.block_bytes > kBlockBytesMax ||
      options.block_bytes % kBlockBytesAlignment != 0) {
    return Invalid(
        "block_bytes must be a multiple of 4096 from 4 KiB to 1 GiB");
  }
  if (options.blocks_per_file < 1 ||
      options.blocks_per_file > kBlocksPerFileMax ||
      options.block_bytes * options.blocks_per_file > kDataFileBytesMax) {
    return Invalid("blocks_per_file must be 1 to 10000, and a file 16 GiB");
  }
  if (options.fsync_mode == FsyncMode::kMilliseconds &&
      options.fsync_interval_ms == 0) {
    return Invalid("fsync_interval_ms must be at least 1");
  }
  if (options.segment_ms > kSegmentMsMax) {
    return Invalid("segment_ms must be at most 100 years");
  }
  if (options.journal_bytes < kJournalBytesMin) {
    return Invalid("journal_bytes must be at least 64 KiB");
  }
  if (options.open_files_max < kOpenFilesMaxLeast ||
      options.open_files_max > kOpenFilesMaxMost) {
    return Invalid("open_files_max must be 16 to 1000000");
  }
  if (options.producers_per_log_max < 1 || options.producers_max < 1) {
    return Invalid("producers_per_log_max and producers_max are at least 1");
  }
  if (options.producer_expiration_ms < 1 ||
      options.producer_expiration_ms > kSegmentMsMax) {
    return Invalid("producer_expiration_ms must be 1 ms to 100 years");
  }
  if (options.reader_threads < 1) {
    return Invalid("reader_threads must be at least 1");
  }
  return Status::Ok();
}

}  // namespace

Status Wal::Open(const Options& options, std::unique_ptr<Wal>* wal) {
  Status status = CheckOptions(options);
  if (!status.ok()) return status;
  OpenedBackend backend = OpenBackend(options);
  FileSystem& file_system = *backend.file_system;
  std::unique_ptr<InstanceLock> lock;
  status = InstanceLock::Acquire(file_system, options.directory, &lock);
  if (!status.ok()) return status;
  RecoveredInstance instance;
  status = Recovery(file_system, options, lock.get()).Run(&instance);
  if (status.code() == Code::kIo || status.code() == Code::kNoSpace) {
    // A sync may have failed, and the next opening must not take what the page
    // cache still holds for the disk. The first error is the one to tell.
    (void)lock->DistrustCache();
  }
  if (!status.ok()) return status;
  auto engine = std::make_unique<WalEngine>(
      std::move(backend), options, std::move(lock), std::move(instance));
  engine->Start();
  *wal = std::move(engine);
  return status;
}

}  // namespace walrus
