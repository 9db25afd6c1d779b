// WalEngine: the Wal behind the door, put together from its parts.
#ifndef WALRUS_WAL_WAL_ENGINE_H_
#define WALRUS_WAL_WAL_ENGINE_H_

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "wal/backend.h"
#include "wal/block_reader.h"
#include "wal/committer.h"
#include "wal/instance_lock.h"
#include "wal/reader_pool.h"
#include "wal/reclaimer.h"
#include "wal/recovery.h"
#include "wal/run_table.h"
#include "wal/wal.h"

namespace walrus {

/// Place: made by Wal::Open(). Appends go to the Committer, reads to the
/// BlockReader, deletions to the Reclaimer.
/// Life: Start() after recovery; Close() or the destructor ends it.
/// Threads: as Wal.
class WalEngine : public Wal {
 public:
  WalEngine(OpenedBackend backend, const Options& options,
            std::unique_ptr<InstanceLock> lock, RecoveredInstance instance);
  ~WalEngine() override;

  void Start();

  const RecoveryReport& recovery_report() const override;
  Status OpenLog(const LogId& id, Log** log) override;
  Log* FindLog(const LogId& id) const override;
  std::vector<LogSnapshot> ListLogs() const override;
  LogSnapshot Info(const Log* log) const override;
  void Watch(Log* log) override;
  void Unwatch(Log* log) override;
  Status Append(Log* log, std::span<const iovec> chunks,
                AppendObserver* observer, AppendResult* result) override;
  Status AppendBuilt(Log* log, std::span<const iovec> chunks,
                     std::span<const CheckedBatch> built,
                     AppendObserver* observer, AppendResult* result) override;
  Status AppendBuiltSync(Log* log, std::span<const iovec> chunks,
                         std::span<const CheckedBatch> built,
                         AppendResult* result) override;
  Status AppendSync(Log* log, std::span<const iovec> chunks,
                    AppendResult* result) override;
  Status Read(Log* log, uint64_t offset, size_t max_bytes,
              const BufferAllocator& allocate, size_t* size) override;
  Status ReadNow(Log* log, uint64_t offset, size_t max_bytes,
                 const BufferAllocator& allocate, size_t* size) override;
  Status ReadAsync(
      Log* log, uint64_t offset, size_t max_bytes,
      std::function<void(const Status&, std::vector<std::byte>)> done) override;
  Status OffsetForTimestamp(Log* log, int64_t timestamp,
                            std::optional<TimestampedOffset>* found) override;
  Status CommitCursor(Log* log, const std::string& reader, uint64_t offset,
                      AppendObserver* observer) override;
  Status CommitCursorSync(Log* log, const std::string& reader,
                          uint64_t offset) override;
  Status DeleteCursor(Log* log, const std::string& reader,
                      AppendObserver* observer) override;
  Status DeleteCursorSync(Log* log, const std::string& reader) override;
  std::optional<uint64_t> Cursor(const Log* log,
                                 const std::string& reader) const override;
  std::vector<ReaderCursor> ListCursors(const Log* log) const override;
  std::vector<ProducerState> Producers(const Log* log) const override;
  Status SetReclaimRule(Log* log, ReclaimRule rule) override;
  void Configure(Log* log, const LogSettings& settings) override;
  Status Truncate(Log* log, uint64_t offset) override;
  uint64_t FindExpired(Log* log, const RetentionLimits& limits) override;
  Status DeleteLog(Log* log) override;
  Status DeleteLogs(std::span<Log* const> logs) override;
  WalStats Stats() const override;
  Status MeasureDisk(DiskUse* use) const override;
  Status Close() override;

 private:
  Status CheckOpen() const;
  static Status CheckReaderName(const std::string& reader);
  std::vector<Log*> AllLogs() const;
  /// What its deletion, durable by now, sets free.
  std::vector<std::shared_ptr<Block>> TakeDeleted(Log* log);

  const OpenedBackend backend_;
  FileSystem& file_system_;
  const Options options_;
  std::unique_ptr<InstanceLock> lock_;
  const InstanceId instance_id_;
  const bool found_corrupt_;
  RecoveryReport report_;
  const std::unique_ptr<DataFileSet> files_;
  const std::unique_ptr<CursorFile> cursors_;
  const std::unique_ptr<Journal> journal_;
  const uint32_t leader_epoch_;
  const std::unique_ptr<ProducerCensus> producers_;
  RunTableCache tables_;
  BlockReader reader_;
  Committer committer_;
  Reclaimer reclaimer_;
  ReaderPool pool_;

  mutable std::shared_mutex logs_mutex_;
  LogMap logs_;
  std::vector<std::unique_ptr<Log>> deleted_logs_;  // handles stay valid
  std::atomic<bool> closed_{false};
};

}  // namespace walrus

#endif  // WALRUS_WAL_WAL_ENGINE_H_
