// The rules of Kafka's ProducerStateManager, and the bounds.
#include "wal/producer_table.h"

#include <gtest/gtest.h>

#include "testing/test_batches.h"
#include "wal/producer_snapshot.h"

namespace walrus {
namespace {

constexpr uint64_t kDayMs = 86'400'000;
constexpr int32_t kLastSequence = 0x7fffffff;

struct Answer {
  Code code = Code::kOk;
  bool duplicate = false;
  uint64_t base_offset = 0;
  bool operator==(const Answer&) const = default;
};

Answer New(uint64_t base_offset) { return {Code::kOk, false, base_offset}; }
Answer Known(uint64_t base_offset) { return {Code::kOk, true, base_offset}; }
Answer Refused(Code code) { return {code, false, 0}; }

class ProducerTableTest : public testing::Test {
 protected:
  static std::vector<CheckedBatch> Batches(int64_t id, int16_t epoch,
                                           int32_t sequence,
                                           const std::vector<uint32_t>& sizes) {
    std::vector<CheckedBatch> batches;
    for (const uint32_t size : sizes) {
      CheckedBatch batch;
      batch.record_count = size;
      batch.producer_id = id;
      batch.producer_epoch = epoch;
      batch.base_sequence = sequence;
      batches.push_back(batch);
      sequence = static_cast<int32_t>((static_cast<uint32_t>(sequence) + size) &
                                      0x7fffffffu);
    }
    return batches;
  }

  // One call, remembered when it is new.
  Answer Append(int64_t id, int16_t epoch, int32_t sequence,
                const std::vector<uint32_t>& sizes = {1}) {
    const std::vector<CheckedBatch> batches =
        Batches(id, epoch, sequence, sizes);
    ProducerCall call;
    Status status = ReadProducerCall(batches, &call);
    Answer answer;
    if (status.ok()) {
      status = table_.Check(call, batches, now_, &answer.duplicate,
                            &answer.base_offset);
    }
    answer.code = status.code();
    if (!status.ok() || answer.duplicate) return answer;
    answer.base_offset = end_;
    table_.Remember(call, batches, end_, now_);
    for (const uint32_t size : sizes) end_ += size;
    if (settles_) table_.Settle(end_);
    return answer;
  }

