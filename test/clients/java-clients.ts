// Java's own clients (kafka-clients), with either protocol of groups. Their program is in java/.
import { join } from 'node:path';
import {
  ACKS,
  CODECS,
  type ClientCapabilities,
  type ClientDefinition,
  type CommandName,
} from './client-under-test';
import { areKafkaJarsThere, compileJava, javaCommand } from './java-programs';
import { processClient } from './process-client';

const COMMANDS: readonly CommandName[] = [
  'produce',
  'produceTransaction',
  'read',
  'join',
  'poll',
  'assignment',
  'commit',
  'seek',
  'leave',
  'createTopic',
  'deleteTopic',
  'createPartitions',
  'listTopics',
  'describeTopic',
  'describeConfigs',
  'alterConfigs',
  'deleteRecords',
  'listOffset',
  'describeCluster',
  'listGroups',
  'describeGroup',
  'deleteGroup',
  'committed',
  'alterCommitted',
];

const CAPABILITIES: Omit<ClientCapabilities, 'assignors'> = {
  commands: COMMANDS,
  codecs: CODECS,
  acks: ACKS,
  idempotence: 'optional',
  partitioner: 'murmur2',
  timestamps: true,
  nulls: true,
  headers: 'all',
  valueBytesMax: 8 * 1024 * 1024,
  binary: true,
  staticMembers: true,
};

function javaClient(
  name: string,
  groupProtocol: 'classic' | 'consumer',
  assignors: readonly string[],
): ClientDefinition {
  return processClient({
    name,
    capabilities: { ...CAPABILITIES, assignors },
    command: () => javaCommand(compileJava(join(__dirname, 'java')), 'JavaClient', groupProtocol),
  });
}

/** Members assign partitions themselves. */
export const JAVA_CLASSIC = javaClient('kafka-clients, classic groups', 'classic', [
  'range',
  'roundrobin',
  'sticky',
  'cooperative-sticky',
]);

/** KIP-848: the broker assigns. */
export const JAVA_CONSUMER = javaClient('kafka-clients, group.protocol=consumer', 'consumer', [
  'uniform',
  'range',
]);

/** Whether Kafka's jars are there already, so that nothing has to be fetched. */
export const JAVA_INSTALLED = areKafkaJarsThere;
