#include "commit_strategies_commit.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "commit_strategies_blocks.h"

namespace walrusmq::bench {

namespace {

// No file is created while the checkpoint thread runs: this is enough for a
// run that writes 1.5 GB.
constexpr size_t kSpareBlocks = 190;

/// What the strategies share: placing a group's runs and writing them.
class BlockCommit : public CommitStrategy {
 protected:
  BlockCommit(const CommitOptions& options, Preparation preparation)
      : blocks_(options.directory, options.log_count, kSpareBlocks,
                preparation) {}

  /// Returns the bytes of all the group's writes.
  uint64_t PlanGroup(const std::vector<std::string_view>& payloads) {
    writes_.clear();
    for (size_t log = 0; log < payloads.size(); ++log) {
      blocks_.Plan(log, payloads[log], &writes_);
    }
    uint64_t byte_count = 0;
    for (const BlockWrite& write : writes_) byte_count += write.byte_count;
    return byte_count;
  }

  void WriteGroup(uint64_t byte_count, std::vector<bool>* touched) {
    touched->resize(blocks_.file_count());
    for (const BlockWrite& write : writes_) {
      blocks_.Write(write);
      (*touched)[write.file_index] = true;
    }
    bytes_written_ += byte_count;
  }

  void SyncFiles(const std::vector<bool>& files) const {
    for (size_t i = 0; i < files.size(); ++i) {
      if (files[i]) blocks_.Sync(i);
    }
  }

  BlockFiles blocks_;
  std::vector<BlockWrite> writes_;
};

/// Writes every run into its block, then syncs every file that was touched.
class DirectCommit : public BlockCommit {
 public:
  DirectCommit(const CommitOptions& options, Preparation preparation,
               bool overlap)
      : BlockCommit(options, preparation), overlap_(overlap) {}

  void Commit(const std::vector<std::string_view>& payloads) override {
    std::vector<bool> touched;
    WriteGroup(PlanGroup(payloads), &touched);
    // The first sync waits for one file; the others' pages can go down with it.
    for (size_t i = 0; overlap_ && i < touched.size(); ++i) {
      if (touched[i]) blocks_.StartWriteback(i);
    }
    SyncFiles(touched);
  }

 private:
  const bool overlap_;
};

/// Writes every run into its block without a sync, and all of them once more,
/// one after the other, into a journal, which alone is synced.
///
/// Life: two journal files take turns. A full one is handed to the checkpoint
/// thread, which syncs the block files it covers and then frees it.
///
/// Threads: one committer; `mutex_` guards what the checkpoint thread shares.
///
/// Invariants:
///  (1) A journal file is overwritten only after every block file that it
///      covers was synced.
///  (2) A group begins at a multiple of 4 KiB, so that no write of a later
///      group touches a page of a synced one.
class JournalCommit : public BlockCommit {
 public:
  JournalCommit(const CommitOptions& options, uint64_t bypass_average_bytes,
                uint64_t bypass_sum_bytes)
      : BlockCommit(options, Preparation::kSparse),
        journal_bytes_(options.journal_bytes),
        bypass_average_bytes_(bypass_average_bytes),
        bypass_sum_bytes_(bypass_sum_bytes) {
    for (size_t i = 0; i < journals_.size(); ++i) {
      journals_[i].file = CreateZeroedFile(
          options.directory + "/journal-" + std::to_string(i), journal_bytes_);
    }
    checkpoint_thread_ = std::thread([this] { RunCheckpoints(); });
  }

  ~JournalCommit() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      closing_ = true;
    }
    changed_.notify_all();
    checkpoint_thread_.join();
  }

  void Commit(const std::vector<std::string_view>& payloads) override {
    const uint64_t run_bytes = PlanGroup(payloads);
    if (run_bytes / payloads.size() >= bypass_average_bytes_ ||
        run_bytes >= bypass_sum_bytes_) {
      std::vector<bool> touched;
      WriteGroup(run_bytes, &touched);
      SyncFiles(touched);
      return;
    }
    const uint64_t group_bytes = BuildGroup(run_bytes);
    if (position_ + group_bytes > journal_bytes_) {
      if (group_bytes > journal_bytes_) {
        throw std::runtime_error("a group is larger than a journal file");
      }
      Switch();
    }
    Journal& journal = journals_[current_];
    WriteGroup(run_bytes, &journal.covered_files);
    journal.file.Write(parts_, position_);
    bytes_written_ += group_bytes;
    position_ += group_bytes;
    journal.file.Sync();
  }

