#include "wal/recovery_log.h"

#include <algorithm>

namespace walrus {

namespace {

// Follows one log from block to block.
class LogFollower {
 public:
  LogFollower(const TrustRule& trust, LogFindings* findings)
      : trust_(trust), found_(*findings) {}

  Status Follow() {
    found_.end.offset = found_.start_offset;
    for (size_t i = 0; i < found_.blocks.size(); ++i) {
      if (!Follows(i)) break;
      bool goes_on = false;
      const Status status = FollowBlock(i, &goes_on);
      if (!status.ok()) return status;
      if (!goes_on) break;
    }
    return Judge();
  }

 private:
  const FoundBlock& block(size_t i) const { return found_.blocks[i]; }

  bool Trusted(const Checkpoint& checkpoint) const {
    return trust_.BelievesAll() ||
           checkpoint.end_offset <= found_.synced_through;
  }

  const Checkpoint* BestTrusted(const FoundBlock& found) const {
    const Checkpoint* best = nullptr;
    for (const std::optional<Checkpoint>& slot : found.slots) {
      if (!slot || !Trusted(*slot)) continue;
      // By place, not by age: of a timed flush the synced one may be younger
      // than the one that reaches further.
      if (best == nullptr || slot->position > best->position ||
          (slot->position == best->position && slot->sealed)) {
        best = &*slot;
      }
    }
    return best;
  }

  // Whether block i is the one that must come now.
  bool Follows(size_t i) {
    const BlockHeader& header = block(i).header;
    if (i == 0) {
      // The first block may begin below the start, never above it.
      if (header.base_offset <= found_.start_offset) return true;
      what_ = "the blocks from the log's start on are missing";
      return false;
    }
    const BlockHeader& before = block(i - 1).header;
    if (header.ordinal == before.ordinal + 1 &&
        header.base_offset == at_.offset &&
        header.prev_frame_crc == at_.prev_frame_crc) {
      what_.clear();
      return true;
    }
    if (what_.empty()) what_ = "a block of the log is missing";
    return false;
  }

  Status FollowBlock(size_t i, bool* goes_on) {
    const FoundBlock& found = block(i);
    found_.extents.resize(i + 1);
    BlockExtent& extent = found_.extents[i];
    extent.end_offset = found.header.base_offset;
    at_ = {kBlockHeaderAreaBytes, found.header.base_offset,
           found.header.prev_frame_crc};
    at_block_ = i;
    NoteData();
    // A block that begins in the middle of a call is good only with the rest.
    if (!pending_call_) MarkGood(found.header.synced_through);
    *goes_on = true;
    const Checkpoint* trusted = BestTrusted(found);
    if (trusted != nullptr) {
      at_ = {trusted->position, trusted->end_offset, trusted->frame_crc};
      extent = {trusted->position,      trusted->end_offset,
                trusted->max_timestamp, trusted->sealed,
                trusted->has_producers, trusted->snapshot_position};
      pending_call_ = false;
      NoteData();
      MarkGood(trusted->synced_through);
      if (trusted->sealed) return Status::Ok();
    }
    return ScanBlock(i, goes_on);
  }

  Status ScanBlock(size_t i, bool* goes_on) {
    const FoundBlock& found = block(i);
    FileUse use;
    const Status opened = found.file->Use(&use);
    if (!opened.ok()) return opened;
    BlockScanner scanner(&use.file(), found.start, found.header,
                         found.RunsEnd(), at_);
    while (true) {
      ScannedRun run;
      bool is_run = false;
      const Status status = scanner.Next(&run, &is_run);
      if (!status.ok()) return status;
      if (!is_run) break;
      if (run.damaged_offset) {
        what_ = "the batch at offset " + std::to_string(*run.damaged_offset) +
                " does not match its CRC";
        damaged_ = true;
        break;
      }
      TakeRun(run, &found_.extents[i]);
    }
    found_.bytes_read += scanner.bytes_read();
    if (what_.empty()) what_ = scanner.broken();
    ReadSealed(found, &found_.extents[i]);
    if (found_.end.block == i &&
        found_.end.position == found_.extents[i].used) {
      good_extent_.sealed = found_.extents[i].sealed;
    }
    // A block that was left is good to its end when the next one follows.
    *goes_on = !damaged_;
    return Status::Ok();
  }

