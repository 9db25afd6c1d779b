// Topic configs that Kafka's tools set, and that change nothing here: either they tune a storage
// that this is not, or what they ask for is kept anyway. They are stored and shown as they were
// set. A value that promises what would not be kept is refused.
import type { FsyncSetting } from '../config/setting-values';
import type { TopicConfigRow, TopicDefaults } from './topic-config-row';
import {
  integer,
  INT_MAX,
  LONG_MAX,
  ratio,
  replicas,
  truth,
  type ConfigValues,
} from './topic-config-values';

type Row = Omit<TopicConfigRow, 'hasEffect' | 'unit' | 'setting'>;

/** What a schedule keeps of a promise to sync each so many records, or milliseconds. */
interface Syncs {
  /** The strictest value that it keeps. */
  readonly least: bigint;
  /** What it does where nothing is asked. */
  readonly shown: bigint;
}

const NEVER: Syncs = { least: LONG_MAX, shown: LONG_MAX };
const NO_RECOMPRESSION = 'Has no effect: the broker never compresses again what a producer sent.';
const NO_COMPACTION = 'Has no effect: it is about compaction, which does not exist yet.';
const NO_TIERS = 'Has no effect: there is no tiered storage, records are in the data directory.';
const NO_REPLICATION = 'Has no effect: with one broker nothing is replicated.';
const NO_TIMESTAMP_CHECK = 'Any timestamp is taken, however far it is from the clock.';

const int = (min: number, max = INT_MAX): ConfigValues => integer({ min, max: () => max });
const long = (min: number): ConfigValues => integer({ min });

/** A config that promises nothing, so that each of its values is taken. */
function tuning(name: string, values: ConfigValues, builtIn: string, meaning: string): Row {
  return { name, ...values, builtIn, meaning };
}

/**
 * A config with one value.
 *
 * @param meaning Why it has no other.
 * @param advice What to do instead.
 */
function fixed(
  name: string,
  { type, read }: ConfigValues,
  builtIn: string,
  [meaning, advice]: readonly [meaning: string, advice: string],
): Row {
  return {
    name,
    type,
    accepts: () => builtIn,
    read: (text) => (read(text, undefined) === builtIn ? builtIn : undefined),
    refusal: (text) => (read(text, undefined) === undefined ? undefined : `${meaning} ${advice}`),
    builtIn,
    meaning,
  };
}

/** A config that asks for syncs, which are the business of the instance's schedule. */
function syncing(
  name: string,
  values: ConfigValues,
  builtIn: bigint,
  [syncs, meaning]: readonly [syncs: (fsync: FsyncSetting) => Syncs, meaning: string],
): Row {
  const isKept = (value: string, { fsync }: TopicDefaults): boolean =>
    BigInt(value) >= syncs(fsync).least;
  return {
    name,
    type: values.type,
    accepts: ({ fsync }) => {
      const { least } = syncs(fsync);
      return least === LONG_MAX ? String(least) : `a whole number from ${least} to ${LONG_MAX}`;
    },
    read: (text, settings) => {
      const value = values.read(text, settings);
      return value !== undefined && isKept(value, settings) ? value : undefined;
    },
    isKept,
    refusal: (text, settings) =>
      values.read(text, settings) === undefined
        ? undefined
        : 'The fsync schedule of the instance (--fsync) syncs less often: run it with sync-each, ' +
          'or leave this out.',
    underneath: ({ fsync }) => String(syncs(fsync).shown),
    builtIn: String(builtIn),
    meaning,
  };
}

