// Measures the engine's appends and reads beside bare system calls and copies
// of the same payload, in interleaved rounds, and prints one JSON object per
// run of a load. bench/ (TypeScript) makes medians, ratios and verdicts of
// them.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "engine_bench_loads.h"

namespace walrusmq::bench {
namespace {

constexpr const char* kHelp =
    R"(usage: engine_bench [options]

Appends and reads records of 1 KiB through the engine, and does the same with
bare system calls and copies, in turns; one line of JSON for each run.

  --dir PATH         work in a new directory below PATH (default .); it is
                     removed at the end
  --rounds N         runs of each load (default 5)
  --payload-mib N    payload of a run without syncs (default 64)
  --seconds S        length of a run with syncs (default 0.4)
  --backend NAME     auto, io_uring, fd or mmap (default auto)
  --loads LIST       of the names below (default: all)
  --help             this text

loads:
)";

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Flags {
  std::string parent_directory = ".";
  uint64_t round_count = 5;
  uint64_t payload_mib = 64;
  double seconds = 0.4;
  std::string backend = "auto";
  std::vector<std::string> loads;
  bool help = false;
};

double ParseNumber(const std::string& flag, const std::string& text,
                   double max) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value > 0 && value <= max)) {
    throw UsageError(flag + " takes a number above 0, not '" + text + "'");
  }
  return value;
}

std::vector<std::string> ParseLoads(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream in(list);
  for (std::string name; std::getline(in, name, ',');) {
    bool known = false;
    for (const LoadKind& kind : LoadKinds()) known |= kind.name == name;
    if (!known) throw UsageError("--loads: no such load: '" + name + "'");
    names.push_back(name);
  }
  if (names.empty()) throw UsageError("--loads is empty");
  return names;
}

Flags ParseFlags(int argc, char** argv) {
  Flags flags;
  for (const LoadKind& kind : LoadKinds()) flags.loads.push_back(kind.name);
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--help") {
      flags.help = true;
      continue;
    }
    if (++i == argc) throw UsageError(flag + " is unknown or has no value");
    const std::string value = argv[i];
    if (flag == "--dir") {
      flags.parent_directory = value;
    } else if (flag == "--rounds") {
      flags.round_count = static_cast<uint64_t>(ParseNumber(flag, value, 1000));
    } else if (flag == "--payload-mib") {
      // The peers' sparse file ends at 1000 MiB.
      flags.payload_mib = static_cast<uint64_t>(ParseNumber(flag, value, 960));
    } else if (flag == "--seconds") {
      flags.seconds = ParseNumber(flag, value, 60);
    } else if (flag == "--backend") {
      if (!IsBackend(value)) throw UsageError("no such backend: " + value);
      flags.backend = value;
    } else if (flag == "--loads") {
      flags.loads = ParseLoads(value);
    } else {
      throw UsageError("unknown option: " + flag);
    }
  }
  return flags;
}

void PrintHelp() {
  std::printf("%s", kHelp);
  for (const LoadKind& kind : LoadKinds()) {
    std::printf("  %-24s %s\n", kind.name.c_str(), kind.text.c_str());
  }
}

/// A new directory, removed with all it holds when the object goes.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::string& parent)
      : path_(parent + "/engine_bench-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) {
      throw std::runtime_error("mkdtemp " + path_ + ": " +
                               std::strerror(errno));
    }
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

/// Lets the engine's idle work end and writes out what the last run left
/// dirty, so that the next run does not pay for it.
void Settle(const std::string& path) {
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY);
  if (descriptor < 0 || ::syncfs(descriptor) != 0) {
    throw std::runtime_error(std::string("syncfs: ") + std::strerror(errno));
  }
  ::close(descriptor);
}

struct NamedLoad {
  LoadKind kind;
  std::unique_ptr<Load> load;
};

std::vector<NamedLoad> MakeLoads(const Flags& flags, const std::string& path,
                                 const Payload& payload) {
  std::vector<NamedLoad> loads;
  for (const std::string& name : flags.loads) {
    for (const LoadKind& kind : LoadKinds()) {
      if (kind.name != name) continue;
      const std::string directory = path + "/" + name;
      std::filesystem::create_directory(directory);
      loads.push_back(
          {kind, MakeLoad(name, directory, payload, flags.backend)});
    }
  }
  return loads;
}

