// TestInstance: an engine over a test's file system, with short ways to append
// and read. RecordingObserver: what happened to one append.
#ifndef WALRUS_TESTING_TEST_INSTANCE_H_
#define WALRUS_TESTING_TEST_INSTANCE_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "testing/faulty_file_system.h"
#include "testing/test_batches.h"
#include "wal/wal.h"

namespace walrus {

inline constexpr FsyncMode kAllModes[] = {
    FsyncMode::kSyncEach, FsyncMode::kMilliseconds, FsyncMode::kNoFsync};

/// "SyncEach", … for test names and messages.
std::string ModeName(FsyncMode mode);

/// A schedule and a backend; where only the schedule counts, that.
struct TestSetup {
  FsyncMode mode = FsyncMode::kSyncEach;
  Backend backend = Backend::kFd;

  operator FsyncMode() const { return mode; }
};

/// By calls (several at once as io_uring does them, on a FaultyFileSystem) and
/// by mapped stores.
inline constexpr Backend kAllBackends[] = {Backend::kUring, Backend::kMmap};
inline constexpr TestSetup kAllSetups[] = {
    {FsyncMode::kSyncEach, Backend::kUring},
    {FsyncMode::kMilliseconds, Backend::kUring},
    {FsyncMode::kNoFsync, Backend::kUring},
    {FsyncMode::kSyncEach, Backend::kMmap},
    {FsyncMode::kMilliseconds, Backend::kMmap},
    {FsyncMode::kNoFsync, Backend::kMmap}};

/// "Uring", "Fd", "Mmap".
std::string BackendText(Backend backend);
/// "SyncEachMmap", …
std::string SetupName(const TestSetup& setup);

/// Blocks of 4 KiB, 4 to a file, a 64 KiB journal; no flush timer worth noting.
Options SmallOptions(FileSystem* file_system, FsyncMode mode);
/// The same on a backend, with windows that are smaller than a file.
Options SmallOptions(FileSystem* file_system, const TestSetup& setup);

LogId TestLogId(uint8_t topic, uint32_t partition = 0);

/// A path in the temporary folder that no other process uses, so that suites
/// may run side by side. Nothing is made there.
std::string OwnTempPath(const std::string& name);

/// Keeps what it was told. Threads: any.
class RecordingObserver : public AppendObserver {
 public:
  void OnWritten() override;
  void OnSynced() override;
  void OnFailed(const Status& status) override;

  /// Blocks until the last call came; its status.
  Status Wait();
  bool written();
  bool synced();
  bool failed();
  /// OnWritten, OnSynced and OnFailed as 'w', 's', 'f'.
  std::string calls();

 private:
  void Note(char call, const Status& status);

  std::mutex mutex_;
  std::condition_variable done_;
  std::string calls_;
  Status status_;
};

/// One value per record; what a test appended or read.
using Values = std::vector<std::string>;

/// An open instance. Life: Open() to the destructor or Close().
class TestInstance {
 public:
  explicit TestInstance(const Options& options) : options_(options) {}

  Status Open();
  Status Close();
  /// Drops the engine after Close(); for FaultyFileSystem crashes, where the
  /// disk was copied before.
  void Abandon() { wal_.reset(); }
  Wal* wal() { return wal_.get(); }
  Log* OpenLog(uint8_t topic, uint32_t partition = 0);

  /// AppendSync of one batch.
  Status Append(uint8_t topic, const Values& values,
                AppendResult* result = nullptr);
  /// AppendSync of several batches as one call.
  Status AppendCall(uint8_t topic, const std::vector<Values>& batches,
                    AppendResult* result = nullptr);

  /// Bytes of one read.
  Status Read(uint8_t topic, uint64_t offset, size_t max_bytes, Bytes* bytes);
  /// All values from `offset` to the readable end; checks that offsets are
  /// dense (kCorrupt if not).
  Status ReadAll(uint8_t topic, uint64_t offset, Values* values);
  LogSnapshot Info(uint8_t topic);

 private:
  Options options_;
  std::unique_ptr<Wal> wal_;
};

/// The values of whole batches one after another, whose offsets must be dense
/// from `*next_offset` (or its first batch hold it); moves it on.
Status ValuesOf(const Bytes& bytes, uint64_t* next_offset, Values* values);

}  // namespace walrus

#endif  // WALRUS_TESTING_TEST_INSTANCE_H_
