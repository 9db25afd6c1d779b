// Judging one commit group of the journal whose bytes are in memory.
#ifndef WALRUS_WAL_JOURNAL_GROUP_H_
#define WALRUS_WAL_JOURNAL_GROUP_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "wal/format.h"

namespace walrus {

/// One entry; `bytes` point into the group.
struct LoadedEntry {
  GroupEntry entry;
  std::span<const std::byte> bytes;
};

/// Splits a group into its entries and checks every byte of them: the table,
/// runs by their frames and batches, block headers and cursor records by their
/// own CRCs. False: torn or damaged. Cursor records of a generation other than
/// `cursor_header`'s cannot be checked and are let through; nobody writes them.
///
/// REQUIRES: `group` is header.length bytes and `header` was decoded from it.
bool ReadGroup(const GroupHeader& header, std::span<const std::byte> group,
               const std::optional<CursorFileHeader>& cursor_header,
               std::vector<LoadedEntry>* entries);

}  // namespace walrus

#endif  // WALRUS_WAL_JOURNAL_GROUP_H_
