// ReaderPool: the threads for cold reads, which must not keep their caller.
#ifndef WALRUS_WAL_READER_POOL_H_
#define WALRUS_WAL_READER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "wal/status.h"

namespace walrus {

/// A few threads and a bounded queue.
///
/// Life: threads start with the first task; Stop() runs what is queued, then
/// joins. Threads: any.
class ReaderPool {
 public:
  /// What tasks in the queue and at work may ask for together.
  static constexpr uint64_t kQueuedBytesMax = 64ull << 20;
  static constexpr size_t kQueuedTasksMax = 1024;

  explicit ReaderPool(uint32_t thread_count) : thread_count_(thread_count) {}
  ~ReaderPool() { Stop(); }

  /// Queues a read of up to `bytes`. kBusy: too many wait (one larger than the
  /// budget is admitted alone). kClosed: stopped. `task` does not run then.
  Status SubmitRead(uint64_t bytes, std::function<void()> task);

  void Stop();

 private:
  struct Task {
    uint64_t bytes = 0;
    std::function<void()> run;
  };

  void EnqueueLocked(Task task);
  void Loop();

  const uint32_t thread_count_;
  std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<Task> queue_;
  uint64_t read_bytes_ = 0;
  size_t reads_ = 0;
  size_t idle_threads_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace walrus

#endif  // WALRUS_WAL_READER_POOL_H_
