#include "wal/format.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/test_batches.h"
#include "wal/byte_order.h"
#include "wal/crc32c.h"

namespace walrus {
namespace {

constexpr LogId kLog{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
                     77};
constexpr Tag kTag{9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 11, 12, 13, 14, 15, 255};
constexpr InstanceId kInstance{42, 41, 40};

FileHeader SampleFileHeader() {
  return {10u << 20, 100, 1700000000123, kInstance};
}

BlockHeader SampleBlockHeader() {
  return {991, kLog, 5, 3, 1ull << 40, kTag, 1700000000123, 17, 2, 77, 0xabcd};
}

Checkpoint SampleCheckpoint() {
  return {true, 991,  kTag,   12, 64 * 1000, 5000,
          -1,   4990, 0x1234, 96, 64 * 1000};
}

CommitFrame SampleFrame() {
  return {true, false, false, 5, kTag, 991,           kLog, 576,       12345,
          3,    10,    20,    5, 9,    1700000000999, 777,  0xfeedbeef};
}

Seal SampleSeal() {
  return {0x99,
          991,
          kTag,
          1000,
          1700000000000,
          999,
          {{0, 512, 5}, {100, 70000, 6}, {900, 140032, 7}}};
}

GroupHeader SampleGroupHeader() { return {3, 8, kTag, 100, 99, 5000, 0x77}; }

JournalHeader SampleJournalHeader() { return {true, 9, 12, kTag, kInstance}; }

CursorFileHeader SampleCursorFileHeader() { return {6, 3, kInstance, kTag}; }

LockRecord SampleLockRecord() { return {4, kInstance, "0b1c-77", true, 2}; }

// Encodes, decodes, and then expects that no flipped bit and no missing byte
// goes unnoticed.
template <typename T>
void ExpectRoundTripAndEveryBitGuarded(const T& value, size_t size) {
  Bytes bytes(size);
  value.EncodeTo(bytes.data());
  T decoded;
  ASSERT_EQ(T::Decode(bytes, &decoded), Decoded::kOk);
  EXPECT_EQ(decoded, value);
  for (size_t bit = 0; bit < size * 8; ++bit) {
    const std::byte mask = static_cast<std::byte>(1u << (bit % 8));
    bytes[bit / 8] ^= mask;
    T refused;
    ASSERT_NE(T::Decode(bytes, &refused), Decoded::kOk) << "bit " << bit;
    bytes[bit / 8] ^= mask;
  }
  for (size_t length = 0; length < size; ++length) {
    // Copied, so that a read past the end is one past an allocation.
    const Bytes cut(bytes.begin(), bytes.begin() + static_cast<long>(length));
    ASSERT_NE(T::Decode(cut, &decoded), Decoded::kOk) << length;
  }
}

TEST(FormatTest, FileHeaderSurvivesAndGuardsEveryBit) {
  ExpectRoundTripAndEveryBitGuarded(SampleFileHeader(), kFileHeaderBytes);
}
TEST(FormatTest, BlockHeaderSurvivesAndGuardsEveryBit) {
  ExpectRoundTripAndEveryBitGuarded(SampleBlockHeader(), kBlockHeaderBytes);
}
TEST(FormatTest, CheckpointSurvivesAndGuardsEveryBit) {
  ExpectRoundTripAndEveryBitGuarded(SampleCheckpoint(), kCheckpointBytes);
}
TEST(FormatTest, CommitFrameSurvivesAndGuardsEveryBit) {
  ExpectRoundTripAndEveryBitGuarded(SampleFrame(), kFrameBytes);
}
TEST(FormatTest, SealSurvivesAndGuardsEveryBit) {
  ExpectRoundTripAndEveryBitGuarded(SampleSeal(), SampleSeal().EncodedBytes());
}
TEST(FormatTest, JournalHeaderSurvivesAndGuardsEveryBit) {
  ExpectRoundTripAndEveryBitGuarded(SampleJournalHeader(), kJournalHeaderBytes);
}
TEST(FormatTest, GroupHeaderSurvivesAndGuardsEveryBit) {
  ExpectRoundTripAndEveryBitGuarded(SampleGroupHeader(), kGroupHeaderBytes);
}
TEST(FormatTest, CursorFileHeaderSurvivesAndGuardsEveryBit) {
  ExpectRoundTripAndEveryBitGuarded(SampleCursorFileHeader(),
                                    kCursorFileHeaderBytes);
}
TEST(FormatTest, LockRecordSurvivesAndGuardsEveryBit) {
  ExpectRoundTripAndEveryBitGuarded(SampleLockRecord(), kLockRecordBytes);
}

TEST(FormatTest, CursorRecordsOfEveryNameLengthGuardEveryBit) {
  for (size_t name_bytes : {0u, 1u, 11u, 12u, 13u, 76u, 77u, 249u}) {
    CursorRecord record{CursorRecordType::kCursorSet, kLog, 99, 8, 7,
                        std::string(name_bytes, 'n')};
    Bytes bytes(record.EncodedBytes());
    ASSERT_EQ(bytes.size() % kCursorRecordAlignment, 0u);
    record.EncodeTo(kTag, bytes.data());
    CursorRecord decoded;
    ASSERT_EQ(CursorRecord::Decode(bytes, kTag, &decoded), Decoded::kOk);
    EXPECT_EQ(decoded, record);
    EXPECT_EQ(CursorRecord::Decode(bytes, Tag{1}, &decoded),
              Decoded::kBadChecksum);
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      const std::byte mask = static_cast<std::byte>(1u << (bit % 8));
      bytes[bit / 8] ^= mask;
      ASSERT_NE(CursorRecord::Decode(bytes, kTag, &decoded), Decoded::kOk)
          << name_bytes << " bit " << bit;
      bytes[bit / 8] ^= mask;
    }
    for (size_t length = 0; length < bytes.size(); ++length) {
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<long>(length));
      ASSERT_NE(CursorRecord::Decode(cut, kTag, &decoded), Decoded::kOk);
    }
  }
}