  void TakeRun(const ScannedRun& run, BlockExtent* extent) {
    at_ = {run.end_position, run.frame.next_offset, run.frame_crc};
    found_.synced_through =
        std::max(found_.synced_through, run.frame.synced_through);
    if (run.frame.HasRecords()) NoteData();
    NoteProducers(run, extent);
    extent->used = run.end_position;
    extent->end_offset = run.frame.next_offset;
    extent->max_timestamp =
        std::max(extent->max_timestamp, run.entry.max_timestamp);
    pending_call_ = !run.frame.last_of_call;
    if (!pending_call_) MarkGood(run.frame.synced_through);
  }

  static void NoteProducers(const ScannedRun& run, BlockExtent* extent) {
    extent->has_producers |=
        run.frame.snapshot || !run.producer_batches.empty();
    if (run.frame.snapshot) extent->snapshot_position = run.entry.position;
  }

  void ReadSealed(const FoundBlock& found, BlockExtent* extent) {
    for (const std::optional<Checkpoint>& slot : found.slots) {
      if (slot && slot->sealed && slot->position == extent->used) {
        extent->sealed = true;
      }
    }
  }

  void NoteData() {
    data_position_ = at_.position;
    data_frame_crc_ = at_.prev_frame_crc;
  }

  void MarkGood(uint64_t framed_synced_through) {
    found_.end = {at_block_,
                  at_.position,
                  at_.offset,
                  at_.prev_frame_crc,
                  data_position_,
                  data_frame_crc_,
                  framed_synced_through};
    found_.has_end_block = true;
    good_extent_ = found_.extents[at_block_];
  }

  // What stands behind the end, and what it means.
  Status Judge() {
    const uint64_t end_block = found_.end.block;
    if (found_.has_end_block) {
      found_.extents.resize(end_block + 1);
      found_.extents[end_block] = good_extent_;
    }
    FrameEvidence evidence;
    const bool closed_here =
        trust_.clean_close && found_.has_end_block &&
        end_block + 1 == found_.blocks.size() &&
        found_.end.offset == found_.synced_through &&
        found_.end.framed_synced_through == found_.end.offset;
    const size_t first = found_.has_end_block ? end_block : 0;
    if (!closed_here) {
      const Status status = LookBehind(first, &evidence);
      if (!status.ok()) return status;
    }
    const bool more_blocks = found_.has_end_block
                                 ? end_block + 1 < found_.blocks.size()
                                 : !found_.blocks.empty();
    found_.synced_through =
        std::max(found_.synced_through, evidence.synced_through);
    found_.bad_bytes = bad_bytes_;
    found_.what = what_;
    if (found_.synced_through >
        std::max(found_.end.offset, found_.start_offset)) {
      found_.verdict = LogVerdict::kCorrupt;
      if (found_.what.empty()) found_.what = "acknowledged records are missing";
    } else if (more_blocks || bad_bytes_ > 0 || PromisesMore()) {
      found_.verdict = LogVerdict::kTorn;
      if (found_.has_end_block) ChooseSlots();
    }
    return Status::Ok();
  }

  // A checkpoint of the end's block that arrived without the runs it covers.
  // It must go: once the log has grown past it, it would be believed.
  bool PromisesMore() const {
    if (!found_.has_end_block) return false;
    for (const std::optional<Checkpoint>& slot :
         block(found_.end.block).slots) {
      if (slot && slot->position > found_.end.position) return true;
    }
    return false;
  }

  // What the slots of the end's block hold once the rest is cut. One that was
  // believed stays: without it the next recovery would read what this one did
  // not, and judge anew.
  void ChooseSlots() {
    BlockExtent& extent = found_.extents[found_.end.block];
    found_.slots_left = block(found_.end.block).slots;
    for (std::optional<Checkpoint>& slot : found_.slots_left) {
      if (!slot) continue;
      if (slot->position > found_.end.position) {
        slot.reset();
      } else if (slot->sealed && bad_bytes_ > 0) {
        // The seal stands in what is cut.
        slot->sealed = false;
        slot->seal_position = 0;
        slot->seal_length = 0;
        extent.sealed = false;
      }
    }
  }

