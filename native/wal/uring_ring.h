// UringRing: one io_uring, driven through the kernel's own interface.
#ifndef WALRUS_WAL_URING_RING_H_
#define WALRUS_WAL_URING_RING_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "wal/status.h"

struct io_uring_cqe;
struct io_uring_sqe;

namespace walrus {

/// One operation for the ring.
struct UringOp {
  enum class Kind : uint8_t { kWriteV, kReadV, kSyncBytes };

  Kind kind = Kind::kWriteV;
  int descriptor = -1;
  const void* parts = nullptr;  ///< iovecs; alive until Run() returns
  uint32_t part_count = 0;
  uint64_t position = 0;
  /// Bytes, 0, or a negative errno; kNotRun: the system never saw it.
  int32_t result = kNotRun;

  static constexpr int32_t kNotRun = INT32_MIN;
};

/// Place: UringFileSystem owns one and calls Run().
/// Life: Open() checks that the kernel knows every kind of operation and that
/// a round trip works. Where the kernel refuses later on, operations stay
/// kNotRun and the caller does them itself.
/// Threads: any thread may call Run(); the operations of several are under way
/// at once, and one of the waiting threads collects what completes.
class UringRing {
 public:
  /// kInvalidInput: io_uring is not to be had; the message says why.
  static Status Open(uint32_t entries, std::unique_ptr<UringRing>* ring);
  ~UringRing();
  UringRing(const UringRing&) = delete;
  UringRing& operator=(const UringRing&) = delete;

  /// Does all of them, in no order; returns when none is under way.
  void Run(std::span<UringOp> ops);

 private:
  static constexpr int32_t kUnderWay = INT32_MIN + 1;

  UringRing() = default;
  Status SetUp(uint32_t entries);
  Status CheckOperations() const;
  Status TryRoundTrip();
  void PushLocked(UringOp* op);
  uint32_t SubmitLocked(uint32_t count);
  void CollectLocked();
  void WaitLocked(std::unique_lock<std::mutex>* lock);

  int descriptor_ = -1;
  void* queues_ = nullptr;  // both rings' indexes, and the completions
  size_t queues_bytes_ = 0;
  io_uring_sqe* entries_ = nullptr;
  size_t entries_bytes_ = 0;
  uint32_t entry_count_ = 0;
  uint32_t submit_mask_ = 0;
  uint32_t complete_mask_ = 0;
  uint32_t* submit_head_ = nullptr;
  uint32_t* submit_tail_ = nullptr;
  uint32_t* submit_array_ = nullptr;
  uint32_t* complete_head_ = nullptr;
  uint32_t* complete_tail_ = nullptr;
  io_uring_cqe* completions_ = nullptr;

  std::mutex mutex_;
  std::condition_variable collected_;
  // Guarded by mutex_.
  uint32_t under_way_ = 0;
  bool collecting_ = false;  // a thread waits in the kernel
};

}  // namespace walrus

#endif  // WALRUS_WAL_URING_RING_H_
