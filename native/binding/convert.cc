#include "binding/convert.h"

#include <cmath>

namespace walrus::binding {

napi_value ErrorValue(napi_env env, const Status& status) {
  const std::string_view name = CodeName(status.code());
  napi_value code = nullptr;
  napi_value message = nullptr;
  napi_value error = nullptr;
  if (napi_create_string_utf8(env, name.data(), name.size(), &code) !=
          napi_ok ||
      napi_create_string_utf8(env, status.message().data(),
                              status.message().size(), &message) != napi_ok ||
      napi_create_error(env, code, message, &error) != napi_ok) {
    return nullptr;
  }
  return error;
}

void ThrowStatus(napi_env env, const Status& status) {
  bool is_pending = false;
  if (napi_is_exception_pending(env, &is_pending) != napi_ok || is_pending) {
    return;
  }
  const napi_value error = ErrorValue(env, status);
  if (error != nullptr) napi_throw(env, error);
}

void ThrowInvalid(napi_env env, const std::string& message) {
  ThrowStatus(env, Status(Code::kInvalidInput, message));
}

bool ReadWholeNumber(napi_env env, napi_value value, const char* name,
                     uint64_t max, uint64_t* number) {
  double found = 0;
  if (napi_get_value_double(env, value, &found) == napi_ok && found >= 0 &&
      found <= static_cast<double>(max) && std::floor(found) == found) {
    *number = static_cast<uint64_t>(found);
    return true;
  }
  ThrowInvalid(env, std::string(name) + " is not a whole number of 0 to " +
                        std::to_string(max));
  return false;
}

bool ReadString(napi_env env, napi_value value, const char* name,
                std::string* text) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) {
    ThrowInvalid(env, std::string(name) + " is not a string");
    return false;
  }
  text->resize(length + 1);  // room for the terminator that Node writes
  napi_get_value_string_utf8(env, value, text->data(), text->size(), &length);
  text->resize(length);
  return true;
}

bool ReadBytes(napi_env env, napi_value value, const char* name,
               std::span<std::byte>* bytes) {
  bool is_buffer = false;
  void* data = nullptr;
  size_t length = 0;
  // One call for nearly all there are.
  napi_typedarray_type type = napi_float64_array;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr,
                               nullptr) == napi_ok &&
      type == napi_uint8_array) {
    *bytes = {static_cast<std::byte*>(data), length};
    return true;
  }
  if (napi_is_buffer(env, value, &is_buffer) == napi_ok && is_buffer &&
      napi_get_buffer_info(env, value, &data, &length) == napi_ok) {
    *bytes = {static_cast<std::byte*>(data), length};
    return true;
  }
  ThrowInvalid(env, std::string(name) + " is not a Buffer");
  return false;
}

bool ReadChunks(napi_env env, napi_value value, const char* name,
                Chunks* chunks) {
  chunks->values.clear();
  chunks->parts.clear();
  bool is_array = false;
  uint32_t length = 0;
  if (napi_is_array(env, value, &is_array) != napi_ok || !is_array ||
      napi_get_array_length(env, value, &length) != napi_ok) {
    ThrowInvalid(env, std::string(name) + " is not an array of Buffers");
    return false;
  }
  for (uint32_t i = 0; i < length; ++i) {
    napi_value element = nullptr;
    std::span<std::byte> bytes;
    // A getter or a proxy behind the array may throw.
    if (napi_get_element(env, value, i, &element) != napi_ok) return false;
    if (!ReadBytes(env, element, name, &bytes)) return false;
    if (bytes.empty()) continue;
    chunks->values.push_back(element);
    chunks->parts.push_back({bytes.data(), bytes.size()});
  }
  return true;
}

}  // namespace walrus::binding
