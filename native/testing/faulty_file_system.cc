#include "testing/faulty_file_system.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "testing/faulty_disk.h"

namespace walrus {
namespace {

constexpr uint64_t kPlentyBytes = 1ull << 40;

Status Error(std::string_view what, const std::string& path, int error_number) {
  return Status::FromErrno(std::string(what) + " " + path, error_number);
}

class FaultyLock : public DirectoryLock {
 public:
  FaultyLock(std::shared_ptr<FaultyFileSystem::State> state, std::string path)
      : state_(std::move(state)), path_(std::move(path)) {}
  ~FaultyLock() override {
    const std::lock_guard lock(state_->mutex);
    state_->locked.erase(path_);
  }

 private:
  const std::shared_ptr<FaultyFileSystem::State> state_;
  const std::string path_;
};

}  // namespace

FaultyFileSystem::FaultyFileSystem(uint64_t seed)
    : state_(std::make_shared<State>(seed)) {}
FaultyFileSystem::~FaultyFileSystem() = default;

Status FaultyFileSystem::Open(const std::string& raw_path, OpenMode mode,
                              std::unique_ptr<File>* file) {
  const std::string path = NormalizePath(raw_path);
  const bool creates =
      mode == OpenMode::kCreateNew || mode == OpenMode::kCreateOrOpen;
  if (const auto fault = state_->Enter(FaultyCall::kOpen, path, creates)) {
    return Error("open", path, fault->error_number);
  }
  const std::lock_guard lock(state_->mutex);
  auto found = state_->files.find(path);
  if (found != state_->files.end() && mode == OpenMode::kCreateNew) {
    return Status(Code::kInvalidInput, "open " + path + ": exists already");
  }
  if (found == state_->files.end()) {
    if (!creates || !state_->directories.contains(ParentPath(path))) {
      return Error("open", path, ENOENT);
    }
    state_->RecordName(
        {ParentPath(path), {}, path, std::make_shared<FaultyNode>()});
    found = state_->files.find(path);
  }
  *file =
      MakeFaultyFile(state_, found->second, path, mode == OpenMode::kReadOnly);
  return Status::Ok();
}

Status FaultyFileSystem::CreateDirectories(const std::string& raw_path) {
  const std::lock_guard lock(state_->mutex);
  std::string path = NormalizePath(raw_path);
  if (path.empty()) {
    return Status(Code::kInvalidInput, "create directory: the path is empty");
  }
  while (!state_->directories.contains(path)) {
    if (state_->files.contains(path)) {
      return Error("create directory", path, ENOTDIR);
    }
    state_->directories.insert(path);
    path = ParentPath(path);
  }
  return Status::Ok();
}

Status FaultyFileSystem::ListDirectory(const std::string& raw_path,
                                       std::vector<DirectoryEntry>* entries) {
  entries->clear();
  const std::string path = NormalizePath(raw_path);
  const std::lock_guard lock(state_->mutex);
  if (!state_->directories.contains(path)) return Error("list", path, ENOENT);
  const auto add = [&path, entries](const std::string& child, bool directory) {
    if (child == path || ParentPath(child) != path) return;
    entries->push_back({child.substr(child.find_last_of('/') + 1), directory});
  };
  for (const auto& [child, node] : state_->files) add(child, false);
  for (const std::string& child : state_->directories) add(child, true);
  return Status::Ok();
}

Status FaultyFileSystem::Exists(const std::string& raw_path, bool* exists) {
  const std::string path = NormalizePath(raw_path);
  const std::lock_guard lock(state_->mutex);
  *exists = state_->files.contains(path) || state_->directories.contains(path);
  return Status::Ok();
}

Status FaultyFileSystem::Rename(const std::string& raw_from,
                                const std::string& raw_to) {
  const std::string from = NormalizePath(raw_from);
  const std::string to = NormalizePath(raw_to);
  if (const auto fault = state_->Enter(FaultyCall::kRename, from)) {
    return Error("rename", from, fault->error_number);
  }
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->files.find(from);
  if (found == state_->files.end()) return Error("rename", from, ENOENT);
  if (from == to) return Status::Ok();
  const std::shared_ptr<FaultyNode> node = found->second;
  state_->UnlinkLocked(to);
  state_->RecordName({ParentPath(to), from, to, node});
  return Status::Ok();
}

Status FaultyFileSystem::Remove(const std::string& raw_path) {
  const std::string path = NormalizePath(raw_path);
  if (const auto fault = state_->Enter(FaultyCall::kRemove, path)) {
    if (fault->lies) return Status::Ok();
    return Error("remove", path, fault->error_number);
  }
  const std::lock_guard lock(state_->mutex);
  if (!state_->files.contains(path)) return Error("remove", path, ENOENT);
  state_->UnlinkLocked(path);
  state_->RecordName({ParentPath(path), path, {}, nullptr});
  return Status::Ok();
}

Status FaultyFileSystem::SyncDirectory(const std::string& raw_path) {
  const std::string path = NormalizePath(raw_path);
  if (const auto fault = state_->Enter(FaultyCall::kSyncDirectory, path)) {
    if (fault->lies) return Status::Ok();
    return Error("sync directory", path, fault->error_number);
  }
  const std::lock_guard lock(state_->mutex);
  if (!state_->directories.contains(path)) {
    return Error("sync directory", path, ENOENT);
  }
  std::erase_if(state_->unsynced_names, [this, &path](const auto& change) {
    if (change.directory != path) return false;
    ApplyName(change, &state_->durable_files);
    return true;
  });
  return Status::Ok();
}

Status FaultyFileSystem::Lock(const std::string& raw_path,
                              std::unique_ptr<DirectoryLock>* lock) {
  const std::string path = NormalizePath(raw_path);
  if (const auto fault = state_->Enter(FaultyCall::kLock, path)) {
    return Error("lock", path, fault->error_number);
  }
  const std::lock_guard guard(state_->mutex);
  if (!state_->files.contains(path)) {
    if (!state_->directories.contains(ParentPath(path))) {
      return Error("lock", path, ENOENT);
    }
    state_->RecordName(
        {ParentPath(path), {}, path, std::make_shared<FaultyNode>()});
  }
  if (!state_->locked.insert(path).second) {
    return Status(Code::kLocked, path + " is held by another opening");
  }
  *lock = std::make_unique<FaultyLock>(state_, path);
  return Status::Ok();
}

Status FaultyFileSystem::FreeBytes(const std::string&, uint64_t* bytes) {
  const std::lock_guard lock(state_->mutex);
  *bytes = kPlentyBytes;
  if (state_->pages_max) {
    const uint64_t used = std::min(*state_->pages_max, state_->used_pages);
    *bytes = (*state_->pages_max - used) * kFaultyPageBytes;
  }
  return Status::Ok();
}

std::string FaultyFileSystem::BootId() {
  const std::lock_guard lock(state_->mutex);
  return state_->boot_id;
}

uint64_t FaultyFileSystem::NowMs() {
  const std::lock_guard lock(state_->mutex);
  return state_->clock_ms;
}

void FaultyFileSystem::Inject(const Fault& fault) {
  const std::lock_guard lock(state_->mutex);
  state_->faults.push_back({fault, 0});
}

void FaultyFileSystem::ClearFaults() {
  const std::lock_guard lock(state_->mutex);
  state_->faults.clear();
}

uint64_t FaultyFileSystem::CallCount(FaultyCall call) const {
  const std::lock_guard lock(state_->mutex);
  return state_->calls[static_cast<size_t>(call)];
}

uint64_t FaultyFileSystem::ReadBytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->read_bytes;
}

