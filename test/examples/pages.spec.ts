// The commands and programs of the README and of docs/, as a newcomer pastes them one after
// another: only addresses and places are others.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokerProcess } from '../crash/broker-process';

jest.setTimeout(120_000);

const ROOT = join(__dirname, '../..');

interface Block {
  readonly language: string;
  readonly code: string;
}

const blocksOf = (page: string): Block[] => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const found = text.matchAll(/^```(sh|js|ts)\n([^]*?)^```$/gm);
  return [...found].map(([, language = '', code = '']) => ({ language, code }));
};

/** What is shown as TypeScript has no types in it. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  sh: ['-euo', 'pipefail', '-c'],
  js: ['-e'],
  ts: ['--input-type=module', '-e'],
};

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let broker: BrokerProcess;
let directory: string;
let addresses: Readonly<Record<string, string>>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'walrusmq-pages-'));
  broker = new BrokerProcess({ dataDir: join(directory, 'data') });
  addresses = await broker.addresses;
});
afterAll(async () => {
  await broker.kill();
  rmSync(directory, { recursive: true });
});

/** The same, for this broker and this directory. */
function placed({ language, code }: Block): string {
  const { msgpack = '', kafka = '' } = addresses;
  const here = code
    .replaceAll('127.0.0.1:9192', msgpack)
    .replaceAll('127.0.0.1:9092', kafka)
    .replaceAll('./my_wal', join(directory, 'my_wal'));
  if (language === 'sh') return here;
  return here.replaceAll(/new (Consumer|Reader)\(\{(?! broker)/g, `$&\n  broker: '${msgpack}',`);
}

/**
 * Runs a block to its end, or until it printed what it is waited for; then SIGTERM, as from whoever
 * stops a service.
 */
async function run(block: Block | undefined, until?: RegExp): Promise<Outcome> {
  if (block === undefined) throw new Error('the page has no such block');
  const isShell = block.language === 'sh';
  const flags = FLAGS[block.language] ?? [];
  const child = spawn(isShell ? 'bash' : process.execPath, [...flags, placed(block)], {
    cwd: ROOT,
    env: {
      ...process.env,
      WALRUSMQ_BROKER: addresses['msgpack'],
      WALRUS_DATA_DIR: join(directory, 'embedded'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr, isTold] = ['', '', false];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    // A second one would end it at once.
    if (isTold || until?.test(stdout) !== true) return;
    isTold = true;
    child.kill('SIGTERM');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

describe('README.md', () => {
  const blocks = blocksOf('README.md');

  it('begins with the two commands of make, which are tests of their own', () => {
    expect(blocks[0]?.code).toMatch(/^make run .*\nmake test .*\n$/);
    expect(blocks).toHaveLength(8);
  });

  it('writes and reads the first records', async () => {
    const { code, stdout } = await run(blocks[1]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^created orders .*\n\{"customer":"ada","total":42\}\norders \(id /);
  });

  it('does the same from Node, and with the log itself', async () => {
    const { code, stdout } = await run(blocks[2]);
    expect([code, stdout.split('\n').at(-2)]).toEqual([
      0,
      expect.stringMatching(/^orders\/\d@\d \{"total":43\}$/),
    ]);
    expect(await run(blocks[3])).toEqual({ code: 0, stdout: 'hello\n', stderr: '' });
  });

  it('has a member of a group', async () => {
    const { code, stdout, stderr } = await run(blocks[4], /orders\/\d@1\n/);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^mine now: \[/);
  });

  it("writes with Kafka's clients what is handled with the rest", async () => {
    const { code, stdout } = await run(blocks[5]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('{"customer":"ada","total":44}\n')]);
    expect((await run(blocks[6])).code).toBe(0);
    const handled = await run(blocks[7], /(mail to ada: 4[2-5]\n[^]*){4}/);
    expect([handled.code, handled.stderr]).toEqual([0, '']);
    expect(handled.stdout.trimEnd().split('\n').sort()).toEqual([
      'mail to ada: 42',
      'mail to ada: 43',
      'mail to ada: 44',
      'mail to ada: 45',
    ]);
  });
});

describe('docs/', () => {
  it.each([
    ['topics.md', /payments \(id /],
    ['readers.md', /deleted audit from orders/],
    ['groups.md', /deleted billing\n$/],
    ['instances.md', /deleted metrics\n$/],
    ['kafka.md', /topic "orders" with 4 partitions/],
  ])('%s has commands that do what it says', async (page, printed) => {
    const [commands] = blocksOf(`docs/${page}`);
    const { code, stdout, stderr } = await run(commands);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(printed);
  });

  it('readers.md has a program that reads', async () => {
    const { code, stdout } = await run(blocksOf('docs/readers.md')[1]);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(4);
    expect(stdout).toMatch(/^\d\/\d \{"total":43\}$/m);
  });

  it('tuning.md has presets that one process can open', async () => {
    const outcome = await run(blocksOf('docs/tuning.md')[0]);
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' });
    const keys = ['caches', 'feeds', 'jobs', 'logs', 'orders'];
    expect(readdirSync(join(directory, 'embedded')).sort()).toEqual(keys);
  });

  it('groups.md has a member of a classic group', async () => {
    const { code, stdout } = await run(blocksOf('docs/groups.md')[1], /(orders\/\d@\d\n){4}/);
    expect([code, stdout.trimEnd().split('\n').length]).toEqual([null, 4]);
  });
});
