// The logs and cursors of WalWrap.
#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "binding/async_call.h"
#include "binding/reports.h"
#include "binding/wal_wrap.h"

namespace walrus::binding {

Napi::Value WalWrap::OpenLog(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::span<std::byte> topic_id;
  uint64_t partition = 0;
  LogId id;
  if (!IsOpen(env) || !ReadBytes(env, info[0], "topicId", &topic_id) ||
      !ReadWholeNumber(env, info[1], "partition",
                       std::numeric_limits<uint32_t>::max(), &partition)) {
    return {};
  }
  if (topic_id.size() != id.topic_id.size()) {
    ThrowInvalid(env, "topicId does not have 16 bytes");
    return {};
  }
  std::transform(topic_id.begin(), topic_id.end(), id.topic_id.begin(),
                 [](std::byte byte) { return static_cast<uint8_t>(byte); });
  id.partition = static_cast<uint32_t>(partition);
  Log* log = nullptr;
  const Status status = wal().OpenLog(id, &log);
  if (!status.ok()) {
    ThrowStatus(env, status);
    return {};
  }
  const auto [found, is_new] =
      handles_.try_emplace(log, static_cast<uint32_t>(logs_.size()));
  if (is_new) logs_.push_back({log, nullptr});
  return Napi::Number::New(env, found->second);
}

Napi::Value WalWrap::ListLogs(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!IsOpen(env)) return {};
  const std::vector<LogSnapshot> logs = wal().ListLogs();
  Napi::Array list = Napi::Array::New(env, logs.size());
  for (size_t i = 0; i < logs.size(); ++i) {
    list.Set(static_cast<uint32_t>(i), LogSnapshotObject(env, logs[i]));
  }
  return list;
}

Napi::Value WalWrap::GetLogInfo(const Napi::CallbackInfo& info) {
  Log* const log = LogArgument(info);
  if (log == nullptr) return {};
  return LogSnapshotObject(info.Env(), wal().Info(log));
}

Napi::Value WalWrap::ReadableEnd(const Napi::CallbackInfo& info) {
  Log* const log = LogArgument(info);
  if (log == nullptr) return {};
  const uint64_t end = wal().Info(log).readable_end;
  return {info.Env(), NumberValue(info.Env(), end)};
}

Napi::Value WalWrap::LoadLogState(const Napi::CallbackInfo& info) {
  Log* const log = LogArgument(info);
  if (log == nullptr) return {};
  const LogSnapshot state = wal().Info(log);
  log_state_.Set(0, state.start_offset);
  log_state_.Set(1, state.readable_end);
  log_state_.Set(2, state.next_offset);
  log_state_.Set(3, state.stored_bytes);
  log_state_.Set(4, state.leader_epoch);
  return info.Env().Undefined();
}

Napi::Value WalWrap::CommitCursor(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  std::string reader;
  uint64_t offset = 0;
  if (log == nullptr || !ReadString(env, info[1], "reader", &reader) ||
      !ReadWholeNumber(env, info[2], "offset", kSafeIntegerMax, &offset)) {
    return {};
  }
  PendingOperation* const operation = queue().Take();
  const Status status = wal().CommitCursor(log, reader, offset, operation);
  if (!status.ok()) {
    queue().GiveBack(operation);
    ThrowStatus(env, status);
    return {};
  }
  queue().Commit(env, operation, {});
  return env.Undefined();
}

Napi::Value WalWrap::CommitCursorSync(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  std::string reader;
  uint64_t offset = 0;
  if (log == nullptr || !ReadString(env, info[1], "reader", &reader) ||
      !ReadWholeNumber(env, info[2], "offset", kSafeIntegerMax, &offset)) {
    return {};
  }
  const Status status = wal().CommitCursorSync(log, reader, offset);
  if (!status.ok()) ThrowStatus(env, status);
  return env.Undefined();
}

Napi::Value WalWrap::DeleteCursor(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  std::string reader;
  if (log == nullptr || !ReadString(env, info[1], "reader", &reader)) return {};
  PendingOperation* const operation = queue().Take();
  const Status status = wal().DeleteCursor(log, reader, operation);
  if (!status.ok()) {
    queue().GiveBack(operation);
    ThrowStatus(env, status);
    return {};
  }
  queue().Commit(env, operation, {});
  return env.Undefined();
}

Napi::Value WalWrap::Cursor(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  std::string reader;
  if (log == nullptr || !ReadString(env, info[1], "reader", &reader)) return {};
  const std::optional<uint64_t> offset = wal().Cursor(log, reader);
  if (!offset) return env.Null();
  return {env, NumberValue(env, *offset)};
}

Napi::Value WalWrap::Truncate(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  uint64_t offset = 0;
  if (log == nullptr ||
      !ReadWholeNumber(env, info[1], "offset", kSafeIntegerMax, &offset)) {
    return {};
  }
  AsyncCall call;
  call.name = "walrus.truncate";
  call.work = [engine = attachment_->engine(), log, offset] {
    return engine->wal().Truncate(log, offset);
  };
  return {env, StartAsyncCall(env, std::move(call))};
}

Napi::Value WalWrap::DeleteLog(const Napi::CallbackInfo& info) {
  Log* const log = LogArgument(info);
  if (log == nullptr) return {};
  AsyncCall call;
  call.name = "walrus.deleteLog";
  call.work = [engine = attachment_->engine(), log] {
    const Status status = engine->wal().DeleteLog(log);
    if (status.ok()) {
      engine->logs().Find(log)->SetDeleted();
      engine->WakeQueues();
    }
    return status;
  };
  return {info.Env(), StartAsyncCall(info.Env(), std::move(call))};
}

Napi::Value WalWrap::Stats(const Napi::CallbackInfo& info) {
  if (!IsOpen(info.Env())) return {};
  return StatsObject(info.Env(), wal().Stats(), queue().wakeups());
}

}  // namespace walrus::binding
