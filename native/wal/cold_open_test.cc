// What opening reads after a process was killed: headers, and what came after
// the last checkpoints; not the blocks that were never written to their end.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "testing/test_instance.h"

namespace walrus {
namespace {

constexpr uint8_t kLogs = 24;
constexpr int kAppendsPerLog = 90;
constexpr size_t kValueBytes = 16 << 10;
constexpr uint64_t kCheckpointInterval = 256 << 10;

class ColdOpenTest : public testing::TestWithParam<FsyncMode> {
 protected:
  ColdOpenTest() {
    std::filesystem::remove_all(directory_);
    options_.directory = directory_;
    options_.fsync_mode = GetParam();
    options_.journal_bytes = 1 << 20;
  }
  ~ColdOpenTest() override { std::filesystem::remove_all(directory_); }

  // In a process that ends without a word.
  void AppendAndDie() const {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      TestInstance instance(options_);
      bool ok = instance.Open().ok();
      for (int i = 0; ok && i < kAppendsPerLog; ++i) {
        for (uint8_t log = 1; ok && log <= kLogs; ++log) {
          ok = instance.Append(log, {std::string(kValueBytes, 'a' + log)}).ok();
        }
      }
      ::_exit(ok ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_EQ(WEXITSTATUS(status), 0);
  }

  const std::string directory_ =
      OwnTempPath("cold-open-" + ModeName(GetParam()));
  Options options_;
};

TEST_P(ColdOpenTest, ReadsWhatCameAfterTheCheckpoints) {
  ASSERT_NO_FATAL_FAILURE(AppendAndDie());
  TestInstance instance(options_);
  const Status status = instance.Open();
  ASSERT_TRUE(status.ok()) << status.ToString();
  const RecoveryReport& report = instance.wal()->recovery_report();
  EXPECT_FALSE(report.previous_close_was_clean);
  EXPECT_TRUE(report.cuts.empty());
  uint64_t stored = 0;
  for (uint8_t log = 1; log <= kLogs; ++log) {
    EXPECT_EQ(instance.Info(log).readable_end, uint64_t{kAppendsPerLog});
    stored += instance.Info(log).stored_bytes;
  }
  // A run may begin just before a checkpoint was due; and both journal files.
  const uint64_t bound = kLogs * (kCheckpointInterval + 2 * kValueBytes) +
                         2 * (options_.journal_bytes + (64 << 10)) + (1 << 20);
  EXPECT_LT(report.bytes_read, bound);
  EXPECT_GT(stored, 3 * bound);
}

INSTANTIATE_TEST_SUITE_P(AllModes, ColdOpenTest, testing::ValuesIn(kAllModes),
                         [](const auto& test) { return ModeName(test.param); });

}  // namespace
}  // namespace walrus
