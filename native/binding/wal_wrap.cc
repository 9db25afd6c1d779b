#include "binding/wal_wrap.h"

#include <limits>
#include <utility>

#include "binding/async_call.h"
#include "binding/options.h"
#include "binding/reports.h"

namespace walrus::binding {

namespace {

/// What Wal.openAsync() is about, from the call to the end of its promise.
struct Opening {
  EngineRequest request;
  std::shared_ptr<CompletionQueue> queue;
  std::shared_ptr<Engine> engine;  ///< once a pool thread has it
};

/// False: an exception is pending, and there is nothing to let go.
bool BeginOpening(const Napi::CallbackInfo& info, Opening* opening) {
  Napi::Env env = info.Env();
  if (!ReadOptions(env, info[0], &opening->request)) return false;
  opening->queue = CompletionQueue::Create(env);
  if (opening->queue) return true;
  ThrowStatus(env, Status(Code::kClosed, "the environment is going down"));
  return false;
}

/// The handle on an engine that was attached to. nullptr when the environment
/// makes no objects any more: then it is detached.
napi_value NewHandle(napi_env env, const Opening& opening) {
  auto* const state = Napi::Env(env).GetInstanceData<AddonState>();
  state->opened = std::make_shared<Attachment>(opening.engine, opening.queue);
  napi_value handle = nullptr;
  napi_value wal_class = nullptr;
  // By plain calls: a worker that is being terminated refuses them, which is
  // nothing to throw.
  if (napi_get_reference_value(env, state->wal_class, &wal_class) != napi_ok ||
      napi_new_instance(env, wal_class, 0, nullptr, &handle) != napi_ok) {
    handle = nullptr;
  }
  const auto left = std::exchange(state->opened, {});
  if (left) {
    // Nobody hears of a failure, and nothing was appended that it could take.
    static_cast<void>(left->Detach());
    opening.queue->Release(env);
  }
  return handle;
}

}  // namespace

Napi::Function WalWrap::Define(Napi::Env env) {
  return DefineClass(
      env, "Wal",
      {StaticMethod<&WalWrap::Open>("open"),
       StaticMethod<&WalWrap::OpenAsync>("openAsync"),
       InstanceMethod<&WalWrap::OpenLog>("openLog"),
       InstanceMethod<&WalWrap::ListLogs>("listLogs"),
       InstanceMethod<&WalWrap::GetLogInfo>("logInfo"),
       InstanceMethod<&WalWrap::ReadableEnd>("readableEnd"),
       InstanceMethod<&WalWrap::LoadLogState>("loadLogState"),
       InstanceMethod<&WalWrap::Append>("append"),
       InstanceMethod<&WalWrap::AppendSync>("appendSync"),
       InstanceMethod<&WalWrap::AppendEntrySync>("appendEntrySync"),
       InstanceMethod<&WalWrap::AppendEntriesSync>("appendEntriesSync"),
       InstanceMethod<&WalWrap::AppendEntry>("appendEntry"),
       InstanceMethod<&WalWrap::AppendEntries>("appendEntries"),
       InstanceMethod<&WalWrap::OnSettled>("onSettled"),
       InstanceMethod<&WalWrap::Read>("read"),
       InstanceMethod<&WalWrap::ReadNow>("readNow"),
       InstanceMethod<&WalWrap::ReadSync>("readSync"),
       InstanceMethod<&WalWrap::ReadEntries>("readEntries"),
       InstanceMethod<&WalWrap::OffsetForTimestamp>("offsetForTimestamp"),
       InstanceMethod<&WalWrap::CommitCursor>("commitCursor"),
       InstanceMethod<&WalWrap::CommitCursorSync>("commitCursorSync"),
       InstanceMethod<&WalWrap::DeleteCursor>("deleteCursor"),
       InstanceMethod<&WalWrap::Cursor>("cursor"),
       InstanceMethod<&WalWrap::OpenReader>("openReader"),
       InstanceMethod<&WalWrap::ReaderPosition>("readerPosition"),
       InstanceMethod<&WalWrap::AdvanceReader>("advanceReader"),
       InstanceMethod<&WalWrap::MoveReader>("moveReader"),
       InstanceMethod<&WalWrap::RemoveReader>("removeReader"),
       InstanceMethod<&WalWrap::ListCursors>("listCursors"),
       InstanceMethod<&WalWrap::ListCursorsOf>("listCursorsOf"),
       InstanceMethod<&WalWrap::ListProducers>("listProducers"),
       InstanceMethod<&WalWrap::OnReadable>("onReadable"),
       InstanceMethod<&WalWrap::Watch>("watch"),
       InstanceMethod<&WalWrap::Unwatch>("unwatch"),
       InstanceMethod<&WalWrap::Truncate>("truncate"),
       InstanceMethod<&WalWrap::DeleteLog>("deleteLog"),
       InstanceMethod<&WalWrap::DeleteLogs>("deleteLogs"),
       InstanceMethod<&WalWrap::LogStates>("logStates"),
       InstanceMethod<&WalWrap::ConfigureLogs>("configureLogs"),
       InstanceMethod<&WalWrap::FindExpired>("findExpired"),
       InstanceMethod<&WalWrap::Stats>("stats"),
       InstanceMethod<&WalWrap::Close>("close"),
       InstanceMethod<&WalWrap::CloseSync>("closeSync")});
}

Napi::Value WalWrap::Open(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Opening opening;
  if (!BeginOpening(info, &opening)) return {};
  const Status status =
      Engine::Attach(opening.request, opening.queue, &opening.engine);
  if (!status.ok()) {
    opening.queue->Release(env);
    ThrowStatus(env, status);
    return {};
  }
  return Napi::Value(env, NewHandle(env, opening));
}

Napi::Value WalWrap::OpenAsync(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto opening = std::make_shared<Opening>();
  if (!BeginOpening(info, opening.get())) return {};
  AsyncCall call;
  call.name = "walrus.open";
  call.work = [opening] {
    return Engine::Attach(opening->request, opening->queue, &opening->engine);
  };
  // An environment that goes down meanwhile comes here too, before its hooks.
  call.after = [opening](napi_env loop_env) {
    if (!opening->engine) opening->queue->Release(loop_env);
  };
  call.value = [opening](napi_env loop_env) {
    return NewHandle(loop_env, *opening);
  };
  const napi_value promise = StartAsyncCall(env, std::move(call));
  if (promise == nullptr) opening->queue->Release(env);
  return Napi::Value(env, promise);
}

WalWrap::WalWrap(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<WalWrap>(info) {
  Napi::Env env = info.Env();
  attachment_ = std::exchange(env.GetInstanceData<AddonState>()->opened, {});
  if (!attachment_) {
    ThrowInvalid(env, "a Wal comes from Wal.open() or Wal.openAsync()");
    return;
  }
  // After the thread-safe function was made, so that the hook runs before that
  // one's own: nobody may call it when it goes.
  napi_add_env_cleanup_hook(env, &WalWrap::OnTeardown, this);
  Ref();
  queue().SetAfterDrain([this](napi_env loop_env) {
    TellReadable(loop_env);
    DetachWhenIdle(loop_env);
  });

  last_append_.Allocate(env, 4);
  log_state_.Allocate(env, 5);
  Napi::Object self = info.This().As<Napi::Object>();
  self.DefineProperties(
      {Napi::PropertyDescriptor::Value("lastAppend", last_append_.array()),
       Napi::PropertyDescriptor::Value("logState", log_state_.array()),
       Napi::PropertyDescriptor::Value(
           "recoveryReport", RecoveryReportObject(env, wal().recovery_report()),
           napi_enumerable),
       Napi::PropertyDescriptor::Value("openingLines",
                                       TextList(env, engine().TakeLines()))});
}

void WalWrap::OnTeardown(void* argument) {
  auto* const self = static_cast<WalWrap*>(argument);
  if (!self->attachment_) return;
  for (const auto& [handle, watched] : self->watched_) {
    self->wal().Unwatch(watched.log);
  }
  // Waits for the disk: what was acknowledged, and what was accepted, is kept.
  // A failure reaches nobody; the missing clean mark tells the next open.
  self->queue().WaitUntilSettled();
  static_cast<void>(self->attachment_->Detach());
  self->queue().Release(self->Env());
  self->attachment_.reset();
}

Napi::Value WalWrap::Close(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!close_promise_.IsEmpty()) return close_promise_.Value();
  if (!IsOpen(env)) return {};
  napi_value promise = nullptr;
  if (napi_create_promise(env, &close_deferred_, &promise) != napi_ok) {
    return {};
  }
  close_promise_ = Napi::Persistent(Napi::Object(env, promise));
  UnwatchAll(env);
  DetachWhenIdle(env);
  return close_promise_.Value();
}

void WalWrap::DetachWhenIdle(napi_env env) {
  if (close_deferred_ == nullptr || is_detaching_ || !queue().is_idle()) return;
  is_detaching_ = true;
  AsyncCall call;
  call.name = "walrus.close";
  call.deferred = close_deferred_;
  call.work = [attachment = attachment_] { return attachment->Detach(); };
  call.after = [this](napi_env loop_env) { FinishClose(loop_env); };
  // Refused only by an environment that is going down: its hook detaches.
  static_cast<void>(StartAsyncCall(env, std::move(call)));
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
  is_detaching_ = true;
  UnwatchAll(env);
  queue().WaitUntilSettled();
  const Status status = attachment_->Detach();
  FinishClose(env);
  if (!status.ok()) ThrowStatus(env, status);
  return env.Undefined();
}

void WalWrap::FinishClose(napi_env env) {
  if (!attachment_) return;  // the environment's hook was first
  // The last calls of the engine may still be on their way here.
  queue().Drain(env);
  queue().Release(env);
  attachment_.reset();
  logs_.clear();
  handles_.clear();
  readers_.clear();
  reader_handles_.clear();
  napi_remove_env_cleanup_hook(env, &WalWrap::OnTeardown, this);
  Unref();
}

bool WalWrap::IsOpen(Napi::Env env) {
  if (attachment_ && close_promise_.IsEmpty()) return true;
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
  if (handle < logs_.size()) return logs_[handle].log;
  ThrowInvalid(info.Env(), "log is not a handle of this Wal");
  return nullptr;
}

SharedLog* WalWrap::SharedLogOf(const Napi::CallbackInfo& info, Log* log) {
  const uint32_t handle = info[0].As<Napi::Number>().Uint32Value();
  SharedLog*& shared = logs_[handle].shared;
  if (shared == nullptr) shared = engine().logs().Find(log);
  return shared;
}

}  // namespace walrus::binding
