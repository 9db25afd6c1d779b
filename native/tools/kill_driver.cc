#include "tools/kill_driver.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <random>
#include <thread>

namespace walrus {

namespace {

constexpr char kKinds[] = "abclfpuvtTdrsmi";
// How often each of kKinds is drawn, of a thousand.
constexpr double kWeights[] = {250, 110, 70, 40, 80,  60,  60, 40,
                               40,  10,  15, 25, 110, 110, 2};
constexpr std::chrono::milliseconds kIdle(65);

Options DriverOptions(const KillDriverOptions& driver) {
  Options options =
      SmallOptions(nullptr, TestSetup{driver.mode, driver.backend});
  options.directory = driver.directory;
  options.fsync_interval_ms = driver.interval_ms;
  // Every other life syncs in place, without the journal.
  if (driver.seed % 2 == 1) options.journal_bypass_run_bytes = 1;
  // That io_uring is forbidden is the business of those who choose backends.
  options.log = [](const std::string&) {};
  return options;
}

std::vector<iovec> ChunksOf(std::vector<Bytes>* batches) {
  std::vector<iovec> chunks;
  for (Bytes& batch : *batches) chunks.push_back({batch.data(), batch.size()});
  return chunks;
}

}  // namespace

// One call of a burst; counts down what is still under way.
class KillDriver::Observer : public AppendObserver {
 public:
  struct Pending {
    std::mutex mutex;
    std::condition_variable settled;
    size_t count = 0;
    std::string wrong;
  };

  Observer(KillDriver* driver, const SimRequest& request, Pending* pending)
      : driver_(*driver), request_(request), pending_(*pending) {}

  void OnWritten() override {
    const std::lock_guard lock(driver_.mutex_);
    driver_.Tell("W " + std::to_string(request_.op.topic) + " " +
                 std::to_string(request_.end));
    driver_.story_.Written(request_.op.topic, request_.end);
  }
  void OnSynced() override { Settle({}); }
  void OnFailed(const Status& status) override { Settle(status.ToString()); }

 private:
  void Settle(const std::string& wrong) {
    const std::lock_guard lock(pending_.mutex);
    if (!wrong.empty()) pending_.wrong = "in flight: " + wrong;
    --pending_.count;
    pending_.settled.notify_all();
  }