template <typename T>
uint32_t FingerprintOf(const T& value, size_t size) {
  Bytes bytes(size);
  value.EncodeTo(bytes.data());
  return Crc32c(bytes.data(), bytes.size() - sizeof(uint32_t));
}

// A structure that changes here can no longer read the directories of version
// 1: it needs a version of its own and a decoder for the old one.
TEST(FormatTest, Version1KeepsItsBytes) {
  EXPECT_EQ(FingerprintOf(SampleFileHeader(), kFileHeaderBytes), 0xe2c2be63u);
  EXPECT_EQ(FingerprintOf(SampleBlockHeader(), kBlockHeaderBytes), 0x574907e8u);
  EXPECT_EQ(FingerprintOf(SampleCheckpoint(), kCheckpointBytes), 0x2f4b3759u);
  EXPECT_EQ(FingerprintOf(SampleFrame(), kFrameBytes), 0x2d995a1bu);
  EXPECT_EQ(FingerprintOf(SampleSeal(), SampleSeal().EncodedBytes()),
            0xfa1bc1a4u);
  EXPECT_EQ(FingerprintOf(SampleJournalHeader(), kJournalHeaderBytes),
            0x7d6308d4u);
  EXPECT_EQ(FingerprintOf(SampleGroupHeader(), kGroupHeaderBytes), 0x012e583cu);
  EXPECT_EQ(FingerprintOf(SampleCursorFileHeader(), kCursorFileHeaderBytes),
            0x0cb526a5u);
  // Version 2 of LOCK, which differs in that alone, keeps engines out that know
  // no snapshots of producers.
  EXPECT_EQ(FingerprintOf(SampleLockRecord(), kLockRecordBytes), 0x02dd3e03u);
  CursorRecord record{CursorRecordType::kLogStart, kLog, 99, 8, 7, "name"};
  Bytes bytes(record.EncodedBytes());
  record.EncodeTo(kTag, bytes.data());
  EXPECT_EQ(Crc32c(bytes.data(), bytes.size()), 0x78d510b1u);
}

TEST(FormatTest, GroupEntrySurvives) {
  const GroupEntry entry{EntryKind::kBlockHeader, 512, 1700000000123, 4096};
  Bytes bytes(kGroupEntryBytes);
  entry.EncodeTo(bytes.data());
  GroupEntry decoded;
  ASSERT_EQ(GroupEntry::Decode(bytes, &decoded), Decoded::kOk);
  EXPECT_EQ(decoded, entry);
  bytes[0] = std::byte{9};
  EXPECT_EQ(GroupEntry::Decode(bytes, &decoded), Decoded::kBadField);
}

TEST(FormatTest, CommitFrameFieldsLieWhereTheFormatSays) {
  Bytes bytes(kFrameBytes);
  const uint32_t crc = SampleFrame().EncodeTo(bytes.data());
  CommitFrame frame;
  uint32_t decoded_crc = 0;
  ASSERT_EQ(CommitFrame::Decode(bytes, &frame, &decoded_crc), Decoded::kOk);
  EXPECT_EQ(crc, decoded_crc);
  EXPECT_EQ(std::to_integer<char>(bytes[0]), 'W');
  EXPECT_EQ(std::to_integer<char>(bytes[7]), '1');
  EXPECT_EQ(std::to_integer<int>(bytes[8]), 1);    // version
  EXPECT_EQ(std::to_integer<int>(bytes[10]), 1);   // last of call
  EXPECT_EQ(std::to_integer<int>(bytes[16]), 9);   // tag
  EXPECT_EQ(std::to_integer<int>(bytes[56]), 77);  // partition
  EXPECT_EQ(std::to_integer<int>(bytes[72]), 10);  // base offset
}

