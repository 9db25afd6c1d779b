// The addon's `inspect`, `verify` and `repair`: a directory that no Wal has
// open.
#ifndef WALRUS_BINDING_INSPECTION_H_
#define WALRUS_BINDING_INSPECTION_H_

#include "binding/node_api.h"

namespace walrus::binding {

/// inspect(directory, onItem): shows every file, block, run, batch and problem
/// to the function, on this thread.
Napi::Value Inspect(const Napi::CallbackInfo& info);

/// verify(directory): a promise for the report; runs on the worker pool.
Napi::Value Verify(const Napi::CallbackInfo& info);

/// repair(directory, apply): a promise for the report; runs on the worker pool.
Napi::Value Repair(const Napi::CallbackInfo& info);

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_INSPECTION_H_
