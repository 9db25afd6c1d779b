#include "wal/block_writer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "wal/instance_lock.h"

namespace walrus {

namespace {

constexpr std::array<std::byte, kFrameAlignment> kZeros{};

}  // namespace

// Collects the runs of one log that lie one after another in a block, and
// plans one write for them.
class BlockWriter::RunBuilder {
 public:
  RunBuilder(BlockWriter* writer, StagedLog* staged, CommitGroup* group)
      : writer_(*writer),
        staged_(*staged),
        group_(*group),
        log_(*staged->log),
        tail_(staged->log->tail),
        flush_begin_(group->parts.size()),
        flush_position_(tail_.position) {}

  Status AddWhole(const CommitOp& op) {
    if (run_open_ && (run_.entry.length + op.bytes > kRunBytesMax ||
                      !tail_.Fits(run_.entry.length + op.bytes))) {
      CloseRun(true);
    }
    Status status = OpenRun(op.bytes, op.base_offset, op.base_offset);
    if (!status.ok()) return status;
    group_.parts.insert(group_.parts.end(), op.chunks.begin(), op.chunks.end());
    for (const CheckedBatch& batch : op.batches) Count(op, batch);
    return Status::Ok();
  }

  /// One call that may take several runs. What comes before its last run is
  /// synced first, so that the frame that makes the call exist never stands
  /// without the rest of it.
  Status AddCut(const CommitOp& op) {
    size_t closed = 0;
    uint64_t offset = op.base_offset;
    for (const CheckedBatch& batch : op.batches) {
      const uint64_t length = run_open_ ? run_.entry.length : 0;
      if (run_open_ && (length + batch.bytes > kRunBytesMax ||
                        !tail_.Fits(length + batch.bytes))) {
        CloseRun(false);
        ++closed;
      }
      Status status = OpenRun(batch.bytes, offset, op.base_offset);
      if (!status.ok()) return status;
      SliceChunks(op.chunks, batch.chunk, batch.chunk_position, batch.bytes,
                  &group_.parts);
      Count(op, batch);
      offset += batch.record_count;
    }
    if (closed > 0) {
      PlanUpTo(run_.parts_begin);
      Status status = writer_.FlushWrites(&group_);
      if (status.ok()) status = writer_.barrier_->SyncBeforeLastRun();
      if (!status.ok()) return status;
    }
    CloseRun(true);
    return Status::Ok();
  }

  void CloseRun(bool last_of_call) {
    if (!run_open_) return;
    run_open_ = false;
    const uint64_t length = run_.entry.length;
    const uint64_t padding = AlignUp(length, kFrameAlignment) - length;
    if (padding > 0) group_.parts.push_back(Part(kZeros.data(), padding));
    frame_.last_of_call = last_of_call;
    PushFrame();
  }

  void AddBareFrame() {
    StartFrame(tail_.end_offset, tail_.end_offset);
    frame_.bare = true;
    PushFrame();
  }

  /// Goes on in a new block that has room for a run of `bytes`, which is of
  /// the call that begins at `call_base`.
  Status NextBlock(uint64_t bytes, uint64_t call_base) {
    Plan();
    ProducerSnapshot snapshot;
    const Status status = writer_.NewBlock(&staged_, &group_, bytes, &snapshot);
    if (!status.ok()) return status;
    flush_begin_ = group_.parts.size() - 1;  // the header area goes along
    flush_position_ = 0;
    // So that the log can always be followed from this block on.
    if (!snapshot.producers.empty()) AddSnapshot(&snapshot, call_base);
    return status;
  }

  /// A snapshot of the producers behind the runs, where one is due and fits.
  void AddDueSnapshot() {
    if (!log_.has_producers || !tail_.SnapshotDue()) return;
    if (!AddSnapshotHere()) return;
    // It is synced with the runs before it: whoever knows these to be synced
    // may begin behind it.
    tail_.data_position = tail_.position;
    tail_.data_frame_crc = tail_.frame_crc;
  }

  bool AddSnapshotHere() {
    ProducerSnapshot snapshot;
    writer_.TakeSnapshot(&log_, &snapshot);
    const bool fits = tail_.position + RunSpace(snapshot.EncodedBytes()) <=
                      tail_.block->RunsEnd();
    if (snapshot.producers.empty() || !fits) return false;
    AddSnapshot(&snapshot, tail_.end_offset);
    return true;
  }

  void Plan() { PlanUpTo(group_.parts.size()); }

 private:
  Status OpenRun(uint64_t bytes, uint64_t base_offset, uint64_t call_base) {
    if (run_open_) return Status::Ok();
    if (!tail_.Fits(bytes)) {
      const Status status = NextBlock(bytes, call_base);
      if (!status.ok()) return status;
    }
    StartFrame(base_offset, call_base);
    run_open_ = true;
    return Status::Ok();
  }

