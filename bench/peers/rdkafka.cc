// Loads a Kafka broker with librdkafka: writes, reads, or sends at a fixed rate
// from a producer to a consumer of this process. Prints one line of JSON, which
// bench/kafka/load-client.ts reads.
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Options = std::vector<std::pair<const char*, std::string>>;

constexpr size_t kPoolBytes = 1 << 20;
constexpr int kBatchRecords = 10'000;
constexpr int kWaitMs = 60'000;
constexpr int kErrorBytes = 512;

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "rdkafka: %s\n", what.c_str());
  std::exit(1);
}

struct Settings {
  std::string load;
  std::string broker;
  std::string topic;
  int partitions = 1;
  size_t record_bytes = 0;
  int64_t records = 0;
  std::string acks = "-1";
  int64_t rate = 0;
  int64_t seconds = 0;
};

/// Reads `LOAD --name value...`; ends the process on anything else.
Settings ReadSettings(int argc, char** argv) {
  if (argc < 2 || argc % 2 != 0) Die("usage: LOAD --name value ...");
  Settings settings;
  settings.load = argv[1];
  for (int at = 2; at < argc; at += 2) {
    const std::string_view name = argv[at];
    const char* value = argv[at + 1];
    if (name == "--broker") {
      settings.broker = value;
    } else if (name == "--topic") {
      settings.topic = value;
    } else if (name == "--partitions") {
      settings.partitions = std::atoi(value);
    } else if (name == "--bytes") {
      settings.record_bytes = std::strtoull(value, nullptr, 10);
    } else if (name == "--records") {
      settings.records = std::atoll(value);
    } else if (name == "--acks") {
      settings.acks = value;
    } else if (name == "--rate") {
      settings.rate = std::atoll(value);
    } else if (name == "--seconds") {
      settings.seconds = std::atoll(value);
    } else {
      Die("unknown setting " + std::string(name));
    }
  }
  if (settings.record_bytes < sizeof(int64_t)) Die("--bytes: 8 or more");
  return settings;
}

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             Clock::now().time_since_epoch())
      .count();
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::atomic<int64_t> delivered{0};

void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    Die(std::string("a record was not stored: ") +
        rd_kafka_err2str(message->err));
  }
  delivered.fetch_add(1, std::memory_order_relaxed);
}

rd_kafka_t* Create(rd_kafka_type_t type, const Settings& settings,
                   const Options& options) {
  char error[kErrorBytes];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const auto set = [&](const char* name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), error, sizeof error) !=
        RD_KAFKA_CONF_OK) {
      Die(error);
    }
  };
  set("bootstrap.servers", settings.broker);
  for (const auto& [name, value] : options) set(name, value);
  if (type == RD_KAFKA_PRODUCER) {
    rd_kafka_conf_set_dr_msg_cb(conf, OnDelivery);
  }
  rd_kafka_t* client = rd_kafka_new(type, conf, error, sizeof error);
  if (client == nullptr) Die(error);
  return client;
}

/// Connects, and learns who leads the partitions.
rd_kafka_topic_t* Connect(rd_kafka_t* client, const std::string& name) {
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client, name.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(client, 0, topic, &metadata, kWaitMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) Die(rd_kafka_err2str(error));
  rd_kafka_metadata_destroy(metadata);
  return topic;
}

/// Hands a record over; waits while the client's queue is full.
void Send(rd_kafka_t* client, rd_kafka_topic_t* topic, int partition,
          const void* bytes, size_t size) {
  // The library copies the bytes, as the flag says.
  void* payload = const_cast<void*>(bytes);
  while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, payload, size,
                          nullptr, 0, nullptr) != 0) {
    const rd_kafka_resp_err_t error = rd_kafka_last_error();
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) Die(rd_kafka_err2str(error));
    rd_kafka_poll(client, 10);
  }
  rd_kafka_poll(client, 0);
}

void Flush(rd_kafka_t* client, int64_t records) {
  if (rd_kafka_flush(client, kWaitMs) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      delivered.load() != records) {
    Die(std::to_string(delivered.load()) + " of " + std::to_string(records) +
        " records were acknowledged");
  }
}

void PrintLoad(double seconds, int64_t records, double cpu_seconds) {
  std::printf("{\"seconds\":%.6f,\"records\":%lld,\"cpuSeconds\":%.6f}\n",
              seconds, static_cast<long long>(records), cpu_seconds);
}

void Produce(const Settings& settings) {
  rd_kafka_t* client =
      Create(RD_KAFKA_PRODUCER, settings, {{"acks", settings.acks}});
  rd_kafka_topic_t* topic = Connect(client, settings.topic);
  std::string pool(kPoolBytes, '\0');
  std::minstd_rand random(1);
  for (char& byte : pool) byte = static_cast<char>(random());
  const size_t room = kPoolBytes - settings.record_bytes;
  const double cpu = CpuSeconds();
  const int64_t start = NowNs();
  for (int64_t sent = 0; sent < settings.records; ++sent) {
    const size_t from =
        static_cast<size_t>(sent) * settings.record_bytes % room;
    Send(client, topic, RD_KAFKA_PARTITION_UA, pool.data() + from,
         settings.record_bytes);
  }
  Flush(client, settings.records);
  const double seconds = static_cast<double>(NowNs() - start) / 1e9;
  PrintLoad(seconds, settings.records, CpuSeconds() - cpu);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
}

