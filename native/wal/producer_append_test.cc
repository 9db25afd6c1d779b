// Idempotent appends on the whole engine: duplicates, failures, restarts.
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <deque>
#include <future>
#include <thread>

#include "testing/producer_batches.h"
#include "testing/test_instance.h"
#include "wal/format.h"
#include "wal/inspect.h"
#include "wal/producer_table.h"

namespace walrus {
namespace {

struct Outcome {
  Code code = Code::kOk;
  bool duplicate = false;
  uint64_t base_offset = 0;
  bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << CodeName(outcome.code) << (outcome.duplicate ? " known" : "")
             << " at " << outcome.base_offset;
}

Outcome New(uint64_t offset) { return {Code::kOk, false, offset}; }
Outcome Known(uint64_t offset) { return {Code::kOk, true, offset}; }

// Calls of producers, kept alive.
class Producers {
 public:
  explicit Producers(TestInstance* instance) : instance_(*instance) {}

  Outcome Sync(int64_t id, int32_t sequence, const Values& values,
               uint8_t topic = 1, int16_t epoch = 0) {
    Bytes batch = MakeProducerBatch(values, id, epoch, sequence);
    const iovec chunk{batch.data(), batch.size()};
    AppendResult result;
    const Status status = instance_.wal()->AppendSync(instance_.OpenLog(topic),
                                                      {&chunk, 1}, &result);
    if (!status.ok()) return {status.code(), false, 0};
    return {Code::kOk, result.duplicate, result.base_offset};
  }

  Outcome Async(int64_t id, int32_t sequence, const Values& values,
                uint8_t topic = 1) {
    batches_.push_back(MakeProducerBatch(values, id, 0, sequence));
    const iovec chunk{batches_.back().data(), batches_.back().size()};
    AppendResult result;
    observers_.emplace_back();
    const Status status = instance_.wal()->Append(
        instance_.OpenLog(topic), {&chunk, 1}, &observers_.back(), &result);
    if (!status.ok()) return {status.code(), false, 0};
    return {Code::kOk, result.duplicate, result.base_offset};
  }
  RecordingObserver& observer(size_t i) { return observers_[i]; }

 private:
  TestInstance& instance_;
  std::deque<Bytes> batches_;
  std::deque<RecordingObserver> observers_;
};

// Stops every change of the disk until it is let go.
class Gate {
 public:
  explicit Gate(FaultyFileSystem* disk) : disk_(*disk) {
    disk_.SetCallHook([open = open_.get_future().share()](FaultyCall call,
                                                          const std::string&) {
      if (call != FaultyCall::kRead) open.wait();
    });
  }
  void Open() { open_.set_value(); }
  ~Gate() { disk_.SetCallHook(nullptr); }

 private:
  FaultyFileSystem& disk_;
  std::promise<void> open_;
};

class ProducerAppendTest : public testing::TestWithParam<TestSetup> {
 protected:
  ProducerAppendTest() : instance_(SmallOptions(&disk_, GetParam())) {}
  void SetUp() override { ASSERT_TRUE(instance_.Open().ok()); }

  Values Stored(uint8_t topic = 1) {
    Values values;
    EXPECT_TRUE(
        instance_.ReadAll(topic, instance_.Info(topic).start_offset, &values)
            .ok());
    return values;
  }

