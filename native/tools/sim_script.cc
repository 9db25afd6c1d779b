#include "tools/sim_script.h"

#include <array>
#include <cstring>
#include <random>
#include <sstream>

#include "tools/sim_model.h"

namespace walrus {

namespace {

constexpr std::array<FsyncMode, 3> kModes = {
    FsyncMode::kSyncEach, FsyncMode::kMilliseconds, FsyncMode::kNoFsync};
constexpr std::array<const char*, 3> kModeNames = {"SyncEach", "Milliseconds",
                                                   "NoFsync"};
constexpr SimOp kShortOps[] = {{'a', 1}, {'b', 2}, {'c', 1}, {'l', 1}, {'u', 1},
                               {'t', 1}, {'T', 1}, {'d', 1}, {'r', 0}};
constexpr char kKinds[] = "abclfpuvtTdri";
// How often each of kKinds is drawn.
constexpr std::array<int, 13> kWeights = {30, 12, 8, 4, 10, 12, 9,
                                          5,  6,  3, 2, 5,  1};
constexpr uint32_t kDefaultIntervalMs = 60'000;

void AddScripts(const SimScript& begin, size_t ops_max,
                std::vector<SimScript>* all) {
  for (const SimOp& op : kShortOps) {
    SimScript script = begin;
    script.ops.push_back(op);
    all->push_back(script);
    if (script.ops.size() < ops_max) AddScripts(script, ops_max, all);
  }
}

}  // namespace

std::string SimScript::ToString() const {
  std::string text = kModeNames[static_cast<size_t>(mode)];
  if (interval_ms != kDefaultIntervalMs) {
    text += "/" + std::to_string(interval_ms);
  }
  if (backend != Backend::kUring) {
    text += std::string("@") + SimBackendName(backend);
  }
  for (size_t i = 0; i < ops.size(); ++i) {
    text += i == 0 ? ":" : ",";
    text += ops[i].kind;
    text += static_cast<char>('0' + ops[i].topic);
  }
  return text;
}

bool SimScript::Parse(const std::string& text, SimScript* script) {
  *script = SimScript();
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return false;
  std::string mode = text.substr(0, colon);
  const size_t at = mode.find('@');
  if (at != std::string::npos) {
    if (!ParseSimBackend(mode.substr(at + 1), &script->backend)) return false;
    mode.resize(at);
  }
  const size_t slash = mode.find('/');
  if (slash != std::string::npos) {
    script->interval_ms =
        static_cast<uint32_t>(std::stoul(mode.substr(slash + 1)));
    mode.resize(slash);
  }
  bool known = false;
  for (const FsyncMode candidate : kModes) {
    if (mode != kModeNames[static_cast<size_t>(candidate)]) continue;
    script->mode = candidate;
    known = true;
  }
  std::istringstream ops(text.substr(colon + 1));
  for (std::string op; std::getline(ops, op, ',');) {
    if (op.size() != 2 || std::strchr(kKinds, op[0]) == nullptr ||
        op[1] < '0' || op[1] >= '0' + kSimTopics) {
      return false;
    }
    script->ops.push_back({op[0], static_cast<uint8_t>(op[1] - '0')});
  }
  return known && !script->ops.empty();
}

std::vector<SimScript> AllShortScripts(size_t ops_max) {
  std::vector<SimScript> all;
  for (const FsyncMode mode : kModes) {
    SimScript begin;
    begin.mode = mode;
    AddScripts(begin, ops_max, &all);
  }
  return all;
}

SimScript RandomScript(uint64_t seed) {
  std::mt19937_64 random(seed);
  SimScript script;
  script.mode = kModes[random() % kModes.size()];
  if (script.mode == FsyncMode::kMilliseconds && random() % 2 == 0) {
    script.interval_ms = 2;
  }
  std::discrete_distribution<size_t> kinds(kWeights.begin(), kWeights.end());
  script.backend = kSimBackends[random() % std::size(kSimBackends)];
  const size_t count = 10 + random() % 191;
  for (size_t i = 0; i < count; ++i) {
    script.ops.push_back(
        {kKinds[kinds(random)], static_cast<uint8_t>(random() % kSimTopics)});
  }
  return script;
}

const char* SimBackendName(Backend backend) {
  if (backend == Backend::kMmap) return "mmap";
  return backend == Backend::kFd ? "fd" : "uring";
}

bool ParseSimBackend(const std::string& name, Backend* backend) {
  for (const Backend candidate : kSimBackends) {
    if (name != SimBackendName(candidate)) continue;
    *backend = candidate;
    return true;
  }
  return false;
}

uint64_t SimHash(uint64_t a, uint64_t b) {
  uint64_t x = a * 0x9e3779b97f4a7c15ull + b + 0x632be59bd9b4e019ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

uint64_t SimHash(const std::string& text) {
  uint64_t hash = 1469598103934665603ull;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  }
  return hash;
}

}  // namespace walrus
