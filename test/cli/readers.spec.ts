// `walrusmq reader …` against a broker in this process.
import { Producer, Reader } from '@walrusmq/client';
import { main } from '@walrusmq/cli';
import { FakeTerminal } from './fake-terminal';
import { MemoryBroker } from './memory-broker';

describe('walrusmq reader', () => {
  let broker: MemoryBroker;
  beforeEach(async () => {
    broker = await MemoryBroker.start();
    await broker.admin.createTopic('orders', { partitions: 2 });
    const producer = new Producer({ broker: broker.address });
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        producer.send({
          topic: 'orders',
          partition: index < 6 ? 0 : 1,
          value: `v${index}`,
          timestamp: 1_000 * index,
        }),
      ),
    );
    await producer.close();
  });
  afterEach(() => broker.stop());

  const run = async (line: string): Promise<{ code: number; out: string; errors: string }> => {
    const terminal = new FakeTerminal();
    const code = await main([...line.split(' '), '--broker', broker.address], terminal);
    return { code, out: terminal.output, errors: terminal.errors };
  };
  const client = async (line: string): Promise<string> => {
    const { code, out, errors } = await run(line);
    expect({ line, code, errors }).toEqual({ line, code: 0, errors: '' });
    return out;
  };
  const json = async (line: string): Promise<unknown> =>
    JSON.parse(await client(`${line} --json`)) as unknown;
  const expectRefused = async (line: string, code: number, message: RegExp): Promise<void> => {
    const result = await run(line);
    expect([line, result.code]).toEqual([line, code]);
    expect(result.errors).toMatch(message);
    expect(result.errors.match(/\n/g)).toHaveLength(1);
  };

  it('creates, lists, describes and deletes readers, for people', async () => {
    expect(await client('reader list')).toMatch(/^no readers yet; create one with: walrusmq/);
    const made = await client('reader create audit --topic orders --to-time 3000');
    expect(made).toMatch(/│ orders +│ 0 +│ 3 +│\n.*│ orders +│ 1 +│ 0 +│/s);
    await expectRefused(
      'reader create audit --topic orders',
      1,
      /READER_EXISTS.*`walrusmq reader reset`/,
    );
    expect(await client('reader create audit --topic orders --if-not-exists')).toBe(made);
    expect(await client('reader list')).toMatch(/│ orders +│ audit +│ 2 +│ 7 +│ no +│/);
    const described = await client('reader describe audit');
    expect(described).toMatch(/^orders: 7 records behind, no pin, not attached\n/);
    expect(described).toMatch(/│ 0 +│ 3 +│ 3 +│ 0 +│ 6 +│ 3 +│ ~\d+ B +│ 0 +│/);
    expect(await client('reader delete audit')).toBe('deleted audit from orders\n');
    await expectRefused('reader describe audit', 1, /UNKNOWN_READER.*`walrusmq reader list`/);
  });

  it('does the same for scripts', async () => {
    expect(await json('reader create a --topic orders --to-latest')).toEqual([
      { topic: 'orders', partition: 0, offset: 6 },
      { topic: 'orders', partition: 1, offset: 4 },
    ]);
    expect(await json('reader list --topic orders')).toMatchObject([{ reader: 'a', lag: 0 }]);
    const [described] = (await json('reader describe a --topic orders')) as object[];
    expect(described).toMatchObject({ topic: 'orders', lag: 0, partitions: [{ saved: 6 }, {}] });
    const moves = [{ topic: 'orders', partition: 0, before: 6, after: 2 }];
    const reset = 'reader reset a --topic orders --partition 0 --to-offset 2';
    expect(await json(`${reset} --dry-run`)).toEqual(moves);
    expect(await json(reset)).toEqual(moves);
    expect(await json('reader delete a --topic orders')).toEqual({
      deleted: 'a',
      topics: ['orders'],
    });
  });

  it('prints where a reset goes, and only that with --dry-run', async () => {
    await client('reader create a --topic orders --to-offset 3');
    const planned = await client('reader reset a --topic orders --shift-by -2 --dry-run');
    expect(planned).toMatch(/│ orders +│ 0 +│ 3 +│ 1 +│ -2 +│.*nothing was moved\n$/s);
    const moved = await client('reader reset a --topic orders --shift-by -2');
    expect(moved).toBe(planned.replace('nothing was moved', 'moved a in 2 partitions'));
    expect(await json('reader reset a --topic orders --to-earliest')).toMatchObject([
      { before: 1, after: 0 },
      { before: 1, after: 0 },
    ]);
    await client('reader create b --topic orders --to-latest');
    expect(await json('reader reset a --topic orders --copy-from b')).toMatchObject([
      { after: 6 },
      { after: 4 },
    ]);
  });

  it('reads on, or looks without moving', async () => {
    expect(await client('reader read r orders --max 2')).toBe('v0\nv1\n');
    expect(await client('reader read r orders --partition 0 --max 2 --no-checkpoint')).toBe(
      'v2\nv3\n',
    );
    const line = await client('reader read r orders --partition 0 --max 1 --json');
    expect(JSON.parse(line)).toMatchObject({ partition: 0, offset: 2, value: 'v2' });
    // How the producer made batches of them is its own affair.
    expect(await client('reader read r orders --partition 0 --max-bytes 1')).toMatch(/^v3\n/);
    await client('reader read r orders --partition 0');
    expect(await client('reader read r orders --partition 0 --wait 1ms')).toBe('');
    expect(await client('reader read r orders --format table')).toMatch(/^partition +offset/);
  });

  it('leaves a reader to who has it, unless told to take it over', async () => {
    const holder = new Reader({ broker: broker.address, reader: 'r', topic: 'orders' });
    await holder.read({ maxRecords: 1 });
    const busy = /READER_ATTACHED.*attached to 'walrusmq-client' at .*; or add --take-over/;
    await expectRefused('reader read r orders', 1, busy);
    await expectRefused('reader reset r --topic orders --to-latest', 1, busy);
    await expectRefused('reader delete r', 1, busy);
    expect(await client('reader list')).toMatch(/│ walrusmq-client \(127\.0\.0\.1:\d+\) +│/);
    await client('reader reset r --topic orders --to-latest --take-over');
    await expect(holder.read()).rejects.toMatchObject({ code: 'READER_TAKEN_OVER' });
    await holder.close();
    expect(await client('reader read r orders')).toBe('');
  });

  it('says what is wrong with what it is told', async () => {
    const reset = 'reader reset r --topic orders';
    await expectRefused(reset, 2, /say one of --to-earliest, .* and --copy-from/);
    await expectRefused(`${reset} --to-latest --shift-by 1`, 2, /say one of/);
    await expectRefused(
      'reader create r --topic orders --to-latest --to-offset 1',
      2,
      /say one of/,
    );
    await expectRefused(`${reset} --to-time soon`, 2, /--to-time must be milliseconds/);
    await expectRefused(
      'reader create r --topic a b --partition 0',
      2,
      /--partition needs one --topic/,
    );
    await expectRefused('reader create r', 2, /required option '--topic <name...>' not specified/);
    await expectRefused(`${reset} --to-latest`, 1, /UNKNOWN_READER/);
    await expectRefused('reader create r --topic none', 1, /UNKNOWN_TOPIC/);
    await expectRefused(
      'reader read r orders --max 2001',
      2,
      /--max must be a whole number from 1/,
    );
    await expectRefused('reader read $default orders', 2, /reader name/);
  });
});
