// kcat as people type it: its own flags, formats and exit codes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientBroker, newName } from './client-broker';
import { KcatProcess, runKcat, type KcatResult } from './kcat/kcat-process';

jest.setTimeout(120_000);

const HELD_MS = 1_700_000_000_000;

let broker: ClientBroker;
beforeAll(async () => {
  broker = await ClientBroker.start();
});
afterAll(() => broker.stop());

const partitionsOf = ({ partitions }: { readonly partitions: readonly number[] }) => partitions;

const kcat = (args: readonly string[], input = ''): Promise<KcatResult> =>
  runKcat(broker.addresses.kafka, args, input);

/** What a run that ended well printed. */
async function printed(args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await kcat(args, input);
  if (code !== 0) throw new Error(`kcat ${args.join(' ')} ended with ${String(code)}: ${stderr}`);
  return stdout;
}

/** Records of one partition with timestamps a second apart, from `HELD_MS` on. */
async function held(values: readonly string[]): Promise<string> {
  const topic = await broker.newTopic();
  await broker.producer.sendMany(
    values.map((value, i) => ({ topic, partition: 0, value, timestamp: HELD_MS + i * 1_000 })),
  );
  return topic;
}

describe('kcat -L', () => {
  it('lists the broker, the topics and their partitions', async () => {
    const topic = await broker.newTopic(2);
    const listed = await printed(['-L']);
    const { kafka } = broker.addresses;
    expect(listed).toContain('Metadata for all topics (from broker 1: ');
    expect(listed).toContain(` 1 brokers:\n  broker 1 at ${kafka} (controller)\n`);
    expect(listed).toContain(
      `  topic "${topic}" with 2 partitions:\n` +
        '    partition 0, leader 1, replicas: 1, isrs: 1\n' +
        '    partition 1, leader 1, replicas: 1, isrs: 1\n',
    );
  });

  it('lists one topic, without the others', async () => {
    const [topic, other] = [await broker.newTopic(), await broker.newTopic()];
    const listed = await printed(['-L', '-t', topic]);
    expect(listed).toContain(`topic "${topic}" with 1 partitions:`);
    expect(listed).not.toContain(other);
  });

  it('has a topic created by its name', async () => {
    const { kafka } = broker.addresses;
    const written = await runKcat(kafka, ['-P', '-t', 'new'], 'first\n');
    expect(written).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await runKcat(kafka, ['-C', '-t', 'new', '-e', '-q'])).stdout).toBe('first\n');
  });

  it('is refused a topic that does not exist where the broker is set to', async () => {
    const strict = await ClientBroker.start('--kafka-auto-create-topics', 'false');
    const flags = ['-X', 'topic.metadata.propagation.max.ms=0'];
    const { code, stderr } = await runKcat(
      strict.addresses.kafka,
      ['-P', '-t', 'new', ...flags],
      'x\n',
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('Unknown topic')]);
    await strict.stop();
  });
});

