// I/O faults by countdown: a workload is run once for every change of the disk
// that it makes, and that change fails; with every error, once and for ever, on
// every backend and under every schedule.
//
//   io_countdown                            all of them
//   io_countdown --every 40 --seed 1        of the changes each 40th
//   io_countdown --only SyncEach@mmap:EIO:once:17
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "tools/countdown_run.h"

namespace walrus {
namespace {

using Clock = std::chrono::steady_clock;

struct Error {
  const char* name;
  int error_number;
  uint64_t bytes_before;
};
constexpr Error kErrors[] = {
    {"EIO", EIO, 0},       {"ENOSPC", ENOSPC, 0},
    {"EDQUOT", EDQUOT, 0}, {"EINTR", EINTR, 0},
    {"short1", ENOSPC, 1}, {"short-half", EIO, Fault::kHalf},
};

// Rolls blocks and files, frees them behind both readers and by truncation,
// cuts large calls into runs, deletes logs and opens again.
constexpr char kWork[] =
    "a0,b1,p0,u1,c1,v1,a2,f2,l2,u2,a1,f1,f1,u1,v1,a0,p0,t0,c0,f0,T0,a0,d2,b2,"
    "c2,r0,a1,p1,u0,v0,f2,f2,u2,v2,a2,d1,a1,c1,l1,t1,p2,r0,a0,b1,c2,u1,p0";

struct Arguments {
  uint64_t seed = 1;
  uint64_t every = 1;
  std::string only;
};

struct Counts {
  uint64_t runs = 0;
  uint64_t fenced = 0;
  uint64_t refused = 0;
  uint64_t wrong = 0;
};

// "SyncEach@mmap", as a workload is written.
std::string SetupText(const SimScript& script) {
  const std::string text = script.ToString();
  return text.substr(0, text.find(':'));
}

class Countdown {
 public:
  explicit Countdown(const Arguments& arguments) : arguments_(arguments) {}

  // The exit code.
  int Run() {
    for (const char* mode : {"SyncEach", "Milliseconds/2", "NoFsync"}) {
      for (const Backend backend : kSimBackends) RunSetup(mode, backend);
    }
    const std::chrono::duration<double> passed = Clock::now() - begin_;
    std::printf("seed %llu: %.1f s; %llu runs fenced, %llu answers refused\n",
                Show(arguments_.seed), passed.count(), Show(counts_.fenced),
                Show(counts_.refused));
    std::printf("%llu passed, %llu failed\n",
                Show(counts_.runs - counts_.wrong), Show(counts_.wrong));
    return counts_.wrong == 0 && counts_.runs > 0 ? 0 : 1;
  }

 private:
  static unsigned long long Show(uint64_t count) { return count; }

  void RunSetup(const std::string& mode, Backend backend) {
    SimScript script;
    if (!SimScript::Parse(mode + ":" + kWork, &script)) std::abort();
    script.backend = backend;
    CountdownRun clean(script, std::nullopt);
    Note(SetupText(script) + ", no fault", clean.Run());
    const uint64_t before = counts_.runs;
    for (const Error& error : kErrors) {
      for (const bool forever : {false, true}) {
        Fault fault;
        fault.call = FaultyCall::kAnyChange;
        fault.error_number = error.error_number;
        fault.bytes_before = error.bytes_before;
        fault.forever = forever;
        // A disk that takes nothing at all cannot be told from one that lost
        // nothing, once it works again.
        if (forever) fault.path_spares = "/LOCK";
        const std::string name = SetupText(script) + ":" + error.name + ":" +
                                 (forever ? "ever" : "once") + ":";
        RunAll(script, fault, name, clean.changes());
      }
    }
    std::printf("%s: %llu changes of the disk, %llu runs\n",
                SetupText(script).c_str(), Show(clean.changes()),
                Show(counts_.runs - before));
  }

  void RunAll(const SimScript& script, Fault fault, const std::string& name,
              uint64_t changes) {
    const uint64_t first =
        1 + SimHash(SimHash(name), arguments_.seed) % arguments_.every;
    for (fault.nth = 1; fault.nth <= changes; ++fault.nth) {
      const std::string full = name + std::to_string(fault.nth);
      if (!arguments_.only.empty()) {
        if (arguments_.only != full) continue;
      } else if (fault.nth % arguments_.every != first % arguments_.every) {
        continue;
      }
      CountdownRun run(script, fault);
      Note(full, run.Run());
      counts_.fenced += run.fenced() ? 1 : 0;
      counts_.refused += run.refused();
    }
  }

  void Note(const std::string& name, const std::string& wrong) {
    ++counts_.runs;
    if (wrong.empty()) return;
    ++counts_.wrong;
    std::printf("WRONG %s\n  again: --only %s\n", wrong.c_str(), name.c_str());
  }

  const Arguments arguments_;
  const Clock::time_point begin_ = Clock::now();
  Counts counts_;
};

bool ParseArguments(int count, char** words, Arguments* arguments) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string flag = words[i];
    const std::string value = words[i + 1];
    if (flag == "--seed") {
      arguments->seed = std::stoull(value);
    } else if (flag == "--every") {
      arguments->every = std::max<uint64_t>(1, std::stoull(value));
    } else if (flag == "--only") {
      arguments->only = value;
    } else {
      return false;
    }
  }
  return count % 2 == 1;
}

}  // namespace
}  // namespace walrus

int main(int count, char** words) {
  walrus::Arguments arguments;
  if (!walrus::ParseArguments(count, words, &arguments)) {
    std::fprintf(stderr,
                 "io_countdown [--every N] [--seed N]\n"
                 "  [--only SyncEach@mmap:EIO:once:17]\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return walrus::Countdown(arguments).Run();
}
