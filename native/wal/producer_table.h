// ProducerTable: what one log remembers of its idempotent producers, and the
// verdict on the next batch of one (KIP-98; the rules are those of Kafka's
// ProducerStateManager).
#ifndef WALRUS_WAL_PRODUCER_TABLE_H_
#define WALRUS_WAL_PRODUCER_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>
#include <vector>

#include "wal/status.h"
#include "wal/wal.h"

namespace walrus {

/// So many of a producer's last batches can be told from new ones: no client
/// has more in flight.
inline constexpr size_t kRememberedBatches = 5;

/// A batch of a producer that the log has, or that is queued for it.
struct ProducerBatch {
  uint64_t base_offset = 0;
  int32_t base_sequence = 0;
  uint32_t record_count = 0;
  int16_t epoch = 0;

  bool operator==(const ProducerBatch&) const = default;
  /// The sequence of the record after it: after 2^31 - 1 comes 0.
  int32_t NextSequence() const {
    return static_cast<int32_t>(
        (static_cast<uint32_t>(base_sequence) + record_count) & 0x7fffffffu);
  }
  /// That of its last record; it has at least one.
  int32_t LastSequence() const {
    return static_cast<int32_t>(
        (static_cast<uint32_t>(base_sequence) + record_count - 1) &
        0x7fffffffu);
  }
};

/// One producer as a snapshot has it: batches of one epoch, oldest first.
struct ProducerState {
  int64_t producer_id = 0;
  int64_t last_append_ms = 0;
  std::vector<ProducerBatch> batches;

  bool operator==(const ProducerState&) const = default;
};

/// Who made the batches of one call.
struct ProducerCall {
  int64_t producer_id = -1;  ///< -1: nobody that asks for idempotence
  int16_t epoch = -1;

  bool is_idempotent() const { return producer_id >= 0; }
};

/// Whose call this is. kInvalidInput: batches of several producers or epochs,
/// or of one beside such as have none; sequences that do not follow each other;
/// more than kRememberedBatches; an epoch or a sequence below 0.
Status ReadProducerCall(std::span<const CheckedBatch> batches,
                        ProducerCall* call);

struct ProducerLimits {
  size_t producers_max = 0;  ///< at least 1
  uint64_t expiration_ms = 0;
};

/// The producers of one log.
///
/// Place: the committer asks it when it gives offsets; recovery rebuilds it.
/// Life: as long as the log, from its first idempotent batch on.
/// Threads: guarded by Log::turn_mutex, but for oldest_ms().
///
/// Invariants:
///  (1) A producer has at least one batch, in offset order. Of those below the
///      settled end the last kRememberedBatches are there, of those above it
///      (they may be taken back) all.
///  (2) Not more than producers_max: the one that appended longest ago goes.
class ProducerTable {
 public:
  /// `count` is raised and lowered with the producers here: the instance's.
  ProducerTable(const ProducerLimits& limits, std::atomic<uint64_t>* count)
      : limits_(limits), instance_count_(*count) {}
  ~ProducerTable() { Clear(); }
  ProducerTable(const ProducerTable&) = delete;
  ProducerTable& operator=(const ProducerTable&) = delete;

  /// Whether the call may be appended now. Changes nothing.
  ///
  /// Ok with `*duplicate` set: the log has it already, from `*base_offset` on.
  /// kInvalidProducerEpoch: a later epoch of this producer was seen.
  /// kDuplicateSequence: it was appended, and so long ago that its offset is
  /// not known any more. kOutOfOrderSequence: anything else but the sequence
  /// that comes next (0 in a new epoch; any for a producer nobody remembers).
  Status Check(const ProducerCall& call, std::span<const CheckedBatch> batches,
               int64_t now_ms, bool* duplicate, uint64_t* base_offset) const;

  /// Notes that the call was given these offsets.
  void Remember(const ProducerCall& call, std::span<const CheckedBatch> batches,
                uint64_t base_offset, int64_t now_ms);
  /// The same for one batch of a log that is recovered.
  void Add(int64_t producer_id, const ProducerBatch& batch, int64_t now_ms);
  /// A producer out of a snapshot, the one that appended longest ago first.
  void Restore(const ProducerState& state);

  /// Everything below `end_offset` stays.
  void Settle(uint64_t end_offset);
  /// Forgets what was to stand at or above `end_offset`.
  void TakeBack(uint64_t end_offset);

  /// The producers as they were when the log ended at `end_offset`, which is
  /// not below the settled end; the one that appended longest ago first.
  std::vector<ProducerState> StateAt(uint64_t end_offset, int64_t now_ms) const;

  /// Forgets the one that appended longest ago.
  void EvictOldest();
  void Clear();
  size_t size() const { return entries_.size(); }
  /// When the one that appended longest ago did; kNobody with none. Any thread.
  int64_t oldest_ms() const {
    return oldest_ms_.load(std::memory_order_relaxed);
  }
  static constexpr int64_t kNobody = INT64_MAX;

 private:
  using Entries = std::list<ProducerState>;  // newest append first

  ProducerState* Touch(int64_t producer_id, int64_t now_ms);
  std::span<const ProducerBatch> Known(const ProducerState& entry) const;
  bool IsExpired(const ProducerState& entry, int64_t now_ms) const;
  void Push(ProducerState* entry, const ProducerBatch& batch) const;
  void Prune(ProducerState* entry) const;
  void Erase(Entries::iterator entry);
  void NoteOldest();

  const ProducerLimits limits_;
  std::atomic<uint64_t>& instance_count_;
  Entries entries_;
  std::unordered_map<int64_t, Entries::iterator> by_id_;
  uint64_t settled_end_ = 0;
  std::atomic<int64_t> oldest_ms_{kNobody};
};

}  // namespace walrus

#endif  // WALRUS_WAL_PRODUCER_TABLE_H_
