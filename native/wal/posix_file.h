// PosixFile: one open descriptor.
#ifndef WALRUS_WAL_POSIX_FILE_H_
#define WALRUS_WAL_POSIX_FILE_H_

#include <memory>
#include <string>
#include <string_view>

#include "wal/file_system.h"

namespace walrus {

/// Place: made by PosixFileSystem::Open(), which owns nothing of it.
/// Life: owns the descriptor and closes it. Threads: as File says.
class PosixFile : public File {
 public:
  PosixFile(std::string path, int descriptor);
  ~PosixFile() override;
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Status WriteV(uint64_t position, std::span<const iovec> parts) override;
  Status ReadV(uint64_t position, std::span<const iovec> parts,
               size_t* bytes_read) override;
  Status ReadVNow(uint64_t position, std::span<const iovec> parts,
                  size_t* bytes_read) override;
  Status Sync() override;
  Status Size(uint64_t* size) override;
  Status Identity(FileIdentity* identity) override;
  Status Truncate(uint64_t size) override;
  Status DropCache() override;
  Status PunchHole(uint64_t position, uint64_t length) override;
  Status Allocate(uint64_t position, uint64_t length) override;
  Status FindData(uint64_t position, uint64_t* begin, uint64_t* end) override;
  Status Map(uint64_t position, uint64_t length,
             std::unique_ptr<MappedRegion>* region) override;
  int descriptor() const override { return descriptor_; }

 private:
  Status Error(std::string_view what) const;
  Status WriteZeros(uint64_t position, uint64_t length);

  const std::string path_;
  const int descriptor_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_POSIX_FILE_H_
