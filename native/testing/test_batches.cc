#include "testing/test_batches.h"

#include <algorithm>
#include <cstdlib>
#include <random>

#include "wal/batch_records.h"
#include "wal/byte_order.h"
#include "wal/crc32c.h"

namespace walrus {
namespace {

void PutZigZag(Bytes* to, int64_t value) {
  uint64_t rest =
      (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  do {
    const uint64_t byte = (rest & 0x7f) | (rest > 0x7f ? 0x80 : 0);
    to->push_back(static_cast<std::byte>(byte));
    rest >>= 7;
  } while (rest != 0);
}

Bytes MakeRecord(size_t index, const std::string& value) {
  Bytes body{std::byte{0}};
  PutZigZag(&body, static_cast<int64_t>(index));  // timestamp delta
  PutZigZag(&body, static_cast<int64_t>(index));  // offset delta
  PutZigZag(&body, -1);                           // no key
  PutZigZag(&body, static_cast<int64_t>(value.size()));
  const Bytes bytes = BytesOf(value);
  body.insert(body.end(), bytes.begin(), bytes.end());
  PutZigZag(&body, 0);  // no headers
  Bytes record;
  PutZigZag(&record, static_cast<int64_t>(body.size()));
  record.insert(record.end(), body.begin(), body.end());
  return record;
}

}  // namespace

Bytes BytesOf(std::string_view text) {
  Bytes bytes;
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

// Written out here, apart from the engine's own packing, so that each checks
// the other.
Bytes MakeBatch(const std::vector<std::string>& values, int64_t timestamp) {
  Bytes batch(kBatchHeaderBytes);
  for (size_t i = 0; i < values.size(); ++i) {
    const Bytes record = MakeRecord(i, values[i]);
    batch.insert(batch.end(), record.begin(), record.end());
  }
  BatchHeader header;
  header.length = static_cast<int32_t>(batch.size() - kBatchLengthOverhead);
  header.last_offset_delta = static_cast<int32_t>(values.size()) - 1;
  header.base_timestamp = timestamp;
  header.max_timestamp = timestamp + header.last_offset_delta;
  header.record_count = static_cast<int32_t>(values.size());
  header.EncodeTo(batch.data());
  StoreBig(batch.data() + 17, Crc32c(batch.data() + 21, batch.size() - 21));
  return batch;
}

Bytes MakeBatchOfSize(size_t value_bytes, uint64_t seed, int64_t timestamp) {
  std::mt19937_64 random(seed);
  std::string value(value_bytes, '\0');
  for (char& c : value) c = static_cast<char>(random());
  return MakeBatch({value}, timestamp);
}

Bytes MakeRun(const std::vector<Bytes>& batches, CommitFrame* frame) {
  Bytes run;
  for (const Bytes& batch : batches) {
    run.insert(run.end(), batch.begin(), batch.end());
  }
  iovec chunk{run.data(), run.size()};
  std::vector<CheckedBatch> checked;
  if (!VerifyBatches({&chunk, 1}, UINT64_MAX, &checked).ok()) std::abort();
  StampBatches({&chunk, 1}, checked, frame->base_offset, frame->leader_epoch);
  frame->run_length = static_cast<uint32_t>(run.size());
  frame->batch_count = static_cast<uint32_t>(checked.size());
  frame->next_offset = frame->base_offset;
  frame->max_timestamp = kNoTimestamp;
  frame->headers_crc = 0;
  for (const CheckedBatch& batch : checked) {
    frame->next_offset += batch.record_count;
    frame->max_timestamp = std::max(frame->max_timestamp, batch.max_timestamp);
    frame->headers_crc =
        ExtendHeadersCrc(frame->headers_crc, {&chunk, 1}, batch);
  }
  run.resize(AlignUp(run.size(), kFrameAlignment) + kFrameBytes);
  frame->EncodeTo(run.data() + run.size() - kFrameBytes);
  return run;
}

std::vector<iovec> CutIntoChunks(Bytes* bytes,
                                 const std::vector<size_t>& cuts) {
  std::vector<iovec> chunks;
  size_t from = 0;
  for (const size_t cut : cuts) {
    chunks.push_back({bytes->data() + from, cut - from});
    from = cut;
  }
  chunks.push_back({bytes->data() + from, bytes->size() - from});
  return chunks;
}

}  // namespace walrus
