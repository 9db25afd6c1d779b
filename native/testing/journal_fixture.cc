#include "testing/journal_fixture.h"

#include <gtest/gtest.h>

#include "wal/cursor_file.h"

namespace walrus {
namespace {

std::string DataPath(uint64_t file_id) {
  return std::string(kJournalDirectory) + "/" + std::to_string(file_id);
}

Status OpenExisting(FileSystem& disk, const std::string& path,
                    std::unique_ptr<File>* file) {
  return disk.Open(path, OpenMode::kExisting, file);
}

}  // namespace

Status TestTarget::ReadBlockHeader(uint64_t file_id, uint64_t unit_position,
                                   bool* file_exists,
                                   std::optional<BlockHeader>* header) {
  header->reset();
  Status status = disk_.Exists(DataPath(file_id), file_exists);
  if (!status.ok() || !*file_exists) return status;
  std::unique_ptr<File> file;
  status = OpenExisting(disk_, DataPath(file_id), &file);
  if (!status.ok()) return status;
  Bytes area(kBlockHeaderAreaBytes);
  size_t bytes_read;
  status = file->Read(unit_position, area.data(), area.size(), &bytes_read);
  BlockHeader found;
  if (status.ok() && BlockHeader::DecodeArea(std::span(area).first(bytes_read),
                                             &found) == Decoded::kOk) {
    *header = found;
  }
  return status;
}

Status TestTarget::Write(uint64_t file_id, uint64_t position,
                         std::span<const std::byte> bytes) {
  std::unique_ptr<File> file;
  Status status = OpenExisting(disk_, DataPath(file_id), &file);
  return status.ok() ? file->Write(position, bytes.data(), bytes.size())
                     : status;
}

Status TestTarget::ReadCursorHeader(std::optional<CursorFileHeader>* header) {
  return CursorFile::ReadHeader(disk_, kJournalDirectory, header);
}

Status TestTarget::WriteCursorFile(uint64_t position,
                                   std::span<const std::byte> bytes) {
  std::unique_ptr<File> file;
  Status status = OpenExisting(
      disk_, std::string(kJournalDirectory) + "/" + kCursorFileName, &file);
  return status.ok() ? file->Write(position, bytes.data(), bytes.size())
                     : status;
}

void TestGroup::Add(EntryKind kind, uint64_t file_id, uint64_t position,
                    Bytes bytes) {
  bytes_.push_back(std::make_unique<Bytes>(std::move(bytes)));
  Bytes& kept = *bytes_.back();
  parts_.push_back(std::make_unique<iovec>(iovec{kept.data(), kept.size()}));
  entries_.push_back({kind, file_id, position, {parts_.back().get(), 1}});
}

void TestGroup::AddBlock(const BlockHeader& header) {
  Bytes area(kBlockHeaderAreaBytes);
  header.EncodeAreaTo(area.data());
  Add(EntryKind::kBlockHeader, header.file_id, UnitPosition(header.unit_index),
      std::move(area));
}

uint64_t TestGroup::AddRun(const BlockHeader& block, uint64_t position,
                           uint64_t base_offset, size_t value_bytes) {
  CommitFrame frame;
  frame.tag = block.tag;
  frame.block_id = block.block_id;
  frame.log = block.log;
  frame.run_position = static_cast<uint32_t>(position);
  frame.base_offset = base_offset;
  frame.call_base_offset = base_offset;
  Bytes run = MakeRun({MakeBatchOfSize(value_bytes, base_offset)}, &frame);
  const uint64_t end = position + run.size();
  Add(EntryKind::kRun, block.file_id, UnitPosition(block.unit_index) + position,
      std::move(run));
  return end;
}

void TestGroup::AddCursorRecords(uint64_t generation, uint64_t position,
                                 Bytes bytes) {
  Add(EntryKind::kCursorRecords, generation, position, std::move(bytes));
}

void TestGroup::WriteInPlace(FileSystem& disk) const {
  for (const JournalEntry& entry : entries_) {
    ASSERT_NE(entry.kind, EntryKind::kCursorRecords);
    std::unique_ptr<File> file;
    ASSERT_TRUE(OpenExisting(disk, DataPath(entry.file_id), &file).ok());
    ASSERT_TRUE(file->WriteV(entry.position, entry.parts).ok());
  }
}

BlockHeader BlockInUnit(uint32_t unit, uint64_t block_id) {
  BlockHeader header;
  header.block_id = block_id;
  header.log = LogId{{7}, unit};
  header.tag = {static_cast<uint8_t>(block_id), 0x55};
  header.file_id = kJournalFileId;
  header.unit_index = unit;
  return header;
}

uint64_t UnitPosition(uint32_t unit) {
  return kFileHeaderAreaBytes + unit * kJournalBlockBytes;
}

void CreateDataFile(FaultyFileSystem& disk) {
  ASSERT_TRUE(disk.CreateDirectories(kJournalDirectory).ok());
  Bytes area(kFileHeaderAreaBytes);
  FileHeader header{kJournalBlockBytes, 4, kJournalFileId, kJournalInstance};
  header.EncodeAreaTo(area.data());
  ASSERT_TRUE(disk.WriteFile(DataPath(kJournalFileId), area).ok());
}

std::unique_ptr<Journal> OpenJournal(FileSystem& disk, uint64_t file_bytes) {
  Journal::Options options;
  options.directory = kJournalDirectory;
  options.instance_id = kJournalInstance;
  options.file_bytes = file_bytes;
  std::unique_ptr<Journal> journal;
  const Status status = Journal::Open(disk, options, &journal);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return journal;
}

JournalReplayReport ReplayInto(FileSystem& disk) {
  TestTarget target(disk);
  JournalReplayReport report;
  const Status status = ReplayJournal(disk, kJournalDirectory, kJournalInstance,
                                      &target, &report);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return report;
}

Bytes DataFileBytes(const FaultyFileSystem& disk) {
  Bytes bytes;
  EXPECT_TRUE(disk.ReadFile(DataPath(kJournalFileId), &bytes).ok());
  return bytes;
}

}  // namespace walrus
