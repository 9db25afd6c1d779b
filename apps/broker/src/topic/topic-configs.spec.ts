import type { TopicDescription } from '@walrusmq/storage';
import { defaultSettings } from '../config/settings-table';
import { topicConfigTable } from './topic-config-table';
import { TopicConfigs } from './topic-configs';

const LONG_MAX = '9223372036854775807';

function topicWith(configs: Record<string, string>): TopicDescription {
  return { name: 't', id: 'id', partitionCount: 1, createdAtMs: 0, configs, pins: [] };
}

describe('TopicConfigs', () => {
  const configs = new TopicConfigs(defaultSettings);
  const set = (name: string, value: string | null): unknown =>
    configs.applied({}, { [name]: value });
  const refusal = (words: string) =>
    expect.objectContaining({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining(words) as string,
    }) as Error;

  it('has built-in defaults that are those of the settings, and takes them as values', () => {
    for (const { name, value, source } of configs.entries({})) {
      expect([name, source]).toEqual([name, 'default']);
      expect(set(name, value)).toEqual({ [name]: value });
    }
  });

  it.each([
    ['retention.ms', ['-1', '0', LONG_MAX], ['-2', '', '1.5', '1e3', '9223372036854775808']],
    ['retention.bytes', ['-1', '0', LONG_MAX], ['-2', '10MiB', '99999999999999999999']],
    ['segment.ms', ['100', LONG_MAX], ['99', '-1', '0']],
    ['max.message.bytes', ['1', '67108864'], ['0', '67108865', '-1']],
    ['retention.consumed', ['true', 'false'], ['1', 'yes', '']],
    ['message.timestamp.type', ['CreateTime', 'LogAppendTime'], ['createtime', '']],
    ['cleanup.policy', ['delete'], ['Delete', 'none']],
    ['compression.type', ['producer'], ['Producer', 'brotli']],
  ])('takes the values of %s at its bounds, and none beyond', (name, good, bad) => {
    for (const value of good) expect(set(name, value)).toEqual({ [name]: value });
    for (const value of bad) expect(() => set(name, value)).toThrow(refusal('Expected '));
    expect(() => set(name, bad[0] as string)).toThrow(refusal(`${name} cannot be "`));
  });

  it('says that compaction does not exist yet', () => {
    for (const value of ['compact', 'compact,delete', 'delete,compact']) {
      expect(() => set('cleanup.policy', value)).toThrow(refusal('Compaction does not exist yet'));
    }
  });

  it('says that the broker never compresses again', () => {
    for (const value of ['gzip', 'snappy', 'lz4', 'zstd', 'uncompressed']) {
      expect(() => set('compression.type', value)).toThrow(refusal('set it in the producer'));
    }
  });

  it('names the configs there are for one that is none', () => {
    for (const name of ['retention', '__proto__', 'constructor', 'x'.repeat(1000)]) {
      expect(() => set(name, '1')).toThrow(refusal('There are cleanup.policy, retention.ms'));
      expect(() => set(name, null)).toThrow(refusal('Unknown topic config name: '));
    }
  });

  it('says of configs that Kafka has no more that they are to be left out', () => {
    const name = 'message.downconversion.enable';
    const words = `Unknown topic config name: "${name}". Kafka has not had it since version 4.0`;
    expect(() => set(name, 'true')).toThrow(refusal(words));
  });

  it('takes the largest number of Kafka for a limit that is as good as none', () => {
    const none = { 'retention.ms': LONG_MAX, 'retention.bytes': LONG_MAX, 'segment.ms': LONG_MAX };
    expect(configs.of(topicWith(none))).toMatchObject({
      retentionMs: Number.MAX_SAFE_INTEGER,
      retentionBytes: Number.MAX_SAFE_INTEGER,
      segmentMs: Number.MAX_SAFE_INTEGER,
    });
    const [shown] = configs.entries(none).filter(({ name }) => name === 'retention.ms');
    expect(shown).toEqual({ name: 'retention.ms', value: LONG_MAX, source: 'topic' });
  });

  it('leaves out of note what has no effect and is not set', () => {
    const named = (set: Record<string, string>): readonly string[] =>
      configs.entriesOfNote(set).map(({ name }) => name);
    const plain = named({});
    expect(plain).toEqual(expect.arrayContaining(['retention.ms', 'compression.type']) as string[]);
    expect(plain).not.toContain('segment.bytes');
    expect(named({ 'segment.bytes': '1048576' })).toEqual([...plain, 'segment.bytes']);
  });

  it('sets, replaces and takes back, and leaves what is not named', () => {
    const first = configs.applied({}, { 'retention.ms': ' 5 ', 'segment.ms': '100' });
    expect(first).toEqual({ 'retention.ms': '5', 'segment.ms': '100' });
    const second = configs.applied(first, { 'retention.ms': null, 'retention.bytes': '7' });
    expect(second).toEqual({ 'segment.ms': '100', 'retention.bytes': '7' });
    expect(first).toEqual({ 'retention.ms': '5', 'segment.ms': '100' });
  });

  it('takes the topic before the instance and the instance before the built-in default', () => {
    const own = new TopicConfigs({ ...defaultSettings, retentionMs: 50, segmentMs: 200 });
    const entries = new Map(
      own.entries({ 'segment.ms': '300' }).map(({ name, ...entry }) => [name, entry]),
    );
    expect(entries.get('retention.ms')).toEqual({ value: '50', source: 'instance' });
    expect(entries.get('segment.ms')).toEqual({ value: '300', source: 'topic' });
    expect(entries.get('retention.bytes')).toEqual({ value: '-1', source: 'default' });
    expect(own.of(topicWith({ 'segment.ms': '300', 'retention.consumed': 'true' }))).toEqual({
      retentionMs: 50,
      retentionBytes: -1,
      retentionConsumed: true,
      segmentMs: 300,
      maxMessageBytes: 1_048_588,
      isLogAppendTime: false,
    });
  });

  it('describes every config with what can be set and what it means', () => {
    const descriptions = configs.descriptions({});
    expect(descriptions.map(({ name }) => name)).toEqual(topicConfigTable.map(({ name }) => name));
    for (const { name, meaning, accepts, unit } of descriptions) {
      expect([name, meaning]).toEqual([name, expect.stringMatching(/^[A-Z].*\.$/) as string]);
      expect(accepts).not.toBe('');
      expect(unit).toBe(/\.ms$/.test(name) ? 'ms' : /bytes$/.test(name) ? 'bytes' : null);
    }
  });
});
