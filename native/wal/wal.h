// Wal: the engine's door. Everything a caller may use is declared here.
#ifndef WALRUS_WAL_WAL_H_
#define WALRUS_WAL_WAL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wal/file_system.h"
#include "wal/log_settings.h"
#include "wal/status.h"

namespace walrus {

/// Names a log: the topic's 16-byte id and the partition.
struct LogId {
  std::array<uint8_t, 16> topic_id{};
  uint32_t partition = 0;
  bool operator==(const LogId&) const = default;
};

enum class FsyncMode { kSyncEach, kMilliseconds, kNoFsync };

/// What frees the blocks of a log (design.md, D12).
enum class ReclaimRule {
  /// A block goes once every named reader of the log has durably passed it.
  /// The default reader always counts: a log it never read frees nothing.
  kConsumed,
  /// Only Truncate() and DeleteLog() free anything; readers do not.
  kRetention,
};

/// The reader that counts under ReclaimRule::kConsumed even when it has no
/// cursor yet.
inline constexpr char kDefaultReader[] = "$default";

/// How data files are written (docs/design/0003-backends.md).
enum class Backend {
  /// As kUring; but small appends that are not synced one by one are stored
  /// into mapped windows (docs/design/0004-small-appends.md).
  kAuto,
  kUring,  ///< descriptors, and io_uring where several operations go together
  kFd,     ///< descriptors only
  kMmap,   ///< stores into mapped windows, one after another
};

/// The range of Options::open_files_max.
inline constexpr uint32_t kOpenFilesMaxLeast = 16;
inline constexpr uint32_t kOpenFilesMaxMost = 1'000'000;

struct Options {
  std::string directory;
  FsyncMode fsync_mode = FsyncMode::kMilliseconds;
  uint32_t fsync_interval_ms = 1000;
  /// Recorded in each data file's header; files keep their own sizes.
  uint64_t block_bytes = 10ull << 20;
  uint32_t blocks_per_file = 100;
  /// Appends that were accepted and are not written yet, in bytes.
  uint64_t queued_bytes_max = 64ull << 20;
  uint64_t batch_bytes_max = 1ull << 30;
  uint64_t journal_bytes = 32ull << 20;
  /// Commit groups whose runs average this size or more (and groups larger
  /// than a journal file) are synced in place (docs/design/0001).
  uint64_t journal_bypass_run_bytes = 64ull << 10;
  /// Space kept back for cursors and offsets; appends fail with kNoSpace
  /// when less than this is free.
  uint64_t reserve_bytes = 16ull << 20;
  uint64_t run_table_bytes_max = 32ull << 20;
  uint32_t reader_threads = 2;
  /// The rule of new logs. A log's rule is recorded with its first block and
  /// holds from then on, whatever a later opening says here; this one is also
  /// for logs that have no record of theirs. In the binding: `reclaimRule`,
  /// "consumed" or "retention".
  ReclaimRule reclaim_rule = ReclaimRule::kConsumed;
  /// A log's open block is sealed this long after its first record, so that
  /// it can be freed though it is not full; 0: never. In the binding:
  /// `segmentMs`.
  uint64_t segment_ms = 0;
  /// Data files that are kept open, at least kOpenFilesMaxLeast. More are only
  /// while each holds the open block of some log, bytes that no sync covers, or
  /// is being read. In the binding: `openFilesMax`.
  uint32_t open_files_max = 256;
  /// A producer is forgotten this long after its last append (Kafka's
  /// producer.id.expiration.ms). In the binding: `producerIdExpirationMs`.
  uint64_t producer_expiration_ms = 86'400'000;
  /// Producers that a log remembers; fewer where a quarter of a block has no
  /// room to name them. Of more, the one that appended longest ago is
  /// forgotten. At least 1. In the binding: `producersPerLogMax`.
  uint32_t producers_per_log_max = 4096;
  /// The same for all logs of the instance together, a producer counting once
  /// for each of its logs. In the binding: `producersMax`.
  uint32_t producers_max = 65'536;
  Backend backend = Backend::kAuto;
  WindowSizes mapped_windows;  ///< kMmap
  /// nullptr: the machine's. One that is given is used as it is, under the
  /// mappings with kMmap.
  FileSystem* file_system = nullptr;
  /// Told, a line each time, what an operator should know: that io_uring is
  /// forbidden, once at opening. nullptr: standard error. Runs on the thread
  /// that opens.
  std::function<void(const std::string& line)> log;
  /// Runs after the observers of a commit group were told that it is written,
  /// and after they were told that it is synced: one wake-up of whoever waits
  /// is enough for all of them. Also after each append to a watched log. On an
  /// engine thread, or in AppendSync() and the like on their caller's; must not
  /// block.
  std::function<void()> after_group_reported;
};

/// Told how one append ended. Calls come on engine threads, in the order of
/// the Append() calls of the instance, and must not block.
class AppendObserver {
 public:
  virtual ~AppendObserver() = default;
  /// The batch is in the files (page cache): it survives the process.
  virtual void OnWritten() = 0;
  /// The schedule's promise for acks=all holds (design.md, D4). Comes after
  /// OnWritten and is the last call.
  virtual void OnSynced() = 0;
  /// kNoSpace: undone, nothing of it will ever be read; the offsets are free
  /// again. kFenced, kIo: unknown after a crash, never acknowledged. Last call.
  virtual void OnFailed(const Status& status) = 0;
};

/// One batch of a call, as VerifyBatches() finds it. The position is that of
/// its first byte: in the whole call, and as chunk and byte of that chunk.
struct CheckedBatch {
  uint64_t position = 0;
  size_t chunk = 0;
  size_t chunk_position = 0;
  uint32_t bytes = 0;
  uint32_t record_count = 0;
  int64_t max_timestamp = -1;
  /// -1, or who made it (KIP-98).
  int64_t producer_id = -1;
  int32_t base_sequence = -1;
  int16_t producer_epoch = -1;
};

struct AppendResult {
  uint64_t base_offset = 0;
  uint32_t record_count = 0;
  /// The log had the call before: this is where. Nothing was queued; the
  /// observer is told when what was queued then is written and synced.
  bool duplicate = false;
  /// The timestamp of all its records; -1: they keep their own.
  int64_t log_append_time = -1;
};

struct LogSnapshot {
  LogId id;
  uint64_t start_offset = 0;
  uint64_t written_end = 0;
  uint64_t synced_end = 0;
  uint64_t readable_end = 0;  ///< readers get offsets below this one
  uint64_t next_offset = 0;   ///< what the next append is given
  uint64_t stored_bytes = 0;  ///< bytes of its blocks that are in use
  uint64_t blocks = 0;
  /// What they take of the disk: whole pages up to the last byte in use.
  uint64_t disk_bytes = 0;
  ReclaimRule reclaim_rule = ReclaimRule::kConsumed;
  uint32_t leader_epoch = 0;
  std::optional<uint64_t> corrupt_offset;
};

/// A named reader of a log, and the offset that it reads next.
struct ReaderCursor {
  std::string reader;
  uint64_t offset = 0;
  bool operator==(const ReaderCursor&) const = default;
};

struct TimestampedOffset {
  uint64_t offset = 0;
  int64_t timestamp = -1;
};

/// What Open() found and did; for the log and for `wal verify`.
struct RecoveryReport {
  struct Cut {
    LogId log;
    uint64_t offset = 0;  ///< the log ends here now
    uint64_t bytes = 0;   ///< torn bytes that were cleared
  };
  struct Corruption {
    LogId log;
    uint64_t offset = 0;  ///< first offset that cannot be read
    std::string what;
    std::string quarantine_path;  ///< copy of the bytes; empty if none
  };
  struct ClampedCursor {
    LogId log;
    std::string reader;
    uint64_t from = 0;
    uint64_t to = 0;
  };
  bool previous_close_was_clean = false;
  bool leader_epoch_bumped = false;
  uint64_t journal_groups_replayed = 0;
  uint64_t bytes_read = 0;
  std::vector<Cut> cuts;
  std::vector<Corruption> corruptions;
  std::vector<ClampedCursor> clamped_cursors;
  std::vector<std::string> notes;  ///< side files that were odd
};

struct WalStats {
  Status fence;  ///< Ok, or the first error, since which appends fail
  uint64_t queued_bytes = 0;
  uint64_t appends = 0;
  uint64_t duplicate_appends = 0;  ///< answered from memory
  uint64_t producers = 0;          ///< remembered, once for each log
  uint64_t appended_bytes = 0;
  uint64_t commit_groups = 0;
  uint64_t syncs = 0;
  uint64_t written_bytes = 0;  ///< to all files, journal included
  uint64_t journaled_groups = 0;
  uint64_t open_files = 0;  ///< data files; Options::open_files_max
  uint64_t reclaimed_blocks = 0;
  uint64_t reclaimed_bytes = 0;         ///< of those blocks, holes included
  uint64_t reclaim_waiting_blocks = 0;  ///< free, and not given back yet
  uint64_t removed_files = 0;
  /// The last failure to give space back. What it was about is given back at
  /// the next opening.
  Status reclaim_error;
  std::string_view backend;  ///< "fd", "io_uring" or "mmap", as it came out
};

/// What the files of an instance take, those in quarantine/ left out.
struct DiskUse {
  uint64_t files = 0;
  uint64_t apparent_bytes = 0;  ///< their lengths; data files are sparse
  uint64_t real_bytes = 0;      ///< of the disk
};

class Log;             // one partition's log; owned by the Wal
struct ProducerState;  // producer_table.h

/// The receiver of a read's bytes: asked once for a buffer of the exact size.
/// Called on the thread that reads. Returning nullptr fails the read, kIo.
using BufferAllocator = std::function<std::byte*(size_t size)>;

/// The write-ahead log of one instance.
///
/// Place: the top of the engine; the binding and the tests call it.
/// Life: Open() locks the directory, recovers, starts the threads. Close()
/// drains, syncs, writes the clean mark and joins; the destructor closes. After
/// a failed write or sync the instance is fenced: appends fail, reads go on.
/// Threads: any thread may call any method.
///
/// Invariants:
///  (1) Offsets of a log are dense and never given twice after an OnWritten.
///  (2) Observers run in the order of Append().
///  (3) Nothing at or above readable_end is ever returned by a read.
///  (4) A call's batches become readable together or not at all.
class Wal {
 public:
  /// kLocked: another process or instance has the directory. kInvalidInput:
  /// bad options or a foreign directory. kIo: cannot read or write it. In
  /// each case nothing of the directory's contents was changed. Corruption of
  /// single logs does not fail Open(); it is in recovery_report().
  static Status Open(const Options& options, std::unique_ptr<Wal>* wal);
  virtual ~Wal() = default;

