// FaultyFileSystem: a file system in memory that can crash, fail and rot.
#ifndef WALRUS_TESTING_FAULTY_FILE_SYSTEM_H_
#define WALRUS_TESTING_FAULTY_FILE_SYSTEM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "wal/file_system.h"

namespace walrus {

/// Kinds of calls that can fail and are counted.
enum class FaultyCall {
  kOpen,
  kRead,
  kWrite,
  kSync,
  kTruncate,
  kPunchHole,
  kAllocate,
  kRename,
  kRemove,
  kSyncDirectory,
  kLock,
  kAnyChange,  ///< for faults: any of them that can change the disk
};
inline constexpr size_t kFaultyCallCount = 12;

/// What becomes of changes that were not synced.
enum class CrashMode {
  kLoseUnsynced,      ///< none of them arrived
  kKeepAll,           ///< all arrived (death of the process)
  kKeepPrefix,        ///< per file, a random prefix of its changes
  kRandomSubset,      ///< any of them, in any combination
  kTornSectors,       ///< any of their 512-byte sectors
  kTornPages,         ///< any of their 4096-byte pages
  kGarbled,           ///< any; some lost ones left random bytes in their range
  kZeroed,            ///< any; some lost ones left zeros in their range
  kSizeWithoutBytes,  ///< files grew, the bytes did not arrive (zeros)
  kLostNames,         ///< all bytes arrived, any of the names' changes
  kMixed,             ///< each change has a fate of its own
};
inline constexpr std::array<CrashMode, 11> kAllCrashModes = {
    CrashMode::kLoseUnsynced,
    CrashMode::kKeepAll,
    CrashMode::kKeepPrefix,
    CrashMode::kRandomSubset,
    CrashMode::kTornSectors,
    CrashMode::kTornPages,
    CrashMode::kGarbled,
    CrashMode::kZeroed,
    CrashMode::kSizeWithoutBytes,
    CrashMode::kLostNames,
    CrashMode::kMixed};
/// "lost", "all", "prefix", …: what the simulator prints and takes.
const char* CrashModeName(CrashMode mode);

/// Makes calls fail.
struct Fault {
  FaultyCall call = FaultyCall::kWrite;
  uint64_t nth = 1;           ///< 1: the next such call
  int error_number = 5;       ///< EIO
  bool forever = false;       ///< every such call from there on
  std::string path_contains;  ///< only calls on such paths; empty: all
  std::string path_spares{};  ///< no calls on such paths; empty: none
  /// kWrite only: this many bytes arrive before the failure; kHalf: half.
  uint64_t bytes_before = 0;
  static constexpr uint64_t kHalf = UINT64_MAX;
  /// The call answers Ok and does nothing (a disk or an engine that lies).
  bool lies = false;
};

/// A file system in memory with faults, for tests.
///
/// Place: passed as Options::file_system. Life: Crash() leaves this one as it
/// is and returns the disk as the next boot finds it. Files are sparse, so
/// large block sizes cost nothing.
/// Threads: any thread may call any method.
///
/// Durability: bytes by File::Sync(); names by SyncDirectory() of their
/// directory, a file created without it is gone after a crash in the losing
/// modes. Directories themselves are durable at once.
class FaultyFileSystem : public FileSystem {
 public:
  explicit FaultyFileSystem(uint64_t seed = 1);
  ~FaultyFileSystem() override;

  Status Open(const std::string& path, OpenMode mode,
              std::unique_ptr<File>* file) override;
  Status CreateDirectories(const std::string& path) override;
  Status ListDirectory(const std::string& path,
                       std::vector<DirectoryEntry>* entries) override;
  Status Exists(const std::string& path, bool* exists) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status Lock(const std::string& path,
              std::unique_ptr<DirectoryLock>* lock) override;
  Status FreeBytes(const std::string& path, uint64_t* bytes) override;
  /// As io_uring does them: in an order of its own, drawn from the seed, and a
  /// failed one keeps no other from being done. A call hook that takes a
  /// Crash() sees the disk cut at each completion. After DoOneByOne() as
  /// descriptors alone do them: in order, up to the first failure.
  Status WriteMany(std::span<const FileWrite> writes) override;
  void SyncMany(std::span<FileSync> syncs) override;
  std::string BootId() override;
  uint64_t NowMs() override;

  /// The disk after a crash now, with a new boot id (kKeepAll keeps it), no
  /// locks and no faults. `seed` decides what the random modes keep.
  std::unique_ptr<FaultyFileSystem> Crash(CrashMode mode, uint64_t seed) const;
  /// Whether there is anything that a crash could take.
  bool HasUnsynced() const;

  void Inject(const Fault& fault);
  void ClearFaults();
  /// How many calls of this kind were made so far (failed ones included).
  uint64_t CallCount(FaultyCall call) const;
  /// How many bytes reads returned so far.
  uint64_t ReadBytes() const;
  /// Runs before each counted call, without locks held; for pausing a sync.
  void SetCallHook(std::function<void(FaultyCall, const std::string&)> hook);

  /// Space for this many more bytes (4 KiB pages); nullopt: no limit.
  void SetFreeBytes(std::optional<uint64_t> bytes);
  /// From now on, and on the disks of later crashes.
  void DoOneByOne();
  /// ReadVNow answers kWouldBlock.
  void SetReadsWouldBlock(bool would_block);
  void SetBootId(std::string boot_id);
  void AdvanceClockMs(uint64_t milliseconds);

  /// Flips one bit of the file's bytes, synced state included.
  Status FlipBit(const std::string& path, uint64_t bit);
  /// Whole contents, as a reader would see them now.
  Status ReadFile(const std::string& path, std::vector<std::byte>* bytes) const;
  /// Replaces (or creates) a file, synced, name included.
  Status WriteFile(const std::string& path, std::span<const std::byte> bytes);
  std::vector<std::string> ListFiles() const;
  /// Bytes in pages that are not zero-holes.
  uint64_t StoredBytes() const;
  /// Whether the file has the same bytes, and holes, on both.
  bool SameFile(const FaultyFileSystem& other, const std::string& path) const;
  /// Whether every change of the file is synced.
  bool IsSynced(const std::string& path) const;

  struct State;  // faulty_disk.h

 private:
  std::shared_ptr<State> state_;
};

}  // namespace walrus

#endif  // WALRUS_TESTING_FAULTY_FILE_SYSTEM_H_
