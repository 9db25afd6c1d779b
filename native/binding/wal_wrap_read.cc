// The reads of WalWrap. The engine reads straight into the Buffer that
// JavaScript gets; asynchronous reads hand the engine's own memory over.
#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "binding/async_call.h"
#include "binding/wal_wrap.h"

namespace walrus::binding {

namespace {

/// The Buffer a read on this thread fills.
struct TargetBuffer {
  napi_env env = nullptr;
  napi_value value = nullptr;
  std::byte* data = nullptr;

  std::byte* Allocate(size_t size) {
    void* memory = nullptr;
    if (napi_create_buffer(env, size, &memory, &value) != napi_ok) {
      return nullptr;
    }
    data = static_cast<std::byte*>(memory);
    return data;
  }
};

}  // namespace

bool WalWrap::ReadReadArguments(const Napi::CallbackInfo& info,
                                ReadArguments* arguments) {
  uint64_t max_bytes = 0;
  arguments->log = LogArgument(info);
  if (arguments->log == nullptr ||
      !ReadWholeNumber(info.Env(), info[1], "offset", kSafeIntegerMax,
                       &arguments->offset) ||
      !ReadWholeNumber(info.Env(), info[2], "maxBytes", kSafeIntegerMax,
                       &max_bytes)) {
    return false;
  }
  arguments->max_bytes = max_bytes;
  return true;
}

Napi::Value WalWrap::ReadBlocking(const Napi::CallbackInfo& info,
                                  bool may_wait) {
  Napi::Env env = info.Env();
  ReadArguments arguments;
  if (!ReadReadArguments(info, &arguments)) return {};
  TargetBuffer target{env};
  const BufferAllocator allocate = [&target](size_t size) {
    return target.Allocate(size);
  };
  size_t size = 0;
  const Status status =
      may_wait ? wal().Read(arguments.log, arguments.offset,
                            arguments.max_bytes, allocate, &size)
               : wal().ReadNow(arguments.log, arguments.offset,
                               arguments.max_bytes, allocate, &size);
  if (status.code() == Code::kWouldBlock) return env.Null();
  if (!status.ok()) {
    ThrowStatus(env, status);
    return {};
  }
  if (size == 0) target.Allocate(0);
  return {env, target.value};
}

Napi::Value WalWrap::ReadNow(const Napi::CallbackInfo& info) {
  return ReadBlocking(info, false);
}

Napi::Value WalWrap::ReadSync(const Napi::CallbackInfo& info) {
  return ReadBlocking(info, true);
}

Napi::Value WalWrap::ReadEntries(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  ReadArguments arguments;
  if (!ReadReadArguments(info, &arguments)) return {};
  TargetBuffer target{env};
  size_t size = 0;
  const Status status = wal().Read(
      arguments.log, arguments.offset, arguments.max_bytes,
      [&target](size_t wanted) { return target.Allocate(wanted); }, &size);
  if (!status.ok()) {
    ThrowStatus(env, status);
    return {};
  }
  if (size == 0) return env.Null();
  entries_.Build({target.data, size}, arguments.offset);
  // The last number is the end offset.
  const std::span<const double> numbers = entries_.numbers();
  Napi::Float64Array table = Napi::Float64Array::New(env, numbers.size() + 1);
  std::copy(numbers.begin(), numbers.end(), table.Data());
  table.Data()[numbers.size()] = static_cast<double>(entries_.end_offset());
  Napi::Array read = Napi::Array::New(env, 2);
  read.Set(0u, Napi::Value(env, target.value));
  read.Set(1u, table);
  return read;
}

Napi::Value WalWrap::Read(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  ReadArguments arguments;
  if (!ReadReadArguments(info, &arguments)) return {};
  napi_deferred deferred = nullptr;
  napi_value promise = nullptr;
  if (napi_create_promise(env, &deferred, &promise) != napi_ok) return {};
  CompletionQueue& reads = queue();
  PendingRead* const read = reads.BeginRead(env, deferred);
  // The reader threads are the Wal's, and end before the queue does.
  const Status status = wal().ReadAsync(
      arguments.log, arguments.offset, arguments.max_bytes,
      [&reads, read](const Status& result, std::vector<std::byte> bytes) {
        read->status = result;
        read->bytes = std::move(bytes);
        reads.FinishRead(read);
      });
  if (!status.ok()) {
    reads.AbandonRead(env, read);
    napi_reject_deferred(env, deferred, ErrorValue(env, status));
  }
  return {env, promise};
}

Napi::Value WalWrap::OffsetForTimestamp(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  uint64_t timestamp = 0;
  if (log == nullptr || !ReadWholeNumber(env, info[1], "timestampMs",
                                         kSafeIntegerMax, &timestamp)) {
    return {};
  }
  const auto found = std::make_shared<std::optional<TimestampedOffset>>();
  AsyncCall call;
  call.name = "walrus.offsetForTimestamp";
  call.work = [engine = attachment_->engine(), log, timestamp, found] {
    return engine->wal().OffsetForTimestamp(
        log, static_cast<int64_t>(timestamp), found.get());
  };
  call.value = [found](napi_env loop_env) -> napi_value {
    Napi::Env value_env(loop_env);
    if (!*found) return value_env.Null();
    Napi::Object object = Napi::Object::New(value_env);
    object.Set("offset",
               Napi::Value(loop_env, NumberValue(loop_env, (*found)->offset)));
    object.Set(
        "timestamp",
        Napi::Number::New(value_env, static_cast<double>((*found)->timestamp)));
    return object;
  };
  return {env, StartAsyncCall(env, std::move(call))};
}

}  // namespace walrus::binding
