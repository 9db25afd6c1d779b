#include "tools/sim_check.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "wal/inspect.h"

namespace walrus {

namespace {

// Of every hundred states, so many go through the further checks.
constexpr uint64_t kSecondCrashPercent = 20;
constexpr uint64_t kRecoverAgainPercent = 10;
constexpr uint64_t kGoOnPercent = 5;
constexpr uint64_t kRetryPercent = 60;
// The second crash comes before one of the first so many changing calls.
constexpr uint64_t kRecoveryCalls = 14;

bool Draw(uint64_t seed, uint64_t salt, uint64_t percent) {
  return SimHash(seed, salt) % 100 < percent;
}

CrashMode ModeOf(uint64_t seed) {
  return kAllCrashModes[SimHash(seed, 77) % kAllCrashModes.size()];
}

class BlockPrinter : public InspectVisitor {
 public:
  void OnBlock(const InspectedBlock& block) override {
    const BlockHeader& header = block.header;
    std::printf(
        "    file %llu unit %u+%u: block %llu of topic %u, ordinal %llu, from "
        "%llu%s\n",
        static_cast<unsigned long long>(header.file_id), header.unit_index,
        header.unit_count, static_cast<unsigned long long>(header.block_id),
        header.log.topic_id[0], static_cast<unsigned long long>(header.ordinal),
        static_cast<unsigned long long>(header.base_offset),
        block.deleted ? ", dead" : "");
  }
};

// Copies a disk before the nth changing call that its opening makes.
class SecondCrash {
 public:
  SecondCrash(FaultyFileSystem* disk, uint64_t seed) : disk_(*disk) {
    const uint64_t nth = 1 + SimHash(seed, 5) % kRecoveryCalls;
    disk_.SetCallHook([this, nth, seed](FaultyCall call, const std::string&) {
      if (call == FaultyCall::kOpen || call == FaultyCall::kRead ||
          call == FaultyCall::kLock || ++calls_ != nth) {
        return;
      }
      copy_ = disk_.Crash(ModeOf(seed), seed);
    });
  }

  std::unique_ptr<FaultyFileSystem> Take() { return std::move(copy_); }

