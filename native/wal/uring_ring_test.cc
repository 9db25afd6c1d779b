// The ring itself: more operations than it has entries, from many threads at
// once, and operations that fail.
#include "wal/uring_ring.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "testing/test_batches.h"

namespace walrus {
namespace {

class UringRingTest : public testing::Test {
 protected:
  void SetUp() override {
    const Status status = UringRing::Open(8, &ring_);
    ASSERT_TRUE(status.ok()) << status.ToString();
    std::string path =
        (std::filesystem::temp_directory_path() / "walrus-ring-XXXXXX")
            .string();
    file_ = ::mkstemp(path.data());
    ASSERT_GE(file_, 0);
    std::filesystem::remove(path);
  }
  void TearDown() override { ::close(file_); }

  std::unique_ptr<UringRing> ring_;
  int file_ = -1;
};

// Writes, reads back and syncs its own range, several at a time.
void Work(UringRing* ring, int file, uint64_t begin, uint64_t seed,
          std::atomic<uint64_t>* done) {
  std::mt19937_64 random(seed);
  for (int round = 0; round < 60; ++round) {
    const size_t count = 1 + random() % 40;
    const size_t size = 1 + random() % 3000;
    std::vector<Bytes> bytes(count);
    std::vector<Bytes> found(count, Bytes(size));
    std::vector<iovec> from(count);
    std::vector<iovec> to(count);
    std::vector<UringOp> writes(count);
    std::vector<UringOp> reads(count);
    for (size_t i = 0; i < count; ++i) {
      bytes[i].assign(size, static_cast<std::byte>(random()));
      from[i] = {bytes[i].data(), size};
      to[i] = {found[i].data(), size};
      writes[i] = {UringOp::Kind::kWriteV, file, &from[i], 1, begin + i * size};
      reads[i] = {UringOp::Kind::kReadV, file, &to[i], 1, begin + i * size};
    }
    ring->Run(writes);
    if (round % 10 == 0) {
      UringOp sync{UringOp::Kind::kSyncBytes, file};
      ring->Run({&sync, 1});
      ASSERT_EQ(sync.result, 0);
    }
    ring->Run(reads);
    for (size_t i = 0; i < count; ++i) {
      ASSERT_EQ(writes[i].result, static_cast<int32_t>(size));
      ASSERT_EQ(reads[i].result, static_cast<int32_t>(size));
      ASSERT_EQ(found[i], bytes[i]);
    }
    *done += count;
  }
}

TEST_F(UringRingTest, ManyThreadsShareItAndEachGetsItsOwnResults) {
  constexpr uint64_t kSeed = 77;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::atomic<uint64_t> done{0};
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 6; ++t) {
    threads.emplace_back(Work, ring_.get(), file_, t << 20, kSeed + t, &done);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(done, 6u * 60);
}

TEST_F(UringRingTest, AFailedOperationFailsAlone) {
  char byte = 'x';
  const iovec part{&byte, 1};
  std::vector<UringOp> ops;
  for (int i = 0; i < 30; ++i) {
    ops.push_back({UringOp::Kind::kWriteV, i % 3 == 1 ? -1 : file_, &part, 1,
                   static_cast<uint64_t>(i)});
  }
  ops.push_back({UringOp::Kind::kSyncBytes, -1});
  ring_->Run(ops);
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(ops[static_cast<size_t>(i)].result, i % 3 == 1 ? -EBADF : 1) << i;
  }
  EXPECT_EQ(ops[30].result, -EBADF);
}

TEST_F(UringRingTest, NothingIsRunAtOnce) {
  ring_->Run({});
  char byte = 0;
  const iovec part{&byte, 1};
  UringOp read{UringOp::Kind::kReadV, file_, &part, 1};
  ring_->Run({&read, 1});
  EXPECT_EQ(read.result, 0);  // the file is empty
}

}  // namespace
}  // namespace walrus
