import { ProtocolError, type ConfigDescription, type ConfigEntry } from '@walrusmq/protocol';
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
import { FIXED_CONFIGS, fixedConfig, type FixedConfig } from './fixed-configs';
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

/** What Kafka calls the broker's value for where a topic sets nothing. */
export const BROKER_SYNONYMS: Readonly<Record<string, string>> = {
  'cleanup.policy': 'log.cleanup.policy',
  'retention.ms': 'log.retention.ms',
  'retention.bytes': 'log.retention.bytes',
  'retention.consumed': 'log.retention.consumed',
  'segment.ms': 'log.roll.ms',
  'max.message.bytes': 'message.max.bytes',
  'message.timestamp.type': 'log.message.timestamp.type',
  'compression.type': 'compression.type',
};

/** Where Kafka's type says more than ours. */
const TYPES: Readonly<Record<string, number>> = {
  'cleanup.policy': CONFIG_TYPE.list,
  'max.message.bytes': CONFIG_TYPE.int,
};

/**
 * The configs of topics as Kafka's clients see and change them: those of `TopicConfigs`, and those
 * that have one value here.
 */
export class TopicConfigResource {
  constructor(private readonly services: Pick<KafkaServices, 'topics' | 'currentSettings'>) {}

  /** Every config of a topic that sets these, ordered by name. */
  describe(configs: Configs): readonly DescribedConfig[] {
    const { configs: known } = this.services.topics;
    const underneath = known.entries({});
    const settable = known
      .descriptions(configs)
      .map((description, at) => described(description, underneath[at]));
    const fixed = FIXED_CONFIGS.map((config) => this.describeFixed(config));
    return [...settable, ...fixed].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * What a new topic sets.
   * @throws {KafkaRefusal} INVALID_REQUEST for a config that is given twice; INVALID_CONFIG.
   */
  initial(given: readonly GivenConfig[]): Configs {
    const values = new Map<string, string>();
    for (const { name, value } of this.settable(given)) {
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
    for (const { name, value } of this.settable(given)) {
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
    return Object.fromEntries(this.settable(operated).map(({ name, value }) => [name, value]));
  }

  /** Those that a topic can set; of the others it is checked that they stay what they are. */
  private settable(given: readonly GivenConfig[]): readonly GivenConfig[] {
    const [repeated] = repeatedNames(given.map(({ name }) => name));
    if (repeated !== undefined) throw namedTwice(`the config ${repeated.slice(0, 60)}`);
    return given.filter(({ name, value }) => {
      const fixed = fixedConfig(name);
      if (fixed === undefined) return true;
      const only = fixed.value(this.services.currentSettings());
      if (value === null || value.trim() === only) return false;
      const shown = JSON.stringify(value.slice(0, 60));
      const message = `${name} is ${only} and cannot be ${shown}. ${fixed.documentation}`;
      throw new ProtocolError('INVALID_CONFIG', message);
    });
  }

  private describeFixed({ name, synonym, type, ...config }: FixedConfig): DescribedConfig {
    const value = config.value(this.services.currentSettings());
    const source = CONFIG_SOURCE.default;
    const synonyms = [{ name: synonym, value, source }];
    const { documentation } = config;
    return { name, value, readOnly: true, source, type, synonyms, documentation };
  }
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
