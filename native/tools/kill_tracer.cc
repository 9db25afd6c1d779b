#include "tools/kill_tracer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace walrus {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::pair<uint64_t, const char*> kFileCalls[] = {
    {SYS_openat, "openat"},
    {SYS_pwrite64, "pwrite64"},
    {SYS_pwritev, "pwritev"},
    {SYS_pwritev2, "pwritev2"},
    {SYS_fdatasync, "fdatasync"},
    {SYS_fsync, "fsync"},
    {SYS_msync, "msync"},
    {SYS_sync_file_range, "sync_file_range"},
    {SYS_ftruncate, "ftruncate"},
    {SYS_fallocate, "fallocate"},
    {SYS_renameat, "renameat"},
    {SYS_renameat2, "renameat2"},
    {SYS_unlinkat, "unlinkat"},
    {SYS_mkdirat, "mkdirat"},
    {SYS_flock, "flock"},
#ifdef SYS_rename
    {SYS_rename, "rename"},
    {SYS_unlink, "unlink"},
    {SYS_mkdir, "mkdir"},
#endif
    {SYS_io_uring_enter, "io_uring_enter"},
};

const char* FileCallName(uint64_t number) {
  for (const auto& [call, name] : kFileCalls) {
    if (call == number) return name;
  }
  return nullptr;
}

std::string ErrnoText(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

// In the child, between fork and exec.
[[noreturn]] void Exec(const std::vector<std::string>& command, int out,
                       bool traced) {
  std::vector<char*> words;
  for (const std::string& word : command) {
    words.push_back(const_cast<char*>(word.c_str()));
  }
  words.push_back(nullptr);
  ::dup2(out, STDOUT_FILENO);
  if (traced) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
  }
  ::execv(words[0], words.data());
  ::_exit(127);
}

std::string Start(const std::vector<std::string>& command, bool traced,
                  pid_t* child, int* reading_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return ErrnoText("pipe");
  // So that a process that is stopped at its calls never waits for a reader.
  if (::fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) < 0) return ErrnoText("pipe");
  *child = ::fork();
  if (*child < 0) return ErrnoText("fork");
  if (*child == 0) Exec(command, ends[1], traced);
  ::close(ends[1]);
  *reading_end = ends[0];
  return {};
}

void ReadRest(int fd, std::string* told) {
  char buffer[1 << 16];
  ssize_t size = 0;
  while ((size = ::read(fd, buffer, sizeof(buffer))) > 0) {
    told->append(buffer, static_cast<size_t>(size));
  }
  ::close(fd);
  told->resize(told->find_last_of('\n') + 1);
}

void NoteEnd(int status, KilledRun* run) {
  run->killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  run->exit_code =
      WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// What one stop of one thread means.
class Tracer {
 public:
  Tracer(pid_t child, uint64_t kill_before, KilledRun* run)
      : child_(child), kill_before_(kill_before), run_(*run) {}

  std::string Follow() {
    int status = 0;
    if (::waitpid(child_, &status, __WALL) != child_ || !WIFSTOPPED(status)) {
      return ErrnoText("the traced process did not stop");
    }
    const long options =
        PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
    if (::ptrace(PTRACE_SETOPTIONS, child_, nullptr, options) != 0) {
      return ErrnoText("ptrace");
    }
    Continue(child_, 0);
    while (true) {
      const pid_t thread = ::waitpid(-1, &status, __WALL);
      if (thread < 0) return ErrnoText("waitpid");
      if (WIFSTOPPED(status)) {
        OnStop(thread, status);
      } else if (thread == child_) {
        NoteEnd(status, &run_);
        return {};
      }
    }
  }

 private:
  // The thread may be gone by now, killed with its process.
  void Continue(pid_t thread, int signal) {
    ::ptrace(PTRACE_SYSCALL, thread, nullptr, static_cast<long>(signal));
  }

  void OnStop(pid_t thread, int status) {
    const int signal = WSTOPSIG(status);
    if (signal == (SIGTRAP | 0x80)) {
      OnCall(thread);
      Continue(thread, 0);
      return;
    }
    // A new thread's first stop, exec's and clone's are the tracer's own.
    const bool own = signal == SIGSTOP || signal == SIGTRAP;
    Continue(thread, own ? 0 : signal);
  }

  void OnCall(pid_t thread) {
    __ptrace_syscall_info call{};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof(call), &call) <= 0 ||
        call.op != PTRACE_SYSCALL_INFO_ENTRY) {
      return;
    }
    if (call.entry.nr == SYS_write && call.entry.args[0] == STDOUT_FILENO) {
      counting_ = true;
    }
    const char* name = FileCallName(call.entry.nr);
    if (!counting_ || name == nullptr || dead_) return;
    if (++run_.calls != kill_before_) return;
    // A call whose thread is killed while it stands at its entry is not made.
    run_.killed_before = name;
    dead_ = true;
    ::kill(child_, SIGKILL);
  }

  const pid_t child_;
  const uint64_t kill_before_;
  KilledRun& run_;
  bool counting_ = false;
  bool dead_ = false;
};

bool IsOpen(const std::string& told) {
  return told.rfind("\nG ") != std::string::npos;
}

// Reads until the process ends or its time is over; false: it is over.
bool ReadUntil(int fd, std::optional<Clock::time_point>* deadline,
               std::chrono::microseconds kill_after, std::string* told) {
  char buffer[1 << 14];
  while (true) {
    timespec left{};
    if (*deadline) {
      const auto rest = **deadline - Clock::now();
      if (rest <= Clock::duration::zero()) return false;
      left.tv_nsec = std::chrono::nanoseconds(rest).count() % 1'000'000'000;
      left.tv_sec = std::chrono::nanoseconds(rest).count() / 1'000'000'000;
    }
    pollfd wanted{fd, POLLIN, 0};
    const int ready = ::ppoll(&wanted, 1, *deadline ? &left : nullptr, nullptr);
    if (ready <= 0) continue;
    const ssize_t size = ::read(fd, buffer, sizeof(buffer));
    if (size <= 0) return true;
    told->append(buffer, static_cast<size_t>(size));
    if (!*deadline && kill_after.count() >= 0 && IsOpen(*told)) {
      *deadline = Clock::now() + kill_after;
    }
  }
}

}  // namespace

std::string RunTraced(const std::vector<std::string>& command,
                      uint64_t kill_before, KilledRun* run) {
  *run = KilledRun();
  pid_t child = 0;
  int reading_end = -1;
  std::string wrong = Start(command, true, &child, &reading_end);
  if (!wrong.empty()) return wrong;
  wrong = Tracer(child, kill_before, run).Follow();
  if (!wrong.empty()) ::kill(child, SIGKILL);
  ReadRest(reading_end, &run->told);
  return wrong;
}

std::string RunAndKill(const std::vector<std::string>& command,
                       std::optional<std::chrono::microseconds> kill_after,
                       bool from_start, KilledRun* run) {
  *run = KilledRun();
  pid_t child = 0;
  int reading_end = -1;
  const std::string wrong = Start(command, false, &child, &reading_end);
  if (!wrong.empty()) return wrong;
  std::optional<Clock::time_point> deadline;
  if (kill_after && from_start) deadline = Clock::now() + *kill_after;
  const auto after = kill_after.value_or(std::chrono::microseconds(-1));
  if (!ReadUntil(reading_end, &deadline, after, &run->told)) {
    ::kill(child, SIGKILL);
  }
  ReadRest(reading_end, &run->told);
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return ErrnoText("waitpid");
  NoteEnd(status, run);
  return {};
}

}  // namespace walrus
