// StressRun: eight threads on one engine, on real files.
#ifndef WALRUS_TOOLS_STRESS_RUN_H_
#define WALRUS_TOOLS_STRESS_RUN_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tools/stress_record.h"
#include "wal/wal.h"

namespace walrus {

inline constexpr uint8_t kStressTopics = 4;  ///< the churner's is one more

/// Appends (one by one, in flight, larger than a block), reads by every way,
/// cursors that free blocks, truncations, deletions and reopenings, under
/// changing schedules and reclaim rules, all at once.
///
/// Invariants that it checks: every record that is read is whole and belongs to
/// its log; at the offset that an append was given stands that append's record;
/// the records of one writer come in its order; at the end every acknowledged
/// record above its log's start is there.
///
/// Threads: Run() starts and joins eight; it is called once.
class StressRun {
 public:
  StressRun(std::string directory, Backend backend, uint64_t seed);

  /// Empty, or the first thing that was wrong.
  std::string Run(double seconds);
  /// "1234 appends, 5678 records read, …".
  std::string Summary() const;

 private:
  class InFlight;
  using Random = std::mt19937_64;

  Options DrawOptions(Random* random) const;
  bool Reopen(Random* random);
  std::shared_ptr<Wal> Current();
  void Work(uint32_t thread);
  void Step(uint32_t thread, Wal* wal, Random* random);
  void Append(uint32_t writer, Wal* wal, Random* random, bool large);
  void AppendInFlight(uint32_t writer, Wal* wal, Random* random);
  void ReadOn(Wal* wal, uint8_t topic, uint64_t* offset, bool async);
  void Consume(Wal* wal, Random* random);
  void Retain(Wal* wal, Random* random);
  void Churn(Wal* wal, Random* random);
  void Look(Wal* wal, Random* random);
  void Acknowledge(uint8_t topic, uint64_t offset, uint32_t writer,
                   uint64_t first_sequence, uint32_t count);
  void CheckBatches(const std::vector<std::byte>& bytes, uint8_t topic,
                    uint64_t* offset);
  void CheckAtEnd();
  /// True when the call worked; what a close leads to is no fault.
  bool Worked(const std::string& what, const Status& status);
  void Wrong(const std::string& what);

  const std::string directory_;
  const Backend backend_;
  const uint64_t seed_;

  std::mutex wal_mutex_;
  std::shared_ptr<Wal> wal_;

  std::mutex acknowledged_mutex_;
  std::array<std::map<uint64_t, StressRecord>, kStressTopics> acknowledged_;

  std::mutex wrong_mutex_;
  std::string wrong_;
  std::atomic<bool> stop_{false};
  // By writer and topic, each touched by its own thread only.
  std::array<std::array<uint64_t, kStressTopics + 1>, 8> sequences_{};
  std::array<uint64_t, kStressTopics> read_offsets_{};
  std::atomic<uint64_t> appends_{0};
  std::atomic<uint64_t> records_read_{0};
  std::atomic<uint64_t> deletions_{0};
  std::atomic<uint64_t> reopenings_{0};
  std::atomic<uint64_t> reclaimed_blocks_{0};
};

}  // namespace walrus

#endif  // WALRUS_TOOLS_STRESS_RUN_H_
