// SimCheck::Retry: what producers do after a crash. They make their last calls
// again, and each stands in the log exactly once.
#include <algorithm>

#include "tools/sim_check.h"
#include "wal/producer_table.h"

namespace walrus {

namespace {

// Of the producers' calls up to `end` those whose batches are all among the
// last that are remembered.
std::vector<SimCall> Remembered(const std::vector<SimCall>& calls,
                                uint64_t end) {
  std::vector<SimCall> known;
  std::array<size_t, 2> batches{};
  for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
    if (call->end > end) continue;
    size_t& count = batches[static_cast<size_t>(call->producer_id - 10)];
    count += call->batches.size();
    if (count <= kRememberedBatches) known.push_back(*call);
  }
  std::reverse(known.begin(), known.end());
  return known;
}

}  // namespace

std::string SimCheck::RetryCall(TestInstance* instance, uint8_t topic,
                                const SimCall& call, bool is_there,
                                uint64_t offset) {
  ++counts_.retried;
  const std::string name = "retry: topic " + std::to_string(topic) +
                           ", producer " + std::to_string(call.producer_id) +
                           ", sequence " + std::to_string(call.sequence) + ": ";
  std::vector<Bytes> batches = BatchesOf(RequestOf(topic, call), state_.moment);
  std::vector<iovec> chunks;
  for (Bytes& batch : batches) chunks.push_back({batch.data(), batch.size()});
  AppendResult result;
  const Status status =
      instance->wal()->AppendSync(instance->OpenLog(topic), chunks, &result);
  if (!status.ok()) return name + status.ToString();
  if (result.duplicate != is_there) {
    return name +
           (is_there ? "appended a second time at "
                     : "taken for a duplicate of ") +
           std::to_string(result.base_offset);
  }
  if (result.base_offset == offset) return {};
  return name + "offset " + std::to_string(result.base_offset) + " and not " +
         std::to_string(offset);
}

std::string SimCheck::RetryLog(TestInstance* instance, uint8_t topic,
                               const SimFoundLog& found,
                               std::vector<SimCall>* calls) {
  const SimLog& log = state_.moment.logs[topic];
  std::vector<SimCall> asked;
  for (const SimCall& call : log.history->calls) {
    if (call.producer_id >= 0 && call.end <= log.asked_end) {
      asked.push_back(call);
    }
  }
  std::string wrong;
  for (const SimCall& call : Remembered(asked, found.end)) {
    wrong = RetryCall(instance, topic, call, true, call.base_offset);
    if (!wrong.empty()) return wrong;
    calls->push_back(call);
  }
  uint64_t end = found.end;
  for (const SimCall& call : asked) {
    if (call.end <= found.end) continue;
    wrong = RetryCall(instance, topic, call, false, end);
    if (!wrong.empty()) return wrong;
    wrong = RetryCall(instance, topic, call, true, end);
    if (!wrong.empty()) return wrong;
    end += call.record_count();
  }
  const uint64_t next = instance->Info(topic).next_offset;
  if (next == end) return {};
  return "retry: topic " + std::to_string(topic) + " ends at " +
         std::to_string(next) + " and not at " + std::to_string(end);
}

std::string SimCheck::Retry(TestInstance* instance, const Found& found) {
  std::array<std::vector<SimCall>, kSimTopics> again;
  const auto is_known = [&](uint8_t topic) {
    // A log that was cut off below its start, or may be another one.
    const SimFoundLog& log = found[topic];
    return !state_.moment.logs[topic].delete_asked &&
           (log.start == 0 || log.end > log.start);
  };
  std::array<uint64_t, kSimTopics> ends{};
  for (uint8_t topic = 0; topic < kSimTopics; ++topic) {
    if (!is_known(topic)) continue;
    const std::string wrong =
        RetryLog(instance, topic, found[topic], &again[topic]);
    if (!wrong.empty()) return wrong;
    ends[topic] = instance->Info(topic).next_offset;
  }
  Status status = instance->Close();
  if (status.ok()) status = instance->Open();
  if (!status.ok()) return "retry: opened again: " + status.ToString();
  for (uint8_t topic = 0; topic < kSimTopics; ++topic) {
    // Nothing came after the last calls where none had to be appended.
    if (!is_known(topic) || ends[topic] != found[topic].end) continue;
    for (const SimCall& call : again[topic]) {
      const std::string wrong =
          RetryCall(instance, topic, call, true, call.base_offset);
      if (!wrong.empty()) return "after a restart: " + wrong;
    }
  }
  return {};
}

}  // namespace walrus
