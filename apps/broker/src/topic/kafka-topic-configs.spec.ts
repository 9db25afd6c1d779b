import { CONFIG_BYTES_MAX } from '@walrusmq/protocol';
import { defaultSettings } from '../config/settings-table';
import type { FsyncSetting } from '../config/setting-values';
import { kafkaTopicConfigs } from './kafka-topic-configs';
import { TopicConfigs } from './topic-configs';

const LONG_MAX = '9223372036854775807';
const BEYOND_LONG = '9223372036854775808';
const LONGS_FROM_ZERO = [
  'delete.retention.ms',
  'file.delete.delay.ms',
  'min.compaction.lag.ms',
  'segment.jitter.ms',
];
const REPLICAS = ['leader', 'follower'].map((role) => `${role}.replication.throttled.replicas`);
const TRUTHS = ['preallocate', 'remote.log.copy.disable', 'remote.log.delete.on.disable'];

const SYNC_EACH: FsyncSetting = { kind: 'sync-each' };
const NO_FSYNC: FsyncSetting = { kind: 'no-fsync' };
const EVERY_200_MS: FsyncSetting = { kind: 'milliseconds', intervalMs: 200 };

const under = (fsync: FsyncSetting): TopicConfigs =>
  new TopicConfigs({ ...defaultSettings, fsync });
const configs = new TopicConfigs(defaultSettings);
const set = (name: string, value: string, known = configs): unknown =>
  known.applied({}, { [name]: value });
const refusal = (words: string) =>
  expect.objectContaining({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining(words) as string,
  }) as Error;

type Bounds = readonly [name: string, good: readonly string[], bad: readonly string[]];

describe("the configs of Kafka's own storage", () => {
  it.each([
    ['segment.bytes', ['1048576', '52428800', '2147483647'], ['1048575', '2147483648', '1e6']],
    ['segment.index.bytes', ['4', '2147483647'], ['3', '2147483648', '-1']],
    ['index.interval.bytes', ['0', '2147483647'], ['-1', '2147483648']],
    ['max.compaction.lag.ms', ['1', LONG_MAX], ['0', BEYOND_LONG]],
    ['local.retention.ms', ['-2', '-1', '0', LONG_MAX], ['-3', BEYOND_LONG]],
    ['local.retention.bytes', ['-2', '-1', '0', LONG_MAX], ['-3', BEYOND_LONG]],
    ['min.cleanable.dirty.ratio', ['0', '1', '0.5', '.5', '1.', '5e-1'], ['1.01', '-0.1', '', 'x']],
    ['compression.gzip.level', ['-1', '1', '9'], ['0', '10', '-2']],
    ['compression.lz4.level', ['1', '17'], ['0', '18']],
    ['compression.zstd.level', ['-131072', '-1', '22'], ['-131073', '23']],
    ...LONGS_FROM_ZERO.map((name): Bounds => [name, ['0', LONG_MAX], ['-1', BEYOND_LONG, '']]),
    ...REPLICAS.map((name): Bounds => [name, ['', '*', '0:1', '0:1,1:1'], ['0', '0:1;1:1', 'all']]),
    ...TRUTHS.map((name): Bounds => [name, ['true', 'false'], ['1', 'yes', '']]),
  ] as readonly Bounds[])('take the values of %s that Kafka takes, and no others', (...bounds) => {
    const [name, good, bad] = bounds;
    for (const value of good) expect(set(name, value)).toEqual({ [name]: value });
    for (const value of bad) {
      const run = (): unknown => set(name, value);
      expect(run).toThrow(refusal(`${name} cannot be ${JSON.stringify(value)}. Expected`));
    }
  });

  it('are read as Kafka reads them', () => {
    expect(set('preallocate', ' True ')).toEqual({ preallocate: 'true' });
    expect(set('segment.bytes', ' 0052428800')).toEqual({ 'segment.bytes': '52428800' });
    expect(set(REPLICAS[0] as string, ' 0:1 , 1:1 ')).toEqual({
      [REPLICAS[0] as string]: '0:1,1:1',
    });
  });

  it('hold no more than a request of the SDK can say', () => {
    const pairs = (count: number): string => Array.from({ length: count }, () => '0:1').join(',');
    const most = (CONFIG_BYTES_MAX + 1) / 4;
    expect(set(REPLICAS[0] as string, pairs(Math.floor(most)))).toBeDefined();
    const run = (): unknown => set(REPLICAS[0] as string, pairs(Math.ceil(most) + 1));
    expect(run).toThrow(refusal(`at most ${CONFIG_BYTES_MAX} characters`));
  });

  it('say that they have no effect, or what holds instead', () => {
    for (const { name, hasEffect, meaning } of kafkaTopicConfigs) {
      expect([name, hasEffect]).toEqual([name, false]);
      expect(meaning).toMatch(/^Has no effect: |\b(one|nothing|no|Any|keeps)\b/);
    }
  });

  it('let the least lag of compaction not exceed the greatest, as in Kafka', () => {
    const lags = { 'min.compaction.lag.ms': '7', 'max.compaction.lag.ms': '7' };
    expect(configs.applied({}, lags)).toEqual(lags);
    const more = { 'min.compaction.lag.ms': '8' };
    expect(() => configs.applied(lags, more)).toThrow(refusal('max.compaction.lag.ms is 7'));
    expect(configs.applied(lags, { ...more, 'max.compaction.lag.ms': null })).toEqual(more);
  });
});

