#include "wal/named_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <thread>

#include "testing/test_instance.h"
#include "wal/shared_log.h"

namespace walrus {
namespace {

class NamedReaderTest : public testing::TestWithParam<FsyncMode> {
 protected:
  NamedReaderTest() : instance_(SmallOptions(&disk_, GetParam())) {}

  void SetUp() override {
    ASSERT_TRUE(instance_.Open().ok());
    ASSERT_TRUE(instance_.Append(1, Values(100, "v")).ok());
    log_ = instance_.OpenLog(1);
  }

  uint64_t Saved(const NamedReader& reader) {
    return instance_.wal()->Cursor(log_, reader.name()).value_or(0);
  }
  // Claims one entry; false: another one was faster.
  bool ClaimOne(NamedReader* reader, uint64_t from, uint64_t persist_every) {
    bool granted = false;
    const Status status =
        reader->Advance({from, from + 1, 1, persist_every}, &granted);
    EXPECT_TRUE(status.ok()) << status.ToString();
    return granted;
  }

  FaultyFileSystem disk_;
  TestInstance instance_;
  Log* log_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Modes, NamedReaderTest, testing::ValuesIn(kAllModes),
                         [](const auto& mode) { return ModeName(mode.param); });

TEST_P(NamedReaderTest, SavesBeforeItGrants) {
  NamedReader reader(instance_.wal(), log_, "r");
  EXPECT_EQ(reader.position(), 0u);
  for (uint64_t offset = 0; offset < 5; ++offset) {
    EXPECT_TRUE(ClaimOne(&reader, offset, 1));
    EXPECT_EQ(Saved(reader), offset + 1);
  }
  EXPECT_FALSE(ClaimOne(&reader, 3, 1));
  EXPECT_EQ(reader.position(), 5u);
}

TEST_P(NamedReaderTest, W22_NeverHasPersistEveryEntriesGrantedThatAreNotSaved) {
  constexpr uint64_t kPersistEvery = 7;
  NamedReader reader(instance_.wal(), log_, "r");
  uint64_t at = 0;
  for (uint64_t count : {1, 1, 3, 1, 6, 6, 20, 2, 2, 2, 2, 1, 7, 5}) {
    bool granted = false;
    ASSERT_TRUE(
        reader.Advance({at, at + count, count, kPersistEvery}, &granted).ok());
    ASSERT_TRUE(granted);
    at += count;
    EXPECT_LT(at - Saved(reader), kPersistEvery);
  }
  EXPECT_LT(Saved(reader), at);
  ASSERT_TRUE(reader.Save().ok());
  EXPECT_EQ(Saved(reader), at);
}

TEST_P(NamedReaderTest, W21_GrantsEachEntryToOneThread) {
  SharedLogs logs(instance_.wal());
  std::mutex mutex;
  std::vector<uint64_t> claimed;
  const auto claim = [&] {
    NamedReader* reader = nullptr;
    ASSERT_TRUE(logs.Find(log_)->OpenReader("r", &reader).ok());
    while (true) {
      const uint64_t from = reader->position();
      if (from == 100) return;
      if (!ClaimOne(reader, from, 1)) continue;
      const std::lock_guard lock(mutex);
      claimed.push_back(from);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(claim);
  for (std::thread& thread : threads) thread.join();
  std::sort(claimed.begin(), claimed.end());
  ASSERT_EQ(claimed.size(), 100u);
  for (uint64_t i = 0; i < 100; ++i) EXPECT_EQ(claimed[i], i);
}

TEST_P(NamedReaderTest, MovesNothingWhenTheCursorCannotBeSaved) {
  NamedReader reader(instance_.wal(), log_, "r");
  ASSERT_TRUE(ClaimOne(&reader, 0, 1));
  ASSERT_TRUE(instance_.wal()->Close().ok());
  bool granted = true;
  EXPECT_EQ(reader.Advance({1, 2, 1, 1}, &granted).code(), Code::kClosed);
  EXPECT_FALSE(granted);
  EXPECT_EQ(reader.position(), 1u);
}

TEST_P(NamedReaderTest, GoesBackAndForthWithinTheLog) {
  NamedReader reader(instance_.wal(), log_, "r");
  ASSERT_TRUE(reader.MoveTo(100).ok());
  EXPECT_EQ(Saved(reader), 100u);
  EXPECT_EQ(reader.MoveTo(101).code(), Code::kOutOfRange);
  ASSERT_TRUE(reader.MoveTo(10).ok());
  EXPECT_EQ(reader.position(), 10u);
  EXPECT_EQ(Saved(reader), 10u);
  ASSERT_TRUE(instance_.wal()->Truncate(log_, 20).ok());
  EXPECT_EQ(reader.MoveTo(19).code(), Code::kOutOfRange);
}

TEST_P(NamedReaderTest, GoesOnWhereItWasSaved) {
  NamedReader reader(instance_.wal(), log_, "r");
  ASSERT_TRUE(ClaimOne(&reader, 0, 1));
  EXPECT_EQ(NamedReader(instance_.wal(), log_, "r").position(), 1u);
  EXPECT_EQ(NamedReader(instance_.wal(), log_, "other").position(), 0u);
  ASSERT_TRUE(instance_.wal()->Truncate(log_, 30).ok());
  EXPECT_EQ(NamedReader(instance_.wal(), log_, "new").position(), 30u);
}

TEST_P(NamedReaderTest, BeginsAnewWhenItWasRemoved) {
  NamedReader reader(instance_.wal(), log_, "r");
  ASSERT_TRUE(ClaimOne(&reader, 0, 1));
  ASSERT_TRUE(ClaimOne(&reader, 1, 5));
  ASSERT_TRUE(reader.Remove().ok());
  EXPECT_EQ(instance_.wal()->Cursor(log_, "r"), std::nullopt);
  ASSERT_TRUE(reader.Save().ok());
  EXPECT_EQ(instance_.wal()->Cursor(log_, "r"), std::nullopt);
  EXPECT_FALSE(ClaimOne(&reader, 2, 1));
  EXPECT_TRUE(ClaimOne(&reader, 0, 1));
  EXPECT_EQ(Saved(reader), 1u);
}

TEST_P(NamedReaderTest, HasNothingToSaveOnALogThatWasDeleted) {
  SharedLogs logs(instance_.wal());
  NamedReader* reader = nullptr;
  ASSERT_TRUE(logs.Find(log_)->OpenReader("r", &reader).ok());
  ASSERT_TRUE(ClaimOne(reader, 0, 1000));
  ASSERT_TRUE(instance_.wal()->DeleteLog(log_).ok());
  EXPECT_TRUE(logs.SaveReaders().ok());
}

TEST_P(NamedReaderTest, RefusesANameThatIsNone) {
  SharedLog shared(instance_.wal(), log_);
  NamedReader* reader = nullptr;
  for (const std::string& name : {std::string(), std::string(250, 'x')}) {
    EXPECT_EQ(shared.OpenReader(name, &reader).code(), Code::kInvalidInput);
  }
}

TEST(SharedLogTest, LetsOneBatchInAtATimeAndQueuedOnesBehindIt) {
  SharedLog shared(nullptr, nullptr);
  EXPECT_FALSE(shared.has_batch());
  EXPECT_TRUE(shared.TryBeginBatch());
  EXPECT_FALSE(shared.TryBeginBatch());
  shared.BeginBatch();
  shared.EndBatch();
  EXPECT_TRUE(shared.has_batch());
  EXPECT_FALSE(shared.TryBeginBatch());
  shared.EndBatch();
  EXPECT_TRUE(shared.TryBeginBatch());
}

}  // namespace
}  // namespace walrus
