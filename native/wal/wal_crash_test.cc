// A scripted workload, crashed at every call that changes the disk, in every
// mode of the file system and under every schedule: what may be lost, and what
// may not (design.md, D3 and D4).
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <mutex>

#include "testing/test_instance.h"

namespace walrus {
namespace {

constexpr uint8_t kTopics = 3;
// Sanitizers look for what each state has in common with its neighbours, and
// take eight times as long: they get every fifth.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kStateStep = 5;
#else
constexpr size_t kStateStep = 1;
#endif

// What was asked for and what was acknowledged, at one moment.
struct Progress {
  // Per topic: the records of each call, in order.
  std::map<uint8_t, std::vector<Values>> calls;
  std::map<uint8_t, size_t> acknowledged;  // calls
  uint64_t cursor_asked = 0;
  uint64_t cursor_acknowledged = 0;
};

struct CrashState {
  std::string name;
  CrashMode mode;
  Progress progress;
  std::unique_ptr<FaultyFileSystem> disk;
};

// Runs the script and copies the disk before each changing call.
class CrashScript {
 public:
  CrashScript(const TestSetup& setup, bool in_flight)
      : setup_(setup), in_flight_(in_flight) {}

  std::vector<CrashState> Run() {
    TestInstance instance(SmallOptions(&disk_, setup_));
    EXPECT_TRUE(instance.Open().ok());
    disk_.SetCallHook([this](FaultyCall call, const std::string& path) {
      if (call == FaultyCall::kOpen || call == FaultyCall::kRead ||
          call == FaultyCall::kLock) {
        return;
      }
      Snapshot(path);
    });
    if (in_flight_) {
      AppendManyInFlight(&instance);
    } else {
      for (int round = 0; round < 6; ++round) Round(&instance, round);
    }
    EXPECT_TRUE(instance.Close().ok());
    Snapshot("closed");
    disk_.SetCallHook(nullptr);
    return std::move(states_);
  }

 private:
  void Round(TestInstance* instance, int round) {
    const std::string name = "r" + std::to_string(round);
    Append(instance, 1, {{name + "-one"}});
    Append(instance, 2, {{name + "-two"}, {name + "-three", name + "-four"}});
    // Cut into runs, over a block's end.
    Append(instance, 1,
           {{std::string(1500, 'a' + round)},
            {std::string(1900, 'b')},
            {std::string(1700, 'c')}});
    Commit(instance, round + 1);
    if (round == 2) Append(instance, 3, {{std::string(7000, 'x')}});
    Append(instance, 3, {{name, name + "!"}});
  }

  // Counts a call as acknowledged when its last report says so.
  struct Acknowledge : AppendObserver {
    void OnWritten() override {}
    void OnSynced() override {
      const std::lock_guard lock(script->mutex_);
      ++script->progress_.acknowledged[topic];
      --script->open_calls_;
      script->settled_.notify_all();
    }
    void OnFailed(const Status& status) override {
      ADD_FAILURE() << status.ToString();
    }
    CrashScript* script = nullptr;
    uint8_t topic = 0;
  };

  // Groups of several logs, written while others are being synced.
  void AppendManyInFlight(TestInstance* instance) {
    std::deque<Acknowledge> observers;
    std::deque<Bytes> batches;
    for (int i = 0; i < 48; ++i) {
      const auto topic = static_cast<uint8_t>(1 + i % kTopics);
      const Values values = {"n" + std::to_string(i),
                             std::string(i * 53 % 700, 'v')};
      batches.push_back(MakeBatch(values, 1000));
      observers.emplace_back();
      observers.back().script = this;
      observers.back().topic = topic;
      {
        std::unique_lock lock(mutex_);
        settled_.wait(lock, [this] { return open_calls_ < 9; });
        ++open_calls_;
        progress_.calls[topic].push_back(values);
      }
      const iovec chunk{batches.back().data(), batches.back().size()};
      AppendResult result;
      EXPECT_TRUE(instance->wal()
                      ->Append(instance->OpenLog(topic), {&chunk, 1},
                               &observers.back(), &result)
                      .ok());
    }
    std::unique_lock lock(mutex_);
    settled_.wait(lock, [this] { return open_calls_ == 0; });
  }

