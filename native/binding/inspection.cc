#include "binding/inspection.h"

#include <memory>
#include <string>
#include <utility>

#include "binding/async_call.h"
#include "binding/convert.h"
#include "binding/reports.h"
#include "wal/inspect.h"
#include "wal/repair.h"

namespace walrus::binding {

namespace {

/// A plain object under construction.
class Item {
 public:
  Item(Napi::Env env, const char* kind)
      : env_(env), object_(Napi::Object::New(env)) {
    Set("kind", kind);
  }

  void Set(const char* name, uint64_t number) {
    object_.Set(name, Napi::Value(env_, NumberValue(env_, number)));
  }
  void SetSigned(const char* name, int64_t number) {
    object_.Set(name, Napi::Number::New(env_, static_cast<double>(number)));
  }
  void Set(const char* name, bool flag) {
    object_.Set(name, Napi::Boolean::New(env_, flag));
  }
  void Set(const char* name, const char* text) {
    object_.Set(name, Napi::String::New(env_, text));
  }
  void Set(const char* name, const std::string& text) {
    object_.Set(name, Napi::String::New(env_, text));
  }
  void SetNull(const char* name) { object_.Set(name, env_.Null()); }
  void SetLog(const LogId& id) { SetLogId(env_, id, &object_); }
  Napi::Object object() const { return object_; }

 private:
  Napi::Env env_;
  Napi::Object object_;
};

const char* ProblemName(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::kDamage:
      return "damage";
    case ProblemKind::kTorn:
      return "torn";
    case ProblemKind::kNotice:
      return "notice";
  }
  return "damage";
}

Napi::Object ProblemObject(Napi::Env env, const InspectProblem& problem) {
  Item item(env, "problem");
  item.Set("problem", ProblemName(problem.kind));
  item.Set("fileId", problem.file_id);
  item.Set("blockId", problem.block_id);
  if (problem.log) {
    item.SetLog(*problem.log);
  } else {
    item.SetNull("topicId");
    item.SetNull("partition");
  }
  item.Set("offset", problem.offset);
  item.Set("position", problem.position);
  item.Set("what", problem.what);
  return item.object();
}

/// Hands everything it is told to a JavaScript function. After the function
/// threw it is not called again; the exception stays pending.
class CallingVisitor final : public InspectVisitor {
 public:
  CallingVisitor(Napi::Env env, Napi::Function on_item)
      : env_(env), on_item_(on_item) {}

  void OnFile(const InspectedFile& file) override {
    const Napi::HandleScope scope(env_);
    Item item(env_, "file");
    item.Set("fileId", file.header.file_id);
    item.Set("bytes", file.bytes);
    item.Set("blockBytes", file.header.block_bytes);
    item.Set("blocksPerFile", uint64_t{file.header.blocks_per_file});
    Call(item.object());
  }

  void OnBlock(const InspectedBlock& block) override {
    const Napi::HandleScope scope(env_);
    const BlockHeader& header = block.header;
    Item item(env_, "block");
    item.SetLog(header.log);
    item.Set("blockId", header.block_id);
    item.Set("fileId", header.file_id);
    item.Set("position", block.position);
    item.Set("bytes", block.bytes);
    item.Set("ordinal", header.ordinal);
    item.Set("baseOffset", header.base_offset);
    item.Set("leaderEpoch", uint64_t{header.leader_epoch});
    item.Set("syncedThrough", header.synced_through);
    item.Set("sealed", block.checkpoint && block.checkpoint->sealed);
    item.Set("deleted", block.deleted);
    Call(item.object());
  }

  void OnRun(const InspectedBlock&, const InspectedRun& run) override {
    const Napi::HandleScope scope(env_);
    const CommitFrame& frame = run.frame;
    Item item(env_, "run");
    item.SetLog(frame.log);
    item.Set("blockId", frame.block_id);
    item.Set("position", run.position);
    item.Set("bytes", uint64_t{frame.run_length});
    item.Set("batchCount", uint64_t{frame.batch_count});
    item.Set("baseOffset", frame.base_offset);
    item.Set("nextOffset", frame.next_offset);
    item.Set("leaderEpoch", uint64_t{frame.leader_epoch});
    item.Set("syncedThrough", frame.synced_through);
    item.SetSigned("maxTimestamp", frame.max_timestamp);
    item.Set("lastOfCall", frame.last_of_call);
    item.Set("intact", run.intact);
    Call(item.object());
  }

  void OnBatch(const InspectedBlock& block,
               const InspectedBatch& batch) override {
    const Napi::HandleScope scope(env_);
    const BatchHeader& header = batch.header;
    Item item(env_, "batch");
    item.SetLog(block.header.log);
    item.Set("blockId", block.header.block_id);
    item.Set("position", batch.position);
    item.Set("bytes", header.TotalBytes());
    item.SetSigned("baseOffset", header.base_offset);
    item.SetSigned("recordCount", header.record_count);
    item.SetSigned("maxTimestamp", header.max_timestamp);
    item.SetSigned("attributes", header.attributes);
    item.SetSigned("producerId", header.producer_id);
    item.Set("crc", uint64_t{header.crc});
    Call(item.object());
  }

  void OnProblem(const InspectProblem& problem) override {
    const Napi::HandleScope scope(env_);
    Call(ProblemObject(env_, problem));
  }

