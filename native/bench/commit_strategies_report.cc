#include "commit_strategies_report.h"

#include <algorithm>
#include <cstdio>

namespace walrusmq::bench {

namespace {

double Quantile(std::vector<double> values, double quantile) {
  if (values.empty()) return 0;
  const auto nth =
      values.begin() +
      static_cast<long>(quantile * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

template <typename Figure>
std::vector<double> Collect(const std::vector<Phase>& phases, Figure figure) {
  std::vector<double> values;
  for (const Phase& phase : phases) values.push_back(figure(phase));
  return values;
}

template <typename Figure>
double Median(const std::vector<Phase>& phases, Figure figure) {
  return Quantile(Collect(phases, figure), 0.5);
}

template <typename Figure>
std::vector<double> Ratios(const std::vector<Phase>& phases,
                           const std::vector<Phase>& direct, Figure figure) {
  std::vector<double> ratios;
  for (size_t i = 0; i < phases.size() && i < direct.size(); ++i) {
    ratios.push_back(figure(phases[i]) / figure(direct[i]));
  }
  return ratios;
}

double Rate(const Phase& phase) {
  return static_cast<double>(phase.commit_count) / phase.commit_seconds;
}

double RateWithCheckpoint(const Phase& phase) {
  return static_cast<double>(phase.commit_count) /
         phase.with_checkpoint_seconds;
}

double PerCommit(uint64_t count, const Phase& phase) {
  return static_cast<double>(count) / static_cast<double>(phase.commit_count);
}

template <typename... Arguments>
std::string Format(const char* format, Arguments... arguments) {
  char line[512];
  std::snprintf(line, sizeof(line), format, arguments...);
  return line;
}

std::string OrDash(const std::optional<double>& value, const char* format) {
  return value ? Format(format, *value) : "-";
}

std::string OrNull(const std::optional<double>& value) {
  return value ? Format("%.4f", *value) : "null";
}

std::string RowToJson(const Row& row) {
  std::string out = Format(
      "{\"logCount\":%zu,\"recordBytes\":%zu,\"strategy\":\"%s\","
      "\"roundCount\":%zu,\"commitsPerSecond\":%.2f,"
      "\"commitsPerSecondWithCheckpoint\":%.2f,",
      row.load.log_count, row.load.record_bytes, row.strategy.c_str(),
      row.round_count, row.commits_per_second,
      row.commits_per_second_with_checkpoint);
  out += Format(
      "\"latencyUsP50\":%.1f,\"latencyUsP99\":%.1f,\"latencyUsMax\":%.1f,"
      "\"bytesPerCommit\":%.1f,",
      row.latency_us_p50, row.latency_us_p99, row.latency_us_max,
      row.bytes_per_commit);
  out += "\"deviceBytesPerCommit\":" + OrNull(row.device_bytes_per_commit);
  out += ",\"deviceFlushesPerCommit\":" + OrNull(row.device_flushes_per_commit);
  out += ",\"ratioToDirect\":" + OrNull(row.ratio);
  out += Format(",\"ratioToDirectMin\":%.4f,\"ratioToDirectMax\":%.4f",
                row.ratio_min, row.ratio_max);
  return out + ",\"ratioToDirectWithCheckpoint\":" +
         OrNull(row.ratio_with_checkpoint) + "}";
}

}  // namespace

std::string Load::Name() const {
  if (record_bytes % (1 << 20) == 0) {
    return Format("%zu x %zu MiB", log_count, record_bytes >> 20);
  }
  if (record_bytes % 1024 == 0) {
    return Format("%zu x %zu KiB", log_count, record_bytes >> 10);
  }
  return Format("%zu x %zu B", log_count, record_bytes);
}

Row Summarize(const Load& load, const std::string& strategy,
              std::vector<Phase>& phases, const std::vector<Phase>* direct) {
  Row row;
  row.load = load;
  row.strategy = strategy;
  row.round_count = phases.size();
  row.commits_per_second = Median(phases, Rate);
  row.commits_per_second_with_checkpoint = Median(phases, RateWithCheckpoint);
  const auto latency = [](double quantile) {
    return [quantile](const Phase& phase) {
      return Quantile(phase.latencies_us, quantile);
    };
  };
  row.latency_us_p50 = Median(phases, latency(0.5));
  row.latency_us_p99 = Median(phases, latency(0.99));
  row.latency_us_max = Median(phases, latency(1));
  row.bytes_per_commit = Median(phases, [](const Phase& phase) {
    return PerCommit(phase.bytes_written, phase);
  });
  if (!phases.empty() && phases[0].device) {
    row.device_bytes_per_commit = Median(phases, [](const Phase& phase) {
      return PerCommit(phase.device->bytes_written, phase);
    });
    row.device_flushes_per_commit = Median(phases, [](const Phase& phase) {
      return PerCommit(phase.device->flush_count, phase);
    });
  }
  if (direct != nullptr) {
    const std::vector<double> ratios = Ratios(phases, *direct, Rate);
    row.ratio = Quantile(ratios, 0.5);
    row.ratio_min = Quantile(ratios, 0);
    row.ratio_max = Quantile(ratios, 1);
    row.ratio_with_checkpoint =
        Quantile(Ratios(phases, *direct, RateWithCheckpoint), 0.5);
  }
  return row;
}

std::string ToTable(const Report& report) {
  std::string out = Format(
      "filesystem %s, journal 2 x %.0f MiB, bypass from %.0f KiB a run (sum: "
      "%.0f KiB), %llu us added to each sync; medians over rounds\n"
      "commits are groups of one record for each log; +ckpt includes the last "
      "checkpoint;\nx direct is the ratio to `direct` in the same round\n\n",
      report.filesystem.c_str(),
      static_cast<double>(report.journal_bytes) / (1 << 20),
      static_cast<double>(report.bypass_average_bytes) / 1024,
      static_cast<double>(report.bypass_sum_bytes) / 1024,
      static_cast<unsigned long long>(report.extra_sync_us));
  out +=
      Format("%-14s %-18s %9s %9s %8s %8s %9s %9s %9s %7s %-18s %s\n", "load",
             "strategy", "commits/s", "+ckpt", "p50 us", "p99 us", "max us",
             "KiB/cmt", "dev KiB", "flushes", "x direct", "x +ckpt");
  std::string previous_load;
  for (const Row& row : report.rows) {
    if (!previous_load.empty() && previous_load != row.load.Name()) out += "\n";
    previous_load = row.load.Name();
    std::optional<double> device_kib = row.device_bytes_per_commit;
    if (device_kib) *device_kib /= 1024;
    out += Format(
        "%-14s %-18s %9.1f %9.1f %8.0f %8.0f %9.0f %9.1f ",
        previous_load.c_str(), row.strategy.c_str(), row.commits_per_second,
        row.commits_per_second_with_checkpoint, row.latency_us_p50,
        row.latency_us_p99, row.latency_us_max, row.bytes_per_commit / 1024);
    std::string ratio = "-";
    if (row.ratio) {
      ratio =
          Format("%.2f (%.2f..%.2f)", *row.ratio, row.ratio_min, row.ratio_max);
    }
    out += Format("%9s %7s %-18s %s\n", OrDash(device_kib, "%.1f").c_str(),
                  OrDash(row.device_flushes_per_commit, "%.2f").c_str(),
                  ratio.c_str(),
                  OrDash(row.ratio_with_checkpoint, "%.2f").c_str());
  }
  return out;
}

std::string ToJson(const Report& report) {
  std::string out = Format(
      "{\"filesystem\":\"%s\",\"journalBytes\":%llu,"
      "\"bypassAverageBytes\":%llu,"
      "\"bypassSumBytes\":%llu,\"extraSyncUs\":%llu,\"rows\":[",
      report.filesystem.c_str(),
      static_cast<unsigned long long>(report.journal_bytes),
      static_cast<unsigned long long>(report.bypass_average_bytes),
      static_cast<unsigned long long>(report.bypass_sum_bytes),
      static_cast<unsigned long long>(report.extra_sync_us));
  for (size_t i = 0; i < report.rows.size(); ++i) {
    if (i > 0) out += ",";
    out += RowToJson(report.rows[i]);
  }
  return out + "]}\n";
}

}  // namespace walrusmq::bench
