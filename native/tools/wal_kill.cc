// Kills a process that works on the engine, and judges what it leaves:
//
//   wal_kill points --backend fd --mode SyncEach      before each file call
//   wal_kill cycles --cycles 1000 --seed 1            at random moments
//   wal_kill driver --dir D --seed 1 --ops 100 …      the process itself
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tools/kill_driver.h"
#include "tools/kill_tracer.h"

namespace walrus {
namespace {

namespace fs = std::filesystem;
using Flags = std::map<std::string, std::string>;

constexpr char kMemory[] = "/dev/shm";
constexpr uint64_t kLivesPerDirectory = 20;
// Of a hundred kills, so many come at a moment counted from the start of the
// process: inside the opening, mostly.
constexpr uint64_t kInOpeningPercent = 30;
constexpr uint64_t kOpeningMicros = 8'000;
constexpr uint64_t kWorkMicros = 25'000;
constexpr uint64_t kEndlessOps = 20'000;

constexpr std::pair<const char*, Backend> kBackends[] = {
    {"fd", Backend::kFd}, {"uring", Backend::kUring}, {"mmap", Backend::kMmap}};

bool ParseSetup(const std::string& mode, const std::string& backend,
                KillDriverOptions* options) {
  bool known_mode = false;
  for (const FsyncMode candidate : kAllModes) {
    if (ModeName(candidate) != mode) continue;
    options->mode = candidate;
    known_mode = true;
  }
  for (const auto& [name, value] : kBackends) {
    if (backend != name) continue;
    options->backend = value;
    return known_mode;
  }
  return false;
}

// One directory, the processes that work on it, and what they told.
class Victim {
 public:
  Victim(std::string program, std::string mode, std::string backend,
         bool on_disk, bool acks_early)
      : program_(std::move(program)),
        mode_(std::move(mode)),
        backend_(std::move(backend)),
        acks_early_(acks_early) {
    // What a kill leaves does not depend on the disk; a file system in memory
    // takes ten times as many steps in the same time.
    const bool in_memory = !on_disk && fs::is_directory(kMemory);
    const fs::path parent = in_memory ? kMemory : fs::temp_directory_path();
    std::string name = parent / "walrusmq-kill-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
    KeepTold({});
  }

  std::vector<std::string> Command(uint64_t seed, uint64_t ops) const {
    std::vector<std::string> command = {
        program_,    "driver",           "--dir",  folder_ / "wal",
        "--story",   folder_ / "story",  "--mode", mode_,
        "--backend", backend_,           "--seed", std::to_string(seed),
        "--ops",     std::to_string(ops)};
    if (acks_early_) command.insert(command.end(), {"--plant", "early-ack"});
    return command;
  }

  // Takes over what a process told; empty, or what is wrong.
  std::string Note(const KilledRun& run, const std::string& error) {
    KeepTold(run.told);
    for (const char c : run.told) {
      promises_ += c == '!' || c == 'W' || c == 'D' ? 1 : 0;
    }
    if (!error.empty()) return error;
    const size_t judged = run.told.find("E ");
    if (judged != std::string::npos) {
      return run.told.substr(judged + 2, run.told.find('\n', judged) - judged);
    }
    if (run.killed || run.exit_code == 0) return {};
    return "the process ended with " + std::to_string(run.exit_code);
  }

  // The last process of a directory: what is there now is right, and the
  // directory can be closed and written to.
  std::string Settle(uint64_t seed) {
    KilledRun run;
    const std::string error =
        RunAndKill(Command(seed, 12), std::nullopt, false, &run);
    std::string wrong = Note(run, error);
    if (wrong.empty()) fs::remove_all(folder_);
    return wrong;
  }

  uint64_t promises() const { return promises_; }
  const fs::path& folder() const { return folder_; }

 private:
  void KeepTold(const std::string& told) {
    std::ofstream story(folder_ / "story", std::ios::app);
    story << told;
  }

  const std::string program_;
  const std::string mode_;
  const std::string backend_;
  const bool acks_early_;
  fs::path folder_;
  uint64_t promises_ = 0;
};

struct Counts {
  bool planted = false;  // a violation is what is looked for
  uint64_t kills = 0;
  uint64_t in_recovery = 0;
  uint64_t ended = 0;  // before their moment came
  uint64_t promises = 0;
  uint64_t violations = 0;
  std::map<std::string, uint64_t> calls;  // how often each was never made

