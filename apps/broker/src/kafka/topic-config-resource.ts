import type { ConfigDescription, ConfigEntry } from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import type { ConfigChanges } from '../topic/topic-changes';
import {
  CONFIG_SOURCE,
  CONFIG_TYPE,
  configTypeOf,
  type ConfigSynonym,
  type DescribedConfig,
} from './config-resource';
import { KafkaRefusal } from './error-codes';
import type { KafkaServices } from './kafka-services';
import { namedTwice, repeatedNames } from './repeated-names';

/** Values by config name. */
type Configs = Readonly<Record<string, string>>;

/** A config as a request gives it. */
export interface GivenConfig {
  readonly name: string;
  readonly value: string | null;
}

/** What IncrementalAlterConfigs does to a config (Kafka's AlterConfigOp.OpType). */
export const CONFIG_OPERATION = Object.freeze({ set: 0, delete: 1, append: 2, subtract: 3 });

/** A config as IncrementalAlterConfigs gives it. */
export interface GivenOperation extends GivenConfig {
  readonly configOperation: number;
}

/** What Kafka calls the broker's value for where a topic sets nothing; their own name: nothing. */
export const BROKER_SYNONYMS: Readonly<Record<string, string>> = {
  'cleanup.policy': 'log.cleanup.policy',
  'compression.gzip.level': 'compression.gzip.level',
  'compression.lz4.level': 'compression.lz4.level',
  'compression.type': 'compression.type',
  'compression.zstd.level': 'compression.zstd.level',
  'delete.retention.ms': 'log.cleaner.delete.retention.ms',
  'file.delete.delay.ms': 'log.segment.delete.delay.ms',
  'flush.messages': 'log.flush.interval.messages',
  'flush.ms': 'log.flush.interval.ms',
  'follower.replication.throttled.replicas': 'follower.replication.throttled.replicas',
  'index.interval.bytes': 'log.index.interval.bytes',
  'leader.replication.throttled.replicas': 'leader.replication.throttled.replicas',
  'local.retention.bytes': 'log.local.retention.bytes',
  'local.retention.ms': 'log.local.retention.ms',
  'max.compaction.lag.ms': 'log.cleaner.max.compaction.lag.ms',
  'max.message.bytes': 'message.max.bytes',
  'message.timestamp.after.max.ms': 'log.message.timestamp.after.max.ms',
  'message.timestamp.before.max.ms': 'log.message.timestamp.before.max.ms',
  'message.timestamp.type': 'log.message.timestamp.type',
  'min.cleanable.dirty.ratio': 'log.cleaner.min.cleanable.ratio',
  'min.compaction.lag.ms': 'log.cleaner.min.compaction.lag.ms',
  'min.insync.replicas': 'min.insync.replicas',
  preallocate: 'log.preallocate',
  'remote.log.copy.disable': 'remote.log.copy.disable',
  'remote.log.delete.on.disable': 'remote.log.delete.on.disable',
  'remote.storage.enable': 'remote.log.storage.system.enable',
  'retention.bytes': 'log.retention.bytes',
  'retention.consumed': 'log.retention.consumed',
  'retention.ms': 'log.retention.ms',
  'segment.bytes': 'log.segment.bytes',
  'segment.index.bytes': 'log.index.size.max.bytes',
  'segment.jitter.ms': 'log.roll.jitter.ms',
  'segment.ms': 'log.roll.ms',
  'unclean.leader.election.enable': 'unclean.leader.election.enable',
};

/** Where Kafka's type says more than ours. */
const TYPES: Readonly<Record<string, number>> = {
  'cleanup.policy': CONFIG_TYPE.list,
  'compression.gzip.level': CONFIG_TYPE.int,
  'compression.lz4.level': CONFIG_TYPE.int,
  'compression.zstd.level': CONFIG_TYPE.int,
  'follower.replication.throttled.replicas': CONFIG_TYPE.list,
  'index.interval.bytes': CONFIG_TYPE.int,
  'leader.replication.throttled.replicas': CONFIG_TYPE.list,
  'max.message.bytes': CONFIG_TYPE.int,
  'min.insync.replicas': CONFIG_TYPE.int,
  'segment.bytes': CONFIG_TYPE.int,
  'segment.index.bytes': CONFIG_TYPE.int,
};

/** The configs of topics as Kafka's clients see and change them. */
export class TopicConfigResource {
  constructor(private readonly services: Pick<KafkaServices, 'topics'>) {}

