// The write benchmark on RocksDB's write-ahead log: one Put per record (one
// WriteBatch where there are batches), keys TOPIC:N as the seed's comparison
// has them. `sync-each` sets WriteOptions::sync; an interval calls SyncWAL().
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <memory>

#include "peer_load.h"

namespace {

using peers::Crew;
using peers::Die;
using peers::Settings;
using peers::Tally;

void Check(const rocksdb::Status& status, const char* what) {
  if (!status.ok()) Die(std::string(what) + ": " + status.ToString());
}

std::unique_ptr<rocksdb::DB> Open(const Settings& settings) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  Check(rocksdb::DB::Open(options, settings.directory, &db), "open");
  return std::unique_ptr<rocksdb::DB>(db);
}

std::string Key(int thread, uint64_t index) {
  return "topic_" + std::to_string(thread) + ":" + std::to_string(index);
}

void WriteLoop(rocksdb::DB& db, const Settings& settings, const Crew& crew,
               int thread, Tally& tally) {
  const std::vector<std::string> payloads = peers::MakePayloads();
  rocksdb::WriteOptions options;
  options.sync = settings.sync_each;
  const uint64_t step = std::max(1, settings.batch_entries);
  for (uint64_t first = 0; !crew.IsOver(tally); first += step) {
    uint64_t bytes = 0;
    rocksdb::WriteBatch batch;
    for (uint64_t index = first; index < first + step; ++index) {
      const std::string& payload = payloads[index % peers::kPayloadCount];
      bytes += payload.size();
      if (settings.batch_entries > 0) {
        Check(batch.Put(Key(thread, index), payload), "WriteBatch::Put");
      } else {
        Check(db.Put(options, Key(thread, index), payload), "Put");
      }
    }
    if (settings.batch_entries > 0) Check(db.Write(options, &batch), "Write");
    tally.Count(step, bytes);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = peers::ReadSettings(argc, argv);
  const std::unique_ptr<rocksdb::DB> db = Open(settings);
  Crew crew(settings);
  crew.Run([](int) {},
           [&](int thread, Tally& tally) {
             WriteLoop(*db, settings, crew, thread, tally);
           },
           [&] { Check(db->SyncWAL(), "SyncWAL"); });
  Check(db->Close(), "Close");
  return 0;
}
