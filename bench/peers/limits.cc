// What the machine can do at most with the payloads of the benchmarks:
//   pwrite   one pwrite per record (per batch), each thread on its own file;
//            with --sync-each an fdatasync after each
//   memcpy   one copy per record (per batch) into 16 MiB of memory
//   pread    one pread of 1 MiB after another from files written before
//   punch    one hole of 10 MiB after another in files synced before, Linux
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "peer_load.h"

namespace {

using peers::Crew;
using peers::Die;
using peers::Settings;
using peers::Tally;

constexpr size_t kMemoryBytes = 16 << 20;
constexpr size_t kReadBytes = 1 << 20;
constexpr off_t kHoleBytes = 10 << 20;

void DieOfErrno(const char* what) {
  Die(std::string(what) + ": " + std::strerror(errno));
}

int OpenFile(const Settings& settings, int thread) {
  const std::string path = settings.directory + "/" + std::to_string(thread);
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) DieOfErrno("open");
  return file;
}

void WriteAll(int file, std::string_view bytes, uint64_t position) {
  while (!bytes.empty()) {
    const ssize_t written =
        pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (written < 0) DieOfErrno("pwrite");
    bytes.remove_prefix(static_cast<size_t>(written));
    position += static_cast<uint64_t>(written);
  }
}

/// The payloads of one call after another, batches laid end to end.
std::vector<std::string> MakeCalls(const Settings& settings) {
  const std::vector<std::string> payloads = peers::MakePayloads();
  if (settings.batch_entries == 0) return payloads;
  std::string call;
  for (int index = 0; index < settings.batch_entries; ++index) {
    call += payloads[index % peers::kPayloadCount];
  }
  return {call};
}

void PwriteLoop(const Settings& settings, const Crew& crew, int file,
                Tally& tally) {
  const std::vector<std::string> calls = MakeCalls(settings);
  const uint64_t entries = std::max(1, settings.batch_entries);
  uint64_t position = 0;
  for (size_t index = 0; !crew.IsOver(tally); ++index) {
    const std::string& call = calls[index % calls.size()];
    WriteAll(file, call, position);
    if (settings.sync_each && fdatasync(file) != 0) DieOfErrno("fdatasync");
    position += call.size();
    tally.Count(entries, call.size());
  }
}

void MemcpyLoop(const Settings& settings, const Crew& crew, Tally& tally) {
  const std::vector<std::string> calls = MakeCalls(settings);
  const uint64_t entries = std::max(1, settings.batch_entries);
  std::vector<char> memory(kMemoryBytes);
  size_t position = 0;
  for (size_t index = 0; !crew.IsOver(tally); ++index) {
    const std::string& call = calls[index % calls.size()];
    if (position + call.size() > memory.size()) position = 0;
    std::memcpy(memory.data() + position, call.data(), call.size());
    // Keeps the compiler from dropping a copy that nobody reads.
    asm volatile("" : : "r"(memory.data()) : "memory");
    position += call.size();
    tally.Count(entries, call.size());
  }
}

void FillFile(const Crew& crew, int file) {
  const std::string chunk(kReadBytes, 'w');
  for (uint64_t at = 0; at < crew.ShareBytes(); at += chunk.size()) {
    WriteAll(file, chunk, at);
  }
}

void PreadLoop(const Crew& crew, int file, Tally& tally) {
  std::vector<char> memory(kReadBytes);
  uint64_t position = 0;
  while (!crew.IsOver(tally)) {
    const ssize_t bytes =
        pread(file, memory.data(), memory.size(), static_cast<off_t>(position));
    if (bytes < 0) DieOfErrno("pread");
    if (bytes == 0) return;
    position += static_cast<uint64_t>(bytes);
    tally.Count(1, static_cast<uint64_t>(bytes));
  }
}

void PunchLoop(const Crew& crew, int file, Tally& tally) {
#ifdef FALLOC_FL_PUNCH_HOLE
  const off_t size = lseek(file, 0, SEEK_END);
  constexpr int kMode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  for (off_t at = 0; at < size && !crew.IsOver(tally); at += kHoleBytes) {
    const off_t length = std::min(kHoleBytes, size - at);
    if (fallocate(file, kMode, at, length) != 0) DieOfErrno("fallocate");
    tally.Count(1, static_cast<uint64_t>(length));
  }
#else
  (void)crew, (void)file, (void)tally;
  Die("holes are punched on Linux only");
#endif
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = peers::ReadSettings(argc, argv);
  Crew crew(settings);
  std::vector<int> files(settings.threads);
  for (int thread = 0; thread < settings.threads; ++thread) {
    files[thread] = OpenFile(settings, thread);
  }
  const auto prepare = [&](int thread) {
    const bool is_filled = settings.load == "pread" || settings.load == "punch";
    if (is_filled) FillFile(crew, files[thread]);
    if (settings.load == "punch" && fdatasync(files[thread]) != 0) {
      DieOfErrno("fdatasync");
    }
  };
  const auto loop = [&](int thread, Tally& tally) {
    if (settings.load == "pwrite") {
      PwriteLoop(settings, crew, files[thread], tally);
    } else if (settings.load == "memcpy") {
      MemcpyLoop(settings, crew, tally);
    } else if (settings.load == "pread") {
      PreadLoop(crew, files[thread], tally);
    } else if (settings.load == "punch") {
      PunchLoop(crew, files[thread], tally);
    } else {
      Die("no such load: " + settings.load);
    }
  };
  crew.Run(prepare, loop, [&] {
    for (const int file : files) {
      if (fdatasync(file) != 0) DieOfErrno("fdatasync");
    }
  });
  return 0;
}
