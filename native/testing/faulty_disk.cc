#include "testing/faulty_disk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace walrus {

FaultyImage::Page* FaultyImage::Writable(uint64_t page) {
  std::shared_ptr<Page>& slot = pages_[page];
  if (slot == nullptr) {
    slot = std::make_shared<Page>();
  } else if (slot.use_count() > 1) {
    slot = std::make_shared<Page>(*slot);
  }
  return slot.get();
}

void FaultyImage::Write(uint64_t position, std::span<const std::byte> bytes) {
  size_ = std::max<uint64_t>(size_, position + bytes.size());
  while (!bytes.empty()) {
    const uint64_t in_page = position % kFaultyPageBytes;
    const size_t piece =
        std::min<size_t>(bytes.size(), kFaultyPageBytes - in_page);
    std::memcpy(Writable(position / kFaultyPageBytes)->data() + in_page,
                bytes.data(), piece);
    position += piece;
    bytes = bytes.subspan(piece);
  }
}

void FaultyImage::Punch(uint64_t position, uint64_t length) {
  const uint64_t end = std::min(position + length, size_);
  if (position >= end) return;
  for (const uint64_t page : PagesBetween(position / kFaultyPageBytes,
                                          (end - 1) / kFaultyPageBytes)) {
    const uint64_t page_start = page * kFaultyPageBytes;
    const uint64_t from = std::max(position, page_start);
    const uint64_t to = std::min(end, page_start + kFaultyPageBytes);
    if (to - from == kFaultyPageBytes || (from == page_start && to == size_)) {
      pages_.erase(page);
    } else {
      std::memset(Writable(page)->data() + (from - page_start), 0, to - from);
    }
  }
}

void FaultyImage::Resize(uint64_t size) {
  if (size < size_) Punch(size, size_ - size);
  size_ = size;
}

void FaultyImage::Allocate(uint64_t position, uint64_t length) {
  static const auto zeros = std::make_shared<Page>();
  if (length == 0) return;
  const uint64_t last = (position + length - 1) / kFaultyPageBytes;
  for (uint64_t page = position / kFaultyPageBytes; page <= last; ++page) {
    pages_.try_emplace(page, zeros);
  }
  size_ = std::max(size_, position + length);
}

size_t FaultyImage::Read(uint64_t position, std::span<std::byte> to) const {
  if (position >= size_) return 0;
  to = to.first(std::min<uint64_t>(to.size(), size_ - position));
  const size_t total = to.size();
  while (!to.empty()) {
    const uint64_t in_page = position % kFaultyPageBytes;
    const size_t piece =
        std::min<size_t>(to.size(), kFaultyPageBytes - in_page);
    const auto page = pages_.find(position / kFaultyPageBytes);
    if (page == pages_.end()) {
      std::memset(to.data(), 0, piece);
    } else {
      std::memcpy(to.data(), page->second->data() + in_page, piece);
    }
    position += piece;
    to = to.subspan(piece);
  }
  return total;
}

void FaultyImage::CopyPages(const FaultyImage& from,
                            const std::set<uint64_t>& pages) {
  for (const uint64_t page : pages) {
    const auto found = from.pages_.find(page);
    if (found == from.pages_.end()) {
      pages_.erase(page);
    } else {
      pages_[page] = found->second;
    }
  }
  Resize(from.size_);
}

std::vector<uint64_t> FaultyImage::PagesBetween(uint64_t first,
                                                uint64_t last) const {
  std::vector<uint64_t> found;
  for (auto page = pages_.lower_bound(first);
       page != pages_.end() && page->first <= last; ++page) {
    found.push_back(page->first);
  }
  return found;
}

bool FaultyImage::SameBytes(const FaultyImage& other) const {
  if (size_ != other.size_) return false;
  static const Page zeros{};
  const auto page_of = [](const FaultyImage& image, uint64_t page) {
    const auto found = image.pages_.find(page);
    return found == image.pages_.end() ? &zeros : found->second.get();
  };
  const auto covers = [&page_of](const FaultyImage& a, const FaultyImage& b) {
    return std::all_of(a.pages_.begin(), a.pages_.end(), [&](const auto& page) {
      const Page* twin = page_of(b, page.first);
      return twin == page.second.get() || *twin == *page.second;
    });
  };
  return covers(*this, other) && covers(other, *this);
}

void FaultyChange::ApplyTo(FaultyImage* image) const {
  switch (kind) {
    case Kind::kWrite:
      image->Write(position, bytes);
      return;
    case Kind::kPunch:
      image->Punch(position, length);
      return;
    case Kind::kResize:
      image->Resize(position);
      return;
    case Kind::kAllocate:
      image->Allocate(position, length);
      return;
  }
}

