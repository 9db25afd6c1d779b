#include "binding/engine.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "binding/engine_registry.h"

namespace walrus::binding {

std::string EngineRequest::Signature() const {
  constexpr const char* kModes[] = {"sync-each", "milliseconds", "no-fsync"};
  // The first two are one: kAuto is what the second falls back from.
  constexpr const char* kBackends[] = {"io_uring", "io_uring", "fd", "mmap"};
  std::ostringstream text;
  text << "fsync=" << kModes[static_cast<int>(options.fsync_mode)];
  if (options.fsync_mode == FsyncMode::kMilliseconds) {
    text << " fsyncIntervalMs=" << options.fsync_interval_ms;
  }
  text << " persistEvery=" << persist_every
       << " blockBytes=" << options.block_bytes
       << " blocksPerFile=" << options.blocks_per_file
       << " queuedBytesMax=" << options.queued_bytes_max
       << " batchBytesMax=" << options.batch_bytes_max
       << " journalBytes=" << options.journal_bytes
       << " journalBypassRunBytes=" << options.journal_bypass_run_bytes
       << " reserveBytes=" << options.reserve_bytes
       << " readerThreads=" << options.reader_threads
       << " openFilesMax=" << options.open_files_max << " reclaimRule="
       << (options.reclaim_rule == ReclaimRule::kConsumed ? "consumed"
                                                          : "retention")
       << " segmentMs=" << options.segment_ms
       << " backend=" << kBackends[static_cast<int>(options.backend)];
  return text.str();
}

Status Engine::Attach(const EngineRequest& request,
                      const std::shared_ptr<CompletionQueue>& queue,
                      std::shared_ptr<Engine>* engine) {
  return EngineRegistry::Get().Attach(request, queue, engine);
}

Status Engine::Open() {
  Options options = request_.options;
  options.after_group_reported = [this] { WakeQueues(); };
  options.log = [this](const std::string& line) {
    const std::lock_guard lock(queues_mutex_);
    lines_.push_back(line);
  };
  const Status status = Wal::Open(options, &wal_);
  if (status.ok()) logs_.emplace(wal_.get());
  return status;
}

Engine::~Engine() {
  // Without a Wal it was never opened.
  if (wal_ != nullptr) static_cast<void>(CloseOnce());
}

Status Engine::Detach(const CompletionQueue* queue) {
  const Status saved = logs_->SaveReaders();
  const Status status = EngineRegistry::Get().Detach(this, queue);
  return saved.ok() ? status : saved;
}

Status Engine::CloseOnce() {
  const std::lock_guard lock(close_mutex_);
  if (!is_closed_) {
    const Status saved = logs_->SaveReaders();
    close_status_ = wal_->Close();
    if (close_status_.ok()) close_status_ = saved;
    is_closed_ = true;
  }
  return close_status_;
}

std::vector<std::string> Engine::TakeLines() {
  const std::lock_guard lock(queues_mutex_);
  return std::exchange(lines_, {});
}

void Engine::Silence() {
  const std::lock_guard lock(queues_mutex_);
  for (const auto& queue : queues_) queue->Silence();
}

void Engine::WakeQueues() {
  const std::lock_guard lock(queues_mutex_);
  for (const auto& queue : queues_) queue->GroupReported();
}

void Engine::AddQueue(const std::shared_ptr<CompletionQueue>& queue) {
  const std::lock_guard lock(queues_mutex_);
  queues_.push_back(queue);
}

void Engine::RemoveQueue(const CompletionQueue* queue) {
  const std::lock_guard lock(queues_mutex_);
  std::erase_if(queues_,
                [queue](const auto& each) { return each.get() == queue; });
}

Status Attachment::Detach() {
  const std::lock_guard lock(mutex_);
  if (!is_detached_) {
    status_ = engine_->Detach(queue_.get());
    is_detached_ = true;
  }
  return status_;
}

}  // namespace walrus::binding