  KillDriver& driver_;
  const SimRequest request_;
  Pending& pending_;
};

std::vector<SimOp> KillScript(uint64_t seed, uint64_t ops) {
  std::mt19937_64 random(seed);
  std::discrete_distribution<size_t> kinds(std::begin(kWeights),
                                           std::end(kWeights));
  // Each kind once at the end, where there is something to act upon.
  std::string all(kKinds);
  std::shuffle(all.begin(), all.end(), random);
  const uint64_t drawn = ops - std::min<uint64_t>(ops, all.size());
  std::vector<SimOp> script;
  for (uint64_t i = 0; i < ops; ++i) {
    const char kind = i < drawn ? kKinds[kinds(random)] : all[i - drawn];
    // The last topic has no readers but those whose cursors are committed:
    // they pass its blocks, which are freed then.
    const bool takes = kind == 's' || kind == 'm';
    const int topics = takes ? kSimTopics - 1 : kSimTopics;
    script.push_back({kind, static_cast<uint8_t>(random() % topics)});
  }
  return script;
}

KillDriver::KillDriver(const KillDriverOptions& options)
    : options_(options),
      instance_(DriverOptions(options)),
      story_(options.mode) {}

// One write a line, shorter than PIPE_BUF: whole, or never told.
void KillDriver::Tell(const std::string& line) {
  const std::string text = line + "\n";
  const ssize_t told = ::write(STDOUT_FILENO, text.data(), text.size());
  // Nobody listens any more: there is nothing to be told to.
  if (told != static_cast<ssize_t>(text.size())) ::_exit(3);
}

void KillDriver::TellAsk(const SimOp& op, uint64_t index) {
  Tell(std::string("? ") + op.kind + " " + std::to_string(op.topic) + " " +
       std::to_string(index));
}

std::string KillDriver::Run() {
  std::string wrong = ReadStory();
  if (wrong.empty()) wrong = Open();
  const uint64_t begin = story_.asked();
  const std::vector<SimOp> script = KillScript(options_.seed, options_.ops);
  for (size_t i = 0; wrong.empty() && i < script.size(); ++i) {
    wrong = Do(script[i], begin + i, i + 1 == script.size());
    if (!wrong.empty()) {
      wrong = std::string(1, script[i].kind) + std::to_string(script[i].topic) +
              ": " + wrong;
    }
  }
  if (!wrong.empty() || instance_.wal() == nullptr) return wrong;
  return DoClose({'r', 0}, begin + script.size(), false);
}

std::string KillDriver::ReadStory() {
  if (options_.story_path.empty()) return {};
  std::ifstream file(options_.story_path);
  if (!file) return "cannot read " + options_.story_path;
  for (std::string line; std::getline(file, line);) {
    const std::string wrong = story_.Take(line);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

std::string KillDriver::Open() {
  const SimMoment before = story_.moment();
  Tell("O");
  story_.Opening();
  const Status opened = instance_.Open();
  if (!opened.ok()) return "cannot be opened: " + opened.ToString();
  const RecoveryReport& report = instance_.wal()->recovery_report();
  if (!report.corruptions.empty()) {
    return "a kill is taken for corruption: " + report.corruptions[0].what;
  }
  if (before.running && report.previous_close_was_clean) {
    return "the close counts as clean, and there was none";
  }
  if (before.closed && !report.previous_close_was_clean) {
    return "a clean close does not count as one";
  }
  for (uint8_t topic = 0; topic < kSimTopics; ++topic) {
    KillFound found;
    std::string wrong = Find(topic, &found);
    if (wrong.empty()) wrong = story_.Judge(topic, found);
    if (!wrong.empty()) return "topic " + std::to_string(topic) + ": " + wrong;
    Tell(KillStory::FoundLine(topic, found));
    story_.Adopt(topic, found);
  }
  const uint32_t epoch = instance_.Info(0).leader_epoch;
  if (epoch < before.leader_epoch) return "the leader epoch went back";
  Tell("G " + std::to_string(epoch));
  story_.Opened(epoch);
  return {};
}

std::string KillDriver::Find(uint8_t topic, KillFound* found) {
  Status read;
  // What all readers have passed may be freed at this very moment.
  do {
    const LogSnapshot info = instance_.Info(topic);
    found->log.start = info.start_offset;
    found->log.end = info.readable_end;
    read = instance_.ReadAll(topic, info.start_offset, &found->log.values);
  } while (read.code() == Code::kOutOfRange &&
           instance_.Info(topic).start_offset != found->log.start);
  const Log* log = instance_.OpenLog(topic);
  for (size_t i = 0; i < kSimReaders; ++i) {
    found->log.cursors[i] = instance_.wal()->Cursor(log, kSimReaderNames[i]);
  }
  for (size_t i = 0; i < kKillReaders; ++i) {
    found->readers[i] = instance_.wal()->Cursor(log, kKillReaderNames[i]);
  }
  return read.ok() ? "" : "cannot be read: " + read.ToString();
}

std::string KillDriver::Do(const SimOp& op, uint64_t index, bool is_last) {
  switch (op.kind) {
    case 'p':
      return DoBurst(op, index);
    case 'r':
      return DoClose(op, index, !is_last);
    case 's':
    case 'm':
      return DoTake(op.topic, op.kind == 's' ? 0 : 1, index);
    case 'i':
      std::this_thread::sleep_for(kIdle);
      return {};
    default:
      return DoOne(op, index);
  }
}

std::string KillDriver::DoOne(const SimOp& op, uint64_t index) {
  TellAsk(op, index);
  const SimRequest request = story_.Ask(op, index)[0];
  const std::string ack = "! " + std::to_string(index);
  if (options_.acks_early) Tell(ack);
  std::vector<Bytes> batches = BatchesOf(request, story_.moment());
  const Status status = Execute(request, &batches, instance_.wal());
  if (!status.ok()) return status.ToString();
  if (!options_.acks_early) Tell(ack);
  story_.Ack();
  if (op.kind == 'd') readers_[op.topic] = {};
  return {};
}

std::string KillDriver::DoBurst(const SimOp& op, uint64_t index) {
  Observer::Pending pending;
  std::deque<std::vector<Bytes>> calls;
  std::deque<Observer> observers;
  std::vector<SimRequest> requests;
  {
    const std::lock_guard lock(mutex_);
    TellAsk(op, index);
    requests = story_.Ask(op, index);
    // A topic's values follow from the end of their own call.
    for (const SimRequest& request : requests) {
      calls.push_back(BatchesOf(request, story_.moment()));
      observers.emplace_back(this, request, &pending);
    }
  }
  std::string wrong;
  for (size_t i = 0; i < requests.size(); ++i) {
    {
      const std::lock_guard lock(pending.mutex);
      ++pending.count;
    }
    AppendResult result;
    const Status status =
        instance_.wal()->Append(instance_.OpenLog(requests[i].op.topic),
                                ChunksOf(&calls[i]), &observers[i], &result);
    if (status.ok()) continue;
    wrong = status.ToString();
    const std::lock_guard lock(pending.mutex);
    --pending.count;
  }
  std::unique_lock lock(pending.mutex);
  pending.settled.wait(lock, [&pending] { return pending.count == 0; });
  return wrong.empty() ? pending.wrong : wrong;
}

std::string KillDriver::DoClose(const SimOp& op, uint64_t index, bool reopens) {
  TellAsk(op, index);
  (void)story_.Ask(op, index);
  readers_ = {};
  const Status closed = instance_.Close();
  if (!closed.ok()) return "close: " + closed.ToString();
  Tell("! " + std::to_string(index));
  story_.Ack();
  return reopens ? Open() : "";
}

NamedReader& KillDriver::ReaderOf(uint8_t topic, size_t which) {
  std::unique_ptr<NamedReader>& reader = readers_[topic][which];
  if (reader == nullptr) {
    reader = std::make_unique<NamedReader>(
        instance_.wal(), instance_.OpenLog(topic), kKillReaderNames[which]);
  }
  return *reader;
}

std::string KillDriver::DoTake(uint8_t topic, size_t which, uint64_t index) {
  NamedReader& reader = ReaderOf(topic, which);
  const std::string names =
      std::to_string(topic) + " " + std::to_string(which) + " ";
  const uint64_t start = instance_.Info(topic).start_offset;
  const uint64_t from = std::max(start, reader.position());
  uint64_t to = from;
  Values values;
  Bytes bytes;
  Status status = instance_.Read(topic, from, 4096, &bytes);
  // Freed just now, by the readers that have passed it.
  if (status.code() == Code::kOutOfRange) return {};
  if (status.ok()) status = ValuesOf(bytes, &to, &values);
  if (!status.ok()) return status.ToString();
  values.resize(std::min<size_t>(values.size(), 1 + SimHash(index, 9) % 3));
  if (values.empty()) return {};
  to = from + values.size();

  Tell("C " + names + std::to_string(to));
  story_.Claim(topic, which, to);
  if (reader.position() < start) status = reader.MoveTo(start);
  // The same, between the two looks at the log.
  if (status.code() == Code::kOutOfRange) return {};
  bool granted = false;
  if (status.ok()) {
    status = reader.Advance({from, to, values.size(), kKillPersistEvery[which]},
                            &granted);
  }
  if (!status.ok()) return status.ToString();
  if (!granted) return "a claim that nobody else made was not granted";
  Tell("D " + names + std::to_string(from) + " " + std::to_string(to));
  const std::string wrong = story_.Deliver(topic, which, from, to);
  return wrong.empty() ? CheckValues(topic, from, values) : wrong;
}

std::string KillDriver::CheckValues(uint8_t topic, uint64_t from,
                                    const Values& values) {
  const SimHistory& history = *story_.moment().logs[topic].history;
  for (size_t i = 0; i < values.size(); ++i) {
    const uint64_t offset = from + i;
    if (offset >= history.value_bytes.size() ||
        values[i] != SimValue(topic, history.generation, offset,
                              history.value_bytes[offset])) {
      return "another value was read at offset " + std::to_string(offset);
    }
  }
  return {};
}

}  // namespace walrus
