// SharedLog: what the threads of a process have to agree on about one log.
#ifndef WALRUS_WAL_SHARED_LOG_H_
#define WALRUS_WAL_SHARED_LOG_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "wal/named_reader.h"
#include "wal/status.h"
#include "wal/wal.h"

namespace walrus {

/// A log's readers, and whether a batch of entries is on its way to it.
///
/// Threads: any.
class SharedLog {
 public:
  SharedLog(Wal* wal, Log* log) : wal_(wal), log_(log) {}
  SharedLog(const SharedLog&) = delete;
  SharedLog& operator=(const SharedLog&) = delete;

  Log* log() const { return log_; }

  /// The reader of that name, the same one for all; good as long as this.
  /// kInvalidInput: the name does not have 1 to 249 bytes.
  Status OpenReader(const std::string& name, NamedReader** reader);
  /// Saves every reader. The first error; the others are saved all the same.
  Status SaveReaders();

  /// Whether a batch is in flight: single entries have to wait then.
  bool has_batch() const { return batches_.load() > 0; }
  /// Begins a batch unless one is in flight; false: nothing changed.
  bool TryBeginBatch() {
    uint32_t none = 0;
    return batches_.compare_exchange_strong(none, 1);
  }
  /// Begins a batch that queues behind those in flight.
  void BeginBatch() { batches_.fetch_add(1); }
  void EndBatch() { batches_.fetch_sub(1); }

  /// The log was deleted: for those who wait for it to grow.
  void SetDeleted() { is_deleted_.store(true); }
  bool is_deleted() const { return is_deleted_.load(); }

 private:
  Wal* const wal_;
  Log* const log_;
  std::atomic<uint32_t> batches_{0};
  std::atomic<bool> is_deleted_{false};
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<NamedReader>> readers_;
};

/// The shared part of every log that was asked for.
///
/// Threads: any. Life: REQUIRES that the Wal outlives it.
class SharedLogs {
 public:
  explicit SharedLogs(Wal* wal) : wal_(wal) {}

  /// The log's, made on first use; good as long as this.
  SharedLog* Find(Log* log);
  /// Saves the readers of all logs. The first error.
  Status SaveReaders();

 private:
  Wal* const wal_;
  std::mutex mutex_;
  std::unordered_map<Log*, std::unique_ptr<SharedLog>> logs_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_SHARED_LOG_H_
