#include "wal/run_walker.h"

namespace walrus {

void RunWalker::SkipFrames() {
  while (true) {
    const uint64_t frame =
        AlignUp(position_ + at_, kFrameAlignment) - position_;
    if (frame + kFrameBytes > bytes_.size() ||
        !CommitFrame::IsOne(bytes_.subspan(frame), tag_)) {
      return;
    }
    at_ = frame + kFrameBytes;
  }
}

bool RunWalker::Next(BatchHeader* header, std::span<const std::byte>* batch) {
  SkipFrames();
  const std::span<const std::byte> rest = bytes_.subspan(at_);
  if (rest.size() < kBatchHeaderBytes) return false;
  *header = BatchHeader::Parse(rest.data());
  if (header->magic != 2 || header->length < 0 ||
      header->TotalBytes() < kBatchHeaderBytes ||
      header->TotalBytes() > rest.size() || header->record_count <= 0) {
    return false;
  }
  *batch = rest.first(header->TotalBytes());
  at_ += batch->size();
  return true;
}

}  // namespace walrus
