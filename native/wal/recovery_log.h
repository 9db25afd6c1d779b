// What recovery (and inspection) finds out about one log: where it ends, and
// whether what stands behind that is torn or damaged. Reads only.
#ifndef WALRUS_WAL_RECOVERY_LOG_H_
#define WALRUS_WAL_RECOVERY_LOG_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "wal/block_scanner.h"
#include "wal/cursor_file.h"
#include "wal/data_file.h"
#include "wal/format.h"
#include "wal/status.h"

namespace walrus {

/// A block found by its header.
struct FoundBlock {
  std::shared_ptr<DataFile> file;
  BlockHeader header;
  uint64_t start = 0;
  uint64_t bytes = 0;
  std::array<std::optional<Checkpoint>, 2> slots;
  /// Where in the block a copy of its header is bad; one at most.
  std::optional<size_t> bad_copy;

  uint64_t RunsEnd() const {
    return bytes - SealBytesMax(file->header().block_bytes);
  }
};

/// A unit whose header area is neither a block's nor free.
struct SuspectUnit {
  std::shared_ptr<DataFile> file;
  uint32_t unit = 0;
  std::string what;
};

/// Everything that the header areas of the data files say.
struct UnitScan {
  std::unordered_map<LogId, std::vector<FoundBlock>, LogIdHash> logs;
  std::vector<SuspectUnit> suspects;
  /// By log and block id: the highest synced-through offset that frames in
  /// suspect units carry. Evidence for verdicts, never served.
  std::unordered_map<LogId, std::map<uint64_t, uint64_t>, LogIdHash>
      suspect_synced;
  uint64_t block_id_max = 0;
  uint64_t bytes_read = 0;
};

/// Reads the header area of every unit, and looks for frames in suspect ones.
/// Marks the units in use in `files`. kIo: a file cannot be read.
Status ScanUnits(DataFileSet* files, UnitScan* scan);

/// How far one block is good.
struct BlockExtent {
  uint64_t used = kBlockHeaderAreaBytes;
  uint64_t end_offset = 0;
  int64_t max_timestamp = kNoTimestamp;
  bool sealed = false;
  bool has_producers = false;      ///< as Checkpoint has it
  uint64_t snapshot_position = 0;  ///< of the last snapshot; 0: none
};

/// The end of a log: just past a frame that ends a call.
struct LogPoint {
  size_t block = 0;  ///< index into LogFindings::blocks
  uint64_t position = kBlockHeaderAreaBytes;
  uint64_t offset = 0;
  uint32_t frame_crc = 0;
  uint64_t data_position = kBlockHeaderAreaBytes;  ///< see LogTail
  uint32_t data_frame_crc = 0;
  uint64_t framed_synced_through = 0;
};

enum class LogVerdict { kWhole, kTorn, kCorrupt };

/// What is known of one log.
struct LogFindings {
  LogVerdict verdict = LogVerdict::kWhole;
  uint64_t start_offset = 0;
  std::vector<FoundBlock> blocks;  ///< in order; all of them, past the end too
  std::vector<FoundBlock> dead;    ///< deleted, or wholly below the start
  std::vector<FoundBlock> strays;  ///< a second block with the same ordinal
  std::vector<BlockExtent> extents;  ///< of blocks up to and with end.block
  LogPoint end;
  bool has_end_block = false;   ///< false: no block is good
  uint64_t synced_through = 0;  ///< the highest one seen
  std::string what;             ///< what stands at the end, unless kWhole
  uint64_t bad_bytes = 0;       ///< behind the end, in its block
  /// kTorn: what the checkpoint slots of the end's block are to hold.
  std::array<std::optional<Checkpoint>, 2> slots_left;
  uint64_t bytes_read = 0;
};

/// How much of what was written counts as being there.
struct TrustRule {
  bool same_boot = false;    ///< writes kept their order
  bool clean_close = false;  ///< everything was synced
  /// An opening before believed only what is known to be synced and found a
  /// damaged log. Nothing has been done about the damage since, so its verdict
  /// stays: no more is believed unread than it did.
  bool found_corrupt = false;

  bool BelievesAll() const {
    return (same_boot || clean_close) && !found_corrupt;
  }
};

/// Sorts the blocks and follows the log from its last trusted checkpoint or
/// seal on. kIo: cannot be read.
Status FindLogEnd(const UnitScan& scan, const LogId& log,
                  const TrustRule& trust, uint64_t start_offset,
                  std::optional<uint64_t> deleted_below, LogFindings* findings);

}  // namespace walrus

#endif  // WALRUS_WAL_RECOVERY_LOG_H_
