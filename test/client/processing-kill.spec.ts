// A consumer with concurrency, retries and dead letters whose process is killed in the middle.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startBroker, type RunningBroker } from '@walrusmq/broker';
import { Admin, Consumer, Producer, readDeadLetter } from '@walrusmq/client';
import { buildSync } from 'esbuild';

const COUNT = 2_000;
const KEYS = 40;
const KILLS = 3;

interface Line {
  readonly kind: string;
  readonly place: string;
  readonly offset: number;
  readonly lane: string;
}

describe('a consumer process that is killed', () => {
  let broker: RunningBroker;
  let dataDir: string;
  let address: string;
  let program: string;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-processing-'));
    program = join(dataDir, 'failing-consumer.cjs');
    const libs = join(__dirname, '..', '..', 'libs');
    const sources = (name: string): string => join(libs, name, 'src', 'index.ts');
    buildSync({
      entryPoints: [join(__dirname, 'failing-consumer.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      external: ['@bokuweb/zstd-wasm'],
      alias: {
        '@walrusmq/client': sources('client'),
        '@walrusmq/protocol': sources('protocol'),
        '@walrusmq/record-batch': sources('record-batch'),
      },
    });
    const settings = { dataDir: join(dataDir, 'log'), port: 0, logLevel: 'silent' } as const;
    broker = await startBroker({ ...settings, fsync: { kind: 'no-fsync' } });
    address = broker.addresses.msgpack ?? '';
  });

  afterAll(async () => {
    child?.kill('SIGKILL');
    await broker.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Starts the program; each line it writes goes to `onLine`. Resolves when it has ended. */
  async function run(onLine: (line: Line, process: ChildProcess) => void): Promise<void> {
    const started = spawn(process.execPath, [program, address, 't'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    createInterface(started.stdout).on('line', (text) => {
      const [kind = '', partition, offset, key] = text.split(' ');
      const place = `${partition}/${offset}`;
      onLine({ kind, place, offset: Number(offset), lane: `${partition}/${key}` }, started);
    });
    await once(started, 'close');
  }

  it('loses no record: each was handled or is a dead letter, in the order of its key', async () => {
    const admin = new Admin({ broker: address });
    await admin.createTopic('t', { partitions: 3 });
    const producer = new Producer<string, number>({
      broker: address,
      serialisation: { value: 'json' },
    });
    const all = Array.from({ length: COUNT }, (_, n) => n);
    const receipts = await Promise.all(
      all.map((n) => producer.send({ topic: 't', key: `k${n % KEYS}`, value: n })),
    );
    await producer.close();
    const late: string[] = [];
    const handled = new Set<string>();
    for (let life = 0; life <= KILLS; life++) {
      // What a life begins of a key never goes back, but for another attempt.
      const last = new Map<string, number>();
      let endings = 0;
      const ended = run((line, process) => {
        if (line.kind === 'end') {
          handled.add(line.place);
          endings += 1;
          if (life < KILLS && endings === 300) process.kill('SIGKILL');
        } else {
          if (line.offset < (last.get(line.lane) ?? -1)) late.push(line.place);
          last.set(line.lane, line.offset);
        }
      });
      if (life === KILLS) {
        while (!(await isAllSaved(admin))) await new Promise((resolve) => setTimeout(resolve, 20));
        child?.kill('SIGTERM');
      }
      await ended;
    }
    expect(late).toEqual([]);
    const letters = await deadLetters(admin);
    const lost = receipts.filter(({ partition, offset }, n) => {
      const safe = n % 10 === 0 ? letters : handled;
      return !safe.has(`${partition}/${offset}`);
    });
    expect(lost).toEqual([]);
    await admin.close();
  }, 60_000);

  /** Whether the reader's saved offsets are the ends. */
  async function isAllSaved(admin: Admin): Promise<boolean> {
    const ends = await admin.listOffsets('t');
    const partitions = ends.map(({ partition }) => ({ topic: 't', partition }));
    const places = await admin.readerOffsets('survivor', partitions);
    return places.every(({ offset }, index) => offset === ends[index]?.offset);
  }

  /** Where the dead letters come from. */
  async function deadLetters(admin: Admin): Promise<Set<string>> {
    const ends = await admin.listOffsets('t.dead-letters');
    let left = ends.reduce((sum, { offset }) => sum + offset, 0);
    const found = new Set<string>();
    const consumer = new Consumer({ broker: address, topics: ['t.dead-letters'] });
    for await (const { headerList } of consumer) {
      const { origin } = readDeadLetter(headerList) ?? {};
      found.add(`${origin?.partition}/${origin?.offset}`);
      if (--left === 0) break;
    }
    await consumer.close();
    return found;
  }
});
