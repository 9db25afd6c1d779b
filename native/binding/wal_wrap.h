// WalWrap: the JavaScript class `Wal`. Its methods are in wal_wrap.cc (life),
// wal_wrap_log.cc (logs, cursors), wal_wrap_append.cc, wal_wrap_read.cc,
// wal_wrap_reader.cc (named readers, watched logs) and wal_wrap_retention.cc
// (logs by their ids).
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
#include "wal/entry_table.h"

namespace walrus::binding {

/// What one environment (the main thread, or one worker) keeps of the addon.
struct AddonState {
  Napi::FunctionReference wal_class;
  /// Handed from Wal.open() and openAsync() to the constructor; JavaScript has
  /// no other way in.
  std::shared_ptr<Attachment> opened;
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
  void SetSigned(size_t index, int64_t number) {
    numbers_[index] = static_cast<double>(number);
  }

 private:
  Napi::Reference<Napi::Float64Array> array_;
  std::span<double> numbers_;
};

/// One handle on an open log directory in JavaScript.
///
/// Life: Open(), or the end of OpenAsync(), to Close(). In between the object
/// references itself, so that a handle nobody holds is not collected with
/// appends in flight, and a hook closes it when its environment goes down
/// first. After Close() every call
/// throws CLOSED.
///
/// Threads: the loop thread of its environment.
class WalWrap final : public Napi::ObjectWrap<WalWrap> {
 public:
  /// Defines the class in the environment.
  static Napi::Function Define(Napi::Env env);

  /// For JavaScript: refuses unless an opening calls it.
  explicit WalWrap(const Napi::CallbackInfo& info);

 private:
  struct ReadArguments {
    Log* log = nullptr;
    uint64_t offset = 0;
    size_t max_bytes = 0;
  };

  // Life.
  static Napi::Value Open(const Napi::CallbackInfo& info);
  static Napi::Value OpenAsync(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);
  Napi::Value CloseSync(const Napi::CallbackInfo& info);
  static void OnTeardown(void* argument);
  void FinishClose(napi_env env);
  void DetachWhenIdle(napi_env env);

  // Logs and cursors.
  Napi::Value OpenLog(const Napi::CallbackInfo& info);
  Napi::Value ListLogs(const Napi::CallbackInfo& info);
  Napi::Value GetLogInfo(const Napi::CallbackInfo& info);
  Napi::Value ReadableEnd(const Napi::CallbackInfo& info);
  Napi::Value LoadLogState(const Napi::CallbackInfo& info);
  Napi::Value CommitCursor(const Napi::CallbackInfo& info);
  Napi::Value CommitCursorSync(const Napi::CallbackInfo& info);
  Napi::Value DeleteCursor(const Napi::CallbackInfo& info);
  Napi::Value Cursor(const Napi::CallbackInfo& info);
  Napi::Value Truncate(const Napi::CallbackInfo& info);
  Napi::Value DeleteLog(const Napi::CallbackInfo& info);
  Napi::Value DeleteLogs(const Napi::CallbackInfo& info);
  Napi::Value Stats(const Napi::CallbackInfo& info);

  // Logs by their ids: `count` partitions of a topic from `id` on.
  struct LogRange {
    LogId id;
    uint32_t count = 0;
  };
  /// From the first three arguments; false: threw.
  bool ReadLogRange(const Napi::CallbackInfo& info, LogRange* range);
  Napi::Value LogStates(const Napi::CallbackInfo& info);
  Napi::Value ConfigureLogs(const Napi::CallbackInfo& info);
  Napi::Value FindExpired(const Napi::CallbackInfo& info);

  // Appends.
  Napi::Value Append(const Napi::CallbackInfo& info);
  Napi::Value AppendSync(const Napi::CallbackInfo& info);
  Napi::Value AppendEntrySync(const Napi::CallbackInfo& info);
  Napi::Value AppendEntriesSync(const Napi::CallbackInfo& info);
  Napi::Value AppendEntry(const Napi::CallbackInfo& info);
  Napi::Value AppendEntries(const Napi::CallbackInfo& info);
  Napi::Value OnSettled(const Napi::CallbackInfo& info);
  Napi::Value AppendPack(Napi::Env env, Log* log, PendingOperation* operation,
                         std::span<const napi_value> values);
  Napi::Value Appended(Napi::Env env, const AppendResult& result);

