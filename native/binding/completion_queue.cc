#include "binding/completion_queue.h"

#include <chrono>
#include <utility>

#include "binding/convert.h"

namespace walrus::binding {

namespace {

constexpr std::chrono::milliseconds kSettledLookInterval(2);

/// A Buffer that takes the bytes over; they are copied only where Node allows
/// no external memory. nullptr when the environment is going down.
napi_value AdoptBytes(napi_env env, std::vector<std::byte>&& bytes) {
  auto owned = std::make_unique<std::vector<std::byte>>(std::move(bytes));
  const auto release = [](napi_env, void*, void* owner) {
    delete static_cast<std::vector<std::byte>*>(owner);
  };
  napi_value buffer = nullptr;
  const napi_status status = napi_create_external_buffer(
      env, owned->size(), owned->data(), release, owned.get(), &buffer);
  if (status == napi_no_external_buffers_allowed) {
    napi_create_buffer_copy(env, owned->size(), owned->data(), nullptr,
                            &buffer);
  } else if (status == napi_ok) {
    owned.release();
  }
  return buffer;
}

}  // namespace

// Once the state says that it was the last call, the loop thread may recycle
// the operation. Nobody is woken here: GroupReported() does that once for all.

void PendingOperation::OnWritten() {
  state_.store(kWritten, std::memory_order_release);
}

void PendingOperation::OnSynced() {
  EndBatch();
  state_.store(kSynced, std::memory_order_release);
}

void PendingOperation::OnFailed(const Status& status) {
  failure_ = status;
  EndBatch();
  state_.store(kFailed, std::memory_order_release);
}

void PendingOperation::EndBatch() {
  if (batch_of_ != nullptr) batch_of_->EndBatch();
}

std::shared_ptr<CompletionQueue> CompletionQueue::Create(napi_env env) {
  std::shared_ptr<CompletionQueue> queue(new CompletionQueue);
  queue->ring_.resize(kRingBegin);
  const auto drain = [](napi_env loop_env, napi_value, void* context, void*) {
    // Without an environment the loop is going down and nobody listens.
    if (loop_env == nullptr) return;
    auto* const woken = static_cast<CompletionQueue*>(context);
    ++woken->wakeups_;
    woken->Drain(loop_env);
  };
  const auto finalize = [](napi_env, void* owner, void*) {
    delete static_cast<std::shared_ptr<CompletionQueue>*>(owner);
  };
  auto* const owner = new std::shared_ptr<CompletionQueue>(queue);
  napi_value name = nullptr;
  if (napi_create_string_utf8(env, "walrus.completions", NAPI_AUTO_LENGTH,
                              &name) != napi_ok ||
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, owner,
                                      finalize, queue.get(), drain,
                                      &queue->wake_) != napi_ok) {
    delete owner;
    return nullptr;
  }
  napi_unref_threadsafe_function(env, queue->wake_);
  return queue;
}

CompletionQueue::~CompletionQueue() {
  for (PendingRead* read : finished_reads_) delete read;
}

PendingOperation* CompletionQueue::Take() {
  awaits_reports_.fetch_add(1);
  if (pool_.empty()) return new PendingOperation;
  PendingOperation* const operation = pool_.back().release();
  pool_.pop_back();
  return operation;
}

void CompletionQueue::GiveBack(PendingOperation* operation) {
  awaits_reports_.fetch_sub(1);
  std::unique_ptr<PendingOperation> owned(operation);
  owned->pack_.reset();
  owned->batch_of_ = nullptr;
  if (pool_.size() >= kPoolMax) return;
  operation->state_.store(PendingOperation::kQueued, std::memory_order_relaxed);
  operation->failure_ = Status();
  operation->is_reported_ = false;
  pool_.push_back(std::move(owned));
}

void CompletionQueue::Commit(napi_env env, PendingOperation* operation,
                             std::span<const napi_value> buffers) {
  if (buffers.size() <= PendingOperation::kPinsMax) {
    for (size_t i = 0; i < buffers.size(); ++i) {
      napi_create_reference(env, buffers[i], 1, &operation->pins_[i]);
    }
  } else {
    // One reference for all of them. The array is a copy: the caller's can
    // change while the engine still reads the Buffers.
    napi_value copy = nullptr;
    napi_create_array_with_length(env, buffers.size(), &copy);
    for (size_t i = 0; i < buffers.size(); ++i) {
      napi_set_element(env, copy, static_cast<uint32_t>(i), buffers[i]);
    }
    napi_create_reference(env, copy, 1, &operation->pins_[0]);
  }
  if (committed_ - synced_ == ring_.size()) GrowRing();
  ++committed_;
  Slot(committed_) = operation;
  Track(env);
}

