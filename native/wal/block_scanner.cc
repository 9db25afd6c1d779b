#include "wal/block_scanner.h"

#include <algorithm>
#include <cstring>

#include "wal/batch_header.h"
#include "wal/crc32c.h"
#include "wal/producer_snapshot.h"

namespace walrus {

namespace {

constexpr size_t kWindowBytes = 1 << 20;
// Where the bytes begin that a batch's own CRC covers.
constexpr uint64_t kBatchCrcStart = 21;

}  // namespace

Status FileWindow::Get(uint64_t position, size_t length,
                       std::span<const std::byte>* bytes) {
  *bytes = {};
  if (position >= limit_) return Status::Ok();
  length = static_cast<size_t>(std::min<uint64_t>(length, limit_ - position));
  const bool inside = position >= buffer_position_ &&
                      position + length <= buffer_position_ + buffer_.size();
  if (!inside) {
    const uint64_t wanted = std::max<uint64_t>(length, next_read_);
    const size_t size =
        static_cast<size_t>(std::min<uint64_t>(wanted, limit_ - position));
    next_read_ = std::min(next_read_ * 2, kWindowBytes);
    const Status status = extent_ == Extent::kWritten
                              ? FillWritten(position, size)
                              : Fill(position, size);
    if (!status.ok()) {
      buffer_.clear();
      return status;
    }
  }
  *bytes = std::span(buffer_).subspan(position - buffer_position_, length);
  return Status::Ok();
}

Status FileWindow::Fill(uint64_t position, size_t size) {
  buffer_.assign(size, std::byte{0});
  buffer_position_ = position;
  const uint64_t stop = start_ + position + size;
  for (uint64_t at = start_ + position; at < stop;) {
    uint64_t begin = 0;
    uint64_t end = 0;
    Status status = file_->FindData(at, &begin, &end);
    if (!status.ok() || begin >= stop) return status;
    end = std::min(end, stop);
    size_t got = 0;
    status = file_->Read(begin, buffer_.data() + (begin - start_ - position),
                         end - begin, &got);
    if (!status.ok()) return status;
    bytes_read_ += got;
    at = end;
  }
  return Status::Ok();
}

Status FileWindow::FillWritten(uint64_t position, size_t size) {
  buffer_.resize(size);
  buffer_position_ = position;
  size_t got = 0;
  const Status status =
      file_->Read(start_ + position, buffer_.data(), size, &got);
  std::fill(buffer_.begin() + static_cast<ptrdiff_t>(got), buffer_.end(),
            std::byte{0});
  bytes_read_ += got;
  return status;
}

Status FileWindow::SkipUnwritten(uint64_t* position) {
  if (*position >= limit_) return Status::Ok();
  uint64_t begin = 0;
  uint64_t end = 0;
  const Status status = file_->FindData(start_ + *position, &begin, &end);
  if (!status.ok()) return status;
  *position = begin == File::kNoData
                  ? limit_
                  : std::min(limit_, std::max(*position, begin - start_));
  return status;
}

bool BlockScanner::Break(std::string why) {
  broken_ = std::move(why);
  return false;
}

std::string BlockScanner::FrameDefect(const CommitFrame& frame,
                                      const Walk& walk) const {
  if (frame.prev_frame_crc != at_.prev_frame_crc) {
    return "the frame does not follow the one before it";
  }
  if (frame.base_offset != at_.offset || frame.next_offset != walk.offset) {
    return "the frame's offsets are not those of its run";
  }
  if (frame.snapshot && walk.batch_count > 0) {
    return "a snapshot's frame stands behind batches";
  }
  if (frame.batch_count != walk.batch_count ||
      frame.headers_crc != walk.headers_crc ||
      frame.max_timestamp != walk.max_timestamp) {
    return "the batch headers are not those the frame was written for";
  }
  return {};
}

Status BlockScanner::TakeFrame(const Walk& walk, ScannedRun* run,
                               bool* is_frame) {
  *is_frame = false;
  const uint64_t position = AlignUp(walk.position, kFrameAlignment);
  std::span<const std::byte> bytes;
  Status status = window_.Get(position, kFrameBytes, &bytes);
  if (!status.ok()) return status;
  CommitFrame frame;
  uint32_t crc = 0;
  if (CommitFrame::Decode(bytes, &frame, &crc) != Decoded::kOk ||
      frame.tag != header_.tag || frame.block_id != header_.block_id ||
      frame.log != header_.log || frame.run_position != at_.position ||
      frame.run_length != walk.position - at_.position) {
    return status;
  }
  // It is a frame of this block for these bytes; what is wrong now is wrong
  // with the run.
  *is_frame = true;
  broken_ = FrameDefect(frame, walk);
  run->frame = frame;
  run->frame_crc = crc;
  run->end_position = position + kFrameBytes;
  const uint64_t padding = position - walk.position;
  if (padding > 0) {
    status = window_.Get(walk.position, padding, &bytes);
    if (!status.ok()) return status;
    run->padding_is_zero = IsZero(bytes);
  }
  return status;
}

Status BlockScanner::TakeSnapshot(Walk* walk, bool* is_snapshot) {
  *is_snapshot = false;
  std::span<const std::byte> bytes;
  Status status = window_.Get(walk->position, kFrameBytes, &bytes);
  if (!status.ok()) return status;
  const size_t length = ProducerSnapshot::LengthOf(bytes, header_.tag);
  if (length == 0 || walk->position + length > window_.limit()) return status;
  status = window_.Get(walk->position, length, &bytes);
  if (!status.ok()) return status;
  ProducerSnapshot snapshot;
  uint32_t crc = 0;
  if (ProducerSnapshot::Decode(bytes, &snapshot, &crc) != Decoded::kOk ||
      snapshot.block_id != header_.block_id ||
      snapshot.end_offset != walk->offset) {
    return status;
  }
  *is_snapshot = true;
  walk->headers_crc = crc;
  walk->position += length;
  return status;
}

Status BlockScanner::CheckPayload(uint64_t position, uint64_t length,
                                  uint32_t crc, bool* matches) {
  uint32_t actual = 0;
  while (length > 0) {
    std::span<const std::byte> bytes;
    const size_t wanted =
        static_cast<size_t>(std::min<uint64_t>(length, kWindowBytes));
    const Status status = window_.Get(position, wanted, &bytes);
    if (!status.ok()) return status;
    if (bytes.empty()) break;
    actual = ExtendCrc32c(actual, bytes.data(), bytes.size());
    position += bytes.size();
    length -= bytes.size();
  }
  *matches = length == 0 && SameCrc(actual, crc);
  return Status::Ok();
}

Status BlockScanner::TakeBatch(Walk* walk, ScannedRun* run, bool* is_batch) {
  *is_batch = false;
  std::span<const std::byte> bytes;
  Status status = window_.Get(walk->position, kBatchHeaderBytes, &bytes);
  if (!status.ok() || bytes.size() < kBatchHeaderBytes) return status;
  const BatchHeader batch = BatchHeader::Parse(bytes.data());
  if (batch.magic != 2 || batch.record_count <= 0 ||
      batch.last_offset_delta != batch.record_count - 1 ||
      batch.base_offset != static_cast<int64_t>(walk->offset) ||
      batch.length <
          static_cast<int32_t>(kBatchHeaderBytes - kBatchLengthOverhead)) {
    return status;
  }
  const uint64_t total = batch.TotalBytes();
  if (walk->position + total + kFrameBytes > window_.limit()) return status;
  walk->headers_crc =
      ExtendCrc32c(walk->headers_crc, bytes.data(), kBatchHeaderBytes);
  bool matches = false;
  status = CheckPayload(walk->position + kBatchCrcStart, total - kBatchCrcStart,
                        batch.crc, &matches);
  if (!status.ok()) return status;
  if (!matches && !walk->damaged_offset) walk->damaged_offset = walk->offset;
  walk->cutter.Add(total, static_cast<uint64_t>(batch.record_count),
                   batch.max_timestamp, &run->pieces);
  if (batch.producer_id >= 0 && !batch.is_control()) {
    run->producer_batches.push_back(
        {batch.producer_id,
         {walk->offset, batch.base_sequence,
          static_cast<uint32_t>(batch.record_count), batch.producer_epoch}});
  }
  walk->position += total;
  walk->offset += static_cast<uint64_t>(batch.record_count);
  walk->max_timestamp = std::max(walk->max_timestamp, batch.max_timestamp);
  ++walk->batch_count;
  *is_batch = true;
  return status;
}

Status BlockScanner::Next(ScannedRun* run, bool* found) {
  *found = false;
  if (!broken_.empty()) return Status::Ok();
  std::vector<RunEntry> pieces = std::move(run->pieces);
  pieces.clear();
  *run = ScannedRun();
  run->pieces = std::move(pieces);
  Walk walk;
  walk.cutter = RunCutter(static_cast<uint32_t>(at_.position), at_.offset);
  walk.position = at_.position;
  walk.offset = at_.offset;
  while (true) {
    bool is_frame = false;
    Status status = TakeFrame(walk, run, &is_frame);
    if (!status.ok()) return status;
    if (is_frame) break;
    bool is_taken = false;
    if (walk.position == at_.position) {
      status = TakeSnapshot(&walk, &is_taken);
    }
    if (status.ok() && !is_taken) status = TakeBatch(&walk, run, &is_taken);
    if (!status.ok()) return status;
    if (!is_taken) {
      Break("neither a batch nor a frame at position " +
            std::to_string(walk.position));
      return status;
    }
  }
  if (!broken_.empty()) return Status::Ok();
  run->entry.position = static_cast<uint32_t>(at_.position);
  run->entry.length = run->frame.run_length;
  run->entry.base_offset = at_.offset;
  run->entry.max_timestamp = walk.max_timestamp;
  if (walk.cutter.piece().length > 0) {
    run->pieces.push_back(walk.cutter.piece());
  }
  run->damaged_offset = walk.damaged_offset;
  at_ = {run->end_position, walk.offset, run->frame_crc};
  *found = true;
  return Status::Ok();
}

Status FindFrames(File* file, uint64_t block_start, const BlockHeader& header,
                  uint64_t position, uint64_t limit, FrameEvidence* evidence) {
  FileWindow window(file, block_start, limit);
  position = AlignUp(position, kFrameAlignment);
  while (position < limit) {
    Status status = window.SkipUnwritten(&position);
    if (!status.ok()) return status;
    if (position >= limit) break;
    position -= position % kFrameAlignment;
    std::span<const std::byte> bytes;
    status = window.Get(position, kWindowBytes, &bytes);
    if (!status.ok()) return status;
    const bool last = position + bytes.size() >= limit;
    // A frame that begins near the end of this view is seen whole in the next.
    const size_t step = last ? bytes.size() : bytes.size() - kFrameBytes;
    if (IsZero(bytes)) {
      position += step;
      continue;
    }
    for (size_t at = 0; at < step; at += kFrameAlignment) {
      const size_t size = std::min(kFrameAlignment, bytes.size() - at);
      if (IsZero(bytes.subspan(at, size))) continue;
      evidence->any_bytes = true;
      evidence->last_byte = position + at + size;
      CommitFrame frame;
      if (CommitFrame::Decode(bytes.subspan(at), &frame) != Decoded::kOk ||
          frame.tag != header.tag || frame.block_id != header.block_id) {
        continue;
      }
      ++evidence->frames;
      evidence->synced_through =
          std::max(evidence->synced_through, frame.synced_through);
    }
    position += step;
  }
  evidence->bytes_read += window.bytes_read();
  return Status::Ok();
}

}  // namespace walrus
