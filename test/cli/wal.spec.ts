// `walrusmq wal dump`, `wal verify` and `wal repair` on the directory of a broker that was stopped.
import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c, encodeBatch } from '@walrusmq/record-batch';
import { FsyncSchedule, openWalStorage } from '@walrusmq/storage';
import { CommandBroker, newDirectory, run } from './command';

jest.setTimeout(60_000);

const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'];

interface Item {
  readonly kind: string;
  readonly topic?: string;
  readonly [name: string]: unknown;
}

describe('walrusmq wal', () => {
  let broker: CommandBroker;
  let whileRunning: Awaited<ReturnType<typeof run>>[];
  const directories: string[] = [];
  beforeAll(async () => {
    broker = await CommandBroker.start('--block-bytes', '65536', '--blocks-per-file', '64');
    await broker.run(['topic', 'create', 'orders', '--partitions', '2']);
    await broker.run(['topic', 'create', 'other']);
    const lines = Array.from({ length: 2_000 }, (_, n) => `{"id":"k${n % 7}","n":${n}}\n`);
    await broker.run(['produce', 'orders', '--key', 'id'], lines.join(''));
    await broker.run(['produce', 'other'], '"héllo"\n');
    await broker.run(['topic', 'create', 'large']);
    for (const n of [1, 2, 3, 4, 5]) {
      await broker.run(['produce', 'large'], `"${String(n).repeat(30_000)}"\n`);
    }
    await broker.run(['topic', 'create', 'packed']);
    for (const codec of CODECS) {
      const lines = Array.from({ length: 50 }, (_, n) => `"${codec} ${n}"\n`).join('');
      await broker.run(['produce', 'packed', '--compression', codec], lines);
    }
    whileRunning = [
      await run(['wal', 'verify', broker.dataDir]),
      await run(['wal', 'repair', broker.dataDir, '--apply']),
    ];
    await broker.stop();
  });
  afterAll(async () => {
    await broker.remove();
    for (const directory of directories) rmSync(directory, { recursive: true });
  });

  /** A copy of the directory to damage. */
  function copied(): string {
    const directory = newDirectory();
    directories.push(directory);
    cpSync(broker.dataDir, directory, { recursive: true });
    return directory;
  }

  async function dumped(...flags: readonly string[]): Promise<Item[]> {
    const { code, stdout } = await run(['wal', 'dump', broker.dataDir, '--json', ...flags]);
    expect(code).toBe(0);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Item);
  }

  it('does not look into the directory of a running broker', () => {
    for (const refused of whileRunning) {
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(/^walrusmq: LOCKED: .*; stop the broker that uses/);
    }
  });

  it('names the logs that are no topics', async () => {
    const { stdout } = await run(['wal', 'verify', broker.dataDir]);
    const names = [...stdout.matchAll(/^│ (\S.*?) +│ +\d/gm)].map(([, name]) => name);
    const topics = ['large', 'orders', 'orders', 'other', 'packed'];
    expect(names).toEqual(['(producer ids)', '(topic catalogue)', ...topics]);
    const dump = await run(['wal', 'dump', broker.dataDir, '--limit', '100000']);
    expect(dump.stdout).toMatch(/^ {2}block \d+ of the producer ids: number 0, from offset 0/m);
  });

  it('dumps what is stored, records included, with the names of the topics', async () => {
    const items = await dumped('--records', '--topic', 'orders', '--limit', '100000');
    expect(new Set(items.map(({ topic }) => topic))).toEqual(new Set(['orders']));
    const records = items.filter(({ kind }) => kind === 'record');
    expect(records).toHaveLength(2_000);
    const numbers = records.map(({ value }) => (JSON.parse(value as string) as { n: number }).n);
    expect([...numbers].sort((a, b) => a - b)).toEqual([...numbers.keys()]);
    const batches = items.filter(({ kind }) => kind === 'batch');
    expect(batches.every(({ crcOk }) => crcOk === true)).toBe(true);
    const counts = batches.map(({ recordCount }) => recordCount as number);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2_000);
  });

  it('dumps what was compressed, with the name of the codec', async () => {
    const items = await dumped('--records', '--topic', 'packed');
    const batches = items.filter(({ kind }) => kind === 'batch');
    expect([...new Set(batches.map(({ compression }) => compression))]).toEqual(CODECS);
    const values = items.filter(({ kind }) => kind === 'record').map(({ value }) => value);
    expect(values).toEqual(
      CODECS.flatMap((codec) => Array.from({ length: 50 }, (_, n) => `"${codec} ${n}"`)),
    );
    const { stdout } = await run(['wal', 'dump', broker.dataDir, '--topic', 'packed']);
    for (const codec of CODECS) {
      expect(stdout).toMatch(new RegExp(`batch at .* bytes, ${codec}, newest .* crc ok`));
    }
  });

  it('shows a batch whose records are no records, and goes on', async () => {
    const directory = newDirectory();
    directories.push(directory);
    const storage = await openWalStorage({ directory, fsyncSchedule: FsyncSchedule.NoFsync });
    const { id } = await storage.catalogue.create('lies', { partitionCount: 1 });
    // What a producer can send: the checksum is right, the records are no zstd.
    const lie = encodeBatch([{ value: Buffer.from('lie') }]);
    lie.writeInt16BE(4, 21);
    lie.writeUInt32BE(crc32c(lie, 21), 17);
    const truth = encodeBatch([{ value: Buffer.from('truth') }], { compression: 'zstd' });
    await storage.log(id, 0).append([lie, truth]).synced;
    await storage.close();
    const args = ['wal', 'dump', directory, '--records', '--topic', 'lies'];
    const { code, stdout } = await run(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /zstd, .* crc ok\n +MALFORMED: batch at offset 0: zstd: .*\n.*\n +1: null "truth"/,
    );
    const json = await run([...args, '--json']);
    expect(json.stdout).toContain('"kind":"undecodable"');
  });

  it('dumps one partition, and stops at the limit', async () => {
    const all = await dumped('--topic', 'orders', '--partition', '1');
    expect(new Set(all.map(({ partition }) => partition))).toEqual(new Set([1]));
    expect(await dumped('--limit', '3')).toHaveLength(3);
  });

  it('is read by people as well', async () => {
    const { stdout } = await run([
      ...['wal', 'dump', '--data-dir', broker.dataDir, '--topic', 'other', '--records'],
    ]);
    expect(stdout).toMatch(/block \d+ of other\/0: /);
    expect(stdout).toMatch(/batch at \d+: offset 0, 1 record, .* crc ok\n +0: null ".*héllo/);
  });

  it('finds nothing wrong in a directory that is whole', async () => {
    const { code, stdout, stderr } = await run(['wal', 'verify', broker.dataDir]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/orders +│ 0 /);
    expect(stdout).toMatch(/other +│ 0 +│ 0 to 0 +│ 1 /);
    expect(stdout).toContain('nothing wrong');
    const json = await run(['wal', 'verify', broker.dataDir, '--json']);
    const report = JSON.parse(json.stdout) as { logs: Item[] };
    expect(report).toMatchObject({ damaged: false, problems: [] });
    const ours = report.logs.filter(({ topic }) => topic === 'orders');
    const records = ours.map((log) => log.records as number);
    expect(records.reduce((sum, count) => sum + count, 0)).toBe(2_000);
  });

  it.each([
    ['the first', 'in the middle of its bytes', 0.5],
    ['the last', 'in its last byte', 1],
  ])('finds one bit that was flipped in %s batch %s', async (which, _, where) => {
    const batches = (await dumped('--topic', 'orders')).filter(({ kind }) => kind === 'batch');
    const batch = which === 'the first' ? batches[0] : batches.at(-1);
    const blocks = (await dumped()).filter(({ kind }) => kind === 'block');
    const block = blocks.find(({ blockId }) => blockId === batch?.blockId);
    const directory = copied();
    const file = join(directory, String(block?.fileId));
    const bytes = readFileSync(file);
    const inBatch = Math.ceil(((batch?.bytes as number) - 1) * where);
    const position = (batch?.position as number) + inBatch;
    bytes.writeUInt8(bytes.readUInt8(position) ^ 4, position);
    writeFileSync(file, bytes);

    const { code, stdout, stderr } = await run(['wal', 'verify', directory]);
    expect(code).toBe(1);
    const log = `orders/${String(batch?.partition)}, offset ${String(batch?.baseOffset)}`;
    const place = `file ${String(block?.fileId)}, block ${String(batch?.blockId)}`;
    expect(stdout).toMatch(new RegExp(`^damage: .*\\(${log}, ${place}`, 'm'));
    expect(stderr).toMatch(/^walrusmq: .* is damaged; keep a copy of it before/);

    const dump = await run(['wal', 'dump', directory]);
    expect(dump.stdout).toMatch(/batch at .* crc BAD/);
  });

  it('says how a log could be repaired, and repairs it when it is told to', async () => {
    const items = await dumped('--topic', 'large');
    const lost = items.find(({ kind, ordinal }) => kind === 'block' && ordinal === 1);
    const directory = copied();
    const file = join(directory, String(lost?.fileId));
    const bytes = readFileSync(file);
    bytes.fill(0x5a, lost?.position as number, (lost?.position as number) + 512);
    writeFileSync(file, bytes);

    const plan = await run(['wal', 'repair', directory]);
    expect(plan.code).toBe(1);
    const offset = String(lost?.baseOffset);
    expect(plan.stdout).toContain(`large/0: would be cut, ends at offset ${offset} then`);
    expect(plan.stdout).toContain('2 repairs to do, ');
    expect(plan.stderr).toBe('walrusmq: nothing was changed; --apply does what is listed above\n');
    expect(readFileSync(file).equals(bytes)).toBe(true);

    const done = await run(['wal', 'repair', '--apply', '--data-dir', directory]);
    expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: '' });
    expect(done.stdout).toContain(`large/0: cut, ends at offset ${offset} then`);
    const copies = [...done.stdout.matchAll(/^ {2}copied to (.*)$/gm)].map(
      ([, path]) => path ?? '',
    );
    expect(copies.length).toBeGreaterThan(1);
    for (const copy of copies) expect(statSync(copy).size).toBeGreaterThan(0);

    expect((await run(['wal', 'verify', directory])).stdout).toContain('nothing wrong');
    const again = await run(['wal', 'repair', directory, '--json']);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ applied: false, actions: [], problems: [] });
  });

  it.each([
    [
      'a directory that is not there',
      '/nonexistent/wal',
      /does not exist; name the data directory/,
    ],
    ['a file', __filename, /is not a directory/],
    ['a directory of something else', __dirname, /holds no instance/],
  ])('tells %s', async (_, path, message) => {
    for (const command of ['dump', 'verify', 'repair']) {
      const { code, stdout, stderr } = await run(['wal', command, path]);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^walrusmq: [^\n]+\n$/);
      expect(stderr).toMatch(message);
    }
  });

  it('names the topics there are when the wanted one is not', async () => {
    const { code, stderr } = await run(['wal', 'dump', broker.dataDir, '--topic', 'ordres']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/no topic ordres; it knows .*orders/);
  });
});
