#include "wal/posix_mapped_region.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "wal/platform.h"

namespace walrus {

PosixMappedRegion::PosixMappedRegion(std::string path, int descriptor,
                                     std::byte* address, uint64_t position,
                                     uint64_t length)
    : path_(std::move(path)),
      descriptor_(descriptor),
      address_(address),
      position_(position),
      length_(length) {}

PosixMappedRegion::~PosixMappedRegion() { ::munmap(address_, length_); }

bool PosixMappedRegion::Contains(uint64_t position, uint64_t length) const {
  return position >= position_ && length <= length_ &&
         position - position_ <= length_ - length;
}

Status PosixMappedRegion::Outside(std::string_view what) const {
  return Status(Code::kInvalidInput,
                std::string(what) + " " + path_ + ": outside the mapped range");
}

Status PosixMappedRegion::Reserve(uint64_t position, uint64_t length) {
  if (!Contains(position, length)) return Outside("reserve in");
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  const uint64_t begin = position / page * page;
  length += position - begin;
  int result;
  do {
    result = platform::ReserveMapped(descriptor_, address_ + begin - position_,
                                     begin, length);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return Status::Ok();
  if (errno == EOPNOTSUPP || errno == ENOSYS) {
    return Status(Code::kInvalidInput,
                  "reserve in " + path_ + ": not possible here");
  }
  return Status::FromErrno("reserve in " + path_, errno);
}

Status PosixMappedRegion::Write(uint64_t position,
                                std::span<const iovec> parts) {
  uint64_t length = 0;
  for (const iovec& part : parts) length += part.iov_len;
  if (!Contains(position, length)) return Outside("store into");
  std::byte* to = address_ + (position - position_);
  for (const iovec& part : parts) {
    if (part.iov_len == 0) continue;
    std::memcpy(to, part.iov_base, part.iov_len);
    to += part.iov_len;
  }
  return Status::Ok();
}

}  // namespace walrus
