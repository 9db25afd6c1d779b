// What a crash leaves of a FaultyFileSystem.
#include <algorithm>
#include <utility>

#include "testing/faulty_disk.h"

namespace walrus {
namespace {

bool Flip(std::mt19937_64* random) { return ((*random)() & 1) != 0; }

// The change arrives piece by piece, each one or not.
void ApplyTorn(const FaultyChange& change, uint64_t piece_bytes,
               FaultyImage* image, std::mt19937_64* random) {
  if (change.kind != FaultyChange::Kind::kWrite) {
    if (Flip(random)) change.ApplyTo(image);
    return;
  }
  std::span<const std::byte> rest = change.bytes;
  uint64_t position = change.position;
  while (!rest.empty()) {
    const size_t piece =
        std::min<size_t>(rest.size(), piece_bytes - position % piece_bytes);
    if (Flip(random)) image->Write(position, rest.first(piece));
    position += piece;
    rest = rest.subspan(piece);
  }
}

// The change arrives, or does not, or leaves other bytes in a part of its
// range: noise, or zeros.
void ApplyGarbled(const FaultyChange& change, bool noise, FaultyImage* image,
                  std::mt19937_64* random) {
  const uint64_t fate = (*random)() % 3;
  if (fate == 0) return;
  change.ApplyTo(image);
  if (fate == 1 || change.kind != FaultyChange::Kind::kWrite) return;
  const size_t first = (*random)() % change.bytes.size();
  const size_t count = 1 + (*random)() % (change.bytes.size() - first);
  std::vector<std::byte> bytes(count);
  if (noise) {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>((*random)());
  }
  image->Write(change.position + first, bytes);
}

// What becomes of one change, in the modes that decide change by change.
void ApplyByFate(const FaultyChange& change, CrashMode fate, FaultyImage* image,
                 std::mt19937_64* random) {
  switch (fate) {
    case CrashMode::kRandomSubset:
      if (Flip(random)) change.ApplyTo(image);
      return;
    case CrashMode::kTornSectors:
      ApplyTorn(change, kFaultySectorBytes, image, random);
      return;
    case CrashMode::kTornPages:
      ApplyTorn(change, kFaultyPageBytes, image, random);
      return;
    case CrashMode::kGarbled:
    case CrashMode::kZeroed:
      ApplyGarbled(change, fate == CrashMode::kGarbled, image, random);
      return;
    case CrashMode::kKeepAll:
    case CrashMode::kLostNames:
      change.ApplyTo(image);
      return;
    default:
      return;
  }
}

constexpr std::array<CrashMode, 6> kFates = {
    CrashMode::kLoseUnsynced, CrashMode::kKeepAll, CrashMode::kTornSectors,
    CrashMode::kTornPages,    CrashMode::kGarbled, CrashMode::kZeroed};

// The names as the next boot finds them.
FaultyNames NamesAfter(const FaultyFileSystem::State& state, CrashMode mode,
                       std::mt19937_64* random) {
  FaultyNames names = state.durable_files;
  const auto& changes = state.unsynced_names;
  if (mode == CrashMode::kLostNames) {
    for (const FaultyNameChange& change : changes) {
      if (Flip(random)) ApplyName(change, &names);
    }
    return names;
  }
  size_t kept = 0;
  if (mode == CrashMode::kKeepAll) {
    kept = changes.size();
  } else if (mode != CrashMode::kLoseUnsynced) {
    // Directories are journaled: what arrives is a prefix.
    kept = (*random)() % (changes.size() + 1);
  }
  for (size_t i = 0; i < kept; ++i) ApplyName(changes[i], &names);
  return names;
}

}  // namespace

const char* CrashModeName(CrashMode mode) {
  static constexpr std::array<const char*, kAllCrashModes.size()> kNames = {
      "lost",    "all",  "prefix",   "reorder", "torn512", "torn4096",
      "garbage", "zero", "sizeonly", "dirloss", "mixed"};
  return kNames[static_cast<size_t>(mode)];
}

FaultyImage FaultyNode::After(CrashMode mode, std::mt19937_64* random) const {
  if (mode == CrashMode::kKeepAll || mode == CrashMode::kLostNames) {
    return current;
  }
  FaultyImage image = synced;
  if (mode == CrashMode::kKeepPrefix) {
    const size_t kept = (*random)() % (unsynced.size() + 1);
    for (size_t i = 0; i < kept; ++i) unsynced[i].ApplyTo(&image);
    return image;
  }
  for (const FaultyChange& change : unsynced) {
    const CrashMode fate =
        mode == CrashMode::kMixed ? kFates[(*random)() % kFates.size()] : mode;
    ApplyByFate(change, fate, &image, random);
  }
  if (mode == CrashMode::kSizeWithoutBytes && current.size() > image.size()) {
    image.Resize(current.size());
  }
  return image;
}

std::unique_ptr<FaultyFileSystem> FaultyFileSystem::Crash(CrashMode mode,
                                                          uint64_t seed) const {
  auto after = std::make_unique<FaultyFileSystem>(seed);
  State& next = *after->state_;
  std::mt19937_64 random(seed);
  const std::lock_guard lock(state_->mutex);
  for (const auto& [path, node] : NamesAfter(*state_, mode, &random)) {
    auto survivor = std::make_shared<FaultyNode>();
    survivor->current = node->After(mode, &random);
    survivor->synced = survivor->current;
    next.used_pages += survivor->current.page_count();
    next.files[path] = survivor;
    next.durable_files[path] = survivor;
  }
  next.directories = state_->directories;
  next.clock_ms = state_->clock_ms;
  next.one_by_one = state_->one_by_one;
  const bool rebooted = mode != CrashMode::kKeepAll;
  next.boot = state_->boot + (rebooted ? 1 : 0);
  next.boot_id =
      rebooted ? "boot-" + std::to_string(next.boot) : state_->boot_id;
  return after;
}

bool FaultyFileSystem::HasUnsynced() const {
  const std::lock_guard lock(state_->mutex);
  return !state_->unsynced_names.empty() ||
         std::any_of(
             state_->files.begin(), state_->files.end(),
             [](const auto& file) { return !file.second->unsynced.empty(); });
}

}  // namespace walrus
