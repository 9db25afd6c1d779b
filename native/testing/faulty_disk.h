// The state behind FaultyFileSystem: sparse images, names, faults.
#ifndef WALRUS_TESTING_FAULTY_DISK_H_
#define WALRUS_TESTING_FAULTY_DISK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "testing/faulty_file_system.h"

namespace walrus {

inline constexpr uint64_t kFaultyPageBytes = 4096;
inline constexpr uint64_t kFaultySectorBytes = 512;

/// The bytes of one file, sparse; copies share pages until they are written.
class FaultyImage {
 public:
  uint64_t size() const { return size_; }
  size_t page_count() const { return pages_.size(); }
  bool HasPage(uint64_t page) const { return pages_.contains(page); }

  void Write(uint64_t position, std::span<const std::byte> bytes);
  /// Zeros without changing the size; whole pages become holes.
  void Punch(uint64_t position, uint64_t length);
  void Resize(uint64_t size);
  /// Gives the range's holes a page and extends the file.
  void Allocate(uint64_t position, uint64_t length);
  /// What lies past the end reads as nothing: returns how much there was.
  size_t Read(uint64_t position, std::span<std::byte> to) const;

  /// Takes over these pages, and the size, from another image.
  void CopyPages(const FaultyImage& from, const std::set<uint64_t>& pages);
  /// The pages of [first, last] that exist.
  std::vector<uint64_t> PagesBetween(uint64_t first, uint64_t last) const;
  /// Same size and bytes; a hole equals zeros.
  bool SameBytes(const FaultyImage& other) const;

 private:
  using Page = std::array<std::byte, kFaultyPageBytes>;
  Page* Writable(uint64_t page);

  std::map<uint64_t, std::shared_ptr<Page>> pages_;
  uint64_t size_ = 0;
};

/// One change of a file that is not synced.
struct FaultyChange {
  enum class Kind { kWrite, kPunch, kResize, kAllocate };
  Kind kind = Kind::kWrite;
  uint64_t position = 0;  ///< the new size, for kResize
  uint64_t length = 0;
  std::vector<std::byte> bytes;

  void ApplyTo(FaultyImage* image) const;
};

/// A file, whatever its name.
struct FaultyNode {
  FaultyImage current;
  FaultyImage synced;
  std::vector<FaultyChange> unsynced;
  std::set<uint64_t> dirty;  ///< pages that the next sync writes
  bool linked = true;

  void Change(FaultyChange change);
  void Sync();
  /// Clean pages are read from the disk again.
  void DropCache();
  /// The image after a crash.
  FaultyImage After(CrashMode mode, std::mt19937_64* random) const;
};

/// A change of a directory that is not synced: `from` goes, `to` comes.
struct FaultyNameChange {
  std::string directory;
  std::string from;
  std::string to;
  std::shared_ptr<FaultyNode> node;
};

using FaultyNames = std::map<std::string, std::shared_ptr<FaultyNode>>;
void ApplyName(const FaultyNameChange& change, FaultyNames* names);

struct ActiveFault {
  Fault fault;
  uint64_t seen = 0;
};

struct FaultyFileSystem::State {
  explicit State(uint64_t seed) : random(seed) {}

  mutable std::mutex mutex;
  std::mt19937_64 random;
  FaultyNames files;
  FaultyNames durable_files;
  std::set<std::string> directories{"/", "."};
  std::vector<FaultyNameChange> unsynced_names;
  std::set<std::string> locked;
  std::vector<ActiveFault> faults;
  std::array<uint64_t, kFaultyCallCount> calls{};
  std::function<void(FaultyCall, const std::string&)> hook;
  uint64_t read_bytes = 0;
  bool reads_would_block = false;
  bool one_by_one = false;
  uint64_t boot = 1;
  std::string boot_id = "boot-1";
  uint64_t clock_ms = 1'700'000'000'000;
  uint64_t used_pages = 0;
  std::optional<uint64_t> pages_max;

  /// Counts the call and finds the fault that hits it; nullopt: none.
  std::optional<Fault> Enter(FaultyCall call, const std::string& path,
                             bool changes = true);
  void RecordName(FaultyNameChange change);
  /// Applies a change to the node, keeping used_pages. False: no space; what
  /// fits of a write was done.
  bool ChangeLocked(FaultyNode* node, FaultyChange change);
  void UnlinkLocked(const std::string& path);
};

/// How many of a write's bytes arrive before the fault.
size_t BytesBefore(const Fault& fault, size_t bytes);
std::string NormalizePath(const std::string& path);
std::string ParentPath(const std::string& path);

/// A handle on a node. In faulty_file.cc.
std::unique_ptr<File> MakeFaultyFile(
    std::shared_ptr<FaultyFileSystem::State> state,
    std::shared_ptr<FaultyNode> node, std::string path, bool read_only);

}  // namespace walrus

#endif  // WALRUS_TESTING_FAULTY_DISK_H_
