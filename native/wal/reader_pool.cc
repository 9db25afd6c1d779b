#include "wal/reader_pool.h"

#include <algorithm>
#include <utility>

namespace walrus {

void ReaderPool::EnqueueLocked(Task task) {
  queue_.push_back(std::move(task));
  if (idle_threads_ == 0 &&
      threads_.size() < std::max<uint32_t>(thread_count_, 1)) {
    threads_.emplace_back([this] { Loop(); });
  }
  wanted_.notify_one();
}

Status ReaderPool::SubmitRead(uint64_t bytes, std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return Status(Code::kClosed, "the instance is closed");
  if (reads_ > 0 &&
      (read_bytes_ + bytes > kQueuedBytesMax || reads_ >= kQueuedTasksMax)) {
    return Status(Code::kBusy, "too many reads wait for the disk");
  }
  ++reads_;
  read_bytes_ += bytes;
  EnqueueLocked({bytes, std::move(task)});
  return Status::Ok();
}

void ReaderPool::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_threads_;
    wanted_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_threads_;
    if (queue_.empty()) return;
    Task task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task.run();
    // What the task holds on to goes before it stops counting.
    task.run = nullptr;
    lock.lock();
    --reads_;
    read_bytes_ -= task.bytes;
  }
}

void ReaderPool::Stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
    wanted_.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace walrus