describe('kcat -P', () => {
  it('writes keys, headers and nulls, which -f prints', async () => {
    const topic = await broker.newTopic();
    const headers = ['-H', 'color=red', '-H', 'size=xl'];
    await printed(['-P', '-t', topic, '-K:', ...headers], 'one:apple\ntwo:pear\n');
    await printed(['-P', '-t', topic, '-K:', '-Z'], 'gone:\n');
    const format = '%t %p %o %k %K %s %S %h\\n';
    expect(await printed(['-C', '-t', topic, '-e', '-q', '-Z', '-f', format])).toBe(
      `${topic} 0 0 one 3 apple 5 color=red,size=xl\n` +
        `${topic} 0 1 two 3 pear 4 color=red,size=xl\n` +
        `${topic} 0 2 gone 4 NULL -1 \n`,
    );
  });

  it('writes each file as one record, and splits its input where -D says', async () => {
    const topic = await broker.newTopic();
    const folder = mkdtempSync(join(tmpdir(), 'walrusmq-kcat-'));
    const files = ['one', 'two'].map((name) => join(folder, name));
    for (const file of files) writeFileSync(file, `all of\n${file}`);
    await printed(['-P', '-t', topic, ...files]);
    await printed(['-P', '-t', topic, '-D;'], 'a;b;c');
    rmSync(folder, { recursive: true });
    const read = await printed(['-C', '-t', topic, '-e', '-q', '-D|']);
    expect(read).toBe(`${files.map((file) => `all of\n${file}|`).join('')}a|b|c|`);
  });

  it('says so when a topic has no such partition', async () => {
    const topic = await broker.newTopic();
    const { code, stderr } = await kcat(['-P', '-t', topic, '-p', '7'], 'nowhere\n');
    expect(code).toBe(1);
    expect(stderr).toContain('Unknown partition');
  });

  it('is told that there are no transactions', async () => {
    const topic = await broker.newTopic();
    const args = ['-P', '-t', topic, '-m', '1', '-X', 'transactional.id=t'];
    const { code, stderr } = await kcat(args, 'x\n');
    expect(code).toBe(1);
    expect(stderr).toContain('init_transactions()');
    expect(stderr).toContain('Broker: Transactional Id authorization failed');
  });
});

describe('kcat -C', () => {
  it.each([
    ['beginning', 'abcde'],
    ['2', 'cde'],
    ['-2', 'de'],
    ['end', ''],
    [`s@${HELD_MS + 1_001}`, 'cde'],
    [`s@${HELD_MS + 60_000}`, ''],
  ])('reads from -o %s on', async (offset, expected) => {
    const topic = await held(['a', 'b', 'c', 'd', 'e']);
    expect(await printed(['-C', '-t', topic, '-o', offset, '-e', '-q', '-f', '%s'])).toBe(expected);
  });

  it('reads between two times', async () => {
    const topic = await held(['a', 'b', 'c', 'd', 'e']);
    const times = ['-o', `s@${HELD_MS + 1_000}`, '-o', `e@${HELD_MS + 3_000}`];
    const format = ['-f', '%s %T\\n'];
    expect(await printed(['-C', '-t', topic, ...times, '-q', ...format])).toBe(
      `b ${HELD_MS + 1_000}\nc ${HELD_MS + 2_000}\n`,
    );
  });

  it('reads all partitions, as many records as -c says', async () => {
    const topic = await broker.newTopic(3);
    for (const partition of [0, 1, 2]) await broker.write(topic, partition, ['x', 'y']);
    const read = await printed(['-C', '-t', topic, '-c', '6', '-q', '-f', '%p%s\\n']);
    const lines = read.trimEnd().split('\n');
    expect([...lines].sort()).toEqual(['0x', '0y', '1x', '1y', '2x', '2y']);
  });

  it('prints records as they are written, until it is stopped', async () => {
    const topic = await broker.newTopic();
    const reading = new KcatProcess(broker.addresses.kafka, ['-C', '-t', topic, '-u', '-f', '%s;']);
    await reading.until(() => reading.stderr.includes('Reached end'), 'the end of the topic');
    await broker.write(topic, 0, ['one']);
    await reading.until(() => reading.stdout === 'one;', 'the first record');
    await broker.write(topic, 0, ['two']);
    await reading.until(() => reading.stdout === 'one;two;', 'the second record');
    expect((await reading.end()).code).toBe(0);
  });

  it('is told that an offset is out of range, and goes where it is set to', async () => {
    const topic = await held(['a', 'b']);
    const beyond = ['-C', '-t', topic, '-o', '100', '-q', '-f', '%s'];
    const strict = await kcat([...beyond, '-X', 'topic.auto.offset.reset=error', '-e']);
    expect(strict.code).toBe(1);
    expect(strict.stderr).toContain('Broker: Offset out of range');
    const reset = ['-X', 'topic.auto.offset.reset=earliest', '-c', '2'];
    expect(await printed([...beyond, ...reset])).toBe('ab');
  });
});

