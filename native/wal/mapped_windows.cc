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

uint64_t MappedWindows::NewFileKey() {
  const std::lock_guard lock(mutex_);
  return next_file_key_++;
}

size_t MappedWindows::count() const {
  const std::lock_guard lock(mutex_);
  return windows_.size();
}

Status MappedWindows::FindLocked(const Key& key,
                                 const std::shared_ptr<File>& file,
                                 uint64_t file_bytes, Place* place) {
  if (!windows_.empty() && windows_.front().key == key) {
    *place = windows_.begin();
    return Status::Ok();
  }
  const auto known = places_.find(key);
  if (known != places_.end()) {
    windows_.splice(windows_.begin(), windows_, known->second);
    *place = known->second;
    return Status::Ok();
  }
  const uint64_t begin = key.second * sizes_.window;
  const uint64_t end = std::min(begin + sizes_.window, file_bytes);
  std::unique_ptr<MappedRegion> region;
  const Status status = file->Map(begin, end - begin, &region);
  if (!status.ok()) return status;
  if (windows_.size() == sizes_.count_max) {
    places_.erase(windows_.back().key);
    windows_.pop_back();
  }
  const size_t steps = (end - begin + sizes_.step - 1) / sizes_.step;
  windows_.push_front(
      {key, TiedTo(file, std::move(region)), end, std::vector<bool>(steps)});
  *place = windows_.begin();
  places_[key] = *place;
  return Status::Ok();
}

Status MappedWindows::ReserveLocked(Window* window, uint64_t position,
                                    uint64_t length) {
  const uint64_t begin = window->key.second * sizes_.window;
  const size_t last = (position - begin + length - 1) / sizes_.step;
  for (size_t step = (position - begin) / sizes_.step; step <= last; ++step) {
    if (window->reserved[step]) continue;
    // As much again as is reserved without a gap before it.
    size_t before = step;
    while (before > 0 && window->reserved[before - 1]) --before;
    size_t count =
        std::clamp<size_t>(step - before, 1, sizes_.step_max / sizes_.step);
    count = std::max(count, last - step + 1);
    size_t next = step + 1;
    while (next < window->reserved.size() && next - step < count &&
           !window->reserved[next]) {
      ++next;
    }
    const uint64_t from = begin + step * sizes_.step;
    const uint64_t to = std::min(begin + next * sizes_.step, window->end);
    const Status status = window->region->Reserve(from, to - from);
    if (!status.ok()) return status;
    std::fill(window->reserved.begin() + static_cast<long>(step),
              window->reserved.begin() + static_cast<long>(next), true);
  }
  return Status::Ok();
}

Status MappedWindows::Acquire(uint64_t key, const std::shared_ptr<File>& file,
                              uint64_t file_bytes, uint64_t position,
                              uint64_t length,
                              std::shared_ptr<MappedRegion>* region) {
  const std::lock_guard lock(mutex_);
  Place place;
  Status status =
      FindLocked({key, position / sizes_.window}, file, file_bytes, &place);
  if (status.ok()) status = ReserveLocked(&*place, position, length);
  if (status.ok()) *region = place->region;
  return status;
}

void MappedWindows::Drop(uint64_t key, uint64_t position, uint64_t length) {
  const std::lock_guard lock(mutex_);
  const bool to_the_end = length > UINT64_MAX - position;
  const uint64_t end = to_the_end ? UINT64_MAX : position + length;
  auto place = places_.lower_bound({key, position / sizes_.window});
  while (place != places_.end() && place->first.first == key &&
         place->first.second * sizes_.window < end) {
    windows_.erase(place->second);
    place = places_.erase(place);
  }
}

}  // namespace walrus