  std::atomic<uint64_t> count_{0};
  ProducerTable table_{{3, kDayMs}, &count_};
  uint64_t end_ = 0;
  int64_t now_ = 1'000'000;
  bool settles_ = true;
};

TEST_F(ProducerTableTest, ADuplicateOfTheLastFiveIsAnsweredWithItsOffset) {
  for (int32_t i = 0; i < 7; ++i)
    EXPECT_EQ(Append(1, 0, i * 2, {2}), New(i * 2));
  for (int32_t i = 2; i < 7; ++i) {
    EXPECT_EQ(Append(1, 0, i * 2, {2}), Known(static_cast<uint64_t>(i) * 2));
  }
  EXPECT_EQ(Append(1, 0, 2, {2}), Refused(Code::kDuplicateSequence));
  EXPECT_EQ(Append(1, 0, 0, {2}), Refused(Code::kDuplicateSequence));
  EXPECT_EQ(Append(1, 0, 14, {2}), New(14));
}

TEST_F(ProducerTableTest, AGapIsOutOfOrder) {
  EXPECT_EQ(Append(1, 0, 0), New(0));
  EXPECT_EQ(Append(1, 0, 2), Refused(Code::kOutOfOrderSequence));
  EXPECT_EQ(Append(1, 0, 1), New(1));
}

TEST_F(ProducerTableTest, ABatchThatOverlapsARememberedOneIsOutOfOrder) {
  EXPECT_EQ(Append(1, 0, 0, {4}), New(0));
  EXPECT_EQ(Append(1, 0, 0, {3}), Refused(Code::kOutOfOrderSequence));
  EXPECT_EQ(Append(1, 0, 2, {4}), Refused(Code::kOutOfOrderSequence));
}

TEST_F(ProducerTableTest, ProducersDoNotMeet) {
  EXPECT_EQ(Append(1, 0, 0), New(0));
  EXPECT_EQ(Append(2, 0, 0), New(1));
  EXPECT_EQ(Append(1, 0, 1), New(2));
  EXPECT_EQ(Append(2, 0, 0), Known(1));
}

TEST_F(ProducerTableTest, ANewEpochBeginsAtSequenceZeroAndFencesTheOldOne) {
  EXPECT_EQ(Append(1, 3, 0), New(0));
  EXPECT_EQ(Append(1, 4, 1), Refused(Code::kOutOfOrderSequence));
  EXPECT_EQ(Append(1, 4, 0), New(1));
  EXPECT_EQ(Append(1, 3, 1), Refused(Code::kInvalidProducerEpoch));
  EXPECT_EQ(Append(1, 3, 0), Refused(Code::kInvalidProducerEpoch));
  EXPECT_EQ(Append(1, 4, 0), Known(1));
}

TEST_F(ProducerTableTest, AProducerThatNobodyRemembersMayBeginAnywhere) {
  EXPECT_EQ(Append(1, 0, 77), New(0));
  EXPECT_EQ(Append(1, 0, 78), New(1));
  EXPECT_EQ(Append(1, 0, 77), Known(0));
  // Not one that is remembered, though it is behind all of them.
  EXPECT_EQ(Append(1, 0, 70), Refused(Code::kDuplicateSequence));
}

TEST_F(ProducerTableTest, SequencesGoOnAtZeroAfterTheLast) {
  EXPECT_EQ(Append(1, 0, kLastSequence - 2, {2}), New(0));
  EXPECT_EQ(Append(1, 0, kLastSequence, {3}), New(2));
  EXPECT_EQ(Append(1, 0, 2, {1}), New(5));
  EXPECT_EQ(Append(1, 0, kLastSequence, {3}), Known(2));
  EXPECT_EQ(Append(1, 0, kLastSequence - 2, {2}), Known(0));
  EXPECT_EQ(Append(1, 0, kLastSequence - 4, {2}),
            Refused(Code::kDuplicateSequence));
  EXPECT_EQ(Append(1, 0, 4, {1}), Refused(Code::kOutOfOrderSequence));
}

TEST_F(ProducerTableTest, AWholeCallIsADuplicateOrNothingOfIt) {
  EXPECT_EQ(Append(1, 0, 0, {2, 3, 1}), New(0));
  EXPECT_EQ(Append(1, 0, 0, {2, 3, 1}), Known(0));
  EXPECT_EQ(Append(1, 0, 2, {3, 1}), Known(2));
  EXPECT_EQ(Append(1, 0, 5, {1, 1}), Refused(Code::kOutOfOrderSequence));
}

TEST_F(ProducerTableTest, BatchesOfTwoCallsAreNoDuplicateOfOne) {
  EXPECT_EQ(Append(1, 0, 0), New(0));
  EXPECT_EQ(Append(2, 0, 0), New(1));
  EXPECT_EQ(Append(1, 0, 1), New(2));
  EXPECT_EQ(Append(1, 0, 0, {1, 1}), Refused(Code::kOutOfOrderSequence));
}

TEST_F(ProducerTableTest, ACallIsOfOneProducerAndAtMostFiveBatches) {
  EXPECT_EQ(Append(1, 0, 0, {1, 1, 1, 1, 1}), New(0));
  EXPECT_EQ(Append(1, 0, 5, {1, 1, 1, 1, 1, 1}), Refused(Code::kInvalidInput));
  EXPECT_EQ(Append(1, -1, 0), Refused(Code::kInvalidInput));
  EXPECT_EQ(Append(1, 0, -1), Refused(Code::kInvalidInput));
  ProducerCall call;
  std::vector<CheckedBatch> mixed = Batches(1, 0, 0, {1, 1});
  mixed[1].producer_id = 2;
  EXPECT_EQ(ReadProducerCall(mixed, &call).code(), Code::kInvalidInput);
  mixed[1].producer_id = -1;
  EXPECT_EQ(ReadProducerCall(mixed, &call).code(), Code::kInvalidInput);
  mixed = Batches(1, 0, 0, {1, 1});
  mixed[1].base_sequence = 5;
  EXPECT_EQ(ReadProducerCall(mixed, &call).code(), Code::kInvalidInput);
  // Non-canonical epochs and sequences of clients without idempotence.
  ASSERT_TRUE(ReadProducerCall(Batches(-1, 0, 0, {1, 1, 1}), &call).ok());
  EXPECT_FALSE(call.is_idempotent());
}

TEST_F(ProducerTableTest, WhatIsTakenBackCanBeAppendedAgain) {
  EXPECT_EQ(Append(1, 0, 0), New(0));
  settles_ = false;
  // More than are remembered: the ones before must be there again.
  for (int32_t i = 1; i < 12; ++i) (void)Append(1, 0, i);
  (void)Append(1, 1, 0);
  (void)Append(2, 0, 0);
  table_.TakeBack(1);
  end_ = 1;
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_EQ(Append(1, 0, 0), Known(0));
  EXPECT_EQ(Append(1, 0, 2), Refused(Code::kOutOfOrderSequence));
  EXPECT_EQ(Append(1, 0, 1), New(1));
  EXPECT_EQ(Append(2, 0, 5), New(2));
}

TEST_F(ProducerTableTest, AProducerIsForgottenWhenItsTimeIsOver) {
  EXPECT_EQ(Append(1, 0, 0), New(0));
  now_ += kDayMs - 1;
  EXPECT_EQ(Append(1, 0, 0), Known(0));
  now_ += 1;
  EXPECT_EQ(Append(1, 0, 9), New(1));
  EXPECT_EQ(table_.size(), 1u);
  EXPECT_EQ(count_, 1u);
}

TEST_F(ProducerTableTest, OfOneTooManyTheOneThatAppendedLongestAgoGoes) {
  for (int64_t id = 1; id <= 3; ++id) (void)Append(id, 0, 0);
  EXPECT_EQ(Append(1, 0, 1), New(3));
  EXPECT_EQ(Append(4, 0, 0), New(4));
  EXPECT_EQ(table_.size(), 3u);
  EXPECT_EQ(count_, 3u);
  EXPECT_EQ(Append(1, 0, 1), Known(3));
  EXPECT_EQ(Append(3, 0, 0), Known(2));
  EXPECT_EQ(Append(2, 0, 0), New(5)) << "2 was forgotten";
}

TEST_F(ProducerTableTest, ASnapshotHasWhatStoodBelowItsEnd) {
  for (int32_t i = 0; i < 8; ++i) (void)Append(1, 0, i);
  (void)Append(2, 0, 0);
  settles_ = false;
  (void)Append(1, 1, 0);
  (void)Append(3, 0, 0);
  ProducerSnapshot snapshot{7, {}, 9, table_.StateAt(9, now_)};
  ASSERT_EQ(snapshot.producers.size(), 2u);
  Bytes bytes(snapshot.EncodedBytes());
  const uint32_t crc = snapshot.EncodeTo(bytes.data());
  ProducerSnapshot read;
  uint32_t read_crc = 0;
  ASSERT_EQ(ProducerSnapshot::Decode(bytes, &read, &read_crc), Decoded::kOk);
  EXPECT_EQ(read, snapshot);
  EXPECT_EQ(read_crc, crc);

  ProducerTable restored({3, kDayMs}, &count_);
  for (const ProducerState& state : read.producers) restored.Restore(state);
  EXPECT_EQ(restored.StateAt(9, now_), snapshot.producers);
  for (const ProducerState& state : read.producers) {
    if (state.producer_id != 1) continue;
    ASSERT_EQ(state.batches.size(), kRememberedBatches);
    EXPECT_EQ(state.batches[0], (ProducerBatch{3, 3, 1, 0}));
  }
}

TEST(ProducerSnapshotTest, EveryFlippedBitAndMissingByteIsNoticed) {
  const ProducerSnapshot snapshot{
      9,
      {1, 2, 3},
      100,
      {{5, 1000, {{10, 3, 2, 1}, {12, 5, 88, 1}}}, {6, 1001, {{99, 0, 1, 0}}}}};
  Bytes bytes(snapshot.EncodedBytes());
  snapshot.EncodeTo(bytes.data());
  EXPECT_EQ(ProducerSnapshot::LengthOf(bytes, snapshot.tag), bytes.size());
  EXPECT_EQ(ProducerSnapshot::LengthOf(bytes, Tag{}), 0u);
  ProducerSnapshot read;
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<std::byte>(1u << (bit % 8));
    bytes[bit / 8] ^= mask;
    ASSERT_NE(ProducerSnapshot::Decode(bytes, &read), Decoded::kOk) << bit;
    bytes[bit / 8] ^= mask;
  }
  for (size_t length = 0; length < bytes.size(); ++length) {
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<long>(length));
    ASSERT_NE(ProducerSnapshot::Decode(cut, &read), Decoded::kOk) << length;
  }
}

}  // namespace
}  // namespace walrus
