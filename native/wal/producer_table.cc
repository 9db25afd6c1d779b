#include "wal/producer_table.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace walrus {

namespace {

constexpr uint32_t kSequenceMask = 0x7fffffffu;
// As far behind the next one a sequence counts as old; else it is ahead.
constexpr uint32_t kHalfOfSequences = 1u << 30;

ProducerBatch BatchOf(const ProducerCall& call, const CheckedBatch& batch,
                      uint64_t base_offset) {
  return {base_offset, batch.base_sequence, batch.record_count, call.epoch};
}

std::string Named(const ProducerCall& call) {
  return "producer " + std::to_string(call.producer_id) + ", epoch " +
         std::to_string(call.epoch);
}

Status OutOfOrder(const ProducerCall& call, int32_t sequence,
                  int32_t expected) {
  return Status(Code::kOutOfOrderSequence,
                Named(call) + ": sequence " + std::to_string(sequence) +
                    " where " + std::to_string(expected) +
                    " comes next: a batch before it is missing");
}

// How far `sequence` is behind `next`.
uint32_t Behind(int32_t sequence, int32_t next) {
  return (static_cast<uint32_t>(next) - static_cast<uint32_t>(sequence)) &
         kSequenceMask;
}

// Where the call's batches stand among those that are remembered, one after
// another and with nothing of others between them; the end if nowhere.
std::span<const ProducerBatch>::iterator FindCall(
    std::span<const ProducerBatch> remembered, const ProducerCall& call,
    std::span<const CheckedBatch> batches) {
  for (auto first = remembered.begin(); first != remembered.end(); ++first) {
    auto at = first;
    uint64_t offset = first->base_offset;
    for (const CheckedBatch& batch : batches) {
      if (at == remembered.end() || *at != BatchOf(call, batch, offset)) break;
      offset += batch.record_count;
      ++at;
    }
    if (at - first == static_cast<ptrdiff_t>(batches.size())) return first;
  }
  return remembered.end();
}

}  // namespace

Status ReadProducerCall(std::span<const CheckedBatch> batches,
                        ProducerCall* call) {
  *call = ProducerCall();
  const bool idempotent =
      std::any_of(batches.begin(), batches.end(),
                  [](const CheckedBatch& b) { return b.producer_id >= 0; });
  if (!idempotent) return Status::Ok();
  const CheckedBatch& first = batches.front();
  *call = {first.producer_id, first.producer_epoch};
  if (batches.size() > kRememberedBatches) {
    return Status(Code::kInvalidInput,
                  "a call holds at most " + std::to_string(kRememberedBatches) +
                      " batches of an idempotent producer, not " +
                      std::to_string(batches.size()));
  }
  int32_t expected = first.base_sequence;
  for (const CheckedBatch& batch : batches) {
    if (batch.producer_id != call->producer_id ||
        batch.producer_epoch != call->epoch) {
      return Status(Code::kInvalidInput,
                    "the batches of a call are of one producer and epoch when "
                    "one of them has a producer id");
    }
    if (batch.producer_epoch < 0 || batch.base_sequence < 0) {
      return Status(Code::kInvalidInput,
                    Named(*call) + ", sequence " +
                        std::to_string(batch.base_sequence) +
                        ": with a producer id neither is below 0");
    }
    if (batch.base_sequence != expected) {
      return Status(Code::kInvalidInput,
                    "the sequences of a call follow each other");
    }
    expected = BatchOf(*call, batch, 0).NextSequence();
  }
  return Status::Ok();
}

bool ProducerTable::IsExpired(const ProducerState& entry,
                              int64_t now_ms) const {
  return now_ms - entry.last_append_ms >=
         static_cast<int64_t>(limits_.expiration_ms);
}

Status ProducerTable::Check(const ProducerCall& call,
                            std::span<const CheckedBatch> batches,
                            int64_t now_ms, bool* duplicate,
                            uint64_t* base_offset) const {
  *duplicate = false;
  const auto place = by_id_.find(call.producer_id);
  if (place == by_id_.end() || IsExpired(*place->second, now_ms)) {
    return Status::Ok();
  }
  const std::span<const ProducerBatch> remembered = Known(*place->second);
  const ProducerBatch& last = remembered.back();
  const int32_t sequence = batches.front().base_sequence;
  if (call.epoch < last.epoch) {
    return Status(
        Code::kInvalidProducerEpoch,
        Named(call) + ": epoch " + std::to_string(last.epoch) +
            " was seen, another producer has taken over this producer id");
  }
  if (call.epoch > last.epoch) {
    return sequence == 0 ? Status::Ok() : OutOfOrder(call, sequence, 0);
  }
  const int32_t next = last.NextSequence();
  if (sequence == next) return Status::Ok();
  const auto original = FindCall(remembered, call, batches);
  if (original != remembered.end()) {
    *duplicate = true;
    *base_offset = original->base_offset;
    return Status::Ok();
  }
  const auto oldest = std::find_if(remembered.begin(), remembered.end(),
                                   [&call](const ProducerBatch& batch) {
                                     return batch.epoch == call.epoch;
                                   });
  const int32_t after = BatchOf(call, batches.back(), 0).NextSequence();
  const uint32_t known = Behind(oldest->base_sequence, next);
  const uint32_t behind = Behind(after, next);
  if (behind >= known && behind <= kHalfOfSequences) {
    return Status(Code::kDuplicateSequence,
                  Named(call) + ": sequence " + std::to_string(sequence) +
                      " was appended before the last " +
                      std::to_string(kRememberedBatches) +
                      " batches; its offset is not known any more");
  }
  return OutOfOrder(call, sequence, next);
}

