// Batches and runs for tests.
#ifndef WALRUS_TESTING_TEST_BATCHES_H_
#define WALRUS_TESTING_TEST_BATCHES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "wal/batch_header.h"
#include "wal/format.h"

namespace walrus {

using Bytes = std::vector<std::byte>;

Bytes BytesOf(std::string_view text);

/// One batch with a record per value; record i has `timestamp` + i.
Bytes MakeBatch(const std::vector<std::string>& values,
                int64_t timestamp = 1000);

/// One batch of one record with a value of this size, bytes by `seed`.
Bytes MakeBatchOfSize(size_t value_bytes, uint64_t seed,
                      int64_t timestamp = 1000);

/// A run as it lies in a block: the batches, stamped from the frame's
/// base_offset, padding and the frame. Fills the frame's run_length,
/// batch_count, next_offset, max_timestamp and headers_crc.
Bytes MakeRun(const std::vector<Bytes>& batches, CommitFrame* frame);

/// The bytes as a list of chunks, cut at these positions (ascending).
std::vector<iovec> CutIntoChunks(Bytes* bytes, const std::vector<size_t>& cuts);

}  // namespace walrus

#endif  // WALRUS_TESTING_TEST_BATCHES_H_
