// Every topic config, once: what validation, descriptions and docs/topics.md say comes from here.
import type { ConfigDescription } from '@walrusmq/protocol';
import type { BrokerSettings } from '../config/settings-table';

/** Settings that say what a topic has where it says nothing itself, and what it cannot exceed. */
export type TopicDefaults = Pick<
  BrokerSettings,
  | 'retentionMs'
  | 'retentionBytes'
  | 'retentionConsumed'
  | 'segmentMs'
  | 'batchBytesMax'
  | 'frameBytesMax'
  | 'messageTimestampType'
>;

/** A topic config: a name and a value as Kafka has them, but for `retention.consumed`. */
export interface TopicConfigRow {
  readonly name: string;
  readonly type: ConfigDescription['type'];
  readonly unit: ConfigDescription['unit'];
  /** The setting that holds where a topic sets nothing; undefined: none, `builtIn` does. */
  readonly setting: keyof TopicDefaults | undefined;
  readonly builtIn: string;
  /** The values that are taken, as the end of "expected …". */
  readonly accepts: (limits: TopicDefaults) => string;
  /** The value as it is stored; undefined: not one. */
  readonly read: (text: string, limits: TopicDefaults) => string | undefined;
  /** Why a value that Kafka knows is not taken, as a sentence. */
  readonly refusal?: (text: string) => string | undefined;
  readonly meaning: string;
}

interface Range {
  readonly min: number;
  readonly max: (limits: TopicDefaults) => number;
  readonly isUnlimitedAllowed?: boolean;
}

const DAY_MS = 24 * 3_600_000;
const anyInteger = (): number => Number.MAX_SAFE_INTEGER;

function integer({ min, max, isUnlimitedAllowed = false }: Range) {
  return {
    type: 'integer',
    accepts: (limits: TopicDefaults): string =>
      (isUnlimitedAllowed ? '-1 for no limit, or ' : '') +
      `a whole number from ${min} to ${max(limits)}`,
    read: (text: string, limits: TopicDefaults): string | undefined => {
      if (isUnlimitedAllowed && text === '-1') return text;
      const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max(limits) ? String(value) : undefined;
    },
  } as const;
}

function choice(...words: readonly string[]) {
  return {
    type: 'choice',
    unit: null,
    accepts: (): string => words.join(' or '),
    read: (text: string): string | undefined => words.find((word) => word === text),
  } as const;
}

/** The table, in the order in which tools show it. */
export const topicConfigTable: readonly TopicConfigRow[] = [
  {
    name: 'cleanup.policy',
    ...choice('delete'),
    setting: undefined,
    builtIn: 'delete',
    refusal: (text) =>
      text.includes('compact') ? 'Compaction does not exist yet; use delete.' : undefined,
    meaning: 'What becomes of old records: they are deleted by the retention configs.',
  },
  {
    name: 'retention.ms',
    ...integer({ min: 0, max: anyInteger, isUnlimitedAllowed: true }),
    unit: 'ms',
    setting: 'retentionMs',
    builtIn: String(7 * DAY_MS),
    meaning:
      'A block of records may go once its newest timestamp is this long ago. A timestamp in the ' +
      'future keeps its block, and those behind it, until then.',
  },
  {
    name: 'retention.bytes',
    ...integer({ min: 0, max: anyInteger, isUnlimitedAllowed: true }),
    unit: 'bytes',
    setting: 'retentionBytes',
    builtIn: '-1',
    meaning: 'The oldest block of a partition may go as long as the others have so many bytes.',
  },
  {
    name: 'retention.consumed',
    type: 'boolean',
    unit: null,
    accepts: () => 'true or false',
    read: (text) => (text === 'true' || text === 'false' ? text : undefined),
    setting: 'retentionConsumed',
    builtIn: 'false',
    meaning:
      'A block may also go before its time, once every pin of the topic has passed it. Without a ' +
      'pin this frees nothing.',
  },
  {
    name: 'segment.ms',
    ...integer({ min: 100, max: anyInteger }),
    unit: 'ms',
    setting: 'segmentMs',
    builtIn: String(7 * DAY_MS),
    meaning:
      'A block that is still written to is sealed this long after its first record, so that it ' +
      'can go although it is not full.',
  },
  {
    name: 'max.message.bytes',
    ...integer({ min: 1, max: ({ frameBytesMax }) => frameBytesMax }),
    unit: 'bytes',
    setting: 'batchBytesMax',
    builtIn: '1048588',
    meaning: 'The largest record batch that is taken, compressed as it comes.',
  },
  {
    name: 'message.timestamp.type',
    ...choice('CreateTime', 'LogAppendTime'),
    setting: 'messageTimestampType',
    builtIn: 'CreateTime',
    meaning:
      "Whether records keep their producer's timestamps or get the time at which the broker " +
      'appends them.',
  },
  {
    name: 'compression.type',
    ...choice('producer'),
    setting: undefined,
    builtIn: 'producer',
    refusal: (text) =>
      ['uncompressed', 'none', 'gzip', 'snappy', 'lz4', 'zstd'].includes(text)
        ? 'The broker never compresses again what a producer sent; set it in the producer.'
        : undefined,
    meaning: 'Batches are stored as their producer compressed them.',
  },
];