  void AddSnapshot(ProducerSnapshot* snapshot, uint64_t call_base) {
    snapshot->block_id = tail_.block->header.block_id;
    snapshot->tag = tail_.block->header.tag;
    StartFrame(tail_.end_offset, call_base);
    const size_t length = snapshot->EncodedBytes();
    std::vector<std::byte>& bytes = group_.snapshots.emplace_back(
        AlignUp(length, kFrameAlignment), std::byte{0});
    frame_.snapshot = true;
    frame_.headers_crc = snapshot->EncodeTo(bytes.data());
    frame_.run_length = static_cast<uint32_t>(length);
    // In the middle of a call it must not look like the end of one.
    frame_.last_of_call = call_base == tail_.end_offset;
    group_.parts.push_back(Part(bytes.data(), bytes.size()));
    PushFrame();
    tail_.snapshot_position = frame_.run_position;
    tail_.snapshot_bytes = length;
  }

  void StartFrame(uint64_t base_offset, uint64_t call_base) {
    run_ = StagedRun();
    run_.block = tail_.block.get();
    run_.parts_begin = group_.parts.size();
    frame_ = writer_.NewFrame(log_, base_offset, call_base, staged_.synced_end);
    run_.entry.position = frame_.run_position;
    run_.entry.base_offset = base_offset;
    run_.pieces_begin = staged_.pieces.size();
    cutter_ = RunCutter(frame_.run_position, base_offset);
  }

  void Count(const CommitOp& op, const CheckedBatch& batch) {
    CountBatch(op.chunks, batch, &frame_);
    run_.entry.length = frame_.run_length;
    cutter_.Add(batch.bytes, batch.record_count, batch.max_timestamp,
                &staged_.pieces);
  }

  void PushFrame() {
    std::byte* bytes = group_.arena.Take(kFrameBytes);
    const uint32_t crc = frame_.EncodeTo(bytes);
    group_.parts.push_back(Part(bytes, kFrameBytes));
    AdvanceTail(&log_, frame_, crc);
    run_.entry.max_timestamp = frame_.max_timestamp;
    run_.end_position = tail_.position;
    run_.next_offset = frame_.next_offset;
    run_.frame_crc = crc;
    run_.parts_end = group_.parts.size();
    run_.pieces_end = staged_.pieces.size();
    run_.last = cutter_.piece();
    staged_.runs.push_back(run_);
  }

  void PlanUpTo(size_t end) {
    if (end == flush_begin_) return;
    writer_.PlanWrite(tail_.block.get(), flush_position_, flush_begin_, end,
                      &group_);
    flush_position_ += group_.extents.back().length;
    flush_begin_ = end;
  }

