// io_uring where a sandbox forbids it: the engine works without, and says so
// once. The sandbox is a real one, a seccomp filter in a process of its own.
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>

#include "testing/test_instance.h"
#include "wal/uring_file_system.h"

namespace walrus {
namespace {

// From here on the system call fails with this error in this process.
bool Forbid(long system_call, int error_number) {
  const auto statement = [](int code, uint32_t value) {
    return sock_filter{static_cast<uint16_t>(code), 0, 0, value};
  };
  std::array<sock_filter, 4> filter = {
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1,
                  static_cast<uint32_t>(system_call)},
      statement(BPF_RET | BPF_K,
                SECCOMP_RET_ERRNO | static_cast<uint32_t>(error_number)),
      statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program{static_cast<uint16_t>(filter.size()), filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

struct Case {
  const char* name;
  long system_call;
  int error_number;
};

class UringForbiddenTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    directory_ = OwnTempPath(std::string("forbidden-") + GetParam().name);
    std::filesystem::remove_all(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // 0, or what went wrong. Runs in a process of its own, inside the sandbox.
  int AppendAndReadBack() {
    Options options;
    options.directory = directory_;
    options.fsync_mode = FsyncMode::kSyncEach;
    int lines = 0;
    options.log = [&lines](const std::string& line) {
      if (line.find("io_uring") != std::string::npos) ++lines;
    };
    TestInstance instance(options);
    if (!instance.Open().ok()) return 2;
    Values expected;
    for (int i = 0; i < 50; ++i) {
      expected.push_back(std::string(2000, static_cast<char>('a' + i % 26)));
      if (!instance.Append(i % 5, {expected.back()}).ok()) return 3;
    }
    Values found;
    if (!instance.ReadAll(3, 0, &found).ok() || found.size() != 10) return 4;
    if (found[1] != expected[8]) return 5;
    if (instance.wal()->Stats().backend != "fd") return 6;
    if (!instance.Close().ok()) return 7;
    return lines == 1 ? 0 : 8;
  }

  std::string directory_;
};

TEST_P(UringForbiddenTest, TheEngineWorksWithoutAndSaysSoOnce) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Case& forbidden = GetParam();
    if (!Forbid(forbidden.system_call, forbidden.error_number)) ::_exit(1);
    ::_exit(AppendAndReadBack());
  }
  int exit_status = -1;
  ASSERT_EQ(::waitpid(child, &exit_status, 0), child);
  ASSERT_TRUE(WIFEXITED(exit_status));
  EXPECT_EQ(WEXITSTATUS(exit_status), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Sandboxes, UringForbiddenTest,
    testing::Values(Case{"SetupNotPermitted", __NR_io_uring_setup, EPERM},
                    Case{"NoSuchSystemCall", __NR_io_uring_setup, ENOSYS},
                    Case{"NoMemoryToLock", __NR_io_uring_setup, ENOMEM},
                    Case{"RegisterNotPermitted", __NR_io_uring_register, EPERM},
                    Case{"EnterNotPermitted", __NR_io_uring_enter, EPERM}),
    [](const auto& test) { return test.param.name; });

// A sandbox that comes after the opening: what the ring will not take is done
// by plain calls.
TEST(UringForbiddenLaterTest, OperationsAreDoneByPlainCalls) {
  const std::string path = OwnTempPath("forbidden-later");
  std::filesystem::remove(path);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::unique_ptr<FileSystem> disk;
    std::unique_ptr<File> file;
    if (!OpenUringFileSystem(&disk, {0, 1, 1, 1}).ok()) ::_exit(2);
    if (!disk->Open(path, OpenMode::kCreateNew, &file).ok()) ::_exit(3);
    if (!Forbid(__NR_io_uring_enter, EPERM)) ::_exit(1);
    Bytes bytes(1 << 20, std::byte{9});
    const iovec part{bytes.data(), bytes.size()};
    const FileWrite writes[] = {{file.get(), 0, {&part, 1}},
                                {file.get(), bytes.size(), {&part, 1}}};
    if (!disk->WriteMany(writes).ok()) ::_exit(4);
    std::array<Bytes, 2> found = {Bytes(bytes.size()), Bytes(bytes.size())};
    const iovec to[] = {{found[0].data(), bytes.size()},
                        {found[1].data(), bytes.size()}};
    FileRead reads[] = {{file.get(), 0, {&to[0], 1}},
                        {file.get(), bytes.size(), {&to[1], 1}}};
    if (!disk->ReadMany(reads).ok()) ::_exit(5);
    FileSync syncs[] = {{file.get(), {}}, {file.get(), {}}};
    disk->SyncMany(syncs);
    if (!syncs[0].status.ok() || !syncs[1].status.ok()) ::_exit(6);
    ::_exit(found[0] == bytes && found[1] == bytes ? 0 : 7);
  }
  int exit_status = -1;
  ASSERT_EQ(::waitpid(child, &exit_status, 0), child);
  ASSERT_TRUE(WIFEXITED(exit_status));
  EXPECT_EQ(WEXITSTATUS(exit_status), 0);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace walrus
