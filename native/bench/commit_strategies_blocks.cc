#include "commit_strategies_blocks.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace walrusmq::bench {

namespace {

constexpr uint64_t kZeroAheadBytes = 64 << 10;

constexpr uint64_t RoundUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

// Steps over the bytes that a short write did take.
void DropWritten(iovec* parts, size_t part_count, size_t byte_count) {
  for (size_t i = 0; i < part_count && byte_count > 0; ++i) {
    const size_t taken = std::min(byte_count, parts[i].iov_len);
    parts[i].iov_base = static_cast<char*>(parts[i].iov_base) + taken;
    parts[i].iov_len -= taken;
    byte_count -= taken;
  }
}

}  // namespace

void ThrowErrno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

uint64_t Checksum(const void* bytes, size_t byte_count) {
  const char* in = static_cast<const char*>(bytes);
  uint64_t sum = 0xcbf29ce484222325u;
  for (size_t i = 0; i + 8 <= byte_count; i += 8) {
    uint64_t word;
    std::memcpy(&word, in + i, sizeof(word));
    sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
  }
  return sum;
}

File::File(const std::string& path, int flags)
    : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) ThrowErrno("open " + path);
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void File::Write(std::vector<iovec>& parts, uint64_t position) const {
  for (size_t first = 0; first < parts.size();) {
    const size_t count = std::min<size_t>(parts.size() - first, IOV_MAX);
    size_t byte_count = 0;
    for (size_t i = 0; i < count; ++i) byte_count += parts[first + i].iov_len;
    while (byte_count > 0) {
      const ssize_t n =
          ::pwritev(descriptor_, &parts[first], static_cast<int>(count),
                    static_cast<off_t>(position));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) ThrowErrno("pwritev");
      if (n == 0) throw std::runtime_error("pwritev wrote nothing");
      DropWritten(&parts[first], count, static_cast<size_t>(n));
      position += static_cast<uint64_t>(n);
      byte_count -= static_cast<size_t>(n);
    }
    first += count;
  }
}

void File::Sync() const {
  if (::fdatasync(descriptor_) != 0) ThrowErrno("fdatasync");
  if (extra_sync_time.count() > 0) std::this_thread::sleep_for(extra_sync_time);
}

File CreateZeroedFile(const std::string& path, uint64_t byte_count) {
  File file(path, O_RDWR | O_CREAT | O_EXCL);
  if (const int error = ::posix_fallocate(file.descriptor(), 0,
                                          static_cast<off_t>(byte_count))) {
    errno = error;
    ThrowErrno("posix_fallocate " + path);
  }
  std::vector<char> zeros(1 << 20);
  std::vector<iovec> parts;
  for (uint64_t position = 0; position < byte_count;) {
    const size_t n = std::min<uint64_t>(zeros.size(), byte_count - position);
    parts = {{zeros.data(), n}};
    file.Write(parts, position);
    position += n;
  }
  if (::fsync(file.descriptor()) != 0) ThrowErrno("fsync " + path);
  return file;
}

BlockFiles::BlockFiles(std::string directory, size_t log_count,
                       size_t spare_block_count, Preparation preparation)
    : directory_(std::move(directory)),
      preparation_(preparation),
      logs_(log_count),
      zeros_(kZeroAheadBytes) {
  CreateFiles(log_count + spare_block_count);
  // A broker opens a block once in thousands of commits. The first blocks are
  // opened here, outside every timed phase; later ones inside it.
  std::vector<BlockWrite> writes;
  for (size_t log = 0; log < log_count; ++log) OpenBlock(log, &writes);
  for (const BlockWrite& write : writes) Write(write);
  for (const File& file : files_) file.Sync();
}

void BlockFiles::CreateFiles(size_t block_count) {
  while (files_.size() * kBlocksPerFile < block_count) {
    const std::string name = "/blocks-" + std::to_string(files_.size());
    File file(directory_ + name, O_RDWR | O_CREAT | O_EXCL);
    if (::ftruncate(file.descriptor(), kBlocksPerFile * kBlockBytes) != 0) {
      ThrowErrno("ftruncate");
    }
    if (::fsync(file.descriptor()) != 0) ThrowErrno("fsync");
    files_.push_back(std::move(file));
  }
  const File directory(directory_, O_RDONLY | O_DIRECTORY);
  if (::fsync(directory.descriptor()) != 0) ThrowErrno("fsync " + directory_);
}