  void Judge(const Victim& victim, const std::string& where,
             const std::string& wrong) {
    if (wrong.empty()) return;
    ++violations;
    if (planted) {
      std::printf("found: %s: %s\n", where.c_str(), wrong.c_str());
      fs::remove_all(victim.folder());
      return;
    }
    std::printf("VIOLATION %s: %s\n  kept: %s\n", where.c_str(), wrong.c_str(),
                victim.folder().c_str());
  }
};

bool IsOpened(const KilledRun& run) {
  return run.told.find("\nG ") != std::string::npos;
}

int Close(const Flags& flags, const char* what, uint64_t done,
          const Counts& counts) {
  std::printf(
      "%llu %s, seed %s: %llu kills (%llu of them before the opening was "
      "over), %llu processes that ended first, %llu promises, %llu "
      "violations\n",
      static_cast<unsigned long long>(done), what, flags.at("--seed").c_str(),
      static_cast<unsigned long long>(counts.kills),
      static_cast<unsigned long long>(counts.in_recovery),
      static_cast<unsigned long long>(counts.ended),
      static_cast<unsigned long long>(counts.promises),
      static_cast<unsigned long long>(counts.violations));
  uint64_t failed = counts.violations;
  uint64_t passed = done - failed;
  if (counts.planted) {
    failed = counts.violations > 0 ? 0 : 1;
    passed = 1 - failed;
  }
  std::printf("%llu passed, %llu failed\n",
              static_cast<unsigned long long>(passed),
              static_cast<unsigned long long>(failed));
  return failed == 0 && counts.kills > 0 ? 0 : 1;
}

// One point: killed before the call, then again inside the recovery, then
// judged. False: the workload has fewer calls.
bool RunPoint(const std::string& program, const Flags& flags, uint64_t point,
              Counts* counts) {
  const uint64_t seed = std::stoull(flags.at("--seed"));
  Victim victim(program, flags.at("--mode"), flags.at("--backend"), false,
                flags.count("--plant") > 0);
  KilledRun run;
  std::string error = RunTraced(
      victim.Command(seed, std::stoull(flags.at("--ops"))), point, &run);
  std::string wrong = victim.Note(run, error);
  const bool reached = run.killed;
  counts->kills += run.killed ? 1 : 0;
  if (reached) ++counts->calls[run.killed_before];
  std::string where = "killed before call " + std::to_string(point) + " (" +
                      run.killed_before + ")";
  if (wrong.empty() && reached) {
    const uint64_t second = 1 + SimHash(seed, point) % 24;
    error = RunTraced(victim.Command(seed + 1, 0), second, &run);
    wrong = victim.Note(run, error);
    counts->kills += run.killed ? 1 : 0;
    counts->in_recovery += run.killed && !IsOpened(run) ? 1 : 0;
    where += ", then before call " + std::to_string(second);
  }
  if (wrong.empty()) wrong = victim.Settle(seed + 2);
  counts->promises += victim.promises();
  counts->Judge(victim, where, wrong);
  return reached;
}

void RunSetup(const std::string& program, const Flags& flags, Counts* counts,
              uint64_t* points) {
  const uint64_t every = std::stoull(flags.at("--every"));
  uint64_t point = 1;
  // A workload whose threads run differently has a few calls more or less: it
  // is over when it ended before its point twice.
  for (int beyond = 0; beyond < 2 && counts->violations == 0; point += every) {
    ++*points;
    if (!RunPoint(program, flags, point, counts)) {
      ++beyond;
      ++counts->ended;
    }
  }
  std::printf("%s, %s: about %llu calls, killed before one in %llu\n",
              flags.at("--mode").c_str(), flags.at("--backend").c_str(),
              static_cast<unsigned long long>(point - every),
              static_cast<unsigned long long>(every));
}

int RunPoints(const std::string& program, const Flags& flags) {
  Counts counts;
  counts.planted = flags.count("--plant") > 0;
  uint64_t points = 0;
  for (const FsyncMode mode : kAllModes) {
    for (const auto& setup : kBackends) {
      Flags chosen = flags;
      chosen["--mode"] = ModeName(mode);
      chosen["--backend"] = setup.first;
      const auto wanted = [&flags, &chosen](const char* flag) {
        return flags.at(flag) == "all" || flags.at(flag) == chosen.at(flag);
      };
      if (!wanted("--mode") || !wanted("--backend")) continue;
      if (counts.violations > 0) continue;
      RunSetup(program, chosen, &counts, &points);
    }
  }
  for (const auto& [name, count] : counts.calls) {
    std::printf("  %s: %llu\n", name.c_str(),
                static_cast<unsigned long long>(count));
  }
  return Close(flags, "points", points, counts);
}

// Up to kLivesPerDirectory processes, killed one after another.
uint64_t RunDirectory(const std::string& program, const Flags& flags,
                      uint64_t turn, uint64_t lives, Counts* counts) {
  const uint64_t seed = SimHash(std::stoull(flags.at("--seed")), turn);
  const std::string mode = ModeName(kAllModes[turn % 3]);
  const std::string backend = kBackends[turn / 3 % 3].first;
  const bool on_disk = turn % 2 == 1;
  Victim victim(program, mode, backend, on_disk, flags.count("--plant") > 0);
  std::string wrong;
  uint64_t life = 0;
  for (; life < lives && wrong.empty(); ++life) {
    const uint64_t draw = SimHash(seed, life);
    const bool from_start = draw % 100 < kInOpeningPercent;
    const uint64_t most = from_start ? kOpeningMicros : kWorkMicros;
    const std::chrono::microseconds after(SimHash(draw, 1) % most);
    KilledRun run;
    const std::string error =
        RunAndKill(victim.Command(draw, kEndlessOps), after, from_start, &run);
    wrong = victim.Note(run, error);
    counts->kills += run.killed ? 1 : 0;
    counts->ended += run.killed ? 0 : 1;
    counts->in_recovery += run.killed && !IsOpened(run) ? 1 : 0;
  }
  const std::string where = mode + ", " + backend + ", cycle " +
                            std::to_string(turn * kLivesPerDirectory + life);
  if (wrong.empty()) wrong = victim.Settle(seed);
  counts->promises += victim.promises();
  counts->Judge(victim, where, wrong);
  return life;
}

int RunCycles(const std::string& program, const Flags& flags) {
  const uint64_t cycles = std::stoull(flags.at("--cycles"));
  Counts counts;
  counts.planted = flags.count("--plant") > 0;
  uint64_t done = 0;
  for (uint64_t turn = 0; done < cycles && counts.violations == 0; ++turn) {
    done += RunDirectory(program, flags, turn,
                         std::min(kLivesPerDirectory, cycles - done), &counts);
  }
  return Close(flags, "cycles", done, counts);
}

int RunDriver(const Flags& flags) {
  KillDriverOptions options;
  if (!ParseSetup(flags.at("--mode"), flags.at("--backend"), &options)) {
    return 2;
  }
  options.directory = flags.at("--dir");
  options.story_path = flags.at("--story");
  options.seed = std::stoull(flags.at("--seed"));
  options.ops = std::stoull(flags.at("--ops"));
  options.acks_early = flags.count("--plant") > 0;
  KillDriver driver(options);
  const std::string wrong = driver.Run();
  if (wrong.empty()) return 0;
  std::printf("E %s\n", wrong.c_str());
  return 1;
}

Flags ParseFlags(int count, char** words) {
  Flags flags = {{"--seed", "1"},     {"--ops", "42"},  {"--mode", "SyncEach"},
                 {"--backend", "fd"}, {"--every", "1"}, {"--cycles", "100"},
                 {"--story", ""},     {"--dir", ""}};
  for (int i = 2; i + 1 < count; i += 2) flags[words[i]] = words[i + 1];
  return flags;
}

}  // namespace
}  // namespace walrus

int main(int count, char** words) {
  const std::string what = count > 1 ? words[1] : "";
  const walrus::Flags flags = walrus::ParseFlags(count, words);
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  if (what != "driver") std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (count % 2 == 0 && what == "points") {
    return walrus::RunPoints(program, flags);
  }
  if (count % 2 == 0 && what == "cycles") {
    return walrus::RunCycles(program, flags);
  }
  if (count % 2 == 0 && what == "driver") return walrus::RunDriver(flags);
  std::fprintf(stderr,
               "wal_kill points [--mode SyncEach|Milliseconds|NoFsync|all]\n"
               "  [--backend fd|uring|mmap|all] [--every N] [--seed N]\n"
               "wal_kill cycles [--cycles N] [--seed N]\n"
               "  --plant early-ack: with a process that promises too early\n");
  return 2;
}
