// The structures on disk, as plain structs with encoders and decoders. Layouts
// byte by byte: docs/wal-format.md. Nothing here does I/O.
#ifndef WALRUS_WAL_FORMAT_H_
#define WALRUS_WAL_FORMAT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "wal/wal.h"

namespace walrus {

using Tag = std::array<uint8_t, 16>;
using InstanceId = std::array<uint8_t, 16>;

// Data file: header area, then blocks_per_file units of block_bytes.
inline constexpr size_t kFileHeaderAreaBytes = 4096;
inline constexpr size_t kFileHeaderBytes = 128;
inline constexpr size_t kFileHeaderCopyPosition = 2048;
inline constexpr uint64_t kBlockBytesMin = 4096;
inline constexpr uint64_t kBlockBytesMax = 1ull << 30;
inline constexpr uint64_t kBlockBytesAlignment = 4096;
inline constexpr uint32_t kBlocksPerFileMax = 10000;
inline constexpr uint64_t kDataFileBytesMax = 16ull << 30;

// Block: header area, then runs, then (sealed) the seal.
inline constexpr size_t kBlockHeaderAreaBytes = 512;
inline constexpr size_t kBlockHeaderBytes = 128;
inline constexpr size_t kCheckpointBytes = 128;
inline constexpr size_t kCheckpointPositions[2] = {128, 256};
inline constexpr size_t kBlockHeaderCopyPosition = 384;

inline constexpr size_t kFrameBytes = 128;
inline constexpr size_t kFrameAlignment = 64;
/// What the frame of a run with no timestamp carries.
inline constexpr int64_t kNoTimestamp = -1;

// Journal: header area, then groups at page-aligned positions.
inline constexpr size_t kJournalHeaderAreaBytes = 4096;
inline constexpr size_t kJournalHeaderBytes = 64;
inline constexpr size_t kJournalHeaderCopyPosition = 2048;
inline constexpr size_t kJournalAlignment = 4096;
inline constexpr size_t kGroupHeaderBytes = 80;
inline constexpr size_t kGroupEntryBytes = 24;

// Cursor file: header and its copy, then 64-byte aligned records.
inline constexpr size_t kCursorFileHeaderAreaBytes = 128;
inline constexpr size_t kCursorFileHeaderBytes = 64;
inline constexpr size_t kCursorFileHeaderCopyPosition = 64;
inline constexpr size_t kCursorRecordHeaderBytes = 48;
inline constexpr size_t kCursorRecordAlignment = 64;
inline constexpr size_t kReaderNameBytesMax = 249;

// LOCK file.
inline constexpr size_t kLockRecordBytes = 128;
inline constexpr size_t kLockRecordPositions[2] = {0, 512};
inline constexpr size_t kBootIdBytesMax = 64;

constexpr uint64_t AlignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

/// Whether all bytes are zero: never written, cut or freed.
bool IsZero(std::span<const std::byte> bytes);

/// How a decoder judged bytes. Only kOk fills the struct.
enum class [[nodiscard]] Decoded {
  kOk,
  kTooShort,     ///< fewer bytes than the structure has
  kBadMagic,     ///< another structure, or none
  kBadChecksum,  ///< torn or damaged
  kBadVersion,   ///< whole, but written by a version this one does not know
  kBadField,     ///< whole, but a field is out of its bounds
};
std::string_view DecodedText(Decoded decoded);

/// First 128 bytes of a data file, and again at kFileHeaderCopyPosition.
struct FileHeader {
  uint64_t block_bytes = 0;
  uint32_t blocks_per_file = 0;
  uint64_t file_id = 0;  ///< the file's name
  InstanceId instance_id{};

  bool operator==(const FileHeader&) const = default;
  /// Writes kFileHeaderBytes.
  void EncodeTo(std::byte* out) const;
  /// Writes the whole area of kFileHeaderAreaBytes, both copies included.
  void EncodeAreaTo(std::byte* out) const;
  static Decoded Decode(std::span<const std::byte> bytes, FileHeader* header);
  /// From the area: the first copy, or the second when that one is bad.
  static Decoded DecodeArea(std::span<const std::byte> area,
                            FileHeader* header);

  uint64_t UnitPosition(uint32_t unit) const {
    return kFileHeaderAreaBytes + uint64_t{unit} * block_bytes;
  }
  uint64_t FileBytes() const { return UnitPosition(blocks_per_file); }
};

/// Names a block's owner and place; written when the block is allocated.
struct BlockHeader {
  uint64_t block_id = 0;  ///< grows with every allocation of the instance
  LogId log;
  uint32_t leader_epoch = 0;
  uint64_t ordinal = 0;  ///< 0, 1, 2, … within the log
  uint64_t base_offset = 0;
  Tag tag{};  ///< random; every frame of the block repeats it
  uint64_t file_id = 0;
  uint32_t unit_index = 0;
  uint32_t unit_count = 1;
  uint64_t synced_through = 0;
  uint32_t prev_frame_crc = 0;  ///< of the log's last frame; 0 for the first