  virtual const RecoveryReport& recovery_report() const = 0;

  /// The log's handle, created on first use (nothing is written before the
  /// first append). Valid until the Wal is destroyed, also after DeleteLog
  /// (then every call answers kClosed).
  virtual Status OpenLog(const LogId& id, Log** log) = 0;
  /// As OpenLog, but nullptr where there is none.
  virtual Log* FindLog(const LogId& id) const = 0;
  virtual std::vector<LogSnapshot> ListLogs() const = 0;
  virtual LogSnapshot Info(const Log* log) const = 0;

  /// From here to the matching Unwatch(), Options::after_group_reported runs
  /// after every move of the log's readable end; what made no wake-up before
  /// (a small append of one thread) makes one then. Calls are counted.
  virtual void Watch(Log* log) = 0;
  virtual void Unwatch(Log* log) = 0;

  /// Verifies, stamps (base offset and leader epoch, in `chunks`' memory) and
  /// queues one or more whole record batches as one atomic call.
  ///
  /// REQUIRES: the chunks' bytes and `observer` stay alive and unchanged until
  /// its last call. On an error `observer` is not called, nothing was queued
  /// and no offset was taken:
  /// kInvalidInput malformed or too large; kCorrupt the CRC does not match;
  /// kBusy the queue budget is used up; kFenced; kNoSpace; kClosed.
  ///
  /// With a producer id in the batches (all of a call are of one producer and
  /// epoch then, five at most) the call is appended once however often it is
  /// made: `result->duplicate`. kOutOfOrderSequence: a batch before it is
  /// missing. kInvalidProducerEpoch: fenced by a later epoch.
  /// kDuplicateSequence: appended before the last five batches of the
  /// producer, its offset is forgotten.
  virtual Status Append(Log* log, std::span<const iovec> chunks,
                        AppendObserver* observer, AppendResult* result) = 0;