  void Append(TestInstance* instance, uint8_t topic,
              const std::vector<Values>& batches) {
    Values all;
    for (const Values& batch : batches) {
      all.insert(all.end(), batch.begin(), batch.end());
    }
    {
      const std::lock_guard lock(mutex_);
      progress_.calls[topic].push_back(all);
    }
    const Status status = instance->AppendCall(topic, batches);
    EXPECT_TRUE(status.ok()) << status.ToString();
    const std::lock_guard lock(mutex_);
    ++progress_.acknowledged[topic];
  }

  void Commit(TestInstance* instance, uint64_t offset) {
    {
      const std::lock_guard lock(mutex_);
      progress_.cursor_asked = offset;
    }
    EXPECT_TRUE(instance->wal()
                    ->CommitCursorSync(instance->OpenLog(1), "reader", offset)
                    .ok());
    const std::lock_guard lock(mutex_);
    progress_.cursor_acknowledged = offset;
  }

  void Snapshot(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const uint64_t call = ++snapshots_;
    for (const CrashMode mode : kAllCrashModes) {
      CrashState state;
      state.name = SetupName(setup_) + ", call " + std::to_string(call) +
                   " on " + path + ", mode " +
                   std::to_string(static_cast<int>(mode));
      state.mode = mode;
      state.progress = progress_;
      state.disk = disk_.Crash(mode, call * 31 + 7);
      states_.push_back(std::move(state));
    }
  }

