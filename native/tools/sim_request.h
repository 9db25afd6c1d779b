// What one operation of a workload asks of the engine, and what the model says
// of it before and after.
#ifndef WALRUS_TOOLS_SIM_REQUEST_H_
#define WALRUS_TOOLS_SIM_REQUEST_H_

#include <cstdint>
#include <vector>

#include "testing/test_batches.h"
#include "tools/sim_model.h"
#include "tools/sim_script.h"

namespace walrus {

/// An operation with its parameters, which follow from its place in the
/// workload and from the model alone, so that every process finds the same.
struct SimRequest {
  SimOp op;
  std::vector<std::vector<uint32_t>> batches;  ///< value sizes, for appends
  uint64_t end = 0;                            ///< of the log after this append
  int64_t producer_id = -1;  ///< for appends, as SimCall has them
  int32_t sequence = -1;
  size_t reader = 0;        ///< for cursors
  uint64_t offset = 0;      ///< for cursors and truncations
  size_t commit_count = 0;  ///< of the reader, this one included

  bool IsAppend() const { return !batches.empty(); }
};

/// Notes in the model that the operation is about to be asked for.
SimRequest AskOp(const SimOp& op, size_t index, SimMoment* moment);
/// As AskOp, for one call of a burst.
SimRequest AskAppend(uint8_t topic,
                     const std::vector<std::vector<uint32_t>>& batches,
                     SimMoment* moment);
/// Notes that the engine answered Ok. For 'r': that Close() did.
void AckOp(const SimRequest& request, SimMoment* moment);
/// Notes that everything below `end` holds; `durable`: against a power cut.
void AckAppend(uint8_t topic, uint64_t end, bool durable, SimMoment* moment);

/// The request that made a call, to be made once more.
SimRequest RequestOf(uint8_t topic, const SimCall& call);
/// The batches of an append; `request` was asked for just now.
std::vector<Bytes> BatchesOf(const SimRequest& request,
                             const SimMoment& moment);

/// Runs one operation on the engine and waits for it; 'r', 'p' and 'i' are the
/// caller's.
Status Execute(const SimRequest& request, std::vector<Bytes>* batches,
               Wal* wal);

/// The log of a topic; kClosed when the instance is.
Status SimOpenLog(Wal* wal, uint8_t topic, Log** log);

}  // namespace walrus

#endif  // WALRUS_TOOLS_SIM_REQUEST_H_
