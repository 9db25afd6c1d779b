// ScanUnits: one pass over the header areas of all data files.
#include <algorithm>

#include "wal/recovery_log.h"

namespace walrus {

namespace {

bool BelongsHere(const BlockHeader& header, const DataFile& file,
                 uint32_t unit) {
  return header.file_id == file.id() && header.unit_index == unit &&
         header.unit_count >= 1 &&
         header.unit_count <= file.header().blocks_per_file - unit;
}

std::optional<size_t> BadCopy(std::span<const std::byte> area,
                              const BlockHeader& header) {
  for (const size_t position : {size_t{0}, kBlockHeaderCopyPosition}) {
    BlockHeader copy;
    const Decoded decoded =
        BlockHeader::Decode(area.subspan(position, kBlockHeaderBytes), &copy);
    if (decoded != Decoded::kOk || copy != header) return position;
  }
  return std::nullopt;
}

// Frames of whatever block stands in the unit, by their own CRC only.
Status ReadSuspect(const SuspectUnit& suspect, UnitScan* scan) {
  const FileHeader& file = suspect.file->header();
  FileUse use;
  const Status opened = suspect.file->Use(&use);
  if (!opened.ok()) return opened;
  FileWindow window(&use.file(), file.UnitPosition(suspect.unit),
                    file.block_bytes);
  for (uint64_t at = kBlockHeaderAreaBytes; at + kFrameBytes <= window.limit();
       at += kFrameAlignment) {
    std::span<const std::byte> bytes;
    const Status status = window.Get(at, kFrameBytes, &bytes);
    if (!status.ok()) return status;
    CommitFrame frame;
    if (CommitFrame::Decode(bytes, &frame) != Decoded::kOk) continue;
    uint64_t& synced = scan->suspect_synced[frame.log][frame.block_id];
    synced = std::max(synced, frame.synced_through);
    scan->block_id_max = std::max(scan->block_id_max, frame.block_id);
  }
  scan->bytes_read += window.bytes_read();
  return Status::Ok();
}

// The header areas of the units of a file in use, read many at a time: on a
// cold disk the waits then overlap.
class HeaderAreas {
 public:
  HeaderAreas(FileSystem* file_system, DataFile* file)
      : file_system_(*file_system), file_(*file) {}

  Status Get(uint32_t unit, std::span<const std::byte>* area) {
    if (unit < begin_ || unit >= begin_ + count_) {
      const Status status = ReadFrom(unit);
      if (!status.ok()) return status;
    }
    *area = areas_[unit - begin_];
    return Status::Ok();
  }
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  static constexpr uint32_t kAtOnce = 64;

  Status ReadFrom(uint32_t unit) {
    begin_ = unit;
    count_ = std::min(kAtOnce, file_.header().blocks_per_file - unit);
    std::array<iovec, kAtOnce> parts;
    std::array<FileRead, kAtOnce> reads;
    for (uint32_t i = 0; i < count_; ++i) {
      areas_[i].fill(std::byte{0});
      parts[i] = {areas_[i].data(), areas_[i].size()};
      reads[i] = {
          &file_.file(), file_.header().UnitPosition(unit + i), {&parts[i], 1}};
    }
    const Status status = file_system_.ReadMany({reads.data(), count_});
    for (uint32_t i = 0; status.ok() && i < count_; ++i) {
      bytes_read_ += reads[i].bytes_read;
    }
    return status;
  }

  FileSystem& file_system_;
  DataFile& file_;
  std::array<std::array<std::byte, kBlockHeaderAreaBytes>, kAtOnce> areas_;
  uint32_t begin_ = 0;
  uint32_t count_ = 0;
  uint64_t bytes_read_ = 0;
};

Status ScanFile(const std::shared_ptr<DataFile>& file, DataFileSet* files,
                UnitScan* scan) {
  const FileHeader& header = file->header();
  FileUse use;
  const Status opened = file->Use(&use);
  if (!opened.ok()) return opened;
  HeaderAreas areas(&files->file_system(), file.get());
  for (uint32_t unit = 0; unit < header.blocks_per_file;) {
    const uint64_t start = header.UnitPosition(unit);
    std::span<const std::byte> area;
    const Status status = areas.Get(unit, &area);
    if (!status.ok()) return status;

    FoundBlock found;
    const Decoded decoded = BlockHeader::DecodeArea(area, &found.header);
    if (decoded == Decoded::kOk && BelongsHere(found.header, *file, unit)) {
      found.file = file;
      found.start = start;
      found.bad_copy = BadCopy(area, found.header);
      found.bytes = uint64_t{found.header.unit_count} * header.block_bytes;
      for (size_t slot = 0; slot < 2; ++slot) {
        Checkpoint checkpoint;
        const auto bytes =
            area.subspan(kCheckpointPositions[slot], kCheckpointBytes);
        if (Checkpoint::Decode(bytes, &checkpoint) == Decoded::kOk &&
            checkpoint.block_id == found.header.block_id &&
            checkpoint.tag == found.header.tag) {
          found.slots[slot] = checkpoint;
        }
      }
      scan->block_id_max = std::max(scan->block_id_max, found.header.block_id);
      files->NoteUsed(file, unit, found.header.unit_count);
      unit += found.header.unit_count;
      scan->logs[found.header.log].push_back(std::move(found));
      continue;
    }
    if (!IsZero(area)) {
      const std::string what = decoded == Decoded::kOk
                                   ? "a block header of another place"
                                   : std::string(DecodedText(decoded));
      scan->suspects.push_back({file, unit, what});
      // Kept as it is: it may be all that is left of a block.
      files->Keep(file, unit + 1);
    }
    ++unit;
  }
  scan->bytes_read += areas.bytes_read();
  return Status::Ok();
}

}  // namespace

Status ScanUnits(DataFileSet* files, UnitScan* scan) {
  for (const std::shared_ptr<DataFile>& file : files->All()) {
    const Status status = ScanFile(file, files, scan);
    if (!status.ok()) return status;
  }
  for (const SuspectUnit& suspect : scan->suspects) {
    const Status status = ReadSuspect(suspect, scan);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace walrus
