// Measures the ways of committing one record to each of many logs: direct
// block writes and syncs against a commit journal. The decision that came of
// it is docs/design/0001-commit-journal.md.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "commit_strategies_blocks.h"
#include "commit_strategies_commit.h"
#include "commit_strategies_report.h"

namespace walrusmq::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kHelp =
    R"(usage: commit_strategies [options]

Commits groups of one record for each of N logs, once with direct block writes
and syncs and once through a commit journal, in turns, and compares them.

  --dir PATH          work in a new directory below PATH (default .); it is
                      removed at the end
  --loads LIST        log count x record bytes
                      (default 1x1024,100x1024,1000x1024,1x1048576)
  --strategies LIST   of direct, journal, journal-bypass, direct-overlap,
                      direct-fallocate, direct-zeroed, journal-bypass-sum,
                      bare (default: all)
  --rounds N          rounds of each load (default 5)
  --seconds S         at most, for each strategy, load and round (default 2)
  --written-mib N     at most, for each strategy in the whole run (default 1400)
  --journal-mib N     size of each of the two journal files (default 32)
  --bypass-kib N      journal-bypass: groups whose runs have on average this
                      much or more are written directly (default 64)
  --bypass-sum-kib N  journal-bypass-sum: the same for the sum (default 256)
  --flush-us N        waits this much more in each sync, as a disk with a slow
                      flush would (default none)
  --json              JSON on stdout, the table on stderr
  --help              this text

bare is the limit: 4 KiB written and synced, again and again, in a zeroed file.
direct-overlap starts writing out all files before it syncs the first one.
direct-fallocate allocates each block whole; direct-zeroed writes zeros ahead.
)";

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Flags {
  std::string parent_directory = ".";
  std::vector<Load> loads = {
      {1, 1024}, {100, 1024}, {1000, 1024}, {1, 1 << 20}};
  std::vector<std::string> strategies = CommitStrategyNames();
  uint64_t round_count = 5;
  double phase_seconds = 2;
  uint64_t written_bytes_max = 1400ull << 20;
  uint64_t journal_bytes = 32ull << 20;
  uint64_t bypass_average_bytes = 64ull << 10;
  uint64_t bypass_sum_bytes = 256ull << 10;
  uint64_t extra_sync_us = 0;
  bool json = false;
  bool help = false;
};

volatile std::sig_atomic_t interrupted = 0;

/// A new directory, removed with all it holds when the object goes.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& parent)
      : path_(parent + "/commit_strategies-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) ThrowErrno("mkdtemp " + path_);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> items;
  std::istringstream in(list);
  for (std::string item; std::getline(in, item, ',');) items.push_back(item);
  return items;
}

uint64_t ParseCount(const std::string& flag, const std::string& text,
                    uint64_t max) {
  const bool digits = !text.empty() && text.size() <= 12 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  const uint64_t value = digits ? std::stoull(text) : 0;
  if (value < 1 || value > max) {
    throw UsageError(flag + " takes a number from 1 to " + std::to_string(max) +
                     ", not '" + text + "'");
  }
  return value;
}

double ParseSeconds(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value > 0 && value <= 3600)) {
    throw UsageError("--seconds takes a number up to 3600, not '" + text + "'");
  }
  return value;
}

std::vector<Load> ParseLoads(const std::string& list) {
  std::vector<Load> loads;
  for (const std::string& item : Split(list)) {
    const size_t x = item.find('x');
    if (x == std::string::npos) {
      throw UsageError("--loads takes N x BYTES, as in 100x1024, not '" + item +
                       "'");
    }
    loads.push_back({ParseCount("--loads", item.substr(0, x), 10000),
                     ParseCount("--loads", item.substr(x + 1), 8 << 20)});
  }
  if (loads.empty()) throw UsageError("--loads is empty");
  return loads;
}

std::vector<std::string> ParseStrategies(const std::string& list) {
  const std::vector<std::string>& known = CommitStrategyNames();
  const std::vector<std::string> names = Split(list);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw UsageError("--strategies: no such strategy: '" + name + "'");
    }
  }
  if (names.empty()) throw UsageError("--strategies is empty");
  return names;
}

