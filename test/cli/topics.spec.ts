// `walrusmq topic config|grow|delete-records|pin|describe` against a broker in this process.
import { Producer } from '@walrusmq/client';
import { main } from '@walrusmq/cli';
import { FakeTerminal } from './fake-terminal';
import { MemoryBroker } from './memory-broker';

describe('walrusmq topic', () => {
  let broker: MemoryBroker;
  beforeAll(async () => {
    broker = await MemoryBroker.start();
  });
  afterAll(() => broker.stop());

  const client = async (line: string): Promise<string> => {
    const terminal = new FakeTerminal();
    const args = [...line.split(' '), '--broker', broker.address];
    const code = await main(args, terminal);
    expect({ line, code, errors: terminal.errors }).toEqual({ line, code: 0, errors: '' });
    return terminal.output;
  };
  const json = async (line: string): Promise<unknown> =>
    JSON.parse(await client(`${line} --json`)) as unknown;

  async function produce(topic: string, count: number): Promise<void> {
    const producer = new Producer({ broker: broker.address });
    const sends = Array.from({ length: count }, (_, index) =>
      producer.send({ topic, partition: 0, value: `${index}`, timestamp: 1_000 * index }),
    );
    await Promise.all(sends);
    await producer.close();
  }

  it('creates with configs, shows, changes and takes them back', async () => {
    await client('topic create a --config retention.ms=5000 max.message.bytes=2000');
    const shown = await client('topic config a');
    expect(shown).toMatch(/│ retention.ms +│ 5000 ms +│ topic +│ -1 for no limit, or a whole/);
    expect(shown).toMatch(/│ retention.bytes +│ -1 \(no limit\) +│ default/);
    await client('topic config a segment.ms=60000 --unset retention.ms');
    const described = (await json('topic config a')) as { name: string; value: string }[];
    const values = new Map(described.map(({ name, value }) => [name, value]));
    expect(values.get('segment.ms')).toBe('60000');
    expect(values.get('retention.ms')).toBe('604800000');
    expect(values.get('max.message.bytes')).toBe('2000');
  });

  it('shows what has no effect where a topic sets it, and all of it as JSON', async () => {
    await client('topic create b --config segment.bytes=52428800');
    const shown = await client('topic config b');
    expect(shown).toMatch(
      /│ segment.bytes +│ 52428800 bytes +│ topic +│ a whole number from 1048576/,
    );
    expect(shown).not.toContain('segment.index.bytes');
    expect(shown).toMatch(/\n\d+ more, which Kafka's tools set and which change nothing/);
    expect(await client('topic describe b')).toMatch(/│ segment.bytes +│ 52428800 +│ topic/);
    const all = (await json('topic config b')) as { name: string; hasEffect: boolean }[];
    const without = all.filter(({ hasEffect }) => !hasEffect).map(({ name }) => name);
    expect(without).toEqual(expect.arrayContaining(['segment.bytes', 'segment.index.bytes']));
    await client('topic config b --unset segment.bytes');
    expect(await client('topic config b')).not.toContain('segment.bytes');
  });

  it('shows what a topic has that sets nothing, and what each config means', async () => {
    const described = (await json('topic config')) as Record<string, string>[];
    expect(described.map(({ name }) => name)).toContain('retention.consumed');
    for (const each of described) {
      expect(each).toMatchObject({ source: 'default', meaning: expect.any(String) as string });
    }
  });

  it('checks a change, a topic and a growth without making them', async () => {
    await client('topic create checked');
    expect(await client('topic config checked retention.ms=1 --validate-only')).toBe(
      'checked could be changed so\n',
    );
    expect(await client('topic grow checked --partitions 8 --validate-only')).toBe(
      'checked could have 8 partitions\n',
    );
    expect(await client('topic create other --partitions 2 --validate-only')).toBe(
      'could be created: other (2 partitions)\n',
    );
    const { partitions, configs } = await broker.admin.describeTopic('checked');
    expect(partitions).toHaveLength(1);
    expect(configs.every(({ source }) => source === 'default')).toBe(true);
    await expect(broker.admin.describeTopic('other')).rejects.toThrow('other');
  });

  it('grows a topic', async () => {
    await client('topic create small --partitions 2');
    expect(await client('topic grow small --partitions 5')).toBe('small has 5 partitions\n');
    expect(await json('topic grow small --partitions 6')).toMatchObject({ partitions: 6 });
  });

  it('deletes records before an offset, before a time, and all', async () => {
    await client('topic create records --partitions 2');
    await produce('records', 10);
    const first = 'topic delete-records records --before-offset 3 --partition 0';
    expect(await client(first)).toMatch(/│ 0 +│ 3 +│/);
    expect(await json('topic delete-records records --before-time 5000 --partition 0')).toEqual([
      { partition: 0, logStartOffset: 5 },
    ]);
    const iso = 'topic delete-records records --before-time 1970-01-01T00:00:07Z';
    expect(await json(iso)).toEqual([
      { partition: 0, logStartOffset: 7 },
      { partition: 1, logStartOffset: 0 },
    ]);
    expect(await json('topic delete-records records --all')).toEqual([
      { partition: 0, logStartOffset: 10 },
      { partition: 1, logStartOffset: 0 },
    ]);
  });

  it('pins a topic and shows who does', async () => {
    await client('topic create pinned --config retention.consumed=true retention.ms=-1');
    await produce('pinned', 3);
    expect(await client('topic pin pinned --reader audit --expire 7d')).toBe('audit pins pinned\n');
    const described = await client('topic describe pinned');
    expect(described).toMatch(/│ reader audit +│ 3 +│ \d+ s +│ 604,800 s +│/);
    expect(described).toContain("! The reader 'audit' holds 3 records, and neither retention.ms");
    expect(described).toMatch(/│ retention.consumed +│ true +│ topic +│/);
    await client('topic unpin pinned --reader audit');
    expect(await json('topic describe pinned')).toMatchObject({ pins: [] });
  });
});
