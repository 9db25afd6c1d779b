#include <algorithm>
#include <map>

#include "fuzz/fuzz_inputs.h"
#include "testing/test_instance.h"
#include "wal/cursor_file.h"

namespace walrus {

namespace {

constexpr char kDirectory[] = "/wal";

// All that a cursor file says, comparable.
std::string Describe(const CursorFile& cursors) {
  std::map<std::string, std::string> logs;
  for (const LogId& id : cursors.Logs()) {
    std::string name(id.topic_id.begin(), id.topic_id.end());
    name += "/" + std::to_string(id.partition);
    std::string& text = logs[name];
    text = std::to_string(cursors.LogStart(id));
    const std::optional<ReclaimRule> rule = cursors.Rule(id);
    if (rule) text += " rule " + std::to_string(static_cast<int>(*rule));
    for (const auto& [reader, offset] : cursors.Cursors(id)) {
      text += " " + reader + "=" + std::to_string(offset);
    }
  }
  for (const auto& [id, below] : cursors.DeletedLogs()) {
    std::string name(id.topic_id.begin(), id.topic_id.end());
    logs[name + "/" + std::to_string(id.partition)] +=
        " deleted below " + std::to_string(below);
  }
  std::string all = "epoch " + std::to_string(cursors.LeaderEpoch());
  for (const auto& [name, text] : logs) all += "\n" + name + ": " + text;
  return all;
}

std::unique_ptr<CursorFile> Load(FaultyFileSystem* disk,
                                 const InstanceId& instance_id) {
  std::unique_ptr<CursorFile> cursors;
  CursorLoadReport report;
  const Status status =
      CursorFile::Load(*disk, kDirectory, instance_id, &cursors, &report);
  return status.ok() ? std::move(cursors) : nullptr;
}

}  // namespace

void FuzzCursors(FuzzBytes input) {
  FaultyFileSystem disk;
  (void)disk.CreateDirectories(kDirectory);
  const std::string path = std::string(kDirectory) + "/" + kCursorFileName;
  FuzzExpect(disk.WriteFile(path, input).ok(), "cannot lay out");
  // The file's own instance id, so that it is not refused for that.
  InstanceId instance_id{};
  CursorFileHeader header;
  if (CursorFileHeader::DecodeArea(input, &header) == Decoded::kOk) {
    instance_id = header.instance_id;
  }
  std::unique_ptr<CursorFile> cursors = Load(&disk, instance_id);
  if (cursors == nullptr) return;
  const std::string first = Describe(*cursors);
  cursors = Load(&disk, instance_id);
  FuzzExpect(cursors != nullptr, "what was loaded cannot be loaded again");
  FuzzExpect(Describe(*cursors) == first,
             "a second loading finds another state");

  const std::vector<CursorChange> changes = {
      {CursorRecordType::kCursorSet, TestLogId(1), "reader", 7},
      {CursorRecordType::kLogStart, TestLogId(1), {}, UINT64_MAX}};
  const CursorRecords records = cursors->Build(changes);
  FuzzExpect(cursors->Write(records).ok(), "cannot be written to");
  cursors->Commit(records, changes);
  FuzzExpect(cursors->Sync().ok(), "cannot be synced");
  const std::string changed = Describe(*cursors);
  const auto after = disk.Crash(CrashMode::kLoseUnsynced, 1);
  cursors = Load(after.get(), instance_id);
  FuzzExpect(cursors != nullptr, "what was synced cannot be loaded");
  FuzzExpect(Describe(*cursors) == changed,
             "synced was " + changed + "\nand there is " + Describe(*cursors));
  FuzzExpect(cursors->Compact().ok() && Describe(*cursors) == changed,
             "a compaction changes the state");
}

}  // namespace walrus
