// Making data files durable, one at a time or together.
#include "wal/data_file.h"

namespace walrus {

// The file is in use before the marks go: one without marks may be closed.
Status DataFile::TakeUnsyncedLocked(FileUse* use, bool* unsynced) {
  *unsynced = dirty() || inherited_.load(std::memory_order_acquire);
  if (!*unsynced) return Status::Ok();
  const Status status = file_.Use(use);
  if (!status.ok()) return status;
  inherited_.store(false, std::memory_order_relaxed);
  (void)dirty_.exchange(false, std::memory_order_acq_rel);
  return status;
}

Status DataFile::Sync() {
  const std::lock_guard lock(sync_mutex_);
  if (!sync_error_.ok()) return sync_error_;
  // Taking the flag inside the lock makes a second caller wait for a sync that
  // is under way instead of believing that it is over.
  FileUse use;
  bool unsynced = false;
  const Status status = TakeUnsyncedLocked(&use, &unsynced);
  if (!status.ok() || !unsynced) return status;
  sync_error_ = use.file().Sync();
  return sync_error_;
}

Status DataFileSet::SyncDirty(uint64_t* synced_count) {
  const std::vector<std::shared_ptr<DataFile>> files = All();
  for (size_t done = 0; done < files.size();) {
    const Status status = SyncSome(files, &done, synced_count);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

// From `*done` on as many as may be open at once.
Status DataFileSet::SyncSome(std::span<const std::shared_ptr<DataFile>> all,
                             size_t* done, uint64_t* synced_count) {
  std::vector<DataFile*> files;
  std::vector<FileUse> uses;
  std::vector<std::unique_lock<std::mutex>> locks;
  std::vector<FileSync> syncs;
  // In the order of their names, as everybody who holds two of these locks.
  for (; *done < all.size() && syncs.size() < open_files_->count_max();
       ++*done) {
    DataFile* const file = all[*done].get();
    std::unique_lock lock(file->sync_mutex_);
    FileUse use;
    bool unsynced = false;
    Status status = file->sync_error_;
    if (status.ok()) status = file->TakeUnsyncedLocked(&use, &unsynced);
    if (!status.ok()) {
      for (DataFile* taken : files) taken->MarkDirty();
      return status;
    }
    if (!unsynced) continue;
    syncs.push_back({&use.file(), Status::Ok()});
    files.push_back(file);
    uses.push_back(std::move(use));
    locks.push_back(std::move(lock));
  }
  if (syncs.empty()) return Status::Ok();
  *synced_count += syncs.size();
  file_system_.SyncMany(syncs);
  Status status;
  for (size_t i = 0; i < syncs.size(); ++i) {
    files[i]->sync_error_ = syncs[i].status;
    if (status.ok()) status = syncs[i].status;
  }
  return status;
}

Status DataFileSet::SyncToClose(uint64_t* synced_count) {
  if (!over_bound()) return Status::Ok();
  for (const std::shared_ptr<DataFile>& file : All()) {
    if (!over_bound()) break;
    if (!file->waits_for_sync()) continue;
    ++*synced_count;
    const Status status = file->Sync();
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace walrus
