#include "binding/wal_wrap.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "binding/async_call.h"
#include "binding/options.h"
#include "binding/reports.h"

namespace walrus::binding {

Napi::Function WalWrap::Define(Napi::Env env) {
  return DefineClass(
      env, "Wal",
      {StaticMethod<&WalWrap::Open>("open"),
       InstanceMethod<&WalWrap::OpenLog>("openLog"),
       InstanceMethod<&WalWrap::ListLogs>("listLogs"),
       InstanceMethod<&WalWrap::GetLogInfo>("logInfo"),
       InstanceMethod<&WalWrap::ReadableEnd>("readableEnd"),
       InstanceMethod<&WalWrap::LoadLogState>("loadLogState"),
       InstanceMethod<&WalWrap::Append>("append"),
       InstanceMethod<&WalWrap::AppendSync>("appendSync"),
       InstanceMethod<&WalWrap::AppendEntrySync>("appendEntrySync"),
       InstanceMethod<&WalWrap::AppendEntriesSync>("appendEntriesSync"),
       InstanceMethod<&WalWrap::OnSettled>("onSettled"),
       InstanceMethod<&WalWrap::Read>("read"),
       InstanceMethod<&WalWrap::ReadNow>("readNow"),
       InstanceMethod<&WalWrap::ReadSync>("readSync"),
       InstanceMethod<&WalWrap::OffsetForTimestamp>("offsetForTimestamp"),
       InstanceMethod<&WalWrap::CommitCursor>("commitCursor"),
       InstanceMethod<&WalWrap::CommitCursorSync>("commitCursorSync"),
       InstanceMethod<&WalWrap::Cursor>("cursor"),
       InstanceMethod<&WalWrap::Truncate>("truncate"),
       InstanceMethod<&WalWrap::DeleteLog>("deleteLog"),
       InstanceMethod<&WalWrap::Stats>("stats"),
       InstanceMethod<&WalWrap::Close>("close"),
       InstanceMethod<&WalWrap::CloseSync>("closeSync")});
}

Napi::Value WalWrap::Open(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Options options;
  if (!ReadOptions(env, info[0], &options)) return {};
  auto* const state = env.GetInstanceData<AddonState>();
  state->queue = CompletionQueue::Create(env);
  if (!state->queue) {
    ThrowStatus(env, Status(Code::kClosed, "the environment is going down"));
    return {};
  }
  // The Wal's threads end before the queue does (Engine).
  options.after_group_reported = [queue = state->queue.get()] {
    queue->GroupReported();
  };
  const Status status = Wal::Open(options, &state->opened);
  if (!status.ok()) {
    std::exchange(state->queue, nullptr)->Release(env);
    ThrowStatus(env, status);
    return {};
  }
  return state->wal_class.New({});
}

WalWrap::WalWrap(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<WalWrap>(info) {
  Napi::Env env = info.Env();
  std::unique_ptr<Wal> opened =
      std::move(env.GetInstanceData<AddonState>()->opened);
  if (!opened) {
    ThrowInvalid(env, "a Wal comes from Wal.open()");
    return;
  }
  engine_ = Engine::Create(std::move(opened),
                           std::move(env.GetInstanceData<AddonState>()->queue));
  // After the thread-safe function was made, so that the hook runs before that
  // one's own: the engine's threads must be gone when it goes.
  napi_add_env_cleanup_hook(env, &WalWrap::OnTeardown, this);
  Ref();

  last_append_.Allocate(env, 2);
  log_state_.Allocate(env, 5);
  Napi::Object self = info.This().As<Napi::Object>();
  self.DefineProperties(
      {Napi::PropertyDescriptor::Value("lastAppend", last_append_.array()),
       Napi::PropertyDescriptor::Value("logState", log_state_.array()),
       Napi::PropertyDescriptor::Value(
           "recoveryReport", RecoveryReportObject(env, wal().recovery_report()),
           napi_enumerable)});
}

void WalWrap::OnTeardown(void* argument) {
  auto* const self = static_cast<WalWrap*>(argument);
  if (!self->engine_) return;
  // Waits for the disk: what was acknowledged, and what was accepted, is kept.
  // A failure reaches nobody; the missing clean mark tells the next open.
  static_cast<void>(self->engine_->CloseOnce());
  self->engine_->queue().Release(self->Env());
  self->engine_.reset();
}

Napi::Value WalWrap::Close(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!close_promise_.IsEmpty()) return close_promise_.Value();
  if (!IsOpen(env)) return {};
  AsyncCall call;
  call.name = "walrus.close";
  call.work = [engine = engine_] { return engine->CloseOnce(); };
  call.after = [this](napi_env loop_env) { FinishClose(loop_env); };
  const napi_value promise = StartAsyncCall(env, std::move(call));
  if (promise == nullptr) return {};
  close_promise_ = Napi::Persistent(Napi::Object(env, promise));
  return close_promise_.Value();
}

Napi::Value WalWrap::CloseSync(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!IsOpen(env)) return {};
  // A later close() has nothing to wait for.
  napi_deferred deferred = nullptr;
  napi_value promise = nullptr;
  if (napi_create_promise(env, &deferred, &promise) != napi_ok) return {};
  napi_resolve_deferred(env, deferred, env.Undefined());
  close_promise_ = Napi::Persistent(Napi::Object(env, promise));
  const Status status = engine_->CloseOnce();
  FinishClose(env);
  if (!status.ok()) ThrowStatus(env, status);
  return env.Undefined();
}

