// Opening a stopped instance for inspection, and showing what its files hold.
#include "wal/inspect.h"

#include <algorithm>
#include <utility>

#include "wal/inspection.h"
#include "wal/recovery.h"

namespace walrus {

namespace {

// The batches of one run, whose headers the scanner has verified.
Status ShowBatches(const FoundBlock& found, const ScannedRun& run,
                   const InspectedBlock& block, InspectVisitor* visitor) {
  FileUse use;
  const Status opened = found.file->Use(&use);
  if (!opened.ok()) return opened;
  FileWindow window(&use.file(), found.start, found.bytes);
  uint64_t position = run.entry.position;
  for (uint32_t i = 0; i < run.frame.batch_count; ++i) {
    std::span<const std::byte> bytes;
    const Status status = window.Get(position, kBatchHeaderBytes, &bytes);
    if (!status.ok()) return status;
    if (bytes.size() < kBatchHeaderBytes) return Status::Ok();
    InspectedBatch batch;
    batch.header = BatchHeader::Parse(bytes.data());
    batch.position = found.start + position;
    visitor->OnBatch(block, batch);
    position += batch.header.TotalBytes();
  }
  return Status::Ok();
}

Status ShowRuns(const FoundBlock& found, const InspectedBlock& block,
                InspectVisitor* visitor) {
  FileUse use;
  const Status opened = found.file->Use(&use);
  if (!opened.ok()) return opened;
  BlockScanner scanner(&use.file(), found.start, found.header, found.RunsEnd(),
                       StartOf(found.header));
  while (true) {
    ScannedRun run;
    bool is_run = false;
    Status status = scanner.Next(&run, &is_run);
    if (!status.ok() || !is_run) return status;
    InspectedRun shown;
    shown.frame = run.frame;
    shown.position = found.start + run.frame.run_position;
    shown.intact = !run.damaged_offset;
    visitor->OnRun(block, shown);
    status = ShowBatches(found, run, block, visitor);
    if (!status.ok()) return status;
  }
}

}  // namespace

ScanStart StartOf(const BlockHeader& header) {
  return {kBlockHeaderAreaBytes, header.base_offset, header.prev_frame_crc};
}

Status Inspection::Open(const InspectOptions& options) {
  file_system_ = options.file_system == nullptr ? &FileSystem::Posix()
                                                : options.file_system;
  directory_ = options.directory;
  bool exists = false;
  Status status = file_system_->Exists(directory_ + "/" + kLockName, &exists);
  if (!status.ok()) return status;
  if (!exists) {
    return Status(Code::kInvalidInput,
                  directory_ + " holds no instance: it has no LOCK file");
  }
  status = InstanceLock::Acquire(*file_system_, directory_, &lock_);
  if (!status.ok()) return status;
  if (lock_->previous()) {
    instance_id_ = lock_->previous()->instance_id;
  } else {
    bool found = false;
    status = ReadInstanceId(*file_system_, directory_, &instance_id_, &found);
    if (!status.ok()) return status;
  }
  // The sizes count for files whose header cannot be read; none is made here.
  files_ = std::make_unique<DataFileSet>(
      *file_system_, directory_, instance_id_, Options().block_bytes,
      Options().blocks_per_file, Options().open_files_max);
  status = files_->LoadAll(OpenMode::kReadOnly, &file_report_);
  if (status.ok()) status = ScanUnits(files_.get(), &scan_);
  return status.ok() ? ReadState() : status;
}

Status Inspection::ReadState() {
  const std::string path = directory_ + "/" + kCursorFileName;
  bool exists = false;
  Status status = file_system_->Exists(path, &exists);
  if (!status.ok() || !exists) return status;
  std::unique_ptr<File> file;
  uint64_t size = 0;
  status = file_system_->Open(path, OpenMode::kReadOnly, &file);
  if (status.ok()) status = file->Size(&size);
  if (!status.ok()) return status;
  std::vector<std::byte> bytes(size);
  size_t got = 0;
  status = file->Read(0, bytes.data(), bytes.size(), &got);
  if (!status.ok()) return status;
  TakeState(std::span<const std::byte>(bytes).first(got));
  return status;
}

void Inspection::TakeState(std::span<const std::byte> bytes) {
  CursorFileHeader header;
  if (CursorFileHeader::DecodeArea(bytes, &header) != Decoded::kOk) {
    if (!bytes.empty()) state_damage_ = "the cursor file has no good header";
    return;
  }
  uint32_t last = 0;
  for (size_t at = kCursorFileHeaderAreaBytes; at < bytes.size();) {
    CursorRecord record;
    if (CursorRecord::Decode(bytes.subspan(at), header.tag, &record) !=
        Decoded::kOk) {
      at += kCursorRecordAlignment;
      continue;
    }
    if (record.sequence != last + 1) {
      state_damage_ = "records " + std::to_string(last + 1) + " to " +
                      std::to_string(record.sequence - 1) +
                      " of the cursor file are missing";
    }
    last = record.sequence;
    state_.Apply({record.type, record.log, record.name, record.value});
    at += record.EncodedBytes();
  }
}

std::vector<const FoundBlock*> Inspection::BlocksOf(
    const DataFile& file) const {
  std::vector<const FoundBlock*> blocks;
  for (const auto& [id, found] : scan_.logs) {
    for (const FoundBlock& block : found) {
      if (block.file.get() == &file) blocks.push_back(&block);
    }
  }
  std::sort(blocks.begin(), blocks.end(),
            [](const FoundBlock* a, const FoundBlock* b) {
              return a->start < b->start;
            });
  return blocks;
}

bool Inspection::IsDead(const FoundBlock& found) const {
  const std::optional<uint64_t> below = state_.DeletedBelow(found.header.log);
  return below && found.header.block_id < *below;
}

Status InspectInstance(const InspectOptions& options, InspectVisitor* visitor) {
  Inspection inspection;
  Status status = inspection.Open(options);
  if (!status.ok()) return status;
  for (const std::shared_ptr<DataFile>& file : inspection.files().All()) {
    InspectedFile shown;
    shown.header = file->header();
    FileUse use;
    status = file->Use(&use);
    if (status.ok()) status = use.file().Size(&shown.bytes);
    if (!status.ok()) return status;
    visitor->OnFile(shown);
    for (const FoundBlock* found : inspection.BlocksOf(*file)) {
      InspectedBlock block;
      block.header = found->header;
      block.position = found->start;
      block.bytes = found->bytes;
      for (const std::optional<Checkpoint>& slot : found->slots) {
        if (!slot) continue;
        if (!block.checkpoint || block.checkpoint->sequence < slot->sequence) {
          block.checkpoint = slot;
        }
      }
      block.deleted = inspection.IsDead(*found);
      visitor->OnBlock(block);
      status = ShowRuns(*found, block, visitor);
      if (!status.ok()) return status;
    }
  }
  return status;
}

}  // namespace walrus
