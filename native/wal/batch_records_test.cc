#include "wal/batch_records.h"

#include <gtest/gtest.h>

#include "testing/test_batches.h"
#include "wal/byte_order.h"
#include "wal/crc32c.h"

namespace walrus {
namespace {

Bytes Joined(std::span<const iovec> parts) {
  Bytes bytes;
  for (const iovec& part : parts) {
    const auto* from = static_cast<const std::byte*>(part.iov_base);
    bytes.insert(bytes.end(), from, from + part.iov_len);
  }
  return bytes;
}

Bytes Pack(const std::vector<std::span<const std::byte>>& entries,
           int64_t timestamp) {
  Bytes batch(PackedBatchBytes(entries));
  PackEntries(entries, timestamp, batch.data());
  return batch;
}

TEST(EntryBatchTest, WrapsPayloadsOfEverySizeIntoAWholeBatch) {
  for (size_t size :
       {0u, 1u, 50u, 56u, 57u, 63u, 64u, 8190u, 8192u, 1'048'576u}) {
    const Bytes payload(size, std::byte{0x5a});
    EntryBatch entry;
    ASSERT_TRUE(entry.Build(payload, 777).ok());
    EXPECT_EQ(entry.parts()[1].iov_base,
              static_cast<const void*>(payload.data()));
    const Bytes batch = Joined(entry.parts());
    EXPECT_EQ(batch.size(), entry.total_bytes());
    BatchHeader header;
    ASSERT_EQ(VerifyBatch(batch, &header), BatchDefect::kNone) << size;
    EXPECT_EQ(header.record_count, 1);
    EXPECT_EQ(header.TotalBytes(), batch.size());
    RecordWalker walker(batch);
    BatchRecord record;
    ASSERT_TRUE(walker.Next(&record));
    EXPECT_EQ(Bytes(record.value.begin(), record.value.end()), payload);
    EXPECT_EQ(record.timestamp, 777);
    EXPECT_FALSE(walker.Next(&record));
    EXPECT_FALSE(walker.malformed());
  }
}

TEST(EntryBatchTest, IsTheBatchThatPackingOneEntryGives) {
  const Bytes payload = BytesOf("the same either way");
  EntryBatch entry;
  ASSERT_TRUE(entry.Build(payload, 5).ok());
  EXPECT_EQ(Joined(entry.parts()), Pack({payload}, 5));
  EXPECT_EQ(Joined(entry.parts()), MakeBatch({"the same either way"}, 5));
}

TEST(PackEntriesTest, EachEntryComesBackWithItsOffset) {
  std::vector<Bytes> entries;
  std::vector<std::span<const std::byte>> spans;
  for (size_t i = 0; i < 300; ++i) {
    entries.push_back(Bytes(i * 7, static_cast<std::byte>(i)));
  }
  for (const Bytes& entry : entries) spans.push_back(entry);
  Bytes batch = Pack(spans, 9);
  StoreBig(batch.data(), int64_t{1000});
  BatchHeader header;
  ASSERT_EQ(VerifyBatch(batch, &header), BatchDefect::kNone);
  RecordWalker walker(batch);
  BatchRecord record;
  for (size_t i = 0; i < entries.size(); ++i) {
    ASSERT_TRUE(walker.Next(&record));
    EXPECT_EQ(record.offset, 1000 + i);
    ASSERT_EQ(Bytes(record.value.begin(), record.value.end()), entries[i]);
  }
  EXPECT_FALSE(walker.Next(&record));
  EXPECT_FALSE(walker.malformed());
}

TEST(PackEntriesTest, TakesAsManyEntriesAsFitAndAtLeastOne) {
  const Bytes entry(1000);
  const std::vector<std::span<const std::byte>> spans(10, entry);
  EXPECT_EQ(EntriesThatFit(spans, 100), 1u);
  for (size_t count = 1; count <= 10; ++count) {
    const uint64_t bytes = PackedBatchBytes(std::span(spans).first(count));
    EXPECT_EQ(EntriesThatFit(spans, bytes), count);
    EXPECT_EQ(EntriesThatFit(spans, bytes - 1), std::max<size_t>(count, 2) - 1);
  }
  EXPECT_EQ(EntriesThatFit({}, 100), 0u);
  EXPECT_EQ(PackedBatchBytes({}), 0u);
}

TEST(RecordWalkerTest, KeysComeWithTheirRecords) {
  // One record: key "k", value "v", one header "h" = "x".
  Bytes batch(kBatchHeaderBytes);
  const Bytes record_bytes = {
      std::byte{22},  std::byte{0}, std::byte{8},   std::byte{0}, std::byte{2},
      std::byte{'k'}, std::byte{2}, std::byte{'v'}, std::byte{2}, std::byte{2},
      std::byte{'h'}, std::byte{2}, std::byte{'x'}};
  batch.insert(batch.end(), record_bytes.begin(), record_bytes.end());
  // The length counts what follows it.
  batch[kBatchHeaderBytes] =
      static_cast<std::byte>(2 * (record_bytes.size() - 1));
  BatchHeader header;
  header.length = static_cast<int32_t>(batch.size() - kBatchLengthOverhead);
  header.record_count = 1;
  header.base_timestamp = 100;
  header.max_timestamp = 104;
  header.EncodeTo(batch.data());
  RecordWalker walker(batch);
  BatchRecord record;
  ASSERT_TRUE(walker.Next(&record));
  EXPECT_EQ(record.key.size(), 1u);
  EXPECT_EQ(record.key[0], std::byte{'k'});
  EXPECT_EQ(record.value[0], std::byte{'v'});
  EXPECT_EQ(record.timestamp, 104);
}

TEST(RecordWalkerTest, NoCorruptedRecordsReadPastTheBatch) {
  const Bytes good = MakeBatch({"first value", "second", "third"}, 5);
  for (size_t at = kBatchHeaderBytes; at < good.size(); ++at) {
    for (unsigned value : {0u, 1u, 0x7fu, 0x80u, 0xffu}) {
      Bytes bad = good;
      bad[at] = static_cast<std::byte>(value);
      RecordWalker walker(bad);
      BatchRecord record;
      int count = 0;
      while (walker.Next(&record)) {
        ++count;
        const std::byte* const end = bad.data() + bad.size();
        ASSERT_LE(record.value.data() + record.value.size(), end);
      }
      ASSERT_LE(count, 3);
      ASSERT_EQ(count == 3, !walker.malformed());
    }
  }
}

TEST(FindTimestampTest, AnswersTheFirstRecordThatIsLateEnough) {
  Bytes batch = MakeBatch({"a", "b", "c"}, 100);  // at 100, 101, 102
  StoreBig(batch.data(), int64_t{50});
  EXPECT_EQ(FindTimestamp(batch, 0)->offset, 50u);
  EXPECT_EQ(FindTimestamp(batch, 100)->offset, 50u);
  EXPECT_EQ(FindTimestamp(batch, 101)->offset, 51u);
  EXPECT_EQ(FindTimestamp(batch, 102)->offset, 52u);
  EXPECT_EQ(FindTimestamp(batch, 102)->timestamp, 102);
  EXPECT_FALSE(FindTimestamp(batch, 103).has_value());
}

TEST(FindTimestampTest, ACompressedBatchAnswersAsAWhole) {
  Bytes batch = MakeBatch({"a", "b", "c"}, 100);
  StoreBig(batch.data() + 21, int16_t{2});
  EXPECT_EQ(FindTimestamp(batch, 102)->offset, 0u);
  EXPECT_EQ(FindTimestamp(batch, 102)->timestamp, 102);
  EXPECT_FALSE(FindTimestamp(batch, 103).has_value());
}

TEST(FindTimestampTest, WithLogAppendTimeTheFirstRecordHasTheBatchsTime) {
  Bytes batch = MakeBatch({"a", "b"}, 100);
  const iovec chunk{batch.data(), batch.size()};
  std::vector<CheckedBatch> batches;
  ASSERT_TRUE(VerifyBatches({&chunk, 1}, UINT64_MAX, &batches).ok());
  StampBatches({&chunk, 1}, batches, 8, 0, 5000);
  EXPECT_EQ(FindTimestamp(batch, 4000)->offset, 8u);
  EXPECT_EQ(FindTimestamp(batch, 4000)->timestamp, 5000);
}

TEST(FindTimestampTest, RecordsThatCannotBeWalkedAnswerAsAWholeBatch) {
  Bytes batch = MakeBatch({"a", "b"}, 100);
  batch[kBatchHeaderBytes] = std::byte{0xff};
  EXPECT_EQ(FindTimestamp(batch, 101)->offset, 0u);
}

}  // namespace
}  // namespace walrus
