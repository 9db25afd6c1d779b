// What a log and an instance take of a real disk.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "testing/test_instance.h"

namespace walrus {
namespace {

class DiskUseTest : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "walrus-use-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    // The sizes of the seed: 10 MiB to a block, 100 blocks to a file.
    options_.directory = directory_;
    options_.fsync_mode = FsyncMode::kSyncEach;
    options_.backend = GetParam();
    options_.reserve_bytes = 0;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  uint64_t RealBytes() const {
    uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      struct stat status {};
      EXPECT_EQ(::stat(entry.path().c_str(), &status), 0);
      if (S_ISREG(status.st_mode)) {
        bytes += static_cast<uint64_t>(status.st_blocks) * 512;
      }
    }
    return bytes;
  }

  std::string directory_;
  Options options_;
};

INSTANTIATE_TEST_SUITE_P(Backends, DiskUseTest, testing::ValuesIn(kAllBackends),
                         [](const auto& backend) {
                           return BackendText(backend.param);
                         });

TEST_P(DiskUseTest, ALogOfOneSmallEntryTakesPagesNotABlock) {
  TestInstance instance(options_);
  ASSERT_TRUE(instance.Open().ok());
  constexpr uint8_t kLogs = 50;
  // The journal, which all of them share, is there from the first one on.
  ASSERT_TRUE(instance.Append(0, {"small"}).ok());
  const uint64_t before = RealBytes();
  for (uint8_t topic = 1; topic <= kLogs; ++topic) {
    ASSERT_TRUE(instance.Append(topic, {"small"}).ok());
  }
  const uint64_t taken = RealBytes() - before;
  const LogSnapshot info = instance.Info(1);
  EXPECT_GE(info.disk_bytes, info.stored_bytes);
  EXPECT_LE(info.disk_bytes, 8192u);
  DiskUse use;
  ASSERT_TRUE(instance.wal()->MeasureDisk(&use).ok());
  EXPECT_EQ(use.real_bytes, RealBytes());
  EXPECT_LT(taken, kLogs * 20'000u) << "bytes a log: " << taken / kLogs;
  EXPECT_GT(use.apparent_bytes, kLogs * options_.block_bytes / 2);
  EXPECT_GE(use.files, 2u);
  ASSERT_TRUE(instance.Close().ok());
}

TEST_P(DiskUseTest, FollowsWhatIsAppendedAndWhatIsReclaimed) {
  options_.block_bytes = 64 << 10;
  options_.blocks_per_file = 16;
  TestInstance instance(options_);
  ASSERT_TRUE(instance.Open().ok());
  const std::string value(10'000, 'v');
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(instance.Append(1, {value}).ok());
  const uint64_t full = instance.Info(1).disk_bytes;
  EXPECT_GE(full, 100 * value.size());
  EXPECT_LE(full, 120 * value.size() + 32 * 4096);
  ASSERT_TRUE(instance.wal()->Truncate(instance.OpenLog(1), 90).ok());
  EXPECT_LE(instance.Info(1).disk_bytes, full / 4);
  ASSERT_TRUE(instance.Close().ok());
}

}  // namespace
}  // namespace walrus
