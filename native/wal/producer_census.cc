#include "wal/producer_census.h"

#include <memory>

namespace walrus {

ProducerTable& ProducerCensus::Enter(Log* log) {
  if (log->producers != nullptr) return *log->producers;
  log->producers = std::make_unique<ProducerTable>(limits_, &count_);
  log->has_producers.store(true, std::memory_order_release);
  const std::lock_guard lock(logs_mutex_);
  logs_.push_back(log);
  return *log->producers;
}

void ProducerCensus::Evict() {
  const std::lock_guard evicting(evict_mutex_);
  std::vector<Log*> logs;
  {
    const std::lock_guard lock(logs_mutex_);
    logs = logs_;
  }
  while (is_over()) {
    Log* oldest = nullptr;
    int64_t oldest_ms = ProducerTable::kNobody;
    for (Log* log : logs) {
      // Tables stay as long as their logs.
      const int64_t ms = log->producers->oldest_ms();
      if (ms >= oldest_ms) continue;
      oldest = log;
      oldest_ms = ms;
    }
    if (oldest == nullptr) return;
    const std::lock_guard turn(oldest->turn_mutex);
    oldest->producers->EvictOldest();
  }
}

}  // namespace walrus
