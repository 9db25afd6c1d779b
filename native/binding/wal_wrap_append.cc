// The appends of WalWrap. One call verifies, stamps and queues; nothing is
// copied and, once the pools are warm, nothing is allocated but the reference
// that keeps the caller's Buffers alive.
#include <chrono>
#include <limits>

#include "binding/wal_wrap.h"
#include "wal/batch_records.h"

namespace walrus::binding {

namespace {

/// Entries of one call are packed into batches of at most this size (D1).
constexpr uint64_t kPackedBatchBytesMax = 1ull << 20;

int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

Napi::Value WalWrap::Appended(Napi::Env env, const AppendResult& result) {
  last_append_.Set(0, result.base_offset);
  last_append_.Set(1, result.record_count);
  return {env, NumberValue(env, result.base_offset)};
}

Napi::Value WalWrap::Append(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  if (log == nullptr || !ReadChunks(env, info[1], "chunks", &chunks_)) {
    return {};
  }
  PendingOperation* const operation = engine_->queue().Take();
  AppendResult result;
  const Status status = wal().Append(log, chunks_.parts, operation, &result);
  if (!status.ok()) {
    engine_->queue().GiveBack(operation);
    ThrowStatus(env, status);
    return {};
  }
  // The handle scope of this call holds the Buffers until they are pinned.
  engine_->queue().Commit(env, operation, chunks_.values);
  return Appended(env, result);
}

Napi::Value WalWrap::AppendPartsSync(Napi::Env env, Log* log,
                                     std::span<const iovec> parts) {
  AppendResult result;
  const Status status = wal().AppendSync(log, parts, &result);
  if (!status.ok()) {
    ThrowStatus(env, status);
    return {};
  }
  return Appended(env, result);
}

Napi::Value WalWrap::AppendSync(const Napi::CallbackInfo& info) {
  Log* const log = LogArgument(info);
  if (log == nullptr || !ReadChunks(info.Env(), info[1], "chunks", &chunks_)) {
    return {};
  }
  return AppendPartsSync(info.Env(), log, chunks_.parts);
}

Napi::Value WalWrap::AppendEntrySync(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  std::span<std::byte> payload;
  if (log == nullptr || !ReadBytes(env, info[1], "payload", &payload)) {
    return {};
  }
  EntryBatch batch;
  const Status status = batch.Build(payload, NowMs());
  if (!status.ok()) {
    ThrowStatus(env, status);
    return {};
  }
  return AppendPartsSync(env, log, batch.parts());
}

Napi::Value WalWrap::AppendEntriesSync(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  bool is_array = false;
  uint32_t length = 0;
  if (log == nullptr) return {};
  if (napi_is_array(env, info[1], &is_array) != napi_ok || !is_array ||
      napi_get_array_length(env, info[1], &length) != napi_ok || length == 0) {
    ThrowInvalid(env, "payloads is not an array of one Buffer or more");
    return {};
  }
  // Not ReadChunks(): an entry may be empty.
  std::vector<std::span<const std::byte>> entries;
  entries.reserve(length);
  for (uint32_t i = 0; i < length; ++i) {
    napi_value element = nullptr;
    std::span<std::byte> bytes;
    if (napi_get_element(env, info[1], i, &element) != napi_ok ||
        !ReadBytes(env, element, "payloads", &bytes)) {
      return {};
    }
    entries.emplace_back(bytes);
  }
  std::vector<std::vector<std::byte>> batches;
  std::vector<iovec> parts;
  const int64_t now = NowMs();
  for (std::span<const std::span<const std::byte>> rest = entries;
       !rest.empty();) {
    const size_t count = EntriesThatFit(rest, kPackedBatchBytesMax);
    const uint64_t size = PackedBatchBytes(rest.first(count));
    if (size == 0) {
      ThrowInvalid(env, "an entry does not fit a record batch");
      return {};
    }
    batches.emplace_back(size);
    PackEntries(rest.first(count), now, batches.back().data());
    parts.push_back({batches.back().data(), size});
    rest = rest.subspan(count);
  }
  return AppendPartsSync(env, log, parts);
}

Napi::Value WalWrap::OnSettled(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!IsOpen(env)) return {};
  napi_valuetype type = napi_undefined;
  if (napi_typeof(env, info[0], &type) != napi_ok || type != napi_function) {
    ThrowInvalid(env, "callback is not a function");
    return {};
  }
  engine_->queue().SetCallback(env, info[0]);
  return env.Undefined();
}

}  // namespace walrus::binding
