#include "binding/reports.h"

#include <string>
#include <vector>

#include "binding/convert.h"

namespace walrus::binding {

namespace {

Napi::Value Number(Napi::Env env, uint64_t number) {
  return Napi::Value(env, NumberValue(env, number));
}

template <typename Item, typename Fill>
Napi::Array List(Napi::Env env, const std::vector<Item>& items,
                 const Fill& fill) {
  Napi::Array list = Napi::Array::New(env, items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    Napi::Object object = Napi::Object::New(env);
    fill(items[i], &object);
    list.Set(static_cast<uint32_t>(i), object);
  }
  return list;
}

}  // namespace

Napi::Array TextList(Napi::Env env, const std::vector<std::string>& texts) {
  Napi::Array list = Napi::Array::New(env, texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    list.Set(static_cast<uint32_t>(i), Napi::String::New(env, texts[i]));
  }
  return list;
}

void SetLogId(Napi::Env env, const LogId& id, Napi::Object* object) {
  object->Set("topicId", Napi::Buffer<uint8_t>::Copy(env, id.topic_id.data(),
                                                     id.topic_id.size()));
  object->Set("partition", Number(env, id.partition));
}

Napi::Object LogSnapshotObject(Napi::Env env, const LogSnapshot& info) {
  Napi::Object object = Napi::Object::New(env);
  SetLogId(env, info.id, &object);
  object.Set("startOffset", Number(env, info.start_offset));
  object.Set("writtenEnd", Number(env, info.written_end));
  object.Set("syncedEnd", Number(env, info.synced_end));
  object.Set("readableEnd", Number(env, info.readable_end));
  object.Set("nextOffset", Number(env, info.next_offset));
  object.Set("storedBytes", Number(env, info.stored_bytes));
  object.Set("diskBytes", Number(env, info.disk_bytes));
  object.Set("leaderEpoch", Number(env, info.leader_epoch));
  object.Set("corruptOffset", info.corrupt_offset
                                  ? Number(env, *info.corrupt_offset)
                                  : env.Null());
  return object;
}

Napi::Object RecoveryReportObject(Napi::Env env, const RecoveryReport& report) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("previousCloseWasClean",
             Napi::Boolean::New(env, report.previous_close_was_clean));
  object.Set("leaderEpochBumped",
             Napi::Boolean::New(env, report.leader_epoch_bumped));
  object.Set("journalGroupsReplayed",
             Number(env, report.journal_groups_replayed));
  object.Set("bytesRead", Number(env, report.bytes_read));
  object.Set("cuts",
             List(env, report.cuts,
                  [env](const RecoveryReport::Cut& cut, Napi::Object* item) {
                    SetLogId(env, cut.log, item);
                    item->Set("offset", Number(env, cut.offset));
                    item->Set("bytes", Number(env, cut.bytes));
                  }));
  object.Set("corruptions",
             List(env, report.corruptions,
                  [env](const RecoveryReport::Corruption& corruption,
                        Napi::Object* item) {
                    SetLogId(env, corruption.log, item);
                    item->Set("offset", Number(env, corruption.offset));
                    item->Set("what", Napi::String::New(env, corruption.what));
                    item->Set(
                        "quarantinePath",
                        Napi::String::New(env, corruption.quarantine_path));
                  }));
  object.Set("clampedCursors",
             List(env, report.clamped_cursors,
                  [env](const RecoveryReport::ClampedCursor& cursor,
                        Napi::Object* item) {
                    SetLogId(env, cursor.log, item);
                    item->Set("reader", Napi::String::New(env, cursor.reader));
                    item->Set("from", Number(env, cursor.from));
                    item->Set("to", Number(env, cursor.to));
                  }));
  object.Set("notes", TextList(env, report.notes));
  return object;
}

Napi::Object StatsObject(Napi::Env env, const WalStats& stats,
                         uint64_t wakeups) {
  Napi::Object object = Napi::Object::New(env);
  const bool is_fenced = !stats.fence.ok();
  object.Set("fence", is_fenced ? Napi::Value(env, ErrorValue(env, stats.fence))
                                : env.Null());
  object.Set("queuedBytes", Number(env, stats.queued_bytes));
  object.Set("appends", Number(env, stats.appends));
  object.Set("appendedBytes", Number(env, stats.appended_bytes));
  object.Set("commitGroups", Number(env, stats.commit_groups));
  object.Set("syncs", Number(env, stats.syncs));
  object.Set("writtenBytes", Number(env, stats.written_bytes));
  object.Set("journaledGroups", Number(env, stats.journaled_groups));
  object.Set("openFiles", Number(env, stats.open_files));
  object.Set("duplicateAppends", Number(env, stats.duplicate_appends));
  object.Set("producers", Number(env, stats.producers));
  object.Set("backend", Napi::String::New(env, std::string(stats.backend)));
  object.Set("wakeups", Number(env, wakeups));
  return object;
}

}  // namespace walrus::binding
