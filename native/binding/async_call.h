// One blocking engine call on Node's worker pool, as a promise.
#ifndef WALRUS_BINDING_ASYNC_CALL_H_
#define WALRUS_BINDING_ASYNC_CALL_H_

#include <functional>

#include "binding/node_api.h"
#include "wal/status.h"

namespace walrus::binding {

/// What a call does, in the order in which it happens.
struct AsyncCall {
  /// Shown in traces, as the name of the async resource.
  const char* name = nullptr;
  /// On a pool thread. Must not touch Node-API.
  std::function<Status()> work;
  /// On the loop thread, whatever `work` returned; before the promise settles.
  std::function<void(napi_env)> after;
  /// On the loop thread after an Ok: the promise's value. Without it undefined.
  std::function<napi_value(napi_env)> value;
  /// Settled at the end; nullptr: a new promise is.
  napi_deferred deferred = nullptr;
};

/// Starts the call and returns its promise (undefined when it came with its own
/// deferred); nullptr with an exception pending when Node refuses. Calls keep
/// the loop alive.
napi_value StartAsyncCall(napi_env env, AsyncCall call);

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_ASYNC_CALL_H_
