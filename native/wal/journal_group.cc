#include "wal/journal_group.h"

#include <algorithm>

#include "wal/batch_header.h"
#include "wal/crc32c.h"

namespace walrus {
namespace {

bool SplitEntries(const GroupHeader& header, std::span<const std::byte> group,
                  std::vector<LoadedEntry>* entries) {
  entries->clear();
  const size_t table_bytes = size_t{header.entry_count} * kGroupEntryBytes;
  const std::span<const std::byte> table =
      group.subspan(kGroupHeaderBytes, table_bytes);
  if (!SameCrc(Crc32c(table.data(), table.size()), header.table_crc)) {
    return false;
  }
  std::span<const std::byte> rest =
      group.subspan(kGroupHeaderBytes + table_bytes);
  for (size_t at = 0; at < table_bytes; at += kGroupEntryBytes) {
    LoadedEntry loaded;
    if (GroupEntry::Decode(table.subspan(at), &loaded.entry) != Decoded::kOk ||
        loaded.entry.length > rest.size()) {
      return false;
    }
    loaded.bytes = rest.first(loaded.entry.length);
    rest = rest.subspan(loaded.entry.length);
    entries->push_back(loaded);
  }
  return rest.empty();
}

bool IsWholeRun(const LoadedEntry& loaded) {
  const std::span<const std::byte> bytes = loaded.bytes;
  CommitFrame frame;
  if (bytes.size() < kFrameBytes ||
      CommitFrame::Decode(bytes.last(kFrameBytes), &frame) != Decoded::kOk ||
      AlignUp(frame.run_length, kFrameAlignment) + kFrameBytes !=
          bytes.size() ||
      loaded.entry.position < kFileHeaderAreaBytes + frame.run_position) {
    return false;
  }
  const size_t padding = bytes.size() - kFrameBytes - frame.run_length;
  return IsZero(bytes.subspan(frame.run_length, padding)) &&
         VerifyRun(frame, bytes.first(frame.run_length)).ok();
}

bool IsWholeBlockHeader(const LoadedEntry& loaded) {
  const std::span<const std::byte> bytes = loaded.bytes;
  BlockHeader header;
  BlockHeader copy;
  constexpr size_t kSlots = kBlockHeaderCopyPosition - kBlockHeaderBytes;
  return bytes.size() == kBlockHeaderAreaBytes &&
         BlockHeader::Decode(bytes, &header) == Decoded::kOk &&
         BlockHeader::Decode(bytes.subspan(kBlockHeaderCopyPosition), &copy) ==
             Decoded::kOk &&
         header == copy && header.file_id == loaded.entry.file_id &&
         IsZero(bytes.subspan(kBlockHeaderBytes, kSlots));
}

bool AreWholeCursorRecords(
    const LoadedEntry& loaded,
    const std::optional<CursorFileHeader>& cursor_header) {
  if (!cursor_header || cursor_header->generation != loaded.entry.file_id) {
    return true;
  }
  for (std::span<const std::byte> rest = loaded.bytes; !rest.empty();) {
    CursorRecord record;
    if (CursorRecord::Decode(rest, cursor_header->tag, &record) !=
        Decoded::kOk) {
      return false;
    }
    rest = rest.subspan(record.EncodedBytes());
  }
  return true;
}

}  // namespace

bool ReadGroup(const GroupHeader& header, std::span<const std::byte> group,
               const std::optional<CursorFileHeader>& cursor_header,
               std::vector<LoadedEntry>* entries) {
  if (!SplitEntries(header, group, entries)) return false;
  return std::all_of(entries->begin(), entries->end(),
                     [&cursor_header](const LoadedEntry& loaded) {
                       switch (loaded.entry.kind) {
                         case EntryKind::kRun:
                           return IsWholeRun(loaded);
                         case EntryKind::kBlockHeader:
                           return IsWholeBlockHeader(loaded);
                         case EntryKind::kCursorRecords:
                           return AreWholeCursorRecords(loaded, cursor_header);
                       }
                       return false;
                     });
}

}  // namespace walrus
