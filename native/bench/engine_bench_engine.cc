// The engine's side: 1 KiB records, each a batch of its own, into one log.
#include <sys/uio.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine_bench_loads.h"
#include "wal/batch_records.h"
#include "wal/wal.h"

namespace walrusmq::bench {
namespace {

using Clock = std::chrono::steady_clock;

const std::map<std::string, walrus::Backend> kBackends = {
    {"auto", walrus::Backend::kAuto},
    {"io_uring", walrus::Backend::kUring},
    {"fd", walrus::Backend::kFd},
    {"mmap", walrus::Backend::kMmap}};

void Check(const walrus::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

/// An engine and one log of it.
struct OpenedLog {
  std::unique_ptr<walrus::Wal> wal;
  walrus::Log* log = nullptr;

  OpenedLog(const std::string& directory, walrus::FsyncMode mode,
            walrus::Backend backend) {
    walrus::Options options;
    options.directory = directory;
    options.fsync_mode = mode;
    options.backend = backend;
    Check(walrus::Wal::Open(options, &wal));
    walrus::LogId id;
    id.topic_id.fill(0x42);
    Check(wal->OpenLog(id, &log));
  }
};

/// Counts the appends that have settled and lets one thread wait for a count.
class Window : public walrus::AppendObserver {
 public:
  void OnWritten() override {}

  void OnSynced() override {
    const int32_t settled = settled_.fetch_add(1) + 1;
    int32_t wanted = wanted_.load();
    if (settled < wanted) return;
    // One wake-up per wait: the rest of the group would each pay a system call
    // until the waiter gets to run, on the engine's thread and time. When the
    // exchange fails, the waiter has seen this count and waits for a later one.
    if (!wanted_.compare_exchange_strong(wanted, INT32_MAX)) return;
    settled_.notify_one();
  }

  void OnFailed(const walrus::Status& status) override {
    {
      const std::lock_guard lock(mutex_);
      if (failure_.ok()) failure_ = status;
    }
    OnSynced();
  }

  /// Returns when `count` appends have settled. One caller at a time.
  void WaitFor(int32_t count) {
    wanted_.store(count);
    int32_t settled = settled_.load();
    while (settled < count) {
      settled_.wait(settled);
      settled = settled_.load();
    }
  }

  int32_t settled() const { return settled_.load(); }

  void CheckFailure() {
    const std::lock_guard lock(mutex_);
    Check(failure_);
  }

 private:
  std::atomic<int32_t> settled_ = 0;
  std::atomic<int32_t> wanted_ = INT32_MAX;
  std::mutex mutex_;
  walrus::Status failure_;
};

class EngineLoad : public Load {
 public:
  EngineLoad(std::string directory, const Payload& payload,
             walrus::FsyncMode mode, bool in_flight, walrus::Backend backend)
      : directory_(std::move(directory)),
        mode_(mode),
        in_flight_(in_flight),
        backend_(backend) {
    for (size_t i = 0; i < kInFlight; ++i) {
      const std::span<const std::byte> entry(
          reinterpret_cast<const std::byte*>(payload.record(i)), kRecordBytes);
      const std::span<const std::span<const std::byte>> entries(&entry, 1);
      batches_.emplace_back(walrus::PackedBatchBytes(entries));
      walrus::PackEntries(entries, 1'700'000'000'000, batches_.back().data());
    }
  }

  Sample Run(const Bounds& bounds) override {
    if (!opened_) {
      opened_ = std::make_unique<OpenedLog>(directory_, mode_, backend_);
      AppendOne(0);
    }
    const uint64_t groups = opened_->wal->Stats().commit_groups;
    Sample sample = in_flight_ ? RunInFlight(bounds) : RunInTurn(bounds);
    sample.commit_group_count = opened_->wal->Stats().commit_groups - groups;
    // Synced loads keep their log: its journal is laid out once, as in life.
    if (mode_ == walrus::FsyncMode::kNoFsync) {
      Check(opened_->wal->Close());
      opened_.reset();
      for (const auto& entry :
           std::filesystem::directory_iterator(directory_)) {
        std::filesystem::remove_all(entry.path());
      }
    }
    return sample;
  }

 private:
  iovec Chunk(uint64_t index) {
    std::vector<std::byte>& batch = batches_[index % kInFlight];
    return {batch.data(), batch.size()};
  }

  void AppendOne(uint64_t index) {
    const iovec chunk = Chunk(index);
    walrus::AppendResult result;
    Check(opened_->wal->AppendSync(opened_->log, {&chunk, 1}, &result));
  }

  Sample RunInTurn(const Bounds& bounds) {
    Sample sample;
    const Clock::time_point start = Clock::now();
    do {
      AppendOne(sample.operation_count++);
      sample.payload_bytes += kRecordBytes;
    } while (!IsOver(sample, start, bounds));
    sample.seconds = SecondsSince(start);
    return sample;
  }

  /// At most 64 unsettled at a time, the next one as soon as one has settled.
  Sample RunInFlight(const Bounds& bounds) {
    Sample sample;
    Window window;
    const Clock::time_point start = Clock::now();
    do {
      const auto sent = static_cast<int32_t>(sample.operation_count);
      if (sent - window.settled() >= static_cast<int32_t>(kInFlight)) {
        window.WaitFor(sent - static_cast<int32_t>(kInFlight - 1));
      }
      // Observers run in the order of the appends, so the batch of 64 appends
      // ago is free again.
      const iovec chunk = Chunk(sample.operation_count);
      walrus::AppendResult result;
      Check(opened_->wal->Append(opened_->log, {&chunk, 1}, &window, &result));
      ++sample.operation_count;
      sample.payload_bytes += kRecordBytes;
    } while (!IsOver(sample, start, bounds));
    window.WaitFor(static_cast<int32_t>(sample.operation_count));
    sample.seconds = SecondsSince(start);
    window.CheckFailure();
    return sample;
  }

  bool IsOver(const Sample& sample, Clock::time_point start,
              const Bounds& bounds) const {
    if (sample.payload_bytes >= bounds.payload_bytes) return true;
    // Without a sync a look at the clock would be part of the figure.
    if (mode_ == walrus::FsyncMode::kNoFsync) return false;
    return SecondsSince(start) >= bounds.seconds;
  }

  static double SecondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  const std::string directory_;
  const walrus::FsyncMode mode_;
  const bool in_flight_;
  const walrus::Backend backend_;
  std::vector<std::vector<std::byte>> batches_;
  std::unique_ptr<OpenedLog> opened_;
};

}  // namespace

bool IsBackend(const std::string& name) { return kBackends.contains(name); }

walrus::Backend BackendOf(const std::string& name) {
  return kBackends.at(name);
}

std::unique_ptr<Load> MakeEngineLoad(const std::string& name,
                                     const std::string& directory,
                                     const Payload& payload,
                                     const std::string& backend) {
  using walrus::FsyncMode;
  const auto make = [&](FsyncMode mode, bool in_flight) {
    return std::make_unique<EngineLoad>(directory, payload, mode, in_flight,
                                        kBackends.at(backend));
  };
  if (name == "engine-nosync-1") return make(FsyncMode::kNoFsync, false);
  if (name == "engine-nosync-64") return make(FsyncMode::kNoFsync, true);
  if (name == "engine-sync-1") return make(FsyncMode::kSyncEach, false);
  if (name == "engine-sync-64") return make(FsyncMode::kSyncEach, true);
  throw std::invalid_argument("no such load: " + name);
}

}  // namespace walrusmq::bench
