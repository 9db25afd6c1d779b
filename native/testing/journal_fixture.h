// A small instance for tests of the journal: data files, blocks, groups.
#ifndef WALRUS_TESTING_JOURNAL_FIXTURE_H_
#define WALRUS_TESTING_JOURNAL_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "testing/faulty_file_system.h"
#include "testing/test_batches.h"
#include "wal/journal.h"
#include "wal/journal_replay.h"

namespace walrus {

inline constexpr char kJournalDirectory[] = "/instance";
inline constexpr uint64_t kJournalFileId = 1700000000123;
inline constexpr uint64_t kJournalBlockBytes = 64 << 10;
inline constexpr InstanceId kJournalInstance{3, 1, 4};

/// The data files of `disk` as replay sees them.
class TestTarget : public JournalTarget {
 public:
  explicit TestTarget(FileSystem& disk) : disk_(disk) {}

  Status ReadBlockHeader(uint64_t file_id, uint64_t unit_position,
                         bool* file_exists,
                         std::optional<BlockHeader>* header) override;
  Status Write(uint64_t file_id, uint64_t position,
               std::span<const std::byte> bytes) override;
  Status ReadCursorHeader(std::optional<CursorFileHeader>* header) override;
  Status WriteCursorFile(uint64_t position,
                         std::span<const std::byte> bytes) override;

 private:
  FileSystem& disk_;
};

/// One group's bytes, owned: entries() point into it.
class TestGroup {
 public:
  /// A new block in this unit of the test's data file.
  void AddBlock(const BlockHeader& header);
  /// A run of one batch at `position` of the block; returns where it ends.
  uint64_t AddRun(const BlockHeader& block, uint64_t position,
                  uint64_t base_offset, size_t value_bytes);
  void AddCursorRecords(uint64_t generation, uint64_t position, Bytes bytes);

  std::span<const JournalEntry> entries() const { return entries_; }
  /// Writes the entries in their places: what the committer did.
  void WriteInPlace(FileSystem& disk) const;

 private:
  void Add(EntryKind kind, uint64_t file_id, uint64_t position, Bytes bytes);

  std::vector<std::unique_ptr<Bytes>> bytes_;
  std::vector<std::unique_ptr<iovec>> parts_;
  std::vector<JournalEntry> entries_;
};

/// The block in unit `unit` of the test's data file.
BlockHeader BlockInUnit(uint32_t unit, uint64_t block_id);
uint64_t UnitPosition(uint32_t unit);
/// Creates the empty data file, synced.
void CreateDataFile(FaultyFileSystem& disk);
std::unique_ptr<Journal> OpenJournal(FileSystem& disk,
                                     uint64_t file_bytes = 64 << 10);
JournalReplayReport ReplayInto(FileSystem& disk);
/// The data file's bytes.
Bytes DataFileBytes(const FaultyFileSystem& disk);

}  // namespace walrus

#endif  // WALRUS_TESTING_JOURNAL_FIXTURE_H_