TEST(FormatTest, UnknownVersionIsToldFromDamage) {
  Bytes bytes(kFileHeaderBytes);
  SampleFileHeader().EncodeTo(bytes.data());
  bytes[8] = std::byte{2};
  FileHeader header;
  EXPECT_EQ(FileHeader::Decode(bytes, &header), Decoded::kBadChecksum);
  StoreLittle(bytes.data() + kFileHeaderBytes - 4,
              Crc32c(bytes.data(), kFileHeaderBytes - 4));
  EXPECT_EQ(FileHeader::Decode(bytes, &header), Decoded::kBadVersion);
}

TEST(FormatTest, FileHeaderRefusesGeometryOutOfBounds) {
  for (const auto& [block_bytes, blocks] :
       {std::pair<uint64_t, uint32_t>{2048, 4},
        {4097, 4},
        {2ull << 30, 1},
        {4096, 0},
        {4096, 10001},
        {1ull << 30, 17}}) {
    FileHeader header = SampleFileHeader();
    header.block_bytes = block_bytes;
    header.blocks_per_file = blocks;
    Bytes bytes(kFileHeaderBytes);
    header.EncodeTo(bytes.data());
    EXPECT_EQ(FileHeader::Decode(bytes, &header), Decoded::kBadField);
  }
}

TEST(FormatTest, SecondCopyOfAFileHeaderServesWhenTheFirstIsDamaged) {
  Bytes area(kFileHeaderAreaBytes);
  SampleFileHeader().EncodeAreaTo(area.data());
  area[20] ^= std::byte{1};
  FileHeader header;
  ASSERT_EQ(FileHeader::DecodeArea(area, &header), Decoded::kOk);
  EXPECT_EQ(header, SampleFileHeader());
  area[kFileHeaderCopyPosition + 20] ^= std::byte{1};
  EXPECT_EQ(FileHeader::DecodeArea(area, &header), Decoded::kBadChecksum);
}

TEST(FormatTest, NewestCheckpointOfTheSameAllocationWins) {
  const BlockHeader header = SampleBlockHeader();
  Bytes area(kBlockHeaderAreaBytes);
  header.EncodeAreaTo(area.data());
  Checkpoint found;
  int slot = -1;
  EXPECT_FALSE(Checkpoint::DecodeNewest(area, header, &found, &slot));

  Checkpoint older = SampleCheckpoint();
  Checkpoint newer = older;
  newer.sequence = older.sequence + 1;
  older.EncodeTo(area.data() + kCheckpointPositions[0]);
  newer.EncodeTo(area.data() + kCheckpointPositions[1]);
  ASSERT_TRUE(Checkpoint::DecodeNewest(area, header, &found, &slot));
  EXPECT_EQ(found, newer);
  EXPECT_EQ(slot, 1);

  area[kCheckpointPositions[1] + 50] ^= std::byte{4};
  ASSERT_TRUE(Checkpoint::DecodeNewest(area, header, &found, &slot));
  EXPECT_EQ(found, older);

  BlockHeader other = header;
  other.tag[0] ^= 1;
  EXPECT_FALSE(Checkpoint::DecodeNewest(area, other, &found, &slot));
}

TEST(FormatTest, SealSkipsSectionsOfUnknownType) {
  Seal seal = SampleSeal();
  Bytes bytes(seal.EncodedBytes());
  seal.EncodeTo(bytes.data());
  // The index section becomes type 9, and the CRC is made good again.
  bytes[72] = std::byte{9};
  const uint32_t crc = Crc32c(bytes.data(), bytes.size() - 4);
  StoreLittle(bytes.data() + bytes.size() - 4, crc);
  Seal decoded;
  ASSERT_EQ(Seal::Decode(bytes, &decoded), Decoded::kOk);
  EXPECT_TRUE(decoded.index.empty());
  EXPECT_EQ(decoded.end_offset, seal.end_offset);
}

TEST(FormatTest, SealsOfFullBlocksFitWhatIsKeptForThem) {
  for (uint64_t block_bytes : {4096ull, 65536ull, 10ull << 20, 1ull << 30}) {
    Seal seal;
    seal.index.resize(block_bytes / kIndexStepBytes + 1);
    EXPECT_LE(seal.EncodedBytes(), SealBytesMax(block_bytes));
    EXPECT_EQ(SealBytesMax(block_bytes) % kFrameAlignment, 0u);
  }
}

TEST(FormatTest, ZeroCheckSeesASingleBit) {
  Bytes bytes(5000);
  EXPECT_TRUE(IsZero(bytes));
  EXPECT_TRUE(IsZero({}));
  for (size_t at : {size_t{0}, size_t{1}, size_t{2500}, size_t{4999}}) {
    bytes[at] = std::byte{0x10};
    EXPECT_FALSE(IsZero(bytes)) << at;
    bytes[at] = std::byte{0};
  }
}

}  // namespace
}  // namespace walrus
