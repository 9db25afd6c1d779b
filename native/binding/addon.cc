// The addon's entry point: runs once per environment and keeps no statics, so
// that worker threads can load it too.
#include <memory>

#include "binding/constants.h"
#include "binding/convert.h"
#include "binding/inspection.h"
#include "binding/node_api.h"
#include "binding/options.h"
#include "binding/wal_wrap.h"
#include "wal/crc32c.h"

namespace walrus::binding {

namespace {

Napi::Value Crc32cOf(const Napi::CallbackInfo& info) {
  std::span<std::byte> bytes;
  if (!ReadBytes(info.Env(), info[0], "bytes", &bytes)) return {};
  return Napi::Number::New(info.Env(), Crc32c(bytes.data(), bytes.size()));
}

}  // namespace

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto state = std::make_unique<AddonState>();
  const Napi::Function wal_class = WalWrap::Define(env);
  state->wal_class = Napi::Persistent(wal_class);
  env.SetInstanceData(state.release());
  exports.Set("Wal", wal_class);
  exports.Set("crc32c", Napi::Function::New<&Crc32cOf>(env, "crc32c"));
  exports.Set("inspect", Napi::Function::New<&Inspect>(env, "inspect"));
  exports.Set("verify", Napi::Function::New<&Verify>(env, "verify"));
  exports.Set("repair", Napi::Function::New<&Repair>(env, "repair"));
  exports.Set("setDefaultBackend", Napi::Function::New<&SetDefaultBackend>(
                                       env, "setDefaultBackend"));
  exports.Set("constants", ConstantsObject(env));
  return exports;
}

}  // namespace walrus::binding

static Napi::Object InitAddon(Napi::Env env, Napi::Object exports) {
  return walrus::binding::Init(env, exports);
}
NODE_API_MODULE(walrus, InitAddon)
