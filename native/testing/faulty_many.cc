// Several operations at once on a FaultyFileSystem.
#include <algorithm>
#include <numeric>

#include "testing/faulty_disk.h"

namespace walrus {
namespace {

std::vector<size_t> AnyOrder(size_t count, FaultyFileSystem::State* state) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t{0});
  const std::lock_guard lock(state->mutex);
  std::shuffle(order.begin(), order.end(), state->random);
  return order;
}

bool OneByOne(FaultyFileSystem::State* state) {
  const std::lock_guard lock(state->mutex);
  return state->one_by_one;
}

}  // namespace

void FaultyFileSystem::DoOneByOne() {
  const std::lock_guard lock(state_->mutex);
  state_->one_by_one = true;
}

Status FaultyFileSystem::WriteMany(std::span<const FileWrite> writes) {
  if (OneByOne(state_.get())) return FileSystem::WriteMany(writes);
  Status worst;
  for (const size_t i : AnyOrder(writes.size(), state_.get())) {
    const Status status =
        writes[i].file->WriteV(writes[i].position, writes[i].parts);
    if (status.ok()) continue;
    if (worst.ok() || worst.code() == Code::kNoSpace) worst = status;
  }
  return worst;
}

void FaultyFileSystem::SyncMany(std::span<FileSync> syncs) {
  if (OneByOne(state_.get())) {
    FileSystem::SyncMany(syncs);
    return;
  }
  for (const size_t i : AnyOrder(syncs.size(), state_.get())) {
    syncs[i].status = syncs[i].file->Sync();
  }
}

}  // namespace walrus
