#include "wal/producer_census.h"

#include <functional>
#include <memory>
#include <queue>
#include <utility>

namespace walrus {

namespace {

constexpr uint64_t kEvictedShare = 64;

}  // namespace

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
  // Tables stay as long as their logs.
  using Oldest = std::pair<int64_t, Log*>;
  std::priority_queue<Oldest, std::vector<Oldest>, std::greater<>> order;
  const auto enter = [&order](Log* log) {
    const int64_t ms = log->producers->oldest_ms();
    if (ms != ProducerTable::kNobody) order.emplace(ms, log);
  };
  for (Log* log : logs) enter(log);
  // Some more than one, so that not every new producer looks at all logs.
  const uint64_t kept = producers_max_ - producers_max_ / kEvictedShare;
  while (count() > kept && !order.empty()) {
    Log* const log = order.top().second;
    order.pop();
    {
      const std::lock_guard turn(log->turn_mutex);
      log->producers->EvictOldest();
    }
    enter(log);
  }
}

}  // namespace walrus