  // Frames in the rest of the end's block and in all later ones.
  Status LookBehind(size_t first, FrameEvidence* evidence) {
    for (size_t i = first; i < found_.blocks.size(); ++i) {
      const bool end_block = found_.has_end_block && i == first;
      const FoundBlock& found = block(i);
      FrameEvidence here;
      const uint64_t from =
          end_block ? found_.end.position : kBlockHeaderAreaBytes;
      FileUse use;
      Status status = found.file->Use(&use);
      if (!status.ok()) return status;
      status = FindFrames(&use.file(), found.start, found.header, from,
                          found.bytes, &here);
      if (!status.ok()) return status;
      if (end_block && !SealOnly(found, here)) {
        bad_bytes_ = here.any_bytes ? here.last_byte - from : 0;
      }
      evidence->synced_through =
          std::max(evidence->synced_through, here.synced_through);
      found_.bytes_read += here.bytes_read;
    }
    return Status::Ok();
  }

  // A last block that was sealed has its seal behind the end, and no more.
  bool SealOnly(const FoundBlock& found, const FrameEvidence& here) const {
    for (const std::optional<Checkpoint>& slot : found.slots) {
      if (slot && slot->sealed && slot->position == found_.end.position &&
          here.frames == 0 &&
          here.last_byte <= AlignUp(slot->seal_position + slot->seal_length,
                                    kFrameAlignment)) {
        return true;
      }
    }
    return false;
  }

  const TrustRule trust_;
  LogFindings& found_;
  ScanStart at_;
  size_t at_block_ = 0;
  uint64_t data_position_ = 0;
  uint32_t data_frame_crc_ = 0;
  bool pending_call_ = false;
  bool damaged_ = false;
  BlockExtent good_extent_;
  std::string what_;
  uint64_t bad_bytes_ = 0;
};

void SortBlocks(std::vector<FoundBlock> blocks,
                std::optional<uint64_t> deleted_below, LogFindings* findings) {
  // Of two with one ordinal the younger counts.
  std::sort(blocks.begin(), blocks.end(),
            [](const FoundBlock& a, const FoundBlock& b) {
              return a.header.ordinal != b.header.ordinal
                         ? a.header.ordinal < b.header.ordinal
                         : a.header.block_id > b.header.block_id;
            });
  for (FoundBlock& found : blocks) {
    if (deleted_below && found.header.block_id < *deleted_below) {
      findings->dead.push_back(std::move(found));
    } else if (!findings->blocks.empty() &&
               findings->blocks.back().header.ordinal == found.header.ordinal) {
      findings->strays.push_back(std::move(found));
    } else {
      findings->blocks.push_back(std::move(found));
    }
  }
}

}  // namespace

Status FindLogEnd(const UnitScan& scan, const LogId& log,
                  const TrustRule& trust, uint64_t start_offset,
                  std::optional<uint64_t> deleted_below,
                  LogFindings* findings) {
  findings->start_offset = start_offset;
  const auto suspects = scan.suspect_synced.find(log);
  if (suspects != scan.suspect_synced.end()) {
    for (const auto& [block_id, synced] : suspects->second) {
      if (deleted_below && block_id < *deleted_below) continue;
      findings->synced_through = std::max(findings->synced_through, synced);
    }
  }
  const auto blocks = scan.logs.find(log);
  if (blocks != scan.logs.end()) {
    SortBlocks(blocks->second, deleted_below, findings);
  }
  std::vector<FoundBlock>& live = findings->blocks;
  for (const FoundBlock& found : live) {
    uint64_t& synced = findings->synced_through;
    synced = std::max(synced, found.header.synced_through);
    for (const std::optional<Checkpoint>& slot : found.slots) {
      if (slot) synced = std::max(synced, slot->synced_through);
    }
  }
  // The start was synced before any block below it was freed, so such blocks
  // are left-overs whatever is in them.
  size_t below = 0;
  while (below + 1 < live.size() &&
         live[below + 1].header.base_offset <= start_offset) {
    ++below;
  }
  for (size_t i = 0; i < below; ++i) {
    findings->dead.push_back(std::move(live[i]));
  }
  live.erase(live.begin(), live.begin() + static_cast<long>(below));
  return LogFollower(trust, findings).Follow();
}

}  // namespace walrus