  void Checkpoint() override {
    Switch();
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return failure_ || AllFreeLocked(); });
    RethrowLocked();
  }

 private:
  struct Journal {
    File file;
    std::vector<bool> covered_files;
    bool full = false;
  };

  // What redo needs of one write: where it goes and how long it is.
  struct Redo {
    uint64_t file_index;
    uint64_t position;
    uint64_t byte_count;
  };

  /// Lays the group out in `parts_`: header, redo table, runs, padding.
  uint64_t BuildGroup(uint64_t run_bytes) {
    table_.resize(sizeof(std::array<uint64_t, 8>) +
                  writes_.size() * sizeof(Redo));
    std::array<uint64_t, 8> header = {sequence_++, writes_.size(), run_bytes};
    char* out = table_.data() + sizeof(header);
    for (const BlockWrite& write : writes_) {
      const Redo redo = {write.file_index, write.position, write.byte_count};
      std::memcpy(out, &redo, sizeof(redo));
      out += sizeof(redo);
    }
    // The runs carry their own checksums in their frames.
    header[7] = Checksum(table_.data() + sizeof(header),
                         table_.size() - sizeof(header));
    std::memcpy(table_.data(), header.data(), sizeof(header));

    parts_.assign(1, {table_.data(), table_.size()});
    for (const BlockWrite& write : writes_) {
      parts_.insert(parts_.end(), write.parts.begin(),
                    write.parts.begin() + static_cast<long>(write.part_count));
    }
    const uint64_t unpadded = table_.size() + run_bytes;
    const uint64_t padding = (kPageBytes - unpadded % kPageBytes) % kPageBytes;
    if (padding > 0) parts_.push_back({padding_.data(), padding});
    return unpadded + padding;
  }

  /// Hands the current file to the checkpoint thread and takes the other one,
  /// waiting for it where the checkpoint is slower than the commits.
  void Switch() {
    std::unique_lock<std::mutex> lock(mutex_);
    journals_[current_].full = true;
    changed_.notify_all();
    current_ = 1 - current_;
    changed_.wait(lock, [&] { return failure_ || !journals_[current_].full; });
    RethrowLocked();
    position_ = 0;
  }

  void RunCheckpoints() {
    size_t oldest = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return closing_ || journals_[oldest].full; });
      if (!journals_[oldest].full) return;
      Journal& journal = journals_[oldest];
      lock.unlock();
      std::exception_ptr failure;
      try {
        SyncFiles(journal.covered_files);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      failure_ = failure;
      journal.covered_files.clear();
      journal.full = false;
      oldest = 1 - oldest;
      changed_.notify_all();
      if (failure_) return;
    }
  }

  bool AllFreeLocked() const {
    return !journals_[0].full && !journals_[1].full;
  }

  void RethrowLocked() const {
    if (failure_) std::rethrow_exception(failure_);
  }

  const uint64_t journal_bytes_;
  const uint64_t bypass_average_bytes_;
  const uint64_t bypass_sum_bytes_;
  std::array<char, kPageBytes> padding_ = {};
  std::vector<char> table_;
  std::vector<iovec> parts_;
  uint64_t sequence_ = 0;
  uint64_t position_ = 0;
  size_t current_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Journal, 2> journals_;
  bool closing_ = false;
  std::exception_ptr failure_;
  std::thread checkpoint_thread_;
};

/// The limit: 4 KiB written in turn to a zeroed file, each with its own sync.
class BareCommit : public CommitStrategy {
 public:
  explicit BareCommit(const CommitOptions& options)
      : file_(CreateZeroedFile(options.directory + "/bare", kFileBytes)) {}

  void Commit(const std::vector<std::string_view>&) override {
    parts_.assign(1, {page_.data(), page_.size()});
    file_.Write(parts_, position_);
    file_.Sync();
    position_ = (position_ + kPageBytes) % kFileBytes;
    bytes_written_ += kPageBytes;
  }

 private:
  static constexpr uint64_t kFileBytes = 32ull << 20;

  File file_;
  std::vector<char> page_ = std::vector<char>(kPageBytes, 'x');
  std::vector<iovec> parts_;
  uint64_t position_ = 0;
};

}  // namespace

const std::vector<std::string>& CommitStrategyNames() {
  static const std::vector<std::string> names = {"direct",
                                                 "journal",
                                                 "journal-bypass",
                                                 "direct-overlap",
                                                 "direct-fallocate",
                                                 "direct-zeroed",
                                                 "journal-bypass-sum",
                                                 "bare"};
  return names;
}

std::unique_ptr<CommitStrategy> MakeCommitStrategy(
    const std::string& name, const CommitOptions& options) {
  const auto direct = [&](Preparation preparation, bool overlap) {
    return std::make_unique<DirectCommit>(options, preparation, overlap);
  };
  if (name == "direct") return direct(Preparation::kSparse, false);
  if (name == "direct-overlap") return direct(Preparation::kSparse, true);
  if (name == "direct-fallocate") {
    return direct(Preparation::kFallocate, false);
  }
  if (name == "direct-zeroed") return direct(Preparation::kZeroAhead, false);
  if (name == "journal") {
    return std::make_unique<JournalCommit>(options, UINT64_MAX, UINT64_MAX);
  }
  if (name == "journal-bypass") {
    return std::make_unique<JournalCommit>(
        options, options.bypass_average_bytes, UINT64_MAX);
  }
  if (name == "journal-bypass-sum") {
    return std::make_unique<JournalCommit>(options, UINT64_MAX,
                                           options.bypass_sum_bytes);
  }
  if (name == "bare") return std::make_unique<BareCommit>(options);
  throw std::invalid_argument("no such strategy: " + name);
}

}  // namespace walrusmq::bench
