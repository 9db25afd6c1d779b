// The loads of engine_bench: the engine's appends and the bare system calls
// they are held against.
#ifndef WALRUSMQ_BENCH_ENGINE_BENCH_LOADS_H_
#define WALRUSMQ_BENCH_ENGINE_BENCH_LOADS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wal/wal.h"

namespace walrusmq::bench {

inline constexpr size_t kRecordBytes = 1024;
inline constexpr size_t kInFlight = 64;

/// Ends a run of a load: whichever bound is reached first.
struct Bounds {
  uint64_t payload_bytes = 0;
  double seconds = 0;
};

/// What one run of a load did. Opening, closing, the first append (which makes
/// the first data file) and the building of batches are outside `seconds`.
struct Sample {
  uint64_t operation_count = 0;
  uint64_t payload_bytes = 0;
  double seconds = 0;
  uint64_t commit_group_count = 0;  ///< the engine's; 0 for system calls
};

/// 64 KiB of noise, in records of 1 KiB; every load writes them in turn.
class Payload {
 public:
  Payload();

  const char* record(uint64_t index) const {
    return bytes_.data() + index % kInFlight * kRecordBytes;
  }
  const std::vector<char>& bytes() const { return bytes_; }

 private:
  std::vector<char> bytes_;
};

/// One way of storing the payload, run once in each round.
///
/// Life: made once; Run() may be called again and again. What a load leaves in
/// the file system between runs is its own affair and untimed.
class Load {
 public:
  virtual ~Load() = default;
  /// Throws std::runtime_error when anything fails: a figure of a run that
  /// failed half-way would be a lie.
  virtual Sample Run(const Bounds& bounds) = 0;
};

/// A name, what it stands for, and whether it syncs (and so is bounded by time
/// rather than by bytes).
struct LoadKind {
  std::string name;
  std::string text;
  bool syncs = false;
};

/// All loads, in the order of the report.
const std::vector<LoadKind>& LoadKinds();

/// What every engine load runs on: "auto", "io_uring", "fd" or "mmap".
bool IsBackend(const std::string& name);
/// Throws std::out_of_range unless IsBackend().
walrus::Backend BackendOf(const std::string& name);

/// `directory` exists, is empty and belongs to the load. Throws
/// std::invalid_argument for a name that LoadKinds() does not have.
std::unique_ptr<Load> MakeLoad(const std::string& name,
                               const std::string& directory,
                               const Payload& payload,
                               const std::string& backend);

// What the source files of the loads share.
std::unique_ptr<Load> MakeEngineLoad(const std::string& name,
                                     const std::string& directory,
                                     const Payload& payload,
                                     const std::string& backend);
std::unique_ptr<Load> MakeSystemCallLoad(const std::string& name,
                                         const std::string& directory,
                                         const Payload& payload);

std::unique_ptr<Load> MakeReadLoad(const std::string& name,
                                   const std::string& directory,
                                   const Payload& payload,
                                   const std::string& backend);

}  // namespace walrusmq::bench

#endif  // WALRUSMQ_BENCH_ENGINE_BENCH_LOADS_H_
