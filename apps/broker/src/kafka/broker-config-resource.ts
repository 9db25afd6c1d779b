import { settingsTable, type BrokerSettings, type Setting } from '../config/settings-table';
import { CONFIG_SOURCE, CONFIG_TYPE, type DescribedConfig } from './config-resource';
import { KafkaRefusal } from './error-codes';
import { NODE_ID } from './kafka-services';

/** What Kafka calls the settings that it has too. */
const KAFKA_NAMES: Partial<Readonly<Record<keyof BrokerSettings, string>>> = {
  dataDir: 'log.dirs',
  connectionsMax: 'max.connections',
  connectionsPerAddressMax: 'max.connections.per.ip',
  frameBytesMax: 'socket.request.max.bytes',
  batchBytesMax: 'message.max.bytes',
  fetchBytesMax: 'fetch.max.bytes',
  blockBytes: 'log.segment.bytes',
  producerIdExpirationMs: 'producer.id.expiration.ms',
  kafkaAutoCreateTopics: 'auto.create.topics.enable',
  defaultPartitions: 'num.partitions',
  retentionMs: 'log.retention.ms',
  retentionBytes: 'log.retention.bytes',
  retentionIntervalMs: 'log.retention.check.interval.ms',
  segmentMs: 'log.roll.ms',
  messageTimestampType: 'log.message.timestamp.type',
  groupMembersMax: 'group.max.size',
  groupInitialRebalanceDelayMs: 'group.initial.rebalance.delay.ms',
  groupSessionTimeoutMinMs: 'group.min.session.timeout.ms',
  groupSessionTimeoutMaxMs: 'group.max.session.timeout.ms',
  groupConsumerSessionTimeoutMs: 'group.consumer.session.timeout.ms',
  groupConsumerHeartbeatIntervalMs: 'group.consumer.heartbeat.interval.ms',
  offsetsCheckIntervalMs: 'offsets.retention.check.interval.ms',
};

/** What of Kafka's settings is the same for every broker of ours. */
const CONSTANTS: readonly Omit<DescribedConfig, 'readOnly' | 'source' | 'synonyms'>[] = [
  {
    name: 'broker.id',
    value: String(NODE_ID),
    type: CONFIG_TYPE.int,
    documentation: 'The one broker there is.',
  },
  {
    name: 'compression.type',
    value: 'producer',
    type: CONFIG_TYPE.string,
    documentation: 'Batches are stored as their producer compressed them.',
  },
  {
    name: 'default.replication.factor',
    value: '1',
    type: CONFIG_TYPE.int,
    documentation: 'There is one broker, so that each partition has one replica.',
  },
  {
    name: 'delete.topic.enable',
    value: 'true',
    type: CONFIG_TYPE.boolean,
    documentation: 'Topics can be deleted.',
  },
  {
    name: 'log.cleanup.policy',
    value: 'delete',
    type: CONFIG_TYPE.list,
    documentation: 'Old records are deleted by the retention configs.',
  },
  {
    name: 'min.insync.replicas',
    value: '1',
    type: CONFIG_TYPE.int,
    documentation: 'There is one broker, so that each partition has one replica.',
  },
  {
    name: 'node.id',
    value: String(NODE_ID),
    type: CONFIG_TYPE.int,
    documentation: 'The one broker there is.',
  },
];

/**
 * The settings of the broker, or of the instance that a listener serves, as Kafka's clients see
 * them: under Kafka's names where it has them, else under `walrusmq.` and the flag's words.
 */
export class BrokerConfigResource {
  constructor(private readonly settings: () => BrokerSettings) {}

  /**
   * Every setting, ordered by name; none for the empty name, which means what is set at run time
   * for all brokers.
   * @throws {KafkaRefusal} INVALID_REQUEST: there is no such broker.
   */
  describe(resourceName: string): readonly DescribedConfig[] {
    requireBroker(resourceName);
    if (resourceName === '') return [];
    const settings = this.settings();
    const constants = CONSTANTS.map((config) => {
      const source = CONFIG_SOURCE.default;
      const { name, value } = config;
      return { ...config, readOnly: true, source, synonyms: [{ name, value, source }] };
    });
    const set = settingsTable.map((setting) => described(setting, settings[setting.name]));
    return [...constants, ...set].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Refuses to change what is only read at the start.
   * @param count How many configs were to change; none is well.
   * @throws {KafkaRefusal} INVALID_REQUEST.
   */
  static refuseChanges(resourceName: string, count: number): void {
    requireBroker(resourceName);
    if (count === 0) return;
    const message =
      'Settings of the broker cannot be changed while it runs: start it with other flags, or set ' +
      'what topics have with their own configs.';
    throw new KafkaRefusal('INVALID_REQUEST', message);
  }
}

/** What Kafka's clients know a setting by. */
export function brokerConfigName({ name, flag }: Pick<Setting, 'name' | 'flag'>): string {
  return KAFKA_NAMES[name] ?? `walrusmq.${flag.replace(/^--/, '').replaceAll('-', '.')}`;
}

function described(setting: Setting, present: unknown): DescribedConfig {
  const name = brokerConfigName(setting);
  const value = valueText(setting, present);
  const builtIn = valueText(setting, setting.defaultValue);
  const byDefault = { name, value: builtIn, source: CONFIG_SOURCE.default };
  const set = { name, value, source: CONFIG_SOURCE.staticBroker };
  const isDefault = value === builtIn;
  return {
    name,
    value,
    readOnly: true,
    source: isDefault ? CONFIG_SOURCE.default : CONFIG_SOURCE.staticBroker,
    type: typeOf(setting.defaultValue),
    synonyms: isDefault ? [byDefault] : [set, byDefault],
    documentation: `${setting.summary} Set with ${setting.flag} or ${setting.variable}.`,
  };
}

/** Numbers without a unit, as Kafka's clients read them. */
function valueText({ format }: Setting, value: unknown): string {
  return typeof value === 'number' ? String(value) : format(value);
}

function typeOf(value: unknown): number {
  if (typeof value === 'boolean') return CONFIG_TYPE.boolean;
  if (Array.isArray(value)) return CONFIG_TYPE.list;
  return typeof value === 'number' ? CONFIG_TYPE.long : CONFIG_TYPE.string;
}

function requireBroker(resourceName: string): void {
  if (resourceName === '' || resourceName === String(NODE_ID)) return;
  const shown = JSON.stringify(resourceName.slice(0, 60));
  const message = `There is no broker ${shown}; the only one is "${NODE_ID}".`;
  throw new KafkaRefusal('INVALID_REQUEST', message);
}