void ParseFlag(const std::string& flag, const std::string& value,
               Flags* flags) {
  if (flag == "--dir") {
    flags->parent_directory = value;
  } else if (flag == "--loads") {
    flags->loads = ParseLoads(value);
  } else if (flag == "--strategies") {
    flags->strategies = ParseStrategies(value);
  } else if (flag == "--rounds") {
    flags->round_count = ParseCount(flag, value, 1000);
  } else if (flag == "--seconds") {
    flags->phase_seconds = ParseSeconds(value);
  } else if (flag == "--written-mib") {
    flags->written_bytes_max = ParseCount(flag, value, 1 << 20) << 20;
  } else if (flag == "--journal-mib") {
    flags->journal_bytes = ParseCount(flag, value, 1024) << 20;
  } else if (flag == "--bypass-kib") {
    flags->bypass_average_bytes = ParseCount(flag, value, 1 << 20) << 10;
  } else if (flag == "--bypass-sum-kib") {
    flags->bypass_sum_bytes = ParseCount(flag, value, 1 << 20) << 10;
  } else if (flag == "--flush-us") {
    flags->extra_sync_us = ParseCount(flag, value, 1000000);
  } else {
    throw UsageError("unknown option: " + flag);
  }
}

Flags ParseFlags(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    std::string flag = argv[i];
    if (flag == "--help") {
      flags.help = true;
    } else if (flag == "--json") {
      flags.json = true;
    } else if (const size_t equals = flag.find('=');
               equals != std::string::npos) {
      ParseFlag(flag.substr(0, equals), flag.substr(equals + 1), &flags);
    } else if (flag.rfind("--", 0) != 0) {
      throw UsageError("unexpected argument: " + flag);
    } else {
      if (++i == argc) throw UsageError(flag + " is unknown or has no value");
      ParseFlag(flag, argv[i], &flags);
    }
  }
  for (const Load& load : flags.loads) {
    // Run end, header and redo table stay below 512 bytes for each record.
    if (load.log_count * (load.record_bytes + 512) + kPageBytes >
        flags.journal_bytes) {
      throw UsageError("a group of " + load.Name() +
                       " does not fit a journal file; see --journal-mib");
    }
  }
  return flags;
}

std::string FilesystemName(const std::string& path) {
  struct statfs found;
  if (::statfs(path.c_str(), &found) != 0) ThrowErrno("statfs " + path);
  static const std::map<uint32_t, std::string> names = {
      {0xef53, "ext4"},      {0x58465342, "xfs"},       {0x9123683e, "btrfs"},
      {0x01021994, "tmpfs"}, {0x794c7630, "overlayfs"}, {0x2fc12fc1, "zfs"}};
  const auto name = names.find(static_cast<uint32_t>(found.f_type));
  return name == names.end() ? "unknown" : name->second;
}

/// Nothing where the filesystem has no block device whose counters we may read.
std::optional<DeviceCounters> ReadDeviceCounters(const std::string& path) {
  struct stat found;
  if (::stat(path.c_str(), &found) != 0) ThrowErrno("stat " + path);
  std::ifstream in("/sys/dev/block/" + std::to_string(major(found.st_dev)) +
                   ":" + std::to_string(minor(found.st_dev)) + "/stat");
  std::vector<uint64_t> fields;
  for (uint64_t field; in >> field;) fields.push_back(field);
  if (fields.size() < 7) return std::nullopt;
  return DeviceCounters{fields[6] * 512, fields.size() > 15 ? fields[15] : 0};
}

/// Writes out what a phase left dirty, so that the next one does not pay.
void SettleFilesystem(const std::string& path) {
  const File directory(path, O_RDONLY | O_DIRECTORY);
  if (::syncfs(directory.descriptor()) != 0) ThrowErrno("syncfs");
}

