// Recovery: from a directory as it was left to an instance that can be opened.
#ifndef WALRUS_WAL_RECOVERY_H_
#define WALRUS_WAL_RECOVERY_H_

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "wal/cursor_file.h"
#include "wal/data_file.h"
#include "wal/instance_lock.h"
#include "wal/journal.h"
#include "wal/journal_replay.h"
#include "wal/log.h"
#include "wal/producer_census.h"
#include "wal/recovery_log.h"
#include "wal/wal.h"

namespace walrus {

using LogMap = std::unordered_map<LogId, std::unique_ptr<Log>, LogIdHash>;

/// What an open instance consists of.
struct RecoveredInstance {
  InstanceId instance_id{};
  std::unique_ptr<DataFileSet> files;
  std::unique_ptr<CursorFile> cursors;
  std::unique_ptr<Journal> journal;  ///< SyncEach only
  /// Before the logs: what they remember is counted there.
  std::unique_ptr<ProducerCensus> producers;
  LogMap logs;
  uint64_t next_block_id = 1;
  uint32_t leader_epoch = 0;
  bool found_corrupt = false;  ///< as LockRecord has it
  RecoveryReport report;
};

/// The instance id that the directory's files carry, for a LOCK file that lost
/// it. `*found` false: no file has one.
Status ReadInstanceId(FileSystem& file_system, const std::string& directory,
                      InstanceId* instance_id, bool* found);

/// Copies a stretch of one file to the start of another, synced. What lies
/// past the end of `from` is left out.
Status CopyRange(File* from, uint64_t position, uint64_t length, File* to);

/// Writes what the journal says into data files and cursor file.
class ReplayTarget : public JournalTarget {
 public:
  ReplayTarget(FileSystem& file_system, std::string directory,
               DataFileSet* files)
      : file_system_(file_system),
        directory_(std::move(directory)),
        files_(*files) {}

  Status ReadBlockHeader(uint64_t file_id, uint64_t unit_position,
                         bool* file_exists,
                         std::optional<BlockHeader>* header) override;
  Status Write(uint64_t file_id, uint64_t position,
               std::span<const std::byte> bytes) override;
  Status ReadCursorHeader(std::optional<CursorFileHeader>* header) override;
  Status WriteCursorFile(uint64_t position,
                         std::span<const std::byte> bytes) override;
  /// Makes all of it durable.
  Status Sync();

 private:
  FileSystem& file_system_;
  const std::string directory_;
  DataFileSet& files_;
  std::unique_ptr<File> cursor_file_;
};

/// Recovers one instance (design.md, D3).
///
/// Place: Wal::Open, with the directory locked and no thread running.
/// Life: used once. Running it again after a crash at any point of it leads to
/// the same logs: it writes only what the journal holds, zeros behind log ends,
/// and state records; the journal is started anew after all that is synced.
class Recovery {
 public:
  Recovery(FileSystem& file_system, const Options& options, InstanceLock* lock)
      : file_system_(file_system), options_(options), lock_(*lock) {}

  /// kInvalidInput: files of another instance or version. kIo: cannot read or
  /// write. Damaged logs do not fail it; they are in the report.
  Status Run(RecoveredInstance* instance);

 private:
  Status FindInstanceId();
  Status DropCaches();
  Status ReplayJournals();
  Status LoadState();
  Status RecoverLogs();
  Status RecoverLog(const LogId& id);
  std::unique_ptr<Log> BuildLog(const LogId& id, const LogFindings& findings);
  Status BuildProducers(const LogFindings& findings, Log* log);
  Status BuildTail(const LogFindings& findings, Log* log) const;
  void ReportVerdict(const LogId& id, const LogFindings& findings);

  // recovery_repair.cc: what is written.
  Status Repair(const LogFindings& findings);
  Status MendHeaders(const LogFindings& findings);
  Status CutBehindEnd(const LogFindings& findings);
  std::string Quarantine(const LogFindings& findings);
  Status FreeDead();
  void ForgetDeletedLogs();
  Status WriteState();
  void CollectClamps(std::vector<CursorChange>* changes);
  bool MustBumpEpoch() const;
  Status Finish();

  FileSystem& file_system_;
  const Options& options_;
  InstanceLock& lock_;
  RecoveredInstance* instance_ = nullptr;
  bool previous_sync_each_ = false;
  bool is_new_ = false;
  TrustRule trust_;
  UnitScan scan_;
  std::vector<FoundBlock> to_free_;
  uint64_t removed_files_ = 0;
};

}  // namespace walrus

#endif  // WALRUS_WAL_RECOVERY_H_
