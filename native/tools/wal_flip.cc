// Damage to what was acknowledged: every bit that the engine wrote is flipped,
// data files are cut short, side files are lost, files are those of another
// instance. What is read is the record intact or a typed error; nothing is
// missing without a word.
//
//   wal_flip --all            every bit and every cut
//   wal_flip --every 200      of them each 200th
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <string>

#include "testing/producer_batches.h"
#include "testing/test_instance.h"

namespace walrus {
namespace {

constexpr size_t kBatches = 200;
constexpr size_t kOtherBatches = 20;
constexpr uint64_t kCutEveryByte = 8 << 10;
constexpr uint64_t kCutStep = 512;

Options FlipOptions(FileSystem* disk) {
  Options options = SmallOptions(disk, FsyncMode::kSyncEach);
  // All runs are synced in place: the journal must not mend what is flipped.
  options.journal_bypass_run_bytes = 1;
  return options;
}

std::string ValueOf(uint8_t topic, size_t i) {
  std::string value = std::to_string(topic) + "." + std::to_string(i) + ";";
  value.resize(20 + i * 37 % 160, static_cast<char>('a' + i % 26));
  return value;
}

class Damage {
 public:
  explicit Damage(uint64_t every) : every_(every) {}

  // The exit code.
  int Run() {
    TestInstance instance(FlipOptions(&disk_));
    Expect(instance.Open().ok(), "open");
    for (size_t i = 0; i < kBatches; ++i) {
      Append(&instance, 1, i);
      if (i % (kBatches / kOtherBatches) == 0) Append(&instance, 2, i);
    }
    closed_ = false;
    image_ = disk_.Crash(CrashMode::kKeepAll, 1);
    FlipAll("killed");
    Expect(instance.Close().ok(), "close");
    closed_ = true;
    image_ = disk_.Crash(CrashMode::kKeepAll, 1);
    FlipAll("closed");
    CutAll();
    LoseSideFiles();
    SwapFiles();
    std::printf(
        "%llu flips, cuts, losses and swaps; %llu typed errors, %llu cut and "
        "reported, %llu intact\n",
        Show(runs_), Show(typed_), Show(reported_), Show(intact_));
    std::printf("%llu passed, %llu failed\n", Show(runs_ - failed_),
                Show(failed_));
    return failed_ == 0 && typed_ > 0 && intact_ > 0 ? 0 : 1;
  }

 private:
  /// Of a damaged closed log.
  enum class Asks {
    kAll,       ///< a typed error, unless all records are there
    kToBeTold,  ///< of missing records, or that error
    kNoOthers,  ///< only that no record is another one
  };

  static unsigned long long Show(uint64_t count) { return count; }

  void Expect(bool holds, const std::string& what) {
    if (holds) return;
    ++failed_;
    std::printf("WRONG %s\n", what.c_str());
  }

  void Append(TestInstance* instance, uint8_t topic, size_t i) {
    Values& values = expected_[topic - 1];
    values.push_back(ValueOf(topic, i));
    // One topic is of an idempotent producer, so its blocks hold snapshots.
    Bytes batch = MakeBatch({values.back()});
    if (topic == 1) StampProducer(7, 0, static_cast<int32_t>(i), &batch);
    const iovec chunk{batch.data(), batch.size()};
    AppendResult result;
    Expect(instance->wal()
               ->AppendSync(instance->OpenLog(topic), {&chunk, 1}, &result)
               .ok(),
           "append");
  }

  static bool IsDataFile(const std::string& path) {
    return path.find("/17") != std::string::npos;
  }

  void FlipAll(const std::string& state) {
    for (const std::string& path : image_->ListFiles()) {
      if (!IsDataFile(path)) continue;
      Bytes bytes;
      Expect(image_->ReadFile(path, &bytes).ok(), "read " + path);
      for (uint64_t bit = 0; bit < bytes.size() * 8; ++bit) {
        if (bytes[bit / 8] == std::byte{0} || ++drawn_ % every_ != 0) continue;
        const auto disk = image_->Crash(CrashMode::kKeepAll, 1);
        Expect(disk->FlipBit(path, bit).ok(), "flip");
        (void)Judge(disk.get(),
                    state + ", bit " + std::to_string(bit) + " of " + path);
      }
    }
  }

  // Every byte of the last 8 KiB, and every 512 bytes.
  void CutAll() {
    asks_ = Asks::kToBeTold;
    for (const std::string& path : image_->ListFiles()) {
      if (!IsDataFile(path)) continue;
      Bytes bytes;
      Expect(image_->ReadFile(path, &bytes).ok(), "read " + path);
      for (uint64_t size = 0; size < bytes.size(); ++size) {
        const bool counts =
            size + kCutEveryByte >= bytes.size() || size % kCutStep == 0;
        if (!counts || ++drawn_ % every_ != 0) continue;
        const auto disk = image_->Crash(CrashMode::kKeepAll, 1);
        Expect(disk->WriteFile(path, std::span(bytes).first(size)).ok(), "cut");
        (void)Judge(disk.get(), path + " cut to " + std::to_string(size));
      }
    }
  }

  void LoseSideFiles() {
    for (const std::string& path : image_->ListFiles()) {
      // Nothing lists the data files: one that held only the ends of logs is
      // not missed.
      asks_ = IsDataFile(path) ? Asks::kNoOthers : Asks::kAll;
      for (const bool zeroed : {false, true}) {
        const auto disk = image_->Crash(CrashMode::kKeepAll, 1);
        Bytes bytes;
        Expect(disk->ReadFile(path, &bytes).ok(), "read " + path);
        std::fill(bytes.begin(), bytes.end(), std::byte{0});
        const Status lost =
            zeroed ? disk->WriteFile(path, bytes) : disk->Remove(path);
        Expect(lost.ok(), "lose");
        const std::string what = path + (zeroed ? " zeroed" : " removed");
        (void)Judge(disk.get(), what);
        if (!IsDataFile(path)) ExpectDataFiles(*disk, what);
      }
    }
  }