Phase Measure(CommitStrategy& strategy, const std::string& path,
              const std::vector<std::string_view>& payloads, double seconds,
              uint64_t bytes_max) {
  Phase phase;
  SettleFilesystem(path);
  const std::optional<DeviceCounters> before = ReadDeviceCounters(path);
  const uint64_t written_before = strategy.bytes_written();
  const Clock::time_point start = Clock::now();
  Clock::time_point previous = start;
  do {
    strategy.Commit(payloads);
    const Clock::time_point now = Clock::now();
    phase.latencies_us.push_back(
        std::chrono::duration<double, std::micro>(now - previous).count());
    previous = now;
    phase.bytes_written = strategy.bytes_written() - written_before;
    if (interrupted) throw std::runtime_error("interrupted");
  } while (SecondsSince(start) < seconds && phase.bytes_written < bytes_max);
  phase.commit_seconds = SecondsSince(start);
  strategy.Checkpoint();
  phase.with_checkpoint_seconds = SecondsSince(start);
  phase.commit_count = phase.latencies_us.size();
  if (before) {
    const DeviceCounters after = *ReadDeviceCounters(path);
    phase.device = {after.bytes_written - before->bytes_written,
                    after.flush_count - before->flush_count};
  }
  return phase;
}

void MeasureLoad(const Flags& flags, const Load& load, Report* report) {
  const TemporaryDirectory directory(flags.parent_directory);
  std::string bytes(load.log_count * load.record_bytes, '\0');
  uint64_t state = 88172645463325252u;
  for (char& byte : bytes) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    byte = static_cast<char>(state);
  }
  std::vector<std::string_view> payloads;
  for (size_t log = 0; log < load.log_count; ++log) {
    payloads.push_back(std::string_view(bytes).substr(log * load.record_bytes,
                                                      load.record_bytes));
  }

  std::vector<std::unique_ptr<CommitStrategy>> strategies;
  for (const std::string& name : flags.strategies) {
    CommitOptions options;
    options.directory = directory.path() + "/" + name;
    options.log_count = load.log_count;
    options.journal_bytes = flags.journal_bytes;
    options.bypass_average_bytes = flags.bypass_average_bytes;
    options.bypass_sum_bytes = flags.bypass_sum_bytes;
    std::filesystem::create_directory(options.directory);
    strategies.push_back(MakeCommitStrategy(name, options));
  }

  const uint64_t bytes_max =
      flags.written_bytes_max / (flags.loads.size() * flags.round_count);
  std::map<std::string, std::vector<Phase>> phases;
  for (size_t round = 0; round < flags.round_count; ++round) {
    std::fprintf(stderr, "%s: round %zu of %zu\n", load.Name().c_str(),
                 round + 1, static_cast<size_t>(flags.round_count));
    for (size_t i = 0; i < strategies.size(); ++i) {
      // No strategy always follows the same one.
      const size_t turn = (i + round) % strategies.size();
      phases[flags.strategies[turn]].push_back(
          Measure(*strategies[turn], directory.path(), payloads,
                  flags.phase_seconds, bytes_max));
    }
  }
  const auto direct = phases.find("direct");
  for (const std::string& name : flags.strategies) {
    report->rows.push_back(
        Summarize(load, name, phases[name],
                  direct == phases.end() ? nullptr : &direct->second));
  }
}

int Run(const Flags& flags) {
  Report report;
  report.filesystem = FilesystemName(flags.parent_directory);
  report.journal_bytes = flags.journal_bytes;
  report.bypass_average_bytes = flags.bypass_average_bytes;
  report.bypass_sum_bytes = flags.bypass_sum_bytes;
  report.extra_sync_us = flags.extra_sync_us;
  File::extra_sync_time = std::chrono::microseconds(flags.extra_sync_us);
  if (report.filesystem == "tmpfs") {
    std::fprintf(stderr, "warning: a sync on tmpfs writes nothing\n");
  }
  for (const Load& load : flags.loads) MeasureLoad(flags, load, &report);
  std::fputs(ToTable(report).c_str(), flags.json ? stderr : stdout);
  if (flags.json) std::fputs(ToJson(report).c_str(), stdout);
  return 0;
}

}  // namespace
}  // namespace walrusmq::bench

int main(int argc, char** argv) {
  using namespace walrusmq::bench;
  const auto interrupt = [](int) { interrupted = 1; };
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  try {
    const Flags flags = ParseFlags(argc, argv);
    if (flags.help) {
      std::fputs(kHelp, stdout);
      return 0;
    }
    return Run(flags);
  } catch (const UsageError& error) {
    std::fprintf(stderr, "commit_strategies: %s\nTry --help.\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "commit_strategies: %s\n", error.what());
    return 1;
  }
}
