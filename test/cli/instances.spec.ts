// `walrusmq instance …` against a broker in this process.
import { PassThrough } from 'node:stream';
import { main } from '@walrusmq/cli';
import { FakeTerminal } from './fake-terminal';
import { MemoryBroker } from './memory-broker';

describe('walrusmq instance', () => {
  let broker: MemoryBroker;
  beforeAll(async () => {
    broker = await MemoryBroker.start();
  });
  afterAll(() => broker.stop());

  const run = async (line: string): Promise<{ code: number; output: string; errors: string }> => {
    const terminal = new FakeTerminal();
    const code = await main([...line.split(' '), '--broker', broker.address], terminal);
    return { code, output: terminal.output, errors: terminal.errors };
  };
  const client = async (line: string): Promise<string> => {
    const { code, output, errors } = await run(line);
    expect({ line, code, errors }).toEqual({ line, code: 0, errors: '' });
    return output;
  };

  it('creates, lists, describes, alters and deletes', async () => {
    const quota = '--quota bytes-in=1000000 requests=500';
    expect(await client(`instance create orders --fsync 50ms ${quota}`)).toBe(
      'created orders (50ms)\n',
    );
    expect(await client('instance list')).toMatch(/│ orders +│ open +│ 50ms +│ 0 +│ 0 +│/);
    const shown = await client('instance describe orders');
    expect(shown).toMatch(/│ fsync +│ 50ms +│ instance/);
    expect(shown).toMatch(/│ bytes-in +│ 1,000,000 +│ 0/);
    expect(shown).toMatch(/│ bytes-out +│ no limit +│ -/);
    await client('instance alter orders --config retention.ms=5000 --unset fsync bytes-in');
    const described = JSON.parse(await client('instance describe orders --json')) as object;
    expect(described).toMatchObject({
      fsync: { value: 'sync-each', source: 'broker' },
      quotas: { bytesInPerSecond: null, requestsPerSecond: 500 },
    });
    await client('topic create a --instance orders');
    expect(await client('topic list')).toMatch(/no topics yet/);
    expect(await client('topic list --instance orders')).toMatch(/│ a +│ 1/);
    expect(await client('instance delete orders --yes')).toBe('deleted orders\n');
  });

  it('deletes nothing that was not confirmed', async () => {
    await client('instance create kept');
    const refused = await run('instance delete kept');
    expect(refused).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/say --yes/) as string,
    });
    expect(await client('instance list')).toMatch(/│ kept/);
  });

  it('asks a person at a terminal to type the key', async () => {
    const typed = async (answer: string): Promise<{ code: number; errors: string }> => {
      const terminal = new FakeTerminal(answer, true);
      Object.assign(terminal.stdin, { isTTY: true });
      const args = ['instance', 'delete', 'typed', '--broker', broker.address];
      return { code: await main(args, terminal), errors: terminal.errors };
    };
    await client('instance create typed');
    for (const answer of ['yes\n', '\n', '']) {
      const refused = await typed(answer);
      expect(refused.code).toBe(1);
      expect(refused.errors).toMatch(/Type its key to go on: .*nothing was deleted/s);
    }
    expect(await client('instance list')).toMatch(/│ typed/);
    expect((await typed('typed\n')).code).toBe(0);
  });

  it('deletes nothing when the question is interrupted', async () => {
    await client('instance create asked');
    const input = new PassThrough();
    const terminal = new FakeTerminal(input, true);
    Object.assign(input, { isTTY: true });
    const args = ['instance', 'delete', 'asked', '--broker', broker.address];
    const asking = main(args, terminal);
    await terminal.stderr.shows('Type its key');
    terminal.interrupt.abort();
    expect(await asking).toBe(130);
    expect(terminal.errors).toMatch(/: walrusmq: interrupted; nothing was deleted\n$/);
    input.end('asked\n');
    expect(await client('instance list')).toMatch(/│ asked/);
  });

  it.each([
    ['instance create x --quota speed=5', 2, /there is no quota speed/],
    ['instance create x --quota bytes-in=0', 2, /takes a whole number from 1 on/],
    ['instance alter x --fsync 5ms --unset fsync', 2, /fsync is set and unset at once/],
    ['instance describe nowhere', 1, /UNKNOWN_INSTANCE.*`walrusmq instance list`/],
    ['instance create x --fsync sometimes', 1, /fsync cannot be "sometimes"/],
    ['topic list --instance nowhere', 1, /UNKNOWN_INSTANCE/],
  ])('says of `%s` what is wrong', async (line, code, words) => {
    const result = await run(line);
    expect(result).toMatchObject({ code, errors: expect.stringMatching(words) as string });
  });
});