  // Reads.
  Napi::Value Read(const Napi::CallbackInfo& info);
  Napi::Value ReadNow(const Napi::CallbackInfo& info);
  Napi::Value ReadSync(const Napi::CallbackInfo& info);
  Napi::Value ReadEntries(const Napi::CallbackInfo& info);
  Napi::Value OffsetForTimestamp(const Napi::CallbackInfo& info);
  Napi::Value ReadBlocking(const Napi::CallbackInfo& info, bool may_wait);
  bool ReadReadArguments(const Napi::CallbackInfo& info,
                         ReadArguments* arguments);

  // Named readers and watched logs.
  struct WatchedLog {
    Log* log = nullptr;
    const SharedLog* shared = nullptr;
    uint64_t told_end = 0;
    bool told_deleted = false;
  };
  Napi::Value OpenReader(const Napi::CallbackInfo& info);
  Napi::Value ReaderPosition(const Napi::CallbackInfo& info);
  Napi::Value AdvanceReader(const Napi::CallbackInfo& info);
  Napi::Value MoveReader(const Napi::CallbackInfo& info);
  Napi::Value RemoveReader(const Napi::CallbackInfo& info);
  Napi::Value ListCursors(const Napi::CallbackInfo& info);
  Napi::Value ListCursorsOf(const Napi::CallbackInfo& info);
  Napi::Value ListProducers(const Napi::CallbackInfo& info);
  Napi::Value CursorList(Napi::Env env, const Log* log);
  Napi::Value OnReadable(const Napi::CallbackInfo& info);
  Napi::Value Watch(const Napi::CallbackInfo& info);
  Napi::Value Unwatch(const Napi::CallbackInfo& info);
  void TellReadable(napi_env env);
  void UnwatchAll(napi_env env);
  /// nullptr: threw.
  NamedReader* ReaderArgument(const Napi::CallbackInfo& info);

  /// False: threw CLOSED.
  bool IsOpen(Napi::Env env);
  /// The log whose handle is the first argument; nullptr: threw.
  Log* LogArgument(const Napi::CallbackInfo& info);
  /// What the process's threads share about it; REQUIRES a log's handle in the
  /// first argument.
  SharedLog* SharedLogOf(const Napi::CallbackInfo& info, Log* log);
  Engine& engine() { return *attachment_->engine(); }
  CompletionQueue& queue() { return *attachment_->queue(); }
  Wal& wal() { return engine().wal(); }

  /// A log that has a handle; what is shared about it once it was asked for.
  struct OpenedLog {
    Log* log = nullptr;
    SharedLog* shared = nullptr;
  };

  std::shared_ptr<Attachment> attachment_;  ///< empty once closed
  std::vector<OpenedLog> logs_;             ///< by handle
  std::unordered_map<Log*, uint32_t> handles_;
  std::vector<NamedReader*> readers_;  ///< by handle
  std::unordered_map<NamedReader*, uint32_t> reader_handles_;
  std::unordered_map<uint32_t, WatchedLog> watched_;  ///< by the log's handle
  Napi::FunctionReference on_readable_;
  Chunks chunks_;       ///< memory that append calls use again
  EntryTable entries_;  ///< memory that reads use again
  /// Base offset, record count, 1 for a duplicate, append time.
  SharedNumbers last_append_;
  SharedNumbers log_state_;              ///< what LoadLogState() filled in last
  Napi::ObjectReference close_promise_;  ///< empty until Close()
  napi_deferred close_deferred_ = nullptr;
  bool is_detaching_ = false;
};

}  // namespace walrus::binding

#endif  // WALRUS_BINDING_WAL_WRAP_H_
