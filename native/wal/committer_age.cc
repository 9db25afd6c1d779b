// What the commit thread does when nobody wants anything: bare frames, and
// blocks that are sealed because of their age.
#include <algorithm>

#include "wal/committer.h"

namespace walrus {

namespace {

constexpr std::chrono::milliseconds kIdleBeforeBareFrame(50);
// How long a block that is due waits for its records to be synced.
constexpr std::chrono::milliseconds kAgePatience(50);
constexpr size_t kAgedLogsPerGroup = 256;
// A hundred years: longer than any, and no overflow of the clock.
constexpr uint64_t kAgeMsMax = 100ull * 365 * 24 * 3'600'000;

}  // namespace

Committer::Clock::duration Committer::AgeOf(const Log& log) const {
  // Of a block that an earlier life began nothing but its records tells the
  // age; they come from anywhere, so only a plausible time counts.
  const auto now = static_cast<int64_t>(parts_.file_system->NowMs());
  const int64_t newest = log.tail.block_max_timestamp;
  if (newest <= 0 || newest >= now) return Clock::duration::zero();
  return std::chrono::milliseconds(now - newest);
}

void Committer::NoteOpenBlock(Log* log, Clock::duration age) {
  // A block without records has no age.
  const bool is_empty = log->tail.block == nullptr ||
                        log->tail.data_position == kBlockHeaderAreaBytes;
  const std::lock_guard lock(mutex_);
  log->aging_block_id = is_empty ? 0 : log->tail.block->header.block_id;
  log->aging_since = Clock::now() - age;
  AgeLocked(log, DueLocked(*log));
}

std::optional<Committer::Clock::time_point> Committer::DueLocked(
    const Log& log) const {
  const uint64_t own = log.segment_ms;
  const uint64_t limit_ms =
      own == Log::kSegmentMsOfOptions ? options_.segment_ms : own;
  if (limit_ms == 0 || log.aging_block_id == 0) return std::nullopt;
  return log.aging_since + std::chrono::milliseconds(static_cast<int64_t>(
                               std::min(limit_ms, kAgeMsMax)));
}

void Committer::AgeLocked(Log* log, std::optional<Clock::time_point> due) {
  const auto before = [](const AgingBlock& block, Clock::time_point time) {
    return block.due < time;
  };
  const auto from = [&](Clock::time_point time) {
    return std::lower_bound(aging_blocks_.begin(), aging_blocks_.end(), time,
                            before);
  };
  if (log->aging_due) {
    const auto entry = std::find_if(
        from(*log->aging_due), aging_blocks_.end(),
        [log](const AgingBlock& block) { return block.log == log; });
    if (entry != aging_blocks_.end()) aging_blocks_.erase(entry);
  }
  log->aging_due = due;
  if (!due) return;
  const auto place =
      aging_blocks_.insert(from(*due), {*due, log, log->aging_block_id});
  // It sleeps until the one that was first.
  if (waits_untimed_ || place == aging_blocks_.begin()) {
    WakeCommitThreadLocked();
  }
}

std::optional<int64_t> Committer::AppendTimeOf(const Log& log) const {
  if (!log.log_append_time) return std::nullopt;
  return static_cast<int64_t>(parts_.file_system->NowMs());
}

void Committer::Configure(Log* log, const LogSettings& settings) {
  const std::lock_guard lock(mutex_);
  log->log_append_time = settings.log_append_time;
  log->segment_ms = settings.segment_ms;
  if (!log->deleted) AgeLocked(log, DueLocked(*log));
}

void Committer::SealSoon(Log* log) {
  const std::lock_guard lock(mutex_);
  if (log->aging_block_id != 0 && !log->deleted) AgeLocked(log, Clock::now());
}

bool Committer::HasAgedLocked() const {
  return !aging_blocks_.empty() && !fenced_ &&
         aging_blocks_.front().due <= Clock::now();
}

bool Committer::StageAged(CommitGroup* group, Log* log, Status* status) {
  uint64_t synced_end = 0;
  {
    const std::lock_guard lock(log->mutex);
    synced_end = log->synced_end;
    if (log->gone || log->refuses_appends) return true;
  }
  // A seal that could not say that all of its block is synced waits.
  if (options_.fsync_mode != FsyncMode::kNoFsync &&
      synced_end < log->tail.end_offset) {
    return false;
  }
  StagedLog* staged = group->StageLog(log);
  staged->synced_end = synced_end;
  *status = writer_.StartBlock(staged, group);
  return status->ok();
}

std::vector<Log*> Committer::TakeAgedLogs() {
  const Clock::time_point now = Clock::now();
  std::vector<Log*> logs;
  const std::lock_guard lock(mutex_);
  while (logs.size() < kAgedLogsPerGroup && !aging_blocks_.empty() &&
         aging_blocks_.front().due <= now) {
    const AgingBlock aging = aging_blocks_.front();
    aging_blocks_.pop_front();
    aging.log->aging_due.reset();
    const LogTail& tail = aging.log->tail;
    const bool is_open =
        tail.block != nullptr && tail.block->header.block_id == aging.block_id;
    if (is_open) logs.push_back(aging.log);
  }
  return logs;
}

void Committer::StageAgedLogs(CommitGroup* group, Status* status) {
  for (Log* log : TakeAgedLogs()) {
    if (!status->ok() || !StageAged(group, log, status)) RetryAged(log);
  }
}

void Committer::RetryAged(Log* log) {
  const std::lock_guard lock(mutex_);
  AgeLocked(log, Clock::now() + kAgePatience);
}

void Committer::WaitForWorkLocked(std::unique_lock<std::mutex>* lock) {
  commit_waits_ = true;
  // They belong to whoever has the commit role.
  const bool frames = !committing_ && !bare_candidates_.empty();
  if (committing_ || fenced_ || (!frames && aging_blocks_.empty())) {
    waits_untimed_ = true;
    commit_wanted_.wait(*lock);
    waits_untimed_ = false;
    return;
  }
  const uint64_t last_group = group_number_;
  Clock::time_point until = Clock::time_point::max();
  if (frames) until = Clock::now() + kIdleBeforeBareFrame;
  if (!aging_blocks_.empty()) {
    until = std::min(until, aging_blocks_.front().due);
  }
  const auto result = commit_wanted_.wait_until(*lock, until);
  if (result != std::cv_status::timeout || committing_ || !queue_.empty() ||
      closing_) {
    return;
  }
  const bool is_idle =
      frames && group_number_ == last_group && small_gate_.inside() == 0;
  if (is_idle || HasAgedLocked()) RunIdleGroupLocked(lock, is_idle);
}

void Committer::RunIdleGroupLocked(std::unique_lock<std::mutex>* lock,
                                   bool bare_frames) {
  committing_ = true;
  BarSmallLocked(lock);
  // One that waits to be undone holds its log, and needs the role for it.
  const bool may_write = small_gate_.inside() == 0;
  CommitGroup* group = TakeGroupLocked();
  lock->unlock();
  if (may_write) WriteIdleGroup(group, bare_frames);
  FinishCommit(group, /*keep=*/false);
  lock->lock();
  small_gate_.Unbar();
}

}  // namespace walrus