/// Of all threads of this process, in the kernel and out of it.
double CpuSeconds() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) {
    throw std::runtime_error(std::string("getrusage: ") + std::strerror(errno));
  }
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// `cpu_seconds` is of the whole run, opening and closing included.
void Print(const std::string& name, uint64_t round, const Sample& sample,
           double cpu_seconds) {
  std::printf(
      "{\"load\":\"%s\",\"round\":%llu,\"operations\":%llu,"
      "\"payloadBytes\":%llu,\"seconds\":%.9f,\"cpuSeconds\":%.6f,"
      "\"commitGroups\":%llu}\n",
      name.c_str(), static_cast<unsigned long long>(round),
      static_cast<unsigned long long>(sample.operation_count),
      static_cast<unsigned long long>(sample.payload_bytes), sample.seconds,
      cpu_seconds, static_cast<unsigned long long>(sample.commit_group_count));
}

void RunAll(const Flags& flags) {
  const TemporaryDirectory directory(flags.parent_directory);
  const Payload payload;
  const std::vector<NamedLoad> loads =
      MakeLoads(flags, directory.path(), payload);
  for (uint64_t round = 0; round < flags.round_count; ++round) {
    std::fprintf(stderr, "engine: round %llu of %llu\n",
                 static_cast<unsigned long long>(round + 1),
                 static_cast<unsigned long long>(flags.round_count));
    for (size_t i = 0; i < loads.size(); ++i) {
      // Every other round goes backwards: no load always follows the same one.
      const NamedLoad& next = loads[round % 2 == 0 ? i : loads.size() - 1 - i];
      Settle(directory.path());
      const double cpu_before = CpuSeconds();
      const Sample sample = next.load->Run(
          {flags.payload_mib << 20, next.kind.syncs ? flags.seconds : 0});
      Print(next.kind.name, round, sample, CpuSeconds() - cpu_before);
      std::fflush(stdout);
    }
  }
}

}  // namespace

Payload::Payload() : bytes_(kInFlight * kRecordBytes) {
  uint64_t state = 88172645463325252u;
  for (char& byte : bytes_) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    byte = static_cast<char>(state);
  }
}

const std::vector<LoadKind>& LoadKinds() {
  static const std::vector<LoadKind> kinds = {
      {"engine-nosync-1", "AppendSync, NoFsync", false},
      {"pwrite-1k", "pwrite of 1 KiB, sparse file", false},
      {"engine-nosync-64", "Append, 64 in flight, NoFsync", false},
      {"pwrite-64k", "pwrite of 64 KiB, sparse file", false},
      {"engine-sync-1", "AppendSync, SyncEach", true},
      {"fdatasync-append-1k", "1 KiB + fdatasync, growing file", true},
      {"fdatasync-overwrite-4k", "4 KiB + fdatasync, zeroed file", true},
      {"engine-sync-64", "Append, 64 in flight, SyncEach", true},
      {"fdatasync-append-64k", "64 KiB + fdatasync, growing file", true},
      {"engine-read-1", "Read of 64 KiB, appended one by one", false},
      {"engine-read-64", "Read of 64 KiB, appended 64 at a time", false},
      {"memcpy-256m", "memcpy of 256 MiB", false}};
  return kinds;
}

std::unique_ptr<Load> MakeLoad(const std::string& name,
                               const std::string& directory,
                               const Payload& payload,
                               const std::string& backend) {
  if (name.rfind("engine-read-", 0) == 0 || name == "memcpy-256m") {
    return MakeReadLoad(name, directory, payload, backend);
  }
  return name.rfind("engine-", 0) == 0
             ? MakeEngineLoad(name, directory, payload, backend)
             : MakeSystemCallLoad(name, directory, payload);
}

}  // namespace walrusmq::bench

int main(int argc, char** argv) {
  using namespace walrusmq::bench;
  try {
    const Flags flags = ParseFlags(argc, argv);
    if (flags.help) {
      PrintHelp();
    } else {
      RunAll(flags);
    }
    return 0;
  } catch (const UsageError& error) {
    std::fprintf(stderr, "engine_bench: %s\n%s", error.what(), kHelp);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "engine_bench: %s\n", error.what());
    return 1;
  }
}
