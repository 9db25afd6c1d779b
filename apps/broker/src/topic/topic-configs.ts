import {
  ProtocolError,
  type ConfigDescription,
  type ConfigEntry,
  type ConfigSource,
} from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import { topicConfigTable, type TopicConfigRow, type TopicDefaults } from './topic-config-table';

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
      retentionMs: Number(value('retention.ms')),
      retentionBytes: Number(value('retention.bytes')),
      retentionConsumed: value('retention.consumed') === 'true',
      segmentMs: Number(value('segment.ms')),
      maxMessageBytes: Number(value('max.message.bytes')),
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
      else result.set(name, this.checked(row, value));
    }
    return Object.fromEntries(result);
  }

  /** Each config's value with these set, and where it comes from. */
  entries(configs: Configs): readonly ConfigEntry[] {
    return topicConfigTable.map((row) => this.entry(row, configs));
  }

  /** The same with all there is to know of each. */
  descriptions(configs: Configs): readonly ConfigDescription[] {
    return topicConfigTable.map((row) => ({
      ...this.entry(row, configs),
      default: row.builtIn,
      type: row.type,
      unit: row.unit,
      accepts: row.accepts(this.defaults),
      meaning: row.meaning,
    }));
  }

  private checked(row: TopicConfigRow, text: string): string {
    const value = row.read(text.trim(), this.defaults);
    if (value !== undefined) return value;
    const expected = row.refusal?.(text) ?? `Expected ${row.accepts(this.defaults)}.`;
    const shown = JSON.stringify(text.slice(0, 60));
    throw new ProtocolError('INVALID_CONFIG', `${row.name} cannot be ${shown}. ${expected}`);
  }

  private entry(row: TopicConfigRow, configs: Configs): ConfigEntry {
    const { name, setting, builtIn } = row;
    const own = Object.hasOwn(configs, name) ? configs[name] : undefined;
    if (own !== undefined) return { name, value: own, source: 'topic' };
    const value = setting === undefined ? builtIn : String(this.defaults[setting]);
    const source: ConfigSource = value === builtIn ? 'default' : 'instance';
    return { name, value, source };
  }
}

function rowNamed(name: string): TopicConfigRow {
  const row = rowsByName.get(name);
  if (row !== undefined) return row;
  const known = topicConfigTable.map((each) => each.name).join(', ');
  const shown = JSON.stringify(name.slice(0, 60));
  throw new ProtocolError('INVALID_CONFIG', `No topic config ${shown}; there are ${known}.`);
}
