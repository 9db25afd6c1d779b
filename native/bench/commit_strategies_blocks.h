// The block files that every commit strategy of this benchmark appends to:
// the layout of docs/design/0001-commit-journal.md, reduced to what costs time.

#ifndef WALRUSMQ_BENCH_COMMIT_STRATEGIES_BLOCKS_H_
#define WALRUSMQ_BENCH_COMMIT_STRATEGIES_BLOCKS_H_

#include <sys/uio.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace walrusmq::bench {

inline constexpr uint64_t kBlockBytes = 10ull << 20;
inline constexpr uint64_t kBlocksPerFile = 100;
inline constexpr size_t kBlockHeaderBytes = 128;
inline constexpr size_t kFrameBytes = 128;
inline constexpr size_t kRunAlignment = 64;
inline constexpr uint64_t kPageBytes = 4096;

/// Throws std::system_error for the current errno; `what` names the call.
[[noreturn]] void ThrowErrno(const std::string& what);

/// A stand-in for CRC-32C: what the engine computes in hardware per run costs
/// about as much, and both sides of the comparison pay it alike.
uint64_t Checksum(const void* bytes, size_t byte_count);

/// An open file, closed with the object.
class File {
 public:
  File() = default;
  File(const std::string& path, int flags);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  int descriptor() const { return descriptor_; }

  /// Writes all the parts at `position`; more parts than one call of the
  /// kernel takes go down in several calls. Changes `parts` on a short write.
  void Write(std::vector<iovec>& parts, uint64_t position) const;
  /// fdatasync, then a wait of extra_sync_time.
  void Sync() const;

  /// A stand-in for a disk whose flush is slower than this machine's. Set
  /// before any thread starts.
  static inline std::chrono::microseconds extra_sync_time{0};

 private:
  int descriptor_ = -1;
};

/// A file of `byte_count` zeros that are on the disk: a later write changes no
/// metadata, so that its fdatasync is one data write and one device flush.
File CreateZeroedFile(const std::string& path, uint64_t byte_count);

/// One write into a block file: a run, a block header, or zeros.
///
/// The parts point into the BlockFiles and into the payload they came from;
/// both stay unchanged until the next Plan() for the same log.
struct BlockWrite {
  size_t file_index = 0;
  uint64_t position = 0;
  size_t byte_count = 0;
  std::array<iovec, 2> parts = {};
  size_t part_count = 0;
};

/// How the space of a block is made ready before runs are written to it.
enum class Preparation {
  kSparse,     // Nothing: the sync of a run allocates its extent.
  kFallocate,  // fallocate() per block: the sync converts the extent.
  kZeroAhead,  // Zeros written ahead of the tail: most syncs only overwrite.
};

/// Sparse files of 100 blocks of 10 MiB, one open block per log.
///
/// Threads: one thread plans and writes. Sync() of a file may run on another
/// thread as long as no Plan() creates a file; CreateFiles() at the start
/// makes enough of them for that.
class BlockFiles {
 public:
  BlockFiles(std::string directory, size_t log_count, size_t spare_block_count,
             Preparation preparation);

  /// Places one run (payload, padding, frame) at the log's tail and appends
  /// the writes it takes; nothing is written yet.
  void Plan(size_t log, std::string_view payload,
            std::vector<BlockWrite>* writes);

  void Write(const BlockWrite& write);
  void Sync(size_t file_index) const { files_[file_index].Sync(); }
  /// Starts writing out a file's dirty pages without waiting for them.
  void StartWriteback(size_t file_index) const;

  size_t file_count() const { return files_.size(); }

 private:
  struct Log {
    uint64_t block = 0;
    uint64_t tail = 0;  // Position inside the block.
    uint64_t zeroed_end = 0;
    uint64_t sequence = 0;
    std::array<char, kBlockHeaderBytes> header = {};
    // The padding that makes the run a multiple of 64, then the frame.
    std::array<char, kRunAlignment + kFrameBytes> run_end = {};
  };

  void CreateFiles(size_t block_count);
  void OpenBlock(size_t log, std::vector<BlockWrite>* writes);
  void PlanZeros(Log& log, uint64_t run_end, std::vector<BlockWrite>* writes);
  void FillFrame(size_t log, std::string_view payload, char* frame);
  BlockWrite WriteAt(const Log& log, uint64_t position_in_block) const;

  std::string directory_;
  Preparation preparation_;
  std::vector<File> files_;
  std::vector<Log> logs_;
  uint64_t next_block_ = 0;
  std::vector<char> zeros_;
  std::vector<iovec> scratch_;
};

}  // namespace walrusmq::bench

#endif  // WALRUSMQ_BENCH_COMMIT_STRATEGIES_BLOCKS_H_
