#include "tools/stress_run.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <future>
#include <set>
#include <thread>

#include "testing/test_instance.h"

namespace walrus {

namespace {

constexpr uint32_t kThreads = 8;
// Above this a writer waits a little, so that a fast disk is not filled.
constexpr std::chrono::microseconds kBreath(1000);
constexpr std::chrono::milliseconds kLife(700);
const std::string kOtherReader = "other";

}  // namespace

// Appends whose answers are still to come.
class StressRun::InFlight {
 public:
  struct Call {
    uint8_t topic = 0;
    uint64_t sequence = 0;
    Bytes batch;
    RecordingObserver observer;
    AppendResult result;
  };

  Call& Add() { return calls_.emplace_back(); }
  void RemoveLast() { calls_.pop_back(); }
  std::deque<Call>& calls() { return calls_; }

 private:
  std::deque<Call> calls_;
};

StressRun::StressRun(std::string directory, Backend backend, uint64_t seed)
    : directory_(std::move(directory)), backend_(backend), seed_(seed) {}

std::string StressRun::Run(double seconds) {
  Random random(seed_);
  if (!Reopen(&random)) return wrong_;
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([this, i] { Work(i); });
  }
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end && !stop_) {
    std::this_thread::sleep_for(kLife);
    if (!Reopen(&random)) break;
  }
  stop_ = true;
  for (std::thread& thread : threads) thread.join();
  CheckAtEnd();
  return wrong_;
}

Options StressRun::DrawOptions(Random* random) const {
  Options options;
  options.directory = directory_;
  options.backend = backend_;
  options.fsync_mode = kAllModes[(*random)() % std::size(kAllModes)];
  options.fsync_interval_ms = 5;
  options.block_bytes = 64 << 10;
  options.blocks_per_file = 4;
  options.journal_bytes = 256 << 10;
  options.mapped_windows = {64 << 10, 16 << 10, 64 << 10, 8};
  options.run_table_bytes_max = 64 << 10;
  options.segment_ms = (*random)() % 2 == 0 ? 0 : 40;
  options.log = [](const std::string&) {};
  return options;
}

// The engine is closed under the threads' hands.
bool StressRun::Reopen(Random* random) {
  const std::shared_ptr<Wal> old = Current();
  if (old != nullptr) {
    const WalStats stats = old->Stats();
    reclaimed_blocks_ += stats.reclaimed_blocks;
    if (!stats.reclaim_error.ok()) Wrong(stats.reclaim_error.ToString());
    const Status closed = old->Close();
    if (!closed.ok()) Wrong("close: " + closed.ToString());
  }
  std::unique_ptr<Wal> wal;
  const Status opened = Wal::Open(DrawOptions(random), &wal);
  if (!opened.ok()) {
    Wrong("open: " + opened.ToString());
    return false;
  }
  const RecoveryReport& report = wal->recovery_report();
  if (old != nullptr && !report.previous_close_was_clean) {
    Wrong("the close was not clean");
  }
  if (!report.corruptions.empty() || !report.cuts.empty()) {
    Wrong("a clean close left something to repair");
  }
  ++reopenings_;
  const std::lock_guard lock(wal_mutex_);
  wal_ = std::move(wal);
  return true;
}

std::shared_ptr<Wal> StressRun::Current() {
  const std::lock_guard lock(wal_mutex_);
  return wal_;
}

void StressRun::Work(uint32_t thread) {
  Random random(seed_ * 100 + thread);
  while (!stop_) {
    const std::shared_ptr<Wal> wal = Current();
    Step(thread, wal.get(), &random);
    if (thread < 5) std::this_thread::sleep_for(kBreath);
  }
}

void StressRun::Step(uint32_t thread, Wal* wal, Random* random) {
  switch (thread) {
    case 0:
    case 1:
      return Append(thread, wal, random, false);
    case 2:
      return Append(thread, wal, random, (*random)() % 20 == 0);
    case 3:
      return AppendInFlight(thread, wal, random);
    case 4:
      return Churn(wal, random);
    case 5:
      return Consume(wal, random);
    case 6:
      return Retain(wal, random);
    default:
      return Look(wal, random);
  }
}

bool StressRun::Worked(const std::string& what, const Status& status) {
  if (status.ok()) return true;
  if (status.code() != Code::kClosed) Wrong(what + ": " + status.ToString());
  return false;
}

void StressRun::Wrong(const std::string& what) {
  const std::lock_guard lock(wrong_mutex_);
  if (wrong_.empty()) wrong_ = what;
  stop_ = true;
}

void StressRun::Acknowledge(uint8_t topic, uint64_t offset, uint32_t writer,
                            uint64_t first_sequence, uint32_t count) {
  ++appends_;
  const std::lock_guard lock(acknowledged_mutex_);
  for (uint32_t i = 0; i < count; ++i) {
    const auto [place, is_new] = acknowledged_[topic].emplace(
        offset + i, StressRecord{writer, first_sequence + i});
    if (!is_new) Wrong("an offset was given twice");
  }
}