 private:
  FaultyFileSystem& disk_;
  uint64_t calls_ = 0;
  std::unique_ptr<FaultyFileSystem> copy_;
};

}  // namespace

void ShowBlocks(FaultyFileSystem& disk) {
  BlockPrinter printer;
  InspectOptions options;
  options.file_system = &disk;
  options.directory = SmallOptions(&disk, FsyncMode::kNoFsync).directory;
  const Status status = InspectInstance(options, &printer);
  if (!status.ok()) std::printf("    %s\n", status.ToString().c_str());
}

std::string SimCheck::Judge() {
  const bool power_cut = state_.mode != CrashMode::kKeepAll;
  const uint64_t seed = state_.seed;
  FaultyFileSystem* disk = state_.disk.get();
  std::optional<SecondCrash> second;
  if (Draw(seed, 1, kSecondCrashPercent)) second.emplace(disk, seed);

  Found found;
  CountState();
  std::string wrong = Recover(disk, power_cut, &found);
  if (!wrong.empty()) return wrong;
  if (!second) return {};
  const std::unique_ptr<FaultyFileSystem> crashed = second->Take();
  if (crashed == nullptr) return {};
  CountState();
  ++counts_.second_crashes;
  return JudgeSecond(crashed.get(), "crashed inside recovery", found, nullptr);
}

std::string SimCheck::Recover(FaultyFileSystem* disk, bool power_cut,
                              Found* found) {
  TestInstance instance(SimOptions(disk, script_));
  const Status opened = instance.Open();
  disk->SetCallHook(nullptr);
  if (!opened.ok()) return "cannot be opened: " + opened.ToString();
  ShowReport("recovered", *disk, &instance);
  std::string wrong;
  for (uint8_t topic = 0; wrong.empty() && topic < kSimTopics; ++topic) {
    SimFoundLog& log = (*found)[topic];
    wrong = ReadLog(&instance, topic, &log);
    if (wrong.empty()) {
      wrong = JudgeLog(state_.moment, topic, power_cut, log);
    }
    if (wrong.empty()) wrong = ProbeLog(&instance, topic, log);
  }
  if (wrong.empty()) wrong = JudgeReport(&instance, power_cut, *found);
  if (!wrong.empty()) return wrong;

  if (Draw(state_.seed, 2, kRecoverAgainPercent)) {
    CountState();
    ++counts_.recovered_again;
    const CrashMode mode = ModeOf(state_.seed);
    const auto again = disk->Crash(mode, state_.seed);
    const auto before = disk->Crash(mode, state_.seed);
    // Under NoFsync the recovery's own holes may be lost again.
    bool same = script_.mode != FsyncMode::kNoFsync;
    // What the default reader has passed may be freed at any time.
    for (const SimFoundLog& log : *found) same &= !log.cursors[0].has_value();
    wrong = JudgeSecond(again.get(), "cut off after recovery", *found,
                        same ? before.get() : nullptr);
  }
  if (wrong.empty() && Draw(state_.seed, 3, kGoOnPercent)) {
    ++counts_.continued;
    wrong = GoOn(&instance, disk, *found);
  } else if (wrong.empty() && Draw(state_.seed, 4, kRetryPercent)) {
    wrong = Retry(&instance, *found);
  }
  return wrong;
}

void SimCheck::ShowReport(const char* when, const FaultyFileSystem& disk,
                          TestInstance* instance) const {
  if (!shows_reports_) return;
  const RecoveryReport& report = instance->wal()->recovery_report();
  std::printf("  %s: %s close, epoch %u, %llu journal groups\n", when,
              report.previous_close_was_clean ? "clean" : "no clean",
              instance->Info(0).leader_epoch,
              static_cast<unsigned long long>(report.journal_groups_replayed));
  for (uint8_t topic = 0; topic < kSimTopics; ++topic) {
    const LogSnapshot info = instance->Info(topic);
    std::printf("    topic %u: [%llu, %llu), synced to %llu\n", topic,
                static_cast<unsigned long long>(info.start_offset),
                static_cast<unsigned long long>(info.written_end),
                static_cast<unsigned long long>(info.synced_end));
  }
  for (const RecoveryReport::Cut& cut : report.cuts) {
    std::printf("    cut: topic %u at %llu, %llu bytes\n", cut.log.topic_id[0],
                static_cast<unsigned long long>(cut.offset),
                static_cast<unsigned long long>(cut.bytes));
  }
  for (const RecoveryReport::Corruption& corruption : report.corruptions) {
    std::printf("    corrupt: topic %u at %llu: %s\n",
                corruption.log.topic_id[0],
                static_cast<unsigned long long>(corruption.offset),
                corruption.what.c_str());
  }
  for (const std::string& note : report.notes) {
    std::printf("    note: %s\n", note.c_str());
  }
  ShowBlocks(*disk.Crash(CrashMode::kKeepAll, 1));
}

std::string SimCheck::ReadLog(TestInstance* instance, uint8_t topic,
                              SimFoundLog* found) {
  Status read;
  // What the default reader has passed may be freed at this very moment.
  do {
    const LogSnapshot info = instance->Info(topic);
    found->start = info.start_offset;
    found->end = info.readable_end;
    read = instance->ReadAll(topic, info.start_offset, &found->values);
  } while (read.code() == Code::kOutOfRange &&
           instance->Info(topic).start_offset != found->start);
  for (size_t reader = 0; reader < kSimReaders; ++reader) {
    found->cursors[reader] = instance->wal()->Cursor(instance->OpenLog(topic),
                                                     kSimReaderNames[reader]);
  }
  if (read.ok()) return {};
  return "topic " + std::to_string(topic) +
         " cannot be read: " + read.ToString();
}

std::string SimCheck::ProbeLog(TestInstance* instance, uint8_t topic,
                               const SimFoundLog& found) {
  const std::string name = "topic " + std::to_string(topic);
  Bytes bytes;
  if (instance->Read(topic, found.end + 1, 1, &bytes).code() !=
      Code::kOutOfRange) {
    return name + ": above the end is not OUT_OF_RANGE";
  }
  if (found.start > 0 &&
      instance->Read(topic, found.start - 1, 1, &bytes).code() !=
          Code::kOutOfRange) {
    return name + ": below the start is not OUT_OF_RANGE";
  }
  const uint64_t kept = std::max(found.start, found.cursors[0].value_or(0));
  if (kept >= found.end) return {};
  const uint64_t offset = kept + state_.seed % (found.end - kept);
  std::optional<TimestampedOffset> at;
  const Status status = instance->wal()->OffsetForTimestamp(
      instance->OpenLog(topic), SimTimestamp(offset), &at);
  if (!status.ok()) return name + ": by timestamp: " + status.ToString();
  if (!at || at->offset != offset) {
    return name + ": another offset for the timestamp of " +
           std::to_string(offset);
  }
  return {};
}

std::string SimCheck::JudgeReport(TestInstance* instance, bool power_cut,
                                  const Found& found) {
  const RecoveryReport& report = instance->wal()->recovery_report();
  const SimMoment& moment = state_.moment;
  if (!report.corruptions.empty()) {
    return "a crash is taken for corruption: " + report.corruptions[0].what;
  }
  if (moment.running && report.previous_close_was_clean) {
    return "the close counts as clean, and there was none";
  }
  if (moment.closed && !report.previous_close_was_clean) {
    return "a clean close does not count as one";
  }
  // Who has read what is gone now must be able to tell.
  const uint32_t epoch = instance->Info(0).leader_epoch;
  bool lost = false;
  for (uint8_t topic = 0; topic < kSimTopics; ++topic) {
    lost |= LostReadable(moment, topic, found[topic]);
  }
  if (epoch < moment.leader_epoch + (power_cut && lost ? 1 : 0)) {
    return "leader epoch " + std::to_string(epoch) + " after " +
           std::to_string(moment.leader_epoch) +
           (lost ? ", records that readers saw are gone" : "");
  }
  return {};
}

std::string SimCheck::JudgeSecond(FaultyFileSystem* disk,
                                  const std::string& when, const Found& first,
                                  const FaultyFileSystem* before) {
  TestInstance instance(SimOptions(disk, script_));
  const Status opened = instance.Open();
  if (!opened.ok()) return when + ": cannot be opened: " + opened.ToString();
  ShowReport(when.c_str(), *disk, &instance);
  std::string wrong;
  for (uint8_t topic = 0; wrong.empty() && topic < kSimTopics; ++topic) {
    SimFoundLog log;
    wrong = ReadLog(&instance, topic, &log);
    // The first recovery saw the whole disk: nothing may be missing now.
    const bool back = before != nullptr && log.start < first[topic].start;
    if (wrong.empty() && (!log.SameAs(first[topic]) || back)) {
      wrong = "topic " + std::to_string(topic) + " was " +
              first[topic].ToString() + " and is " + log.ToString();
    }
  }
  if (wrong.empty() && before != nullptr) wrong = CompareFiles(*before, *disk);
  const RecoveryReport& report = instance.wal()->recovery_report();
  if (wrong.empty() && !report.corruptions.empty()) {
    wrong = "taken for corruption: " + report.corruptions[0].what;
  }
  return wrong.empty() ? wrong : when + ": " + wrong;
}

std::string SimCheck::CompareFiles(const FaultyFileSystem& before,
                                   const FaultyFileSystem& after) {
  for (const std::string& path : before.ListFiles()) {
    const std::string name = path.substr(path.find_last_of('/') + 1);
    const bool is_data =
        name.find_first_not_of("0123456789") == std::string::npos;
    if (is_data && !before.SameFile(after, path)) {
      return "recovering again changed " + path;
    }
  }
  return {};
}

std::string SimCheck::GoOn(TestInstance* instance, FaultyFileSystem* disk,
                           const Found& found) {
  for (uint8_t topic = 0; topic < kSimTopics; ++topic) {
    AppendResult result;
    const Status status = instance->Append(topic, {"after"}, &result);
    if (!status.ok()) return "goes on: append: " + status.ToString();
    if (result.base_offset != found[topic].end) {
      return "goes on: topic " + std::to_string(topic) + " gives offset " +
             std::to_string(result.base_offset);
    }
  }
  const Status closed = instance->Close();
  if (!closed.ok()) return "goes on: close: " + closed.ToString();
  InspectOptions options;
  options.file_system = disk;
  options.directory = SimOptions(disk, script_).directory;
  VerifyReport verified;
  const Status verify = VerifyInstance(options, &verified);
  if (!verify.ok()) return "goes on: verify: " + verify.ToString();
  if (verified.damaged()) {
    for (const InspectProblem& problem : verified.problems) {
      // A unit whose block header never arrived is kept and shown; no log
      // misses it.
      if (problem.kind == ProblemKind::kDamage && problem.log) {
        return "goes on: damage: topic " +
               std::to_string(problem.log->topic_id[0]) + " at " +
               std::to_string(problem.offset) + ": " + problem.what;
      }
    }
  }
  const Status opened = instance->Open();
  if (!opened.ok()) return "goes on: open: " + opened.ToString();
  for (uint8_t topic = 0; topic < kSimTopics; ++topic) {
    SimFoundLog log;
    const std::string wrong = ReadLog(instance, topic, &log);
    if (!wrong.empty()) return "goes on: " + wrong;
    SimFoundLog expected = found[topic];
    expected.values.push_back("after");
    ++expected.end;
    if (!log.SameAs(expected) || log.start < expected.start) {
      return "goes on: topic " + std::to_string(topic) + " is " +
             log.ToString() + " and was " + found[topic].ToString();
    }
  }
  return {};
}

}  // namespace walrus