 private:
  void Call(const Napi::Object& item) {
    if (env_.IsExceptionPending()) return;
    on_item_.Call({item});
  }

  Napi::Env env_;
  Napi::Function on_item_;
};

Napi::Object LogObject(Napi::Env env, const VerifiedLog& log) {
  Item item(env, "log");
  Napi::Object object = item.object();
  SetLogId(env, log.log, &object);
  item.Set("startOffset", log.start_offset);
  item.Set("endOffset", log.end_offset);
  item.Set("blocks", log.blocks);
  item.Set("runs", log.runs);
  item.Set("batches", log.batches);
  item.Set("records", log.records);
  item.Set("bytes", log.bytes);
  return object;
}

Napi::Array ProblemList(Napi::Env env,
                        const std::vector<InspectProblem>& problems) {
  Napi::Array list = Napi::Array::New(env, problems.size());
  for (size_t i = 0; i < problems.size(); ++i) {
    list.Set(static_cast<uint32_t>(i), ProblemObject(env, problems[i]));
  }
  return list;
}

const char* RepairName(RepairKind kind) {
  switch (kind) {
    case RepairKind::kLogCut:
      return "log-cut";
    case RepairKind::kStartMoved:
      return "start-moved";
    case RepairKind::kUnitCleared:
      return "unit-cleared";
    case RepairKind::kHeaderRestored:
      return "header-restored";
  }
  return "log-cut";
}

Napi::Object ActionObject(Napi::Env env, const RepairAction& action) {
  Item item(env, RepairName(action.kind));
  if (action.log) {
    item.SetLog(*action.log);
  } else {
    item.SetNull("topicId");
    item.SetNull("partition");
  }
  item.Set("fileId", action.file_id);
  item.Set("blockId", action.block_id);
  item.Set("offset", action.offset);
  item.Set("bytes", action.bytes);
  item.Set("what", action.what);
  item.object().Set("quarantinePaths", TextList(env, action.quarantine_paths));
  return item.object();
}

Napi::Object RepairReportObject(Napi::Env env, const RepairReport& report) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("applied", Napi::Boolean::New(env, !report.dry_run));
  object.Set("previousCloseWasClean",
             Napi::Boolean::New(env, report.previous_close_was_clean));
  Napi::Array actions = Napi::Array::New(env, report.actions.size());
  for (size_t i = 0; i < report.actions.size(); ++i) {
    actions.Set(static_cast<uint32_t>(i), ActionObject(env, report.actions[i]));
  }
  object.Set("actions", actions);
  object.Set("problems", ProblemList(env, report.problems));
  return object;
}

Napi::Object VerifyReportObject(Napi::Env env, const VerifyReport& report) {
  Item item(env, "report");
  item.Set("damaged", report.damaged());
  item.Set("previousCloseWasClean", report.previous_close_was_clean);
  item.Set("files", report.files);
  item.Set("blocks", report.blocks);
  item.Set("runs", report.runs);
  item.Set("batches", report.batches);
  item.Set("records", report.records);
  item.Set("bytesRead", report.bytes_read);
  Napi::Array logs = Napi::Array::New(env, report.logs.size());
  for (size_t i = 0; i < report.logs.size(); ++i) {
    logs.Set(static_cast<uint32_t>(i), LogObject(env, report.logs[i]));
  }
  item.object().Set("logs", logs);
  item.object().Set("problems", ProblemList(env, report.problems));
  return item.object();
}

}  // namespace

Napi::Value Inspect(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  InspectOptions options;
  if (!ReadString(env, info[0], "directory", &options.directory)) return {};
  if (!info[1].IsFunction()) {
    ThrowInvalid(env, "onItem is not a function");
    return {};
  }
  CallingVisitor visitor(env, info[1].As<Napi::Function>());
  const Status status = InspectInstance(options, &visitor);
  if (!status.ok()) ThrowStatus(env, status);
  return env.Undefined();
}

Napi::Value Verify(const Napi::CallbackInfo& info) {
  InspectOptions options;
  if (!ReadString(info.Env(), info[0], "directory", &options.directory)) {
    return {};
  }
  const auto report = std::make_shared<VerifyReport>();
  AsyncCall call;
  call.name = "walrus.verify";
  call.work = [options, report] {
    return VerifyInstance(options, report.get());
  };
  call.value = [report](napi_env env) -> napi_value {
    return VerifyReportObject(env, *report);
  };
  return {info.Env(), StartAsyncCall(info.Env(), std::move(call))};
}

Napi::Value Repair(const Napi::CallbackInfo& info) {
  RepairOptions options;
  if (!ReadString(info.Env(), info[0], "directory", &options.directory)) {
    return {};
  }
  if (!info[1].IsBoolean()) {
    ThrowInvalid(info.Env(), "apply is not a boolean");
    return {};
  }
  options.dry_run = !info[1].As<Napi::Boolean>().Value();
  const auto report = std::make_shared<RepairReport>();
  AsyncCall call;
  call.name = "walrus.repair";
  call.work = [options, report] {
    return walrus::Repair(options, report.get());
  };
  call.value = [report](napi_env env) -> napi_value {
    return RepairReportObject(env, *report);
  };
  return {info.Env(), StartAsyncCall(info.Env(), std::move(call))};
}

}  // namespace walrus::binding
