// One consumer of a group. It keeps what it polled and nobody asked for yet.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Life: a member from the first poll on, until `close`. Threads: all calls from one thread. */
final class GroupMember {
  /** Above that the consumer is polled for nothing new. */
  private static final int HELD_MAX = 1_000;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Deque<ConsumerRecord<byte[], byte[]>> held = new ArrayDeque<>();

  GroupMember(KafkaConsumer<byte[], byte[]> consumer, List<String> topics) {
    this.consumer = consumer;
    consumer.subscribe(
        topics,
        new ConsumerRebalanceListener() {
          @Override
          public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            forget(partitions);
          }

          @Override
          public void onPartitionsAssigned(Collection<TopicPartition> partitions) {}
        });
  }

  List<ObjectNode> poll(int recordsMax, long withinMs) {
    long deadline = System.nanoTime() + withinMs * 1_000_000L;
    if (held.size() < HELD_MAX) take(Duration.ZERO);
    while (held.isEmpty() && System.nanoTime() < deadline) {
      take(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    }
    List<ObjectNode> records = new ArrayList<>();
    while (records.size() < recordsMax && !held.isEmpty()) {
      records.add(JavaClient.node(held.removeFirst()));
    }
    return records;
  }

  List<Map<String, Object>> assignment() {
    List<Map<String, Object>> owned = new ArrayList<>();
    for (TopicPartition each : consumer.assignment()) {
      owned.add(Map.of("topic", each.topic(), "partition", each.partition()));
    }
    return owned;
  }

  void commit(JsonNode offsets) {
    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
    for (JsonNode each : offsets) {
      next.put(
          JavaClient.partitionOf(each), new OffsetAndMetadata(each.get("offset").asLong()));
    }
    consumer.commitSync(next);
  }

  void seek(TopicPartition partition, long offset) {
    forget(List.of(partition));
    consumer.seek(partition, offset);
  }

  void close() {
    consumer.close();
  }

  private void take(Duration within) {
    consumer.poll(within).forEach(held::addLast);
  }

  /** Whoever gets these partitions next begins at what was committed, this member included. */
  private void forget(Collection<TopicPartition> partitions) {
    held.removeIf(
        record -> partitions.contains(new TopicPartition(record.topic(), record.partition())));
  }
}
