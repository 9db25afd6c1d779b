#include "binding/constants.h"

#include "wal/batch_header.h"
#include "wal/block_writer.h"
#include "wal/cursor_file.h"
#include "wal/format.h"
#include "wal/format_codec.h"
#include "wal/instance_lock.h"
#include "wal/wal.h"

namespace walrus::binding {

namespace {

struct Constant {
  const char* name;
  uint64_t value;
};

constexpr Constant kFormat[] = {
    {"formatVersion", kFormatVersion},
    {"fileHeaderAreaBytes", kFileHeaderAreaBytes},
    {"fileHeaderBytes", kFileHeaderBytes},
    {"fileHeaderCopyPosition", kFileHeaderCopyPosition},
    {"blockBytesMin", kBlockBytesMin},
    {"blockBytesMax", kBlockBytesMax},
    {"blocksPerFileMax", kBlocksPerFileMax},
    {"dataFileBytesMax", kDataFileBytesMax},
    {"openFilesMaxLeast", kOpenFilesMaxLeast},
    {"openFilesMaxMost", kOpenFilesMaxMost},
    {"blockHeaderAreaBytes", kBlockHeaderAreaBytes},
    {"blockHeaderBytes", kBlockHeaderBytes},
    {"blockHeaderCopyPosition", kBlockHeaderCopyPosition},
    {"checkpointBytes", kCheckpointBytes},
    {"checkpointPositionA", kCheckpointPositions[0]},
    {"checkpointPositionB", kCheckpointPositions[1]},
    {"checkpointStepBytes", kCheckpointStepBytes},
    {"frameBytes", kFrameBytes},
    {"frameAlignment", kFrameAlignment},
    {"runBytesMax", kRunBytesMax},
    {"indexStepBytes", kIndexStepBytes},
    {"batchHeaderBytes", kBatchHeaderBytes},
    {"journalHeaderAreaBytes", kJournalHeaderAreaBytes},
    {"journalHeaderBytes", kJournalHeaderBytes},
    {"journalHeaderCopyPosition", kJournalHeaderCopyPosition},
    {"groupHeaderBytes", kGroupHeaderBytes},
    {"groupEntryBytes", kGroupEntryBytes},
    {"cursorFileHeaderAreaBytes", kCursorFileHeaderAreaBytes},
    {"cursorFileHeaderBytes", kCursorFileHeaderBytes},
    {"cursorFileHeaderCopyPosition", kCursorFileHeaderCopyPosition},
    {"cursorRecordHeaderBytes", kCursorRecordHeaderBytes},
    {"cursorRecordAlignment", kCursorRecordAlignment},
    {"readerNameBytesMax", kReaderNameBytesMax},
    {"lockRecordBytes", kLockRecordBytes},
    {"lockRecordPositionB", kLockRecordPositions[1]},
    {"bootIdBytesMax", kBootIdBytesMax},
};

void SetNumber(Napi::Object* object, const char* name, uint64_t value) {
  object->Set(name,
              Napi::Number::New(object->Env(), static_cast<double>(value)));
}

Napi::Object DefaultsObject(Napi::Env env) {
  const Options options;
  Napi::Object object = Napi::Object::New(env);
  SetNumber(&object, "fsyncIntervalMs", options.fsync_interval_ms);
  SetNumber(&object, "blockBytes", options.block_bytes);
  SetNumber(&object, "blocksPerFile", options.blocks_per_file);
  SetNumber(&object, "queuedBytesMax", options.queued_bytes_max);
  SetNumber(&object, "batchBytesMax", options.batch_bytes_max);
  SetNumber(&object, "journalBytes", options.journal_bytes);
  SetNumber(&object, "journalBypassRunBytes", options.journal_bypass_run_bytes);
  SetNumber(&object, "reserveBytes", options.reserve_bytes);
  SetNumber(&object, "readerThreads", options.reader_threads);
  SetNumber(&object, "openFilesMax", options.open_files_max);
  SetNumber(&object, "segmentMs", options.segment_ms);
  SetNumber(&object, "producerIdExpirationMs", options.producer_expiration_ms);
  SetNumber(&object, "producersPerLogMax", options.producers_per_log_max);
  SetNumber(&object, "producersMax", options.producers_max);
  return object;
}

}  // namespace

Napi::Object ConstantsObject(Napi::Env env) {
  Napi::Object object = Napi::Object::New(env);
  for (const Constant& constant : kFormat) {
    SetNumber(&object, constant.name, constant.value);
  }
  object.Set("cursorFileName", Napi::String::New(env, kCursorFileName));
  object.Set("quarantineName", Napi::String::New(env, kQuarantineName));
  object.Set("lockName", Napi::String::New(env, kLockName));
  object.Set("defaultReader", Napi::String::New(env, kDefaultReader));
  object.Set("defaults", DefaultsObject(env));
  return object;
}

}  // namespace walrus::binding
