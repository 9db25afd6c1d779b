// Writes the seeds of the fuzzers: `make_corpus FOLDER`. Tags and ids are
// random, so that the files differ each time; what they mean does not.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "fuzz/fuzz_inputs.h"
#include "tools/sim_request.h"
#include "tools/sim_run.h"
#include "wal/cursor_file.h"

namespace walrus {
namespace {

class Corpus {
 public:
  explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void Add(const std::string& target, const std::string& name,
           FuzzBytes bytes) {
    std::filesystem::create_directories(folder_ / target);
    std::ofstream file(folder_ / target / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }

 private:
  const std::filesystem::path folder_;
};

struct Seed {
  const char* name;
  const char* script;
};
constexpr Seed kSeeds[] = {
    {"one-record", "SyncEach:a1"},
    {"blocks", "SyncEach:f1,f1,a1"},
    {"large-call", "SyncEach:c1,b2"},
    {"large-batch", "Milliseconds:l1,a1"},
    {"cursors", "SyncEach:b1,u1,v1,b2"},
    {"truncated", "NoFsync:f1,f1,f1,t1"},
    {"deleted", "SyncEach:b1,d1,a2"},
    {"reopened", "Milliseconds:a1,r0,a1,b2"},
};

// The disk after the workload: as the process leaves it when it dies, after a
// power cut, and closed.
void AddInstances(Corpus* corpus) {
  for (const Seed& seed : kSeeds) {
    SimScript script;
    FuzzExpect(SimScript::Parse(seed.script, &script), seed.script);
    FaultyFileSystem disk;
    SimMoment moment;
    TestInstance instance(SimOptions(&disk, script));
    FuzzExpect(instance.Open().ok(), seed.script);
    for (size_t i = 0; i < script.ops.size(); ++i) {
      if (script.ops[i].kind == 'r') {
        FuzzExpect(instance.Close().ok() && instance.Open().ok(), seed.script);
        continue;
      }
      const SimRequest request = AskOp(script.ops[i], i, &moment);
      std::vector<Bytes> batches = BatchesOf(request, moment);
      FuzzExpect(Execute(request, &batches, instance.wal()).ok(), seed.script);
      AckOp(request, &moment);
    }
    const auto mode = static_cast<uint8_t>(script.mode);
    const std::string name = seed.name;
    corpus->Add("recovery", name + "-killed",
                RecoveryInput(*disk.Crash(CrashMode::kKeepAll, 1), mode | 16));
    corpus->Add(
        "recovery", name + "-cut",
        RecoveryInput(*disk.Crash(CrashMode::kTornSectors, 3), mode | 8));
    corpus->Add("recovery", name + "-left",
                RecoveryInput(*disk.Crash(CrashMode::kKeepAll, 1), mode));
    FuzzExpect(instance.Close().ok(), seed.script);
    corpus->Add("recovery", name + "-closed",
                RecoveryInput(disk, mode | 4 | 16));
    Bytes cursors;
    FuzzExpect(
        disk.ReadFile(std::string("/wal/") + kCursorFileName, &cursors).ok(),
        "no cursor file");
    corpus->Add("cursors", name, cursors);
  }
}

void AddBatches(Corpus* corpus) {
  const std::vector<std::vector<Values>> calls = {
      {{"one"}},
      {{"one", "two", std::string(300, 'x')}},
      {{"a"}, {"b", "c"}, {std::string(1000, 'd')}},
      {{""}, {"", ""}}};
  for (size_t i = 0; i < calls.size(); ++i) {
    for (const uint8_t cuts : {0, 3}) {
      Bytes input{std::byte{cuts}};
      for (uint8_t cut = 0; cut < cuts; ++cut) input.push_back(std::byte{40});
      for (const Values& values : calls[i]) {
        const Bytes batch = MakeBatch(values);
        input.insert(input.end(), batch.begin(), batch.end());
      }
      corpus->Add("batch",
                  "call-" + std::to_string(i) + "-cuts-" + std::to_string(cuts),
                  input);
    }
  }
}

}  // namespace
}  // namespace walrus

int main(int count, char** words) {
  if (count != 2) {
    std::fprintf(stderr, "make_corpus FOLDER\n");
    return 2;
  }
  walrus::Corpus corpus(words[1]);
  walrus::AddInstances(&corpus);
  walrus::AddBatches(&corpus);
  return 0;
}
