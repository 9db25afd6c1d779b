// The ways of making one commit group durable that this benchmark compares.

#ifndef WALRUSMQ_BENCH_COMMIT_STRATEGIES_COMMIT_H_
#define WALRUSMQ_BENCH_COMMIT_STRATEGIES_COMMIT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace walrusmq::bench {

struct CommitOptions {
  std::string directory;  // Exists and is empty.
  size_t log_count = 1;
  uint64_t journal_bytes = 32ull << 20;  // Of each of the two files.
  // From here on a group skips the journal: by the average of its runs
  // (journal-bypass), or by their sum (journal-bypass-sum).
  uint64_t bypass_average_bytes = 64ull << 10;
  uint64_t bypass_sum_bytes = 256ull << 10;
};

/// One way of committing: a group has one record for each log.
class CommitStrategy {
 public:
  virtual ~CommitStrategy() = default;

  /// Makes one record for each log durable; `payloads[i]` goes to log i.
  ///
  /// REQUIRES: the payloads stay unchanged until the next Commit() returns.
  virtual void Commit(const std::vector<std::string_view>& payloads) = 0;

  /// Returns once every committed run is durable in its block.
  virtual void Checkpoint() {}

  /// All bytes handed to write calls so far, journal and zeros included.
  uint64_t bytes_written() const { return bytes_written_; }

 protected:
  uint64_t bytes_written_ = 0;
};

/// The names that MakeCommitStrategy() knows, in the order they are reported.
const std::vector<std::string>& CommitStrategyNames();

std::unique_ptr<CommitStrategy> MakeCommitStrategy(
    const std::string& name, const CommitOptions& options);

}  // namespace walrusmq::bench

#endif  // WALRUSMQ_BENCH_COMMIT_STRATEGIES_COMMIT_H_
