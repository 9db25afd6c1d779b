#include "wal/cursor_state.h"

#include <algorithm>
#include <cstring>

namespace walrus {
namespace {

uint64_t RecordBytes(size_t name_bytes) {
  CursorRecord record;
  record.name.resize(name_bytes);
  return record.EncodedBytes();
}

}  // namespace

uint64_t RuleValue(ReclaimRule rule) {
  return rule == ReclaimRule::kConsumed ? 1 : 2;
}

ReclaimRule RuleOfValue(uint64_t value) {
  return value == 1 ? ReclaimRule::kConsumed : ReclaimRule::kRetention;
}

size_t LogIdHash::operator()(const LogId& id) const {
  uint64_t high;
  uint64_t low;
  std::memcpy(&high, id.topic_id.data(), sizeof(high));
  std::memcpy(&low, id.topic_id.data() + sizeof(high), sizeof(low));
  // Topic ids may be random or count up; the multiplications spread both.
  uint64_t hash = (high ^ (low * 0x9e3779b97f4a7c15ull)) + id.partition;
  hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93ull;
  return static_cast<size_t>(hash ^ (hash >> 32));
}

const CursorState::LogState* CursorState::Find(const LogId& log) const {
  const auto found = logs_.find(log);
  return found == logs_.end() ? nullptr : &found->second;
}

void CursorState::Apply(const CursorChange& change) {
  switch (change.type) {
    case CursorRecordType::kCursorSet:
      SetCursor(change);
      return;
    case CursorRecordType::kCursorDeleted:
      DeleteCursor(change);
      return;
    case CursorRecordType::kLogStart: {
      LogState& state = logs_[change.log];
      if (!state.start.has_value()) live_bytes_ += RecordBytes(0);
      state.start = std::max(state.start.value_or(0), change.value);
      return;
    }
    case CursorRecordType::kLogDeleted:
      DeleteLog(change);
      return;
    case CursorRecordType::kLeaderEpoch:
      if (leader_epoch_ == 0 && change.value > 0) live_bytes_ += RecordBytes(0);
      leader_epoch_ =
          std::max(leader_epoch_, static_cast<uint32_t>(change.value));
      return;
    case CursorRecordType::kReclaimRule:
      SetRule(change);
      return;
    case CursorRecordType::kCleanClose:
      return;
  }
}

void CursorState::SetCursor(const CursorChange& change) {
  const auto [cursor, is_new] =
      logs_[change.log].cursors.insert_or_assign(change.reader, change.value);
  if (is_new) live_bytes_ += RecordBytes(cursor->first.size());
}

void CursorState::DeleteCursor(const CursorChange& change) {
  const auto log = logs_.find(change.log);
  if (log == logs_.end()) return;
  if (log->second.cursors.erase(change.reader) > 0) {
    live_bytes_ -= RecordBytes(change.reader.size());
  }
  EraseIfEmpty(change.log);
}

void CursorState::SetRule(const CursorChange& change) {
  std::optional<ReclaimRule>& rule = logs_[change.log].rule;
  if (!rule.has_value()) live_bytes_ += RecordBytes(0);
  rule = RuleOfValue(change.value);
}

void CursorState::DeleteLog(const CursorChange& change) {
  LogState& state = logs_[change.log];
  for (const auto& [name, offset] : state.cursors) {
    live_bytes_ -= RecordBytes(name.size());
  }
  state.cursors.clear();
  if (state.start.has_value()) live_bytes_ -= RecordBytes(0);
  state.start.reset();
  if (state.rule.has_value()) live_bytes_ -= RecordBytes(0);
  state.rule.reset();
  if (!state.deleted_below.has_value()) live_bytes_ += RecordBytes(0);
  state.deleted_below = std::max(state.deleted_below.value_or(0), change.value);
}

void CursorState::ForgetDeletedLog(const LogId& log) {
  const auto found = logs_.find(log);
  if (found == logs_.end() || !found->second.deleted_below.has_value()) return;
  found->second.deleted_below.reset();
  live_bytes_ -= RecordBytes(0);
  EraseIfEmpty(log);
}

void CursorState::EraseIfEmpty(const LogId& log) {
  const LogState* const state = Find(log);
  if (state != nullptr && state->cursors.empty() && !state->start &&
      !state->deleted_below && !state->rule) {
    logs_.erase(log);
  }
}

std::optional<uint64_t> CursorState::Cursor(const LogId& log,
                                            const std::string& reader) const {
  const LogState* const state = Find(log);
  if (state == nullptr) return std::nullopt;
  const auto cursor = state->cursors.find(reader);
  if (cursor == state->cursors.end()) return std::nullopt;
  return cursor->second;
}

std::vector<std::pair<std::string, uint64_t>> CursorState::Cursors(
    const LogId& log) const {
  const LogState* const state = Find(log);
  if (state == nullptr) return {};
  return {state->cursors.begin(), state->cursors.end()};
}

uint64_t CursorState::LogStart(const LogId& log) const {
  const LogState* const state = Find(log);
  return state == nullptr ? 0 : state->start.value_or(0);
}

std::optional<uint64_t> CursorState::ConsumedBelow(const LogId& log) const {
  const LogState* const state = Find(log);
  if (state == nullptr || !state->cursors.contains(kDefaultReader)) {
    return std::nullopt;
  }
  uint64_t lowest = state->cursors.begin()->second;
  for (const auto& [reader, offset] : state->cursors) {
    lowest = std::min(lowest, offset);
  }
  return lowest;
}

std::optional<ReclaimRule> CursorState::Rule(const LogId& log) const {
  const LogState* const state = Find(log);
  return state == nullptr ? std::nullopt : state->rule;
}

std::optional<uint64_t> CursorState::DeletedBelow(const LogId& log) const {
  const LogState* const state = Find(log);
  return state == nullptr ? std::nullopt : state->deleted_below;
}

std::vector<LogId> CursorState::Logs() const {
  std::vector<LogId> logs;
  for (const auto& [id, state] : logs_) {
    if (!state.cursors.empty() || state.start.has_value()) logs.push_back(id);
  }
  return logs;
}

std::vector<std::pair<LogId, uint64_t>> CursorState::DeletedLogs() const {
  std::vector<std::pair<LogId, uint64_t>> logs;
  for (const auto& [id, state] : logs_) {
    if (state.deleted_below) logs.emplace_back(id, *state.deleted_below);
  }
  return logs;
}

std::vector<CursorChange> CursorState::Snapshot() const {
  std::vector<CursorChange> changes;
  if (leader_epoch_ > 0) {
    changes.push_back(
        {CursorRecordType::kLeaderEpoch, LogId(), {}, leader_epoch_});
  }
  for (const auto& [id, state] : logs_) {
    // The deletion first: it takes what came before it.
    if (state.deleted_below) {
      changes.push_back(
          {CursorRecordType::kLogDeleted, id, {}, *state.deleted_below});
    }
    if (state.rule) {
      changes.push_back(
          {CursorRecordType::kReclaimRule, id, {}, RuleValue(*state.rule)});
    }
    if (state.start) {
      changes.push_back({CursorRecordType::kLogStart, id, {}, *state.start});
    }
    for (const auto& [reader, offset] : state.cursors) {
      changes.push_back({CursorRecordType::kCursorSet, id, reader, offset});
    }
  }
  return changes;
}

}  // namespace walrus
