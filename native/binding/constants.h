// The addon's `constants`: sizes, limits, defaults and names of the engine, so
// that the documentation can be checked against them.
#ifndef WALRUS_BINDING_CONSTANTS_H_
#define WALRUS_BINDING_CONSTANTS_H_

#include "binding/node_api.h"

namespace walrus::binding {

/// A plain object; sizes and positions in bytes.
Napi::Object ConstantsObject(Napi::Env env);

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_CONSTANTS_H_
