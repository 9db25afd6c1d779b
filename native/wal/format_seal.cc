// The seal of a full block.
#include <cstring>

#include "wal/format.h"
#include "wal/format_codec.h"

namespace walrus {
namespace {

constexpr char kSealMagic[] = "WALRUSS1";
constexpr size_t kLengthPosition = 16;
constexpr size_t kSealHeaderBytes = 72;
constexpr size_t kSealSectionHeaderBytes = 8;
constexpr uint32_t kSealSectionIndex = 1;
constexpr size_t kIndexEntryBytes = 24;
}  // namespace

size_t Seal::EncodedBytes() const {
  return kSealHeaderBytes + kSealSectionHeaderBytes +
         index.size() * kIndexEntryBytes + kCrcBytes;
}

void Seal::EncodeTo(std::byte* out) const {
  const size_t length = EncodedBytes();
  Encoder encoder(out, length, kSealMagic);
  encoder.Put(kFormatVersion);
  encoder.Put(uint32_t{1});  // sections
  encoder.Put(static_cast<uint32_t>(length));
  encoder.Put(frame_crc);
  encoder.Put(block_id);
  encoder.Put(tag);
  encoder.Put(end_offset);
  encoder.Put(max_timestamp);
  encoder.Put(synced_through);
  encoder.Put(kSealSectionIndex);
  encoder.Put(static_cast<uint32_t>(index.size() * kIndexEntryBytes));
  for (const IndexEntry& entry : index) {
    encoder.Put(entry.offset);
    encoder.Put(entry.position);
    encoder.Put(uint32_t{0});
    encoder.Put(entry.max_timestamp);
  }
  encoder.Finish();
}

uint64_t SealBytesMax(uint64_t block_bytes) {
  // The first run has an entry, and each later one is a step further.
  const uint64_t entries = block_bytes / kIndexStepBytes + 1;
  return AlignUp(kSealHeaderBytes + kSealSectionHeaderBytes +
                     entries * kIndexEntryBytes + kCrcBytes,
                 kFrameAlignment);
}

namespace {

// Reads the sections between the seal's header and its CRC.
bool DecodeSections(std::span<const std::byte> bytes, uint32_t section_count,
                    std::vector<IndexEntry>* index) {
  for (uint32_t i = 0; i < section_count; ++i) {
    if (bytes.size() < kSealSectionHeaderBytes) return false;
    const uint32_t type = LoadLittle<uint32_t>(bytes.data());
    const uint32_t length = LoadLittle<uint32_t>(bytes.data() + 4);
    bytes = bytes.subspan(kSealSectionHeaderBytes);
    if (length > bytes.size()) return false;
    if (type == kSealSectionIndex) {
      if (length % kIndexEntryBytes != 0) return false;
      for (size_t at = 0; at < length; at += kIndexEntryBytes) {
        IndexEntry entry;
        entry.offset = LoadLittle<uint64_t>(bytes.data() + at);
        entry.position = LoadLittle<uint32_t>(bytes.data() + at + 8);
        entry.max_timestamp = LoadLittle<int64_t>(bytes.data() + at + 16);
        index->push_back(entry);
      }
    }
    bytes = bytes.subspan(length);
  }
  return bytes.empty();
}

}  // namespace

Decoded Seal::Decode(std::span<const std::byte> bytes, Seal* seal) {
  if (bytes.size() < kSealHeaderBytes + kCrcBytes) return Decoded::kTooShort;
  if (std::memcmp(bytes.data(), kSealMagic, kMagicBytes) != 0) {
    return Decoded::kBadMagic;
  }
  // The length is not checked yet: it only says where the CRC must be.
  const uint32_t length = LoadLittle<uint32_t>(bytes.data() + kLengthPosition);
  if (length < kSealHeaderBytes + kCrcBytes || length > bytes.size()) {
    return Decoded::kTooShort;
  }
  Decoder decoder(bytes, length, kSealMagic);
  const uint32_t version = decoder.Get<uint32_t>();
  const uint32_t section_count = decoder.Get<uint32_t>();
  decoder.Get<uint32_t>();
  Seal found;
  found.frame_crc = decoder.Get<uint32_t>();
  found.block_id = decoder.Get<uint64_t>();
  decoder.Get(&found.tag);
  found.end_offset = decoder.Get<uint64_t>();
  found.max_timestamp = decoder.Get<int64_t>();
  found.synced_through = decoder.Get<uint64_t>();
  const bool sections_valid = DecodeSections(
      bytes.subspan(kSealHeaderBytes, length - kSealHeaderBytes - kCrcBytes),
      section_count, &found.index);
  return decoder.Finish(version == kFormatVersion, sections_valid, found, seal);
}

}  // namespace walrus
