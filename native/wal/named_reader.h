// NamedReader: where one reader of a log stands, for all threads of a process.
#ifndef WALRUS_WAL_NAMED_READER_H_
#define WALRUS_WAL_NAMED_READER_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "wal/status.h"
#include "wal/wal.h"

namespace walrus {

/// One reader's position in memory, and its cursor in the log.
///
/// Place: above the Wal, which keeps cursors and hands out bytes; a caller
/// reads at position(), and claims what it read with Advance().
/// Threads: any. Claims of one reader happen one after another.
///
/// Invariants:
///  (1) What Advance() granted to one caller it grants to no other one, and no
///      later process gets it again unless fewer than `persist_every` entries
///      were granted since the cursor was saved.
///  (2) A claim that failed moved nothing.
class NamedReader {
 public:
  /// Starts at the saved cursor, or at the log start when there is none.
  /// REQUIRES: `wal` and `log` outlive it; the name has 1 to 249 bytes.
  NamedReader(Wal* wal, Log* log, std::string name);
  NamedReader(const NamedReader&) = delete;
  NamedReader& operator=(const NamedReader&) = delete;

  const std::string& name() const { return name_; }
  /// Offset of the next entry; at once out of date when others read too.
  uint64_t position() const {
    return position_.load(std::memory_order_acquire);
  }

  /// What a caller wants to have: the entries of [from, to), `count` of them.
  struct Claim {
    uint64_t from = 0;
    uint64_t to = 0;
    uint64_t count = 0;
    /// Entries between two saves of the cursor; 1: saved before each claim is
    /// granted.
    uint64_t persist_every = 1;
  };
  /// Grants the claim and moves past it. `*granted` is false, and nothing
  /// moved, when the reader does not stand at `from` any more. An error is that
  /// of CommitCursorSync(); nothing moved and nothing may be handed out.
  Status Advance(const Claim& claim, bool* granted);

  /// Goes to `offset`, forwards or back; saved on return.
  /// kOutOfRange: below the log start or above the readable end.
  Status MoveTo(uint64_t offset);

  /// Forgets the cursor, durable by the schedule, and stands at the log start:
  /// as a reader that never was.
  Status Remove();

  /// Saves the cursor if it moved since it was saved last, and the log was not
  /// deleted. REQUIRES: the Wal is open.
  Status Save();

 private:
  Wal* const wal_;
  Log* const log_;
  const std::string name_;

  std::mutex mutex_;
  std::atomic<uint64_t> position_;  ///< changed under mutex_
  uint64_t unsaved_count_ = 0;      ///< under mutex_
};

}  // namespace walrus

#endif  // WALRUS_WAL_NAMED_READER_H_