describe('kcat -Q', () => {
  it('finds offsets by time, one line for each partition', async () => {
    const topic = await held(['a', 'b', 'c']);
    const at = async (time: number): Promise<string> =>
      (await printed(['-Q', '-t', `${topic}:0:${time}`])).trimEnd();
    expect([await at(HELD_MS), await at(HELD_MS + 1), await at(HELD_MS + 2_000)]).toEqual([
      `${topic} [0] offset 0`,
      `${topic} [0] offset 1`,
      `${topic} [0] offset 2`,
    ]);
    expect([await at(-2), await at(-1)]).toEqual([
      `${topic} [0] offset 0`,
      `${topic} [0] offset 3`,
    ]);
  });
});

describe('kcat -G', () => {
  /** A member of a group, whose records come as `PARTITION:VALUE;`. */
  function member(group: string, topic: string, ...more: readonly string[]): KcatProcess {
    const settings = ['-X', 'auto.offset.reset=earliest', '-X', 'heartbeat.interval.ms=300'];
    const args = ['-G', group, '-u', '-f', '%p:%s;', ...settings, ...more, topic];
    return new KcatProcess(broker.addresses.kafka, args);
  }

  const recordsOf = (reading: KcatProcess): readonly string[] =>
    reading.stdout.split(';').slice(0, -1).sort();

  async function filled(): Promise<string> {
    const topic = await broker.newTopic(4);
    for (const partition of [0, 1, 2, 3]) await broker.write(topic, partition, ['first']);
    return topic;
  }

  it('reads as a member, and goes on behind that in its next life', async () => {
    const [topic, group] = [await filled(), newName('group')];
    const first = member(group, topic, '-e');
    expect(recordsOf(first)).toEqual([]);
    expect((await first.finished).code).toBe(0);
    expect(recordsOf(first)).toEqual(['0:first', '1:first', '2:first', '3:first']);
    await broker.write(topic, 2, ['second']);
    const second = member(group, topic, '-e');
    expect((await second.finished).code).toBe(0);
    expect(recordsOf(second)).toEqual(['2:second']);
    const { state, offsets } = await broker.admin.describeGroup(group);
    expect(state).toBe('Empty');
    expect(offsets.map(({ partition, offset }) => [partition, offset]).sort()).toEqual([
      [0, 1],
      [1, 1],
      [2, 2],
      [3, 1],
    ]);
  });

  it.each(['range', 'roundrobin', 'cooperative-sticky'])(
    'shares partitions by %s, and takes over what another one leaves',
    async (assignor) => {
      const [topic, group] = [await broker.newTopic(4), newName('group')];
      const strategy = ['-X', `partition.assignment.strategy=${assignor}`];
      const owners = async (): Promise<readonly number[]> => {
        const { members } = await broker.admin.describeGroup(group);
        return members
          .map(({ assignment }) => (assignment ?? []).flatMap(partitionsOf).length)
          .sort();
      };
      const first = member(group, topic, ...strategy);
      await first.until(() => first.stderr.includes(`${topic} [3]`), 'an assignment');
      const second = member(group, topic, ...strategy);
      await second.until(() => second.stderr.includes(`${topic} [`), 'an assignment');
      expect(await owners()).toEqual([2, 2]);
      for (const partition of [0, 1, 2, 3]) await broker.write(topic, partition, ['shared']);
      const all = (): readonly string[] => [...recordsOf(first), ...recordsOf(second)].sort();
      await second.until(() => recordsOf(second).length === 2, 'two records');
      await first.until(() => recordsOf(first).length === 2, 'two records');
      expect(all()).toEqual(['0:shared', '1:shared', '2:shared', '3:shared']);

      expect((await first.end()).code).toBe(0);
      for (const partition of [0, 1, 2, 3]) await broker.write(topic, partition, ['alone']);
      const alone = ['0:alone', '1:alone', '2:alone', '3:alone'];
      await second.until(
        () => alone.every((each) => recordsOf(second).includes(each)),
        'a record of every partition',
      );
      expect((await second.end()).code).toBe(0);
    },
  );
});
