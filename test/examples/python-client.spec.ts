// docs/examples/client.py: that the protocol fits on a page, against a real broker.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CommandBroker } from '../cli/command';

const CLIENT = join(__dirname, '../../docs/examples/client.py');
const LINES_MAX = 60;

jest.setTimeout(60_000);

/** The Python that has the package, found as `make test` finds it. */
async function findPython(): Promise<string> {
  const tools = join(__dirname, '../../scripts/tools.mjs');
  const script = `import { findMsgpackPython } from ${JSON.stringify(tools)};
    process.stdout.write(findMsgpackPython() ?? '');`;
  const node = [process.execPath, ['--input-type=module', '-e', script]] as const;
  const { stdout } = await promisify(execFile)(...node);
  if (stdout === '') {
    throw new Error('no python3 has the package msgpack: apt-get install -y python3-msgpack');
  }
  return stdout;
}

describe('docs/examples/client.py', () => {
  const source = readFileSync(CLIENT, 'utf8');
  let broker: CommandBroker;
  let python: string;
  beforeAll(async () => {
    python = await findPython();
    broker = await CommandBroker.start();
  });
  afterAll(() => broker.remove());

  const runClient = (...args: readonly string[]) =>
    promisify(execFile)(python, [CLIENT, broker.address, ...args]);

  it(`has at most ${LINES_MAX} lines and needs nothing but msgpack`, () => {
    const lines = source.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(LINES_MAX);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    const imports = [...source.matchAll(/^(?:import|from) (\w+)/gm)].map(([, name]) => name);
    expect(imports).toEqual(['itertools', 'socket', 'struct', 'sys', 'msgpack']);
  });

  it('writes records, gets them pushed, and other clients read them', async () => {
    const { stdout, stderr } = await runClient('fruit');
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toEqual([
      "0 b'customer-7' b'apples' {}",
      "1 b'customer-9' b'pears' {'currency': b'EUR'}",
      "2 None b'tea' {}",
    ]);
    const { stdout: seen } = await broker.run([
      ...['consume', 'fruit', '--from-beginning', '--exit-at-end', '--format', 'value'],
    ]);
    expect(seen).toBe('apples\npears\ntea\n');
  });

  it('takes a topic that is there, and reads from its own records on', async () => {
    await broker.run(['topic', 'create', 'there', '--partitions', '3']);
    await runClient('there');
    const { stdout } = await runClient('there');
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^3 b'customer-7'/),
      expect.stringMatching(/^4 b'customer-9'/),
      expect.stringMatching(/^5 None/),
    ]);
  });

  it('tells what the broker refuses', async () => {
    await expect(runClient('a/b')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('RuntimeError: INVALID_TOPIC_NAME: ') as string,
    });
  });
});