rd_kafka_t* CreateConsumer(const Settings& settings, const Options& options) {
  // The group is a name only: partitions are taken, not assigned by it.
  Options all = {{"group.id", "bench"}, {"enable.auto.commit", "false"}};
  all.insert(all.end(), options.begin(), options.end());
  rd_kafka_t* client = Create(RD_KAFKA_CONSUMER, settings, all);
  rd_kafka_poll_set_consumer(client);
  return client;
}

void Assign(rd_kafka_t* client, const Settings& settings, int64_t offset) {
  rd_kafka_topic_partition_list_t* list =
      rd_kafka_topic_partition_list_new(settings.partitions);
  for (int partition = 0; partition < settings.partitions; ++partition) {
    rd_kafka_topic_partition_list_add(list, settings.topic.c_str(), partition)
        ->offset = offset;
  }
  const rd_kafka_resp_err_t error = rd_kafka_assign(client, list);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) Die(rd_kafka_err2str(error));
  rd_kafka_topic_partition_list_destroy(list);
}

void Consume(const Settings& settings) {
  rd_kafka_t* client = CreateConsumer(settings, {});
  rd_kafka_topic_destroy(Connect(client, settings.topic));
  std::vector<rd_kafka_message_t*> batch(kBatchRecords);
  const double cpu = CpuSeconds();
  const int64_t start = NowNs();
  Assign(client, settings, RD_KAFKA_OFFSET_BEGINNING);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(client);
  int64_t records = 0;
  int64_t last = start;
  while (records < settings.records) {
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue, 100, batch.data(), batch.size());
    for (ssize_t at = 0; at < count; ++at) {
      rd_kafka_message_t* message = batch[static_cast<size_t>(at)];
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        Die(rd_kafka_message_errstr(message));
      }
      if (message->len != settings.record_bytes) Die("another record's size");
      rd_kafka_message_destroy(message);
      ++records;
    }
    const int64_t now = NowNs();
    if (count > 0) last = now;
    if (now - last > int64_t{kWaitMs} * 1'000'000) {
      Die(std::to_string(records) + " records came, then none");
    }
  }
  const double seconds = static_cast<double>(NowNs() - start) / 1e9;
  PrintLoad(seconds, records, CpuSeconds() - cpu);
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(client);
  rd_kafka_destroy(client);
}

double PercentileMs(const std::vector<int64_t>& sorted, double share) {
  const auto rank = static_cast<size_t>(
      std::ceil(share * static_cast<double>(sorted.size())));
  return static_cast<double>(sorted[rank - 1]) / 1e6;
}

/// Sends what is due to partition 0; each record begins with its due time.
void SendAtRate(const Settings& settings, int64_t records) {
  rd_kafka_t* client =
      Create(RD_KAFKA_PRODUCER, settings, {{"acks", "-1"}, {"linger.ms", "0"}});
  rd_kafka_topic_t* topic = Connect(client, settings.topic);
  std::vector<char> value(settings.record_bytes);
  const Clock::time_point start = Clock::now();
  for (int64_t sent = 0; sent < records; ++sent) {
    const Clock::time_point due =
        start + std::chrono::nanoseconds(sent * 1'000'000'000 / settings.rate);
    while (Clock::now() < due) {
      // Answers come meanwhile; the last millisecond is slept through.
      const auto left = due - Clock::now();
      const auto whole =
          std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
      if (whole > 1)
        rd_kafka_poll(client, static_cast<int>(whole) - 1);
      else
        std::this_thread::sleep_until(due);
    }
    const int64_t due_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               due.time_since_epoch())
                               .count();
    std::memcpy(value.data(), &due_ns, sizeof due_ns);
    Send(client, topic, 0, value.data(), value.size());
  }
  Flush(client, records);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(client);
}

/// The first second's records are not counted.
void MeasureLatency(const Settings& settings) {
  if (settings.rate < 1 || settings.seconds < 1) Die("--rate, --seconds?");
  const int64_t records = settings.rate * (settings.seconds + 1);
  rd_kafka_t* consumer = CreateConsumer(settings, {});
  rd_kafka_topic_destroy(Connect(consumer, settings.topic));
  Settings first = settings;
  first.partitions = 1;
  // The topic is new and empty: its beginning is its end, and needs no asking.
  Assign(consumer, first, RD_KAFKA_OFFSET_BEGINNING);
  std::thread sending([&] { SendAtRate(settings, records); });
  std::vector<int64_t> latencies;
  const int64_t deadline = NowNs() + (settings.seconds + 1) * 1'000'000'000 +
                           int64_t{kWaitMs} * 1'000'000;
  for (int64_t seen = 0; seen < records;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100);
    const int64_t now = NowNs();
    if (now > deadline) Die(std::to_string(seen) + " records came in time");
    if (message == nullptr) continue;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      Die(rd_kafka_message_errstr(message));
    }
    int64_t due = 0;
    std::memcpy(&due, message->payload, sizeof due);
    if (seen >= settings.rate) latencies.push_back(now - due);
    ++seen;
    rd_kafka_message_destroy(message);
  }
  sending.join();
  std::sort(latencies.begin(), latencies.end());
  std::printf(
      "{\"p50Ms\":%.4f,\"p99Ms\":%.4f,\"p999Ms\":%.4f,\"recordCount\":%zu}\n",
      PercentileMs(latencies, 0.5), PercentileMs(latencies, 0.99),
      PercentileMs(latencies, 0.999), latencies.size());
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = ReadSettings(argc, argv);
  if (settings.load == "produce") {
    Produce(settings);
  } else if (settings.load == "consume") {
    Consume(settings);
  } else if (settings.load == "latency") {
    MeasureLatency(settings);
  } else {
    Die("loads are produce, consume, latency");
  }
  return 0;
}
