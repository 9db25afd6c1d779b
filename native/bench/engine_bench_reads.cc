// Reading what lies in the page cache and was verified before, beside a copy
// of as many bytes in memory.
#include <sys/uio.h>

#include <chrono>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine_bench_loads.h"
#include "wal/batch_header.h"
#include "wal/batch_records.h"
#include "wal/byte_order.h"
#include "wal/wal.h"

namespace walrusmq::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kReadPayloadBytes = 256 << 20;
// What the Walrus API reads at a time.
constexpr size_t kReadBytes = 64 << 10;

void Check(const walrus::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A log of 256 MiB of payload that is written once and read in each run, from
/// its start to its end, each read into the same memory.
class ReadLoad : public Load {
 public:
  ReadLoad(const std::string& directory, const Payload& payload,
           size_t batch_entries, walrus::Backend backend) {
    walrus::Options options;
    options.directory = directory;
    options.fsync_mode = walrus::FsyncMode::kNoFsync;
    options.backend = backend;
    Check(walrus::Wal::Open(options, &wal_));
    walrus::LogId id;
    id.topic_id.fill(0x42);
    Check(wal_->OpenLog(id, &log_));
    Fill(payload, batch_entries);
    Run({});
  }

  Sample Run(const Bounds&) override {
    Sample sample;
    sample.payload_bytes = kReadPayloadBytes;
    const Clock::time_point start = Clock::now();
    for (uint64_t offset = 0; offset < end_offset_;) {
      size_t size = 0;
      Check(wal_->Read(
          log_, offset, kReadBytes,
          [this](size_t wanted) {
            if (memory_.size() < wanted) memory_.resize(wanted);
            return memory_.data();
          },
          &size));
      offset = EndOf({memory_.data(), size});
      ++sample.operation_count;
    }
    sample.seconds = SecondsSince(start);
    return sample;
  }

 private:
  void Fill(const Payload& payload, size_t batch_entries) {
    std::vector<std::span<const std::byte>> entries;
    for (size_t i = 0; i < batch_entries; ++i) {
      entries.emplace_back(
          reinterpret_cast<const std::byte*>(payload.record(i)), kRecordBytes);
    }
    std::vector<std::byte> batch(walrus::PackedBatchBytes(entries));
    walrus::PackEntries(entries, 1'700'000'000'000, batch.data());
    const iovec chunk{batch.data(), batch.size()};
    while (end_offset_ * kRecordBytes < kReadPayloadBytes) {
      walrus::AppendResult result;
      Check(wal_->AppendSync(log_, {&chunk, 1}, &result));
      end_offset_ += batch_entries;
    }
  }

  /// As whoever reads has to find out: batch by batch.
  static uint64_t EndOf(std::span<const std::byte> bytes) {
    uint64_t end = 0;
    while (!bytes.empty()) {
      const auto length = walrus::LoadBig<uint32_t>(bytes.data() + 8);
      const auto count = walrus::LoadBig<uint32_t>(bytes.data() + 57);
      end = walrus::LoadBig<uint64_t>(bytes.data()) + count;
      bytes = bytes.subspan(walrus::kBatchLengthOverhead + length);
    }
    return end;
  }

  std::unique_ptr<walrus::Wal> wal_;
  walrus::Log* log_ = nullptr;
  uint64_t end_offset_ = 0;
  std::vector<std::byte> memory_;
};

/// One memcpy of 256 MiB; both sides were touched before.
class MemcpyLoad : public Load {
 public:
  MemcpyLoad() : from_(kReadPayloadBytes, 'f'), to_(kReadPayloadBytes, 't') {}

  Sample Run(const Bounds&) override {
    Sample sample;
    sample.operation_count = 1;
    sample.payload_bytes = kReadPayloadBytes;
    const Clock::time_point start = Clock::now();
    std::memcpy(to_.data(), from_.data(), to_.size());
    // Keeps the compiler from dropping a copy that nobody reads.
    asm volatile("" : : "r"(to_.data()) : "memory");
    sample.seconds = SecondsSince(start);
    return sample;
  }

 private:
  std::vector<char> from_;
  std::vector<char> to_;
};

}  // namespace

std::unique_ptr<Load> MakeReadLoad(const std::string& name,
                                   const std::string& directory,
                                   const Payload& payload,
                                   const std::string& backend) {
  if (name == "memcpy-256m") return std::make_unique<MemcpyLoad>();
  if (name == "engine-read-1") {
    return std::make_unique<ReadLoad>(directory, payload, 1,
                                      BackendOf(backend));
  }
  if (name == "engine-read-64") {
    return std::make_unique<ReadLoad>(directory, payload, kInFlight,
                                      BackendOf(backend));
  }
  throw std::invalid_argument("no such load: " + name);
}

}  // namespace walrusmq::bench