const rows: readonly Row[] = [
  tuning(
    'compression.gzip.level',
    integer({ min: 1, max: () => 9, also: ['-1', "gzip's own"] }),
    '-1',
    NO_RECOMPRESSION,
  ),
  tuning('compression.lz4.level', int(1, 17), '9', NO_RECOMPRESSION),
  tuning('compression.zstd.level', int(-131_072, 22), '3', NO_RECOMPRESSION),
  tuning('delete.retention.ms', long(0), '86400000', NO_COMPACTION),
  tuning(
    'file.delete.delay.ms',
    long(0),
    '60000',
    'Has no effect: the space of deleted records is given back once their deletion is durable.',
  ),
  syncing('flush.messages', long(1), 1n, [
    ({ kind }) => (kind === 'sync-each' ? { least: 1n, shown: 1n } : NEVER),
    'What the fsync schedule of the instance (--fsync) keeps is taken: under sync-each ' +
      'everything, as it syncs a record before acks=all is answered and anybody reads it.',
  ]),
  syncing('flush.ms', long(0), LONG_MAX, [
    (fsync) => {
      if (fsync.kind === 'sync-each') return { least: 0n, shown: LONG_MAX };
      if (fsync.kind === 'no-fsync') return NEVER;
      return { least: BigInt(fsync.intervalMs), shown: BigInt(fsync.intervalMs) };
    },
    'What the fsync schedule of the instance (--fsync) keeps is taken: under sync-each ' +
      'everything, under an interval that and longer ones.',
  ]),
  tuning('follower.replication.throttled.replicas', replicas, '', NO_REPLICATION),
  tuning(
    'index.interval.bytes',
    int(0),
    '4096',
    'Has no effect: the engine decides how closely a block is indexed.',
  ),
  tuning('leader.replication.throttled.replicas', replicas, '', NO_REPLICATION),
  tuning('local.retention.bytes', long(-2), '-2', NO_TIERS),
  tuning('local.retention.ms', long(-2), '-2', NO_TIERS),
  tuning('max.compaction.lag.ms', long(1), String(LONG_MAX), NO_COMPACTION),
  fixed('message.timestamp.after.max.ms', long(0), String(LONG_MAX), [
    NO_TIMESTAMP_CHECK,
    'Leave it out; message.timestamp.type=LogAppendTime has the broker stamp records itself.',
  ]),
  fixed('message.timestamp.before.max.ms', long(0), String(LONG_MAX), [
    NO_TIMESTAMP_CHECK,
    'Leave it out; message.timestamp.type=LogAppendTime has the broker stamp records itself.',
  ]),
  tuning('min.cleanable.dirty.ratio', ratio, '0.5', NO_COMPACTION),
  tuning('min.compaction.lag.ms', long(0), '0', NO_COMPACTION),
  fixed('min.insync.replicas', int(1), '1', [
    'There is one broker, so that each partition has one replica.',
    'Set it to 1 or leave it out; acks=all waits until that one is as durable as --fsync says.',
  ]),
  tuning(
    'preallocate',
    truth,
    'false',
    'Has no effect: blocks take the space that their records need.',
  ),
  tuning('remote.log.copy.disable', truth, 'false', NO_TIERS),
  tuning('remote.log.delete.on.disable', truth, 'false', NO_TIERS),
  fixed('remote.storage.enable', truth, 'false', [
    'There is no tiered storage: records are in the data directory.',
    'Leave it out; retention.ms and retention.bytes bound what is kept there.',
  ]),
  {
    ...tuning(
      'segment.bytes',
      int(1_048_576),
      '10485760',
      'Has no effect: the size of a block belongs to the broker (--block-bytes).',
    ),
    underneath: ({ blockBytes }) => String(blockBytes),
  },
  tuning(
    'segment.index.bytes',
    int(4),
    '10485760',
    'Has no effect: the index of a block is as large as it has to be.',
  ),
  tuning(
    'segment.jitter.ms',
    long(0),
    '0',
    'Has no effect: blocks are sealed by the age of their own first record.',
  ),
  fixed('unclean.leader.election.enable', truth, 'false', [
    'The one broker leads every partition; nothing is ever elected.',
    'Set it to false or leave it out.',
  ]),
];

/** The configs of this file, in the order in which tools show them. */
export const kafkaTopicConfigs: readonly TopicConfigRow[] = rows.map((row) => ({
  ...row,
  unit: row.name.endsWith('.ms') ? 'ms' : row.name.endsWith('.bytes') ? 'bytes' : null,
  hasEffect: false,
  setting: undefined,
}));

/** Configs that Kafka had before version 4, and refuses since. */
export const formerKafkaTopicConfigs: ReadonlySet<string> = new Set([
  'message.downconversion.enable',
  'message.format.version',
  'message.timestamp.difference.max.ms',
]);
