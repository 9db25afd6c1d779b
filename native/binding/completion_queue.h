// CompletionQueue: how JavaScript hears from the engine's threads.
#ifndef WALRUS_BINDING_COMPLETION_QUEUE_H_
#define WALRUS_BINDING_COMPLETION_QUEUE_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "binding/node_api.h"
#include "wal/entry_pack.h"
#include "wal/shared_log.h"
#include "wal/status.h"
#include "wal/wal.h"

namespace walrus::binding {

class CompletionQueue;

/// One numbered operation: an append with the Buffers it borrowed, or a cursor
/// commit. Belongs to the engine from Append() to the last call, to the loop
/// thread before and after.
class PendingOperation final : public AppendObserver {
 public:
  void OnWritten() override;
  void OnSynced() override;
  void OnFailed(const Status& status) override;

  /// The entries this operation appends, kept until it is settled; made anew.
  EntryPack& NewPack() {
    pack_ = std::make_unique<EntryPack>();
    return *pack_;
  }
  const EntryPack& pack() const { return *pack_; }
  /// The operation is a batch that was begun on `log`: ends it with the last
  /// call.
  void SetBatchOf(SharedLog* log) { batch_of_ = log; }

 private:
  friend class CompletionQueue;
  enum State : uint8_t { kQueued, kWritten, kSynced, kFailed };
  static constexpr size_t kPinsMax = 2;

  std::atomic<State> state_{kQueued};
  void EndBatch();
  Status failure_;            ///< written before kFailed is
  bool is_reported_ = false;  ///< its failure was told
  napi_ref pins_[kPinsMax] = {};
  std::unique_ptr<EntryPack> pack_;
  SharedLog* batch_of_ = nullptr;
};

/// An asynchronous read on its way.
struct PendingRead {
  napi_deferred deferred = nullptr;
  Status status;
  std::vector<std::byte> bytes;
};

/// The channel between one open Wal and its JavaScript handle.
///
/// Place: WalWrap hands operations in; engine threads settle them; one
/// thread-safe function carries the wake-ups to the loop thread.
///
/// Life: Create() to the thread-safe function's finalizer, which comes after
/// Release(). REQUIRES: it is settled, and no engine thread calls it, when
/// Release() is called.
///
/// Threads: everything runs on the loop thread except the observers' calls,
/// GroupReported() and FinishRead(). The loop is kept alive while something is
/// in flight, or watched.
///
/// Invariants:
///  (1) Operations are numbered 1, 2, 3… in the order of Commit(); the counts
///      told to JavaScript are the longest settled prefixes.
///  (2) At most one wake-up is on its way, however many operations settle.
///  (3) Borrowed Buffers are released on the loop thread, after the engine's
///      last call for them.
class CompletionQueue {
 public:
  /// nullptr when Node refuses (an exception is pending then).
  static std::shared_ptr<CompletionQueue> Create(napi_env env);
  CompletionQueue(const CompletionQueue&) = delete;
  CompletionQueue& operator=(const CompletionQueue&) = delete;
  ~CompletionQueue();

  /// An operation to hand to the engine.
  PendingOperation* Take();
  /// The engine refused it.
  void GiveBack(PendingOperation* operation);
  /// The engine accepted it: it gets the next number, and `buffers` stay alive
  /// until it is settled.
  void Commit(napi_env env, PendingOperation* operation,
              std::span<const napi_value> buffers);

  /// A read whose promise FinishRead() will settle.
  PendingRead* BeginRead(napi_env env, napi_deferred deferred);
  /// The engine refused the read; the promise is the caller's to settle.
  void AbandonRead(napi_env env, PendingRead* read);
  /// Any thread: what a commit group has settled can be looked at.
  void GroupReported();
  /// Any thread: the read is done.
  void FinishRead(PendingRead* read);

  /// Replaces the function that is called with the counts.
  void SetCallback(napi_env env, napi_value callback);

  /// A log is watched from here on (or `delta` = -1, no more): every report of
  /// a group wakes the loop.
  void Watch(napi_env env, int delta);
  /// Runs at the end of every Drain().
  void SetAfterDrain(std::function<void(napi_env)> after_drain) {
    after_drain_ = std::move(after_drain);
  }

  /// Whether everything that was taken has been told to JavaScript.
  bool is_idle() const { return in_flight_ == watched_; }
  /// Waits on the loop thread until the engine made its last call for all that
  /// was committed, and all reads have finished. Drain() tells of it.
  void WaitUntilSettled();

  /// Calls a JavaScript function; what it throws is an uncaught exception.
  static void CallBack(napi_env env, napi_value callback,
                       std::span<const napi_value> arguments);

  /// Tells JavaScript what has settled since the last time.
  void Drain(napi_env env);
  /// Lets the callback, the Buffers and the thread-safe function go.
  void Release(napi_env env);
  /// The process is exiting without its loop: wake nobody any more.
  void Silence() { is_wake_pending_.store(true); }

  uint64_t wakeups() const { return wakeups_; }

 private:
  friend class PendingOperation;
  static constexpr size_t kPoolMax = 4096;
  static constexpr size_t kRingBegin = 256;

  CompletionQueue() = default;
  bool IsSettled();
  void Wake();
  void Track(napi_env env);
  void Untrack(napi_env env, size_t count);
  void GrowRing();
  PendingOperation*& Slot(uint64_t number) {
    return ring_[number & (ring_.size() - 1)];
  }
  void AdvanceWritten(napi_env env, napi_value* failures);
  void AdvanceSynced(napi_env env, napi_value* failures);
  void ReportFailure(napi_env env, uint64_t number, PendingOperation* operation,
                     napi_value* failures);
  void Recycle(napi_env env, PendingOperation* operation);
  void SettleReads(napi_env env);
  void Tell(napi_env env, napi_value failures);

  napi_threadsafe_function wake_ = nullptr;
  std::atomic<bool> is_wake_pending_{false};
  uint64_t wakeups_ = 0;
  size_t in_flight_ = 0;
  size_t watched_ = 0;  ///< of in_flight_
  /// Operations taken and not given back, and watched logs. Changed on the loop
  /// thread, before the engine gets the operation: who reports a group must see
  /// it.
  std::atomic<size_t> awaits_reports_{0};
  std::function<void(napi_env)> after_drain_;
  napi_ref callback_ = nullptr;

  std::vector<PendingOperation*> ring_;  ///< (synced_, committed_]
  uint64_t committed_ = 0;
  uint64_t written_ = 0;
  uint64_t synced_ = 0;
  std::vector<std::unique_ptr<PendingOperation>> pool_;

  std::atomic<bool> is_awaited_{false};  ///< WaitUntilSettled() is running
  std::mutex await_mutex_;
  std::condition_variable moved_;

  std::atomic<size_t> running_reads_{0};
  std::mutex reads_mutex_;
  std::vector<PendingRead*> finished_reads_;  ///< under reads_mutex_
};

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_COMPLETION_QUEUE_H_
