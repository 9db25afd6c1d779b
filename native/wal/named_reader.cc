#include "wal/named_reader.h"

#include <utility>

namespace walrus {

namespace {

uint64_t FirstPosition(const Wal& wal, const Log* log,
                       const std::string& name) {
  const std::optional<uint64_t> cursor = wal.Cursor(log, name);
  return cursor ? *cursor : wal.Info(log).start_offset;
}

}  // namespace

NamedReader::NamedReader(Wal* wal, Log* log, std::string name)
    : wal_(wal),
      log_(log),
      name_(std::move(name)),
      position_(FirstPosition(*wal, log, name_)) {}

Status NamedReader::Advance(const Claim& claim, bool* granted) {
  *granted = false;
  const std::lock_guard lock(mutex_);
  if (position_.load(std::memory_order_relaxed) != claim.from) {
    return Status::Ok();
  }
  uint64_t unsaved = unsaved_count_ + claim.count;
  if (unsaved >= claim.persist_every) {
    const Status status = wal_->CommitCursorSync(log_, name_, claim.to);
    if (!status.ok()) return status;
    unsaved = 0;
  }
  unsaved_count_ = unsaved;
  position_.store(claim.to, std::memory_order_release);
  *granted = true;
  return Status::Ok();
}

Status NamedReader::MoveTo(uint64_t offset) {
  const std::lock_guard lock(mutex_);
  const LogSnapshot log = wal_->Info(log_);
  if (offset < log.start_offset || offset > log.readable_end) {
    return Status(Code::kOutOfRange,
                  "offset " + std::to_string(offset) + " is not in [" +
                      std::to_string(log.start_offset) + ", " +
                      std::to_string(log.readable_end) + "]");
  }
  const Status status = wal_->CommitCursorSync(log_, name_, offset);
  if (!status.ok()) return status;
  unsaved_count_ = 0;
  position_.store(offset, std::memory_order_release);
  return status;
}

Status NamedReader::Remove() {
  const std::lock_guard lock(mutex_);
  const Status status = wal_->DeleteCursorSync(log_, name_);
  if (!status.ok()) return status;
  unsaved_count_ = 0;
  position_.store(wal_->Info(log_).start_offset, std::memory_order_release);
  return status;
}

Status NamedReader::Save() {
  const std::lock_guard lock(mutex_);
  if (unsaved_count_ == 0) return Status::Ok();
  const Status status = wal_->CommitCursorSync(
      log_, name_, position_.load(std::memory_order_relaxed));
  if (status.ok()) unsaved_count_ = 0;
  // The log was deleted, and its cursors with it.
  return status.code() == Code::kClosed ? Status::Ok() : status;
}

}  // namespace walrus
