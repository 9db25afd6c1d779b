// The peers: the same payload through bare system calls, without checksums,
// offsets, threads or anything else that a log adds.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>

#include "engine_bench_loads.h"

namespace walrusmq::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kSparseBytes = 1000ull << 20;
constexpr uint64_t kPreallocatedBytes = 32ull << 20;
constexpr size_t kPageBytes = 4096;

[[noreturn]] void ThrowErrno(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : value_(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
                      0600)) {
    if (value_ < 0) ThrowErrno("open " + path);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(value_); }

  void Resize(uint64_t bytes) const {
    if (::ftruncate(value_, static_cast<off_t>(bytes)) != 0) {
      ThrowErrno("ftruncate");
    }
  }
  void Write(const char* bytes, size_t length, uint64_t position) const {
    const ssize_t written =
        ::pwrite(value_, bytes, length, static_cast<off_t>(position));
    if (written != static_cast<ssize_t>(length)) ThrowErrno("pwrite");
  }
  void Sync() const {
    if (::fdatasync(value_) != 0) ThrowErrno("fdatasync");
  }

 private:
  int value_;
};

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// pwrite() of one size, one after another, into a fresh sparse file of the
/// size of the engine's.
class PwriteLoop : public Load {
 public:
  PwriteLoop(std::string path, const Payload& payload, size_t write_bytes)
      : path_(std::move(path)), payload_(payload), write_bytes_(write_bytes) {}

  Sample Run(const Bounds& bounds) override {
    Sample sample;
    {
      const Descriptor file(path_);
      file.Resize(kSparseBytes);
      file.Write(payload_.record(0), kRecordBytes, 0);
      const Clock::time_point start = Clock::now();
      while (sample.payload_bytes < bounds.payload_bytes) {
        // 1 KiB takes the records in turn; 64 KiB is all of them at once.
        const char* bytes = write_bytes_ == kRecordBytes
                                ? payload_.record(sample.operation_count)
                                : payload_.bytes().data();
        file.Write(bytes, write_bytes_, sample.payload_bytes);
        sample.payload_bytes += write_bytes_;
        ++sample.operation_count;
      }
      sample.seconds = SecondsSince(start);
    }
    if (::unlink(path_.c_str()) != 0) ThrowErrno("unlink " + path_);
    return sample;
  }

 private:
  const std::string path_;
  const Payload& payload_;
  const size_t write_bytes_;
};

/// write + fdatasync, one after another: at the end of a growing file, or over
/// the pages of one that was written and synced before.
class SyncLoop : public Load {
 public:
  SyncLoop(const std::string& path, const Payload& payload, size_t write_bytes,
           bool overwrites)
      : file_(path),
        payload_(payload),
        write_bytes_(write_bytes),
        overwrites_(overwrites) {
    if (!overwrites_) return;
    const std::vector<char> zeros(1 << 20);
    for (uint64_t at = 0; at < kPreallocatedBytes; at += zeros.size()) {
      file_.Write(zeros.data(), zeros.size(), at);
    }
    file_.Sync();
  }

  Sample Run(const Bounds& bounds) override {
    Sample sample;
    const Clock::time_point start = Clock::now();
    do {
      file_.Write(payload_.bytes().data(), write_bytes_, position_);
      file_.Sync();
      position_ += write_bytes_;
      if (overwrites_) position_ %= kPreallocatedBytes;
      sample.payload_bytes += write_bytes_;
      ++sample.operation_count;
      sample.seconds = SecondsSince(start);
    } while (sample.payload_bytes < bounds.payload_bytes &&
             sample.seconds < bounds.seconds);
    return sample;
  }

 private:
  const Descriptor file_;
  const Payload& payload_;
  const size_t write_bytes_;
  const bool overwrites_;
  uint64_t position_ = 0;
};

}  // namespace

std::unique_ptr<Load> MakeSystemCallLoad(const std::string& name,
                                         const std::string& directory,
                                         const Payload& payload) {
  const std::string path = directory + "/bare";
  const size_t all = payload.bytes().size();
  if (name == "pwrite-1k") {
    return std::make_unique<PwriteLoop>(path, payload, kRecordBytes);
  }
  if (name == "pwrite-64k") {
    return std::make_unique<PwriteLoop>(path, payload, all);
  }
  if (name == "fdatasync-append-1k") {
    return std::make_unique<SyncLoop>(path, payload, kRecordBytes, false);
  }
  if (name == "fdatasync-append-64k") {
    return std::make_unique<SyncLoop>(path, payload, all, false);
  }
  if (name == "fdatasync-overwrite-4k") {
    return std::make_unique<SyncLoop>(path, payload, kPageBytes, true);
  }
  throw std::invalid_argument("no such load: " + name);
}

}  // namespace walrusmq::bench
