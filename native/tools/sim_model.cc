#include "tools/sim_model.h"

#include <algorithm>

namespace walrus {

namespace {

std::string Say(const std::string& what, uint64_t value) {
  return what + " " + std::to_string(value);
}

// I1 to I5 for a log that was not deleted.
std::string JudgeRecords(const SimLog& log, uint8_t topic, bool power_cut,
                         const SimFoundLog& found) {
  const SimHistory& history = *log.history;
  const uint64_t promised = power_cut ? log.durable_end : log.written_end;
  if (found.end < promised) {
    return Say("ends at", found.end) + Say(", acknowledged up to", promised);
  }
  if (found.end > std::max(log.asked_end, log.start_asked)) {
    return Say("ends at", found.end) + Say(", asked up to", log.asked_end);
  }
  const bool at_call =
      found.end == 0 || std::any_of(history.calls.begin(), history.calls.end(),
                                    [&found](const SimCall& call) {
                                      return call.end == found.end;
                                    });
  if (!at_call && found.end != found.start) {
    return Say("a part of a call is there, the log ends at", found.end);
  }
  for (size_t i = 0; i < found.values.size(); ++i) {
    const uint64_t offset = found.start + i;
    if (found.values[i] != SimValue(topic, history.generation, offset,
                                    history.value_bytes[offset])) {
      return Say("another value stands at offset", offset);
    }
  }
  return {};
}

// The most that the default reader ever asked to have passed.
uint64_t ConsumedMax(const SimLog& log) {
  const std::vector<uint64_t>& commits = log.history->cursors[0];
  uint64_t most = 0;
  for (size_t i = 0; i < log.cursors[0].asked; ++i) {
    most = std::max(most, commits[i]);
  }
  return most;
}

// I6: the start never goes back, and moves only as asked: by a truncation, or
// because the default reader passed a block.
std::string JudgeStart(const SimLog& log, bool power_cut,
                       const SimFoundLog& found) {
  if (!power_cut && found.start < log.start_shown) {
    return Say("starts at", found.start) + Say(", shown was", log.start_shown);
  }
  const bool consumed =
      found.start > log.start_acked && found.start <= ConsumedMax(log);
  if (found.start != log.start_acked && found.start != log.start_asked &&
      !consumed) {
    return Say("starts at", found.start) +
           Say(", acknowledged was", log.start_acked);
  }
  if (found.values.size() != found.end - found.start) {
    return Say("records that can be read:", found.values.size());
  }
  return {};
}

// I7: an acknowledged cursor is there, and none is above the end.
std::string JudgeCursor(const SimLog& log, size_t reader, bool power_cut,
                        const SimFoundLog& found) {
  const SimCursor& cursor = log.cursors[reader];
  const size_t promised = power_cut ? cursor.durable : cursor.written;
  const std::optional<uint64_t>& value = found.cursors[reader];
  if (!value) {
    return promised == 0 ? "" : Say("no cursor of reader", reader);
  }
  if (*value > found.end) return Say("a cursor is above the end:", *value);
  const std::vector<uint64_t>& commits = log.history->cursors[reader];
  for (size_t i = promised == 0 ? 0 : promised - 1; i < cursor.asked; ++i) {
    const bool clamped = commits[i] > found.end && *value == found.end;
    if (commits[i] == *value || clamped) return {};
  }
  return Say("a cursor that was not committed, or an old one:", *value);
}

std::string JudgeKept(const SimLog& log, uint8_t topic, bool power_cut,
                      const SimFoundLog& found) {
  std::string wrong = JudgeStart(log, power_cut, found);
  if (wrong.empty()) wrong = JudgeRecords(log, topic, power_cut, found);
  for (size_t reader = 0; wrong.empty() && reader < kSimReaders; ++reader) {
    wrong = JudgeCursor(log, reader, power_cut, found);
  }
  return wrong;
}

bool IsEmpty(const SimFoundLog& found) {
  return found.start == 0 && found.end == 0 && found.values.empty() &&
         std::none_of(found.cursors.begin(), found.cursors.end(),
                      [](const auto& cursor) { return cursor.has_value(); });
}

}  // namespace

std::string SimValue(uint8_t topic, uint32_t generation, uint64_t offset,
                     uint32_t bytes) {
  std::string value = std::to_string(topic) + "." + std::to_string(generation) +
                      "." + std::to_string(offset) + ";";
  const auto fill = static_cast<char>('a' + (offset * 7 + generation) % 26);
  value.resize(std::max<size_t>(value.size(), bytes), fill);
  return value;
}

int64_t SimTimestamp(uint64_t offset) {
  return 1000 + static_cast<int64_t>(offset);
}

bool SimFoundLog::SameAs(const SimFoundLog& other) const {
  const uint64_t later = std::max(start, other.start);
  const bool same_start = start == other.start || later <= cursors[0];
  if (!same_start || end != other.end || cursors != other.cursors) return false;
  return std::equal(
      values.begin() + static_cast<long>(later - start), values.end(),
      other.values.begin() + static_cast<long>(later - other.start),
      other.values.end());
}

std::string SimFoundLog::ToString() const {
  std::string text =
      "[" + std::to_string(start) + ", " + std::to_string(end) + ")";
  for (size_t reader = 0; reader < kSimReaders; ++reader) {
    if (cursors[reader]) {
      text += std::string(" ") + kSimReaderNames[reader] + " at " +
              std::to_string(*cursors[reader]);
    }
  }
  return text;
}

std::string JudgeLog(const SimMoment& moment, uint8_t topic, bool power_cut,
                     const SimFoundLog& found) {
  const SimLog& log = moment.logs[topic];
  if (log.delete_asked && IsEmpty(found)) return {};
  const std::string wrong = JudgeKept(log, topic, power_cut, found);
  if (wrong.empty()) return {};
  return "topic " + std::to_string(topic) + " " + found.ToString() + ": " +
         wrong;
}

bool LostReadable(const SimMoment& moment, uint8_t topic,
                  const SimFoundLog& found) {
  const SimLog& log = moment.logs[topic];
  return !log.delete_asked && found.end < log.readable_end;
}

}  // namespace walrus