void CompletionQueue::GrowRing() {
  std::vector<PendingOperation*> larger(ring_.size() * 2);
  for (uint64_t number = synced_ + 1; number <= committed_; ++number) {
    larger[number & (larger.size() - 1)] = Slot(number);
  }
  ring_ = std::move(larger);
}

PendingRead* CompletionQueue::BeginRead(napi_env env, napi_deferred deferred) {
  auto* const read = new PendingRead;
  read->deferred = deferred;
  running_reads_.fetch_add(1);
  Track(env);
  return read;
}

void CompletionQueue::AbandonRead(napi_env env, PendingRead* read) {
  delete read;
  running_reads_.fetch_sub(1);
  Untrack(env, 1);
}

void CompletionQueue::FinishRead(PendingRead* read) {
  {
    const std::lock_guard<std::mutex> lock(reads_mutex_);
    finished_reads_.push_back(read);
  }
  Wake();
  // The last thing: whoever waits may let the queue go then.
  running_reads_.fetch_sub(1);
}

void CompletionQueue::GroupReported() {
  if (awaits_reports_.load() == 0) return;
  if (is_awaited_.load()) {
    const std::lock_guard<std::mutex> lock(await_mutex_);
    moved_.notify_all();
  }
  Wake();
}

void CompletionQueue::Watch(napi_env env, int delta) {
  if (delta > 0) {
    ++watched_;
    awaits_reports_.fetch_add(1);
    Track(env);
  } else {
    --watched_;
    awaits_reports_.fetch_sub(1);
    Untrack(env, 1);
  }
}

bool CompletionQueue::IsSettled() {
  if (running_reads_.load() > 0) return false;
  for (uint64_t number = synced_ + 1; number <= committed_; ++number) {
    const auto state = Slot(number)->state_.load(std::memory_order_acquire);
    if (state < PendingOperation::kSynced) return false;
  }
  return true;
}

void CompletionQueue::WaitUntilSettled() {
  is_awaited_.store(true);
  {
    std::unique_lock<std::mutex> lock(await_mutex_);
    // A report between the look and the wait is missed; the next look is soon.
    while (!IsSettled()) moved_.wait_for(lock, kSettledLookInterval);
  }
  is_awaited_.store(false);
}

void CompletionQueue::SetCallback(napi_env env, napi_value callback) {
  if (callback_ != nullptr) napi_delete_reference(env, callback_);
  napi_create_reference(env, callback, 1, &callback_);
}

