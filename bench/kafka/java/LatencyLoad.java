// Records at a fixed rate from a producer to a consumer of the same process.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * One run. A record carries the moment it was due at; its latency is from then to its being in the
 * consumer's hands, so that one that left late counts with its wait.
 */
final class LatencyLoad {
  private static final long SECOND = 1_000_000_000L;
  /** How long the consumer waits for what is missing. */
  private static final long GRACE = 30 * SECOND;

  private final String address;
  private final TopicPartition partition;
  private final int recordBytes;
  private final long rate;
  private final int warmUpCount;
  private final int totalCount;
  private final CountDownLatch positioned = new CountDownLatch(1);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  LatencyLoad(JsonNode question) {
    address = question.get("address").asText();
    partition = new TopicPartition(question.get("topic").asText(), 0);
    recordBytes = question.get("recordBytes").asInt();
    rate = question.get("rate").asLong();
    warmUpCount = (int) rate;
    totalCount = (int) (rate * (question.get("seconds").asLong() + 1));
  }

  void run(ObjectNode answer) throws Exception {
    Thread producing = new Thread(this::produce, "producing");
    producing.start();
    long[] latencies = consume();
    producing.join();
    if (failure.get() != null) throw new IllegalStateException(failure.get());
    long[] counted = Arrays.copyOfRange(latencies, warmUpCount, totalCount);
    Arrays.sort(counted);
    answer
        .put("p50Ms", percentile(counted, 0.5))
        .put("p99Ms", percentile(counted, 0.99))
        .put("p999Ms", percentile(counted, 0.999))
        .put("recordCount", counted.length);
  }

  private static double percentile(long[] sorted, double share) {
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(0, rank - 1)] / 1e6;
  }

  private void produce() {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers", address,
            "acks", "all",
            "linger.ms", 0,
            "key.serializer", ByteArraySerializer.class,
            "value.serializer", ByteArraySerializer.class);
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
      producer.partitionsFor(partition.topic());
      positioned.await();
      long start = System.nanoTime();
      for (int index = 0; index < totalCount; index++) {
        long due = start + index * SECOND / rate;
        for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
          LockSupport.parkNanos(due - now);
        }
        byte[] value = new byte[recordBytes];
        ByteBuffer.wrap(value).putLong(due);
        producer.send(
            new ProducerRecord<>(partition.topic(), 0, null, value),
            (metadata, error) -> {
              if (error != null) failure.compareAndSet(null, error);
            });
      }
    } catch (Throwable error) {
      failure.compareAndSet(null, error);
    }
  }

  /** The latency of each record, in the order of the partition, which is that of sending. */
  private long[] consume() {
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers", address,
            "enable.auto.commit", false,
            "key.deserializer", ByteArrayDeserializer.class,
            "value.deserializer", ByteArrayDeserializer.class);
    long[] latencies = new long[totalCount];
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
      consumer.assign(List.of(partition));
      consumer.seekToEnd(List.of(partition));
      consumer.position(partition);
      positioned.countDown();
      long deadline = System.nanoTime() + totalCount * SECOND / rate + GRACE;
      int seen = 0;
      while (seen < totalCount) {
        if (failure.get() != null || System.nanoTime() > deadline) {
          throw new IllegalStateException(
              seen + " of " + totalCount + " records came", failure.get());
        }
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(100))) {
          latencies[seen] = System.nanoTime() - ByteBuffer.wrap(each.value()).getLong();
          seen++;
        }
      }
    } finally {
      positioned.countDown();
    }
    return latencies;
  }
}
