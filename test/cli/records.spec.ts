// What goes in through `walrusmq produce` comes out of `walrusmq consume`, through a real broker.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandBroker, RunningCommand, newDirectory } from './command';

jest.setTimeout(60_000);

const sorted = (text: string): string[] => text.split('\n').filter(Boolean).sort();

describe('walrusmq produce and consume', () => {
  const folder = newDirectory();
  let broker: CommandBroker;
  beforeAll(async () => {
    broker = await CommandBroker.start();
  });
  afterAll(async () => {
    await broker.remove();
    rmSync(folder, { recursive: true });
  });

  async function createTopic(name: string, partitions = 4): Promise<void> {
    const args = ['topic', 'create', name, '--partitions', String(partitions)];
    expect(await broker.run(args)).toMatchObject({ code: 0, stderr: '' });
  }

  async function values(topic: string, ...flags: readonly string[]): Promise<string> {
    const args = ['consume', topic, '--from-beginning', '--exit-at-end', '--format', 'value'];
    const { code, stdout, stderr } = await broker.run([...args, ...flags]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  }

  it('gives the lines of a file back byte for byte, each key in order', async () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => {
      return `{"key": "k${index % 17}",  "n":${index}, "t":"\\u00e9 é ✓"}`;
    });
    const file = join(folder, 'orders.ndjson');
    writeFileSync(file, lines.join('\n'));
    await createTopic('orders');
    const produced = await broker.run([
      ...['produce', 'orders', '--file', file, '--key', 'key', '--json'],
    ]);
    expect(produced).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(produced.stdout)).toMatchObject({ topic: 'orders', records: 5_000 });

    const stdout = await values('orders');
    expect(sorted(stdout)).toEqual([...lines].sort());
    const seen = new Map<string, number>();
    for (const line of stdout.trim().split('\n')) {
      const { key, n } = JSON.parse(line) as { key: string; n: number };
      expect(n).toBeGreaterThan(seen.get(key) ?? -1);
      seen.set(key, n);
    }
    expect(seen.size).toBe(17);
  });

  it('reads standard input, and tells people how it went on stderr', async () => {
    await createTopic('stdin', 1);
    const { code, stdout, stderr } = await broker.run(['produce', 'stdin'], '{"a":1}\n{"a":2}\n');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^2 records \(14 B\) to stdin: /);
    expect(await values('stdin')).toBe('{"a":1}\n{"a":2}\n');
  });

  it('sends a line when it comes, while standard input stays open', async () => {
    await createTopic('typed', 1);
    const command = new RunningCommand(['produce', 'typed', '--broker', broker.address]);
    const reading = new RunningCommand([
      ...['consume', 'typed', '--from-beginning', '--broker', broker.address],
    ]);
    for (const line of ['{"n":1}', '{"n":2}']) {
      const seen = reading.line();
      command.child.stdin?.write(`${line}\n`);
      expect(await seen).toBe(line);
    }
    command.child.stdin?.end();
    expect((await command.finished).stderr).toMatch(/^2 records \(14 B\) to typed: /);
    await reading.end('SIGINT');
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads back what %s compressed', async (codec) => {
    const topic = `packed-${codec}`;
    await createTopic(topic, 1);
    const input = Array.from({ length: 500 }, (_, n) => `{"n":${n},"city":"Rome"}\n`).join('');
    const level = codec === 'zstd' || codec === 'gzip' ? ['--compression-level', '9'] : [];
    const sent = await broker.run(['produce', topic, '--compression', codec, ...level], input);
    expect(sent).toMatchObject({ code: 0, stdout: '' });
    expect(await values(topic)).toBe(input);
  });

  it('sends array elements and CSV rows as objects, plain lines as they are', async () => {
    await createTopic('formats', 1);
    const array = join(folder, 'array.json');
    const table = join(folder, 'table.csv');
    writeFileSync(array, '[{"id": "a", "n": 1},\n {"id": "b"}]');
    writeFileSync(table, 'id,n\nc,"1,5"\n');
    const send = async (args: readonly string[], input = ''): Promise<void> => {
      const { code } = await broker.run(['produce', 'formats', ...args], input);
      expect(code).toBe(0);
    };
    await send(['--file', array, '--key', 'id', '--compression', 'gzip']);
    await send(['--file', table, '--key', 'id', '--acks', '1']);
    await send(['--input', 'text', '--file', '-'], 'plain line\n');
    const out = await values('formats', '--format', 'json');
    const records = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(records).toMatchObject([
      { topic: 'formats', partition: 0, offset: 0, key: 'a', value: { id: 'a', n: 1 } },
      { offset: 1, key: 'b', value: { id: 'b' } },
      { offset: 2, key: 'c', value: { id: 'c', n: '1,5' } },
      { offset: 3, key: null, value: 'plain line', headers: {} },
    ]);
  });

  it('goes on where a named reader was', async () => {
    await createTopic('read', 2);
    const input = '{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n';
    await broker.run(['produce', 'read', '--partition', '1'], input);
    const named = ['--reader', 'billing'];
    expect(await values('read', ...named, '--max', '3')).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
    expect(await values('read', ...named)).toBe('{"n":4}\n');
    expect(await values('read', ...named)).toBe('');
    await broker.run(['produce', 'read', '--partition', '0'], '{"n":5}\n');
    expect(await values('read', ...named)).toBe('{"n":5}\n');
    // Another reader, and nobody, start where they are told to.
    expect(sorted(await values('read', '--reader', 'audit'))).toHaveLength(5);
    expect(sorted(await values('read'))).toHaveLength(5);
  });

  it('reads as a member of a group, which goes on where the group was', async () => {
    await createTopic('shared', 2);
    await broker.run(['produce', 'shared', '--partition', '1'], '1\n2\n3\n4\n');
    const member = async (max: number): Promise<string> => {
      const flags = ['--group', 'billing', '--from-beginning', '--max', String(max)];
      const { code, stdout, stderr } = await broker.run(['consume', 'shared', ...flags]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };
    expect(await member(3)).toBe('1\n2\n3\n');
    expect(await member(1)).toBe('4\n');
    const { stdout } = await broker.run(['group', 'describe', 'billing', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'Empty', offsets: [{}, { offset: 4 }] });
  });

  it('starts at an offset, at a time, or at the end', async () => {
    await createTopic('starts', 1);
    await broker.run(['produce', 'starts'], '1\n2\n3\n');
    const consume = async (...flags: readonly string[]): Promise<string> => {
      return (await broker.run(['consume', 'starts', '--exit-at-end', ...flags])).stdout;
    };
    expect(await consume('--from-offset', '1')).toBe('2\n3\n');
    expect(await consume('--from-time', '2020-01-01T00:00:00Z')).toBe('1\n2\n3\n');
    expect(await consume('--from-time', String(Date.now() + 60_000))).toBe('');
    expect(await consume()).toBe('');
    expect(await consume('--from-beginning', '--partition', '0')).toBe('1\n2\n3\n');
  });

  it('waits for more until Ctrl-C, then saves where the reader got to', async () => {
    await createTopic('tail', 1);
    await broker.run(['produce', 'tail'], '"first"\n');
    const command = new RunningCommand([
      ...['consume', 'tail', '--from-beginning', '--reader', 'tail'],
      ...['--broker', broker.address],
    ]);
    expect(await command.line()).toBe('"first"');
    const next = command.line();
    await broker.run(['produce', 'tail'], '"second"\n');
    expect(await next).toBe('"second"');
    const { code, stderr } = await command.end('SIGINT');
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(await values('tail', '--reader', 'tail')).toBe('');
  });

  it('says that the broker went away, and goes on when it is back', async () => {
    const first = await CommandBroker.start();
    const { address, dataDir } = first;
    const port = address.slice(address.lastIndexOf(':') + 1);
    await first.run(['topic', 'create', 'away']);
    const command = new RunningCommand([
      ...['consume', 'away', '--from-beginning', '--broker', address],
    ]);
    const one = command.line();
    await first.run(['produce', 'away'], '1\n');
    expect(await one).toBe('1');
    const told = command.errorLine();
    await first.kill();
    expect(await told).toMatch(/^walrusmq: .*127\.0\.0\.1:\d+.*; trying again$/);
    const ports = ['--port', port, '--ws-port', '0', '--kafka-port', '0'];
    const again = await CommandBroker.startOn(dataDir, ...ports);
    const two = command.line();
    await again.run(['produce', 'away'], '2\n');
    expect(await two).toBe('2');
    const { stderr } = await command.end('SIGINT');
    expect(stderr.split('\n')).toHaveLength(2);
    await again.remove();
  });

  it('stops waiting for input on Ctrl-C and says what got through', async () => {
    await createTopic('cut', 1);
    const command = new RunningCommand(['produce', 'cut', '--broker', broker.address]);
    command.child.stdin?.write('{"a":1}\n'.repeat(1_000));
    const acknowledged = async (): Promise<boolean> => (await values('cut')) !== '';
    while (!(await acknowledged()));
    const { code, stderr } = await command.end('SIGINT');
    expect(code).toBe(130);
    expect(stderr).toBe('walrusmq: interrupted (after 1,000 acknowledged records)\n');
  });

  it('ends without a word when nobody reads its output any more', async () => {
    await createTopic('head', 1);
    await broker.run(['produce', 'head'], `{"a":"${'x'.repeat(500)}"}\n`.repeat(2_000));
    const command = new RunningCommand([
      ...['consume', 'head', '--from-beginning', '--broker', broker.address],
    ]);
    await command.line();
    command.child.stdout?.destroy();
    const { code, stderr } = await command.finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