  FaultyFileSystem disk_;
  TestInstance instance_;
  Producers producers_{&instance_};
};

INSTANTIATE_TEST_SUITE_P(Setups, ProducerAppendTest,
                         testing::ValuesIn(kAllSetups), [](const auto& info) {
                           return SetupName(info.param);
                         });

TEST_P(ProducerAppendTest, ADuplicateStandsInTheLogOnce) {
  EXPECT_EQ(producers_.Sync(7, 0, {"a", "b"}), New(0));
  EXPECT_EQ(producers_.Sync(7, 2, {"c"}), New(2));
  EXPECT_EQ(producers_.Sync(7, 0, {"a", "b"}), Known(0));
  EXPECT_EQ(producers_.Sync(7, 2, {"c"}), Known(2));
  EXPECT_EQ(Stored(), (Values{"a", "b", "c"}));
  EXPECT_EQ(instance_.Info(1).next_offset, 3u);
  EXPECT_EQ(instance_.wal()->Stats().duplicate_appends, 2u);
}

TEST_P(ProducerAppendTest, ProducersAreListedByTheirLastAppends) {
  const auto listed = [this] {
    std::vector<std::array<int64_t, 3>> producers;
    for (const ProducerState& state :
         instance_.wal()->Producers(instance_.OpenLog(1))) {
      const ProducerBatch& last = state.batches.back();
      producers.push_back({state.producer_id, last.epoch, last.LastSequence()});
    }
    return producers;
  };
  using Listed = decltype(listed());
  EXPECT_EQ(listed(), Listed());
  EXPECT_EQ(producers_.Sync(7, 0, {"a", "b"}), New(0));
  EXPECT_EQ(producers_.Sync(8, 0, {"c"}, 1, 2), New(2));
  EXPECT_EQ(producers_.Sync(9, 0, {"other log"}, 2), New(0));
  EXPECT_EQ(listed(), (Listed{{7, 0, 1}, {8, 2, 0}}));
  EXPECT_EQ(producers_.Sync(7, 2, {"d"}), New(3));
  EXPECT_EQ(listed(), (Listed{{8, 2, 0}, {7, 0, 2}}));
}

TEST_P(ProducerAppendTest, WhatIsRefusedLeavesNothing) {
  EXPECT_EQ(producers_.Sync(7, 0, {"a"}, 1, 4), New(0));
  EXPECT_EQ(producers_.Sync(7, 5, {"x"}, 1, 4).code, Code::kOutOfOrderSequence);
  EXPECT_EQ(producers_.Sync(7, 1, {"x"}, 1, 3).code,
            Code::kInvalidProducerEpoch);
  EXPECT_EQ(producers_.Async(7, 9, {"x"}).code, Code::kInvalidProducerEpoch);
  EXPECT_EQ(producers_.Sync(7, 1, {"b"}, 1, 4), New(1));
  EXPECT_EQ(Stored(), (Values{"a", "b"}));
}

TEST_P(ProducerAppendTest, AQueuedDuplicateSettlesAfterTheFirst) {
  Gate gate(&disk_);
  EXPECT_EQ(producers_.Async(7, 0, {"a"}), New(0));
  EXPECT_EQ(producers_.Async(7, 1, {"b"}), New(1));
  EXPECT_EQ(producers_.Async(7, 0, {"a"}), Known(0));
  EXPECT_EQ(producers_.Async(7, 1, {"b"}), Known(1));
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(producers_.observer(i).calls(), "");
  gate.Open();
  for (size_t i = 4; i-- > 0;) {
    EXPECT_TRUE(producers_.observer(i).Wait().ok());
    // In order: what is behind it has not been told before it.
    if (i == 3) {
      EXPECT_EQ(producers_.observer(0).calls(), "ws");
      EXPECT_EQ(producers_.observer(1).calls(), "ws");
    }
  }
  EXPECT_EQ(Stored(), (Values{"a", "b"}));
}

TEST_P(ProducerAppendTest, AFullDiskTakesTheProducersBackWithItsGroup) {
  EXPECT_EQ(producers_.Sync(7, 0, {"a"}), New(0));
  Fault fault;
  fault.call = FaultyCall::kWrite;
  fault.error_number = ENOSPC;
  fault.path_contains = "/17";
  fault.forever = true;
  // A first write through a map is another call.
  disk_.Inject(fault);
  fault.call = FaultyCall::kAllocate;
  disk_.Inject(fault);
  {
    Gate gate(&disk_);
    for (int32_t i = 1; i < 5; ++i) {
      EXPECT_EQ(producers_.Async(7, i, {std::string(600, 'x')}).code,
                Code::kOk);
    }
    EXPECT_TRUE(producers_.Async(7, 3, {std::string(600, 'x')}).duplicate);
    EXPECT_EQ(producers_.Async(7, 0, {"a"}), Known(0));
    gate.Open();
    for (size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(producers_.observer(i).Wait().code(), Code::kNoSpace) << i;
    }
    EXPECT_TRUE(producers_.observer(5).Wait().ok()) << "it is in the log";
  }
  disk_.ClearFaults();
  EXPECT_EQ(producers_.Sync(7, 2, {"c"}).code, Code::kOutOfOrderSequence);
  EXPECT_EQ(producers_.Sync(7, 1, {"b"}), New(1));
  EXPECT_EQ(producers_.Sync(7, 0, {"a"}), Known(0));
  EXPECT_EQ(Stored(), (Values{"a", "b"}));
}

TEST_P(ProducerAppendTest, AFenceAnswersDuplicatesToo) {
  EXPECT_EQ(producers_.Sync(7, 0, {"a"}), New(0));
  Fault fault;
  fault.call = FaultyCall::kAnyChange;
  fault.error_number = EIO;
  fault.forever = true;
  disk_.Inject(fault);
  EXPECT_NE(producers_.Sync(7, 1, {std::string(3000, 'x')}).code, Code::kOk);
  EXPECT_EQ(producers_.Sync(7, 0, {"a"}).code, Code::kFenced);
  disk_.ClearFaults();
}

// Through blocks and files; what is remembered at the end is what a restart
// remembers, closed or killed.
TEST_P(ProducerAppendTest, ARestartRemembersTheLastFiveOfEach) {
  constexpr int32_t kCalls = 60;
  std::vector<std::vector<uint64_t>> offsets(3);
  for (int32_t i = 0; i < kCalls; ++i) {
    for (int64_t id = 0; id < 3; ++id) {
      const size_t bytes = 20 + static_cast<size_t>(i * 37 % 300);
      const Outcome outcome = producers_.Sync(id, i, {std::string(bytes, 'v')});
      ASSERT_EQ(outcome.code, Code::kOk);
      offsets[static_cast<size_t>(id)].push_back(outcome.base_offset);
    }
  }
  const auto image = disk_.Crash(CrashMode::kKeepAll, 1);
  ASSERT_TRUE(instance_.Close().ok());
  for (FaultyFileSystem* disk : {&disk_, image.get()}) {
    TestInstance again(SmallOptions(disk, GetParam()));
    ASSERT_TRUE(again.Open().ok());
    EXPECT_TRUE(again.wal()->recovery_report().notes.empty());
    EXPECT_EQ(again.wal()->Stats().producers, 3u);
    Producers producers(&again);
    for (int64_t id = 0; id < 3; ++id) {
      for (int32_t i = kCalls - 5; i < kCalls; ++i) {
        const size_t bytes = 20 + static_cast<size_t>(i * 37 % 300);
        EXPECT_EQ(
            producers.Sync(id, i, {std::string(bytes, 'v')}),
            Known(offsets[static_cast<size_t>(id)][static_cast<size_t>(i)]))
            << id << "/" << i;
      }
      EXPECT_EQ(producers.Sync(id, 3, {"x"}).code, Code::kDuplicateSequence);
      EXPECT_EQ(producers.Sync(id, kCalls + 1, {"x"}).code,
                Code::kOutOfOrderSequence);
    }
    ASSERT_TRUE(again.Close().ok());
    InspectOptions options;
    options.file_system = disk;
    options.directory = "/wal";
    VerifyReport report;
    ASSERT_TRUE(VerifyInstance(options, &report).ok());
    EXPECT_FALSE(report.damaged());
  }
}

TEST_P(ProducerAppendTest, RetentionForgetsRecordsAndNotTheirProducers) {
  for (int32_t i = 0; i < 40; ++i) {
    ASSERT_EQ(producers_.Sync(7, i, {std::string(300, 'v')}).code, Code::kOk);
  }
  ASSERT_TRUE(instance_.wal()->Truncate(instance_.OpenLog(1), 40).ok());
  ASSERT_TRUE(instance_.Close().ok());
  ASSERT_TRUE(instance_.Open().ok());
  EXPECT_EQ(producers_.Sync(7, 39, {std::string(300, 'v')}), Known(39));
  EXPECT_EQ(producers_.Sync(7, 41, {"x"}).code, Code::kOutOfOrderSequence);
  EXPECT_EQ(producers_.Sync(7, 40, {"x"}), New(40));
}

TEST_P(ProducerAppendTest, ADeletedLogForgetsItsProducers) {
  ASSERT_EQ(producers_.Sync(7, 0, {"a"}), New(0));
  ASSERT_TRUE(instance_.wal()->DeleteLog(instance_.OpenLog(1)).ok());
  EXPECT_EQ(instance_.wal()->Stats().producers, 0u);
  EXPECT_EQ(producers_.Sync(7, 5, {"b"}), New(0));
}

// Its batches lie in several blocks, each of which begins with a snapshot.
TEST_P(ProducerAppendTest, ACallThatIsCutIsADuplicateAsAWhole) {
  const Values large{std::string(1500, 'l')};
  const auto call = [&] {
    std::vector<Bytes> batches;
    for (int32_t i = 0; i < 5; ++i) {
      batches.push_back(MakeProducerBatch(large, 7, 0, 1 + i));
    }
    std::vector<iovec> chunks;
    for (Bytes& batch : batches) chunks.push_back({batch.data(), batch.size()});
    AppendResult result;
    const Status status =
        instance_.wal()->AppendSync(instance_.OpenLog(1), chunks, &result);
    return Outcome{status.code(), result.duplicate, result.base_offset};
  };
  ASSERT_EQ(producers_.Sync(7, 0, {"a"}), New(0));
  EXPECT_EQ(call(), New(1));
  EXPECT_EQ(call(), Known(1));
  ASSERT_TRUE(instance_.Close().ok());
  ASSERT_TRUE(instance_.Open().ok());
  EXPECT_EQ(call(), Known(1));
  EXPECT_EQ(Stored().size(), 6u);
  // A batch that is larger than a block, behind which nothing else fits.
  EXPECT_EQ(producers_.Sync(7, 6, {std::string(7000, 'h')}), New(6));
  EXPECT_EQ(producers_.Sync(7, 7, {"b"}), New(7));
  EXPECT_EQ(producers_.Sync(7, 6, {std::string(7000, 'h')}), Known(6));
  EXPECT_EQ(Stored().size(), 8u);
}

// Whoever comes first appends it; the others are told where.
TEST_P(ProducerAppendTest, ThreadsThatSendTheSameBatchesAppendThemOnce) {
  constexpr int32_t kCalls = 150;
  std::array<std::vector<uint64_t>, 4> offsets;
  std::vector<std::thread> threads;
  for (std::vector<uint64_t>& mine : offsets) {
    threads.emplace_back([this, &mine] {
      Producers producers(&instance_);
      for (int32_t i = 0; i < kCalls; ++i) {
        // One that is far ahead of this thread leaves nothing else to learn.
        const Outcome outcome = producers.Sync(7, i, {std::to_string(i)});
        const bool is_late = outcome.code == Code::kDuplicateSequence;
        EXPECT_TRUE(outcome.code == Code::kOk || is_late) << outcome;
        mine.push_back(is_late ? static_cast<uint64_t>(i)
                               : outcome.base_offset);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Values stored = Stored();
  ASSERT_EQ(stored.size(), static_cast<size_t>(kCalls));
  for (size_t i = 0; i < stored.size(); ++i) {
    EXPECT_EQ(stored[i], std::to_string(i));
    for (const std::vector<uint64_t>& mine : offsets) EXPECT_EQ(mine[i], i);
  }
}

class ProducerBoundsTest : public testing::Test {
 protected:
  FaultyFileSystem disk_;
};

TEST_F(ProducerBoundsTest, OfTheInstanceTheOneThatAppendedLongestAgoGoes) {
  Options options = SmallOptions(&disk_, FsyncMode::kNoFsync);
  options.producers_max = 4;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  Producers producers(&instance);
  for (uint8_t topic = 1; topic <= 4; ++topic) {
    disk_.AdvanceClockMs(1);
    EXPECT_EQ(producers.Sync(7, 0, {"a"}, topic), New(0));
  }
  EXPECT_EQ(instance.wal()->Stats().producers, 4u);
  disk_.AdvanceClockMs(1);
  EXPECT_EQ(producers.Sync(7, 1, {"b"}, 1), New(1));
  disk_.AdvanceClockMs(1);
  EXPECT_EQ(producers.Sync(7, 0, {"a"}, 5), New(0));
  EXPECT_EQ(instance.wal()->Stats().producers, 4u);
  EXPECT_EQ(producers.Sync(7, 1, {"b"}, 1), Known(1));
  EXPECT_EQ(producers.Sync(7, 0, {"a"}, 2), New(1)) << "2 was forgotten";
}

TEST_F(ProducerBoundsTest, ALogRemembersNoMoreThanASnapshotHasRoomFor) {
  Options options = SmallOptions(&disk_, FsyncMode::kNoFsync);
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  Producers producers(&instance);
  for (int64_t id = 0; id < 100; ++id) {
    ASSERT_EQ(producers.Sync(id, 0, {"a"}).code, Code::kOk);
  }
  const uint64_t known = instance.wal()->Stats().producers;
  EXPECT_EQ(known, 9u) << "1 KiB of 4";
  ASSERT_TRUE(instance.Close().ok());
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_EQ(instance.wal()->Stats().producers, known);
  EXPECT_EQ(producers.Sync(99, 0, {"a"}), Known(99));
}

TEST_F(ProducerBoundsTest, TimeIsCountedAcrossARestart) {
  Options options = SmallOptions(&disk_, FsyncMode::kSyncEach);
  options.producer_expiration_ms = 1000;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  Producers producers(&instance);
  EXPECT_EQ(producers.Sync(7, 0, {"a"}), New(0));
  ASSERT_TRUE(instance.Close().ok());
  disk_.AdvanceClockMs(999);
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_EQ(producers.Sync(7, 0, {"a"}), Known(0));
  disk_.AdvanceClockMs(1);
  EXPECT_EQ(producers.Sync(7, 55, {"b"}), New(1)) << "forgotten";
}

// As it is with Kafka's clients that are not idempotent (kafkajs).
TEST_F(ProducerBoundsTest, WithoutAProducerIdNothingIsChecked) {
  TestInstance instance(SmallOptions(&disk_, FsyncMode::kNoFsync));
  ASSERT_TRUE(instance.Open().ok());
  Producers producers(&instance);
  for (uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(producers.Sync(-1, 0, {"a"}), New(i));
  }
  EXPECT_EQ(instance.wal()->Stats().producers, 0u);
}

}  // namespace
}  // namespace walrus