void FaultyNode::Change(FaultyChange change) {
  // The pages that the change touches: before it for those that go, after it
  // for those that come.
  const auto mark = [this, &change] {
    const bool to_the_end = change.kind == FaultyChange::Kind::kResize;
    const uint64_t end =
        to_the_end ? UINT64_MAX
                   : change.position +
                         std::max<uint64_t>(change.length, change.bytes.size());
    for (const uint64_t page : current.PagesBetween(
             change.position / kFaultyPageBytes,
             end == UINT64_MAX ? end : end / kFaultyPageBytes)) {
      dirty.insert(page);
    }
  };
  mark();
  change.ApplyTo(&current);
  mark();
  unsynced.push_back(std::move(change));
}

void FaultyNode::Sync() {
  synced.CopyPages(current, dirty);
  dirty.clear();
  unsynced.clear();
}

void FaultyNode::DropCache() {
  FaultyImage next = synced;
  next.CopyPages(current, dirty);
  unsynced.clear();
  // What is still to be written, page by page.
  for (const uint64_t page : dirty) {
    FaultyChange change;
    change.position = page * kFaultyPageBytes;
    change.length = kFaultyPageBytes;
    if (next.HasPage(page)) {
      change.bytes.resize(kFaultyPageBytes);
      change.bytes.resize(next.Read(change.position, change.bytes));
    } else {
      change.kind = FaultyChange::Kind::kPunch;
    }
    unsynced.push_back(std::move(change));
  }
  current = std::move(next);
}

void ApplyName(const FaultyNameChange& change, FaultyNames* names) {
  if (!change.from.empty()) names->erase(change.from);
  if (!change.to.empty()) (*names)[change.to] = change.node;
}

std::optional<Fault> FaultyFileSystem::State::Enter(FaultyCall call,
                                                    const std::string& path,
                                                    bool changes) {
  std::function<void(FaultyCall, const std::string&)> called;
  {
    const std::lock_guard lock(mutex);
    called = hook;
  }
  if (called) called(call, path);
  const std::lock_guard lock(mutex);
  ++calls[static_cast<size_t>(call)];
  if (changes) ++calls[static_cast<size_t>(FaultyCall::kAnyChange)];
  for (auto active = faults.begin(); active != faults.end(); ++active) {
    const Fault fault = active->fault;
    const bool concerned =
        (fault.call == call ||
         (fault.call == FaultyCall::kAnyChange && changes)) &&
        path.find(fault.path_contains) != std::string::npos &&
        (fault.path_spares.empty() ||
         path.find(fault.path_spares) == std::string::npos);
    if (!concerned || ++active->seen < fault.nth) continue;
    if (!fault.forever) faults.erase(active);
    return fault;
  }
  return std::nullopt;
}

void FaultyFileSystem::State::RecordName(FaultyNameChange change) {
  ApplyName(change, &files);
  unsynced_names.push_back(std::move(change));
}

bool FaultyFileSystem::State::ChangeLocked(FaultyNode* node,
                                           FaultyChange change) {
  const bool is_write = change.kind == FaultyChange::Kind::kWrite;
  const bool takes_space =
      is_write || change.kind == FaultyChange::Kind::kAllocate;
  bool fits = true;
  if (takes_space && pages_max.has_value() && node->linked) {
    const uint64_t length = is_write ? change.bytes.size() : change.length;
    uint64_t free_pages = *pages_max - std::min(*pages_max, used_pages);
    uint64_t end = change.position;
    while (fits && end < change.position + length) {
      const uint64_t page = end / kFaultyPageBytes;
      if (!node->current.HasPage(page)) {
        if (free_pages == 0) {
          fits = false;
          break;
        }
        --free_pages;
      }
      end = std::min((page + 1) * kFaultyPageBytes, change.position + length);
    }
    if (!fits && is_write) change.bytes.resize(end - change.position);
    if (!fits && (!is_write || change.bytes.empty())) return false;
  }
  const size_t before = node->current.page_count();
  node->Change(std::move(change));
  if (node->linked) used_pages += node->current.page_count() - before;
  return fits;
}

void FaultyFileSystem::State::UnlinkLocked(const std::string& path) {
  const auto found = files.find(path);
  if (found == files.end()) return;
  found->second->linked = false;
  used_pages -= found->second->current.page_count();
}

size_t BytesBefore(const Fault& fault, size_t bytes) {
  if (fault.bytes_before == Fault::kHalf) return bytes / 2;
  return std::min<uint64_t>(bytes, fault.bytes_before);
}

std::string NormalizePath(const std::string& path) {
  std::string normal;
  for (const char c : path) {
    if (c == '/' && !normal.empty() && normal.back() == '/') continue;
    normal += c;
  }
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

std::string ParentPath(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace walrus
