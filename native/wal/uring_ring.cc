// The kernel's interface without a library: two rings of indexes in memory that
// both sides see, and three system calls.
#include "wal/uring_ring.h"

#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

namespace walrus {

namespace {

constexpr std::chrono::microseconds kPollInterval(50);
constexpr size_t kProbedOps = 64;

int EnterRing(int descriptor, uint32_t submit, uint32_t complete,
              uint32_t flags) {
  return static_cast<int>(::syscall(__NR_io_uring_enter, descriptor, submit,
                                    complete, flags, nullptr, 0));
}

Status Refused(const std::string& what, int error_number) {
  return Status(Code::kInvalidInput,
                what + ": " + std::string(std::strerror(error_number)));
}

uint8_t OpcodeOf(UringOp::Kind kind) {
  switch (kind) {
    case UringOp::Kind::kWriteV:
      return IORING_OP_WRITEV;
    case UringOp::Kind::kReadV:
      return IORING_OP_READV;
    case UringOp::Kind::kSyncBytes:
      return IORING_OP_FSYNC;
  }
  return IORING_OP_NOP;
}

uint32_t LoadAcquire(uint32_t* shared) {
  return std::atomic_ref<uint32_t>(*shared).load(std::memory_order_acquire);
}

void StoreRelease(uint32_t* shared, uint32_t value) {
  std::atomic_ref<uint32_t>(*shared).store(value, std::memory_order_release);
}

}  // namespace

Status UringRing::Open(uint32_t entries, std::unique_ptr<UringRing>* ring) {
  std::unique_ptr<UringRing> opened(new UringRing);
  Status status = opened->SetUp(entries);
  if (status.ok()) status = opened->CheckOperations();
  if (status.ok()) status = opened->TryRoundTrip();
  if (status.ok()) *ring = std::move(opened);
  return status;
}

UringRing::~UringRing() {
  if (entries_ != nullptr) ::munmap(entries_, entries_bytes_);
  if (queues_ != nullptr) ::munmap(queues_, queues_bytes_);
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status UringRing::SetUp(uint32_t entries) {
  io_uring_params parameters{};
  descriptor_ =
      static_cast<int>(::syscall(__NR_io_uring_setup, entries, &parameters));
  if (descriptor_ < 0) return Refused("io_uring_setup", errno);
  // One mapping for both rings, and completions that are never dropped: 5.5.
  constexpr uint32_t kNeeded =
      IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_SUBMIT_STABLE;
  if ((parameters.features & kNeeded) != kNeeded) {
    return Refused("io_uring is too old here", ENOSYS);
  }
  const auto map = [this](size_t bytes, off_t what) {
    void* const address = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_POPULATE, descriptor_, what);
    if (address == MAP_FAILED) return static_cast<void*>(nullptr);
    // A child of fork() must not drive its parent's ring.
    (void)::madvise(address, bytes, MADV_DONTFORK);
    return address;
  };
  queues_bytes_ = std::max<size_t>(
      parameters.sq_off.array + parameters.sq_entries * sizeof(uint32_t),
      parameters.cq_off.cqes + parameters.cq_entries * sizeof(io_uring_cqe));
  queues_ = map(queues_bytes_, IORING_OFF_SQ_RING);
  if (queues_ == nullptr) return Refused("mapping the ring", errno);
  entries_bytes_ = parameters.sq_entries * sizeof(io_uring_sqe);
  entries_ = static_cast<io_uring_sqe*>(map(entries_bytes_, IORING_OFF_SQES));
  if (entries_ == nullptr) return Refused("mapping the ring's entries", errno);

  auto* const base = static_cast<std::byte*>(queues_);
  const auto at = [base](uint32_t offset) {
    return reinterpret_cast<uint32_t*>(base + offset);
  };
  submit_head_ = at(parameters.sq_off.head);
  submit_tail_ = at(parameters.sq_off.tail);
  submit_array_ = at(parameters.sq_off.array);
  submit_mask_ = *at(parameters.sq_off.ring_mask);
  complete_head_ = at(parameters.cq_off.head);
  complete_tail_ = at(parameters.cq_off.tail);
  complete_mask_ = *at(parameters.cq_off.ring_mask);
  completions_ = reinterpret_cast<io_uring_cqe*>(base + parameters.cq_off.cqes);
  entry_count_ = parameters.sq_entries;
  return Status::Ok();
}

Status UringRing::CheckOperations() const {
  alignas(io_uring_probe)
      std::array<std::byte, sizeof(io_uring_probe) +
                                kProbedOps * sizeof(io_uring_probe_op)>
          bytes{};
  auto* const probe = reinterpret_cast<io_uring_probe*>(bytes.data());
  const long result = ::syscall(__NR_io_uring_register, descriptor_,
                                IORING_REGISTER_PROBE, probe, kProbedOps);
  if (result < 0) return Refused("io_uring_register", errno);
  for (const UringOp::Kind kind :
       {UringOp::Kind::kWriteV, UringOp::Kind::kReadV,
        UringOp::Kind::kSyncBytes}) {
    const uint8_t opcode = OpcodeOf(kind);
    if (opcode > probe->last_op ||
        (probe->ops[opcode].flags & IO_URING_OP_SUPPORTED) == 0) {
      return Refused("io_uring operation " + std::to_string(opcode),
                     EOPNOTSUPP);
    }
  }
  return Status::Ok();
}

Status UringRing::TryRoundTrip() {
  // A sandbox may allow the set-up and forbid the rest.
  const uint32_t tail = *submit_tail_;
  io_uring_sqe& entry = entries_[tail & submit_mask_];
  std::memset(&entry, 0, sizeof(entry));
  entry.opcode = IORING_OP_NOP;
  submit_array_[tail & submit_mask_] = tail & submit_mask_;
  StoreRelease(submit_tail_, tail + 1);
  int submitted;
  do {
    submitted = EnterRing(descriptor_, 1, 1, IORING_ENTER_GETEVENTS);
  } while (submitted < 0 && errno == EINTR);
  if (submitted < 0) return Refused("io_uring_enter", errno);
  const uint32_t head = *complete_head_;
  if (submitted != 1 || LoadAcquire(complete_tail_) == head) {
    return Refused("io_uring_enter completed nothing", ENOSYS);
  }
  StoreRelease(complete_head_, head + 1);
  return Status::Ok();
}

void UringRing::PushLocked(UringOp* op) {
  const uint32_t tail = *submit_tail_;
  const uint32_t slot = tail & submit_mask_;
  io_uring_sqe& entry = entries_[slot];
  std::memset(&entry, 0, sizeof(entry));
  entry.opcode = OpcodeOf(op->kind);
  entry.fd = op->descriptor;
  entry.user_data = reinterpret_cast<uint64_t>(op);
  if (op->kind == UringOp::Kind::kSyncBytes) {
    entry.fsync_flags = IORING_FSYNC_DATASYNC;
  } else {
    entry.addr = reinterpret_cast<uint64_t>(op->parts);
    entry.len = op->part_count;
    entry.off = op->position;
  }
  submit_array_[slot] = slot;
  StoreRelease(submit_tail_, tail + 1);
}

// Returns how many the kernel took. The others are taken back.
uint32_t UringRing::SubmitLocked(uint32_t count) {
  uint32_t taken = 0;
  while (taken < count) {
    const int result = EnterRing(descriptor_, count - taken, 0, 0);
    if (result < 0 && errno == EINTR) continue;
    if (result <= 0) break;
    taken += static_cast<uint32_t>(result);
  }
  if (taken < count) {
    StoreRelease(submit_tail_, *submit_tail_ - (count - taken));
  }
  return taken;
}

void UringRing::CollectLocked() {
  uint32_t head = *complete_head_;
  const uint32_t tail = LoadAcquire(complete_tail_);
  for (; head != tail; ++head) {
    const io_uring_cqe& completion = completions_[head & complete_mask_];
    reinterpret_cast<UringOp*>(completion.user_data)->result = completion.res;
    --under_way_;
  }
  StoreRelease(complete_head_, head);
}

void UringRing::WaitLocked(std::unique_lock<std::mutex>* lock) {
  if (collecting_) {
    // Whoever collects looks at everybody's completions: were this thread to
    // wait in the kernel too, its own could be taken from under it.
    collected_.wait(*lock);
    return;
  }
  collecting_ = true;
  lock->unlock();
  const int result = EnterRing(descriptor_, 0, 1, IORING_ENTER_GETEVENTS);
  // Completions come also when the kernel will not let us wait for them.
  if (result < 0 && errno != EINTR) std::this_thread::sleep_for(kPollInterval);
  lock->lock();
  collecting_ = false;
  CollectLocked();
  collected_.notify_all();
}

void UringRing::Run(std::span<UringOp> ops) {
  const auto is_under_way = [](const UringOp& op) {
    return op.result == kUnderWay;
  };
  std::unique_lock lock(mutex_);
  size_t next = 0;
  while (true) {
    uint32_t pushed = 0;
    for (; next < ops.size() && under_way_ + pushed < entry_count_; ++next) {
      ops[next].result = kUnderWay;
      PushLocked(&ops[next]);
      ++pushed;
    }
    const uint32_t taken = SubmitLocked(pushed);
    under_way_ += taken;
    if (taken < pushed) {
      const size_t refused = next - (pushed - taken);
      for (UringOp& op : ops.subspan(refused)) op.result = UringOp::kNotRun;
      next = ops.size();
    }
    const bool waits =
        std::any_of(ops.begin(), ops.begin() + next, is_under_way);
    if (next == ops.size() && !waits) return;
    WaitLocked(&lock);
  }
}

}  // namespace walrus
