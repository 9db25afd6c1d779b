#include "tools/countdown_run.h"

#include <deque>
#include <future>

namespace walrus {

namespace {

// The model as it was; histories only grow, so they are copied.
SimMoment CopyOf(const SimMoment& moment) {
  SimMoment copy = moment;
  for (SimLog& log : copy.logs) {
    log.history = std::make_shared<SimHistory>(*log.history);
  }
  return copy;
}

Status ReadLog(TestInstance* instance, uint8_t topic, SimFoundLog* log) {
  Status read;
  // What the default reader has passed may be freed at this very moment.
  do {
    const LogSnapshot info = instance->Info(topic);
    log->start = info.start_offset;
    log->end = info.readable_end;
    read = instance->ReadAll(topic, log->start, &log->values);
  } while (read.code() == Code::kOutOfRange &&
           instance->Info(topic).start_offset != log->start);
  for (size_t reader = 0; reader < kSimReaders; ++reader) {
    log->cursors[reader] = instance->wal()->Cursor(instance->OpenLog(topic),
                                                   kSimReaderNames[reader]);
  }
  return read;
}

constexpr CrashMode kPowerCuts[] = {CrashMode::kLoseUnsynced,
                                    CrashMode::kMixed};

}  // namespace

CountdownRun::CountdownRun(const SimScript& script,
                           const std::optional<Fault>& fault)
    : script_(script),
      fault_(fault),
      disk_(SimHash(script.ToString())),
      instance_(SimOptions(&disk_, script)) {
  moment_.mode = script.mode;
  if (script.backend == Backend::kFd) disk_.DoOneByOne();
}

std::string CountdownRun::Run() {
  if (fault_) disk_.Inject(*fault_);
  const bool opened = Open();
  for (size_t i = 0; opened && i < script_.ops.size(); ++i) {
    if (!wrong_.empty() || fenced_ || instance_.wal() == nullptr) break;
    Do(script_.ops[i], i);
  }
  if (instance_.wal() != nullptr) {
    Found found;
    CheckReads(script_.mode == FsyncMode::kSyncEach, &found);
    if (fenced_) CheckFence();
    JudgeDisk("running");
    Close();
  }
  changes_ = disk_.CallCount(FaultyCall::kAnyChange);
  disk_.ClearFaults();
  JudgeDisk("closed");
  const bool fenced = fenced_;
  Restart();
  fenced_ = fenced;
  if (!fault_ && (fenced_ || refused_ > 0)) Wrong("refused without a fault");
  return wrong_;
}

bool CountdownRun::Open() {
  moment_.running = false;
  moment_.closed = false;
  Status status = instance_.Open();
  if (!status.ok()) {
    if (status.code() != Code::kIo && status.code() != Code::kNoSpace) {
      Wrong("open: " + status.ToString());
    }
    ++refused_;
    status = instance_.Open();
  }
  if (!status.ok()) {
    if (!fault_ || !fault_->forever) Wrong("open again: " + status.ToString());
    return false;
  }
  moment_.leader_epoch =
      std::max(moment_.leader_epoch, instance_.Info(0).leader_epoch);
  moment_.running = true;
  return true;
}

void CountdownRun::Do(const SimOp& op, size_t index) {
  if (op.kind == 'p') {
    DoInFlight(index);
  } else if (op.kind == 'r') {
    Reopen();
  } else {
    DoOne(op, index);
  }
  if (instance_.wal() != nullptr) NoteReadable();
}

bool CountdownRun::IsUndone(const std::string& what, const Status& status) {
  ++refused_;
  if (status.code() == Code::kNoSpace) return true;
  if (status.code() != Code::kFenced && status.code() != Code::kIo) {
    Wrong(what + " is answered with " + status.ToString());
  } else if (instance_.wal()->Stats().fence.ok()) {
    Wrong(what + " fails and does not fence: " + status.ToString());
  }
  fenced_ = true;
  return false;
}

void CountdownRun::DoOne(const SimOp& op, size_t index) {
  SimMoment before = CopyOf(moment_);
  const SimRequest request = AskOp(op, index, &moment_);
  std::vector<Bytes> batches = BatchesOf(request, moment_);
  const Status status = Execute(request, &batches, instance_.wal());
  if (status.ok()) {
    AckOp(request, &moment_);
  } else if (IsUndone(std::string(1, op.kind), status)) {
    moment_ = std::move(before);
  }
}

void CountdownRun::DoInFlight(size_t index) {
  struct Call {
    uint8_t topic = 0;
    SimRequest request;
    std::vector<Bytes> batches;
    RecordingObserver observer;
    Status status;
  };
  std::deque<Call> calls;
  const SimMoment before = CopyOf(moment_);
  // Nothing is written before all of them have their offsets.
  std::promise<void> all_asked;
  disk_.SetCallHook([asked = all_asked.get_future().share()](
                        FaultyCall call, const std::string&) {
    if (call != FaultyCall::kRead) asked.wait();
  });
  for (uint8_t i = 0; i < 6; ++i) {
    Call& call = calls.emplace_back();
    call.topic = static_cast<uint8_t>((index + i) % kSimTopics);
    const auto size = static_cast<uint32_t>(12 + SimHash(index, i) % 900);
    // Its place is known once the engine took it, so one that is refused at
    // once is not in the model.
    const SimMoment unasked = CopyOf(moment_);
    call.request = AskAppend(call.topic, {{size}, {size / 3}}, &moment_);
    call.batches = BatchesOf(call.request, moment_);
    std::vector<iovec> chunks;
    for (Bytes& batch : call.batches) {
      chunks.push_back({batch.data(), batch.size()});
    }
    AppendResult result;
    call.status = instance_.wal()->Append(instance_.OpenLog(call.topic), chunks,
                                          &call.observer, &result);
    if (call.status.ok()) continue;
    (void)IsUndone("an append in flight", call.status);
    moment_ = unasked;
    calls.pop_back();
    break;
  }
  all_asked.set_value();
  std::array<bool, kSimTopics> undone{};
  for (Call& call : calls) {
    call.status = call.observer.Wait();
    if (call.status.ok()) {
      if (undone[call.topic]) Wrong("a call behind an undone one is there");
      AckAppend(call.topic, call.request.end,
                script_.mode == FsyncMode::kSyncEach, &moment_);
      continue;
    }
    if (!IsUndone("an append in flight", call.status)) continue;
    if (undone[call.topic]) continue;
    undone[call.topic] = true;
    // The calls before it stay as they are; it and all behind it are gone.
    SimLog& log = moment_.logs[call.topic];
    uint64_t end = before.logs[call.topic].asked_end;
    for (const SimCall& asked : log.history->calls) {
      if (asked.end < call.request.end) end = std::max(end, asked.end);
    }
    auto kept = std::make_shared<SimHistory>(*log.history);
    kept->value_bytes.resize(end);
    while (!kept->calls.empty() && kept->calls.back().end > end) {
      kept->calls.pop_back();
    }
    log.history = std::move(kept);
    log.asked_end = end;
  }
  disk_.SetCallHook(nullptr);
}

void CountdownRun::Reopen() {
  Close();
  // What a failed close leaves is for Restart() to judge.
  if (wrong_.empty() && moment_.closed) (void)Open();
}

void CountdownRun::Close() {
  moment_.running = false;
  const bool was_fenced = !instance_.wal()->Stats().fence.ok();
  const Status status = instance_.Close();
  moment_.closed = status.ok();
  if (status.ok()) {
    if (was_fenced) Wrong("a fenced instance closes with Ok");
    SimRequest request;
    request.op.kind = 'r';
    AckOp(request, &moment_);
  } else {
    ++refused_;
  }
}

void CountdownRun::CheckFence() {
  Wal* wal = instance_.wal();
  for (uint8_t topic = 0; topic < kSimTopics; ++topic) {
    Log* log = instance_.OpenLog(topic);
    const LogSnapshot info = instance_.Info(topic);
    const auto expect_fenced = [&](const char* what, const Status& status) {
      if (status.code() == Code::kFenced) return;
      // Its deletion was the call that failed.
      if (moment_.logs[topic].delete_asked && status.code() == Code::kClosed) {
        return;
      }
      Wrong(std::string("fenced, and ") + what + " of topic " +
            std::to_string(topic) + " is answered with " + status.ToString());
    };
    expect_fenced("an append", instance_.Append(topic, {"late"}));
    expect_fenced("a cursor", wal->CommitCursorSync(log, "late", 0));
    // To where the start is already nothing is changed.
    if (info.readable_end > info.start_offset) {
      expect_fenced("a truncation", wal->Truncate(log, info.readable_end));
    }
    expect_fenced("a deletion", wal->DeleteLog(log));
  }
}

void CountdownRun::CheckReads(bool power_cut, Found* found) {
  for (uint8_t topic = 0; wrong_.empty() && topic < kSimTopics; ++topic) {
    SimFoundLog& log = (*found)[topic];
    const Status read = ReadLog(&instance_, topic, &log);
    if (!read.ok()) {
      Wrong("topic " + std::to_string(topic) +
            " cannot be read: " + read.ToString());
      return;
    }
    // What was asked last, and is unknown, may be half done in memory: nobody
    // can go on from there.
    if (fenced_ && moment_.logs[topic].delete_asked) continue;
    Wrong(JudgeLog(moment_, topic, power_cut, log));
  }
}

// The same machine opens again. Its page cache may show what a failed sync did
// not get to the disk: whatever is shown now must survive a power cut once it
// was closed.
void CountdownRun::Restart() {
  if (!wrong_.empty()) return;
  const Status opened = instance_.Open();
  if (!opened.ok()) {
    Wrong("restarted: " + opened.ToString());
    return;
  }
  Found shown;
  fenced_ = false;
  CheckReads(true, &shown);
  const Status closed = instance_.Close();
  if (!closed.ok()) Wrong("restarted: close: " + closed.ToString());
  if (!wrong_.empty()) return;
  const auto after = disk_.Crash(CrashMode::kLoseUnsynced, 1);
  TestInstance last(SimOptions(after.get(), script_));
  const Status again = last.Open();
  if (!again.ok()) Wrong("restarted and cut off: " + again.ToString());
  if (!wrong_.empty()) return;
  for (uint8_t topic = 0; topic < kSimTopics; ++topic) {
    SimFoundLog log;
    const Status read = ReadLog(&last, topic, &log);
    if (read.ok() && log.SameAs(shown[topic])) continue;
    Wrong("restarted, closed and cut off: topic " + std::to_string(topic) +
          " was " + shown[topic].ToString() + " and is " + log.ToString() +
          ", " + read.ToString());
  }
}

void CountdownRun::NoteReadable() {
  for (uint8_t topic = 0; topic < kSimTopics; ++topic) {
    const LogSnapshot info = instance_.Info(topic);
    SimLog& log = moment_.logs[topic];
    log.start_shown = std::max(log.start_shown, info.start_offset);
    log.durable_end = std::max(log.durable_end, info.synced_end);
    log.readable_end = std::max(log.readable_end, info.readable_end);
  }
}

void CountdownRun::JudgeDisk(const std::string& when) {
  SimCounts counts;
  const auto judge = [&](CrashMode mode) {
    SimState state;
    state.mode = mode;
    state.seed = SimHash(SimHash(script_.ToString()),
                         disk_.CallCount(FaultyCall::kSync));
    state.moment = CopyOf(moment_);
    state.disk = disk_.Crash(mode, state.seed);
    const std::string wrong = SimCheck(script_, &state, &counts).Judge();
    if (!wrong.empty()) Wrong(when + ", " + CrashModeName(mode) + ": " + wrong);
  };
  if (wrong_.empty()) judge(CrashMode::kKeepAll);
  for (const CrashMode mode : kPowerCuts) {
    if (wrong_.empty()) judge(mode);
  }
}

}  // namespace walrus
