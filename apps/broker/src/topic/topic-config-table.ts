// Every topic config, once: what validation, descriptions and docs/topics.md say comes from here.
import { kafkaTopicConfigs } from './kafka-topic-configs';
import type { TopicConfigRow, TopicDefaults } from './topic-config-row';
import { choice, integer, truth } from './topic-config-values';

const DAY_MS = 24 * 3_600_000;
const NO_LIMIT = ['-1', 'no limit'] as const;

const rows: readonly Omit<TopicConfigRow, 'hasEffect'>[] = [
  {
    name: 'cleanup.policy',
    ...choice('delete'),
    unit: null,
    setting: undefined,
    builtIn: 'delete',
    refusal: (text) =>
      text.includes('compact') ? 'Compaction does not exist yet; use delete.' : undefined,
    meaning: 'What becomes of old records: they are deleted by the retention configs.',
  },
  {
    name: 'retention.ms',
    ...integer({ min: 0, also: NO_LIMIT }),
    unit: 'ms',
    setting: 'retentionMs',
    builtIn: String(7 * DAY_MS),
    meaning:
      'A block of records may go once its newest timestamp is this long ago. A timestamp in the ' +
      'future keeps its block, and those behind it, until then.',
  },
  {
    name: 'retention.bytes',
    ...integer({ min: 0, also: NO_LIMIT }),
    unit: 'bytes',
    setting: 'retentionBytes',
    builtIn: '-1',
    meaning: 'The oldest block of a partition may go as long as the others have so many bytes.',
  },
  {
    name: 'retention.consumed',
    ...truth,
    unit: null,
    setting: 'retentionConsumed',
    builtIn: 'false',
    meaning:
      'A block may also go before its time, once every pin of the topic has passed it. Without a ' +
      'pin this frees nothing.',
  },
  {
    name: 'segment.ms',
    ...integer({ min: 100 }),
    unit: 'ms',
    setting: 'segmentMs',
    builtIn: String(7 * DAY_MS),
    meaning:
      'A block that is still written to is sealed this long after its first record, so that it ' +
      'can go although it is not full.',
  },
  {
    name: 'max.message.bytes',
    ...integer<TopicDefaults>({ min: 1, max: ({ frameBytesMax }) => frameBytesMax }),
    unit: 'bytes',
    setting: 'batchBytesMax',
    builtIn: '1048588',
    meaning: 'The largest record batch that is taken, compressed as it comes.',
  },
  {
    name: 'message.timestamp.type',
    ...choice('CreateTime', 'LogAppendTime'),
    unit: null,
    setting: 'messageTimestampType',
    builtIn: 'CreateTime',
    meaning:
      "Whether records keep their producer's timestamps or get the time at which the broker " +
      'appends them.',
  },
  {
    name: 'compression.type',
    ...choice('producer'),
    unit: null,
    setting: undefined,
    builtIn: 'producer',
    refusal: (text) =>
      ['uncompressed', 'none', 'gzip', 'snappy', 'lz4', 'zstd'].includes(text)
        ? 'The broker never compresses again what a producer sent; set it in the producer.'
        : undefined,
    meaning: 'Batches are stored as their producer compressed them.',
  },
];

/** The table, in the order in which tools show it. */
export const topicConfigTable: readonly TopicConfigRow[] = [
  ...rows.map((row) => ({ ...row, hasEffect: true })),
  ...kafkaTopicConfigs,
];
