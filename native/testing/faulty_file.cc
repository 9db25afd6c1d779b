// The handles that FaultyFileSystem::Open() gives out.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "testing/faulty_disk.h"

namespace walrus {
namespace {

// A mapping of a file in memory. Its stores are changes like those of calls:
// unsynced, they can be lost, torn and reordered.
class FaultyRegion : public MappedRegion {
 public:
  FaultyRegion(std::shared_ptr<FaultyFileSystem::State> state,
               std::shared_ptr<FaultyNode> node, std::string path,
               uint64_t position, uint64_t length)
      : state_(std::move(state)),
        node_(std::move(node)),
        path_(std::move(path)),
        begin_(position),
        end_(position + length) {}

  Status Reserve(uint64_t position, uint64_t length) override {
    const auto fault = state_->Enter(FaultyCall::kAllocate, path_);
    if (fault) {
      return Status::FromErrno("reserve in " + path_, fault->error_number);
    }
    FaultyChange change;
    change.kind = FaultyChange::Kind::kAllocate;
    change.position = position;
    change.length = length;
    const std::lock_guard lock(state_->mutex);
    return state_->ChangeLocked(node_.get(), std::move(change))
               ? Status::Ok()
               : Status::FromErrno("reserve in " + path_, ENOSPC);
  }

  Status Write(uint64_t position, std::span<const iovec> parts) override {
    const auto fault = state_->Enter(FaultyCall::kWrite, path_);
    FaultyChange change;
    change.position = position;
    for (const iovec& part : parts) {
      const auto* const bytes = static_cast<const std::byte*>(part.iov_base);
      change.bytes.insert(change.bytes.end(), bytes, bytes + part.iov_len);
    }
    const uint64_t length = change.bytes.size();
    if (fault) change.bytes.resize(BytesBefore(*fault, length));
    const std::lock_guard lock(state_->mutex);
    if (length > 0) DieUnlessPresent(position, length);
    if (!change.bytes.empty()) {
      (void)state_->ChangeLocked(node_.get(), std::move(change));
    }
    return fault ? Status::FromErrno("store into " + path_, fault->error_number)
                 : Status::Ok();
  }

 private:
  // What a processor does with a store that has no page to go to.
  void DieUnlessPresent(uint64_t position, uint64_t length) const {
    bool present = position >= begin_ && position + length <= end_ &&
                   position + length <= node_->current.size();
    const uint64_t last = (position + length - 1) / kFaultyPageBytes;
    for (uint64_t page = position / kFaultyPageBytes; page <= last; ++page) {
      present = present && node_->current.HasPage(page);
    }
    if (present) return;
    std::fprintf(stderr, "SIGBUS: a store at %llu of %s, %llu bytes\n",
                 static_cast<unsigned long long>(position), path_.c_str(),
                 static_cast<unsigned long long>(length));
    std::abort();
  }

  const std::shared_ptr<FaultyFileSystem::State> state_;
  const std::shared_ptr<FaultyNode> node_;
  const std::string path_;
  const uint64_t begin_;
  const uint64_t end_;
};

class FaultyFile : public File {
 public:
  FaultyFile(std::shared_ptr<FaultyFileSystem::State> state,
             std::shared_ptr<FaultyNode> node, std::string path, bool read_only)
      : state_(std::move(state)),
        node_(std::move(node)),
        path_(std::move(path)),
        read_only_(read_only) {}

  Status WriteV(uint64_t position, std::span<const iovec> parts) override {
    const std::optional<Fault> fault = state_->Enter(FaultyCall::kWrite, path_);
    if (read_only_) return Error("write", EBADF);
    FaultyChange change;
    change.position = position;
    for (const iovec& part : parts) {
      const auto* const bytes = static_cast<const std::byte*>(part.iov_base);
      change.bytes.insert(change.bytes.end(), bytes, bytes + part.iov_len);
    }
    if (fault) {
      change.bytes.resize(BytesBefore(*fault, change.bytes.size()));
    }
    const std::lock_guard lock(state_->mutex);
    if (!change.bytes.empty() &&
        !state_->ChangeLocked(node_.get(), std::move(change))) {
      return Error("write", ENOSPC);
    }
    if (fault && fault->lies) return Status::Ok();
    return fault ? Error("write", fault->error_number) : Status::Ok();
  }

