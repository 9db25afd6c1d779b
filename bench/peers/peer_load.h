// What the peers in C++ share: the settings, the payloads of
// bench/suite/payloads.ts, threads that start and end together, and the lines
// of JSON that bench/peers/peer-process.ts reads.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace peers {

constexpr int kPayloadCount = 256;

/// Sizes in bytes, times in seconds.
struct Settings {
  std::string load;
  std::string directory;
  int threads = 1;
  /// 0: one call per record.
  int batch_entries = 0;
  double seconds = 0;
  /// Of payload, over all threads.
  uint64_t max_bytes = UINT64_MAX;
  bool sync_each = false;
  /// 0: no thread syncs.
  int sync_interval_ms = 0;
};

[[noreturn]] inline void Die(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

/// Reads `LOAD --name value…`; ends the process on anything else.
inline Settings ReadSettings(int argc, char** argv) {
  Settings settings;
  if (argc < 2 || argc % 2 != 0) Die("usage: LOAD --name value ...");
  settings.load = argv[1];
  for (int at = 2; at < argc; at += 2) {
    const std::string_view name = argv[at];
    const char* value = argv[at + 1];
    if (name == "--dir") {
      settings.directory = value;
    } else if (name == "--threads") {
      settings.threads = std::atoi(value);
    } else if (name == "--batch") {
      settings.batch_entries = std::atoi(value);
    } else if (name == "--seconds") {
      settings.seconds = std::atof(value);
    } else if (name == "--max-bytes") {
      settings.max_bytes = std::strtoull(value, nullptr, 10);
    } else if (name == "--sync-each") {
      settings.sync_each = std::string_view(value) == "1";
    } else if (name == "--sync-interval-ms") {
      settings.sync_interval_ms = std::atoi(value);
    } else {
      Die("unknown setting " + std::string(name));
    }
  }
  if (settings.threads < 1 || settings.seconds <= 0) Die("threads, seconds?");
  return settings;
}

/// The ring: payload N has 500 to 1,024 bytes, all of them N.
inline std::vector<std::string> MakePayloads() {
  std::vector<std::string> payloads;
  for (int index = 0; index < kPayloadCount; ++index) {
    payloads.emplace_back(500 + index * 197 % 525, static_cast<char>(index));
  }
  return payloads;
}

/// What one thread has done; a cache line of its own.
struct alignas(128) Tally {
  std::atomic<uint64_t> operations{0};
  std::atomic<uint64_t> entries{0};
  std::atomic<uint64_t> bytes{0};

  void Count(uint64_t more_entries, uint64_t more_bytes) {
    const auto add = [](std::atomic<uint64_t>& count, uint64_t more) {
      count.store(count.load(std::memory_order_relaxed) + more,
                  std::memory_order_relaxed);
    };
    add(operations, 1);
    add(entries, more_entries);
    add(bytes, more_bytes);
  }
};

/// Runs one loop on several threads, from one moment to another.
///
/// Life: one Run(). Threads: the loops call IsOver() and use their own tally.
class Crew {
 public:
  explicit Crew(const Settings& settings)
      : settings_(settings), tallies_(settings.threads) {}

  /// The share of the payload that one thread writes.
  [[nodiscard]] uint64_t ShareBytes() const {
    return settings_.max_bytes / static_cast<uint64_t>(settings_.threads);
  }

  /// Whether a thread with this tally should stop.
  [[nodiscard]] bool IsOver(const Tally& tally) const {
    return over_.load(std::memory_order_relaxed) ||
           tally.bytes.load(std::memory_order_relaxed) >= ShareBytes();
  }

  /// Runs `loop(thread, tally)` on every thread and, when the settings have an
  /// interval, `sync()` beside them; prints a line every half second and one
  /// at the end. `prepare(thread)` runs on each thread before the start.
  void Run(const std::function<void(int)>& prepare,
           const std::function<void(int, Tally&)>& loop,
           const std::function<void()>& sync) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < settings_.threads; ++thread) {
      threads.emplace_back([&, thread] {
        prepare(thread);
        Arrive();
        loop(thread, tallies_[thread]);
        Leave();
      });
    }
    std::thread syncer;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return arrived_ == settings_.threads; });
      started_at_ = Clock::now();
      started_ = true;
    }
    changed_.notify_all();
    if (settings_.sync_interval_ms > 0) {
      syncer = std::thread([&] { SyncRegularly(sync); });
    }
    Watch();
    for (std::thread& thread : threads) thread.join();
    if (syncer.joinable()) syncer.join();
    Print("end", ended_seconds_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void Arrive() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return started_; });
  }

  void Leave() {
    const std::lock_guard lock(mutex_);
    ended_seconds_ = Seconds();
    ++left_;
    changed_.notify_all();
  }

  [[nodiscard]] double Seconds() const {
    return std::chrono::duration<double>(Clock::now() - started_at_).count();
  }

  /// Returns when all have left; asks them to when the time is over.
  void Watch() {
    std::unique_lock lock(mutex_);
    double next = 0.5;
    while (left_ < settings_.threads) {
      const double until = std::min(next, settings_.seconds);
      const double wait = over_ ? 0.5 : std::max(0.0, until - Seconds());
      changed_.wait_for(lock, std::chrono::duration<double>(wait));
      if (Seconds() >= settings_.seconds) over_ = true;
      if (Seconds() < next) continue;
      next += 0.5;
      Print("sample", Seconds());
    }
    over_ = true;
    changed_.notify_all();
  }

  void SyncRegularly(const std::function<void()>& sync) {
    const std::chrono::milliseconds interval(settings_.sync_interval_ms);
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, interval, [&] { return over_.load(); })) {
      lock.unlock();
      sync();
      lock.lock();
    }
  }

  void Print(const char* kind, double seconds) const {
    uint64_t operations = 0;
    uint64_t entries = 0;
    uint64_t bytes = 0;
    for (const Tally& tally : tallies_) {
      operations += tally.operations.load(std::memory_order_relaxed);
      entries += tally.entries.load(std::memory_order_relaxed);
      bytes += tally.bytes.load(std::memory_order_relaxed);
    }
    std::printf(
        "{\"kind\":\"%s\",\"seconds\":%.9f,\"operations\":%llu,"
        "\"entries\":%llu,\"bytes\":%llu}\n",
        kind, seconds, static_cast<unsigned long long>(operations),
        static_cast<unsigned long long>(entries),
        static_cast<unsigned long long>(bytes));
    std::fflush(stdout);
  }

  const Settings settings_;
  std::vector<Tally> tallies_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Clock::time_point started_at_;
  std::atomic<bool> over_{false};
  bool started_ = false;
  int arrived_ = 0;
  int left_ = 0;
  double ended_seconds_ = 0;
};

}  // namespace peers
