// What the fuzzers start from, and what they ever found, as tests: no clang
// and no fuzzer is needed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "fuzz/fuzz_inputs.h"

namespace walrus {
namespace {

// Runs all inputs of a folder; how many.
size_t Replay(const std::string& target, void (*run)(FuzzBytes)) {
  size_t inputs = 0;
  const auto folder = std::filesystem::path(WALRUS_FUZZ_CORPUS) / target;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    EXPECT_FALSE(text.empty());
    const FuzzBytes bytes = std::as_bytes(std::span(text));
    run(bytes);
    // Half of it, and with a byte changed.
    run(bytes.first(bytes.size() / 2));
    std::vector<std::byte> changed(bytes.begin(), bytes.end());
    changed[changed.size() * 2 / 3] ^= std::byte{0x10};
    run(changed);
    ++inputs;
  }
  return inputs;
}

TEST(FuzzCorpusTest, Directories) {
  EXPECT_GE(Replay("recovery", FuzzRecovery), 20u);
}
TEST(FuzzCorpusTest, Batches) { EXPECT_GE(Replay("batch", FuzzBatch), 8u); }
TEST(FuzzCorpusTest, CursorFiles) {
  EXPECT_GE(Replay("cursors", FuzzCursors), 8u);
}

}  // namespace
}  // namespace walrus
