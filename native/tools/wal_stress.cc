// Eight threads on one engine for some seconds, on real files; for the thread
// and the address sanitizer.
//
//   wal_stress --seconds 60 --backend all --seed 1
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tools/sim_script.h"
#include "tools/stress_run.h"

namespace walrus {
namespace {

struct Arguments {
  double seconds = 5;
  uint64_t seed = 1;
  std::string backend = "all";
};

// The exit code.
int RunBackend(const Arguments& arguments, Backend backend) {
  std::string directory =
      (std::filesystem::temp_directory_path() / "wal-stress-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) {
    std::perror("mkdtemp");
    return 2;
  }
  StressRun run(directory + "/wal", backend, arguments.seed);
  const std::string wrong = run.Run(arguments.seconds);
  std::filesystem::remove_all(directory);
  std::printf("%s, seed %llu: %s\n", SimBackendName(backend),
              static_cast<unsigned long long>(arguments.seed),
              run.Summary().c_str());
  if (wrong.empty()) return 0;
  std::printf("WRONG %s\n", wrong.c_str());
  return 1;
}

bool ParseArguments(int count, char** words, Arguments* arguments) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string flag = words[i];
    const std::string value = words[i + 1];
    Backend known;
    if (flag == "--seconds") {
      arguments->seconds = std::stod(value);
    } else if (flag == "--seed") {
      arguments->seed = std::stoull(value);
    } else if (flag == "--backend" &&
               (value == "all" || ParseSimBackend(value, &known))) {
      arguments->backend = value;
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
                 "wal_stress [--seconds N for each backend] [--seed N]\n"
                 "  [--backend all|uring|fd|mmap]\n");
    return 2;
  }
  int worst = 0;
  int passed = 0;
  int failed = 0;
  for (const walrus::Backend backend : walrus::kSimBackends) {
    if (arguments.backend != "all" &&
        arguments.backend != walrus::SimBackendName(backend)) {
      continue;
    }
    const int code = walrus::RunBackend(arguments, backend);
    (code == 0 ? passed : failed) += 1;
    worst = std::max(worst, code);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return worst;
}
