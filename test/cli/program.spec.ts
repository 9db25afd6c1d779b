// The command in this process, at a terminal that the test holds.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { main } from '@walrusmq/cli';
import { newDirectory } from './command';
import { FakeTerminal } from './fake-terminal';
import { MemoryBroker } from './memory-broker';

async function run(args: readonly string[], terminal = new FakeTerminal()): Promise<FakeTerminal> {
  expect({ args, code: await main(args, terminal), errors: terminal.errors }).toMatchObject({
    args,
    code: 0,
  });
  return terminal;
}

describe('help', () => {
  it.each([
    ['--help', ['broker', 'topic', 'produce', 'consume', 'wal', 'Exit codes']],
    ['help topic', ['create', 'list', 'describe', 'config', 'grow', 'delete-records', 'delete']],
    [
      'topic create --help',
      ['--partitions', '--if-not-exists', '--broker', '--instance', '--json'],
    ],
    ['help topic create', ['Usage: walrusmq topic create', '--partitions', '--if-not-exists']],
    ['help produce orders', ['Usage: walrusmq produce', '--file']],
    ['produce --help', ['--file', '--key', '--input', '--acks', '--compression']],
    ['consume --help', ['--from-beginning', '--exit-at-end', '--reader', '--format', '--max']],
    ['reader --help', ['list', 'describe', 'create', 'reset', 'delete', 'read']],
    ['reader reset --help', ['--to-time', '--shift-by', '--copy-from', '--dry-run', '--take-over']],
    ['wal dump --help', ['--topic', '--partition', '--records', '--limit', '--data-dir']],
    ['help broker', ['--data-dir', '--port', '--fsync', 'WALRUSMQ_PORT']],
  ])('%s names what there is', async (line, words) => {
    const { output, errors } = await run(line.split(' '));
    for (const word of words) expect(output).toContain(word);
    expect(errors).toBe('');
  });

  it('is shown, with the code for wrong use, to whoever says nothing', async () => {
    const terminal = new FakeTerminal();
    expect(await main([], terminal)).toBe(2);
    expect(terminal.errors).toContain('Usage: walrusmq');
  });
});

describe('with a broker', () => {
  let broker: MemoryBroker;
  const folder = newDirectory();
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    broker = await MemoryBroker.start();
  });
  afterAll(async () => {
    await broker.stop();
    rmSync(folder, { recursive: true });
  });
  const client = (line: string, terminal?: FakeTerminal): Promise<FakeTerminal> =>
    run([...line.split(' '), '--broker', broker.address], terminal);

  it('creates, lists, describes and deletes topics, for people', async () => {
    expect((await client('topic list')).output).toMatch(/^no topics yet; create one with: /);
    expect((await client('topic create a --partitions 3')).output).toBe(
      'created a (3 partitions)\n',
    );
    const again = await client('topic create a --partitions 9 --if-not-exists');
    expect(again.output).toBe('there already: a (3 partitions)\n');
    expect((await client('topic list')).output).toMatch(/│ a +│ 3 +│ 0 +│ 0 B +│/);
    const described = (await client('topic describe a')).output;
    expect(described).toMatch(/^a \(id [0-9a-f-]{36}\)\n/);
    expect(described.match(/^│ \d/gm)).toHaveLength(3);
    expect((await client('topic delete a')).output).toBe('deleted a\n');
    expect(await broker.admin.listTopics()).toEqual([]);
  });

  it('does the same for scripts', async () => {
    const json = async (line: string): Promise<unknown> =>
      JSON.parse((await client(`${line} --json`)).output) as unknown;
    expect(await json('topic create b')).toMatchObject({ name: 'b', partitions: 1, created: true });
    expect(await json('topic list')).toMatchObject([{ name: 'b', partitions: [{ partition: 0 }] }]);
    expect(await json('topic describe b')).toMatchObject({ name: 'b' });
    expect(await json('topic delete b')).toEqual({ deleted: 'b' });
  });

  it('shows a bar while it sends a file, on a terminal only', async () => {
    await broker.admin.createTopic('bar');
    const file = join(folder, 'bar.ndjson');
    writeFileSync(file, '{"n":1}\n'.repeat(5_000));
    const onTerminal = new FakeTerminal('', true);
    await client(`produce bar --file ${file}`, onTerminal);
    expect(onTerminal.errors).toMatch(/100 % \| 5,000 records \| [\d,]+ records\/s/);
    const piped = await client(`produce bar --file ${file}`);
    expect(piped.errors).toMatch(/^5,000 records \(34\.2 KiB\) to bar: [^\n]*\n$/);
    expect(piped.output).toBe('');
  });

  it.each([
    ['ndjson', '7\n', 'one JSON value a line; Ctrl-D ends'],
    ['text', 'seven\n', 'one record a line; Ctrl-D ends'],
  ])('says what to type at a terminal: %s', async (format, typed, hint) => {
    await broker.admin.createTopic(format);
    const stdin = Object.assign(Readable.from([Buffer.from(typed)]), { isTTY: true });
    const { errors } = await client(
      `produce ${format} --input ${format}`,
      new FakeTerminal(stdin, true),
    );
    expect(errors).toMatch(new RegExp(`^${hint}\n1 record \\([15] B\\) to ${format}: [^\n]*\n$`));
  });

  it('prints a table that fits the terminal', async () => {
    await broker.admin.createTopic('table');
    const input = new FakeTerminal(`{"id":"ada","text":"${'x'.repeat(300)}"}\n`);
    await client('produce table --key id', input);
    const { output } = await client('consume table --from-beginning --exit-at-end --format table');
    const [head, row] = output.split('\n');
    expect(head).toMatch(/^partition +offset +time +key +value$/);
    expect(row).toMatch(/^ +0 +0 +\d{4}-\S+Z +ada +\{"id":"ada".*…$/);
    expect(row).toHaveLength(120);
  });

  it('stops a reader that waits when it is interrupted', async () => {
    await broker.admin.createTopic('wait');
    const terminal = new FakeTerminal();
    const args = ['consume', 'wait', '--broker', broker.address];
    const waiting = main(args, terminal);
    setTimeout(() => terminal.interrupt.abort(), 50);
    expect(await waiting).toBe(130);
    expect([terminal.output, terminal.errors]).toEqual(['', '']);
  });
});
