// WalWrap: the JavaScript class `Wal`. Its methods are in wal_wrap.cc (life,
// logs, cursors), wal_wrap_append.cc and wal_wrap_read.cc.
#ifndef WALRUS_BINDING_WAL_WRAP_H_
#define WALRUS_BINDING_WAL_WRAP_H_

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "binding/convert.h"
#include "binding/engine.h"
#include "binding/node_api.h"

namespace walrus::binding {

/// What one environment (the main thread, or one worker) keeps of the addon.
struct AddonState {
  Napi::FunctionReference wal_class;
  /// Handed from Wal.open() to the constructor; JavaScript has no other way in.
  std::unique_ptr<Wal> opened;
  std::shared_ptr<CompletionQueue> queue;
};

/// Numbers that JavaScript reads without a call: a Float64Array and where its
/// elements are.
class SharedNumbers {
 public:
  void Allocate(Napi::Env env, size_t count) {
    array_ = Napi::Reference<Napi::Float64Array>::New(
        Napi::Float64Array::New(env, count), 1);
    numbers_ = {array_.Value().Data(), count};
  }
  Napi::Float64Array array() const { return array_.Value(); }
  void Set(size_t index, uint64_t number) {
    numbers_[index] = static_cast<double>(number);
  }

 private:
  Napi::Reference<Napi::Float64Array> array_;
  std::span<double> numbers_;
};

/// One open log directory in JavaScript.
///
/// Life: Open() to Close(). In between the object references itself, so that a
/// handle nobody holds is not collected with appends in flight, and a hook
/// closes it when its environment goes down first. After Close() every call
/// throws CLOSED.
///
/// Threads: the loop thread of its environment.
class WalWrap final : public Napi::ObjectWrap<WalWrap> {
 public:
  /// Defines the class in the environment.
  static Napi::Function Define(Napi::Env env);

  /// For JavaScript: refuses unless Open() calls it.
  explicit WalWrap(const Napi::CallbackInfo& info);

 private:
  struct ReadArguments {
    Log* log = nullptr;
    uint64_t offset = 0;
    size_t max_bytes = 0;
  };

  // Life.
  static Napi::Value Open(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);
  Napi::Value CloseSync(const Napi::CallbackInfo& info);
  static void OnTeardown(void* argument);
  void FinishClose(napi_env env);

  // Logs and cursors.
  Napi::Value OpenLog(const Napi::CallbackInfo& info);
  Napi::Value ListLogs(const Napi::CallbackInfo& info);
  Napi::Value GetLogInfo(const Napi::CallbackInfo& info);
  Napi::Value ReadableEnd(const Napi::CallbackInfo& info);
  Napi::Value LoadLogState(const Napi::CallbackInfo& info);
  Napi::Value CommitCursor(const Napi::CallbackInfo& info);
  Napi::Value CommitCursorSync(const Napi::CallbackInfo& info);
  Napi::Value Cursor(const Napi::CallbackInfo& info);
  Napi::Value Truncate(const Napi::CallbackInfo& info);
  Napi::Value DeleteLog(const Napi::CallbackInfo& info);
  Napi::Value Stats(const Napi::CallbackInfo& info);

  // Appends.
  Napi::Value Append(const Napi::CallbackInfo& info);
  Napi::Value AppendSync(const Napi::CallbackInfo& info);
  Napi::Value AppendEntrySync(const Napi::CallbackInfo& info);
  Napi::Value AppendEntriesSync(const Napi::CallbackInfo& info);
  Napi::Value OnSettled(const Napi::CallbackInfo& info);
  Napi::Value AppendPartsSync(Napi::Env env, Log* log,
                              std::span<const iovec> parts);
  Napi::Value Appended(Napi::Env env, const AppendResult& result);

  // Reads.
  Napi::Value Read(const Napi::CallbackInfo& info);
  Napi::Value ReadNow(const Napi::CallbackInfo& info);
  Napi::Value ReadSync(const Napi::CallbackInfo& info);
  Napi::Value OffsetForTimestamp(const Napi::CallbackInfo& info);
  Napi::Value ReadBlocking(const Napi::CallbackInfo& info, bool may_wait);
  bool ReadReadArguments(const Napi::CallbackInfo& info,
                         ReadArguments* arguments);

  /// False: threw CLOSED.
  bool IsOpen(Napi::Env env);
  /// The log whose handle is the first argument; nullptr: threw.
  Log* LogArgument(const Napi::CallbackInfo& info);
  Wal& wal() { return engine_->wal(); }

  std::shared_ptr<Engine> engine_;  ///< empty once closed
  std::vector<Log*> logs_;          ///< by handle
  std::unordered_map<Log*, uint32_t> handles_;
  Chunks chunks_;                        ///< memory that append calls use again
  SharedNumbers last_append_;            ///< base offset, record count
  SharedNumbers log_state_;              ///< what LoadLogState() filled in last
  Napi::ObjectReference close_promise_;  ///< empty until Close()
};

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_WAL_WRAP_H_
