import {
  ProtocolError,
  type ConfigDescription,
  type ConfigEntry,
  type ConfigSource,
} from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import { formerKafkaTopicConfigs } from './kafka-topic-configs';
import type { TopicConfigRow, TopicDefaults } from './topic-config-row';
import { topicConfigTable } from './topic-config-table';

/** What a topic is kept by. Sizes in bytes, durations in milliseconds, -1: no limit. */
export interface EffectiveConfigs {
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly retentionConsumed: boolean;
  readonly segmentMs: number;
  readonly maxMessageBytes: number;
  readonly isLogAppendTime: boolean;
}

/** Values by config name. */
type Configs = Readonly<Record<string, string>>;

const rowsByName = new Map(topicConfigTable.map((row) => [row.name, row]));

/**
 * The topic configs under the settings of one instance: which values are good, and what holds.
 *
 * Life: as long as the instance. Topics change at run time, and so may the settings.
 */
export class TopicConfigs {
  /** A description never changes; an altered topic has another one. */
  private effective = new WeakMap<TopicDescription, EffectiveConfigs>();

  constructor(private defaults: TopicDefaults) {}

  /** Other settings hold from now on. */
  configure(defaults: TopicDefaults): void {
    this.defaults = defaults;
    this.effective = new WeakMap();
  }

  /** What holds for a topic now. */
  of(topic: TopicDescription): EffectiveConfigs {
    const known = this.effective.get(topic);
    if (known !== undefined) return known;
    const value = (name: string): string => this.entry(rowNamed(name), topic.configs).value;
    const effective: EffectiveConfigs = {
      retentionMs: configNumber(value('retention.ms')),
      retentionBytes: configNumber(value('retention.bytes')),
      retentionConsumed: value('retention.consumed') === 'true',
      segmentMs: configNumber(value('segment.ms')),
      maxMessageBytes: configNumber(value('max.message.bytes')),
      isLogAppendTime: value('message.timestamp.type') === 'LogAppendTime',
    };
    this.effective.set(topic, effective);
    return effective;
  }

  /**
   * The configs that a topic has after `changes`; null takes back what was set.
   * @throws {ProtocolError} INVALID_CONFIG naming the config, what it was given and what is taken.
   */
  applied(configs: Configs, changes: Readonly<Record<string, string | null>>): Configs {
    const result = new Map(Object.entries(configs));
    for (const [name, value] of Object.entries(changes)) {
      const row = rowNamed(name);
      if (value === null) result.delete(name);
      else result.set(name, checkedConfig(row, value, this.defaults));
    }
    checkCompactionLags(result);
    return Object.fromEntries(result);
  }

  /** Each config's value with these set, and where it comes from. */
  entries(configs: Configs): readonly ConfigEntry[] {
    return topicConfigTable.map((row) => this.entry(row, configs));
  }

  /** The same of those that have an effect, and of the others that are set. */
  entriesOfNote(configs: Configs): readonly ConfigEntry[] {
    const noted = topicConfigTable.filter(
      ({ name, hasEffect }) => hasEffect || Object.hasOwn(configs, name),
    );
    return noted.map((row) => this.entry(row, configs));
  }

  /**
   * Sentences about what was set when another fsync schedule kept it. Such a config is shown with
   * what holds, and counts again once a schedule keeps it.
   */
  warnings(configs: Configs): readonly string[] {
    return Object.entries(configs)
      .filter(([name, value]) => rowsByName.get(name)?.isKept?.(value, this.defaults) === false)
      .map(
        ([name, value]) =>
          `${name} is set to ${value}, which the fsync schedule of the instance does not keep.`,
      );
  }

  /** Each config's value with all there is to know of it. */
  descriptions(configs: Configs): readonly ConfigDescription[] {
    return topicConfigTable.map((row) => ({
      ...this.entry(row, configs),
      default: row.builtIn,
      type: row.type,
      unit: row.unit,
      hasEffect: row.hasEffect,
      accepts: row.accepts(this.defaults),
      meaning: row.meaning,
    }));
  }

  private entry(row: TopicConfigRow, configs: Configs): ConfigEntry {
    const { name, setting, builtIn, isKept, underneath } = row;
    const own = Object.hasOwn(configs, name) ? configs[name] : undefined;
    if (own !== undefined && isKept?.(own, this.defaults) !== false) {
      return { name, value: own, source: 'topic' };
    }
    const unset = underneath?.(this.defaults) ?? builtIn;
    const value = setting === undefined ? unset : String(this.defaults[setting]);
    const source: ConfigSource = value === builtIn ? 'default' : 'instance';
    return { name, value, source };
  }
}

/**
 * A value as it is stored.
 * @throws {ProtocolError} INVALID_CONFIG naming the config, what it was given and what is taken.
 */
export function checkedConfig(row: TopicConfigRow, text: string, settings: TopicDefaults): string {
  const given = text.trim();
  const value = row.read(given, settings);
  if (value !== undefined) return value;
  const expected = row.refusal?.(given, settings) ?? `Expected ${row.accepts(settings)}.`;
  const shown = JSON.stringify(text.slice(0, 60));
  throw invalid(`${row.name} cannot be ${shown}. ${expected}`);
}

/** The number of a config, or the largest that is exact: as a limit that is as good as none. */
export function configNumber(value: string): number {
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}

/** @throws {ProtocolError} INVALID_CONFIG: as in Kafka, these two depend on each other. */
function checkCompactionLags(configs: ReadonlyMap<string, string>): void {
  const [min, max] = ['min.compaction.lag.ms', 'max.compaction.lag.ms'].map((name) => {
    return BigInt(configs.get(name) ?? rowNamed(name).builtIn);
  });
  if (min === undefined || max === undefined || min <= max) return;
  throw invalid(`min.compaction.lag.ms cannot be ${min}: max.compaction.lag.ms is ${max}.`);
}

function rowNamed(name: string): TopicConfigRow {
  const row = rowsByName.get(name);
  if (row !== undefined) return row;
  const known = topicConfigTable.filter(({ hasEffect }) => hasEffect).map((each) => each.name);
  const advice = formerKafkaTopicConfigs.has(name)
    ? 'Kafka has not had it since version 4.0; leave it out.'
    : `There are ${known.join(', ')}, and those that only Kafka's tools set.`;
  throw invalid(`Unknown topic config name: ${JSON.stringify(name.slice(0, 60))}. ${advice}`);
}

function invalid(message: string): ProtocolError {
  return new ProtocolError('INVALID_CONFIG', message);
}
