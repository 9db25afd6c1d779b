// The named readers of WalWrap, and the logs it watches.
#include <limits>
#include <string>
#include <vector>

#include "binding/wal_wrap.h"
#include "wal/producer_table.h"

namespace walrus::binding {

NamedReader* WalWrap::ReaderArgument(const Napi::CallbackInfo& info) {
  uint64_t handle = 0;
  if (!IsOpen(info.Env()) ||
      !ReadWholeNumber(info.Env(), info[0], "reader",
                       std::numeric_limits<uint32_t>::max(), &handle)) {
    return nullptr;
  }
  if (handle < readers_.size()) return readers_[handle];
  ThrowInvalid(info.Env(), "reader is not a handle of this Wal");
  return nullptr;
}

Napi::Value WalWrap::OpenReader(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Log* const log = LogArgument(info);
  std::string name;
  if (log == nullptr || !ReadString(env, info[1], "name", &name)) return {};
  NamedReader* reader = nullptr;
  const Status status = SharedLogOf(info, log)->OpenReader(name, &reader);
  if (!status.ok()) {
    ThrowStatus(env, status);
    return {};
  }
  const auto [found, is_new] = reader_handles_.try_emplace(
      reader, static_cast<uint32_t>(readers_.size()));
  if (is_new) readers_.push_back(reader);
  return Napi::Number::New(env, found->second);
}

Napi::Value WalWrap::ReaderPosition(const Napi::CallbackInfo& info) {
  const NamedReader* const reader = ReaderArgument(info);
  if (reader == nullptr) return {};
  return {info.Env(), NumberValue(info.Env(), reader->position())};
}

Napi::Value WalWrap::AdvanceReader(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  NamedReader* const reader = ReaderArgument(info);
  NamedReader::Claim claim;
  if (reader == nullptr ||
      !ReadWholeNumber(env, info[1], "from", kSafeIntegerMax, &claim.from) ||
      !ReadWholeNumber(env, info[2], "to", kSafeIntegerMax, &claim.to) ||
      !ReadWholeNumber(env, info[3], "count", kSafeIntegerMax, &claim.count)) {
    return {};
  }
  claim.persist_every = engine().persist_every();
  bool granted = false;
  const Status status = reader->Advance(claim, &granted);
  if (!status.ok()) {
    ThrowStatus(env, status);
    return {};
  }
  return Napi::Boolean::New(env, granted);
}

Napi::Value WalWrap::MoveReader(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  NamedReader* const reader = ReaderArgument(info);
  uint64_t offset = 0;
  if (reader == nullptr ||
      !ReadWholeNumber(env, info[1], "offset", kSafeIntegerMax, &offset)) {
    return {};
  }
  const Status status = reader->MoveTo(offset);
  if (!status.ok()) ThrowStatus(env, status);
  return env.Undefined();
}

Napi::Value WalWrap::RemoveReader(const Napi::CallbackInfo& info) {
  NamedReader* const reader = ReaderArgument(info);
  if (reader == nullptr) return {};
  const Status status = reader->Remove();
  if (!status.ok()) ThrowStatus(info.Env(), status);
  return info.Env().Undefined();
}

Napi::Value WalWrap::ListCursors(const Napi::CallbackInfo& info) {
  const Log* const log = LogArgument(info);
  return log == nullptr ? Napi::Value() : CursorList(info.Env(), log);
}

Napi::Value WalWrap::ListCursorsOf(const Napi::CallbackInfo& info) {
  LogRange range;
  if (!ReadLogRange(info, &range)) return {};
  Napi::Env env = info.Env();
  Napi::Array lists = Napi::Array::New(env, range.count);
  for (uint32_t i = 0; i < range.count; ++i, ++range.id.partition) {
    const Log* const log = wal().FindLog(range.id);
    lists.Set(i, log == nullptr ? env.Null() : CursorList(env, log));
  }
  return lists;
}

Napi::Value WalWrap::CursorList(Napi::Env env, const Log* log) {
  const std::vector<ReaderCursor> cursors = wal().ListCursors(log);
  Napi::Array list = Napi::Array::New(env, cursors.size());
  for (size_t i = 0; i < cursors.size(); ++i) {
    Napi::Object item = Napi::Object::New(env);
    item.Set("reader", Napi::String::New(env, cursors[i].reader));
    item.Set("offset", Napi::Value(env, NumberValue(env, cursors[i].offset)));
    list.Set(static_cast<uint32_t>(i), item);
  }
  return list;
}

Napi::Value WalWrap::ListProducers(const Napi::CallbackInfo& info) {
  const Log* const log = LogArgument(info);
  if (log == nullptr) return {};
  std::vector<double> numbers;
  for (const ProducerState& producer : wal().Producers(log)) {
    // No broker gave such an id out, and a double could not carry it.
    if (static_cast<uint64_t>(producer.producer_id) > kSafeIntegerMax) continue;
    const ProducerBatch& last = producer.batches.back();
    numbers.push_back(static_cast<double>(producer.producer_id));
    numbers.push_back(last.epoch);
    numbers.push_back(last.LastSequence());
    numbers.push_back(static_cast<double>(producer.last_append_ms));
  }
  Napi::Float64Array list = Napi::Float64Array::New(info.Env(), numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) list[i] = numbers[i];
  return list;
}

Napi::Value WalWrap::OnReadable(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!IsOpen(env)) return {};
  if (!info[0].IsFunction()) {
    ThrowInvalid(env, "callback is not a function");
    return {};
  }
  on_readable_ = Napi::Persistent(info[0].As<Napi::Function>());
  return env.Undefined();
}

Napi::Value WalWrap::Watch(const Napi::CallbackInfo& info) {
  Log* const log = LogArgument(info);
  if (log == nullptr) return {};
  const uint32_t handle = info[0].As<Napi::Number>().Uint32Value();
  const auto [place, is_new] = watched_.try_emplace(handle);
  if (!is_new) return info.Env().Undefined();
  queue().Watch(info.Env(), 1);
  wal().Watch(log);
  place->second = {log, SharedLogOf(info, log), wal().Info(log).readable_end,
                   false};
  return info.Env().Undefined();
}

Napi::Value WalWrap::Unwatch(const Napi::CallbackInfo& info) {
  Log* const log = LogArgument(info);
  if (log == nullptr) return {};
  const uint32_t handle = info[0].As<Napi::Number>().Uint32Value();
  if (watched_.erase(handle) > 0) {
    wal().Unwatch(log);
    queue().Watch(info.Env(), -1);
  }
  return info.Env().Undefined();
}

void WalWrap::UnwatchAll(napi_env env) {
  for (const auto& [handle, watched] : watched_) {
    wal().Unwatch(watched.log);
    queue().Watch(env, -1);
  }
  watched_.clear();
}

void WalWrap::TellReadable(napi_env env) {
  if (watched_.empty() || on_readable_.IsEmpty()) return;
  std::vector<uint32_t> moved;
  for (auto& [handle, watched] : watched_) {
    const uint64_t end = wal().Info(watched.log).readable_end;
    const bool is_deleted = watched.shared->is_deleted();
    if (end == watched.told_end && is_deleted == watched.told_deleted) continue;
    watched.told_end = end;
    watched.told_deleted = is_deleted;
    moved.push_back(handle);
  }
  if (moved.empty()) return;
  Napi::Array handles = Napi::Array::New(env, moved.size());
  for (size_t i = 0; i < moved.size(); ++i) {
    handles.Set(static_cast<uint32_t>(i), moved[i]);
  }
  const napi_value argument = handles;
  queue().CallBack(env, on_readable_.Value(), {&argument, 1});
}

}  // namespace walrus::binding
