// The snapshot of a log's producers, which stands in a block as a run of its
// own, behind it a commit frame.
#include <cstring>

#include "wal/format.h"
#include "wal/format_codec.h"
#include "wal/producer_snapshot.h"

namespace walrus {

namespace {

constexpr char kSnapshotMagic[] = "WALRUSP1";
constexpr size_t kLengthPosition = 16;
constexpr size_t kTagPosition = 32;

}  // namespace

size_t ProducerSnapshot::EncodedBytes() const {
  size_t bytes = kProducerSnapshotHeaderBytes + kCrcBytes;
  for (const ProducerState& producer : producers) {
    bytes += kProducerBytes + producer.batches.size() * kProducerBatchBytes;
  }
  return bytes;
}

uint32_t ProducerSnapshot::EncodeTo(std::byte* out) const {
  const size_t length = EncodedBytes();
  Encoder encoder(out, length, kSnapshotMagic);
  encoder.Put(kFormatVersion);
  encoder.Put(static_cast<uint32_t>(producers.size()));
  encoder.Put(static_cast<uint32_t>(length));
  encoder.Put(uint32_t{0});
  encoder.Put(block_id);
  encoder.Put(tag);
  encoder.Put(end_offset);
  for (const ProducerState& producer : producers) {
    encoder.Put(producer.producer_id);
    encoder.Put(producer.last_append_ms);
    encoder.Put(static_cast<uint16_t>(producer.batches.size()));
    encoder.Put(producer.batches.empty() ? int16_t{0}
                                         : producer.batches.back().epoch);
    for (const ProducerBatch& batch : producer.batches) {
      encoder.Put(batch.base_offset);
      encoder.Put(batch.base_sequence);
      encoder.Put(batch.record_count);
    }
  }
  return encoder.Finish();
}

size_t ProducerSnapshot::LengthOf(std::span<const std::byte> bytes,
                                  const Tag& tag) {
  if (bytes.size() < kProducerSnapshotHeaderBytes + kCrcBytes ||
      std::memcmp(bytes.data(), kSnapshotMagic, kMagicBytes) != 0 ||
      std::memcmp(bytes.data() + kTagPosition, tag.data(), tag.size()) != 0) {
    return 0;
  }
  const size_t length = LoadLittle<uint32_t>(bytes.data() + kLengthPosition);
  return length < kProducerSnapshotHeaderBytes + kCrcBytes ? 0 : length;
}

Decoded ProducerSnapshot::Decode(std::span<const std::byte> bytes,
                                 ProducerSnapshot* snapshot, uint32_t* crc) {
  if (bytes.size() < kProducerSnapshotHeaderBytes + kCrcBytes) {
    return Decoded::kTooShort;
  }
  Decoder decoder(bytes, bytes.size(), kSnapshotMagic);
  const uint32_t version = decoder.Get<uint32_t>();
  const uint32_t count = decoder.Get<uint32_t>();
  const uint32_t length = decoder.Get<uint32_t>();
  decoder.Get<uint32_t>();
  ProducerSnapshot found;
  found.block_id = decoder.Get<uint64_t>();
  decoder.Get(&found.tag);
  found.end_offset = decoder.Get<uint64_t>();
  size_t left = bytes.size() - kProducerSnapshotHeaderBytes - kCrcBytes;
  bool whole = length == bytes.size();
  for (uint32_t i = 0; whole && i < count; ++i) {
    whole = left >= kProducerBytes;
    if (!whole) break;
    ProducerState producer;
    producer.producer_id = decoder.Get<int64_t>();
    producer.last_append_ms = decoder.Get<int64_t>();
    const size_t batches = decoder.Get<uint16_t>();
    const auto epoch = decoder.Get<int16_t>();
    left -= kProducerBytes;
    whole =
        batches <= kRememberedBatches && left >= batches * kProducerBatchBytes;
    if (!whole) break;
    left -= batches * kProducerBatchBytes;
    for (size_t j = 0; j < batches; ++j) {
      ProducerBatch batch;
      batch.base_offset = decoder.Get<uint64_t>();
      batch.base_sequence = decoder.Get<int32_t>();
      batch.record_count = decoder.Get<uint32_t>();
      batch.epoch = epoch;
      producer.batches.push_back(batch);
    }
    found.producers.push_back(std::move(producer));
  }
  if (crc != nullptr) *crc = decoder.stored_crc();
  return decoder.Finish(version == kFormatVersion, whole && left == 0, found,
                        snapshot);
}

}  // namespace walrus
