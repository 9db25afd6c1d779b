// Engine: an open Wal, shared by its handle and by the calls under way on it.
#ifndef WALRUS_BINDING_ENGINE_H_
#define WALRUS_BINDING_ENGINE_H_

#include <memory>
#include <mutex>

#include "binding/completion_queue.h"
#include "wal/status.h"
#include "wal/wal.h"

namespace walrus::binding {

/// Owns the Wal and keeps the channel that its threads call alive.
///
/// Life: from the handle's open to the end of the last call on it. A process
/// that exits without an environment tear-down (process.exit) closes what is
/// still open as its last act, so that no engine thread outlives the statics.
///
/// Threads: any.
class Engine {
 public:
  static std::shared_ptr<Engine> Create(std::unique_ptr<Wal> wal,
                                        std::shared_ptr<CompletionQueue> queue);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  Wal& wal() { return *wal_; }
  CompletionQueue& queue() { return *queue_; }

  /// Closes the Wal; a second call waits for the first and gets its status.
  /// No engine thread is left when it returns.
  Status CloseOnce();

 private:
  Engine(std::unique_ptr<Wal> wal, std::shared_ptr<CompletionQueue> queue);

  // In this order: the Wal's threads use the queue.
  const std::shared_ptr<CompletionQueue> queue_;
  const std::unique_ptr<Wal> wal_;
  std::mutex close_mutex_;
  bool is_closed_ = false;  ///< under close_mutex_
  Status close_status_;     ///< under close_mutex_
};

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_ENGINE_H_