  /** Every config of a topic that sets these, ordered by name. */
  describe(configs: Configs): readonly DescribedConfig[] {
    const { configs: known } = this.services.topics;
    const underneath = known.entries({});
    return known
      .descriptions(configs)
      .map((description, at) => described(description, underneath[at]))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * What a new topic sets.
   * @throws {KafkaRefusal} INVALID_REQUEST for a config that is given twice; INVALID_CONFIG.
   */
  initial(given: readonly GivenConfig[]): Configs {
    const values = new Map<string, string>();
    for (const { name, value } of onceEach(given)) {
      if (value === null) throw new KafkaRefusal('INVALID_CONFIG', `${name} has no value.`);
      values.set(name, value);
    }
    return Object.fromEntries(values);
  }

  /**
   * The changes that leave a topic with exactly these configs.
   * @throws {KafkaRefusal} INVALID_REQUEST for a config that is given twice, or without a value;
   *   INVALID_CONFIG.
   */
  replacing({ configs }: TopicDescription, given: readonly GivenConfig[]): ConfigChanges {
    const changes = new Map<string, string | null>(
      Object.keys(configs).map((name) => [name, null]),
    );
    for (const { name, value } of onceEach(given)) {
      changes.set(name, required(name, value));
    }
    return Object.fromEntries(changes);
  }

  /**
   * The changes that these operations make of a topic.
   * @throws {KafkaRefusal} INVALID_REQUEST for a config that is given twice, an operation that is
   *   none or one without its value; INVALID_CONFIG.
   */
  applying({ configs }: TopicDescription, given: readonly GivenOperation[]): ConfigChanges {
    const present = new Map(
      this.services.topics.configs.entries(configs).map(({ name, value }) => [name, value]),
    );
    const operated = given.map(({ name, value, configOperation }) => ({
      name,
      value: operate(configOperation, name, value, present.get(name) ?? ''),
    }));
    return Object.fromEntries(onceEach(operated).map(({ name, value }) => [name, value]));
  }
}

/** @throws {KafkaRefusal} INVALID_REQUEST: a config is given twice. */
function onceEach(given: readonly GivenConfig[]): readonly GivenConfig[] {
  const [repeated] = repeatedNames(given.map(({ name }) => name));
  if (repeated !== undefined) throw namedTwice(`the config ${repeated.slice(0, 60)}`);
  return given;
}

/** @param underneath What holds where the topic sets nothing. */
function described(
  { name, value, source, ...config }: ConfigDescription,
  underneath: ConfigEntry | undefined,
): DescribedConfig {
  const synonym = BROKER_SYNONYMS[name] ?? name;
  const synonyms: ConfigSynonym[] = [];
  if (source === 'topic') synonyms.push({ name, value, source: CONFIG_SOURCE.topic });
  if (underneath?.source === 'instance') {
    const ofBroker = { value: underneath.value, source: CONFIG_SOURCE.staticBroker };
    synonyms.push({ name: synonym, ...ofBroker });
  }
  synonyms.push({ name: synonym, value: config.default, source: CONFIG_SOURCE.default });
  return {
    name,
    value,
    readOnly: false,
    source: synonyms[0]?.source ?? CONFIG_SOURCE.default,
    type: TYPES[name] ?? configTypeOf(config.type),
    synonyms,
    documentation: `${config.meaning} Takes ${config.accepts}.`,
  };
}

/** @returns What the config is set to; null: it is taken back. */
function operate(
  operation: number,
  name: string,
  value: string | null,
  present: string,
): string | null {
  switch (operation) {
    case CONFIG_OPERATION.set:
      return required(name, value);
    case CONFIG_OPERATION.delete:
      return null;
    case CONFIG_OPERATION.append:
    case CONFIG_OPERATION.subtract:
      break;
    default:
      throw new KafkaRefusal('INVALID_REQUEST', `${name}: there is no operation ${operation}.`);
  }
  const words = required(name, value).split(',');
  const isAppend = operation === CONFIG_OPERATION.append;
  if (TYPES[name] !== CONFIG_TYPE.list) {
    const what = isAppend ? 'appended to' : 'subtracted from';
    throw new KafkaRefusal('INVALID_CONFIG', `${name} is no list that can be ${what}; set it.`);
  }
  const list = present.split(',').filter((word) => word !== '');
  const trimmed = words.map((word) => word.trim());
  const changed = isAppend
    ? [...new Set([...list, ...trimmed])]
    : list.filter((word) => !trimmed.includes(word));
  return changed.join(',');
}

/** @throws {KafkaRefusal} INVALID_REQUEST: there is no value. */
function required(name: string, value: string | null): string {
  if (value !== null) return value;
  throw new KafkaRefusal('INVALID_REQUEST', `${name} has no value to set.`);
}
