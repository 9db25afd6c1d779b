// PosixMappedRegion: one shared mapping.
#ifndef WALRUS_WAL_POSIX_MAPPED_REGION_H_
#define WALRUS_WAL_POSIX_MAPPED_REGION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "wal/file_system.h"

namespace walrus {

/// Place: made by PosixFile::Map(). Life: owns the mapping, not the
/// descriptor. Threads: as MappedRegion says.
class PosixMappedRegion : public MappedRegion {
 public:
  PosixMappedRegion(std::string path, int descriptor, std::byte* address,
                    uint64_t position, uint64_t length);
  ~PosixMappedRegion() override;
  PosixMappedRegion(const PosixMappedRegion&) = delete;
  PosixMappedRegion& operator=(const PosixMappedRegion&) = delete;

  Status Reserve(uint64_t position, uint64_t length) override;
  Status Write(uint64_t position, std::span<const iovec> parts) override;

 private:
  bool Contains(uint64_t position, uint64_t length) const;
  Status Outside(std::string_view what) const;

  const std::string path_;
  const int descriptor_;
  std::byte* const address_;
  const uint64_t position_;
  const uint64_t length_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_POSIX_MAPPED_REGION_H_
