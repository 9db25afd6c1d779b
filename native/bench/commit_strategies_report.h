// Figures of the measured phases: medians over rounds, as a table and as JSON.

#ifndef WALRUSMQ_BENCH_COMMIT_STRATEGIES_REPORT_H_
#define WALRUSMQ_BENCH_COMMIT_STRATEGIES_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace walrusmq::bench {

/// What one commit group holds: one record for each of `log_count` logs.
struct Load {
  size_t log_count = 1;
  size_t record_bytes = 1024;

  std::string Name() const;
};

/// Counters of the device below the directory; they include what other
/// programs and the filesystem's own journal write.
struct DeviceCounters {
  uint64_t bytes_written = 0;
  uint64_t flush_count = 0;
};

/// One strategy under one load in one round.
struct Phase {
  uint64_t commit_count = 0;
  double commit_seconds = 0;
  double with_checkpoint_seconds = 0;
  uint64_t bytes_written = 0;
  std::optional<DeviceCounters> device;
  std::vector<double> latencies_us;
};

struct Row {
  Load load;
  std::string strategy;
  size_t round_count = 0;
  double commits_per_second = 0;
  double commits_per_second_with_checkpoint = 0;
  double latency_us_p50 = 0;
  double latency_us_p99 = 0;
  double latency_us_max = 0;
  double bytes_per_commit = 0;
  std::optional<double> device_bytes_per_commit;
  std::optional<double> device_flushes_per_commit;
  // Against `direct` of the same load, where that was measured: medians of
  // the rounds' ratios, and the extremes among the rounds.
  std::optional<double> ratio;
  double ratio_min = 0;
  double ratio_max = 0;
  std::optional<double> ratio_with_checkpoint;
};

struct Report {
  std::string filesystem;
  uint64_t journal_bytes = 0;
  uint64_t bypass_average_bytes = 0;
  uint64_t bypass_sum_bytes = 0;
  uint64_t extra_sync_us = 0;
  std::vector<Row> rows;
};

/// `direct` holds the phases of the same rounds, or nothing.
Row Summarize(const Load& load, const std::string& strategy,
              std::vector<Phase>& phases, const std::vector<Phase>* direct);

std::string ToTable(const Report& report);
std::string ToJson(const Report& report);

}  // namespace walrusmq::bench

#endif  // WALRUSMQ_BENCH_COMMIT_STRATEGIES_REPORT_H_
