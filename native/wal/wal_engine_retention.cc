// What lets records go: log starts, reclaim rules, retention, deletions.
#include <condition_variable>
#include <mutex>
#include <utility>

#include "wal/wal_engine.h"

namespace walrus {

namespace {

// Several changes under way, and who waits for all of them.
class Countdown {
 public:
  explicit Countdown(size_t count) : left_(count) {}
  void Finish() {
    const std::lock_guard lock(mutex_);
    if (--left_ == 0) done_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  size_t left_;
};

class CountedObserver : public AppendObserver {
 public:
  explicit CountedObserver(Countdown* countdown) : countdown_(countdown) {}
  void OnWritten() override {}
  void OnSynced() override { countdown_->Finish(); }
  void OnFailed(const Status& failure) override {
    status = failure;
    countdown_->Finish();
  }

  Status status;

 private:
  Countdown* const countdown_;
};

}  // namespace

void WalEngine::Configure(Log* log, const LogSettings& settings) {
  committer_.Configure(log, settings);
}

Status WalEngine::SetReclaimRule(Log* log, ReclaimRule rule) {
  return committer_.SubmitAndWait(
      log, {CursorRecordType::kReclaimRule, log->id, {}, RuleValue(rule)},
      true);
}

Status WalEngine::Truncate(Log* log, uint64_t offset) {
  {
    const std::lock_guard lock(log->mutex);
    if (log->gone) return Status(Code::kClosed, "the log was deleted");
    if (log->corrupt_offset) {
      return Status(Code::kCorrupt, "the log is damaged; it is read-only");
    }
    if (offset > log->ReadableEndLocked()) {
      return Status(Code::kOutOfRange,
                    "offset " + std::to_string(offset) +
                        " is above the readable end " +
                        std::to_string(log->ReadableEndLocked()));
    }
    if (offset <= log->start_offset) return Status::Ok();
  }
  const Status status = committer_.SubmitAndWait(
      log, {CursorRecordType::kLogStart, log->id, {}, offset}, true);
  if (!status.ok()) return status;
  std::vector<std::shared_ptr<Block>> blocks;
  bool is_open_empty = false;
  {
    const std::lock_guard lock(log->mutex);
    blocks = log->TakeFreeBlocksLocked();
    is_open_empty =
        !log->blocks.empty() && log->blocks.back()->end_offset <= offset;
  }
  if (is_open_empty) committer_.SealSoon(log);
  reclaimer_.Free(std::move(blocks));
  return status;
}

uint64_t WalEngine::FindExpired(Log* log, const RetentionLimits& limits) {
  bool open_expired = false;
  uint64_t below = 0;
  {
    const std::lock_guard lock(log->mutex);
    below = log->ExpiredBelowLocked(limits, &open_expired);
  }
  if (open_expired) committer_.SealSoon(log);
  return below;
}

std::vector<std::shared_ptr<Block>> WalEngine::TakeDeleted(Log* log) {
  const std::unique_lock lock(logs_mutex_);
  const auto place = logs_.find(log->id);
  if (place != logs_.end() && place->second.get() == log) {
    deleted_logs_.push_back(std::move(place->second));
    logs_.erase(place);
  }
  {
    const std::lock_guard turn(log->turn_mutex);
    if (log->producers != nullptr) log->producers->Clear();
  }
  const std::lock_guard log_lock(log->mutex);
  log->gone = true;
  return log->TakeAllBlocksLocked();
}

Status WalEngine::DeleteLog(Log* log) {
  const Status status = committer_.SubmitAndWait(
      log, {CursorRecordType::kLogDeleted, log->id, {}, 0}, true);
  if (status.ok()) reclaimer_.Free(TakeDeleted(log));
  return status;
}

Status WalEngine::DeleteLogs(std::span<Log* const> logs) {
  Countdown countdown(logs.size());
  std::vector<CountedObserver> observers(logs.size(),
                                         CountedObserver(&countdown));
  std::vector<AppendObserver*> told;
  for (CountedObserver& observer : observers) told.push_back(&observer);
  committer_.SubmitDeletions(logs, told);
  countdown.Wait();
  Status first;
  std::vector<std::shared_ptr<Block>> blocks;
  for (size_t i = 0; i < logs.size(); ++i) {
    const Status& status = observers[i].status;
    if (!status.ok()) {
      if (first.ok()) first = status;
      continue;
    }
    std::vector<std::shared_ptr<Block>> freed = TakeDeleted(logs[i]);
    blocks.insert(blocks.end(), freed.begin(), freed.end());
  }
  reclaimer_.Free(std::move(blocks));
  return first;
}

}  // namespace walrus
