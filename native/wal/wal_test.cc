// The door: appending, reading, closing and reopening, under each schedule.
#include "wal/wal.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "testing/test_instance.h"

namespace walrus {
namespace {

Values Numbered(const std::string& prefix, int count) {
  Values values;
  for (int i = 0; i < count; ++i) values.push_back(prefix + std::to_string(i));
  return values;
}

class WalTest : public testing::TestWithParam<TestSetup> {
 protected:
  FaultyFileSystem disk_;
};

INSTANTIATE_TEST_SUITE_P(Modes, WalTest, testing::ValuesIn(kAllSetups),
                         [](const auto& mode) {
                           return SetupName(mode.param);
                         });

TEST_P(WalTest, ReadsBackWhatWasAppendedAlsoAfterReopening) {
  TestInstance instance(SmallOptions(&disk_, GetParam()));
  ASSERT_TRUE(instance.Open().ok());
  EXPECT_TRUE(instance.wal()->recovery_report().previous_close_was_clean);
  Values expected;
  for (int i = 0; i < 100; ++i) {
    AppendResult result;
    const Values values = Numbered("v" + std::to_string(i) + "-", 1 + i % 3);
    const Status status = instance.Append(1, values, &result);
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(result.base_offset, expected.size());
    expected.insert(expected.end(), values.begin(), values.end());
  }
  Values found;
  const Status first_read = instance.ReadAll(1, 0, &found);
  ASSERT_TRUE(first_read.ok()) << first_read.ToString();
  EXPECT_EQ(found, expected);
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(instance.Close().ok());
    const Status status = instance.Open();
    ASSERT_TRUE(status.ok()) << status.ToString();
    EXPECT_TRUE(instance.wal()->recovery_report().previous_close_was_clean);
    const Status read = instance.ReadAll(1, 0, &found);
    ASSERT_TRUE(read.ok()) << read.ToString();
    EXPECT_EQ(found, expected);
    AppendResult result;
    ASSERT_TRUE(instance.Append(1, {"again"}, &result).ok());
    EXPECT_EQ(result.base_offset, expected.size());
    expected.push_back("again");
  }
}

TEST_P(WalTest, WorksOnTheRealFileSystem) {
  const std::string directory = OwnTempPath("wal-" + SetupName(GetParam()));
  std::filesystem::remove_all(directory);
  Options options = SmallOptions(nullptr, GetParam());
  options.directory = directory;
  options.block_bytes = 64 << 10;
  options.fsync_interval_ms = 5;
  TestInstance instance(options);
  ASSERT_TRUE(instance.Open().ok());
  Values expected;
  for (int i = 0; i < 500; ++i) {
    expected.push_back(std::string(200 + i, 'a' + i % 26));
    ASSERT_TRUE(instance.Append(1, {expected.back()}).ok());
  }
  ASSERT_TRUE(instance.Close().ok());
  const Status status = instance.Open();
  ASSERT_TRUE(status.ok()) << status.ToString();
  Values found;
  ASSERT_TRUE(instance.ReadAll(1, 0, &found).ok());
  EXPECT_EQ(found, expected);
  ASSERT_TRUE(instance.Close().ok());
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace walrus
