// OpenFiles: how many files of an instance are open, bounded. BoundedFile: one
// of them, closed while nobody uses it and opened again by name.
#ifndef WALRUS_WAL_OPEN_FILES_H_
#define WALRUS_WAL_OPEN_FILES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "wal/file_system.h"
#include "wal/status.h"

namespace walrus {

class BoundedFile;

/// Keeps a file open. Goes before the BoundedFile. Threads: one at a time.
class FileUse {
 public:
  FileUse() = default;
  FileUse(FileUse&& other) noexcept
      : file_(std::exchange(other.file_, nullptr)) {}
  FileUse& operator=(FileUse&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~FileUse();

  /// REQUIRES: a BoundedFile gave it.
  File& file() const;

 private:
  friend class BoundedFile;
  BoundedFile* file_ = nullptr;
};

/// The files that are open now.
///
/// Place: owned by the DataFileSet, and by each BoundedFile.
/// Threads: any. Its mutex is taken to open and to close, not by a use of a
/// file that is open.
///
/// Invariant: more than `count_max` are open only while each one above it is
/// in use or has bytes that no sync covers.
class OpenFiles {
 public:
  explicit OpenFiles(size_t count_max) : count_max_(count_max) {}

  size_t count() const { return count_.load(std::memory_order_relaxed); }
  size_t count_max() const { return count_max_; }
  bool over_bound() const { return count() > count_max_; }

 private:
  friend class BoundedFile;

  void AddLocked(BoundedFile* file);
  void Forget(BoundedFile* file);
  /// Closes what may be closed, the least recently used first, until the
  /// bound holds.
  void TrimLocked();
  /// The same, unless somebody is opening or closing, who does it then.
  void TryTrim();

  const size_t count_max_;
  std::atomic<size_t> count_{0};
  /// Counts openings: the clock by which uses are told apart.
  std::atomic<uint64_t> clock_{0};
  std::mutex mutex_;
  std::vector<BoundedFile*> open_;
};

/// A file that is open while it is used, and as long after as the bound lets.
///
/// Threads: any, except that Adopt() comes first.
class BoundedFile {
 public:
  /// How it is opened again.
  struct Source {
    FileSystem* file_system = nullptr;
    std::string path;
    OpenMode mode = OpenMode::kExisting;
    /// Whether what was opened is what was closed; beside its identity.
    std::function<Status(File& file)> check;
  };

  /// `unsynced`: while it is set the file is not closed, since a system tells
  /// of a failed write-back those who had the file open.
  BoundedFile(std::shared_ptr<OpenFiles> files, Source source,
              const std::atomic<bool>* unsynced)
      : files_(std::move(files)),
        source_(std::move(source)),
        unsynced_(*unsynced) {}
  ~BoundedFile() { files_->Forget(this); }
  BoundedFile(const BoundedFile&) = delete;
  BoundedFile& operator=(const BoundedFile&) = delete;

  /// Takes the file as it was opened first, and uses it. kIo: nothing is known
  /// of it; it was closed.
  Status Adopt(std::unique_ptr<File> file, FileUse* use);

  /// Opens the file unless it is open, and keeps it so as long as `*use` is
  /// there. kIo: it cannot be opened (the next call tries again), is gone, or
  /// is another file than before.
  /// REQUIRES: `*use` is empty.
  Status Use(FileUse* use);
  /// The same if it is open; never waits.
  bool UseIfOpen(FileUse* use);

  /// REQUIRES: it is in use.
  File& file() const { return *file_; }
  bool in_use() const { return uses_.load(std::memory_order_acquire) > 0; }

 private:
  friend class FileUse;
  friend class OpenFiles;

  // Added to the count of uses while the file is closed.
  static constexpr int64_t kClosed = INT64_MIN / 2;

  Status OpenAgain(std::unique_ptr<File>* file) const;
  void Install(std::unique_ptr<File> file, FileUse* use);
  void Release();
  bool CloseLocked();

  const std::shared_ptr<OpenFiles> files_;
  const Source source_;
  const std::atomic<bool>& unsynced_;
  std::atomic<int64_t> uses_{kClosed};
  std::atomic<uint64_t> last_use_{0};
  // Changed by who opens or closes, with the mutex and without any use.
  std::unique_ptr<File> file_;
  FileIdentity identity_;
};

inline FileUse::~FileUse() {
  if (file_ != nullptr) file_->Release();
}

inline File& FileUse::file() const { return file_->file(); }

}  // namespace walrus

#endif  // WALRUS_WAL_OPEN_FILES_H_