  /// As Append, on the caller's thread; returns when the schedule's promise
  /// holds. Without a thread hop when nobody else is committing.
  virtual Status AppendSync(Log* log, std::span<const iovec> chunks,
                            AppendResult* result) = 0;

  /// The same for batches that the caller has just built (EntryBatch,
  /// EntryPack): they are not verified once more, `built` lists them.
  virtual Status AppendBuilt(Log* log, std::span<const iovec> chunks,
                             std::span<const CheckedBatch> built,
                             AppendObserver* observer,
                             AppendResult* result) = 0;
  virtual Status AppendBuiltSync(Log* log, std::span<const iovec> chunks,
                                 std::span<const CheckedBatch> built,
                                 AppendResult* result) = 0;

  /// Whole batches, the first of which contains `offset`, in offset order, up
  /// to `max_bytes` but at least one, compacted into one buffer from
  /// `allocate`; `*size` = 0 (and no allocation) at the readable end.
  /// kOutOfRange: below start_offset or above readable_end. kCorrupt: the
  /// batch at `offset` is damaged.
  virtual Status Read(Log* log, uint64_t offset, size_t max_bytes,
                      const BufferAllocator& allocate, size_t* size) = 0;
  /// As Read, never waiting for the disk: kWouldBlock when it would.
  virtual Status ReadNow(Log* log, uint64_t offset, size_t max_bytes,
                         const BufferAllocator& allocate, size_t* size) = 0;
  /// Read() on a reader thread. `done` runs there. kBusy: too many wait.
  virtual Status ReadAsync(
      Log* log, uint64_t offset, size_t max_bytes,
      std::function<void(const Status&, std::vector<std::byte> bytes)>
          done) = 0;
  /// The first record whose timestamp is at least `timestamp`; nullopt when
  /// there is none. Exact for uncompressed batches; for compressed ones the
  /// base offset of the first batch whose max timestamp is at least it.
  virtual Status OffsetForTimestamp(
      Log* log, int64_t timestamp, std::optional<TimestampedOffset>* found) = 0;