  bool operator==(const BlockHeader&) const = default;
  void EncodeTo(std::byte* out) const;
  /// Writes the area of kBlockHeaderAreaBytes: both copies, checkpoint slots
  /// zero.
  void EncodeAreaTo(std::byte* out) const;
  static Decoded Decode(std::span<const std::byte> bytes, BlockHeader* header);
  /// From the area: the first copy, or the second when that one is bad.
  static Decoded DecodeArea(std::span<const std::byte> area,
                            BlockHeader* header);
};

/// The state of a block's tail. Two slots are written in turn.
struct Checkpoint {
  bool sealed = false;
  uint64_t block_id = 0;
  Tag tag{};
  uint64_t sequence = 0;
  uint64_t position = 0;  ///< in the block, just past the last covered frame
  uint64_t end_offset = 0;
  int64_t max_timestamp = kNoTimestamp;
  uint64_t synced_through = 0;
  uint32_t frame_crc = 0;  ///< of the last covered frame
  uint32_t seal_length = 0;
  uint64_t seal_position = 0;
  /// The log remembers producers: those of the block's last snapshot up to
  /// `position` (0: nobody, at the block's begin) and of what follows it.
  bool has_producers = false;
  uint64_t snapshot_position = 0;

  bool operator==(const Checkpoint&) const = default;
  void EncodeTo(std::byte* out) const;
  static Decoded Decode(std::span<const std::byte> bytes,
                        Checkpoint* checkpoint);
  /// The slot of `area` that belongs to `header`'s allocation and has the
  /// higher sequence. False when neither is valid. `*slot` is 0 or 1.
  static bool DecodeNewest(std::span<const std::byte> area,
                           const BlockHeader& header, Checkpoint* checkpoint,
                           int* slot);
};

/// Ends a run and makes it exist; a bare one only carries synced_through. A
/// run of a snapshot has no batches but a ProducerSnapshot.
struct CommitFrame {
  bool last_of_call = true;
  bool bare = false;
  bool snapshot = false;
  uint32_t leader_epoch = 0;
  Tag tag{};
  uint64_t block_id = 0;
  LogId log;
  uint32_t run_position = 0;  ///< in the block; of the frame itself when bare
  uint32_t run_length = 0;    ///< without padding; 0 when bare
  uint32_t batch_count = 0;
  uint64_t base_offset = 0;
  uint64_t next_offset = 0;
  uint64_t call_base_offset = 0;
  uint64_t synced_through = 0;
  int64_t max_timestamp = kNoTimestamp;
  uint32_t prev_frame_crc = 0;
  /// Of the stamped batch headers, in order; or the snapshot's own.
  uint32_t headers_crc = 0;

  bool operator==(const CommitFrame&) const = default;
  /// Writes kFrameBytes and returns the frame's crc (the chain's next
  /// prev_frame_crc).
  uint32_t EncodeTo(std::byte* out) const;
  /// `*crc` (unless nullptr) is set to the frame's crc on kOk.
  static Decoded Decode(std::span<const std::byte> bytes, CommitFrame* frame,
                        uint32_t* crc = nullptr);

  /// Whether these bytes begin with a frame of the block that has this tag.
  /// No client knows a tag, so no payload can look like one.
  /// REQUIRES: kFrameBytes.
  static bool IsOne(std::span<const std::byte> bytes, const Tag& tag);

  bool HasRecords() const { return batch_count > 0; }
  /// Where this frame lies in its block.
  uint64_t FramePosition() const {
    return AlignUp(uint64_t{run_position} + run_length, kFrameAlignment);
  }
  /// Where the next run starts in the block.
  uint64_t EndPosition() const { return FramePosition() + kFrameBytes; }
};

/// One entry of a seal's sparse index, at least kIndexStepBytes apart.
struct IndexEntry {
  uint64_t offset = 0;
  uint32_t position = 0;                 ///< of the run in the block
  int64_t max_timestamp = kNoTimestamp;  ///< so far, this run included
  bool operator==(const IndexEntry&) const = default;
};
inline constexpr uint64_t kIndexStepBytes = 64 << 10;

/// Closes a block: end state and sparse index, in typed sections.
struct Seal {
  uint32_t frame_crc = 0;  ///< of the block's last frame
  uint64_t block_id = 0;
  Tag tag{};
  uint64_t end_offset = 0;
  int64_t max_timestamp = kNoTimestamp;
  uint64_t synced_through = 0;
  std::vector<IndexEntry> index;

