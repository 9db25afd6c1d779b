#include "wal/run_walker.h"

#include "wal/batch_header.h"
#include "wal/byte_order.h"
#include "wal/producer_snapshot.h"

namespace walrus {

namespace {

// In a batch header.
constexpr size_t kLengthPosition = 8;
constexpr size_t kMagicPosition = 16;
constexpr size_t kRecordCountPosition = 57;

}  // namespace

void RunWalker::SkipFrames() {
  while (true) {
    const uint64_t frame =
        AlignUp(position_ + at_, kFrameAlignment) - position_;
    if (frame + kFrameBytes > bytes_.size()) return;
    const std::span<const std::byte> rest = bytes_.subspan(frame);
    if (CommitFrame::IsOne(rest, tag_)) {
      at_ = frame + kFrameBytes;
      continue;
    }
    const size_t snapshot = ProducerSnapshot::LengthOf(rest, tag_);
    if (snapshot == 0 || snapshot > rest.size()) return;
    at_ = frame + snapshot;
  }
}

bool RunWalker::Next(WalkedBatch* batch) {
  SkipFrames();
  const std::span<const std::byte> rest = bytes_.subspan(at_);
  if (rest.size() < kBatchHeaderBytes) return false;
  // Of the header only what says where the next one is: this is done for each
  // batch of each read.
  const std::byte* const header = rest.data();
  const auto length = LoadBig<int32_t>(header + kLengthPosition);
  const auto record_count = LoadBig<int32_t>(header + kRecordCountPosition);
  const uint64_t total = kBatchLengthOverhead + static_cast<uint64_t>(length);
  if (length < 0 || total < kBatchHeaderBytes || total > rest.size() ||
      record_count <= 0 || LoadBig<int8_t>(header + kMagicPosition) != 2) {
    return false;
  }
  batch->bytes = rest.first(total);
  batch->base_offset = LoadBig<uint64_t>(header);
  batch->next_offset = batch->base_offset + static_cast<uint64_t>(record_count);
  at_ += total;
  return true;
}

}  // namespace walrus