void StressRun::Append(uint32_t writer, Wal* wal, Random* random, bool large) {
  const auto topic = static_cast<uint8_t>((*random)() % kStressTopics);
  uint64_t& sequence = sequences_[writer][topic];
  const uint64_t first = sequence;
  Values values;
  const size_t count = large ? 1 : 1 + (*random)() % 4;
  for (size_t i = 0; i < count; ++i) {
    const size_t bytes = large ? 70'000 : (*random)() % 1500;
    values.push_back(StressValue(topic, {writer, sequence++}, bytes));
  }
  Bytes batch = MakeBatch(values, 1000);
  const iovec chunk{batch.data(), batch.size()};
  Log* log = nullptr;
  if (!Worked("open log", wal->OpenLog(TestLogId(topic), &log))) return;
  AppendResult result;
  if (!Worked("append", wal->AppendSync(log, {&chunk, 1}, &result))) return;
  Acknowledge(topic, result.base_offset, writer, first, result.record_count);
}

void StressRun::AppendInFlight(uint32_t writer, Wal* wal, Random* random) {
  InFlight flight;
  for (int i = 0; i < 24; ++i) {
    InFlight::Call& call = flight.Add();
    call.topic = static_cast<uint8_t>((*random)() % kStressTopics);
    call.sequence = sequences_[writer][call.topic]++;
    call.batch = MakeBatch(
        {StressValue(call.topic, {writer, call.sequence}, (*random)() % 900)});
    const iovec chunk{call.batch.data(), call.batch.size()};
    Log* log = nullptr;
    if (Worked("open log", wal->OpenLog(TestLogId(call.topic), &log)) &&
        Worked("append in flight",
               wal->Append(log, {&chunk, 1}, &call.observer, &call.result))) {
      continue;
    }
    flight.RemoveLast();
    break;
  }
  for (InFlight::Call& call : flight.calls()) {
    // What was accepted is settled by Close(), too.
    const Status status = call.observer.Wait();
    if (!status.ok()) {
      Wrong("an append in flight: " + status.ToString());
    } else {
      Acknowledge(call.topic, call.result.base_offset, writer, call.sequence,
                  1);
    }
  }
}

void StressRun::CheckBatches(const std::vector<std::byte>& bytes, uint8_t topic,
                             uint64_t* offset) {
  const uint64_t first = *offset;
  Values values;
  const Status status = ValuesOf(bytes, offset, &values);
  if (!status.ok()) return Wrong("a read: " + status.ToString());
  records_read_ += values.size();
  std::map<uint32_t, uint64_t> last;
  const std::lock_guard lock(acknowledged_mutex_);
  for (size_t i = 0; i < values.size(); ++i) {
    StressRecord record;
    if (!ParseStressValue(values[i], topic, &record)) {
      return Wrong("a value is not whole: " + values[i].substr(0, 40));
    }
    const auto known = acknowledged_[topic].find(first + i);
    if (known != acknowledged_[topic].end() && known->second != record) {
      return Wrong("another record stands at offset " +
                   std::to_string(first + i));
    }
    const auto before = last.find(record.writer);
    if (before != last.end() && before->second >= record.sequence) {
      return Wrong("a writer's records are out of order");
    }
    last[record.writer] = record.sequence;
  }
}

void StressRun::ReadOn(Wal* wal, uint8_t topic, uint64_t* offset, bool async) {
  Log* log = nullptr;
  if (!Worked("open log", wal->OpenLog(TestLogId(topic), &log))) return;
  *offset = std::max(*offset, wal->Info(log).start_offset);
  std::vector<std::byte> bytes;
  size_t size = 0;
  Status status;
  if (async) {
    std::promise<Status> read;
    status = wal->ReadAsync(
        log, *offset, 64 << 10,
        [&](const Status& done, const std::vector<std::byte>& got) {
          bytes = got;
          read.set_value(done);
        });
    if (status.ok()) status = read.get_future().get();
  } else {
    status = wal->Read(
        log, *offset, 64 << 10,
        [&bytes](size_t wanted) {
          bytes.resize(wanted);
          return bytes.data();
        },
        &size);
    bytes.resize(status.ok() ? size : 0);
  }
  // Freed meanwhile, or more is asked for at once than may wait.
  if (status.code() == Code::kOutOfRange || status.code() == Code::kBusy) {
    return;
  }
  if (Worked("read", status)) CheckBatches(bytes, topic, offset);
}