  bool operator==(const Seal&) const = default;
  size_t EncodedBytes() const;
  void EncodeTo(std::byte* out) const;
  /// `bytes` may be longer than the seal. Sections of unknown type are
  /// skipped.
  static Decoded Decode(std::span<const std::byte> bytes, Seal* seal);
};
/// What a block of `block_bytes` keeps free at its end for the seal; a
/// multiple of 64.
uint64_t SealBytesMax(uint64_t block_bytes);

/// First bytes of a journal file, and again at kJournalHeaderCopyPosition.
struct JournalHeader {
  bool closed = false;         ///< Close() wrote it: no group follows
  uint32_t written_pages = 0;  ///< pages that were written at some time
  uint64_t epoch = 0;          ///< grows with every reuse of either file
  Tag tag{};                   ///< random per epoch; every group repeats it
  InstanceId instance_id{};

  bool operator==(const JournalHeader&) const = default;
  void EncodeTo(std::byte* out) const;
  static Decoded Decode(std::span<const std::byte> bytes,
                        JournalHeader* header);
};

/// Opens one commit group in the journal.
struct GroupHeader {
  uint32_t entry_count = 0;
  uint64_t epoch = 0;
  Tag tag{};
  uint64_t sequence = 0;         ///< dense from the opening of the instance
  uint64_t synced_sequence = 0;  ///< groups known synced when it was written
  uint64_t length = 0;           ///< of the whole group, without padding
  uint32_t table_crc = 0;

  bool operator==(const GroupHeader&) const = default;
  void EncodeTo(std::byte* out) const;
  static Decoded Decode(std::span<const std::byte> bytes, GroupHeader* header);
};

enum class EntryKind : uint32_t {
  kRun = 1,            ///< a run, its padding and its frame
  kBlockHeader = 2,    ///< a block's header area
  kCursorRecords = 3,  ///< records of the cursor file
};

/// One line of a group's table.
struct GroupEntry {
  EntryKind kind = EntryKind::kRun;
  uint32_t length = 0;
  uint64_t file_id = 0;  ///< the data file, or the cursor file's generation
  uint64_t position = 0;

  bool operator==(const GroupEntry&) const = default;
  void EncodeTo(std::byte* out) const;
  /// The table's crc was checked before; only the fields are judged here.
  static Decoded Decode(std::span<const std::byte> bytes, GroupEntry* entry);
};

/// First bytes of the cursor file, and again at kCursorFileHeaderCopyPosition.
struct CursorFileHeader {
  uint64_t generation = 0;    ///< grows with each compaction
  uint32_t base_records = 0;  ///< records that were synced with the header
  InstanceId instance_id{};
  Tag tag{};  ///< random; seeds the CRC of every record

  bool operator==(const CursorFileHeader&) const = default;
  void EncodeTo(std::byte* out) const;
  /// Writes the area of kCursorFileHeaderAreaBytes, both copies.
  void EncodeAreaTo(std::byte* out) const;
  static Decoded Decode(std::span<const std::byte> bytes,
                        CursorFileHeader* header);
  /// From the area: the first copy, or the second when that one is bad.
  static Decoded DecodeArea(std::span<const std::byte> area,
                            CursorFileHeader* header);
};

enum class CursorRecordType : uint8_t {
  kCursorSet = 1,      ///< name = reader, value = offset
  kCursorDeleted = 2,  ///< name = reader
  kLogStart = 3,       ///< value = offset
  kLogDeleted = 4,     ///< value = block id; the log's blocks below it are dead
  kLeaderEpoch = 5,    ///< value = epoch of the instance
  kCleanClose = 6,
  kReclaimRule = 7,  ///< value: 1 = consumed, 2 = retention
};

struct CursorRecord {
  CursorRecordType type = CursorRecordType::kCursorSet;
  LogId log;
  uint64_t value = 0;
  uint32_t sequence = 0;         ///< dense in the file, from 1
  uint32_t synced_sequence = 0;  ///< records known synced when it was built
  std::string name;

  bool operator==(const CursorRecord&) const = default;
  size_t EncodedBytes() const;  ///< padded to kCursorRecordAlignment
  /// `tag` is that of the file's header. It is never sent to a client, so that
  /// no reader's name can look like a record.
  void EncodeTo(const Tag& tag, std::byte* out) const;
  /// `bytes` starts at the record and may go on after it.
  static Decoded Decode(std::span<const std::byte> bytes, const Tag& tag,
                        CursorRecord* record);
};

/// What the LOCK file says about the last time the instance was open. Two
/// slots are written in turn.
struct LockRecord {
  uint64_t sequence = 0;  ///< InstanceLock counts
  InstanceId instance_id{};
  std::string boot_id;      ///< at most kBootIdBytesMax bytes
  bool clean = false;       ///< Close() finished
  uint32_t fsync_mode = 0;  ///< FsyncMode of that time
  /// The opening believed only what is known to be synced, and found a damaged
  /// log.
  bool corrupt = false;

  bool operator==(const LockRecord&) const = default;
  void EncodeTo(std::byte* out) const;
  static Decoded Decode(std::span<const std::byte> bytes, LockRecord* record);
};

}  // namespace walrus

#endif  // WALRUS_WAL_FORMAT_H_
