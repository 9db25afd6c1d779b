// The journal, the cursor file and the LOCK file.
#include <algorithm>
#include <cstring>

#include "wal/format.h"
#include "wal/format_codec.h"

namespace walrus {
namespace {

constexpr char kJournalMagic[] = "WALRUSJ1";
constexpr char kGroupMagic[] = "WALRUSG1";
constexpr char kCursorFileMagic[] = "WALRUSI1";
constexpr char kLockMagic[] = "WALRUSL1";
// Raised when the engine began to write what an older one would take for
// damage: such a one opens no file of the directory then.
constexpr uint32_t kLockVersion = 2;  // 2: snapshots of producers
constexpr uint32_t kCursorRecordMagic = 0x31435257;  // "WRC1"

constexpr uint32_t kJournalClosed = 1;
constexpr uint32_t kLockClean = 1;
constexpr uint32_t kLockCorrupt = 2;

bool IsCursorRecordType(uint8_t type) {
  return type >= static_cast<uint8_t>(CursorRecordType::kCursorSet) &&
         type <= static_cast<uint8_t>(CursorRecordType::kReclaimRule);
}

uint32_t SeededCrc(const Tag& tag, const std::byte* data, size_t length) {
  return ExtendCrc32c(Crc32c(tag.data(), tag.size()), data, length);
}

}  // namespace

void JournalHeader::EncodeTo(std::byte* out) const {
  Encoder encoder(out, kJournalHeaderBytes, kJournalMagic);
  encoder.Put(kFormatVersion);
  encoder.Put(closed ? kJournalClosed : uint32_t{0});
  encoder.Put(epoch);
  encoder.Put(tag);
  encoder.Put(instance_id);
  encoder.Put(written_pages);
  encoder.Finish();
}

Decoded JournalHeader::Decode(std::span<const std::byte> bytes,
                              JournalHeader* header) {
  Decoder decoder(bytes, kJournalHeaderBytes, kJournalMagic);
  const uint32_t version = decoder.Get<uint32_t>();
  const uint32_t flags = decoder.Get<uint32_t>();
  JournalHeader found;
  found.closed = flags == kJournalClosed;
  found.epoch = decoder.Get<uint64_t>();
  decoder.Get(&found.tag);
  decoder.Get(&found.instance_id);
  found.written_pages = decoder.Get<uint32_t>();
  return decoder.Finish(version == kFormatVersion, flags <= kJournalClosed,
                        found, header);
}

void GroupHeader::EncodeTo(std::byte* out) const {
  Encoder encoder(out, kGroupHeaderBytes, kGroupMagic);
  encoder.Put(kFormatVersion);
  encoder.Put(entry_count);
  encoder.Put(epoch);
  encoder.Put(tag);
  encoder.Put(sequence);
  encoder.Put(synced_sequence);
  encoder.Put(length);
  encoder.Put(table_crc);
  encoder.Finish();
}

Decoded GroupHeader::Decode(std::span<const std::byte> bytes,
                            GroupHeader* header) {
  Decoder decoder(bytes, kGroupHeaderBytes, kGroupMagic);
  const uint32_t version = decoder.Get<uint32_t>();
  GroupHeader found;
  found.entry_count = decoder.Get<uint32_t>();
  found.epoch = decoder.Get<uint64_t>();
  decoder.Get(&found.tag);
  found.sequence = decoder.Get<uint64_t>();
  found.synced_sequence = decoder.Get<uint64_t>();
  found.length = decoder.Get<uint64_t>();
  found.table_crc = decoder.Get<uint32_t>();
  return decoder.Finish(
      version == kFormatVersion,
      found.entry_count > 0 && found.synced_sequence < found.sequence &&
          found.length >= kGroupHeaderBytes +
                              uint64_t{found.entry_count} * kGroupEntryBytes,
      found, header);
}

void GroupEntry::EncodeTo(std::byte* out) const {
  StoreLittle(out, static_cast<uint32_t>(kind));
  StoreLittle(out + 4, length);
  StoreLittle(out + 8, file_id);
  StoreLittle(out + 16, position);
}

Decoded GroupEntry::Decode(std::span<const std::byte> bytes,
                           GroupEntry* entry) {
  if (bytes.size() < kGroupEntryBytes) return Decoded::kTooShort;
  const uint32_t kind = LoadLittle<uint32_t>(bytes.data());
  GroupEntry found;
  found.kind = static_cast<EntryKind>(kind);
  found.length = LoadLittle<uint32_t>(bytes.data() + 4);
  found.file_id = LoadLittle<uint64_t>(bytes.data() + 8);
  found.position = LoadLittle<uint64_t>(bytes.data() + 16);
  if (kind < static_cast<uint32_t>(EntryKind::kRun) ||
      kind > static_cast<uint32_t>(EntryKind::kCursorRecords) ||
      found.length == 0 || found.position > kDataFileBytesMax) {
    return Decoded::kBadField;
  }
  *entry = found;
  return Decoded::kOk;
}

void CursorFileHeader::EncodeTo(std::byte* out) const {
  Encoder encoder(out, kCursorFileHeaderBytes, kCursorFileMagic);
  encoder.Put(kFormatVersion);
  encoder.Put(base_records);
  encoder.Put(generation);
  encoder.Put(instance_id);
  encoder.Put(tag);
  encoder.Finish();
}

void CursorFileHeader::EncodeAreaTo(std::byte* out) const {
  EncodeTo(out);
  EncodeTo(out + kCursorFileHeaderCopyPosition);
}

Decoded CursorFileHeader::DecodeArea(std::span<const std::byte> area,
                                     CursorFileHeader* header) {
  return DecodeEither(area, kCursorFileHeaderCopyPosition, header);
}

Decoded CursorFileHeader::Decode(std::span<const std::byte> bytes,
                                 CursorFileHeader* header) {
  Decoder decoder(bytes, kCursorFileHeaderBytes, kCursorFileMagic);
  const uint32_t version = decoder.Get<uint32_t>();
  CursorFileHeader found;
  found.base_records = decoder.Get<uint32_t>();
  found.generation = decoder.Get<uint64_t>();
  decoder.Get(&found.instance_id);
  decoder.Get(&found.tag);
  return decoder.Finish(version == kFormatVersion, true, found, header);
}

size_t CursorRecord::EncodedBytes() const {
  return AlignUp(kCursorRecordHeaderBytes + name.size() + kCrcBytes,
                 kCursorRecordAlignment);
}

void CursorRecord::EncodeTo(const Tag& tag, std::byte* out) const {
  const size_t length = kCursorRecordHeaderBytes + name.size() + kCrcBytes;
  std::memset(out, 0, EncodedBytes());
  StoreLittle(out, kCursorRecordMagic);
  StoreLittle(out + 4, static_cast<uint32_t>(length));
  StoreLittle(out + 8, static_cast<uint8_t>(type));
  StoreLittle(out + 10, static_cast<uint16_t>(name.size()));
  StoreLittle(out + 12, log.partition);
  std::memcpy(out + 16, log.topic_id.data(), log.topic_id.size());
  StoreLittle(out + 32, value);
  StoreLittle(out + 40, sequence);
  StoreLittle(out + 44, synced_sequence);
  std::memcpy(out + kCursorRecordHeaderBytes, name.data(), name.size());
  StoreLittle(out + length - kCrcBytes,
              SeededCrc(tag, out, length - kCrcBytes));
}

Decoded CursorRecord::Decode(std::span<const std::byte> bytes, const Tag& tag,
                             CursorRecord* record) {
  if (bytes.size() < kCursorRecordAlignment) return Decoded::kTooShort;
  const std::byte* const from = bytes.data();
  if (LoadLittle<uint32_t>(from) != kCursorRecordMagic) {
    return Decoded::kBadMagic;
  }
  const uint32_t length = LoadLittle<uint32_t>(from + 4);
  const uint16_t name_length = LoadLittle<uint16_t>(from + 10);
  // Neither is checked yet; a record's end must agree with both.
  if (length != kCursorRecordHeaderBytes + name_length + kCrcBytes) {
    return Decoded::kBadChecksum;
  }
  const size_t padded = AlignUp(length, kCursorRecordAlignment);
  if (bytes.size() < padded) return Decoded::kTooShort;
  if (!SameCrc(SeededCrc(tag, from, length - kCrcBytes),
               LoadLittle<uint32_t>(from + length - kCrcBytes))) {
    return Decoded::kBadChecksum;
  }
  const uint8_t type = LoadLittle<uint8_t>(from + 8);
  if (!IsCursorRecordType(type)) return Decoded::kBadVersion;
  CursorRecord found;
  found.type = static_cast<CursorRecordType>(type);
  found.log.partition = LoadLittle<uint32_t>(from + 12);
  std::memcpy(found.log.topic_id.data(), from + 16, found.log.topic_id.size());
  found.value = LoadLittle<uint64_t>(from + 32);
  found.sequence = LoadLittle<uint32_t>(from + 40);
  found.synced_sequence = LoadLittle<uint32_t>(from + 44);
  const bool padding_zero = IsZero(bytes.subspan(length, padded - length));
  if (name_length > kReaderNameBytesMax || !padding_zero ||
      found.synced_sequence >= found.sequence) {
    return Decoded::kBadField;
  }
  found.name.resize(name_length);
  std::memcpy(found.name.data(), from + kCursorRecordHeaderBytes, name_length);
  *record = std::move(found);
  return Decoded::kOk;
}

void LockRecord::EncodeTo(std::byte* out) const {
  assert(boot_id.size() <= kBootIdBytesMax);
  Encoder encoder(out, kLockRecordBytes, kLockMagic);
  encoder.Put(kLockVersion);
  encoder.Put((clean ? kLockClean : uint32_t{0}) |
              (corrupt ? kLockCorrupt : uint32_t{0}));
  encoder.Put(fsync_mode);
  encoder.Put(static_cast<uint32_t>(boot_id.size()));
  encoder.Put(sequence);
  encoder.Put(instance_id);
  std::array<uint8_t, kBootIdBytesMax> text{};
  std::memcpy(text.data(), boot_id.data(),
              std::min(boot_id.size(), text.size()));
  encoder.Put(text);
  encoder.Finish();
}

Decoded LockRecord::Decode(std::span<const std::byte> bytes,
                           LockRecord* record) {
  Decoder decoder(bytes, kLockRecordBytes, kLockMagic);
  const uint32_t version = decoder.Get<uint32_t>();
  const uint32_t flags = decoder.Get<uint32_t>();
  LockRecord found;
  found.fsync_mode = decoder.Get<uint32_t>();
  const uint32_t boot_id_length = decoder.Get<uint32_t>();
  found.sequence = decoder.Get<uint64_t>();
  decoder.Get(&found.instance_id);
  std::array<uint8_t, kBootIdBytesMax> text{};
  decoder.Get(&text);
  const bool fields_valid = boot_id_length <= kBootIdBytesMax &&
                            (flags & ~(kLockClean | kLockCorrupt)) == 0;
  if (fields_valid) {
    found.boot_id.assign(text.begin(), text.begin() + boot_id_length);
  }
  found.clean = (flags & kLockClean) != 0;
  found.corrupt = (flags & kLockCorrupt) != 0;
  const bool known = version >= kFormatVersion && version <= kLockVersion;
  return decoder.Finish(known, fields_valid, found, record);
}

}  // namespace walrus
