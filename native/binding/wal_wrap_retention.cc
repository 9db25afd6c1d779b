// WalWrap's calls about logs by their ids, for those who look after many and
// open few: states, settings, retention. And deletions of several.
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "binding/async_call.h"
#include "binding/wal_wrap.h"

namespace walrus::binding {

namespace {

constexpr uint64_t kPartitionMax = std::numeric_limits<uint32_t>::max();

/// False: threw INVALID_INPUT.
bool ReadBoolean(napi_env env, napi_value value, const char* name, bool* flag) {
  if (napi_get_value_bool(env, value, flag) == napi_ok) return true;
  ThrowInvalid(env, std::string(name) + " is not true or false");
  return false;
}

}  // namespace

bool WalWrap::ReadLogRange(const Napi::CallbackInfo& info, LogRange* range) {
  Napi::Env env = info.Env();
  std::span<std::byte> topic_id;
  uint64_t first = 0;
  uint64_t count = 0;
  if (!IsOpen(env) || !ReadBytes(env, info[0], "topicId", &topic_id) ||
      !ReadWholeNumber(env, info[1], "first", kPartitionMax, &first) ||
      !ReadWholeNumber(env, info[2], "count", kPartitionMax - first, &count)) {
    return false;
  }
  if (topic_id.size() != range->id.topic_id.size()) {
    ThrowInvalid(env, "topicId does not have 16 bytes");
    return false;
  }
  std::memcpy(range->id.topic_id.data(), topic_id.data(), topic_id.size());
  range->id.partition = static_cast<uint32_t>(first);
  range->count = static_cast<uint32_t>(count);
  return true;
}

Napi::Value WalWrap::LogStates(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  LogRange range;
  if (!ReadLogRange(info, &range)) return {};
  constexpr size_t kNumbers = 4;
  Napi::Float64Array states =
      Napi::Float64Array::New(env, size_t{range.count} * kNumbers);
  for (size_t i = 0; i < range.count; ++i, ++range.id.partition) {
    const Log* const log = wal().FindLog(range.id);
    if (log == nullptr) {
      states[i * kNumbers + 3] = -1;
      continue;
    }
    const LogSnapshot state = wal().Info(log);
    states[i * kNumbers] = static_cast<double>(state.start_offset);
    states[i * kNumbers + 1] = static_cast<double>(state.readable_end);
    states[i * kNumbers + 2] = static_cast<double>(state.stored_bytes);
    states[i * kNumbers + 3] = static_cast<double>(state.leader_epoch);
  }
  return states;
}

Napi::Value WalWrap::ConfigureLogs(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  LogRange range;
  LogSettings settings;
  if (!ReadLogRange(info, &range) ||
      !ReadBoolean(env, info[3], "logAppendTime", &settings.log_append_time) ||
      !ReadWholeNumber(env, info[4], "segmentMs", kSafeIntegerMax,
                       &settings.segment_ms)) {
    return {};
  }
  for (size_t i = 0; i < range.count; ++i, ++range.id.partition) {
    Log* const log = wal().FindLog(range.id);
    if (log != nullptr) wal().Configure(log, settings);
  }
  return env.Undefined();
}

Napi::Value WalWrap::FindExpired(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  LogRange range;
  uint64_t oldest_ms = 0;
  RetentionLimits limits;
  if (!ReadLogRange(info, &range) ||
      !ReadWholeNumber(env, info[3], "oldestMs", kSafeIntegerMax, &oldest_ms) ||
      !ReadWholeNumber(env, info[4], "bytesMax", kSafeIntegerMax,
                       &limits.bytes_max) ||
      !ReadWholeNumber(env, info[5], "consumedBelow", kSafeIntegerMax,
                       &limits.consumed_below)) {
    return {};
  }
  if (oldest_ms > 0) limits.oldest_ms = static_cast<int64_t>(oldest_ms);
  if (limits.bytes_max == kSafeIntegerMax) {
    limits.bytes_max = RetentionLimits().bytes_max;
  }
  std::vector<double> expired;
  for (size_t i = 0; i < range.count; ++i, ++range.id.partition) {
    Log* const log = wal().FindLog(range.id);
    if (log == nullptr) continue;
    const uint64_t below = wal().FindExpired(log, limits);
    if (below <= wal().Info(log).start_offset) continue;
    expired.push_back(range.id.partition);
    expired.push_back(static_cast<double>(below));
  }
  Napi::Float64Array list = Napi::Float64Array::New(env, expired.size());
  for (size_t i = 0; i < expired.size(); ++i) list[i] = expired[i];
  return list;
}

Napi::Value WalWrap::DeleteLogs(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (!IsOpen(env)) return {};
  if (!info[0].IsArray()) {
    ThrowInvalid(env, "logs is not an array of handles");
    return {};
  }
  const auto handles = info[0].As<Napi::Array>();
  std::vector<Log*> logs(handles.Length());
  for (uint32_t i = 0; i < logs.size(); ++i) {
    uint64_t handle = 0;
    const Napi::Value value = handles[i];
    if (!ReadWholeNumber(env, value, "logs", kPartitionMax, &handle)) return {};
    if (handle >= logs_.size()) {
      ThrowInvalid(env, "logs holds what is not a handle of this Wal");
      return {};
    }
    logs[i] = logs_[handle].log;
  }
  AsyncCall call;
  call.name = "walrus.deleteLogs";
  call.work = [engine = attachment_->engine(), logs = std::move(logs)] {
    const Status status = engine->wal().DeleteLogs(logs);
    for (Log* log : logs) {
      // After an error some are there still.
      if (engine->wal().FindLog(engine->wal().Info(log).id) == log) continue;
      engine->logs().Find(log)->SetDeleted();
    }
    engine->WakeQueues();
    return status;
  };
  return {env, StartAsyncCall(env, std::move(call))};
}

}  // namespace walrus::binding
