// Engine: an open Wal, shared by the handles that have it open and by the calls
// under way on it.
#ifndef WALRUS_BINDING_ENGINE_H_
#define WALRUS_BINDING_ENGINE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "binding/completion_queue.h"
#include "wal/shared_log.h"
#include "wal/status.h"
#include "wal/wal.h"

namespace walrus::binding {

/// How a handle wants its engine.
struct EngineRequest {
  Options options;
  /// Whether handles of this process that ask for the same may have the
  /// directory too.
  bool is_shared = false;
  /// Entries between two saves of a reader's cursor.
  uint64_t persist_every = 1;

  /// The same text for requests that can share an engine.
  std::string Signature() const;
};

/// Owns the Wal and what the handles on it share, and keeps the channels that
/// its threads call alive.
///
/// Life: from the first handle's Attach() to the last one's Detach(). A process
/// that exits without an environment tear-down (process.exit) closes what is
/// still open as its last act, so that no engine thread outlives the statics.
///
/// Threads: any.
class Engine {
 public:
  /// The engine of the directory: the one that other handles have, when both
  /// sides share, or a new one. Waits while another thread opens or closes it.
  /// kLocked: somebody has the directory for himself. kInvalidInput: open with
  /// other options, or as Wal::Open(). On an error nothing is attached.
  static Status Attach(const EngineRequest& request,
                       const std::shared_ptr<CompletionQueue>& queue,
                       std::shared_ptr<Engine>* engine);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  /// See Attachment::Detach(), which calls it once.
  Status Detach(const CompletionQueue* queue);

  Wal& wal() { return *wal_; }
  SharedLogs& logs() { return logs_.value(); }
  uint64_t persist_every() const { return request_.persist_every; }
  uint64_t block_bytes() const { return request_.options.block_bytes; }
  /// What an operator should know of the opening, a line each; for whoever asks
  /// first.
  std::vector<std::string> TakeLines();

  /// Closes the Wal whoever has it; a second call waits for the first and gets
  /// its status. No engine thread is left when it returns.
  Status CloseOnce();
  /// The process is exiting without its loops: wake none any more.
  void Silence();
  /// A log moved in a way that the Wal reports to nobody.
  void WakeQueues();

 private:
  friend class EngineRegistry;

  explicit Engine(const EngineRequest& request) : request_(request) {}
  Status Open();
  void AddQueue(const std::shared_ptr<CompletionQueue>& queue);
  void RemoveQueue(const CompletionQueue* queue);

  EngineRequest request_;
  std::string key_;  ///< of the registry

  std::mutex queues_mutex_;
  std::vector<std::shared_ptr<CompletionQueue>> queues_;  ///< under it
  std::vector<std::string> lines_;                        ///< under it
  // After the queues: the Wal's threads use them.
  std::unique_ptr<Wal> wal_;
  std::optional<SharedLogs> logs_;
  std::mutex close_mutex_;
  bool is_closed_ = false;  ///< under close_mutex_
  Status close_status_;     ///< under close_mutex_
};

/// One handle's part in an engine.
///
/// Threads: any; Detach() of two threads at once is done by one of them.
class Attachment {
 public:
  Attachment(std::shared_ptr<Engine> engine,
             std::shared_ptr<CompletionQueue> queue)
      : engine_(std::move(engine)), queue_(std::move(queue)) {}

  const std::shared_ptr<Engine>& engine() const { return engine_; }
  const std::shared_ptr<CompletionQueue>& queue() const { return queue_; }

  /// Saves the readers, and closes the Wal when this is the engine's last
  /// handle; then no engine thread calls the queue any more. Later calls wait
  /// for the first and get its status.
  /// REQUIRES: the queue is settled.
  Status Detach();

 private:
  const std::shared_ptr<Engine> engine_;
  const std::shared_ptr<CompletionQueue> queue_;
  std::mutex mutex_;
  bool is_detached_ = false;  ///< under mutex_
  Status status_;             ///< under mutex_
};

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_ENGINE_H_
