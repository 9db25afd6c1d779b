#include <algorithm>

#include "fuzz/fuzz_inputs.h"
#include "testing/test_batches.h"
#include "wal/batch_header.h"
#include "wal/batch_records.h"
#include "wal/entry_table.h"

namespace walrus {

namespace {

constexpr uint64_t kBaseOffset = 1'000'000'007;
constexpr uint32_t kEpoch = 5;

// One after another: what they are and what they hold.
void WalkBatches(const Bytes& bytes, size_t batches) {
  std::span<const std::byte> rest(bytes);
  uint64_t offset = kBaseOffset;
  for (size_t i = 0; i < batches; ++i) {
    BatchHeader header;
    FuzzExpect(VerifyBatch(rest, &header) == BatchDefect::kNone,
               "a stamped batch is not good");
    FuzzExpect(header.base_offset == static_cast<int64_t>(offset) &&
                   header.leader_epoch == static_cast<int32_t>(kEpoch),
               "the stamp is not there");
    offset += static_cast<uint64_t>(header.record_count);
    const std::span<const std::byte> batch = rest.first(header.TotalBytes());
    rest = rest.subspan(header.TotalBytes());
    RecordWalker walker(batch);
    BatchRecord record;
    uint64_t taken = 0;
    while (walker.Next(&record)) {
      taken += record.key.size() + record.value.size();
    }
    FuzzExpect(taken <= batch.size(), "records larger than their batch");
    (void)FindTimestamp(batch, header.max_timestamp);
    (void)FindTimestamp(batch, INT64_MIN);
  }
  FuzzExpect(rest.empty(), "bytes behind the last batch");
}

}  // namespace

void FuzzBatch(FuzzBytes input) {
  if (input.empty()) return;
  const size_t cuts =
      std::min(std::to_integer<size_t>(input[0]) % 8, input.size() - 1);
  const FuzzBytes lengths = input.subspan(1, cuts);
  const FuzzBytes body = input.subspan(1 + cuts);
  Bytes bytes(body.begin(), body.end());
  std::vector<size_t> positions;
  size_t at = 0;
  for (const std::byte length : lengths) {
    at = std::min(at + std::to_integer<size_t>(length), bytes.size());
    positions.push_back(at);
  }
  const std::vector<iovec> chunks = CutIntoChunks(&bytes, positions);
  std::vector<CheckedBatch> batches;
  if (!VerifyBatches(chunks, 1 << 20, &batches).ok()) return;

  StampBatches(chunks, batches, kBaseOffset, kEpoch);
  WalkBatches(bytes, batches.size());
  EntryTable table;
  table.Build(bytes, kBaseOffset);
  StampBatches(chunks, batches, kBaseOffset, kEpoch, 1'700'000'000'000);
  WalkBatches(bytes, batches.size());
  uint32_t crc = 0;
  for (const CheckedBatch& batch : batches) {
    crc = ExtendHeadersCrc(crc, chunks, batch);
  }
  uint32_t whole = 0;
  const iovec one{bytes.data(), bytes.size()};
  std::vector<CheckedBatch> uncut;
  FuzzExpect(VerifyBatches({&one, 1}, 1 << 20, &uncut).ok(),
             "good in chunks, and not in one piece");
  for (const CheckedBatch& batch : uncut) {
    whole = ExtendHeadersCrc(whole, {&one, 1}, batch);
  }
  FuzzExpect(crc == whole, "the headers' CRC depends on the chunks");
}

}  // namespace walrus