  const TestSetup setup_;
  const bool in_flight_;
  FaultyFileSystem disk_;
  std::mutex mutex_;
  std::condition_variable settled_;
  int open_calls_ = 0;
  Progress progress_;
  uint64_t snapshots_ = 0;
  std::vector<CrashState> states_;
};

class WalCrashTest
    : public testing::TestWithParam<std::tuple<TestSetup, bool>> {
 protected:
  static TestSetup setup() { return std::get<0>(GetParam()); }
  static std::vector<CrashState> RunScript() {
    return CrashScript(setup(), std::get<1>(GetParam())).Run();
  }

  // Whether acknowledged calls must all be there.
  bool KeepsAcknowledged(const CrashState& state) const {
    return setup() == FsyncMode::kSyncEach || state.mode == CrashMode::kKeepAll;
  }

  // The number of whole calls that `found` is.
  static size_t WholeCalls(const std::vector<Values>& calls,
                           const Values& found, bool* exact) {
    size_t records = 0;
    size_t count = 0;
    for (const Values& call : calls) {
      if (records + call.size() > found.size()) break;
      if (!std::equal(call.begin(), call.end(), found.begin() + records)) {
        break;
      }
      records += call.size();
      ++count;
    }
    *exact = records == found.size();
    return count;
  }

  void CheckLogs(TestInstance* instance, const CrashState& state,
                 std::map<uint8_t, Values>* contents) {
    for (uint8_t topic = 1; topic <= kTopics; ++topic) {
      Values found;
      const Status status = instance->ReadAll(topic, 0, &found);
      ASSERT_TRUE(status.ok()) << state.name << ": " << status.ToString();
      const auto calls = state.progress.calls.find(topic);
      const bool any = calls != state.progress.calls.end();
      bool exact = found.empty();
      const size_t count = any ? WholeCalls(calls->second, found, &exact) : 0;
      ASSERT_TRUE(exact) << state.name << ": topic " << int{topic}
                         << " holds something else than its first calls";
      const auto acknowledged = state.progress.acknowledged.find(topic);
      if (KeepsAcknowledged(state) &&
          acknowledged != state.progress.acknowledged.end()) {
        ASSERT_GE(count, acknowledged->second)
            << state.name << ": topic " << int{topic};
      }
      (*contents)[topic] = std::move(found);
    }
  }

  void CheckCursor(TestInstance* instance, const CrashState& state) {
    const std::optional<uint64_t> cursor =
        instance->wal()->Cursor(instance->OpenLog(1), "reader");
    if (cursor) {
      ASSERT_LE(*cursor, state.progress.cursor_asked) << state.name;
    }
    if (!KeepsAcknowledged(state)) return;
    ASSERT_GE(cursor.value_or(0), state.progress.cursor_acknowledged)
        << state.name;
  }
};

INSTANTIATE_TEST_SUITE_P(Modes, WalCrashTest,
                         testing::Combine(testing::ValuesIn(kAllSetups),
                                          testing::Bool()),
                         [](const auto& test) {
                           return SetupName(std::get<0>(test.param)) +
                                  (std::get<1>(test.param) ? "InFlight"
                                                           : "OneByOne");
                         });

TEST_P(WalCrashTest, AcknowledgedCallsSurviveAndOthersAreWholeOrAbsent) {
  std::vector<CrashState> states = RunScript();
  ASSERT_GT(states.size(), 150u);
  for (size_t i = 0; i < states.size(); i += kStateStep) {
    const CrashState& state = states[i];
    TestInstance instance(SmallOptions(state.disk.get(), setup()));
    const Status opened = instance.Open();
    ASSERT_TRUE(opened.ok()) << state.name << ": " << opened.ToString();
    const RecoveryReport& report = instance.wal()->recovery_report();
    ASSERT_TRUE(report.corruptions.empty())
        << state.name << ": " << report.corruptions[0].what << " at "
        << report.corruptions[0].offset;
    std::map<uint8_t, Values> contents;
    CheckLogs(&instance, state, &contents);
    CheckCursor(&instance, state);
    if (HasFatalFailure()) return;

    // It goes on where it ends, and keeps what it says it has.
    for (uint8_t topic = 1; topic <= kTopics; ++topic) {
      AppendResult result;
      ASSERT_TRUE(instance.Append(topic, {"after"}, &result).ok());
      ASSERT_EQ(result.base_offset, contents[topic].size()) << state.name;
      contents[topic].push_back("after");
    }
    ASSERT_TRUE(instance.Close().ok()) << state.name;
    ASSERT_TRUE(instance.Open().ok()) << state.name;
    for (uint8_t topic = 1; topic <= kTopics; ++topic) {
      Values found;
      const Status read = instance.ReadAll(topic, 0, &found);
      ASSERT_TRUE(read.ok()) << state.name << ": " << read.ToString();
      ASSERT_EQ(found, contents[topic]) << state.name;
    }
  }
}

TEST_P(WalCrashTest, CrashesDuringRecoveryLeadToTheSameLogs) {
  std::vector<CrashState> states = RunScript();
  for (size_t i = 0; i < states.size(); i += 23 * kStateStep) {
    CrashState& state = states[i];
    std::vector<std::unique_ptr<FaultyFileSystem>> disks;
    FaultyFileSystem* disk = state.disk.get();
    uint64_t call = 0;
    disk->SetCallHook([&](FaultyCall kind, const std::string&) {
      if (kind == FaultyCall::kOpen || kind == FaultyCall::kRead ||
          kind == FaultyCall::kLock) {
        return;
      }
      ++call;
      disks.push_back(
          disk->Crash(kAllCrashModes[call % kAllCrashModes.size()], call));
    });
    std::map<uint8_t, Values> expected;
    {
      TestInstance instance(SmallOptions(disk, setup()));
      ASSERT_TRUE(instance.Open().ok()) << state.name;
      disk->SetCallHook(nullptr);
      CheckLogs(&instance, state, &expected);
      if (HasFatalFailure()) return;
    }
    for (const auto& crashed : disks) {
      TestInstance instance(SmallOptions(crashed.get(), setup()));
      ASSERT_TRUE(instance.Open().ok()) << state.name;
      std::map<uint8_t, Values> found;
      CheckLogs(&instance, state, &found);
      if (HasFatalFailure()) return;
      if (setup() == FsyncMode::kSyncEach) {
        ASSERT_EQ(found, expected) << state.name;
      }
    }
  }
}

}  // namespace
}  // namespace walrus
