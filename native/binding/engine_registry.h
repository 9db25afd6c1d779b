// EngineRegistry: which directories this process has open.
#ifndef WALRUS_BINDING_ENGINE_REGISTRY_H_
#define WALRUS_BINDING_ENGINE_REGISTRY_H_

#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "binding/engine.h"

namespace walrus::binding {

/// The engines that exist, in every environment of the process, by canonical
/// directory.
///
/// Place: Engine::Attach() and Detach(); the process's exit.
/// Life: as long as the process. Its destructor, which process.exit() leads to,
/// lets openings and closings that are under way end, refuses later ones with
/// kClosed, and closes what is left open.
/// Threads: any. Opening and closing one engine keeps only those waiting who
/// want the same directory.
class EngineRegistry {
 public:
  static EngineRegistry& Get();
  ~EngineRegistry();

  /// See Engine::Attach().
  Status Attach(const EngineRequest& request,
                const std::shared_ptr<CompletionQueue>& queue,
                std::shared_ptr<Engine>* engine);
  /// See Engine::Detach(); here without the saving.
  Status Detach(Engine* engine, const CompletionQueue* queue);

 private:
  struct Entry {
    std::shared_ptr<Engine> engine;  ///< empty while it is being opened
    size_t handle_count = 0;         ///< 0 while it is opened or closed
  };

  EngineRegistry() = default;
  /// Counts a call from its begin to its end, for the destructor.
  class Visit;

  Status OpenNew(const std::string& key, const EngineRequest& request,
                 const std::shared_ptr<CompletionQueue>& queue,
                 std::shared_ptr<Engine>* engine);
  Status Join(Entry* entry, const EngineRequest& request,
              const std::shared_ptr<CompletionQueue>& queue,
              std::shared_ptr<Engine>* engine);
  void Leave(const std::string& key);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Entry> entries_;  ///< under mutex_
  size_t visits_ = 0;                     ///< under mutex_
  bool is_ending_ = false;                ///< under mutex_
};

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_ENGINE_REGISTRY_H_
