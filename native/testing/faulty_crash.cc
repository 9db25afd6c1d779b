// What a crash leaves of a FaultyFileSystem.
#include <utility>

#include "testing/faulty_disk.h"

namespace walrus {
namespace {

bool Flip(std::mt19937_64* random) { return ((*random)() & 1) != 0; }

// The change arrives sector by sector, each one or not.
void ApplyTorn(const FaultyChange& change, FaultyImage* image,
               std::mt19937_64* random) {
  if (change.kind != FaultyChange::Kind::kWrite) {
    if (Flip(random)) change.ApplyTo(image);
    return;
  }
  std::span<const std::byte> rest = change.bytes;
  uint64_t position = change.position;
  while (!rest.empty()) {
    const size_t piece = std::min<size_t>(
        rest.size(), kFaultySectorBytes - position % kFaultySectorBytes);
    if (Flip(random)) image->Write(position, rest.first(piece));
    position += piece;
    rest = rest.subspan(piece);
  }
}

// The change arrives, or does not, or leaves random bytes in its range.
void ApplyGarbled(const FaultyChange& change, FaultyImage* image,
                  std::mt19937_64* random) {
  const uint64_t fate = (*random)() % 3;
  if (fate == 0) return;
  change.ApplyTo(image);
  if (fate == 1 || change.kind != FaultyChange::Kind::kWrite) return;
  const size_t first = (*random)() % change.bytes.size();
  const size_t count = 1 + (*random)() % (change.bytes.size() - first);
  std::vector<std::byte> noise(count);
  for (std::byte& byte : noise) byte = static_cast<std::byte>((*random)());
  image->Write(change.position + first, noise);
}

}  // namespace

FaultyImage FaultyNode::After(CrashMode mode, std::mt19937_64* random) const {
  if (mode == CrashMode::kKeepAll) return current;
  FaultyImage image = synced;
  size_t kept = 0;
  if (mode == CrashMode::kKeepPrefix) {
    kept = (*random)() % (unsynced.size() + 1);
  }
  for (const FaultyChange& change : unsynced) {
    switch (mode) {
      case CrashMode::kLoseUnsynced:
      case CrashMode::kKeepAll:
      case CrashMode::kSizeWithoutBytes:
        break;
      case CrashMode::kKeepPrefix:
        if (kept > 0) {
          change.ApplyTo(&image);
          --kept;
        }
        break;
      case CrashMode::kRandomSubset:
        if (Flip(random)) change.ApplyTo(&image);
        break;
      case CrashMode::kTornSectors:
        ApplyTorn(change, &image, random);
        break;
      case CrashMode::kGarbled:
        ApplyGarbled(change, &image, random);
        break;
    }
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
  FaultyNames names = state_->durable_files;
  size_t kept = 0;
  if (mode == CrashMode::kKeepAll) {
    kept = state_->unsynced_names.size();
  } else if (mode != CrashMode::kLoseUnsynced) {
    // Directories are journaled: what arrives is a prefix.
    kept = random() % (state_->unsynced_names.size() + 1);
  }
  for (size_t i = 0; i < kept; ++i) {
    ApplyName(state_->unsynced_names[i], &names);
  }
  for (const auto& [path, node] : names) {
    auto survivor = std::make_shared<FaultyNode>();
    survivor->current = node->After(mode, &random);
    survivor->synced = survivor->current;
    next.used_pages += survivor->current.page_count();
    next.files[path] = survivor;
    next.durable_files[path] = survivor;
  }
  next.directories = state_->directories;
  next.clock_ms = state_->clock_ms;
  const bool rebooted = mode != CrashMode::kKeepAll;
  next.boot = state_->boot + (rebooted ? 1 : 0);
  next.boot_id =
      rebooted ? "boot-" + std::to_string(next.boot) : state_->boot_id;
  return after;
}

}  // namespace walrus
