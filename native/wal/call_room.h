// CallRoom: where callers wait for their calls, and are woken together.
#ifndef WALRUS_WAL_CALL_ROOM_H_
#define WALRUS_WAL_CALL_ROOM_H_

#include <atomic>
#include <cstdint>

namespace walrus {

/// One wake-up for all calls of a commit group: waking one caller at a time
/// would cost a system call each, between one sync and the next.
///
/// Threads: any.
class CallRoom {
 public:
  /// Returns once `finished` is set. Who sets it calls TellAll() afterwards,
  /// and does not touch `finished` between: it may be gone.
  void WaitUntil(const std::atomic<bool>& finished) {
    while (!finished.load(std::memory_order_acquire)) {
      const uint32_t round = round_.load(std::memory_order_acquire);
      if (finished.load(std::memory_order_acquire)) return;
      round_.wait(round, std::memory_order_acquire);
    }
  }
  /// Wakes whoever waits, to look again.
  void TellAll() {
    round_.fetch_add(1, std::memory_order_acq_rel);
    round_.notify_all();
  }

 private:
  std::atomic<uint32_t> round_{0};
};

}  // namespace walrus

#endif  // WALRUS_WAL_CALL_ROOM_H_
