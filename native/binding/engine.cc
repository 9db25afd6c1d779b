#include "binding/engine.h"

#include <utility>
#include <vector>

namespace walrus::binding {

namespace {

/// The engines that exist, in every environment of the process. Its destructor
/// closes what process.exit() left open.
class OpenEngines {
 public:
  static OpenEngines& Get() {
    static OpenEngines engines;
    return engines;
  }

  void Add(const std::shared_ptr<Engine>& engine) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::erase_if(engines_, [](const auto& each) { return each.expired(); });
    engines_.push_back(engine);
  }

  ~OpenEngines() {
    for (const auto& each : engines_) {
      const std::shared_ptr<Engine> engine = each.lock();
      if (!engine) continue;
      engine->queue().Silence();
      // Nobody is left to hear of a failure; what failed was never
      // acknowledged, and the missing clean mark says it at the next open.
      static_cast<void>(engine->CloseOnce());
    }
  }

 private:
  OpenEngines() = default;

  std::mutex mutex_;
  std::vector<std::weak_ptr<Engine>> engines_;
};

}  // namespace

Engine::Engine(std::unique_ptr<Wal> wal, std::shared_ptr<CompletionQueue> queue)
    : queue_(std::move(queue)), wal_(std::move(wal)) {}

std::shared_ptr<Engine> Engine::Create(std::unique_ptr<Wal> wal,
                                       std::shared_ptr<CompletionQueue> queue) {
  std::shared_ptr<Engine> engine(new Engine(std::move(wal), std::move(queue)));
  OpenEngines::Get().Add(engine);
  return engine;
}

Engine::~Engine() { static_cast<void>(CloseOnce()); }

Status Engine::CloseOnce() {
  const std::lock_guard<std::mutex> lock(close_mutex_);
  if (!is_closed_) {
    close_status_ = wal_->Close();
    is_closed_ = true;
  }
  return close_status_;
}

}  // namespace walrus::binding
