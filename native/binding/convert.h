// JavaScript values to the engine's and back. Every Read…() checks its value;
// on false it has thrown an INVALID_INPUT error that names the argument.
#ifndef WALRUS_BINDING_CONVERT_H_
#define WALRUS_BINDING_CONVERT_H_

#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "binding/node_api.h"
#include "wal/status.h"

namespace walrus::binding {

/// Number.MAX_SAFE_INTEGER: above it a JavaScript number is not exact.
inline constexpr uint64_t kSafeIntegerMax = (1ull << 53) - 1;

/// An Error with the status's message and `code`; nullptr when the environment
/// takes no values any more.
napi_value ErrorValue(napi_env env, const Status& status);
/// Throws ErrorValue(). REQUIRES: the status is not Ok.
void ThrowStatus(napi_env env, const Status& status);
/// Throws an INVALID_INPUT error.
void ThrowInvalid(napi_env env, const std::string& message);

/// A whole number of 0 to `max`. BigInt, NaN, negative, fractional and unsafe
/// numbers are refused.
bool ReadWholeNumber(napi_env env, napi_value value, const char* name,
                     uint64_t max, uint64_t* number);
/// A string, as UTF-8.
bool ReadString(napi_env env, napi_value value, const char* name,
                std::string* text);
/// A Buffer or another view of an ArrayBuffer. The span is good as long as the
/// value is alive.
bool ReadBytes(napi_env env, napi_value value, const char* name,
               std::span<std::byte>* bytes);

/// The elements of an array of Buffers and where their bytes are.
struct Chunks {
  std::vector<napi_value> values;
  std::vector<iovec> parts;
};
/// Replaces the contents of `*chunks`; its memory is used again.
bool ReadChunks(napi_env env, napi_value value, const char* name,
                Chunks* chunks);

/// A number; exact for what the engine counts.
inline napi_value NumberValue(napi_env env, uint64_t number) {
  napi_value value = nullptr;
  napi_create_int64(env, static_cast<int64_t>(number), &value);
  return value;
}

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_CONVERT_H_