  BlockWriter& writer_;
  StagedLog& staged_;
  CommitGroup& group_;
  Log& log_;
  LogTail& tail_;
  size_t flush_begin_;
  uint64_t flush_position_;
  bool run_open_ = false;
  StagedRun run_;
  RunCutter cutter_{0, 0};
  CommitFrame frame_;
};

CommitFrame BlockWriter::NewFrame(const Log& log, uint64_t base_offset,
                                  uint64_t call_base_offset,
                                  uint64_t synced_end) const {
  const LogTail& tail = log.tail;
  CommitFrame frame;
  frame.leader_epoch = leader_epoch_;
  frame.tag = tail.block->header.tag;
  frame.block_id = tail.block->header.block_id;
  frame.log = log.id;
  frame.run_position = static_cast<uint32_t>(tail.position);
  frame.base_offset = base_offset;
  frame.next_offset = base_offset;
  frame.call_base_offset = call_base_offset;
  frame.synced_through = synced_end;
  frame.prev_frame_crc = tail.frame_crc;
  return frame;
}

void BlockWriter::CountBatch(std::span<const iovec> chunks,
                             const CheckedBatch& batch, CommitFrame* frame) {
  frame->run_length += batch.bytes;
  frame->max_timestamp = std::max(frame->max_timestamp, batch.max_timestamp);
  frame->next_offset += batch.record_count;
  ++frame->batch_count;
  frame->headers_crc = ExtendHeadersCrc(frame->headers_crc, chunks, batch);
}

void BlockWriter::AdvanceTail(Log* log, const CommitFrame& frame,
                              uint32_t crc) {
  LogTail& tail = log->tail;
  tail.position = frame.EndPosition();
  tail.end_offset = frame.next_offset;
  tail.frame_crc = crc;
  tail.framed_synced_through = frame.synced_through;
  if (!frame.HasRecords()) return;
  tail.block_max_timestamp =
      std::max(tail.block_max_timestamp, frame.max_timestamp);
  tail.data_position = tail.position;
  tail.data_frame_crc = crc;
  std::vector<IndexEntry>& index = log->index;
  if (index.empty() ||
      frame.run_position - index.back().position >= kIndexStepBytes) {
    index.push_back(
        {frame.base_offset, frame.run_position, tail.block_max_timestamp});
  }
}

Status BlockWriter::WriteSmallRun(Log* log, std::span<const iovec> chunks,
                                  std::span<const CheckedBatch> batches,
                                  uint64_t bytes, uint64_t synced_end,
                                  StagedRun* run, WrittenExtent* extent) {
  LogTail& tail = log->tail;
  CommitFrame frame =
      NewFrame(*log, tail.end_offset, tail.end_offset, synced_end);
  for (const CheckedBatch& batch : batches) CountBatch(chunks, batch, &frame);
  const uint64_t padded = AlignUp(bytes, kFrameAlignment);
  // One piece: for so few bytes copying them costs less than a list of parts.
  thread_local std::vector<std::byte> buffer;
  buffer.resize(padded + kFrameBytes);
  std::byte* to = buffer.data();
  for (const iovec& chunk : chunks) {
    std::memcpy(to, chunk.iov_base, chunk.iov_len);
    to += chunk.iov_len;
  }
  std::memset(to, 0, padded - bytes);
  const uint32_t crc = frame.EncodeTo(buffer.data() + padded);

  Block* block = tail.block.get();
  *extent = {block->file, block->start + tail.position, buffer.size()};
  const Status status =
      block->file->file().Write(extent->position, buffer.data(), buffer.size());
  block->file->MarkDirty();
  if (!status.ok()) return status;
  AdvanceTail(log, frame, crc);
  run->block = block;
  run->entry = {frame.run_position, frame.run_length, frame.base_offset,
                frame.max_timestamp};
  run->last = run->entry;
  run->end_position = tail.position;
  run->next_offset = frame.next_offset;
  run->frame_crc = crc;
  return status;
}

bool BlockWriter::NeedsOwnGroup(uint64_t bytes, uint64_t block_bytes) {
  return bytes > kRunBytesMax || BlockSpace(bytes, block_bytes) > block_bytes;
}

bool BlockWriter::BatchFitsFile(uint64_t bytes, uint64_t block_bytes,
                                uint32_t blocks_per_file) {
  return BlockSpace(bytes, block_bytes) <= block_bytes * blocks_per_file;
}

Status BlockWriter::WriteLog(StagedLog* staged, CommitGroup* group) {
  RunBuilder builder(this, staged, group);
  for (const CommitOp* op : staged->ops) {
    const Status status =
        op->alone ? builder.AddCut(*op) : builder.AddWhole(*op);
    if (!status.ok()) return status;
  }
  builder.CloseRun(true);
  builder.AddDueSnapshot();
  staged->end_offset = staged->log->tail.end_offset;
  builder.Plan();
  return Status::Ok();
}

Status BlockWriter::WriteBareFrame(StagedLog* staged, CommitGroup* group) {
  LogTail& tail = staged->log->tail;
  staged->end_offset = tail.end_offset;
  if (tail.position + kFrameBytes > tail.block->RunsEnd()) {
    // The seal says it too, and nothing else fits behind it.
    LeaveBlock(staged);
    tail.framed_synced_through = staged->synced_end;
    tail.block = nullptr;
    tail.pin = nullptr;
    return Status::Ok();
  }
  RunBuilder builder(this, staged, group);
  builder.AddBareFrame();
  builder.Plan();
  return Status::Ok();
}

void BlockWriter::WriteSnapshot(StagedLog* staged, CommitGroup* group) {
  LogTail& tail = staged->log->tail;
  const uint64_t before = tail.snapshot_position;
  RunBuilder builder(this, staged, group);
  (void)builder.AddSnapshotHere();
  // No checkpoint names it: it may be synced later than what that covers. Who
  // goes on behind the last one finds it.
  tail.snapshot_position = before;
  staged->end_offset = staged->log->tail.end_offset;
  builder.Plan();
}

Status BlockWriter::StartBlock(StagedLog* staged, CommitGroup* group) {
  RunBuilder builder(this, staged, group);
  const Status status = builder.NextBlock(0, staged->log->tail.end_offset);
  if (!status.ok()) return status;
  builder.AddBareFrame();
  staged->end_offset = staged->log->tail.end_offset;
  builder.Plan();
  return Status::Ok();
}

void BlockWriter::LeaveBlock(StagedLog* staged) {
  Log* log = staged->log;
  if (log->tail.block == nullptr) return;
  staged->seals.push_back({log->tail.block, log->tail, std::move(log->index)});
  log->index.clear();
}

}  // namespace walrus
