#include "testing/producer_batches.h"

#include "wal/byte_order.h"
#include "wal/crc32c.h"

namespace walrus {

void StampProducer(int64_t producer_id, int16_t epoch, int32_t sequence,
                   Bytes* batch) {
  StoreBig(batch->data() + 43, producer_id);
  StoreBig(batch->data() + 51, epoch);
  StoreBig(batch->data() + 53, sequence);
  StoreBig(batch->data() + 17, Crc32c(batch->data() + 21, batch->size() - 21));
}

Bytes MakeProducerBatch(const std::vector<std::string>& values,
                        int64_t producer_id, int16_t epoch, int32_t sequence) {
  Bytes batch = MakeBatch(values);
  StampProducer(producer_id, epoch, sequence, &batch);
  return batch;
}

}  // namespace walrus
