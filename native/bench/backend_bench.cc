// Several operations at once: one call after another beside io_uring, by size
// and number, in interleaved rounds. One line of JSON for each pair; what
// docs/design/0003-backends.md rests on.
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "wal/file_system.h"
#include "wal/uring_file_system.h"

namespace {

using Clock = std::chrono::steady_clock;
using walrus::File;
using walrus::FileRead;
using walrus::FileSync;
using walrus::FileSystem;
using walrus::FileWrite;

constexpr int kRounds = 5;
constexpr uint64_t kFileBytes = 64ull << 20;
constexpr uint64_t kBytesPerRun = 32ull << 20;

void Check(const walrus::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

/// Files of one backend in a directory of its own.
class Files {
 public:
  Files(FileSystem* disk, std::string directory, size_t count)
      : disk_(*disk), directory_(std::move(directory)), files_(count) {
    std::filesystem::create_directories(directory_);
    for (size_t i = 0; i < count; ++i) {
      const std::string path = directory_ + "/" + std::to_string(i);
      Check(disk_.Open(path, walrus::OpenMode::kCreateNew, &files_[i]));
      Check(files_[i]->Truncate(kFileBytes));
    }
  }
  ~Files() {
    files_.clear();
    std::filesystem::remove_all(directory_);
  }

  FileSystem& disk() { return disk_; }
  File* file(size_t i) { return files_[i % files_.size()].get(); }
  size_t count() const { return files_.size(); }

 private:
  FileSystem& disk_;
  const std::string directory_;
  std::vector<std::unique_ptr<File>> files_;
};

/// Microseconds for one time of `once`.
double Measure(uint64_t times, const std::function<void(uint64_t)>& once) {
  const Clock::time_point start = Clock::now();
  for (uint64_t i = 0; i < times; ++i) once(i);
  return std::chrono::duration<double, std::micro>(Clock::now() - start)
             .count() /
         static_cast<double>(times);
}

double WriteGroups(Files* files, size_t count, size_t size) {
  const std::vector<char> bytes(size, 'x');
  const iovec part{const_cast<char*>(bytes.data()), size};
  const uint64_t rows = kFileBytes / size;
  std::vector<FileWrite> writes(count);
  return Measure(std::max<uint64_t>(kBytesPerRun / (count * size), 1),
                 [&](uint64_t group) {
                   for (size_t i = 0; i < count; ++i) {
                     const uint64_t row = (i * 97 + group) % rows;
                     writes[i] = {files->file(i), row * size, {&part, 1}};
                   }
                   Check(files->disk().WriteMany(writes));
                 });
}

double SyncGroups(Files* files, size_t size) {
  const std::vector<char> bytes(size, 'x');
  std::vector<FileSync> syncs(files->count());
  return Measure(20, [&](uint64_t group) {
    for (size_t i = 0; i < syncs.size(); ++i) {
      Check(files->file(i)->Write(group * size, bytes.data(), size));
      syncs[i] = {files->file(i), walrus::Status::Ok()};
    }
    files->disk().SyncMany(syncs);
    for (const FileSync& sync : syncs) Check(sync.status);
  });
}

double ReadCold(Files* files, size_t count, size_t size) {
  std::vector<char> bytes(count * size);
  std::vector<iovec> parts;
  for (size_t i = 0; i < count; ++i) {
    parts.push_back({bytes.data() + i * size, size});
  }
  std::vector<FileRead> reads(count);
  const uint64_t stride = kFileBytes / 2 / count / 4096 * 4096;
  File* const file = files->file(0);
  return Measure(2, [&](uint64_t half) {
    if (::posix_fadvise(file->descriptor(), 0, 0, POSIX_FADV_DONTNEED) != 0) {
      throw std::runtime_error("posix_fadvise");
    }
    (void)::posix_fadvise(file->descriptor(), 0, 0, POSIX_FADV_RANDOM);
    for (size_t i = 0; i < count; ++i) {
      const uint64_t at = half * kFileBytes / 2 + i * stride;
      reads[i] = {file, at, {&parts[i], 1}};
    }
    Check(files->disk().ReadMany(reads));
  });
}

struct Case {
  std::string name;
  size_t files;
  std::function<double(Files*)> run;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const size_t count : {2, 10, 100}) {
    for (const size_t size :
         {1 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20}) {
      if (count * size > (64u << 20)) continue;
      for (const size_t files : {1, 10}) {
        cases.push_back({"write " + std::to_string(count) + " x " +
                             std::to_string(size >> 10) + " KiB, " +
                             std::to_string(files) + " files",
                         files, [count, size](Files* opened) {
                           return WriteGroups(opened, count, size);
                         }});
      }
    }
  }
  for (const size_t files : {2, 4, 10}) {
    for (const size_t size : {4 << 10, 256 << 10}) {
      cases.push_back(
          {"write and sync " + std::to_string(files) + " files of " +
               std::to_string(size >> 10) + " KiB",
           files, [size](Files* opened) { return SyncGroups(opened, size); }});
    }
  }
  for (const size_t count : {4, 100, 1000}) {
    cases.push_back({"cold reads " + std::to_string(count) + " x 512 B", 1,
                     [count](Files* opened) {
                       WriteGroups(opened, 64, 512 << 10);
                       Check(opened->file(0)->Sync());
                       return ReadCold(opened, count, 512);
                     }});
  }
  return cases;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void RunAll(const std::string& parent, const std::string& filter) {
  std::unique_ptr<FileSystem> ring;
  Check(walrus::OpenUringFileSystem(&ring, {0, 1, 1, 1}));
  FileSystem* const backends[] = {&FileSystem::Posix(), ring.get()};
  for (const Case& measured : Cases()) {
    if (measured.name.find(filter) == std::string::npos) continue;
    std::vector<double> micros[2];
    std::vector<double> ratios;
    for (int round = 0; round < kRounds; ++round) {
      for (int turn = 0; turn < 2; ++turn) {
        const int which = (round + turn) % 2;
        Files files(backends[which], parent + "/backend_bench_files",
                    measured.files);
        micros[which].push_back(measured.run(&files));
      }
      ratios.push_back(micros[0].back() / micros[1].back());
    }
    std::printf(
        "{\"case\":\"%s\",\"callsMicros\":%.1f,\"uringMicros\":%.1f,"
        "\"ratio\":%.2f,\"lowest\":%.2f,\"highest\":%.2f}\n",
        measured.name.c_str(), Median(micros[0]), Median(micros[1]),
        Median(ratios), *std::min_element(ratios.begin(), ratios.end()),
        *std::max_element(ratios.begin(), ratios.end()));
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 3 || (argc > 1 && argv[1][0] == '-')) {
    std::fprintf(stderr, "usage: backend_bench [DIRECTORY [PART OF A NAME]]\n");
    return 2;
  }
  try {
    RunAll(argc > 1 ? argv[1] : ".", argc > 2 ? argv[2] : "");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "backend_bench: %s\n", error.what());
    return 1;
  }
}
