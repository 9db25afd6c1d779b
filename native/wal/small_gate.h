// SmallGate: counts the small appends under way without a place that all of
// their threads write to.
#ifndef WALRUS_WAL_SMALL_GATE_H_
#define WALRUS_WAL_SMALL_GATE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace walrus {

/// Lets any number of threads in, or, while it is barred, none. Whoever bars it
/// waits for those inside, with a lock and a condition of its own.
///
/// Threads: any. Each thread mostly has a lane of its own, in a cache line of
/// its own: what one thread counts costs the others nothing.
class SmallGate {
 public:
  struct alignas(64) Lane {
    std::atomic<uint32_t> inside{0};
    // Totals of what went through.
    std::atomic<uint64_t> appends{0};
    std::atomic<uint64_t> appended_bytes{0};
    std::atomic<uint64_t> written_bytes{0};
    /// What may still be written before somebody asks for the free space.
    std::atomic<int64_t> space_credit{0};
  };

  /// The caller's lane, with the caller inside; nullptr when it is barred.
  /// `*someone_waits` then says that the one who barred it may have seen the
  /// caller, and has to be told that it left.
  Lane* Enter(bool* someone_waits) {
    Lane* const lane = &lanes_[LaneIndex()];
    // In one order with Bar() and inside(): one of the two sees the other.
    lane->inside.fetch_add(1, std::memory_order_seq_cst);
    if (!is_barred()) return lane;
    *someone_waits = Leave(lane);
    return nullptr;
  }
  /// The caller is out. True: somebody waits for that, and has to be told.
  bool Leave(Lane* lane) {
    lane->inside.fetch_sub(1, std::memory_order_seq_cst);
    return is_barred();
  }

  void Bar() { bars_.fetch_add(1, std::memory_order_seq_cst); }
  void Unbar() { bars_.fetch_sub(1, std::memory_order_seq_cst); }
  bool is_barred() const { return bars_.load(std::memory_order_seq_cst) > 0; }
  /// How many are inside. Exact only while it is barred, but for those that
  /// are just being turned away.
  uint32_t inside() const {
    uint32_t count = 0;
    for (const Lane& lane : lanes_) {
      count += lane.inside.load(std::memory_order_seq_cst);
    }
    return count;
  }

  /// The sum of one of the totals over all lanes.
  uint64_t Total(std::atomic<uint64_t> Lane::*total) const {
    uint64_t sum = 0;
    for (const Lane& lane : lanes_) {
      sum += (lane.*total).load(std::memory_order_relaxed);
    }
    return sum;
  }

 private:
  static constexpr size_t kLanes = 16;

  static size_t LaneIndex() {
    static std::atomic<size_t> threads{0};
    thread_local const size_t index =
        threads.fetch_add(1, std::memory_order_relaxed) % kLanes;
    return index;
  }

  std::array<Lane, kLanes> lanes_;
  alignas(64) std::atomic<uint32_t> bars_{0};
};

}  // namespace walrus

#endif  // WALRUS_WAL_SMALL_GATE_H_