  /// Saves the position of a named reader, durable by the schedule; ordered
  /// with the appends. Name: 1..249 bytes.
  virtual Status CommitCursor(Log* log, const std::string& reader,
                              uint64_t offset, AppendObserver* observer) = 0;
  virtual Status CommitCursorSync(Log* log, const std::string& reader,
                                  uint64_t offset) = 0;
  /// Forgets a named reader, durable by the schedule; ordered with the appends.
  /// Under ReclaimRule::kConsumed it holds nothing back any more. Ok, too, when
  /// there is no such reader.
  virtual Status DeleteCursor(Log* log, const std::string& reader,
                              AppendObserver* observer) = 0;
  virtual Status DeleteCursorSync(Log* log, const std::string& reader) = 0;
  /// nullopt: this reader has no cursor on the log.
  virtual std::optional<uint64_t> Cursor(const Log* log,
                                         const std::string& reader) const = 0;

  /// The log's readers that have a cursor, ordered by name.
  virtual std::vector<ReaderCursor> ListCursors(const Log* log) const = 0;

  /// The idempotent producers that the log remembers, with what is queued of
  /// them; the one that appended longest ago first.
  virtual std::vector<ProducerState> Producers(const Log* log) const = 0;

  /// Changes what frees the log's blocks, durable on return in every schedule.
  virtual Status SetReclaimRule(Log* log, ReclaimRule rule) = 0;

  /// For later appends, and for the age of the block that is open now.
  virtual void Configure(Log* log, const LogSettings& settings) = 0;

  /// Moves the log start up to `offset` (durable on return); whole blocks
  /// below it are freed in the background. An open block that is left without
  /// a record is sealed soon, and freed then.
  virtual Status Truncate(Log* log, uint64_t offset) = 0;
  /// The offset up to which Truncate() would drop the blocks that `limits` do
  /// not cover, oldest first; the log start when there is none. An open block
  /// that they do not cover is sealed soon, so that a later call finds it.
  /// Waits for nothing and reads nothing.
  virtual uint64_t FindExpired(Log* log, const RetentionLimits& limits) = 0;
  /// Removes the log and its cursors, durable on return in every schedule;
  /// its space is freed in the background.
  virtual Status DeleteLog(Log* log) = 0;
  /// The same for several with few syncs. On an error, the first of them, some
  /// may be there still; those can be deleted again.
  virtual Status DeleteLogs(std::span<Log* const> logs) = 0;

  virtual WalStats Stats() const = 0;
  /// Looks at every file of the instance's directory. kIo: cannot.
  virtual Status MeasureDisk(DiskUse* use) const = 0;

  /// Commits and syncs what was accepted, whatever the schedule, writes the
  /// clean mark, joins the threads, releases the lock. Later calls: kClosed.
  virtual Status Close() = 0;
};

}  // namespace walrus

#endif  // WALRUS_WAL_WAL_H_
