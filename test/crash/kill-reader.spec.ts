// Named readers over kill -9 of the broker: what each read consistency promises.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin, ConnectionError, Producer, Reader } from '@walrusmq/client';
import { BrokerProcess } from './broker-process';
import { SeededRandom } from './seeded-random';

const RECORDS = 4_000;
const PARTITIONS = 3;
const KILLS = 6;
const READ_RECORDS_MAX = 25;
const NONE_TWICE_MS = 240_000;

/** What reads got over some kills of the broker. */
interface Run {
  readonly seed: number;
  /** How often each record came, by partition and offset. */
  readonly counts: Map<string, number>;
  /** Reads whose answer was lost with the broker. */
  lostReads: number;
  /** Records that came again after each kill. */
  readonly again: number[];
}

describe('a named reader over kill -9 of the broker', () => {
  let dataDir: string;
  let broker: BrokerProcess;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'walrusmq-reader-'));
  });
  afterEach(async () => {
    await broker.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(consistency: string): Promise<string> {
    const flags = ['--ws-port', '0', '--read-consistency', consistency];
    broker = new BrokerProcess({ dataDir, flags });
    return broker.ready;
  }

  async function fill(address: string): Promise<void> {
    const admin = new Admin({ broker: address });
    await admin.createTopic('t', { partitions: PARTITIONS });
    await admin.close();
    const producer = new Producer({ broker: address });
    const sends = Array.from({ length: RECORDS }, (_, n) =>
      producer.send({ topic: 't', partition: n % PARTITIONS, value: n }),
    );
    await Promise.all(sends);
    await producer.close();
  }

  /** Reads all records, in reads of random sizes, while the broker is killed now and then. */
  async function readThroughKills(consistency: string): Promise<Run> {
    const seed = Date.now() % 2 ** 32;
    const random = new SeededRandom(seed);
    const run: Run = { seed, counts: new Map(), lostReads: 0, again: [] };
    let address = await start(consistency);
    await fill(address);
    let kills = 0;
    for (let isDone = false; !isDone;) {
      const reader = new Reader({ broker: address, reader: 'r', topic: 't' });
      run.again.push(0);
      // Reads go on until the kill cuts one of them off, in the middle of whatever the broker does.
      const killAfter = kills < KILLS ? random.between(1, 30) : Infinity;
      let killed: Promise<void> | undefined;
      try {
        for (let reads = 1; ; reads += 1) {
          const reading = reader.read({ maxRecords: random.between(1, READ_RECORDS_MAX) });
          if (reads === killAfter) killed = broker.kill();
          const { records } = await reading;
          for (const { partition, offset } of records) note(run, `${partition}/${offset}`);
          if (records.length > 0) continue;
          isDone = true;
          break;
        }
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        run.lostReads += 1;
      }
      await reader.close().catch(() => undefined);
      if (killed === undefined) continue;
      kills += 1;
      await killed;
      address = await start(consistency);
      isDone = false;
    }
    return run;
  }

  function note({ counts, again }: Run, key: string): void {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count > 1) again[again.length - 1]! += 1;
  }

  it(
    'gives no record twice, and loses none but those of a lost answer, strictly at once',
    async () => {
      const run = await readThroughKills('strictly-at-once');
      const { seed, counts, lostReads, again } = run;
      expect({ seed, again: again.filter((count) => count > 0) }).toEqual({ seed, again: [] });
      const missing = RECORDS - counts.size;
      const missingMax = lostReads * READ_RECORDS_MAX;
      expect({ seed, isWithin: missing <= missingMax, missing, missingMax }).toMatchObject({
        isWithin: true,
      });
      expect(lostReads).toBeLessThanOrEqual(KILLS);
    },
    NONE_TWICE_MS,
  );

  it(
    'gives fewer than N records of a partition again, and loses none but those, at least once',
    async () => {
      const persistEvery = 40;
      const run = await readThroughKills(`at-least-once:${persistEvery}`);
      const { seed, counts, lostReads, again } = run;
      const tooMany = again.filter((count) => count >= persistEvery * PARTITIONS);
      expect({ seed, tooMany }).toEqual({ seed, tooMany: [] });
      const missing = RECORDS - counts.size;
      expect({ seed, isWithin: missing <= lostReads * READ_RECORDS_MAX, missing }).toMatchObject({
        isWithin: true,
      });
      // A kill without a record that comes again would prove nothing.
      expect(again.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    },
    NONE_TWICE_MS,
  );

  it('keeps deletions, resets and saved positions over a kill', async () => {
    const address = await start('at-least-once:1000');
    await fill(address);
    const admin = new Admin({ broker: address });
    for (const name of ['kept', 'gone']) {
      await admin.createReader(name, { topics: ['t'], at: 'latest' });
    }
    await admin.pinReader('gone', 't');
    await admin.resetReader('kept', { topics: ['t'], shiftBy: -7 });
    await admin.deleteReader('gone');
    // What is unsaved is saved when its reader is let go.
    const reader = new Reader({ broker: address, reader: 'let-go', topic: 't', partition: 1 });
    expect((await reader.read({ maxRecords: 5 })).records).toHaveLength(5);
    await reader.close();
    await broker.kill();

    const after = new Admin({ broker: await start('strictly-at-once') });
    const lags: unknown[] = [];
    for await (const { reader: name, lag } of after.listReaders()) lags.push([name, lag]);
    expect(lags).toEqual([
      ['kept', 7 * PARTITIONS],
      ['let-go', RECORDS - 5],
    ]);
    expect((await after.describeTopic('t')).pins).toEqual([]);
    await admin.close();
    await after.close();
  });

  it('saves where readers stand when the broker is stopped', async () => {
    const address = await start('at-least-once:1000');
    await fill(address);
    const reader = new Reader({ broker: address, reader: 'r', topic: 't', attach: 'none' });
    expect((await reader.read({ maxRecords: 30 })).records).toHaveLength(30);
    expect(await broker.stop()).toBe(0);
    await reader.close().catch(() => undefined);
    const after = new Admin({ broker: await start('at-least-once:1000') });
    expect((await after.describeReader('r'))[0]?.lag).toBe(RECORDS - 30);
    await after.close();
  });
});
