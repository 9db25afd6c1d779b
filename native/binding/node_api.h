// The one door to Node-API. Only files of this folder may include it.
#ifndef WALRUS_BINDING_NODE_API_H_
#define WALRUS_BINDING_NODE_API_H_

// An environment that is shutting down takes no exceptions; a call that fails
// then must not end the process.
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#include <napi.h>

#endif  // WALRUS_BINDING_NODE_API_H_
