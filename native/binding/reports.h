// The engine's structs as plain JavaScript objects.
#ifndef WALRUS_BINDING_REPORTS_H_
#define WALRUS_BINDING_REPORTS_H_

#include <string>
#include <vector>

#include "binding/node_api.h"
#include "wal/wal.h"

namespace walrus::binding {

/// Sets `topicId`, a Buffer of 16 bytes, and `partition`.
void SetLogId(Napi::Env env, const LogId& id, Napi::Object* object);
Napi::Object LogSnapshotObject(Napi::Env env, const LogSnapshot& info);
Napi::Array TextList(Napi::Env env, const std::vector<std::string>& texts);
Napi::Object RecoveryReportObject(Napi::Env env, const RecoveryReport& report);
/// `wakeups`: how often the loop thread was woken for this instance.
Napi::Object StatsObject(Napi::Env env, const WalStats& stats,
                         uint64_t wakeups);

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_REPORTS_H_
