#include "wal/mapped_windows.h"

#include <algorithm>

namespace walrus {

namespace {

// The file stays open as long as a region of it is in use.
std::shared_ptr<MappedRegion> TiedTo(std::shared_ptr<File> file,
                                     std::unique_ptr<MappedRegion> region) {
  MappedRegion* const plain = region.release();
  return {plain, [file = std::move(file)](MappedRegion* gone) { delete gone; }};
}

}  // namespace

MappedWindows::MappedWindows(const WindowSizes& sizes)
    : sizes_(sizes),
      shard_count_(
          std::clamp<size_t>(sizes.count_max / kShardsMax, 1, kShardsMax)) {
  for (Shard& shard : shards_) shard.candidates.resize(kCandidates);
}

size_t MappedWindows::count() const {
  size_t count = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.windows.size();
  }
  return count;
}

bool MappedWindows::PaysOffLocked(Shard* shard, const Key& key) const {
  if (sizes_.writes_before == 0) return true;
  Candidate& candidate =
      shard->candidates[(key.first * 31 + key.second) % kCandidates];
  if (candidate.key != key) candidate = {key, 0};
  if (++candidate.writes <= sizes_.writes_before) return false;
  candidate.writes = 0;
  return true;
}

Status MappedWindows::Find(const Key& key, const std::shared_ptr<File>& file,
                           uint64_t file_bytes,
                           std::shared_ptr<Window>* window) {
  Shard& shard = ShardOf(key);
  const std::lock_guard lock(shard.mutex);
  auto& windows = shard.windows;
  const auto known = shard.places.find(key);
  if (known != shard.places.end()) {
    if (known->second != windows.begin()) {
      windows.splice(windows.begin(), windows, known->second);
    }
    *window = known->second->second;
    return Status::Ok();
  }
  if (!PaysOffLocked(&shard, key)) return Status::Ok();
  auto made = std::make_shared<Window>();
  made->begin = key.second * sizes_.window;
  made->end = std::min(made->begin + sizes_.window, file_bytes);
  std::unique_ptr<MappedRegion> region;
  const Status status =
      file->Map(made->begin, made->end - made->begin, &region);
  if (!status.ok()) return status;
  made->region = TiedTo(file, std::move(region));
  const uint64_t bytes = made->end - made->begin;
  made->reserved =
      std::vector<std::atomic<bool>>((bytes + sizes_.step - 1) / sizes_.step);
  if (windows.size() == sizes_.count_max / shard_count_) {
    shard.places.erase(windows.back().first);
    windows.pop_back();
  }
  windows.emplace_front(key, made);
  shard.places[key] = windows.begin();
  *window = std::move(made);
  return Status::Ok();
}

Status MappedWindows::Reserve(Window* window, uint64_t position,
                              uint64_t length) const {
  auto& reserved = window->reserved;
  const size_t first = (position - window->begin) / sizes_.step;
  const size_t last = (position - window->begin + length - 1) / sizes_.step;
  const auto is_reserved = [&reserved](size_t step) {
    return reserved[step].load(std::memory_order_acquire);
  };
  size_t step = first;
  while (step <= last && is_reserved(step)) ++step;
  if (step > last) return Status::Ok();
  const std::lock_guard lock(window->mutex);
  for (; step <= last; ++step) {
    if (is_reserved(step)) continue;
    // As much again as is reserved without a gap before it.
    size_t before = step;
    while (before > 0 && is_reserved(before - 1)) --before;
    size_t count =
        std::clamp<size_t>(step - before, 1, sizes_.step_max / sizes_.step);
    count = std::max(count, last - step + 1);
    size_t next = step + 1;
    while (next < reserved.size() && next - step < count &&
           !is_reserved(next)) {
      ++next;
    }
    const uint64_t from = window->begin + step * sizes_.step;
    const uint64_t to =
        std::min(window->begin + next * sizes_.step, window->end);
    const Status status = window->region->Reserve(from, to - from);
    if (!status.ok()) return status;
    for (size_t made = step; made < next; ++made) {
      reserved[made].store(true, std::memory_order_release);
    }
  }
  return Status::Ok();
}

Status MappedWindows::Acquire(uint64_t key, const std::shared_ptr<File>& file,
                              uint64_t file_bytes, uint64_t position,
                              uint64_t length,
                              std::shared_ptr<MappedRegion>* region) {
  std::shared_ptr<Window> window;
  Status status =
      Find({key, position / sizes_.window}, file, file_bytes, &window);
  if (!status.ok() || window == nullptr) return status;
  status = Reserve(window.get(), position, length);
  // One reference counts for both.
  if (status.ok()) *region = {window, window->region.get()};
  return status;
}

void MappedWindows::Drop(uint64_t key, uint64_t position, uint64_t length) {
  const bool to_the_end = length > UINT64_MAX - position;
  const uint64_t end = to_the_end ? UINT64_MAX : position + length;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    auto place = shard.places.lower_bound({key, position / sizes_.window});
    while (place != shard.places.end() && place->first.first == key &&
           place->first.second * sizes_.window < end) {
      shard.windows.erase(place->second);
      place = shard.places.erase(place);
    }
  }
}

}  // namespace walrus
