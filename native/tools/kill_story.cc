#include "tools/kill_story.h"

#include <algorithm>
#include <sstream>

#include "tools/sim_script.h"

namespace walrus {

namespace {

std::vector<std::string> WordsOf(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::optional<uint64_t> Optional(const std::string& word) {
  if (word == "-") return std::nullopt;
  return std::stoull(word);
}

std::string Word(const std::optional<uint64_t>& value) {
  return value ? std::to_string(*value) : "-";
}

// A reader without a cursor stands at the log's start, as does one whose
// cursor is below it.
std::string JudgeReader(const KillReader& reader, size_t which,
                        const KillFound& found) {
  const uint64_t cursor = found.readers[which].value_or(0);
  const uint64_t position = std::max(cursor, found.log.start);
  const std::string name = kKillReaderNames[which];
  if (cursor > reader.claimed_end) {
    return "reader " + name + " is at " + std::to_string(cursor) +
           ", claimed up to " + std::to_string(reader.claimed_end);
  }
  if (position + kKillPersistEvery[which] <= reader.delivered_end) {
    return "reader " + name + " is back at " + std::to_string(position) +
           ", was given entries up to " + std::to_string(reader.delivered_end);
  }
  return {};
}

void AdoptKept(const SimFoundLog& found, SimLog* log) {
  SimHistory& history = *log->history;
  log->delete_asked = false;
  history.value_bytes.resize(found.end);
  while (!history.calls.empty() && history.calls.back().end > found.end) {
    history.calls.pop_back();
  }
  // A truncation to the end of records that never came.
  if (history.calls.empty() || history.calls.back().end < found.end) {
    SimCall nobodys;
    nobodys.base_offset = found.end;
    nobodys.end = found.end;
    history.calls.push_back(nobodys);
  }
  log->asked_end = found.end;
  log->written_end = found.end;
  log->readable_end = found.end;
  log->start_asked = found.start;
  log->start_acked = found.start;
  log->start_shown = found.start;
  for (size_t reader = 0; reader < kSimReaders; ++reader) {
    history.cursors[reader].clear();
    if (found.cursors[reader]) {
      history.cursors[reader].push_back(*found.cursors[reader]);
    }
    const size_t count = history.cursors[reader].size();
    log->cursors[reader] = {count, count, 0};
  }
}

}  // namespace

std::string KillStory::Take(const std::string& line) {
  const std::vector<std::string> words = WordsOf(line);
  if (words.empty()) return "an empty line";
  const auto number = [&words](size_t i) { return std::stoull(words.at(i)); };
  const auto topic = [&number](size_t i) {
    return static_cast<uint8_t>(number(i) % kSimTopics);
  };
  if (words[0] == "O") {
    Opening();
  } else if (words[0] == "F" && words.size() == 8) {
    return TakeFound(words);
  } else if (words[0] == "G" && words.size() == 2) {
    Opened(static_cast<uint32_t>(number(1)));
  } else if (words[0] == "?" && words.size() == 4) {
    (void)Ask({words[1][0], topic(2)}, number(3));
  } else if (words[0] == "!" && words.size() == 2) {
    Ack();
  } else if (words[0] == "W" && words.size() == 3) {
    Written(topic(1), number(2));
  } else if (words[0] == "C" && words.size() == 4) {
    Claim(topic(1), number(2) % kKillReaders, number(3));
  } else if (words[0] == "D" && words.size() == 5) {
    return Deliver(topic(1), number(2) % kKillReaders, number(3), number(4));
  } else {
    return "not a line of a story: " + line;
  }
  return {};
}

std::string KillStory::TakeFound(const std::vector<std::string>& words) {
  const auto topic = static_cast<uint8_t>(std::stoul(words[1]) % kSimTopics);
  KillFound found;
  found.log.start = std::stoull(words[2]);
  found.log.end = std::stoull(words[3]);
  found.log.cursors = {Optional(words[4]), Optional(words[5])};
  found.readers = {Optional(words[6]), Optional(words[7])};
  Adopt(topic, found);
  return {};
}

std::string KillStory::FoundLine(uint8_t topic, const KillFound& found) {
  return "F " + std::to_string(topic) + " " + std::to_string(found.log.start) +
         " " + std::to_string(found.log.end) + " " +
         Word(found.log.cursors[0]) + " " + Word(found.log.cursors[1]) + " " +
         Word(found.readers[0]) + " " + Word(found.readers[1]);
}

void KillStory::Opening() {
  moment_.running = false;
  moment_.closed = false;
}

void KillStory::Opened(uint32_t epoch) {
  moment_.leader_epoch = std::max(moment_.leader_epoch, epoch);
  moment_.running = true;
}

std::vector<SimRequest> KillStory::Ask(const SimOp& op, uint64_t index) {
  ++asked_;
  std::vector<SimRequest> requests;
  if (op.kind == 'p') {
    for (uint8_t i = 0; i < kKillBurst; ++i) {
      const auto topic = static_cast<uint8_t>((index + i) % kSimTopics);
      const auto size = static_cast<uint32_t>(12 + SimHash(index, i) % 900);
      requests.push_back(AskAppend(topic, {{size}, {size / 3}}, &moment_));
    }
    last_ = SimRequest();
    return requests;
  }
  if (op.kind == 'r') moment_.running = false;
  last_ = AskOp(op, index, &moment_);
  requests.push_back(last_);
  return requests;
}

void KillStory::Ack() {
  ++promises_;
  const char kind = last_.op.kind;
  if (kind == 'd') readers_[last_.op.topic] = {};
  if (kind == 'r') moment_.closed = true;
  AckOp(last_, &moment_);
}

void KillStory::Written(uint8_t topic, uint64_t end) {
  ++promises_;
  AckAppend(topic, end, false, &moment_);
}

void KillStory::Claim(uint8_t topic, size_t reader, uint64_t to) {
  KillReader& state = readers_[topic][reader];
  state.claimed_end = std::max(state.claimed_end, to);
}

std::string KillStory::Deliver(uint8_t topic, size_t reader, uint64_t from,
                               uint64_t to) {
  ++promises_;
  KillReader& state = readers_[topic][reader];
  const uint64_t delivered = state.delivered_end;
  state.delivered_end = std::max(delivered, to);
  if (from + kKillPersistEvery[reader] > delivered) return {};
  return std::string("reader ") + kKillReaderNames[reader] + " is given " +
         std::to_string(from) + " again, after " + std::to_string(delivered);
}

std::string KillStory::Judge(uint8_t topic, const KillFound& found) const {
  std::string wrong = JudgeLog(moment_, topic, false, found.log);
  const SimLog& log = moment_.logs[topic];
  // Asked for and not answered: its cursors may be gone with the log.
  const bool may_be_deleted = log.delete_asked && found.log.end == 0;
  for (size_t i = 0; wrong.empty() && i < kKillReaders; ++i) {
    if (may_be_deleted && !found.readers[i]) continue;
    wrong = JudgeReader(readers_[topic][i], i, found);
  }
  return wrong.empty() ? wrong : FoundLine(topic, found) + ": " + wrong;
}

void KillStory::Adopt(uint8_t topic, const KillFound& found) {
  SimLog& log = moment_.logs[topic];
  const bool is_empty = found.log.start == 0 && found.log.end == 0 &&
                        !found.log.cursors[0] && !found.log.cursors[1] &&
                        !found.readers[0] && !found.readers[1];
  if (log.delete_asked && is_empty) {
    const uint32_t generation = log.history->generation;
    log = SimLog();
    log.history->generation = generation + 1;
    readers_[topic] = {};
    return;
  }
  AdoptKept(found.log, &log);
  for (size_t i = 0; i < kKillReaders; ++i) {
    KillReader& reader = readers_[topic][i];
    const uint64_t cursor = found.readers[i].value_or(0);
    // Strictly: what was claimed and never handed out is passed over.
    reader.delivered_end = std::max(reader.delivered_end, cursor);
    reader.claimed_end = reader.delivered_end;
  }
}

}  // namespace walrus
