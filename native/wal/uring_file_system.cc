#include "wal/uring_file_system.h"

#include <cerrno>
#include <utility>
#include <vector>

#include "wal/posix_file_system.h"
#include "wal/uring_ring.h"

namespace walrus {

namespace {

constexpr uint32_t kRingEntries = 64;
constexpr size_t kPartsPerOp = 1024;  // IOV_MAX

uint64_t BytesOf(std::span<const iovec> parts) {
  uint64_t bytes = 0;
  for (const iovec& part : parts) bytes += part.iov_len;
  return bytes;
}

// What is left of `parts` behind the first `bytes`.
std::vector<iovec> Behind(std::span<const iovec> parts, uint64_t bytes) {
  std::vector<iovec> rest;
  for (const iovec& part : parts) {
    const size_t skipped = std::min<uint64_t>(bytes, part.iov_len);
    bytes -= skipped;
    if (skipped == part.iov_len) continue;
    rest.push_back(
        {static_cast<char*>(part.iov_base) + skipped, part.iov_len - skipped});
  }
  return rest;
}

// Whether the system did nothing of it, for a reason that a plain call may not
// meet.
bool WasNotDone(int32_t result) {
  switch (-static_cast<int64_t>(result)) {
    case -static_cast<int64_t>(UringOp::kNotRun):
    case EAGAIN:
    case ECANCELED:
    case EINTR:
    case EINVAL:
    case ENOMEM:
    case ENOSYS:
    case EOPNOTSUPP:
    case EPERM:
      return true;
    default:
      return false;
  }
}

// Keeps the worst of several: no space heals, everything else does not.
void Note(const Status& status, Status* worst) {
  if (status.ok()) return;
  if (worst->ok() || worst->code() == Code::kNoSpace) *worst = status;
}

class UringFileSystem : public PosixFileSystem {
 public:
  UringFileSystem(std::unique_ptr<UringRing> ring, const UringLimits& limits)
      : ring_(std::move(ring)), limits_(limits) {}

  Status WriteMany(std::span<const FileWrite> writes) override;
  Status ReadMany(std::span<FileRead> reads) override;
  void SyncMany(std::span<FileSync> syncs) override;
  std::string_view BackendName() const override { return "io_uring"; }

 private:
  bool PaysOff(std::span<const FileWrite> writes) const;

  const std::unique_ptr<UringRing> ring_;
  const UringLimits limits_;
};

bool UringFileSystem::PaysOff(std::span<const FileWrite> writes) const {
  if (writes.size() < limits_.writes_min) return false;
  uint64_t bytes = 0;
  for (const FileWrite& write : writes) {
    if (write.file->descriptor() < 0) return false;
    bytes += BytesOf(write.parts);
  }
  return bytes >= limits_.write_bytes_min * writes.size();
}

Status UringFileSystem::WriteMany(std::span<const FileWrite> writes) {
  if (!PaysOff(writes)) return PosixFileSystem::WriteMany(writes);
  std::vector<UringOp> ops;
  std::vector<FileWrite> slices;
  for (const FileWrite& write : writes) {
    std::span<const iovec> rest = write.parts;
    uint64_t position = write.position;
    while (!rest.empty()) {
      const auto parts = rest.first(std::min(rest.size(), kPartsPerOp));
      rest = rest.subspan(parts.size());
      slices.push_back({write.file, position, parts});
      ops.push_back({UringOp::Kind::kWriteV, write.file->descriptor(),
                     parts.data(), static_cast<uint32_t>(parts.size()),
                     position});
      position += BytesOf(parts);
    }
  }
  ring_->Run(ops);
  Status worst;
  for (size_t i = 0; i < ops.size(); ++i) {
    const FileWrite& slice = slices[i];
    const int32_t result = ops[i].result;
    if (result < 0 && !WasNotDone(result)) {
      Note(Status::FromErrno("write", -result), &worst);
      continue;
    }
    // The rest of a short one, by calls that go on until it is done or fails.
    const uint64_t done = result < 0 ? 0 : static_cast<uint64_t>(result);
    if (done == BytesOf(slice.parts)) continue;
    const std::vector<iovec> rest = Behind(slice.parts, done);
    Note(slice.file->WriteV(slice.position + done, rest), &worst);
  }
  return worst;
}

Status UringFileSystem::ReadMany(std::span<FileRead> reads) {
  std::vector<UringOp> ops;
  for (const FileRead& read : reads) {
    if (reads.size() < limits_.reads_min || read.file->descriptor() < 0) break;
    const size_t count = std::min(read.parts.size(), kPartsPerOp);
    ops.push_back({UringOp::Kind::kReadV, read.file->descriptor(),
                   read.parts.data(), static_cast<uint32_t>(count),
                   read.position});
  }
  if (ops.size() < reads.size()) return PosixFileSystem::ReadMany(reads);
  ring_->Run(ops);
  for (size_t i = 0; i < ops.size(); ++i) {
    FileRead& read = reads[i];
    const int32_t result = ops[i].result;
    if (result < 0 && !WasNotDone(result)) {
      return Status::FromErrno("read", -result);
    }
    read.bytes_read = result < 0 ? 0 : static_cast<size_t>(result);
    const std::vector<iovec> rest = Behind(read.parts, read.bytes_read);
    if (rest.empty()) continue;
    size_t more = 0;
    const Status status =
        read.file->ReadV(read.position + read.bytes_read, rest, &more);
    if (!status.ok()) return status;
    read.bytes_read += more;
  }
  return Status::Ok();
}

void UringFileSystem::SyncMany(std::span<FileSync> syncs) {
  std::vector<UringOp> ops;
  for (const FileSync& sync : syncs) {
    if (syncs.size() < limits_.syncs_min || sync.file->descriptor() < 0) break;
    ops.push_back({UringOp::Kind::kSyncBytes, sync.file->descriptor()});
  }
  if (ops.size() < syncs.size()) {
    PosixFileSystem::SyncMany(syncs);
    return;
  }
  ring_->Run(ops);
  for (size_t i = 0; i < ops.size(); ++i) {
    const int32_t result = ops[i].result;
    if (result == UringOp::kNotRun) {
      syncs[i].status = syncs[i].file->Sync();
    } else {
      // Whatever it failed with: asked again, the kernel could say Ok for
      // pages that it has dropped.
      syncs[i].status =
          result < 0 ? Status::FromErrno("sync", -result) : Status::Ok();
    }
  }
}

}  // namespace

Status OpenUringFileSystem(std::unique_ptr<FileSystem>* file_system,
                           const UringLimits& limits) {
  std::unique_ptr<UringRing> ring;
  const Status status = UringRing::Open(kRingEntries, &ring);
  if (!status.ok()) return status;
  *file_system = std::make_unique<UringFileSystem>(std::move(ring), limits);
  return status;
}

}  // namespace walrus