void StressRun::Consume(Wal* wal, Random* random) {
  const auto topic = static_cast<uint8_t>((*random)() % 2);
  ReadOn(wal, topic, &read_offsets_[topic], (*random)() % 2 == 0);
  Log* log = nullptr;
  if (!Worked("open log", wal->OpenLog(TestLogId(topic), &log))) return;
  (void)Worked("cursor", wal->CommitCursorSync(log, kDefaultReader,
                                               read_offsets_[topic]));
}

void StressRun::Retain(Wal* wal, Random* random) {
  const auto topic = static_cast<uint8_t>(2 + (*random)() % 2);
  ReadOn(wal, topic, &read_offsets_[topic], (*random)() % 2 == 0);
  if ((*random)() % 8 != 0) return;
  Log* log = nullptr;
  if (!Worked("open log", wal->OpenLog(TestLogId(topic), &log)) ||
      !Worked("rule", wal->SetReclaimRule(log, ReclaimRule::kRetention))) {
    return;
  }
  const LogSnapshot info = wal->Info(log);
  const uint64_t kept = (info.readable_end - info.start_offset) / 2;
  (void)Worked("truncate", wal->Truncate(log, info.readable_end - kept));
}

void StressRun::Churn(Wal* wal, Random* random) {
  const uint8_t topic = kStressTopics;
  Log* log = nullptr;
  if (!Worked("open log", wal->OpenLog(TestLogId(topic), &log))) return;
  const uint64_t base = wal->Info(log).next_offset;
  const size_t count = 1 + (*random)() % 6;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t sequence = sequences_[4][topic]++;
    Bytes batch =
        MakeBatch({StressValue(topic, {4, sequence}, (*random)() % 30'000)});
    const iovec chunk{batch.data(), batch.size()};
    AppendResult result;
    if (!Worked("churn", wal->AppendSync(log, {&chunk, 1}, &result))) return;
    if (result.base_offset != base + i) Wrong("churn: another's record");
  }
  if (!Worked("delete", wal->DeleteLog(log))) return;
  ++deletions_;
  Log* fresh = nullptr;
  if (!Worked("open log", wal->OpenLog(TestLogId(topic), &fresh))) return;
  const LogSnapshot info = wal->Info(fresh);
  if (fresh == log || info.next_offset != 0 || info.blocks != 0) {
    Wrong("a deleted log is not empty");
  }
}

void StressRun::Look(Wal* wal, Random* random) {
  const auto topic = static_cast<uint8_t>((*random)() % kStressTopics);
  for (const LogSnapshot& info : wal->ListLogs()) {
    if (info.start_offset > info.readable_end ||
        info.readable_end > info.written_end ||
        info.written_end > info.next_offset) {
      Wrong("the offsets of a log are in no order");
    }
  }
  Log* log = nullptr;
  if (!Worked("open log", wal->OpenLog(TestLogId(topic), &log))) return;
  const LogSnapshot info = wal->Info(log);
  if (info.readable_end > info.start_offset) {
    uint64_t offset = info.start_offset +
                      (*random)() % (info.readable_end - info.start_offset);
    // Another reader than the default one: what it has passed goes only when
    // both have.
    (void)Worked("cursor", wal->CommitCursorSync(log, kOtherReader, offset));
    ReadOn(wal, topic, &offset, false);
  }
  std::optional<TimestampedOffset> found;
  const Status status = wal->OffsetForTimestamp(log, 1000, &found);
  if (status.code() != Code::kOutOfRange) (void)Worked("timestamp", status);
  if ((*random)() % 50 == 0) {
    (void)Worked("reader", wal->DeleteCursorSync(log, kOtherReader));
  }
}

void StressRun::CheckAtEnd() {
  const std::shared_ptr<Wal> wal = Current();
  for (uint8_t topic = 0; topic < kStressTopics && wrong_.empty(); ++topic) {
    Log* log = nullptr;
    if (!Worked("open log", wal->OpenLog(TestLogId(topic), &log))) return;
    uint64_t offset = 0;
    uint64_t before = UINT64_MAX;
    while (wrong_.empty() && offset != before) {
      before = offset;
      ReadOn(wal.get(), topic, &offset, false);
    }
    const auto& known = acknowledged_[topic];
    if (!known.empty() && known.rbegin()->first >= offset) {
      Wrong("topic " + std::to_string(topic) + " ends at " +
            std::to_string(offset) + ", acknowledged up to " +
            std::to_string(known.rbegin()->first));
    }
  }
  if (wal == nullptr) return;
  const Status closed = wal->Close();
  if (!closed.ok() && closed.code() != Code::kClosed) {
    Wrong("the last close: " + closed.ToString());
  }
}

std::string StressRun::Summary() const {
  return std::to_string(appends_) + " appends, " +
         std::to_string(records_read_) + " records read, " +
         std::to_string(deletions_) + " deletions, " +
         std::to_string(reclaimed_blocks_) + " blocks freed, " +
         std::to_string(reopenings_) + " openings";
}

}  // namespace walrus
