// Weaknesses of the seed engine around what its bytes mean, each of them as
// something that this engine does right (docs/guarantees.md).
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "testing/test_instance.h"
#include "wal/cursor_file.h"
#include "wal/inspect.h"

namespace walrus {
namespace {

std::string Value(uint64_t i, size_t bytes = 600) {
  return std::to_string(i) +
         std::string(bytes, static_cast<char>('a' + i % 26));
}

// Blocks of a stopped instance, in the order of the disk.
class Blocks : public InspectVisitor {
 public:
  explicit Blocks(FaultyFileSystem* disk) {
    EXPECT_TRUE(InspectInstance({disk, "/wal"}, this).ok());
  }
  void OnBlock(const InspectedBlock& block) override { all.push_back(block); }
  void OnBatch(const InspectedBlock& block,
               const InspectedBatch& batch) override {
    if (block.header.log == TestLogId(1)) batches.push_back(batch.position);
  }
  std::vector<InspectedBlock> all;
  std::vector<uint64_t> batches;  ///< of log 1: positions in the file
};

class SeedByteFaults : public testing::TestWithParam<Backend> {
 protected:
  SeedByteFaults()
      : options_(SmallOptions(&disk_,
                              TestSetup{FsyncMode::kSyncEach, GetParam()})) {}

  Values ReadAll(TestInstance* instance, uint8_t topic) {
    Values found;
    const Status status = instance->ReadAll(topic, 0, &found);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return found;
  }

  // What the next life finds after a kill, and after a clean stop.
  void ForEachEnd(TestInstance* instance,
                  const std::function<void(TestInstance*)>& check) {
    const auto killed = disk_.Crash(CrashMode::kKeepAll, 1);
    ASSERT_TRUE(instance->Close().ok());
    for (FaultyFileSystem* left : {killed.get(), &disk_}) {
      Options options = options_;
      options.file_system = left;
      TestInstance next(options);
      ASSERT_TRUE(next.Open().ok());
      check(&next);
      ASSERT_TRUE(next.Close().ok());
    }
  }

