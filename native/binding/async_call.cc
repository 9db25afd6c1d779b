#include "binding/async_call.h"

#include <memory>
#include <utility>

#include "binding/convert.h"

namespace walrus::binding {

namespace {

struct RunningCall {
  AsyncCall call;
  Status status;
  napi_async_work work = nullptr;
};

void Execute(napi_env, void* argument) {
  auto* const running = static_cast<RunningCall*>(argument);
  running->status = running->call.work();
}

void Complete(napi_env env, napi_status started, void* argument) {
  const std::unique_ptr<RunningCall> running(
      static_cast<RunningCall*>(argument));
  if (started == napi_cancelled) {
    running->status = Status(Code::kClosed, "the environment is going down");
  }
  if (running->call.after) running->call.after(env);
  if (!running->status.ok()) {
    napi_reject_deferred(env, running->call.deferred,
                         ErrorValue(env, running->status));
  } else {
    napi_value value = nullptr;
    if (running->call.value) value = running->call.value(env);
    if (value == nullptr) napi_get_undefined(env, &value);
    napi_resolve_deferred(env, running->call.deferred, value);
  }
  napi_delete_async_work(env, running->work);
}

}  // namespace

napi_value StartAsyncCall(napi_env env, AsyncCall call) {
  auto running = std::make_unique<RunningCall>();
  running->call = std::move(call);
  napi_value name = nullptr;
  napi_value promise = nullptr;
  napi_get_undefined(env, &promise);
  const bool needs_promise = running->call.deferred == nullptr;
  if (napi_create_string_utf8(env, running->call.name, NAPI_AUTO_LENGTH,
                              &name) != napi_ok ||
      napi_create_async_work(env, nullptr, name, Execute, Complete,
                             running.get(), &running->work) != napi_ok ||
      (needs_promise && napi_create_promise(env, &running->call.deferred,
                                            &promise) != napi_ok) ||
      napi_queue_async_work(env, running->work) != napi_ok) {
    ThrowStatus(env, Status(Code::kClosed, "the environment is going down"));
    return nullptr;
  }
  static_cast<void>(running.release());
  return promise;
}

}  // namespace walrus::binding
