// ProducerCensus: how many producers all logs of an instance remember together.
#ifndef WALRUS_WAL_PRODUCER_CENSUS_H_
#define WALRUS_WAL_PRODUCER_CENSUS_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "wal/log.h"
#include "wal/producer_snapshot.h"
#include "wal/producer_table.h"

namespace walrus {

/// Keeps the producers of an instance within a bound: of all its logs the
/// producer that appended longest ago goes.
///
/// Place: the committer has one.
/// Threads: any. Lock order: the committer's mutex, this one's own, a log's
/// turn_mutex. Enter() alone may be called with a turn_mutex held.
class ProducerCensus {
 public:
  explicit ProducerCensus(const Options& options)
      : producers_max_(options.producers_max),
        limits_{std::min<size_t>(
                    options.producers_per_log_max,
                    ProducerSnapshot::ProducersMax(options.block_bytes)),
                options.producer_expiration_ms} {}

  /// The log's table, made on first use.
  /// REQUIRES: log->turn_mutex is held.
  ProducerTable& Enter(Log* log);
  bool is_over() const { return count() > producers_max_; }
  /// Forgets producers until the bound holds again.
  /// REQUIRES: no turn_mutex is held.
  void Evict();
  uint64_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  const uint64_t producers_max_;
  const ProducerLimits limits_;
  std::atomic<uint64_t> count_{0};
  std::mutex evict_mutex_;
  std::mutex logs_mutex_;  // a leaf
  std::vector<Log*> logs_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_PRODUCER_CENSUS_H_