void FaultyFileSystem::SetCallHook(
    std::function<void(FaultyCall, const std::string&)> hook) {
  const std::lock_guard lock(state_->mutex);
  state_->hook = std::move(hook);
}

void FaultyFileSystem::SetFreeBytes(std::optional<uint64_t> bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->pages_max.reset();
  if (bytes) {
    state_->pages_max = state_->used_pages + *bytes / kFaultyPageBytes;
  }
}

void FaultyFileSystem::SetReadsWouldBlock(bool would_block) {
  const std::lock_guard lock(state_->mutex);
  state_->reads_would_block = would_block;
}

void FaultyFileSystem::SetBootId(std::string boot_id) {
  const std::lock_guard lock(state_->mutex);
  state_->boot_id = std::move(boot_id);
}

void FaultyFileSystem::AdvanceClockMs(uint64_t milliseconds) {
  const std::lock_guard lock(state_->mutex);
  state_->clock_ms += milliseconds;
}

Status FaultyFileSystem::FlipBit(const std::string& raw_path, uint64_t bit) {
  const std::string path = NormalizePath(raw_path);
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->files.find(path);
  if (found == state_->files.end()) return Error("flip", path, ENOENT);
  for (FaultyImage* image : {&found->second->current, &found->second->synced}) {
    std::byte byte;
    if (image->Read(bit / 8, {&byte, 1}) != 1) continue;
    byte ^= static_cast<std::byte>(1u << (bit % 8));
    image->Write(bit / 8, {&byte, 1});
  }
  return Status::Ok();
}

Status FaultyFileSystem::ReadFile(const std::string& raw_path,
                                  std::vector<std::byte>* bytes) const {
  const std::string path = NormalizePath(raw_path);
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->files.find(path);
  if (found == state_->files.end()) return Error("read", path, ENOENT);
  bytes->resize(found->second->current.size());
  found->second->current.Read(0, *bytes);
  return Status::Ok();
}

Status FaultyFileSystem::WriteFile(const std::string& raw_path,
                                   std::span<const std::byte> bytes) {
  const std::string path = NormalizePath(raw_path);
  const std::lock_guard lock(state_->mutex);
  std::shared_ptr<FaultyNode>& node = state_->files[path];
  if (node == nullptr) node = std::make_shared<FaultyNode>();
  state_->used_pages -= node->current.page_count();
  node->current = FaultyImage();
  node->current.Write(0, bytes);
  node->synced = node->current;
  node->unsynced.clear();
  node->dirty.clear();
  state_->used_pages += node->current.page_count();
  state_->durable_files[path] = node;
  return Status::Ok();
}

std::vector<std::string> FaultyFileSystem::ListFiles() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::string> paths;
  for (const auto& [path, node] : state_->files) paths.push_back(path);
  return paths;
}

uint64_t FaultyFileSystem::StoredBytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->used_pages * kFaultyPageBytes;
}

bool FaultyFileSystem::SameFile(const FaultyFileSystem& other,
                                const std::string& path) const {
  const std::string normal = NormalizePath(path);
  const std::scoped_lock lock(state_->mutex, other.state_->mutex);
  const auto mine = state_->files.find(normal);
  const auto theirs = other.state_->files.find(normal);
  return mine != state_->files.end() && theirs != other.state_->files.end() &&
         mine->second->current.SameBytes(theirs->second->current);
}

bool FaultyFileSystem::IsSynced(const std::string& path) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->files.find(NormalizePath(path));
  return found != state_->files.end() && found->second->unsynced.empty();
}

}  // namespace walrus
