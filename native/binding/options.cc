#include "binding/options.h"

#include <atomic>
#include <limits>
#include <string>

#include "binding/convert.h"

namespace walrus::binding {

namespace {

/// False: an exception is pending. `*found` is nullptr for a field that is
/// missing or undefined.
bool FindField(napi_env env, napi_value object, const char* name,
               napi_value* found) {
  napi_value field = nullptr;
  napi_valuetype type = napi_undefined;
  if (napi_get_named_property(env, object, name, &field) != napi_ok ||
      napi_typeof(env, field, &type) != napi_ok) {
    return false;
  }
  *found = type == napi_undefined ? nullptr : field;
  return true;
}

template <typename Number>
bool ReadNumberField(napi_env env, napi_value object, const char* name,
                     Number* target) {
  constexpr uint64_t kMax = sizeof(Number) == 8
                                ? kSafeIntegerMax
                                : std::numeric_limits<uint32_t>::max();
  napi_value field = nullptr;
  if (!FindField(env, object, name, &field)) return false;
  if (field == nullptr) return true;
  uint64_t number = 0;
  if (!ReadWholeNumber(env, field, name, kMax, &number)) return false;
  *target = static_cast<Number>(number);
  return true;
}

bool ReadSchedule(napi_env env, napi_value object, Options* options) {
  napi_value field = nullptr;
  std::string word;
  if (!FindField(env, object, "fsync", &field)) return false;
  if (field == nullptr) return true;
  if (!ReadString(env, field, "fsync", &word)) return false;
  if (word == "sync-each") {
    options->fsync_mode = FsyncMode::kSyncEach;
  } else if (word == "milliseconds") {
    options->fsync_mode = FsyncMode::kMilliseconds;
  } else if (word == "no-fsync") {
    options->fsync_mode = FsyncMode::kNoFsync;
  } else {
    ThrowInvalid(env, "fsync is \"" + word +
                          "\", not sync-each, milliseconds or no-fsync");
    return false;
  }
  return true;
}

bool ReadReclaimRule(napi_env env, napi_value object, ReclaimRule* rule) {
  napi_value field = nullptr;
  std::string word;
  if (!FindField(env, object, "reclaimRule", &field)) return false;
  if (field == nullptr) return true;
  if (!ReadString(env, field, "reclaimRule", &word)) return false;
  if (word != "consumed" && word != "retention") {
    ThrowInvalid(env,
                 "reclaimRule is \"" + word + "\", not consumed or retention");
    return false;
  }
  *rule = word == "consumed" ? ReclaimRule::kConsumed : ReclaimRule::kRetention;
  return true;
}

bool ParseBackend(napi_env env, const std::string& word, Backend* backend) {
  if (word == "auto") {
    *backend = Backend::kAuto;
  } else if (word == "io_uring") {
    *backend = Backend::kUring;
  } else if (word == "fd") {
    *backend = Backend::kFd;
  } else if (word == "mmap") {
    *backend = Backend::kMmap;
  } else {
    ThrowInvalid(env,
                 "backend is \"" + word + "\", not auto, io_uring, fd or mmap");
    return false;
  }
  return true;
}

/// Of instances that name none; the seed's switch is one for the process.
std::atomic<Backend> default_backend{Backend::kAuto};

bool ReadBackend(napi_env env, napi_value object, Backend* backend) {
  napi_value field = nullptr;
  std::string word;
  *backend = default_backend.load();
  if (!FindField(env, object, "backend", &field)) return false;
  if (field == nullptr) return true;
  return ReadString(env, field, "backend", &word) &&
         ParseBackend(env, word, backend);
}

bool ReadFlag(napi_env env, napi_value object, const char* name, bool* flag) {
  napi_value field = nullptr;
  if (!FindField(env, object, name, &field)) return false;
  if (field == nullptr) return true;
  if (napi_get_value_bool(env, field, flag) == napi_ok) return true;
  ThrowInvalid(env, std::string(name) + " is not a boolean");
  return false;
}

bool ReadDirectory(napi_env env, napi_value object, Options* options) {
  napi_value field = nullptr;
  if (napi_get_named_property(env, object, "directory", &field) != napi_ok ||
      !ReadString(env, field, "directory", &options->directory)) {
    return false;
  }
  // The engine hands it to the system as a C string.
  if (!options->directory.empty() &&
      options->directory.find('\0') == std::string::npos) {
    return true;
  }
  ThrowInvalid(env, "directory is empty or holds a zero byte");
  return false;
}

}  // namespace

bool ReadOptions(napi_env env, napi_value value, EngineRequest* request) {
  Options* const options = &request->options;
  napi_valuetype type = napi_undefined;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_object) {
    ThrowInvalid(env, "options is not an object");
    return false;
  }
  return ReadDirectory(env, value, options) &&
         ReadSchedule(env, value, options) &&
         ReadNumberField(env, value, "fsyncIntervalMs",
                         &options->fsync_interval_ms) &&
         ReadNumberField(env, value, "blockBytes", &options->block_bytes) &&
         ReadNumberField(env, value, "blocksPerFile",
                         &options->blocks_per_file) &&
         ReadNumberField(env, value, "queuedBytesMax",
                         &options->queued_bytes_max) &&
         ReadNumberField(env, value, "batchBytesMax",
                         &options->batch_bytes_max) &&
         ReadNumberField(env, value, "journalBytes", &options->journal_bytes) &&
         ReadNumberField(env, value, "journalBypassRunBytes",
                         &options->journal_bypass_run_bytes) &&
         ReadNumberField(env, value, "reserveBytes", &options->reserve_bytes) &&
         ReadNumberField(env, value, "readerThreads",
                         &options->reader_threads) &&
         ReadNumberField(env, value, "openFilesMax",
                         &options->open_files_max) &&
         ReadBackend(env, value, &options->backend) &&
         ReadReclaimRule(env, value, &options->reclaim_rule) &&
         ReadNumberField(env, value, "segmentMs", &options->segment_ms) &&
         ReadNumberField(env, value, "producerIdExpirationMs",
                         &options->producer_expiration_ms) &&
         ReadNumberField(env, value, "producersPerLogMax",
                         &options->producers_per_log_max) &&
         ReadNumberField(env, value, "producersMax", &options->producers_max) &&
         ReadNumberField(env, value, "persistEvery", &request->persist_every) &&
         ReadFlag(env, value, "shared", &request->is_shared);
}

Napi::Value SetDefaultBackend(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string word;
  Backend backend = Backend::kAuto;
  if (!ReadString(env, info[0], "backend", &word) ||
      !ParseBackend(env, word, &backend)) {
    return {};
  }
  default_backend.store(backend);
  return env.Undefined();
}

}  // namespace walrus::binding
