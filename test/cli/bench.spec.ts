// `walrusmq bench` and generated records, through processes and a real broker.
import type { BenchReport } from '@walrusmq/cli';
import { CommandBroker, RunningCommand } from './command';

jest.setTimeout(120_000);

describe('walrusmq bench', () => {
  let broker: CommandBroker;
  beforeAll(async () => {
    broker = await CommandBroker.start('--fsync', 'no-fsync');
  });
  afterAll(() => broker.remove());

  const QUICK = ['bench', '--warm-up', '100ms', '--json'];

  async function bench(...args: readonly string[]): Promise<BenchReport> {
    const { code, stdout, stderr } = await broker.run([...QUICK, ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as BenchReport;
  }

  async function topics(): Promise<string[]> {
    const { stdout } = await broker.run(['topic', 'list', '--json']);
    return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  }

  it('counts every record once, on both sides, and removes its topics', async () => {
    const sides = ['--producers', '2', '--consumers', '3', '--topics', '2', '--partitions', '3'];
    const report = await bench('--count', '30001', '--size', '64', ...sides);
    expect(report).toMatchObject({
      settings: { count: 30_001, durationMs: null, producers: 2, sizeBytes: 64 },
      produce: { records: 30_001, bytes: 64 * 30_001, latencyMs: { count: 30_001 } },
      consume: { records: 30_001, bytes: 64 * 30_001 },
      missingRecords: 0,
    });
    expect(report.consume?.latencyMs).toBeUndefined();
    expect(await topics()).toEqual([]);
  });

  it('keeps to a rate, and measures end to end from when records were due', async () => {
    const paced = ['--rate', '500', '--count', '600', '--producers', '2', '--end-to-end'];
    const { produce, consume } = await bench(...paced, '--acks', '1', '--compression', 'lz4');
    // The last record of an even stream of 500/s is due after 1.2 s, whatever the broker does.
    expect(produce.seconds).toBeGreaterThan(1.19);
    expect(consume?.seconds).toBeGreaterThan(1.19);
    for (const side of [produce, consume]) {
      const { count, p50, p99, max, mean } = side!.latencyMs!;
      expect(count).toBe(600);
      expect(p50).toBeGreaterThan(0);
      expect(p99).toBeGreaterThanOrEqual(p50);
      expect(max).toBeGreaterThanOrEqual(p99);
      expect(mean).toBeLessThanOrEqual(max);
    }
  });

  it('counts for the rate what was still out when the warm-up was over', async () => {
    await broker.run(['instance', 'create', 'narrow', '--quota', 'bytes-in=1000000']);
    // Two seconds' worth is sent in the warm-up, and held back before the records that count.
    const queue = [
      '--in-flight',
      '2000',
      '--size',
      '1000',
      '--count',
      '1000',
      '--warm-up',
      '500ms',
    ];
    const { produce } = await bench('--instance', 'narrow', '--batch', '50000', ...queue);
    expect(produce.records).toBe(1_000);
    const answered = produce.recordsPerSecond * produce.seconds;
    expect(answered).toBeGreaterThan(1_500);
    expect(answered).toBeLessThan(3_001);
    expect(produce.bytesPerSecond / produce.recordsPerSecond).toBeCloseTo(1_000);
  });

  it('prints tables for people, and leaves the topics when asked to', async () => {
    const { code, stdout } = await broker.run([
      ...['bench', '--duration', '300ms', '--warm-up', '0s', '--end-to-end', '--keep-topics'],
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 producer, 1 consumer, 1 × 4 partitions, 100 B, acks all/);
    expect(stdout).toMatch(/│ produce │ [\d,]+ +│/);
    expect(stdout).toMatch(/│ latency in ms +│ p50 +│ p90 +│ p99 +│ p99\.9 +│ max +│/);
    expect(stdout).toMatch(/│ end to end +│ +[\d.,]+ +│/);
    const [topic, ...others] = await topics();
    expect(others).toEqual([]);
    expect(stdout).toMatch(new RegExp(`\nleft there: ${topic}\n$`));
    await broker.run(['topic', 'delete', topic!]);
  });

  it('reports what it has, and cleans up, when it is interrupted', async () => {
    const flags = ['--warm-up', '0s', '--duration', '10m', '--json', '--broker', broker.address];
    const command = new RunningCommand(['bench', ...flags]);
    const isSending = async (): Promise<boolean> => {
      const [topic] = await topics();
      if (topic === undefined) return false;
      const { stdout } = await broker.run(['topic', 'describe', topic, '--json']);
      const { partitions } = JSON.parse(stdout) as { partitions: { readableEnd: number }[] };
      return partitions.some(({ readableEnd }) => readableEnd > 1_000);
    };
    while (!(await isSending()));
    const { code, stdout } = await command.end('SIGINT');
    expect(code).toBe(130);
    const { produce } = JSON.parse(stdout) as BenchReport;
    expect(produce.records).toBeGreaterThan(0);
    expect(await topics()).toEqual([]);
  });

  it('ends without a word when it is interrupted before it measured anything', async () => {
    const command = new RunningCommand(['bench', '--warm-up', '10m', '--broker', broker.address]);
    while ((await topics()).length === 0);
    expect(await command.end('SIGINT')).toEqual({ code: 130, stdout: '', stderr: '' });
    expect(await topics()).toEqual([]);
  });

  it('takes every size of batch that it accepts, and names what acks 0 measure', async () => {
    const { code, stdout, stderr } = await broker.run([
      ...['bench', '--batch', '67108864', '--acks', '0', '--count', '10', '--warm-up', '0s'],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/│ due to handed over +│/);
  });

  it('tells in one line that the broker refuses its records', async () => {
    const { code, stdout, stderr } = await broker.run([
      ...['bench', '--size', '2000000', '--count', '10', '--batch', '4000000'],
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^walrusmq: producer 0: RECORD_TOO_LARGE: [^\n]*\n$/);
    expect(await topics()).toEqual([]);
  });
});

describe('walrusmq produce with generated records', () => {
  let broker: CommandBroker;
  beforeAll(async () => {
    broker = await CommandBroker.start();
  });
  afterAll(() => broker.remove());

  async function values(topic: string, ...flags: readonly string[]): Promise<string[]> {
    await broker.run(['topic', 'create', topic]);
    const { code, stderr } = await broker.run(['produce', topic, '--json', ...flags]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const read = ['consume', topic, '--from-beginning', '--exit-at-end', '--format', 'value'];
    return (await broker.run(read)).stdout.trimEnd().split('\n');
  }

  it('sends as many as asked for, of the size, the same for the same seed', async () => {
    const [one, same, other] = [
      await values('one', '--count', '3000', '--size', '40', '--seed', '9'),
      await values('same', '--count', '3000', '--size', '40', '--seed', '9', '--rate', '10000'),
      await values('other', '--count', '3000', '--size', '40'),
    ];
    expect(one).toHaveLength(3_000);
    expect(one.every((value) => value.length === 40)).toBe(true);
    expect(same).toEqual(one);
    expect(other).toHaveLength(3_000);
    expect(other).not.toEqual(one);
  });

  it('sends each record when it is due, and ends when it is interrupted', async () => {
    await broker.run(['topic', 'create', 'slow']);
    const send = ['produce', 'slow', '--rate', '5', '--broker', broker.address];
    const consumer = new RunningCommand([
      ...['consume', 'slow', '--from-beginning', '--max', '3', '--broker', broker.address],
    ]);
    const producer = new RunningCommand(send);
    const { code, stdout } = await consumer.finished;
    expect({ code, lines: stdout.trimEnd().split('\n') }).toMatchObject({
      code: 0,
      lines: { length: 3 },
    });
    const interrupted = await producer.end('SIGINT');
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).toMatch(/interrupted \(after \d+ acknowledged records?\)/);
  });
});
