// Batches of idempotent producers for tests.
#ifndef WALRUS_TESTING_PRODUCER_BATCHES_H_
#define WALRUS_TESTING_PRODUCER_BATCHES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "testing/test_batches.h"

namespace walrus {

/// Makes a batch one of this producer, CRC included.
void StampProducer(int64_t producer_id, int16_t epoch, int32_t sequence,
                   Bytes* batch);

/// One batch of a producer with a record per value.
Bytes MakeProducerBatch(const std::vector<std::string>& values,
                        int64_t producer_id, int16_t epoch, int32_t sequence);

}  // namespace walrus

#endif  // WALRUS_TESTING_PRODUCER_BATCHES_H_