  Status ReadV(uint64_t position, std::span<const iovec> parts,
               size_t* bytes_read) override {
    *bytes_read = 0;
    if (const auto fault = state_->Enter(FaultyCall::kRead, path_, false)) {
      return Error("read", fault->error_number);
    }
    const std::lock_guard lock(state_->mutex);
    for (const iovec& part : parts) {
      const size_t got = node_->current.Read(
          position + *bytes_read,
          {static_cast<std::byte*>(part.iov_base), part.iov_len});
      *bytes_read += got;
      if (got < part.iov_len) break;
    }
    state_->read_bytes += *bytes_read;
    return Status::Ok();
  }

  Status ReadVNow(uint64_t position, std::span<const iovec> parts,
                  size_t* bytes_read) override {
    {
      const std::lock_guard lock(state_->mutex);
      *bytes_read = 0;
      if (state_->reads_would_block) {
        return Status(Code::kWouldBlock, "read " + path_ + ": not cached");
      }
    }
    return ReadV(position, parts, bytes_read);
  }

  Status Sync() override {
    const std::optional<Fault> fault = state_->Enter(FaultyCall::kSync, path_);
    const std::lock_guard lock(state_->mutex);
    if (fault && fault->lies) return Status::Ok();
    if (fault) {
      // As a kernel does: the pages count as clean, so that a second sync
      // succeeds and the bytes are not on the disk.
      node_->dirty.clear();
      return Error("sync", fault->error_number);
    }
    node_->Sync();
    return Status::Ok();
  }

  Status DropCache() override {
    const std::lock_guard lock(state_->mutex);
    const size_t before = node_->current.page_count();
    node_->DropCache();
    if (node_->linked) {
      state_->used_pages += node_->current.page_count() - before;
    }
    return Status::Ok();
  }

  Status Identity(FileIdentity* identity) override {
    *identity = {1, reinterpret_cast<uint64_t>(node_.get())};
    return Status::Ok();
  }

  Status Size(uint64_t* size) override {
    const std::lock_guard lock(state_->mutex);
    *size = node_->current.size();
    return Status::Ok();
  }

  Status Truncate(uint64_t size) override {
    FaultyChange change;
    change.kind = FaultyChange::Kind::kResize;
    change.position = size;
    return Change(FaultyCall::kTruncate, "truncate", std::move(change));
  }

  Status PunchHole(uint64_t position, uint64_t length) override {
    FaultyChange change;
    change.kind = FaultyChange::Kind::kPunch;
    change.position = position;
    change.length = length;
    return Change(FaultyCall::kPunchHole, "punch hole in", std::move(change));
  }

  Status Allocate(uint64_t position, uint64_t length) override {
    FaultyChange change;
    change.kind = FaultyChange::Kind::kAllocate;
    change.position = position;
    change.length = length;
    return Change(FaultyCall::kAllocate, "allocate in", std::move(change));
  }

  Status Map(uint64_t position, uint64_t length,
             std::unique_ptr<MappedRegion>* region) override {
    const std::lock_guard lock(state_->mutex);
    if (read_only_) return Error("map", EACCES);
    if (length == 0 || position + length > node_->current.size()) {
      return Status(Code::kInvalidInput,
                    "map " + path_ + ": the range is not within the file");
    }
    *region =
        std::make_unique<FaultyRegion>(state_, node_, path_, position, length);
    return Status::Ok();
  }

 private:
  Status Change(FaultyCall call, std::string_view what, FaultyChange change) {
    if (const auto fault = state_->Enter(call, path_)) {
      if (fault->lies) return Status::Ok();
      return Error(what, fault->error_number);
    }
    if (read_only_) return Error(what, EBADF);
    const std::lock_guard lock(state_->mutex);
    return state_->ChangeLocked(node_.get(), std::move(change))
               ? Status::Ok()
               : Error(what, ENOSPC);
  }

  Status Error(std::string_view what, int error_number) const {
    return Status::FromErrno(std::string(what) + " " + path_, error_number);
  }

  const std::shared_ptr<FaultyFileSystem::State> state_;
  const std::shared_ptr<FaultyNode> node_;
  const std::string path_;
  const bool read_only_;
};

}  // namespace

std::unique_ptr<File> MakeFaultyFile(
    std::shared_ptr<FaultyFileSystem::State> state,
    std::shared_ptr<FaultyNode> node, std::string path, bool read_only) {
  return std::make_unique<FaultyFile>(std::move(state), std::move(node),
                                      std::move(path), read_only);
}

}  // namespace walrus
