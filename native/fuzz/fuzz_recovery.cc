#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "fuzz/fuzz_inputs.h"
#include "testing/test_instance.h"
#include "wal/byte_order.h"
#include "wal/cursor_file.h"
#include "wal/entry_table.h"
#include "wal/format.h"
#include "wal/inspect.h"
#include "wal/instance_lock.h"
#include "wal/recovery.h"

namespace walrus {

namespace {

constexpr size_t kDataFiles = 4;
constexpr size_t kFiles = kDataFiles + 4;
constexpr size_t kPieceHeadBytes = 7;
constexpr uint64_t kFileBytesMax = 1 << 20;
constexpr uint64_t kPieceBytes = 64;
constexpr char kDirectory[] = "/wal";
constexpr int kReadsMax = 200;

// A data file is called what its header says.
std::string NameOf(size_t index, const std::vector<std::byte>& bytes) {
  if (index == kDataFiles) return "journal.0";
  if (index == kDataFiles + 1) return "journal.1";
  if (index == kDataFiles + 2) return kCursorFileName;
  if (index == kDataFiles + 3) return kLockName;
  FileHeader header;
  const bool good = bytes.size() >= kFileHeaderAreaBytes &&
                    FileHeader::DecodeArea(bytes, &header) == Decoded::kOk &&
                    header.file_id > 0;
  return std::to_string(good ? header.file_id : 1700000000000 + index);
}

size_t IndexOf(const std::string& name, size_t* data_files) {
  for (size_t index = kDataFiles; index < kFiles; ++index) {
    if (name == NameOf(index, {})) return index;
  }
  return std::min((*data_files)++, kDataFiles - 1);
}

void LayOut(FuzzBytes pieces, FaultyFileSystem* disk) {
  std::array<std::vector<std::byte>, kFiles> files;
  while (pieces.size() > kPieceHeadBytes) {
    const size_t index = std::to_integer<size_t>(pieces[0]) % kFiles;
    const uint64_t position = LoadLittle<uint32_t>(pieces.data() + 1);
    const size_t length =
        std::min<size_t>(LoadLittle<uint16_t>(pieces.data() + 5),
                         pieces.size() - kPieceHeadBytes);
    const FuzzBytes bytes = pieces.subspan(kPieceHeadBytes, length);
    pieces = pieces.subspan(kPieceHeadBytes + length);
    if (position + length > kFileBytesMax) continue;
    std::vector<std::byte>& file = files[index];
    file.resize(std::max<size_t>(file.size(), position + length));
    std::copy(bytes.begin(), bytes.end(),
              file.begin() + static_cast<long>(position));
  }
  (void)disk->CreateDirectories(kDirectory);
  for (size_t index = 0; index < kFiles; ++index) {
    if (files[index].empty()) continue;
    const std::string path =
        std::string(kDirectory) + "/" + NameOf(index, files[index]);
    FuzzExpect(disk->WriteFile(path, files[index]).ok(), "cannot lay out");
  }
}

// Reads a log as far as it goes; what is returned is whole.
void ReadLog(Wal* wal, const LogSnapshot& info) {
  Log* log = nullptr;
  if (!wal->OpenLog(info.id, &log).ok()) return;
  uint64_t offset = info.start_offset;
  EntryTable table;
  for (int i = 0; i < kReadsMax; ++i) {
    Bytes bytes;
    size_t size = 0;
    const Status status = wal->Read(
        log, offset, 4096,
        [&bytes](size_t wanted) {
          bytes.resize(wanted);
          return bytes.data();
        },
        &size);
    if (!status.ok() || size == 0) break;
    bytes.resize(size);
    table.Build(bytes, offset);
    Values values;
    const uint64_t before = offset;
    if (!ValuesOf(bytes, &offset, &values).ok() || offset == before) break;
  }
  std::optional<TimestampedOffset> found;
  (void)wal->OffsetForTimestamp(log, 1000, &found);
  (void)wal->ListCursors(log);
}

void UseInstance(TestInstance* instance) {
  const std::vector<LogSnapshot> logs = instance->wal()->ListLogs();
  for (const LogSnapshot& info : logs) {
    FuzzExpect(info.start_offset <= info.readable_end &&
                   info.readable_end <= info.written_end,
               "the offsets of a log are in no order");
    ReadLog(instance->wal(), info);
  }
  for (size_t i = 0; i < std::min<size_t>(logs.size(), 2); ++i) {
    Log* log = nullptr;
    if (!instance->wal()->OpenLog(logs[i].id, &log).ok()) continue;
    Bytes batch = MakeBatch({"fuzzed"});
    const iovec chunk{batch.data(), batch.size()};
    AppendResult result;
    (void)instance->wal()->AppendSync(log, {&chunk, 1}, &result);
    (void)instance->wal()->CommitCursorSync(log, kDefaultReader,
                                            logs[i].readable_end);
    (void)instance->wal()->Truncate(log, logs[i].readable_end);
  }
  (void)instance->Append(9, {"fuzzed"});
}

using Ends = std::map<std::string, std::pair<uint64_t, uint64_t>>;

std::string NameOf(const LogId& id) {
  std::string name(id.topic_id.begin(), id.topic_id.end());
  return name + "/" + std::to_string(id.partition);
}

// Where each log starts and ends after one recovery, without any thread; empty
// when the directory is refused.
Ends Recover(FaultyFileSystem* disk, const Options& options, bool* opened) {
  Ends logs;
  std::unique_ptr<InstanceLock> lock;
  RecoveredInstance instance;
  *opened = InstanceLock::Acquire(*disk, kDirectory, &lock).ok() &&
            Recovery(*disk, options, lock.get()).Run(&instance).ok();
  if (!*opened) return logs;
  for (const auto& [id, log] : instance.logs) {
    // A log that never had a record is known by its first block alone, which
    // is given back when nothing in it counts.
    const bool is_unused = log->start_offset == 0 && log->written_end == 0;
    if (log->corrupt_offset || is_unused) continue;
    logs[NameOf(id)] = {log->start_offset, log->written_end};
  }
  return logs;
}

std::string Describe(const Ends& logs) {
  std::string text;
  for (const auto& [name, ends] : logs) {
    text += "\n  " + std::to_string(name[0]) + ": [" +
            std::to_string(ends.first) + ", " + std::to_string(ends.second) +
            ")";
  }
  return text;
}

// A second recovery finds what the first one left.
void RecoverTwice(FaultyFileSystem* disk, const Options& options) {
  bool opened = false;
  const Ends first = Recover(disk, options, &opened);
  if (!opened) return;
  const Ends second = Recover(disk, options, &opened);
  FuzzExpect(opened, "recovered, and cannot be recovered again");
  FuzzExpect(first == second,
             "a second recovery finds other logs:" + Describe(first) +
                 "\nthen" + Describe(second));
}

}  // namespace

void FuzzRecovery(FuzzBytes input) {
  if (input.empty()) return;
  const auto choice = std::to_integer<uint8_t>(input[0]);
  FaultyFileSystem disk;
  LayOut(input.subspan(1), &disk);
  InspectOptions inspect;
  inspect.file_system = &disk;
  inspect.directory = kDirectory;
  VerifyReport report;
  (void)VerifyInstance(inspect, &report);

  const TestSetup setup{kAllModes[(choice & 3) % 3],
                        choice & 4 ? Backend::kMmap : Backend::kUring};
  if (choice & 8) disk.SetBootId("another boot");
  if ((choice & 16) == 0) {
    RecoverTwice(&disk, SmallOptions(&disk, setup.mode));
    return;
  }
  TestInstance instance(SmallOptions(&disk, setup));
  if (!instance.Open().ok()) return;
  UseInstance(&instance);
  // An instance that closes well opens again.
  if (!instance.Close().ok()) return;
  const Status again = instance.Open();
  FuzzExpect(again.ok(), "closed, and cannot be opened: " + again.ToString());
}

std::vector<std::byte> RecoveryInput(const FaultyFileSystem& disk,
                                     uint8_t choice) {
  std::vector<std::byte> input{std::byte{choice}};
  size_t data_files = 0;
  for (const std::string& path : disk.ListFiles()) {
    std::vector<std::byte> bytes;
    FuzzExpect(disk.ReadFile(path, &bytes).ok(), "cannot read " + path);
    const size_t index =
        IndexOf(path.substr(path.find_last_of('/') + 1), &data_files);
    for (uint64_t at = 0; at < bytes.size(); at += kPieceBytes) {
      const FuzzBytes piece = FuzzBytes(bytes).subspan(
          at, std::min<size_t>(kPieceBytes, bytes.size() - at));
      if (IsZero(piece)) continue;
      std::array<std::byte, kPieceHeadBytes> head;
      head[0] = static_cast<std::byte>(index);
      StoreLittle(head.data() + 1, static_cast<uint32_t>(at));
      StoreLittle(head.data() + 5, static_cast<uint16_t>(piece.size()));
      input.insert(input.end(), head.begin(), head.end());
      input.insert(input.end(), piece.begin(), piece.end());
    }
  }
  return input;
}

}  // namespace walrus