BlockWrite BlockFiles::WriteAt(const Log& log, uint64_t position) const {
  BlockWrite write;
  write.file_index = log.block / kBlocksPerFile;
  write.position = log.block % kBlocksPerFile * kBlockBytes + position;
  return write;
}

void BlockFiles::OpenBlock(size_t log_index, std::vector<BlockWrite>* writes) {
  if (next_block_ == files_.size() * kBlocksPerFile) {
    throw std::runtime_error("out of blocks; lower --written-mib");
  }
  Log& log = logs_[log_index];
  log.block = next_block_++;
  log.tail = kBlockHeaderBytes;
  // Different first windows, so that the logs do not all extend in one group.
  log.zeroed_end = (log_index % 16 + 1) * kPageBytes;
  std::memcpy(log.header.data(), &log.block, sizeof(log.block));

  BlockWrite write = WriteAt(log, 0);
  write.byte_count = log.header.size();
  write.parts[0] = {log.header.data(), log.header.size()};
  write.part_count = 1;
  if (preparation_ == Preparation::kFallocate &&
      ::fallocate(files_[write.file_index].descriptor(), 0,
                  static_cast<off_t>(write.position), kBlockBytes) != 0) {
    ThrowErrno("fallocate of a block (direct-fallocate)");
  }
  if (preparation_ == Preparation::kZeroAhead) {
    write.parts[1] = {zeros_.data(), log.zeroed_end - write.byte_count};
    write.part_count = 2;
    write.byte_count = log.zeroed_end;
  }
  writes->push_back(write);
}

void BlockFiles::PlanZeros(Log& log, uint64_t run_end,
                           std::vector<BlockWrite>* writes) {
  if (run_end <= log.zeroed_end) return;
  // A large run overwrites its zeros at once: only what lies behind it helps.
  const uint64_t begin =
      std::max(log.zeroed_end, run_end / kPageBytes * kPageBytes);
  const uint64_t end = std::min(
      RoundUp(run_end, kPageBytes) + kZeroAheadBytes - kPageBytes, kBlockBytes);
  log.zeroed_end = std::max(end, begin);
  if (end <= begin) return;
  BlockWrite write = WriteAt(log, begin);
  write.byte_count = std::min<uint64_t>(end - begin, zeros_.size());
  write.parts[0] = {zeros_.data(), write.byte_count};
  write.part_count = 1;
  writes->push_back(write);
}

void BlockFiles::FillFrame(size_t log_index, std::string_view payload,
                           char* frame) {
  Log& log = logs_[log_index];
  std::array<uint64_t, kFrameBytes / 8> words = {};
  words[0] = log_index;
  words[1] = log.block;
  words[2] = log.tail;
  words[3] = payload.size();
  words[4] = log.sequence++;
  words[14] = Checksum(payload.data(), std::min<size_t>(payload.size(), 64));
  words[15] = Checksum(words.data(), kFrameBytes - 8);
  std::memcpy(frame, words.data(), kFrameBytes);
}

void BlockFiles::Plan(size_t log_index, std::string_view payload,
                      std::vector<BlockWrite>* writes) {
  Log& log = logs_[log_index];
  const size_t padding =
      RoundUp(payload.size(), kRunAlignment) - payload.size();
  const size_t byte_count = payload.size() + padding + kFrameBytes;
  if (log.tail + byte_count > kBlockBytes) OpenBlock(log_index, writes);
  if (preparation_ == Preparation::kZeroAhead) {
    PlanZeros(log, log.tail + byte_count, writes);
  }
  FillFrame(log_index, payload, log.run_end.data() + padding);

  BlockWrite write = WriteAt(log, log.tail);
  write.byte_count = byte_count;
  write.parts[0] = {const_cast<char*>(payload.data()), payload.size()};
  write.parts[1] = {log.run_end.data(), padding + kFrameBytes};
  write.part_count = 2;
  writes->push_back(write);
  log.tail += byte_count;
}

void BlockFiles::Write(const BlockWrite& write) {
  scratch_.assign(write.parts.begin(),
                  write.parts.begin() + static_cast<long>(write.part_count));
  files_[write.file_index].Write(scratch_, write.position);
}

void BlockFiles::StartWriteback(size_t file_index) const {
  if (::sync_file_range(files_[file_index].descriptor(), 0, 0,
                        SYNC_FILE_RANGE_WRITE) != 0) {
    ThrowErrno("sync_file_range");
  }
}

}  // namespace walrusmq::bench
