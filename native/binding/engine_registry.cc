#include "binding/engine_registry.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace walrus::binding {

namespace {

/// The directory's one name, whether it exists or not. A directory that cannot
/// be looked at keeps the name it was given: opening it will say why.
std::string CanonicalName(const std::string& directory) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(directory, error);
  if (error) return directory;
  const auto canonical = std::filesystem::weakly_canonical(path, error);
  if (!error) path = canonical;
  std::string name = path.lexically_normal().string();
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  return name;
}

}  // namespace

EngineRegistry& EngineRegistry::Get() {
  static EngineRegistry registry;
  return registry;
}

/// A thread that is in Attach() or Detach() uses the registry's members until
/// the end of this.
class EngineRegistry::Visit {
 public:
  explicit Visit(EngineRegistry* registry) : registry_(registry) {
    const std::lock_guard lock(registry_->mutex_);
    ++registry_->visits_;
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() {
    const std::lock_guard lock(registry_->mutex_);
    --registry_->visits_;
    registry_->changed_.notify_all();
  }

 private:
  EngineRegistry* const registry_;
};

EngineRegistry::~EngineRegistry() {
  {
    // A thread of Node's pool may be opening an engine still.
    std::unique_lock lock(mutex_);
    is_ending_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return visits_ == 0; });
  }
  for (const auto& [key, entry] : entries_) {
    if (!entry.engine) continue;
    entry.engine->Silence();
    // Nobody is left to hear of a failure; what failed was never
    // acknowledged, and the missing clean mark says it at the next open.
    static_cast<void>(entry.engine->CloseOnce());
  }
}

Status EngineRegistry::Attach(const EngineRequest& request,
                              const std::shared_ptr<CompletionQueue>& queue,
                              std::shared_ptr<Engine>* engine) {
  const Visit visit(this);
  const std::string key = CanonicalName(request.options.directory);
  {
    std::unique_lock lock(mutex_);
    while (true) {
      if (is_ending_) return Status(Code::kClosed, "the process is ending");
      const auto [place, is_new] = entries_.try_emplace(key);
      if (is_new) break;
      if (place->second.handle_count > 0) {
        return Join(&place->second, request, queue, engine);
      }
      changed_.wait(lock);
    }
  }
  return OpenNew(key, request, queue, engine);
}

Status EngineRegistry::OpenNew(const std::string& key,
                               const EngineRequest& request,
                               const std::shared_ptr<CompletionQueue>& queue,
                               std::shared_ptr<Engine>* engine) {
  std::shared_ptr<Engine> opened(new Engine(request));
  opened->key_ = key;
  opened->AddQueue(queue);
  const Status status = opened->Open();
  if (!status.ok()) {
    Leave(key);
    return status;
  }
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[key];
  entry.engine = opened;
  entry.handle_count = 1;
  changed_.notify_all();
  *engine = std::move(opened);
  return status;
}

Status EngineRegistry::Join(Entry* entry, const EngineRequest& request,
                            const std::shared_ptr<CompletionQueue>& queue,
                            std::shared_ptr<Engine>* engine) {
  const EngineRequest& first = entry->engine->request_;
  const std::string& directory = request.options.directory;
  if (!request.is_shared || !first.is_shared) {
    return Status(Code::kLocked, directory + " is open in this process");
  }
  if (request.Signature() != first.Signature()) {
    return Status(Code::kInvalidInput,
                  directory + " is open in this process with other options (" +
                      first.Signature() + "), not " + request.Signature());
  }
  entry->engine->AddQueue(queue);
  ++entry->handle_count;
  *engine = entry->engine;
  return Status::Ok();
}

Status EngineRegistry::Detach(Engine* engine, const CompletionQueue* queue) {
  const Visit visit(this);
  const std::string key = engine->key_;
  {
    const std::lock_guard lock(mutex_);
    if (--entries_[key].handle_count > 0) {
      engine->RemoveQueue(queue);
      return Status::Ok();
    }
  }
  const Status status = engine->CloseOnce();
  engine->RemoveQueue(queue);
  Leave(key);
  return status;
}

void EngineRegistry::Leave(const std::string& key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(key);
  changed_.notify_all();
}

}  // namespace walrus::binding