void WalWrap::FinishClose(napi_env env) {
  if (!engine_) return;  // the environment's hook was first
  // The last calls of the engine may still be on their way here.
  engine_->queue().Drain(env);
  engine_->queue().Release(env);
  engine_.reset();
  logs_.clear();
  handles_.clear();
  napi_remove_env_cleanup_hook(env, &WalWrap::OnTeardown, this);
  Unref();
}

bool WalWrap::IsOpen(Napi::Env env) {
  if (engine_ && close_promise_.IsEmpty()) return true;
  ThrowStatus(env, Status(Code::kClosed, "the log is closed"));
  return false;
}

Log* WalWrap::LogArgument(const Napi::CallbackInfo& info) {
  uint64_t handle = 0;
  if (!IsOpen(info.Env()) ||
      !ReadWholeNumber(info.Env(), info[0], "log",
                       std::numeric_limits<uint32_t>::max(), &handle)) {
    return nullptr;
  }
  if (handle < logs_.size()) return logs_[handle];
  ThrowInvalid(info.Env(), "log is not a handle of this Wal");
  return nullptr;
}

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
  if (is_new) logs_.push_back(log);
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
  PendingOperation* const operation = engine_->queue().Take();
  const Status status = wal().CommitCursor(log, reader, offset, operation);
  if (!status.ok()) {
    engine_->queue().GiveBack(operation);
    ThrowStatus(env, status);
    return {};
  }
  engine_->queue().Commit(env, operation, {});
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
  call.work = [engine = engine_, log, offset] {
    return engine->wal().Truncate(log, offset);
  };
  return {env, StartAsyncCall(env, std::move(call))};
}

Napi::Value WalWrap::DeleteLog(const Napi::CallbackInfo& info) {
  Log* const log = LogArgument(info);
  if (log == nullptr) return {};
  AsyncCall call;
  call.name = "walrus.deleteLog";
  call.work = [engine = engine_, log] { return engine->wal().DeleteLog(log); };
  return {info.Env(), StartAsyncCall(info.Env(), std::move(call))};
}

Napi::Value WalWrap::Stats(const Napi::CallbackInfo& info) {
  if (!IsOpen(info.Env())) return {};
  return StatsObject(info.Env(), wal().Stats(), engine_->queue().wakeups());
}

}  // namespace walrus::binding