describe('configs with one value', () => {
  it.each([
    ['min.insync.replicas', '1', '2', 'Set it to 1 or leave it out'],
    ['unclean.leader.election.enable', 'false', 'true', 'nothing is ever elected'],
    ['remote.storage.enable', 'false', 'true', 'no tiered storage'],
    ['message.timestamp.after.max.ms', LONG_MAX, '3600000', 'Leave it out'],
    ['message.timestamp.before.max.ms', LONG_MAX, '3600000', 'Leave it out'],
  ])('%s takes %s, and says why not %s', (name, only, other, advice) => {
    expect(set(name, only)).toEqual({ [name]: only });
    const run = (value: string) => (): unknown => set(name, value);
    expect(run(other)).toThrow(refusal(advice));
    expect(run(other)).toThrow(refusal(`${name} cannot be "${other}".`));
    expect(run('x')).toThrow(refusal(`Expected ${only}.`));
  });
});

describe('flush.messages and flush.ms', () => {
  const shown = (known: TopicConfigs, set: Record<string, string> = {}): unknown =>
    known
      .entries(set)
      .filter(({ name }) => name.startsWith('flush.'))
      .map(({ value, source }) => [value, source]);

  it.each([
    ['sync-each', SYNC_EACH, ['1', '1000', LONG_MAX], ['0'], ['0', '1000', LONG_MAX], ['-1']],
    ['200ms', EVERY_200_MS, [LONG_MAX], ['1', '1000'], ['200', '1000', LONG_MAX], ['199', '0']],
    ['no-fsync', NO_FSYNC, [LONG_MAX], ['1', '1000'], [LONG_MAX], ['0', '1000']],
  ] as const)('take under %s what that keeps', (_, fsync, messages, fewer, times, sooner) => {
    const known = under(fsync);
    for (const value of messages) {
      expect(set('flush.messages', value, known)).toEqual({ 'flush.messages': value });
    }
    for (const value of times) expect(set('flush.ms', value, known)).toEqual({ 'flush.ms': value });
    for (const value of fewer) expect(() => set('flush.messages', value, known)).toThrow();
    for (const value of sooner) expect(() => set('flush.ms', value, known)).toThrow();
  });

  it('say what to do where the schedule syncs less often', () => {
    const advice = refusal('run it with sync-each');
    expect(() => set('flush.messages', '1', under(NO_FSYNC))).toThrow(advice);
    expect(() => set('flush.ms', '100', under(EVERY_200_MS))).toThrow(advice);
    const expected = refusal(`Expected a whole number from 200 to ${LONG_MAX}`);
    expect(() => set('flush.ms', '-1', under(EVERY_200_MS))).toThrow(expected);
  });

  it('show what the schedule does where a topic sets nothing', () => {
    expect(shown(under(SYNC_EACH))).toEqual([
      ['1', 'default'],
      [LONG_MAX, 'default'],
    ]);
    expect(shown(under(EVERY_200_MS))).toEqual([
      [LONG_MAX, 'instance'],
      ['200', 'instance'],
    ]);
    expect(shown(under(NO_FSYNC))).toEqual([
      [LONG_MAX, 'instance'],
      [LONG_MAX, 'default'],
    ]);
  });

  it('are not shown, and warned of, where another schedule does not keep them any more', () => {
    const stored = { 'flush.messages': '10', 'flush.ms': '500', 'segment.bytes': '1048576' };
    expect(shown(under(SYNC_EACH), stored)).toEqual([
      ['10', 'topic'],
      ['500', 'topic'],
    ]);
    expect(under(SYNC_EACH).warnings(stored)).toEqual([]);
    const weaker = under(EVERY_200_MS);
    expect(shown(weaker, stored)).toEqual([
      [LONG_MAX, 'instance'],
      ['500', 'topic'],
    ]);
    expect(weaker.warnings(stored)).toEqual([
      'flush.messages is set to 10, which the fsync schedule of the instance does not keep.',
    ]);
    expect(under(NO_FSYNC).warnings(stored)).toHaveLength(2);
  });
});
