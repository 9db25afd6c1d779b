#include "wal/batch_header.h"

#include <gtest/gtest.h>

#include "testing/test_batches.h"
#include "wal/byte_order.h"
#include "wal/crc32c.h"

namespace walrus {
namespace {

constexpr uint64_t kNoLimit = UINT64_MAX;

Status Verify(Bytes bytes, std::vector<CheckedBatch>* batches,
              uint64_t limit = kNoLimit) {
  const iovec chunk{bytes.data(), bytes.size()};
  return VerifyBatches({&chunk, 1}, limit, batches);
}

void FixCrc(Bytes* batch) {
  StoreBig(batch->data() + 17, Crc32c(batch->data() + 21, batch->size() - 21));
}

Bytes ThreeBatches() {
  Bytes call = MakeBatch({"one", "two", "three"}, 100);
  for (const Bytes& more :
       {MakeBatch({std::string(300, 'x')}, 50), MakeBatch({"", "y"}, 200)}) {
    call.insert(call.end(), more.begin(), more.end());
  }
  return call;
}

TEST(BatchHeaderTest, EveryFieldSurvives) {
  const BatchHeader header{-5, 99, 7,         2, 0xdeadbeef, 0x38, 4,
                           10, 20, 1ll << 50, 3, -1,         5};
  Bytes bytes(kBatchHeaderBytes);
  header.EncodeTo(bytes.data());
  EXPECT_EQ(BatchHeader::Parse(bytes.data()), header);
}

TEST(BatchHeaderTest, ListsTheBatchesOfACall) {
  std::vector<CheckedBatch> batches;
  ASSERT_TRUE(Verify(ThreeBatches(), &batches).ok());
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[0].record_count, 3u);
  EXPECT_EQ(batches[0].max_timestamp, 102);
  EXPECT_EQ(batches[1].position, batches[0].bytes);
  EXPECT_EQ(batches[2].position, batches[0].bytes + batches[1].bytes);
  EXPECT_EQ(batches[2].record_count, 2u);
}

TEST(BatchHeaderTest, ACallCutAnywhereGivesTheSameAnswerAndBytes) {
  Bytes whole = ThreeBatches();
  const iovec one{whole.data(), whole.size()};
  std::vector<CheckedBatch> expected;
  ASSERT_TRUE(VerifyBatches({&one, 1}, kNoLimit, &expected).ok());
  const Bytes unstamped = whole;
  StampBatches({&one, 1}, expected, 1000, 9, 7777);
  uint32_t expected_crc = 0;
  for (const CheckedBatch& batch : expected) {
    expected_crc = ExtendHeadersCrc(expected_crc, {&one, 1}, batch);
  }

  for (size_t cut = 0; cut <= unstamped.size(); ++cut) {
    Bytes bytes = unstamped;
    // A second cut and an empty chunk follow the first one.
    const size_t second = std::min(cut + 5, bytes.size());
    const auto chunks = CutIntoChunks(&bytes, {cut, cut, second});
    std::vector<CheckedBatch> batches;
    ASSERT_TRUE(VerifyBatches(chunks, kNoLimit, &batches).ok()) << cut;
    ASSERT_EQ(batches.size(), expected.size());
    StampBatches(chunks, batches, 1000, 9, 7777);
    ASSERT_EQ(bytes, whole) << cut;
    uint32_t crc = 0;
    for (size_t i = 0; i < batches.size(); ++i) {
      ASSERT_EQ(batches[i].position, expected[i].position);
      ASSERT_EQ(batches[i].bytes, expected[i].bytes);
      ASSERT_EQ(batches[i].max_timestamp, 7777);
      crc = ExtendHeadersCrc(crc, chunks, batches[i]);
    }
    ASSERT_EQ(crc, expected_crc) << cut;

    std::vector<iovec> parts;
    SliceChunks(chunks, batches[1].chunk, batches[1].chunk_position,
                batches[1].bytes + batches[2].bytes, &parts);
    Bytes slice;
    for (const iovec& part : parts) {
      const auto* from = static_cast<const std::byte*>(part.iov_base);
      slice.insert(slice.end(), from, from + part.iov_len);
    }
    ASSERT_EQ(slice, Bytes(whole.begin() + batches[0].bytes, whole.end()));
  }
}

TEST(BatchHeaderTest, StampingLeavesTheProducersCrcAndBodyAlone) {
  Bytes bytes = MakeBatch({"a", "b"}, 1);
  const Bytes before = bytes;
  const iovec chunk{bytes.data(), bytes.size()};
  std::vector<CheckedBatch> batches;
  ASSERT_TRUE(VerifyBatches({&chunk, 1}, kNoLimit, &batches).ok());
  StampBatches({&chunk, 1}, batches, 0x0102030405060708, 0x0a0b0c0d);
  BatchHeader header;
  EXPECT_EQ(VerifyBatch(bytes, &header), BatchDefect::kNone);
  EXPECT_EQ(header.base_offset, 0x0102030405060708);
  EXPECT_EQ(header.leader_epoch, 0x0a0b0c0d);
  EXPECT_TRUE(std::equal(bytes.begin() + 16, bytes.end(), before.begin() + 16));
}

TEST(BatchHeaderTest, LogAppendTimeIsSetUnderAGoodCrc) {
  for (size_t value_bytes : {0u, 1u, 63u, 4096u, 1000'000u}) {
    Bytes bytes = MakeBatchOfSize(value_bytes, 3);
    const iovec chunk{bytes.data(), bytes.size()};
    std::vector<CheckedBatch> batches;
    ASSERT_TRUE(VerifyBatches({&chunk, 1}, kNoLimit, &batches).ok());
    StampBatches({&chunk, 1}, batches, 0, 0, 123456789);
    BatchHeader header;
    ASSERT_EQ(VerifyBatch(bytes, &header), BatchDefect::kNone);
    EXPECT_TRUE(header.is_log_append_time());
    EXPECT_EQ(header.max_timestamp, 123456789);
    EXPECT_EQ(batches[0].max_timestamp, 123456789);
  }
}

TEST(BatchHeaderTest, EveryFlippedBitOfABatchIsRefusedButTheStampedFields) {
  Bytes bytes = MakeBatch({"value one", "value two"}, 5);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const size_t at = bit / 8;
    const bool is_stamped = at < 8 || (at >= 12 && at < 16);
    bytes[at] ^= static_cast<std::byte>(1u << (bit % 8));
    std::vector<CheckedBatch> batches;
    ASSERT_EQ(Verify(bytes, &batches).ok(), is_stamped) << "bit " << bit;
    bytes[at] ^= static_cast<std::byte>(1u << (bit % 8));
  }
}

TEST(BatchHeaderTest, NamesEachDefect) {
  std::vector<CheckedBatch> batches;
  const auto expect = [&batches](const Bytes& bytes, BatchDefect defect,
                                 Code code) {
    const Status status = Verify(bytes, &batches, 10'000);
    EXPECT_EQ(status.code(), code) << status.ToString();
    EXPECT_NE(status.message().find(BatchDefectText(defect)), std::string::npos)
        << status.ToString();
  };
  const Bytes good = MakeBatch({"a", "b"}, 1);

  Bytes bad = good;
  bad.pop_back();
  expect(bad, BatchDefect::kTruncated, Code::kInvalidInput);
  expect(Bytes(good.begin(), good.begin() + 60), BatchDefect::kTruncated,
         Code::kInvalidInput);
  bad = good;
  bad[16] = std::byte{1};
  expect(bad, BatchDefect::kBadMagic, Code::kInvalidInput);
  bad = good;
  StoreBig(bad.data() + 8, int32_t{48});
  expect(bad, BatchDefect::kBadLength, Code::kInvalidInput);
  StoreBig(bad.data() + 8, int32_t{-1});
  expect(bad, BatchDefect::kBadLength, Code::kInvalidInput);
  StoreBig(bad.data() + 8, INT32_MAX);
  expect(bad, BatchDefect::kTooLarge, Code::kInvalidInput);
  bad = good;
  StoreBig(bad.data() + 57, int32_t{3});
  FixCrc(&bad);
  expect(bad, BatchDefect::kBadCount, Code::kInvalidInput);
  bad = good;
  StoreBig(bad.data() + 57, int32_t{0});
  StoreBig(bad.data() + 23, int32_t{-1});
  FixCrc(&bad);
  expect(bad, BatchDefect::kBadCount, Code::kInvalidInput);
  bad = good;
  StoreBig(bad.data() + 21, int16_t{5});
  FixCrc(&bad);
  expect(bad, BatchDefect::kBadCompression, Code::kInvalidInput);
  bad = good;
  bad.back() ^= std::byte{1};
  expect(bad, BatchDefect::kBadCrc, Code::kCorrupt);
}

TEST(BatchHeaderTest, ACallOfNothingIsRefused) {
  std::vector<CheckedBatch> batches;
  EXPECT_EQ(VerifyBatches({}, kNoLimit, &batches).code(), Code::kInvalidInput);
  const iovec empty{nullptr, 0};
  EXPECT_EQ(VerifyBatches({&empty, 1}, kNoLimit, &batches).code(),
            Code::kInvalidInput);
}

TEST(BatchHeaderTest, ADefectInALaterBatchNamesItAndItsPlace) {
  Bytes call = ThreeBatches();
  call.back() ^= std::byte{1};
  std::vector<CheckedBatch> batches;
  const Status status = Verify(call, &batches);
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_EQ(status.message().find("batch 2 at byte "), 0u) << status.message();
}

CommitFrame FrameAt(uint64_t base_offset) {
  CommitFrame frame;
  frame.block_id = 3;
  frame.run_position = 512;
  frame.base_offset = base_offset;
  frame.call_base_offset = base_offset;
  frame.leader_epoch = 4;
  return frame;
}

TEST(VerifyRunTest, ARunMatchesItsFrameAndNoOther) {
  CommitFrame frame = FrameAt(500);
  const Bytes bytes =
      MakeRun({MakeBatch({"a", "b"}, 10), MakeBatch({"c"}, 5)}, &frame);
  const std::span<const std::byte> run =
      std::span(bytes).first(frame.run_length);
  ASSERT_TRUE(VerifyRun(frame, run).ok());
  EXPECT_EQ(frame.next_offset, 503u);
  EXPECT_EQ(frame.max_timestamp, 11);

  const auto expect_refused = [&run](CommitFrame changed) {
    EXPECT_EQ(VerifyRun(changed, run).code(), Code::kCorrupt);
  };
  CommitFrame changed = frame;
  ++changed.base_offset;
  expect_refused(changed);
  changed = frame;
  ++changed.next_offset;
  expect_refused(changed);
  changed = frame;
  ++changed.batch_count;
  expect_refused(changed);
  changed = frame;
  ++changed.max_timestamp;
  expect_refused(changed);
  changed = frame;
  ++changed.headers_crc;
  expect_refused(changed);
  changed = frame;
  --changed.run_length;
  expect_refused(changed);
}

TEST(VerifyRunTest, EveryFlippedBitOfARunIsFound) {
  CommitFrame frame = FrameAt(500);
  Bytes bytes =
      MakeRun({MakeBatch({"a", "b"}, 10), MakeBatch({"c"}, 5)}, &frame);
  for (size_t bit = 0; bit < frame.run_length * 8u; ++bit) {
    bytes[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    ASSERT_FALSE(
        VerifyRun(frame, std::span(bytes).first(frame.run_length)).ok())
        << bit;
    bytes[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
  }
}

TEST(VerifyRunTest, ABareFrameGoesWithAnEmptyRun) {
  CommitFrame frame = FrameAt(7);
  frame.bare = true;
  frame.next_offset = 7;
  frame.max_timestamp = 99;
  EXPECT_TRUE(VerifyRun(frame, {}).ok());
}

}  // namespace
}  // namespace walrus