  FaultyFileSystem disk_;
  Options options_;
};

INSTANTIATE_TEST_SUITE_P(Backends, SeedByteFaults,
                         testing::ValuesIn(kAllBackends),
                         [](const auto& backend) {
                           return BackendText(backend.param);
                         });

TEST_P(SeedByteFaults, W9_OneDamagedEntryHidesNoneOfTheOthers) {
  constexpr uint64_t kEntries = 12;
  {
    TestInstance instance(options_);
    ASSERT_TRUE(instance.Open().ok());
    for (uint64_t i = 0; i < kEntries; ++i) {
      ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
    }
    ASSERT_TRUE(instance.Append(2, {"other"}).ok());
    ASSERT_TRUE(instance.Close().ok());
  }
  const Blocks blocks(&disk_);
  ASSERT_EQ(blocks.batches.size(), kEntries);
  const std::string path =
      "/wal/" + std::to_string(blocks.all[0].header.file_id);
  for (uint64_t bad = 0; bad < kEntries; ++bad) {
    const auto disk = disk_.Crash(CrashMode::kKeepAll, 1);
    ASSERT_TRUE(disk->FlipBit(path, (blocks.batches[bad] + 200) * 8).ok());
    Options options = options_;
    options.file_system = disk.get();
    TestInstance instance(options);
    ASSERT_TRUE(instance.Open().ok());
    EXPECT_TRUE(instance.wal()->recovery_report().cuts.empty());
    for (uint64_t i = 0; i < kEntries; ++i) {
      Bytes bytes;
      const Status status = instance.Read(1, i, 1, &bytes);
      if (i == bad) {
        EXPECT_EQ(status.code(), Code::kCorrupt) << i;
        continue;
      }
      ASSERT_TRUE(status.ok()) << i << ": " << status.ToString();
      uint64_t offset = i;
      Values values;
      ASSERT_TRUE(ValuesOf(bytes, &offset, &values).ok());
      EXPECT_EQ(values, Values{Value(i)});
    }
    EXPECT_EQ(ReadAll(&instance, 2), Values{"other"});
    EXPECT_EQ(instance.Info(1).next_offset, kEntries);
  }
}

TEST_P(SeedByteFaults, W10_ARefusedFirstBatchHidesNobodysEntries) {
  options_.batch_bytes_max = 10'000;
  TestInstance instance(options_);
  ASSERT_TRUE(instance.Open().ok());
  // Too large for the limit, larger than a file, not a batch, no space.
  EXPECT_EQ(instance.Append(1, {Value(0, 12'000)}).code(), Code::kInvalidInput);
  EXPECT_EQ(instance.Append(1, {Value(0, 40'000)}).code(), Code::kInvalidInput);
  Bytes nonsense(100, std::byte{1});
  const iovec chunk{nonsense.data(), nonsense.size()};
  AppendResult result;
  EXPECT_EQ(instance.wal()
                ->AppendSync(instance.OpenLog(1), {&chunk, 1}, &result)
                .code(),
            Code::kInvalidInput);
  disk_.SetFreeBytes(0);
  EXPECT_EQ(instance.Append(1, {"no space"}).code(), Code::kNoSpace);
  disk_.SetFreeBytes(std::nullopt);
  EXPECT_EQ(instance.Info(1).blocks, 0u);
  for (uint8_t topic = 2; topic < 8; ++topic) {
    ASSERT_TRUE(instance.Append(topic, {Value(topic)}).ok());
  }
  ForEachEnd(&instance, [this](TestInstance* next) {
    EXPECT_TRUE(ReadAll(next, 1).empty());
    for (uint8_t topic = 2; topic < 8; ++topic) {
      EXPECT_EQ(ReadAll(next, topic), Values{Value(topic)});
    }
  });
}

TEST_P(SeedByteFaults, W10_TheFirstBlockOfAFileMayBeFree) {
  TestInstance instance(options_);
  ASSERT_TRUE(instance.Open().ok());
  for (uint8_t topic = 1; topic < 4; ++topic) {
    ASSERT_TRUE(instance.Append(topic, {Value(topic)}).ok());
  }
  ASSERT_TRUE(instance.wal()->DeleteLog(instance.OpenLog(1)).ok());
  ForEachEnd(&instance, [this](TestInstance* next) {
    EXPECT_TRUE(ReadAll(next, 1).empty());
    for (uint8_t topic = 2; topic < 4; ++topic) {
      EXPECT_EQ(ReadAll(next, topic), Values{Value(topic)});
    }
  });
}

TEST_P(SeedByteFaults, W11_EntriesOverTheBlockSizeOfTheSeedAreFoundAgain) {
  options_ = Options();  // 10 MiB to a block
  options_.directory = "/wal";
  options_.file_system = &disk_;
  options_.backend = GetParam();
  options_.fsync_mode = FsyncMode::kMilliseconds;
  TestInstance instance(options_);
  ASSERT_TRUE(instance.Open().ok());
  ASSERT_TRUE(instance.Append(1, {"before"}).ok());
  ASSERT_TRUE(instance.Append(1, {Value(1, 25u << 20)}).ok());
  ASSERT_TRUE(instance.Append(1, {"after"}).ok());
  ASSERT_TRUE(instance.Append(2, {Value(2, 11u << 20)}).ok());
  ASSERT_TRUE(instance.Append(3, {"small"}).ok());
  ForEachEnd(&instance, [this](TestInstance* next) {
    const Values found = ReadAll(next, 1);
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0], "before");
    EXPECT_TRUE(found[1] == Value(1, 25u << 20));
    EXPECT_EQ(found[2], "after");
    ASSERT_EQ(ReadAll(next, 2).size(), 1u);
    EXPECT_EQ(ReadAll(next, 3), Values{"small"});
  });
}

TEST_P(SeedByteFaults, W12_APayloadOfTheEnginesOwnBytesStaysAPayload) {
  Values written;
  {
    TestInstance instance(options_);
    ASSERT_TRUE(instance.Open().ok());
    for (uint64_t i = 0; i < 3; ++i) {
      written.push_back(Value(i, 300));
      ASSERT_TRUE(instance.Append(1, {written.back()}).ok());
    }
    ASSERT_TRUE(instance.Close().ok());
  }
  // File header, block header, batches and commit frames, as they lie there.
  Bytes bytes;
  const Blocks blocks(&disk_);
  const std::string path =
      "/wal/" + std::to_string(blocks.all[0].header.file_id);
  ASSERT_TRUE(disk_.ReadFile(path, &bytes).ok());
  const std::string all(reinterpret_cast<const char*>(bytes.data()), 8192);
  TestInstance instance(options_);
  ASSERT_TRUE(instance.Open().ok());
  // At every place of an alignment, so that one of them is where a frame is
  // looked for.
  for (size_t shift = 0; shift < 64; ++shift) {
    const std::string forged = std::string(shift, 'x') + all.substr(4096, 1500);
    written.push_back(forged);
    ASSERT_TRUE(instance.Append(1, {forged}).ok());
  }
  written.push_back(all.substr(0, 5000));
  ASSERT_TRUE(instance.Append(1, {written.back()}).ok());
  // Torn in the midst of a payload, what is behind the tear is frames only in
  // looks; nothing of them is served.
  for (const CrashMode mode : kAllCrashModes) {
    Options options = options_;
    const auto crashed = disk_.Crash(mode, 3);
    options.file_system = crashed.get();
    TestInstance after(options);
    ASSERT_TRUE(after.Open().ok());
    EXPECT_EQ(ReadAll(&after, 1), written);
  }
  ForEachEnd(&instance,
             [&](TestInstance* next) { EXPECT_EQ(ReadAll(next, 1), written); });
}

TEST_P(SeedByteFaults, W13_AHostileIndexFileIsToldAndHarmsNothing) {
  const std::string path = std::string("/wal/") + kCursorFileName;
  {
    TestInstance instance(options_);
    ASSERT_TRUE(instance.Open().ok());
    for (uint64_t i = 0; i < 9; ++i) {
      ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
    }
    Log* const log = instance.OpenLog(1);
    ASSERT_TRUE(instance.wal()->CommitCursorSync(log, "r", 7).ok());
    ASSERT_TRUE(instance.Close().ok());
  }
  Bytes good;
  ASSERT_TRUE(disk_.ReadFile(path, &good).ok());
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    const auto disk = disk_.Crash(CrashMode::kKeepAll, 1);
    Bytes hostile = good;
    if (round % 3 == 0) hostile.resize(1 + random() % (good.size() + 4096));
    const size_t from = random() % hostile.size();
    const size_t until =
        from + 1 + random() % std::min<size_t>(hostile.size() - from, 200);
    for (size_t i = from; i < until; ++i) hostile[i] = std::byte(random());
    ASSERT_TRUE(disk->WriteFile(path, hostile).ok());
    Options options = options_;
    options.file_system = disk.get();
    TestInstance instance(options);
    ASSERT_TRUE(instance.Open().ok());
    const RecoveryReport& report = instance.wal()->recovery_report();
    const auto cursor = instance.wal()->Cursor(instance.OpenLog(1), "r");
    EXPECT_TRUE(cursor == 7u || !report.notes.empty() ||
                !report.clamped_cursors.empty())
        << "round " << round << ": another cursor without a word";
    ASSERT_EQ(ReadAll(&instance, 1).size(), 9u);
  }
}

TEST_P(SeedByteFaults, W14_ABlockInAnothersPlaceIsNotTakenForIt) {
  {
    TestInstance instance(options_);
    ASSERT_TRUE(instance.Open().ok());
    for (uint8_t topic = 1; topic < 4; ++topic) {
      ASSERT_TRUE(instance.Append(topic, {Value(topic)}).ok());
    }
    ASSERT_TRUE(instance.Close().ok());
  }
  const Blocks blocks(&disk_);
  const auto place_of = [&](uint8_t topic) {
    for (const InspectedBlock& block : blocks.all) {
      if (block.header.log == TestLogId(topic)) return block.position;
    }
    return uint64_t{0};
  };
  const std::string path =
      "/wal/" + std::to_string(blocks.all[0].header.file_id);
  Bytes bytes;
  ASSERT_TRUE(disk_.ReadFile(path, &bytes).ok());
  // Whole blocks that were written to each other's place, all CRCs in order.
  for (uint64_t i = 0; i < 4096; ++i) {
    std::swap(bytes[place_of(1) + i], bytes[place_of(2) + i]);
  }
  ASSERT_TRUE(disk_.WriteFile(path, bytes).ok());
  TestInstance instance(options_);
  ASSERT_TRUE(instance.Open().ok());
  for (uint8_t topic = 1; topic < 3; ++topic) {
    Values found;
    const Status status = instance.ReadAll(topic, 0, &found);
    EXPECT_TRUE(status.code() == Code::kCorrupt ||
                found == Values{Value(topic)})
        << "log " << int{topic} << ": " << status.ToString();
  }
  EXPECT_FALSE(instance.wal()->recovery_report().corruptions.empty() &&
               instance.wal()->recovery_report().notes.empty());
  EXPECT_EQ(ReadAll(&instance, 3), Values{Value(3)});
}

TEST_P(SeedByteFaults, W23_ALostIndexFileIsToldAndItsErrorsAreReturned) {
  const std::string path = std::string("/wal/") + kCursorFileName;
  TestInstance instance(options_);
  ASSERT_TRUE(instance.Open().ok());
  for (uint64_t i = 0; i < 9; ++i) {
    ASSERT_TRUE(instance.Append(1, {Value(i)}).ok());
  }
  Log* const log = instance.OpenLog(1);
  ASSERT_TRUE(instance.wal()->CommitCursorSync(log, "r", 4).ok());
  Fault fault;
  fault.path_contains = kCursorFileName;
  fault.error_number = ENOSPC;
  disk_.Inject(fault);
  const Status refused = instance.wal()->CommitCursorSync(log, "r", 5);
  EXPECT_EQ(refused.code(), Code::kNoSpace) << refused.ToString();
  EXPECT_EQ(instance.wal()->Cursor(log, "r"), 4u);
  disk_.ClearFaults();
  ASSERT_TRUE(instance.wal()->CommitCursorSync(log, "r", 6).ok());
  ForEachEnd(&instance, [this](TestInstance* next) {
    EXPECT_EQ(next->wal()->Cursor(next->OpenLog(1), "r"), 6u);
  });
  ASSERT_TRUE(disk_.Remove(path).ok());
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_FALSE(instance.wal()->recovery_report().notes.empty())
      << "every reader begins anew without a word";
}

}  // namespace
}  // namespace walrus
