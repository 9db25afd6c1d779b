// Data files and blocks. format_seal.cc and format_journal.cc have the rest.
#include "wal/format.h"

#include <algorithm>
#include <cstring>

#include "wal/format_codec.h"

namespace walrus {
namespace {

constexpr char kFileMagic[] = "WALRUSF1";
constexpr char kBlockMagic[] = "WALRUSB1";
constexpr char kCheckpointMagic[] = "WALRUSK1";
constexpr char kFrameMagic[] = "WALRUSC1";
// Behind magic, version, flags and leader epoch.
constexpr size_t kFrameTagPosition = 16;

constexpr uint32_t kCheckpointSealed = 1;
constexpr uint32_t kCheckpointHasProducers = 2;
constexpr uint16_t kFrameLastOfCall = 1;
constexpr uint16_t kFrameBare = 2;
constexpr uint16_t kFrameSnapshot = 4;
// An engine that knows no snapshots must not take one for a torn run.
constexpr uint16_t kSnapshotFrameVersion = 2;

bool IsFileGeometry(uint64_t block_bytes, uint32_t blocks_per_file) {
  return block_bytes >= kBlockBytesMin && block_bytes <= kBlockBytesMax &&
         block_bytes % kBlockBytesAlignment == 0 && blocks_per_file >= 1 &&
         blocks_per_file <= kBlocksPerFileMax &&
         kFileHeaderAreaBytes + block_bytes * blocks_per_file <=
             kDataFileBytesMax;
}

bool HasShape(const CommitFrame& frame) {
  if (!frame.bare && !frame.snapshot) {
    return frame.run_length > 0 && frame.batch_count > 0 &&
           frame.base_offset < frame.next_offset;
  }
  return frame.bare != frame.snapshot && frame.batch_count == 0 &&
         (frame.run_length == 0) == frame.bare &&
         frame.base_offset == frame.next_offset;
}

}  // namespace

bool IsZero(std::span<const std::byte> bytes) {
  // Comparing the bytes with themselves, one later, runs at memcmp's speed.
  return bytes.empty() ||
         (bytes[0] == std::byte{0} &&
          std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

std::string_view DecodedText(Decoded decoded) {
  switch (decoded) {
    case Decoded::kOk:
      return "whole";
    case Decoded::kTooShort:
      return "cut short";
    case Decoded::kBadMagic:
      return "not there";
    case Decoded::kBadChecksum:
      return "checksum does not match";
    case Decoded::kBadVersion:
      return "of an unknown format version";
    case Decoded::kBadField:
      return "a field is out of bounds";
  }
  return "unknown";
}

void FileHeader::EncodeTo(std::byte* out) const {
  Encoder encoder(out, kFileHeaderBytes, kFileMagic);
  encoder.Put(kFormatVersion);
  encoder.Put(static_cast<uint32_t>(kFileHeaderAreaBytes));
  encoder.Put(block_bytes);
  encoder.Put(blocks_per_file);
  encoder.Put(uint32_t{0});
  encoder.Put(file_id);
  encoder.Put(instance_id);
  encoder.Finish();
}

void FileHeader::EncodeAreaTo(std::byte* out) const {
  std::memset(out, 0, kFileHeaderAreaBytes);
  EncodeTo(out);
  EncodeTo(out + kFileHeaderCopyPosition);
}

Decoded FileHeader::Decode(std::span<const std::byte> bytes,
                           FileHeader* header) {
  Decoder decoder(bytes, kFileHeaderBytes, kFileMagic);
  const uint32_t version = decoder.Get<uint32_t>();
  const uint32_t area_bytes = decoder.Get<uint32_t>();
  FileHeader found;
  found.block_bytes = decoder.Get<uint64_t>();
  found.blocks_per_file = decoder.Get<uint32_t>();
  decoder.Get<uint32_t>();
  found.file_id = decoder.Get<uint64_t>();
  decoder.Get(&found.instance_id);
  return decoder.Finish(
      version == kFormatVersion,
      area_bytes == kFileHeaderAreaBytes &&
          IsFileGeometry(found.block_bytes, found.blocks_per_file),
      found, header);
}

Decoded FileHeader::DecodeArea(std::span<const std::byte> area,
                               FileHeader* header) {
  return DecodeEither(area, kFileHeaderCopyPosition, header);
}

void BlockHeader::EncodeTo(std::byte* out) const {
  Encoder encoder(out, kBlockHeaderBytes, kBlockMagic);
  encoder.Put(kFormatVersion);
  encoder.Put(static_cast<uint32_t>(kBlockHeaderAreaBytes));
  encoder.Put(block_id);
  encoder.Put(log.topic_id);
  encoder.Put(log.partition);
  encoder.Put(leader_epoch);
  encoder.Put(ordinal);
  encoder.Put(base_offset);
  encoder.Put(tag);
  encoder.Put(file_id);
  encoder.Put(unit_index);
  encoder.Put(unit_count);
  encoder.Put(synced_through);
  encoder.Put(prev_frame_crc);
  encoder.Finish();
}

void BlockHeader::EncodeAreaTo(std::byte* out) const {
  std::memset(out, 0, kBlockHeaderAreaBytes);
  EncodeTo(out);
  EncodeTo(out + kBlockHeaderCopyPosition);
}

Decoded BlockHeader::Decode(std::span<const std::byte> bytes,
                            BlockHeader* header) {
  Decoder decoder(bytes, kBlockHeaderBytes, kBlockMagic);
  const uint32_t version = decoder.Get<uint32_t>();
  const uint32_t area_bytes = decoder.Get<uint32_t>();
  BlockHeader found;
  found.block_id = decoder.Get<uint64_t>();
  decoder.Get(&found.log.topic_id);
  found.log.partition = decoder.Get<uint32_t>();
  found.leader_epoch = decoder.Get<uint32_t>();
  found.ordinal = decoder.Get<uint64_t>();
  found.base_offset = decoder.Get<uint64_t>();
  decoder.Get(&found.tag);
  found.file_id = decoder.Get<uint64_t>();
  found.unit_index = decoder.Get<uint32_t>();
  found.unit_count = decoder.Get<uint32_t>();
  found.synced_through = decoder.Get<uint64_t>();
  found.prev_frame_crc = decoder.Get<uint32_t>();
  return decoder.Finish(
      version == kFormatVersion,
      area_bytes == kBlockHeaderAreaBytes && found.unit_count >= 1 &&
          uint64_t{found.unit_index} + found.unit_count <= kBlocksPerFileMax,
      found, header);
}

Decoded BlockHeader::DecodeArea(std::span<const std::byte> area,
                                BlockHeader* header) {
  return DecodeEither(area, kBlockHeaderCopyPosition, header);
}

void Checkpoint::EncodeTo(std::byte* out) const {
  Encoder encoder(out, kCheckpointBytes, kCheckpointMagic);
  encoder.Put(kFormatVersion);
  encoder.Put((sealed ? kCheckpointSealed : uint32_t{0}) |
              (has_producers ? kCheckpointHasProducers : uint32_t{0}));
  encoder.Put(block_id);
  encoder.Put(tag);
  encoder.Put(sequence);
  encoder.Put(position);
  encoder.Put(end_offset);
  encoder.Put(max_timestamp);
  encoder.Put(synced_through);
  encoder.Put(frame_crc);
  encoder.Put(seal_length);
  encoder.Put(seal_position);
  encoder.Put(snapshot_position);
  encoder.Finish();
}

Decoded Checkpoint::Decode(std::span<const std::byte> bytes,
                           Checkpoint* checkpoint) {
  Decoder decoder(bytes, kCheckpointBytes, kCheckpointMagic);
  const uint32_t version = decoder.Get<uint32_t>();
  const uint32_t flags = decoder.Get<uint32_t>();
  Checkpoint found;
  found.sealed = (flags & kCheckpointSealed) != 0;
  found.has_producers = (flags & kCheckpointHasProducers) != 0;
  found.block_id = decoder.Get<uint64_t>();
  decoder.Get(&found.tag);
  found.sequence = decoder.Get<uint64_t>();
  found.position = decoder.Get<uint64_t>();
  found.end_offset = decoder.Get<uint64_t>();
  found.max_timestamp = decoder.Get<int64_t>();
  found.synced_through = decoder.Get<uint64_t>();
  found.frame_crc = decoder.Get<uint32_t>();
  found.seal_length = decoder.Get<uint32_t>();
  found.seal_position = decoder.Get<uint64_t>();
  found.snapshot_position = decoder.Get<uint64_t>();
  constexpr uint32_t kKnown = kCheckpointSealed | kCheckpointHasProducers;
  return decoder.Finish(version == kFormatVersion,
                        (flags & ~kKnown) == 0 &&
                            found.snapshot_position <= found.position &&
                            found.position % kFrameAlignment == 0 &&
                            found.position >= kBlockHeaderAreaBytes &&
                            found.position <= kDataFileBytesMax &&
                            found.seal_position <= kDataFileBytesMax,
                        found, checkpoint);
}

bool Checkpoint::DecodeNewest(std::span<const std::byte> area,
                              const BlockHeader& header, Checkpoint* checkpoint,
                              int* slot) {
  bool found = false;
  for (int i = 0; i < 2; ++i) {
    if (area.size() < kCheckpointPositions[i]) break;
    Checkpoint candidate;
    if (Decode(area.subspan(kCheckpointPositions[i]), &candidate) !=
            Decoded::kOk ||
        candidate.block_id != header.block_id || candidate.tag != header.tag) {
      continue;
    }
    if (!found || candidate.sequence > checkpoint->sequence) {
      *checkpoint = candidate;
      *slot = i;
      found = true;
    }
  }
  return found;
}

uint32_t CommitFrame::EncodeTo(std::byte* out) const {
  Encoder encoder(out, kFrameBytes, kFrameMagic);
  encoder.Put(snapshot ? kSnapshotFrameVersion : kFrameVersion);
  encoder.Put(static_cast<uint16_t>((last_of_call ? kFrameLastOfCall : 0) |
                                    (bare ? kFrameBare : 0) |
                                    (snapshot ? kFrameSnapshot : 0)));
  encoder.Put(leader_epoch);
  encoder.Put(tag);
  encoder.Put(block_id);
  encoder.Put(log.topic_id);
  encoder.Put(log.partition);
  encoder.Put(run_position);
  encoder.Put(run_length);
  encoder.Put(batch_count);
  encoder.Put(base_offset);
  encoder.Put(next_offset);
  encoder.Put(call_base_offset);
  encoder.Put(synced_through);
  encoder.Put(max_timestamp);
  encoder.Put(prev_frame_crc);
  encoder.Put(headers_crc);
  return encoder.Finish();
}

bool CommitFrame::IsOne(std::span<const std::byte> bytes, const Tag& tag) {
  return std::memcmp(bytes.data(), kFrameMagic, kMagicBytes) == 0 &&
         std::memcmp(bytes.data() + kFrameTagPosition, tag.data(),
                     tag.size()) == 0;
}

Decoded CommitFrame::Decode(std::span<const std::byte> bytes,
                            CommitFrame* frame, uint32_t* crc) {
  Decoder decoder(bytes, kFrameBytes, kFrameMagic);
  const uint16_t version = decoder.Get<uint16_t>();
  const uint16_t flags = decoder.Get<uint16_t>();
  CommitFrame found;
  found.last_of_call = (flags & kFrameLastOfCall) != 0;
  found.bare = (flags & kFrameBare) != 0;
  found.snapshot = (flags & kFrameSnapshot) != 0;
  found.leader_epoch = decoder.Get<uint32_t>();
  decoder.Get(&found.tag);
  found.block_id = decoder.Get<uint64_t>();
  decoder.Get(&found.log.topic_id);
  found.log.partition = decoder.Get<uint32_t>();
  found.run_position = decoder.Get<uint32_t>();
  found.run_length = decoder.Get<uint32_t>();
  found.batch_count = decoder.Get<uint32_t>();
  found.base_offset = decoder.Get<uint64_t>();
  found.next_offset = decoder.Get<uint64_t>();
  found.call_base_offset = decoder.Get<uint64_t>();
  found.synced_through = decoder.Get<uint64_t>();
  found.max_timestamp = decoder.Get<int64_t>();
  found.prev_frame_crc = decoder.Get<uint32_t>();
  found.headers_crc = decoder.Get<uint32_t>();
  if (crc != nullptr) *crc = decoder.stored_crc();
  constexpr uint16_t kKnown = kFrameLastOfCall | kFrameBare | kFrameSnapshot;
  const bool known =
      version == (found.snapshot ? kSnapshotFrameVersion : kFrameVersion);
  return decoder.Finish(known,
                        (flags & ~kKnown) == 0 && HasShape(found) &&
                            found.run_position % kFrameAlignment == 0 &&
                            found.run_position >= kBlockHeaderAreaBytes &&
                            found.call_base_offset <= found.base_offset,
                        found, frame);
}

}  // namespace walrus
