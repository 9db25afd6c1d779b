#include "tools/sim_run.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

namespace walrus {

namespace {

constexpr std::chrono::milliseconds kIdle(65);

}  // namespace

// One call in flight: its reports become promises of the model.
class SimRun::Observer : public AppendObserver {
 public:
  Observer(SimRun* run, uint8_t topic, uint64_t end)
      : run_(*run), topic_(topic), end_(end) {}
  void OnWritten() override { run_.Promise(topic_, end_, false); }
  void OnSynced() override {
    if (run_.script_.mode == FsyncMode::kSyncEach) {
      run_.Promise(topic_, end_, true);
    }
    Settle();
  }
  void OnFailed(const Status& status) override {
    run_.Expect(false, "an append in flight: " + status.ToString());
    Settle();
  }

 private:
  void Settle() {
    const std::lock_guard lock(run_.mutex_);
    --run_.open_calls_;
    run_.settled_.notify_all();
  }

  SimRun& run_;
  const uint8_t topic_;
  const uint64_t end_;
};

Options SimOptions(FileSystem* disk, const SimScript& script) {
  Options options = SmallOptions(disk, TestSetup{script.mode, script.backend});
  options.fsync_interval_ms = script.interval_ms;
  // One, so that what it was given is done in order (DrainPool).
  options.reader_threads = 1;
  return options;
}

SimRun::SimRun(const SimScript& script, const SimSampling& sampling)
    : script_(script),
      sampling_(sampling),
      seed_(SimHash(SimHash(script.ToString()), sampling.seed)),
      instance_(SimOptions(&disk_, script)) {
  moment_.mode = script.mode;
  if (script.backend == Backend::kFd) disk_.DoOneByOne();
  for (const Fault& plant : sampling.plants) disk_.Inject(plant);
}

void SimRun::Run() {
  disk_.SetCallHook(
      [this](FaultyCall call, const std::string&) { OnCall(call); });
  if (!sampling_.last_op_only) armed_ = true;
  if (!Open()) return;
  for (size_t i = 0; i < script_.ops.size() && error_.empty(); ++i) {
    if (i + 1 == script_.ops.size()) {
      const std::lock_guard lock(mutex_);
      armed_ = true;
    }
    Do(script_.ops[i], i);
  }
  {
    const std::lock_guard lock(mutex_);
    Snapshot();
    armed_ = false;
  }
  // Whatever the engine still does is of no interest.
  disk_.SetCallHook(nullptr);
}

void SimRun::Do(const SimOp& op, size_t index) {
  if (op.kind == 'p') {
    AppendInFlight(index);
  } else if (op.kind == 'r') {
    Reopen();
  } else if (op.kind == 'i') {
    std::this_thread::sleep_for(kIdle);
  } else {
    DoOne(op, index);
  }
  NoteSynced();
}

void SimRun::DoOne(const SimOp& op, size_t index) {
  SimRequest request;
  std::vector<Bytes> batches;
  {
    const std::lock_guard lock(mutex_);
    request = AskOp(op, index, &moment_);
    batches = BatchesOf(request, moment_);
  }
  const Status status = Execute(request, &batches, instance_.wal());
  Expect(status.ok(), std::string(1, op.kind) + ": " + status.ToString());
  if (status.ok()) {
    const std::lock_guard lock(mutex_);
    AckOp(request, &moment_);
  }
  if (op.kind == 't' || op.kind == 'T' || op.kind == 'd') DrainPool(op.topic);
}

void SimRun::AppendInFlight(size_t index) {
  std::deque<std::vector<Bytes>> calls;
  std::deque<Observer> observers;
  for (uint8_t i = 0; i < 6; ++i) {
    const auto topic = static_cast<uint8_t>((index + i) % kSimTopics);
    const auto size = static_cast<uint32_t>(12 + SimHash(index, i) % 900);
    {
      const std::lock_guard lock(mutex_);
      const SimRequest request =
          AskAppend(topic, {{size}, {size / 3}}, &moment_);
      calls.push_back(BatchesOf(request, moment_));
      observers.emplace_back(this, topic, request.end);
      ++open_calls_;
    }
    std::vector<iovec> chunks;
    for (Bytes& batch : calls.back()) {
      chunks.push_back({batch.data(), batch.size()});
    }
    AppendResult result;
    const Status status = instance_.wal()->Append(
        instance_.OpenLog(topic), chunks, &observers.back(), &result);
    if (status.ok()) continue;
    Expect(false, "append: " + status.ToString());
    const std::lock_guard lock(mutex_);
    --open_calls_;
  }
  std::unique_lock lock(mutex_);
  settled_.wait(lock, [this] { return open_calls_ == 0; });
}

void SimRun::Promise(uint8_t topic, uint64_t end, bool durable) {
  const std::lock_guard lock(mutex_);
  AckAppend(topic, end, durable, &moment_);
}

void SimRun::Reopen() {
  {
    const std::lock_guard lock(mutex_);
    moment_.running = false;
  }
  const Status closed = instance_.Close();
  Expect(closed.ok(), "close: " + closed.ToString());
  if (!closed.ok()) return;
  {
    const std::lock_guard lock(mutex_);
    moment_.closed = true;
    SimRequest request;
    request.op.kind = 'r';
    AckOp(request, &moment_);
    Snapshot();
    moment_.closed = false;
  }
  (void)Open();
}

bool SimRun::Open() {
  const Status status = instance_.Open();
  Expect(status.ok(), "open: " + status.ToString());
  if (!status.ok()) return false;
  const uint32_t epoch = instance_.Info(0).leader_epoch;
  const std::lock_guard lock(mutex_);
  moment_.leader_epoch = std::max(moment_.leader_epoch, epoch);
  moment_.running = true;
  return true;
}

void SimRun::DrainPool(uint8_t topic) {
  std::promise<void> drained;
  const Status status = instance_.wal()->ReadAsync(
      instance_.OpenLog(topic), 0, 1,
      [&drained](const Status&, const std::vector<std::byte>&) {
        drained.set_value();
      });
  Expect(status.ok(), "read: " + status.ToString());
  if (status.ok()) drained.get_future().wait();
}

void SimRun::NoteSynced() {
  if (instance_.wal() == nullptr) return;
  for (uint8_t topic = 0; topic < kSimTopics; ++topic) {
    const LogSnapshot info = instance_.Info(topic);
    const std::lock_guard lock(mutex_);
    SimLog& log = moment_.logs[topic];
    log.start_shown = std::max(log.start_shown, info.start_offset);
    log.durable_end = std::max(log.durable_end, info.synced_end);
    log.readable_end = std::max(log.readable_end, info.readable_end);
    if (error_.empty() && info.written_end < log.written_end) {
      error_ = "the written end of topic " + std::to_string(topic) +
               " is below what was acknowledged";
    }
  }
}

void SimRun::Expect(bool ok, const std::string& what) {
  if (ok) return;
  const std::lock_guard lock(mutex_);
  if (error_.empty()) error_ = what;
}

void SimRun::OnCall(FaultyCall call) {
  if (call == FaultyCall::kOpen || call == FaultyCall::kRead ||
      call == FaultyCall::kLock) {
    return;
  }
  const std::lock_guard lock(mutex_);
  ++calls_;
  if (!armed_) return;
  if (SimHash(seed_, calls_) % sampling_.one_point_in == 0) Snapshot();
}

void SimRun::Snapshot() {
  const bool unsynced = disk_.HasUnsynced();
  const uint64_t point = SimHash(seed_, calls_);
  std::vector<CrashMode> modes = sampling_.modes;
  for (size_t i = 0; i < sampling_.modes_per_point && !modes.empty(); ++i) {
    const size_t drawn = SimHash(point, i) % modes.size();
    SimState state;
    state.call = calls_;
    state.mode = modes[drawn];
    // Of the point and the mode alone, so that a replay meets it again.
    state.seed = SimHash(point, 100 + static_cast<uint64_t>(state.mode));
    modes.erase(modes.begin() + static_cast<long>(drawn));
    // All power cuts leave the same where there is nothing to lose.
    if (!unsynced && i > 0) break;
    state.moment = moment_;
    state.disk = disk_.Crash(state.mode, state.seed);
    states_.push_back(std::move(state));
  }
}

}  // namespace walrus
