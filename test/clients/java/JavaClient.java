// Java's own client as a process of the tests: lines of JSON in, lines of JSON out
// (process-client.ts says which). Its arguments: the group protocol (classic or consumer), HOST:PORT.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.AppInfoParser;

public final class JavaClient {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final PrintStream OUT =
      new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private final String groupProtocol;
  private final String bootstrap;
  private final AdminCommands admin;
  private final Map<String, GroupMember> members = new ConcurrentHashMap<>();
  /** One thread per member, as a consumer belongs to one; that of "" has the other commands. */
  private final Map<String, ExecutorService> threads = new ConcurrentHashMap<>();

  private JavaClient(String groupProtocol, String bootstrap) {
    this.groupProtocol = groupProtocol;
    this.bootstrap = bootstrap;
    this.admin = new AdminCommands(bootstrap);
  }

  public static void main(String[] args) throws Exception {
    if (args.length != 2) throw new IllegalArgumentException("usage: classic|consumer HOST:PORT");
    new JavaClient(args[0], args[1]).serve();
  }

  /** Answers until stdin ends; then leaves the groups. */
  private void serve() throws Exception {
    ObjectNode ready = JSON.createObjectNode();
    ready.putObject("ready").put("version", AppInfoParser.getVersion());
    say(ready);
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode request = JSON.readTree(line);
      String member = request.path("member").asText("");
      threads
          .computeIfAbsent(member, name -> Executors.newSingleThreadExecutor())
          .execute(() -> answer(request));
    }
    List<Future<?>> closing = new ArrayList<>();
    for (Map.Entry<String, GroupMember> entry : members.entrySet()) {
      closing.add(threads.get(entry.getKey()).submit(() -> entry.getValue().close()));
    }
    for (Future<?> each : closing) each.get();
    for (ExecutorService thread : threads.values()) {
      thread.shutdown();
      thread.awaitTermination(20, TimeUnit.SECONDS);
    }
    admin.close();
  }

  private static void say(ObjectNode line) throws IOException {
    OUT.println(JSON.writeValueAsString(line));
  }

  private void answer(JsonNode request) {
    ObjectNode line = JSON.createObjectNode().put("id", request.get("id").asInt());
    try {
      line.set("result", JSON.valueToTree(carryOut(request)));
    } catch (Throwable thrown) {
      Throwable cause = thrown;
      while (cause instanceof ExecutionException && cause.getCause() != null) {
        cause = cause.getCause();
      }
      if (cause.getCause() instanceof ApiException inner) cause = inner;
      ObjectNode error = line.putObject("error").put("message", cause.toString());
      if (cause instanceof ApiException) error.put("code", Errors.forException(cause).code());
      else error.putNull("code");
      cause.printStackTrace();
    }
    try {
      say(line);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  private Object carryOut(JsonNode request) throws Exception {
    String command = request.get("command").asText();
    switch (command) {
      case "produce":
        return produce(request);
      case "produceTransaction":
        produceTransaction(request);
        return null;
      case "read":
        return read(request);
      case "join":
        join(request);
        return null;
      case "poll":
        return member(request)
            .poll(request.get("recordsMax").asInt(), request.get("withinMs").asLong());
      case "assignment":
        return member(request).assignment();
      case "commit":
        member(request).commit(request.get("offsets"));
        return null;
      case "seek":
        member(request).seek(partitionOf(request), request.get("offset").asLong());
        return null;
      case "leave":
        leave(request.get("member").asText());
        return null;
      default:
        return admin.carryOut(command, request);
    }
  }

  private void join(JsonNode request) {
    Map<String, Object> config = consumerConfig();
    config.put("group.id", request.get("group").asText());
    config.put("group.protocol", groupProtocol);
    config.put("auto.offset.reset", "earliest");
    String assignor = request.get("assignor").asText();
    if (groupProtocol.equals("consumer")) {
      config.put("group.remote.assignor", assignor);
    } else {
      config.put("partition.assignment.strategy", CLASSIC_ASSIGNORS.get(assignor));
      // Members learn of a rebalance from a heartbeat: not every 3 s.
      config.put("heartbeat.interval.ms", 300);
      config.put("session.timeout.ms", 10_000);
    }
    if (!request.get("instanceId").isNull()) {
      config.put("group.instance.id", request.get("instanceId").asText());
    }
    List<String> topics = new ArrayList<>();
    request.get("topics").forEach(topic -> topics.add(topic.asText()));
    KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config);
    members.put(request.get("member").asText(), new GroupMember(consumer, topics));
  }

  private void leave(String name) {
    GroupMember member = members.remove(name);
    if (member == null) throw new IllegalStateException("there is no member " + name);
    member.close();
    threads.remove(name).shutdown();
  }

  private static final Map<String, String> CLASSIC_ASSIGNORS =
      Map.of(
          "range", "org.apache.kafka.clients.consumer.RangeAssignor",
          "roundrobin", "org.apache.kafka.clients.consumer.RoundRobinAssignor",
          "sticky", "org.apache.kafka.clients.consumer.StickyAssignor",
          "cooperative-sticky", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");

  private GroupMember member(JsonNode request) {
    GroupMember member = members.get(request.get("member").asText());
    if (member == null) throw new IllegalStateException("there is no such member: " + request);
    return member;
  }

  private Map<String, Object> consumerConfig() {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrap);
    config.put("key.deserializer", ByteArrayDeserializer.class);
    config.put("value.deserializer", ByteArrayDeserializer.class);
    config.put("enable.auto.commit", false);
    return config;
  }

  private Map<String, Object> producerConfig() {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", bootstrap);
    config.put("key.serializer", ByteArraySerializer.class);
    config.put("value.serializer", ByteArraySerializer.class);
    return config;
  }

  private void produceTransaction(JsonNode request) throws Exception {
    Map<String, Object> config = producerConfig();
    config.put("transactional.id", request.get("transactionalId").asText());
    byte[] value = "in a transaction".getBytes(StandardCharsets.UTF_8);
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(request.get("topic").asText(), value)).get();
      producer.commitTransaction();
    }
  }

  private List<Long> produce(JsonNode request) throws Exception {
    Map<String, Object> config = producerConfig();
    config.put("acks", request.get("acks").asText());
    config.put("compression.type", request.get("codec").asText());
    config.put("enable.idempotence", request.get("idempotent").asBoolean());
    // One batch per partition: nothing leaves before the flush.
    config.put("linger.ms", 60_000);
    config.put("batch.size", 512 * 1024);
    config.put("max.request.size", 64 * 1024 * 1024);
    config.put("buffer.memory", 128L * 1024 * 1024);
    boolean hasOffsets = request.get("acks").asInt() != 0;
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
      for (JsonNode record : request.get("records")) {
        sent.add(producer.send(recordOf(request.get("topic").asText(), record)));
      }
      producer.flush();
    }
    List<Long> offsets = new ArrayList<>();
    for (Future<RecordMetadata> each : sent) offsets.add(each.get().offset());
    return hasOffsets ? offsets : null;
  }

  private static ProducerRecord<byte[], byte[]> recordOf(String topic, JsonNode record)
      throws IOException {
    List<Header> headers = new ArrayList<>();
    for (JsonNode header : record.get("headers")) {
      headers.add(new RecordHeader(header.get("name").asText(), bytes(header.get("value"))));
    }
    JsonNode partition = record.get("partition");
    JsonNode timestamp = record.get("timestampMs");
    return new ProducerRecord<>(
        topic,
        partition.isNull() ? null : partition.asInt(),
        timestamp.isNull() ? null : timestamp.asLong(),
        bytes(record.get("key")),
        bytes(record.get("value")),
        headers);
  }

  private List<ObjectNode> read(JsonNode request) {
    Map<String, Object> config = consumerConfig();
    config.put("auto.offset.reset", "none");
    TopicPartition partition = partitionOf(request);
    int count = request.get("count").asInt();
    long deadline = System.nanoTime() + request.get("withinMs").asLong() * 1_000_000L;
    List<ObjectNode> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config)) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, request.get("offset").asLong());
      while (records.size() < count) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(records.size() + " of " + count + " records came");
        }
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
          if (records.size() < count) records.add(node(each));
        }
      }
    }
    return records;
  }

  static TopicPartition partitionOf(JsonNode place) {
    return new TopicPartition(place.get("topic").asText(), place.get("partition").asInt());
  }

  private static byte[] bytes(JsonNode text) throws IOException {
    return text.isNull() ? null : Base64.getDecoder().decode(text.asText());
  }

  private static String text(byte[] bytes) {
    return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
  }

  static ObjectNode node(ConsumerRecord<byte[], byte[]> record) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("topic", record.topic())
            .put("partition", record.partition())
            .put("offset", record.offset())
            .put("key", text(record.key()))
            .put("value", text(record.value()))
            .put("timestampMs", record.timestamp());
    ArrayNode headers = node.putArray("headers");
    for (Iterator<Header> each = record.headers().iterator(); each.hasNext(); ) {
      Header header = each.next();
      headers.addObject().put("name", header.key()).put("value", text(header.value()));
    }
    return node;
  }
}