std::span<const ProducerBatch> ProducerTable::Known(
    const ProducerState& entry) const {
  // One more may be there, for the case that the last one is taken back.
  const std::span<const ProducerBatch> all(entry.batches);
  const auto above =
      std::find_if(all.begin(), all.end(), [this](const ProducerBatch& batch) {
        return batch.base_offset >= settled_end_;
      });
  const size_t count =
      std::max(kRememberedBatches, static_cast<size_t>(all.end() - above));
  return all.last(std::min(count, all.size()));
}

ProducerState* ProducerTable::Touch(int64_t producer_id, int64_t now_ms) {
  const auto place = by_id_.find(producer_id);
  if (place != by_id_.end() && !IsExpired(*place->second, now_ms)) {
    entries_.splice(entries_.begin(), entries_, place->second);
  } else {
    if (place != by_id_.end()) Erase(place->second);
    while (!entries_.empty() && IsExpired(entries_.back(), now_ms)) {
      Erase(std::prev(entries_.end()));
    }
    if (entries_.size() >= limits_.producers_max) EvictOldest();
    entries_.push_front({producer_id, now_ms, {}});
    by_id_[producer_id] = entries_.begin();
    instance_count_.fetch_add(1, std::memory_order_relaxed);
  }
  entries_.front().last_append_ms = now_ms;
  NoteOldest();
  return &entries_.front();
}

void ProducerTable::Push(ProducerState* entry,
                         const ProducerBatch& batch) const {
  entry->batches.push_back(batch);
  Prune(entry);
}

void ProducerTable::Prune(ProducerState* entry) const {
  std::vector<ProducerBatch>& batches = entry->batches;
  const auto above = std::find_if(
      batches.begin(), batches.end(),
      [this](const ProducerBatch& b) { return b.base_offset >= settled_end_; });
  const ptrdiff_t settled = above - batches.begin();
  constexpr auto kKept = static_cast<ptrdiff_t>(kRememberedBatches);
  if (settled > kKept) {
    batches.erase(batches.begin(), batches.begin() + (settled - kKept));
  }
}

void ProducerTable::Remember(const ProducerCall& call,
                             std::span<const CheckedBatch> batches,
                             uint64_t base_offset, int64_t now_ms) {
  ProducerState* const entry = Touch(call.producer_id, now_ms);
  for (const CheckedBatch& batch : batches) {
    Push(entry, BatchOf(call, batch, base_offset));
    base_offset += batch.record_count;
  }
}

void ProducerTable::Add(int64_t producer_id, const ProducerBatch& batch,
                        int64_t now_ms) {
  settled_end_ = batch.base_offset + batch.record_count;
  Push(Touch(producer_id, now_ms), batch);
}

void ProducerTable::Restore(const ProducerState& state) {
  if (state.batches.empty()) return;
  for (const ProducerBatch& batch : state.batches) {
    Add(state.producer_id, batch, state.last_append_ms);
  }
}

void ProducerTable::Settle(uint64_t end_offset) {
  settled_end_ = std::max(settled_end_, end_offset);
}

void ProducerTable::TakeBack(uint64_t end_offset) {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto here = entry++;
    std::vector<ProducerBatch>& batches = here->batches;
    while (!batches.empty() && batches.back().base_offset >= end_offset) {
      batches.pop_back();
    }
    if (batches.empty()) Erase(here);
  }
  NoteOldest();
}

std::vector<ProducerState> ProducerTable::StateAt(uint64_t end_offset,
                                                  int64_t now_ms) const {
  std::vector<ProducerState> states;
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (IsExpired(*entry, now_ms)) continue;
    ProducerState state{entry->producer_id, entry->last_append_ms, {}};
    for (const ProducerBatch& batch : entry->batches) {
      if (batch.base_offset >= end_offset) break;
      // An older epoch's have nothing to say once there is a newer one.
      if (!state.batches.empty() && state.batches[0].epoch != batch.epoch) {
        state.batches.clear();
      }
      state.batches.push_back(batch);
    }
    if (state.batches.empty()) continue;
    if (state.batches.size() > kRememberedBatches) {
      state.batches.erase(state.batches.begin(),
                          state.batches.end() - kRememberedBatches);
    }
    states.push_back(std::move(state));
  }
  return states;
}

void ProducerTable::Erase(Entries::iterator entry) {
  by_id_.erase(entry->producer_id);
  entries_.erase(entry);
  instance_count_.fetch_sub(1, std::memory_order_relaxed);
}

void ProducerTable::EvictOldest() {
  if (!entries_.empty()) Erase(std::prev(entries_.end()));
  NoteOldest();
}

void ProducerTable::Clear() {
  while (!entries_.empty()) Erase(entries_.begin());
  NoteOldest();
}

void ProducerTable::NoteOldest() {
  oldest_ms_.store(entries_.empty() ? kNobody : entries_.back().last_append_ms,
                   std::memory_order_relaxed);
}

}  // namespace walrus
