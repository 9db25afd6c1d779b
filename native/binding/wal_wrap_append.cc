// The appends of WalWrap. One call verifies, stamps and queues; nothing is
// copied and, once the pools are warm, nothing is allocated but the reference
// that keeps the caller's Buffers alive.
#include <chrono>
#include <limits>

#include "binding/wal_wrap.h"
#include "wal/entry_pack.h"

namespace walrus::binding {

namespace {

int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

Status BatchInFlight() {
  return Status(Code::kWouldBlock, "a batch is in flight on this topic");
}

/// The payloads of a call. Not Chunks: an entry may be empty.
struct Entries {
  std::vector<napi_value> values;
  std::vector<std::span<const std::byte>> bytes;
};

/// False: threw INVALID_INPUT, for an empty array too.
bool ReadPayloads(napi_env env, napi_value array, Entries* entries) {
  bool is_array = false;
  uint32_t length = 0;
  if (napi_is_array(env, array, &is_array) != napi_ok || !is_array ||
      napi_get_array_length(env, array, &length) != napi_ok || length == 0) {
    ThrowInvalid(env, "payloads is not an array of one Buffer or more");
    return false;
  }
  entries->values.resize(length);
  entries->bytes.resize(length);
  for (uint32_t i = 0; i < length; ++i) {
    std::span<std::byte> bytes;
    if (napi_get_element(env, array, i, &entries->values[i]) != napi_ok ||
        !ReadBytes(env, entries->values[i], "payloads", &bytes)) {
      return false;
    }
    entries->bytes[i] = bytes;
  }
  return true;
}

}  // namespace

Napi::Value WalWrap::Appended(Napi::Env env, const AppendResult& result) {
  last_append_.Set(0, result.base_offset);
  last_append_.Set(1, result.record_count);
  last_append_.Set(2, result.duplicate ? 1 : 0);
  last_append_.SetSigned(3, result.log_append_time);
  return {env, NumberValue(env, result.base_offset)};
}

Napi::Value WalWrap::Append(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  if (log == nullptr || !ReadChunks(env, info[1], "chunks", &chunks_)) {
    return {};
  }
  PendingOperation* const operation = queue().Take();
  AppendResult result;
  const Status status = wal().Append(log, chunks_.parts, operation, &result);
  if (!status.ok()) {
    queue().GiveBack(operation);
    ThrowStatus(env, status);
    return {};
  }
  // The handle scope of this call holds the Buffers until they are pinned.
  queue().Commit(env, operation, chunks_.values);
  return Appended(env, result);
}

Napi::Value WalWrap::AppendSync(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  if (log == nullptr || !ReadChunks(env, info[1], "chunks", &chunks_)) {
    return {};
  }
  AppendResult result;
  const Status status = wal().AppendSync(log, chunks_.parts, &result);
  if (!status.ok()) {
    ThrowStatus(env, status);
    return {};
  }
  return Appended(env, result);
}

Napi::Value WalWrap::AppendEntrySync(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  std::span<std::byte> payload;
  if (log == nullptr || !ReadBytes(env, info[1], "payload", &payload)) {
    return {};
  }
  if (SharedLogOf(info, log)->has_batch()) {
    ThrowStatus(env, BatchInFlight());
    return {};
  }
  EntryBatch batch;
  Status status = batch.Build(payload, NowMs());
  if (!status.ok()) {
    ThrowStatus(env, status);
    return {};
  }
  AppendResult result;
  status =
      wal().AppendBuiltSync(log, batch.parts(), {&batch.checked(), 1}, &result);
  if (!status.ok()) {
    ThrowStatus(env, status);
    return {};
  }
  return Appended(env, result);
}

Napi::Value WalWrap::AppendEntriesSync(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  Entries entries;
  if (log == nullptr || !ReadPayloads(env, info[1], &entries)) return {};
  SharedLog* const shared = SharedLogOf(info, log);
  if (!shared->TryBeginBatch()) {
    ThrowStatus(env, BatchInFlight());
    return {};
  }
  EntryPack pack;
  AppendResult result;
  Status status = pack.Build(entries.bytes, NowMs(), engine().block_bytes());
  if (status.ok()) {
    status = wal().AppendBuiltSync(log, pack.parts(), pack.checked(), &result);
  }
  shared->EndBatch();
  if (!status.ok()) {
    ThrowStatus(env, status);
    return {};
  }
  return Appended(env, result);
}

Napi::Value WalWrap::AppendEntry(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  std::span<std::byte> payload;
  if (log == nullptr || !ReadBytes(env, info[1], "payload", &payload)) {
    return {};
  }
  const std::span<const std::byte> entry = payload;
  const napi_value value = info[1];
  PendingOperation* const operation = queue().Take();
  const Status status =
      operation->NewPack().Build({&entry, 1}, NowMs(), engine().block_bytes());
  if (!status.ok()) {
    queue().GiveBack(operation);
    ThrowStatus(env, status);
    return {};
  }
  return AppendPack(env, log, operation, {&value, 1});
}

Napi::Value WalWrap::AppendEntries(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  Entries entries;
  if (log == nullptr || !ReadPayloads(env, info[1], &entries)) return {};
  SharedLog* const shared = SharedLogOf(info, log);
  PendingOperation* const operation = queue().Take();
  const Status status = operation->NewPack().Build(entries.bytes, NowMs(),
                                                   engine().block_bytes());
  if (!status.ok()) {
    queue().GiveBack(operation);
    ThrowStatus(env, status);
    return {};
  }
  shared->BeginBatch();
  operation->SetBatchOf(shared);
  const Napi::Value appended = AppendPack(env, log, operation, entries.values);
  if (appended.IsEmpty()) shared->EndBatch();
  return appended;
}

Napi::Value WalWrap::AppendPack(Napi::Env env, Log* log,
                                PendingOperation* operation,
                                std::span<const napi_value> values) {
  const EntryPack& pack = operation->pack();
  // Only Buffers whose bytes are among the parts have to stay alive.
  if (!pack.borrows()) values = {};
  AppendResult result;
  const Status status =
      wal().AppendBuilt(log, pack.parts(), pack.checked(), operation, &result);
  if (!status.ok()) {
    queue().GiveBack(operation);
    ThrowStatus(env, status);
    return {};
  }
  queue().Commit(env, operation, values);
  return Appended(env, result);
}

Napi::Value WalWrap::OnSettled(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!IsOpen(env)) return {};
  napi_valuetype type = napi_undefined;
  if (napi_typeof(env, info[0], &type) != napi_ok || type != napi_function) {
    ThrowInvalid(env, "callback is not a function");
    return {};
  }
  queue().SetCallback(env, info[0]);
  return env.Undefined();
}

}  // namespace walrus::binding
