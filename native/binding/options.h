// The options object of Wal.open().
#ifndef WALRUS_BINDING_OPTIONS_H_
#define WALRUS_BINDING_OPTIONS_H_

#include "binding/engine.h"
#include "binding/node_api.h"

namespace walrus::binding {

/// Reads what is there over the engine's defaults; `undefined` counts as not
/// there, unknown fields are ignored. False: threw INVALID_INPUT naming the
/// field. Ranges are the engine's to check.
bool ReadOptions(napi_env env, napi_value value, EngineRequest* request);

/// setDefaultBackend(name): that of instances opened later, in every thread of
/// the process, whose options name none.
Napi::Value SetDefaultBackend(const Napi::CallbackInfo& info);

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_OPTIONS_H_
