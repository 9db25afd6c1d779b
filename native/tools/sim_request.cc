#include "tools/sim_request.h"

#include <algorithm>

#include "testing/producer_batches.h"
#include "testing/test_instance.h"

namespace walrus {

namespace {

void AskCursor(size_t reader, uint64_t offset, SimRequest* request,
               SimMoment* moment) {
  SimLog& log = moment->logs[request->op.topic];
  log.history->cursors[reader].push_back(offset);
  request->reader = reader;
  request->offset = offset;
  request->commit_count = ++log.cursors[reader].asked;
}

void AskTruncate(uint64_t offset, SimRequest* request, SimMoment* moment) {
  SimLog& log = moment->logs[request->op.topic];
  request->offset = offset;
  log.start_asked = std::max(log.start_asked, offset);
}

void AckDelete(SimLog* log) {
  const uint32_t generation = log->history->generation;
  *log = SimLog();
  log->history->generation = generation + 1;
}

// Close() syncs what was accepted, whatever the schedule.
void AckClose(SimMoment* moment) {
  for (SimLog& log : moment->logs) {
    log.durable_end = log.written_end;
    for (SimCursor& cursor : log.cursors) cursor.durable = cursor.written;
  }
}

// Of every four calls one is of nobody; the others are of two producers in
// turn, one of which meets the end of the sequences.
void DrawProducer(const SimHistory& history, SimCall* call) {
  const size_t n = history.calls.size();
  if (n % 4 == 3) return;
  call->producer_id = 10 + static_cast<int64_t>(n / 2 % 2);
  call->sequence = call->producer_id == 10 ? 0 : 0x7fffffff - 4;
  for (const SimCall& before : history.calls) {
    if (before.producer_id != call->producer_id) continue;
    call->sequence = static_cast<int32_t>(
        (static_cast<uint32_t>(before.sequence) + before.record_count()) &
        0x7fffffffu);
  }
}

}  // namespace

SimRequest RequestOf(uint8_t topic, const SimCall& call) {
  SimRequest request;
  request.op = {'a', topic};
  request.batches = call.batches;
  request.end = call.end;
  request.producer_id = call.producer_id;
  request.sequence = call.sequence;
  return request;
}

SimRequest AskAppend(uint8_t topic,
                     const std::vector<std::vector<uint32_t>>& batches,
                     SimMoment* moment) {
  SimLog& log = moment->logs[topic];
  SimCall call;
  call.base_offset = log.asked_end;
  call.batches = batches;
  DrawProducer(*log.history, &call);
  for (const std::vector<uint32_t>& sizes : batches) {
    log.history->value_bytes.insert(log.history->value_bytes.end(),
                                    sizes.begin(), sizes.end());
    log.asked_end += sizes.size();
  }
  call.end = log.asked_end;
  log.history->calls.push_back(call);
  return RequestOf(topic, call);
}

SimRequest AskOp(const SimOp& op, size_t index, SimMoment* moment) {
  const uint8_t topic = op.topic;
  const auto size = static_cast<uint32_t>(20 + SimHash(index, 3) % 200);
  SimLog& log = moment->logs[topic];
  const uint64_t end = std::max(log.asked_end, log.start_asked);
  const uint64_t middle = log.start_asked + (end - log.start_asked + 1) / 2;
  SimRequest request;
  request.op = op;
  switch (op.kind) {
    case 'a':
      return AskAppend(topic, {{size}}, moment);
    case 'b':
      return AskAppend(topic, {{size, 30, size / 2}}, moment);
    case 'c':
      return AskAppend(topic, {{1500}, {1900}, {1700, 12}}, moment);
    case 'l':
      return AskAppend(topic, {{7000}}, moment);
    case 'f':
      return AskAppend(topic, {{3000 + size}}, moment);
    case 'u':
      AskCursor(0, end, &request, moment);
      break;
    case 'v':
      AskCursor(1, middle, &request, moment);
      break;
    case 't':
      AskTruncate(middle, &request, moment);
      break;
    case 'T':
      AskTruncate(end, &request, moment);
      break;
    case 'd':
      log.delete_asked = true;
      break;
    default:
      break;
  }
  return request;
}

void AckAppend(uint8_t topic, uint64_t end, bool durable, SimMoment* moment) {
  SimLog& log = moment->logs[topic];
  log.written_end = std::max(log.written_end, end);
  if (durable) log.durable_end = std::max(log.durable_end, end);
  if (durable || moment->mode != FsyncMode::kSyncEach) {
    log.readable_end = std::max(log.readable_end, end);
  }
}

void AckOp(const SimRequest& request, SimMoment* moment) {
  const bool sync_each = moment->mode == FsyncMode::kSyncEach;
  SimLog& log = moment->logs[request.op.topic];
  if (request.IsAppend()) {
    AckAppend(request.op.topic, request.end, sync_each, moment);
    return;
  }
  switch (request.op.kind) {
    case 'u':
    case 'v': {
      SimCursor& cursor = log.cursors[request.reader];
      cursor.written = request.commit_count;
      if (sync_each) cursor.durable = request.commit_count;
      return;
    }
    case 't':
    case 'T':
      log.start_acked = log.start_asked;
      return;
    case 'd':
      AckDelete(&log);
      return;
    case 'r':
      AckClose(moment);
      return;
    default:
      return;
  }
}

std::vector<Bytes> BatchesOf(const SimRequest& request,
                             const SimMoment& moment) {
  const uint8_t topic = request.op.topic;
  const uint32_t generation = moment.logs[topic].history->generation;
  uint64_t offset = request.end;
  for (const auto& sizes : request.batches) offset -= sizes.size();
  auto sequence = static_cast<uint32_t>(request.sequence);
  std::vector<Bytes> batches;
  for (const std::vector<uint32_t>& sizes : request.batches) {
    const int64_t timestamp = SimTimestamp(offset);
    Values values;
    for (const uint32_t size : sizes) {
      values.push_back(SimValue(topic, generation, offset++, size));
    }
    batches.push_back(MakeBatch(values, timestamp));
    if (request.producer_id < 0) continue;
    StampProducer(request.producer_id, 0,
                  static_cast<int32_t>(sequence & 0x7fffffffu),
                  &batches.back());
    sequence += static_cast<uint32_t>(sizes.size());
  }
  return batches;
}

Status SimOpenLog(Wal* wal, uint8_t topic, Log** log) {
  return wal->OpenLog(TestLogId(topic), log);
}

Status Execute(const SimRequest& request, std::vector<Bytes>* batches,
               Wal* wal) {
  Log* log = nullptr;
  Status status = SimOpenLog(wal, request.op.topic, &log);
  if (!status.ok()) return status;
  if (request.IsAppend()) {
    std::vector<iovec> chunks;
    for (Bytes& batch : *batches)
      chunks.push_back({batch.data(), batch.size()});
    AppendResult result;
    status = wal->AppendSync(log, chunks, &result);
    if (status.ok() &&
        result.base_offset + result.record_count != request.end) {
      return Status(Code::kCorrupt,
                    "offset " + std::to_string(result.base_offset));
    }
    return status;
  }
  switch (request.op.kind) {
    case 'u':
    case 'v':
      return wal->CommitCursorSync(log, kSimReaderNames[request.reader],
                                   request.offset);
    case 't':
    case 'T':
      return wal->Truncate(log, request.offset);
    case 'd':
      return wal->DeleteLog(log);
    default:
      return Status(Code::kInvalidInput, "not an operation of one call");
  }
}

}  // namespace walrus
