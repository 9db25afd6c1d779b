// The commands that Java's administration client carries out.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Threads: any; the administration client is made for that. */
final class AdminCommands {
  private final Admin admin;

  AdminCommands(String bootstrap) {
    admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
  }

  void close() {
    admin.close();
  }

  Object carryOut(String command, JsonNode request) throws Exception {
    switch (command) {
      case "listTopics":
        return admin.listTopics().names().get();
      case "describeCluster":
        return describeCluster();
      case "listGroups":
        return listGroups();
      case "createTopic":
      case "deleteTopic":
      case "createPartitions":
      case "describeTopic":
      case "describeConfigs":
      case "alterConfigs":
        return topicCommand(command, request.get("topic").asText(), request);
      case "deleteRecords":
      case "listOffset":
        return partitionCommand(command, JavaClient.partitionOf(request), request);
      case "describeGroup":
      case "deleteGroup":
      case "committed":
      case "alterCommitted":
        return groupCommand(command, request.get("group").asText(), request);
      default:
        throw new IllegalArgumentException("there is no command " + command);
    }
  }

  private Object topicCommand(String command, String topic, JsonNode request) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    switch (command) {
      case "createTopic":
        NewTopic wanted =
            new NewTopic(topic, Optional.of(request.get("partitions").asInt()), Optional.empty());
        admin.createTopics(List.of(wanted.configs(configsOf(request)))).all().get();
        return null;
      case "deleteTopic":
        admin.deleteTopics(List.of(topic)).all().get();
        return null;
      case "createPartitions":
        NewPartitions partitions = NewPartitions.increaseTo(request.get("partitions").asInt());
        admin.createPartitions(Map.of(topic, partitions)).all().get();
        return null;
      case "describeTopic":
        return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic)
            .partitions().size();
      case "describeConfigs":
        Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        Map<String, String> values = new HashMap<>();
        for (ConfigEntry entry : config.entries()) {
          if (entry.value() != null) values.put(entry.name(), entry.value());
        }
        return values;
      default:
        List<AlterConfigOp> changes = new ArrayList<>();
        configsOf(request).forEach((name, value) -> changes.add(
            new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
        admin.incrementalAlterConfigs(Map.of(resource, changes)).all().get();
        return null;
    }
  }

  private static Map<String, String> configsOf(JsonNode request) {
    Map<String, String> configs = new HashMap<>();
    request.get("configs").fields().forEachRemaining(
        entry -> configs.put(entry.getKey(), entry.getValue().asText()));
    return configs;
  }

  private Object partitionCommand(String command, TopicPartition partition, JsonNode request)
      throws Exception {
    if (command.equals("deleteRecords")) {
      RecordsToDelete before = RecordsToDelete.beforeOffset(request.get("offset").asLong());
      admin.deleteRecords(Map.of(partition, before)).all().get();
      return null;
    }
    JsonNode at = request.get("at");
    OffsetSpec spec = switch (at.asText()) {
      case "earliest" -> OffsetSpec.earliest();
      case "latest" -> OffsetSpec.latest();
      default -> OffsetSpec.forTimestamp(at.asLong());
    };
    return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get().offset();
  }

  private ObjectNode describeCluster() throws Exception {
    DescribeClusterResult cluster = admin.describeCluster();
    ObjectNode seen = JavaClient.JSON.createObjectNode();
    ArrayNode brokers = seen.putArray("brokers");
    for (Node node : cluster.nodes().get()) {
      brokers.addObject().put("id", node.id()).put("host", node.host()).put("port", node.port());
    }
    return seen.put("controllerId", cluster.controller().get().id())
        .put("clusterId", cluster.clusterId().get());
  }

  private List<String> listGroups() throws Exception {
    List<String> names = new ArrayList<>();
    for (GroupListing group : admin.listGroups(ListGroupsOptions.forConsumerGroups()).all().get()) {
      names.add(group.groupId());
    }
    return names;
  }

  private Object groupCommand(String command, String group, JsonNode request) throws Exception {
    switch (command) {
      case "describeGroup":
        ConsumerGroupDescription seen =
            admin.describeConsumerGroups(List.of(group)).all().get().get(group);
        return JavaClient.JSON.createObjectNode()
            .put("group", seen.groupId())
            .put("state", seen.groupState().toString().toLowerCase(Locale.ROOT))
            .put("members", seen.members().size());
      case "deleteGroup":
        admin.deleteConsumerGroups(List.of(group)).all().get();
        return null;
      case "committed":
        OffsetAndMetadata committed =
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get()
                .get(JavaClient.partitionOf(request));
        return committed == null ? null : committed.offset();
      default:
        OffsetAndMetadata offset = new OffsetAndMetadata(request.get("offset").asLong());
        admin.alterConsumerGroupOffsets(group, Map.of(JavaClient.partitionOf(request), offset))
            .all().get();
        return null;
    }
  }
}