  // An instance of the same topics with other records, of which some went: if
  // its files counted here, records would go as well.
  std::unique_ptr<FaultyFileSystem> OtherInstance() {
    Options options = FlipOptions(&other_);
    options.journal_bypass_run_bytes = Options().journal_bypass_run_bytes;
    TestInstance instance(options);
    Expect(instance.Open().ok(), "open the other");
    for (size_t i = 0; i < kBatches; ++i) {
      for (uint8_t topic = 1; topic <= 2; ++topic) {
        const Values values{ValueOf(topic + 2, i)};
        Expect(instance.Append(topic, values).ok(), "append to the other");
      }
    }
    Wal* const wal = instance.wal();
    Expect(wal->Truncate(instance.OpenLog(1), kBatches / 2).ok(), "truncate");
    Expect(wal->DeleteLog(instance.OpenLog(2)).ok(), "delete");
    return other_.Crash(CrashMode::kKeepAll, 1);
  }

  // Each file is the one of that name of another instance.
  void SwapFiles() {
    asks_ = Asks::kAll;
    const auto other = OtherInstance();
    std::string data_file;
    for (const std::string& path : other->ListFiles()) {
      if (IsDataFile(path)) data_file = path;
    }
    Expect(!data_file.empty(), "the other has a data file");
    for (const std::string& path : image_->ListFiles()) {
      Bytes own;
      Bytes foreign;
      Expect(image_->ReadFile(path, &own).ok(), "read " + path);
      const std::string from = IsDataFile(path) ? data_file : path;
      Expect(other->ReadFile(from, &foreign).ok(), "read the other's " + from);
      const auto disk = image_->Crash(CrashMode::kKeepAll, 1);
      Expect(disk->WriteFile(path, foreign).ok(), "swap");
      const std::string what = path + " of another instance";
      const bool opened = Judge(disk.get(), what);
      ExpectDataFiles(*disk, what);
      if (opened) continue;
      // What refused to open did nothing: with its own file all is there.
      Expect(disk->WriteFile(path, own).ok(), "swap back");
      const uint64_t intact = intact_;
      (void)Judge(disk.get(), what + ", put back");
      Expect(intact_ == intact + 1, what + ", put back: not as it was");
    }
  }

  // No side file that is odd ever costs data.
  void ExpectDataFiles(const FaultyFileSystem& disk, const std::string& what) {
    const std::vector<std::string> left = disk.ListFiles();
    for (const std::string& path : image_->ListFiles()) {
      if (!IsDataFile(path)) continue;
      Expect(std::find(left.begin(), left.end(), path) != left.end(),
             what + ": " + path + " is gone");
    }
  }

  // Whether it opened.
  bool Judge(FaultyFileSystem* disk, const std::string& what) {
    ++runs_;
    TestInstance instance(FlipOptions(disk));
    const Status opened = instance.Open();
    if (!opened.ok()) {
      const bool is_typed = opened.code() == Code::kInvalidInput ||
                            opened.code() == Code::kIo ||
                            opened.code() == Code::kCorrupt;
      Expect(is_typed, what + ": opening answers " + opened.ToString());
      ++typed_;
      return false;
    }
    const RecoveryReport& report = instance.wal()->recovery_report();
    const bool told = !report.cuts.empty() || !report.corruptions.empty() ||
                      !report.notes.empty();
    bool error = false;
    size_t missing = 0;
    for (uint8_t topic = 1; topic <= 2; ++topic) {
      const Values& expected = expected_[topic - 1];
      Values found;
      const Status read = instance.ReadAll(topic, 0, &found);
      Expect(found.size() <= expected.size() &&
                 std::equal(found.begin(), found.end(), expected.begin()),
             what + ": other records");
      Expect(read.ok() || read.code() == Code::kCorrupt ||
                 read.code() == Code::kIo,
             what + ": reading answers " + read.ToString());
      error = error || !read.ok();
      if (read.ok()) missing += expected.size() - found.size();
    }
    if (missing > 0 && asks_ != Asks::kNoOthers) {
      Expect(told, what + ": records are missing without a word");
    }
    if (missing > 0 && asks_ == Asks::kAll) {
      Expect(closed_ ? error : missing <= 1,
             what + ": " + std::to_string(missing) + " records are cut");
    }
    (error ? typed_ : missing > 0 ? reported_ : intact_) += 1;
    return true;
  }

  const uint64_t every_;
  FaultyFileSystem disk_;
  FaultyFileSystem other_;
  std::unique_ptr<FaultyFileSystem> image_;
  std::array<Values, 2> expected_;
  bool closed_ = false;
  Asks asks_ = Asks::kAll;
  uint64_t drawn_ = 0;
  uint64_t runs_ = 0;
  uint64_t typed_ = 0;
  uint64_t reported_ = 0;
  uint64_t intact_ = 0;
  uint64_t failed_ = 0;
};

}  // namespace
}  // namespace walrus

int main(int count, char** words) {
  uint64_t every = 200;
  if (count == 2 && std::strcmp(words[1], "--all") == 0) {
    every = 1;
  } else if (count == 3 && std::strcmp(words[1], "--every") == 0) {
    every = std::max<uint64_t>(1, std::stoull(words[2]));
  } else if (count != 1) {
    std::fprintf(stderr, "wal_flip [--all | --every N]\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  return walrus::Damage(every).Run();
}
