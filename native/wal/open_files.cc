#include "wal/open_files.h"

#include <algorithm>

namespace walrus {

void OpenFiles::AddLocked(BoundedFile* file) {
  open_.push_back(file);
  count_.store(open_.size(), std::memory_order_relaxed);
  file->last_use_.store(clock_.fetch_add(1, std::memory_order_relaxed) + 1,
                        std::memory_order_relaxed);
  TrimLocked();
}

void OpenFiles::Forget(BoundedFile* file) {
  const std::lock_guard lock(mutex_);
  std::erase(open_, file);
  count_.store(open_.size(), std::memory_order_relaxed);
}

void OpenFiles::TrimLocked() {
  if (open_.size() <= count_max_) return;
  std::vector<std::pair<uint64_t, BoundedFile*>> idle;
  for (BoundedFile* file : open_) {
    if (file->in_use() || file->unsynced_.load(std::memory_order_acquire)) {
      continue;
    }
    idle.emplace_back(file->last_use_.load(std::memory_order_relaxed), file);
  }
  std::sort(idle.begin(), idle.end());
  for (const auto& [last_use, file] : idle) {
    if (open_.size() <= count_max_) break;
    if (file->CloseLocked()) std::erase(open_, file);
  }
  count_.store(open_.size(), std::memory_order_relaxed);
}

void OpenFiles::TryTrim() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (lock.owns_lock()) TrimLocked();
}

Status BoundedFile::Adopt(std::unique_ptr<File> file, FileUse* use) {
  const Status status = file->Identity(&identity_);
  if (!status.ok()) return status;
  const std::lock_guard lock(files_->mutex_);
  Install(std::move(file), use);
  return status;
}

void BoundedFile::Install(std::unique_ptr<File> file, FileUse* use) {
  file_ = std::move(file);
  // Whoever counts himself in from here on sees the file.
  uses_.fetch_add(1 - kClosed, std::memory_order_acq_rel);
  use->file_ = this;
  files_->AddLocked(this);
}

bool BoundedFile::UseIfOpen(FileUse* use) {
  if (uses_.fetch_add(1, std::memory_order_acq_rel) < 0) {
    uses_.fetch_sub(1, std::memory_order_acq_rel);
    return false;
  }
  use->file_ = this;
  const uint64_t now = files_->clock_.load(std::memory_order_relaxed);
  // Mostly it is that already; writing it would take the line from others.
  if (last_use_.load(std::memory_order_relaxed) != now) {
    last_use_.store(now, std::memory_order_relaxed);
  }
  return true;
}

Status BoundedFile::Use(FileUse* use) {
  if (UseIfOpen(use)) return Status::Ok();
  const std::lock_guard lock(files_->mutex_);
  // Another one may have opened it; it stays so while the mutex is held.
  if (UseIfOpen(use)) return Status::Ok();
  std::unique_ptr<File> file;
  const Status status = OpenAgain(&file);
  if (status.ok()) Install(std::move(file), use);
  return status;
}

Status BoundedFile::OpenAgain(std::unique_ptr<File>* file) const {
  Status status = source_.file_system->Open(source_.path, source_.mode, file);
  FileIdentity identity;
  if (status.ok()) status = (*file)->Identity(&identity);
  if (!status.ok()) return status;
  if (identity != identity_) {
    return Status(Code::kIo, source_.path +
                                 " was replaced by another file while it was "
                                 "closed");
  }
  return source_.check ? source_.check(**file) : status;
}

void BoundedFile::Release() {
  if (uses_.fetch_sub(1, std::memory_order_acq_rel) == 1 &&
      files_->over_bound()) {
    files_->TryTrim();
  }
}

bool BoundedFile::CloseLocked() {
  int64_t nobody = 0;
  if (!uses_.compare_exchange_strong(nobody, kClosed,
                                     std::memory_order_acq_rel)) {
    return false;
  }
  // Who wrote through it has said so before he let go of it.
  if (unsynced_.load(std::memory_order_acquire)) {
    uses_.fetch_sub(kClosed, std::memory_order_acq_rel);
    return false;
  }
  file_.reset();
  return true;
}

}  // namespace walrus
