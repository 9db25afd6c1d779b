// Configs of topics that Kafka has and that have one value here, whatever a topic says.
import type { BrokerSettings } from '../config/settings-table';
import { CONFIG_TYPE } from './config-resource';

/** A topic config with one value. */
export interface FixedConfig {
  readonly name: string;
  /** Of the broker, as Kafka calls it. */
  readonly synonym: string;
  readonly type: number;
  readonly value: (settings: BrokerSettings) => string;
  /** Why it is so, and what to do instead; sentences. */
  readonly documentation: string;
}

const LONG_MAX = '9223372036854775807';

/** The table, in the order in which tools show it. */
export const FIXED_CONFIGS: readonly FixedConfig[] = [
  {
    name: 'flush.messages',
    synonym: 'log.flush.interval.messages',
    type: CONFIG_TYPE.long,
    value: ({ fsync }) => (fsync.kind === 'sync-each' ? '1' : LONG_MAX),
    documentation:
      'The fsync schedule belongs to the instance (--fsync): with sync-each every ' +
      'acknowledged record is synced, which is 1.',
  },
  {
    name: 'flush.ms',
    synonym: 'log.flush.interval.ms',
    type: CONFIG_TYPE.long,
    value: ({ fsync }) => (fsync.kind === 'milliseconds' ? String(fsync.intervalMs) : LONG_MAX),
    documentation:
      'The fsync schedule belongs to the instance (--fsync): an interval is shown here.',
  },
  {
    name: 'message.timestamp.after.max.ms',
    synonym: 'log.message.timestamp.after.max.ms',
    type: CONFIG_TYPE.long,
    value: () => LONG_MAX,
    documentation: 'Any timestamp is taken, however far it is ahead of the clock.',
  },
  {
    name: 'message.timestamp.before.max.ms',
    synonym: 'log.message.timestamp.before.max.ms',
    type: CONFIG_TYPE.long,
    value: () => LONG_MAX,
    documentation: 'Any timestamp is taken, however long ago it is.',
  },
  {
    name: 'min.insync.replicas',
    synonym: 'min.insync.replicas',
    type: CONFIG_TYPE.int,
    value: () => '1',
    documentation: 'There is one broker, so that each partition has one replica.',
  },
  {
    name: 'preallocate',
    synonym: 'log.preallocate',
    type: CONFIG_TYPE.boolean,
    value: () => 'false',
    documentation: 'Blocks take the space that their records need.',
  },
  {
    name: 'remote.storage.enable',
    synonym: 'remote.log.storage.system.enable',
    type: CONFIG_TYPE.boolean,
    value: () => 'false',
    documentation: 'There is no tiered storage: records are in the data directory.',
  },
  {
    name: 'segment.bytes',
    synonym: 'log.segment.bytes',
    type: CONFIG_TYPE.int,
    value: ({ blockBytes }) => String(blockBytes),
    documentation: 'The size of a block belongs to the broker (--block-bytes).',
  },
  {
    name: 'unclean.leader.election.enable',
    synonym: 'unclean.leader.election.enable',
    type: CONFIG_TYPE.boolean,
    value: () => 'false',
    documentation: 'The one broker leads every partition; nothing is ever elected.',
  },
];

const BY_NAME: ReadonlyMap<string, FixedConfig> = new Map(
  FIXED_CONFIGS.map((config) => [config.name, config]),
);

/** The config of that name, if it is one of those with one value. */
export function fixedConfig(name: string): FixedConfig | undefined {
  return BY_NAME.get(name);
}