void CompletionQueue::Wake() {
  if (is_wake_pending_.exchange(true, std::memory_order_acq_rel)) return;
  // Fails only once the environment goes down: then nobody is to be woken.
  napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

void CompletionQueue::Track(napi_env env) {
  if (in_flight_++ == 0) napi_ref_threadsafe_function(env, wake_);
}

void CompletionQueue::Untrack(napi_env env, size_t count) {
  if (count == 0) return;
  in_flight_ -= count;
  if (in_flight_ == 0) napi_unref_threadsafe_function(env, wake_);
}

void CompletionQueue::Drain(napi_env env) {
  // Before looking: what settles from here on sends a wake-up of its own.
  is_wake_pending_.exchange(false, std::memory_order_acq_rel);
  const uint64_t written_before = written_;
  const uint64_t synced_before = synced_;
  napi_value failures = nullptr;
  AdvanceWritten(env, &failures);
  AdvanceSynced(env, &failures);
  Untrack(env, synced_ - synced_before);
  SettleReads(env);
  if (written_ != written_before || synced_ != synced_before) {
    Tell(env, failures);
  }
  if (after_drain_) after_drain_(env);
}

void CompletionQueue::AdvanceWritten(napi_env env, napi_value* failures) {
  while (written_ < committed_) {
    PendingOperation* const next = Slot(written_ + 1);
    const auto state = next->state_.load(std::memory_order_acquire);
    if (state == PendingOperation::kQueued) return;
    ++written_;
    // Told now, not when the synced prefix gets here: by then JavaScript would
    // have taken it for written.
    if (state == PendingOperation::kFailed) {
      ReportFailure(env, written_, next, failures);
    }
  }
}

void CompletionQueue::AdvanceSynced(napi_env env, napi_value* failures) {
  while (synced_ < written_) {
    PendingOperation* const next = Slot(synced_ + 1);
    const auto state = next->state_.load(std::memory_order_acquire);
    if (state < PendingOperation::kSynced) return;
    ++synced_;
    if (state == PendingOperation::kFailed) {
      ReportFailure(env, synced_, next, failures);
    }
    Recycle(env, next);
  }
}

void CompletionQueue::ReportFailure(napi_env env, uint64_t number,
                                    PendingOperation* operation,
                                    napi_value* failures) {
  if (operation->is_reported_) return;
  operation->is_reported_ = true;
  const Status& status = operation->failure_;
  if (*failures == nullptr) napi_create_array(env, failures);
  const std::string_view name = CodeName(status.code());
  napi_value entry = nullptr;
  napi_value code = nullptr;
  napi_value message = nullptr;
  uint32_t length = 0;
  if (napi_create_array_with_length(env, 3, &entry) != napi_ok ||
      napi_create_string_utf8(env, name.data(), name.size(), &code) !=
          napi_ok ||
      napi_create_string_utf8(env, status.message().data(),
                              status.message().size(), &message) != napi_ok ||
      napi_get_array_length(env, *failures, &length) != napi_ok) {
    return;
  }
  napi_set_element(env, entry, 0, NumberValue(env, number));
  napi_set_element(env, entry, 1, code);
  napi_set_element(env, entry, 2, message);
  napi_set_element(env, *failures, length, entry);
}

void CompletionQueue::Recycle(napi_env env, PendingOperation* operation) {
  for (napi_ref& pin : operation->pins_) {
    if (pin != nullptr) napi_delete_reference(env, pin);
    pin = nullptr;
  }
  GiveBack(operation);
}

void CompletionQueue::SettleReads(napi_env env) {
  std::vector<PendingRead*> reads;
  {
    const std::lock_guard<std::mutex> lock(reads_mutex_);
    reads.swap(finished_reads_);
  }
  for (PendingRead* each : reads) {
    const std::unique_ptr<PendingRead> read(each);
    if (!read->status.ok()) {
      napi_reject_deferred(env, read->deferred, ErrorValue(env, read->status));
      continue;
    }
    const napi_value buffer = AdoptBytes(env, std::move(read->bytes));
    if (buffer != nullptr) napi_resolve_deferred(env, read->deferred, buffer);
  }
  Untrack(env, reads.size());
}

void CompletionQueue::Tell(napi_env env, napi_value failures) {
  if (callback_ == nullptr) return;
  napi_value callback = nullptr;
  if (failures == nullptr) napi_create_array(env, &failures);
  if (napi_get_reference_value(env, callback_, &callback) != napi_ok) return;
  const napi_value arguments[] = {NumberValue(env, written_),
                                  NumberValue(env, synced_), failures};
  CallBack(env, callback, arguments);
}

void CompletionQueue::CallBack(napi_env env, napi_value callback,
                               std::span<const napi_value> arguments) {
  napi_value global = nullptr;
  if (napi_get_global(env, &global) != napi_ok) return;
  napi_call_function(env, global, callback, arguments.size(), arguments.data(),
                     nullptr);
  // Node would only warn of an exception that leaves a thread-safe function.
  bool is_pending = false;
  napi_value error = nullptr;
  if (napi_is_exception_pending(env, &is_pending) == napi_ok && is_pending &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok) {
    napi_fatal_exception(env, error);
  }
}

void CompletionQueue::Release(napi_env env) {
  after_drain_ = nullptr;
  // An environment that goes down leaves operations whose end nobody heard of.
  while (synced_ < committed_) Recycle(env, Slot(++synced_));
  if (callback_ != nullptr) napi_delete_reference(env, callback_);
  callback_ = nullptr;
  napi_release_threadsafe_function(wake_, napi_tsfn_release);
}

}  // namespace walrus::binding
