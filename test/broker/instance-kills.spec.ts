// kill -9 of a broker that creates, fills and deletes instances, again and again: what was
// acknowledged is there, what was deleted stays away, and nothing is left over.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, ConnectionError } from '@walrusmq/client';
import { BrokerProcess } from '../crash/broker-process';
import { SeededRandom } from '../crash/seeded-random';

jest.setTimeout(240_000);

const ROUNDS = 8;
const KEYS = ['a', 'b/c', '1700000000123', 'ü', 'E', 'e'];
const FLAGS = ['--ws-port', 'off', '--block-bytes', '64KiB', '--blocks-per-file', '4'];

/** What is known of a key: acknowledged to be there or away, or under way when the broker died. */
type Known = 'there' | 'away' | 'unknown';

describe('a broker that is killed among its instances', () => {
  const seed = Number(process.env.WALRUSMQ_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-kills-'))));
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it(`keeps those that were created and none that were deleted (seed ${seed})`, async () => {
    const random = new SeededRandom(seed);
    const known = new Map<string, Known>(KEYS.map((key) => [key, 'away']));
    for (let round = 0; round < ROUNDS; round += 1) {
      const broker = new BrokerProcess({ dataDir, flags: FLAGS });
      const admin = new Admin({ broker: await broker.ready, retryTimeoutMs: 5_000 });
      await checkAfterStart(admin, known, dataDir);
      const killed = sleep(random.between(20, 400)).then(() => broker.kill());
      await churn(admin, known, random);
      await killed;
      await admin.close();
    }
    const last = new BrokerProcess({ dataDir, flags: FLAGS });
    const admin = new Admin({ broker: await last.ready });
    await checkAfterStart(admin, known, dataDir);
    await admin.close();
    expect(await last.stop()).toBe(0);
  });

  it('does not remove an instance that another process has open', async () => {
    const flags = ['--ws-port', 'off'];
    const first = new BrokerProcess({ dataDir, flags });
    const maker = new Admin({ broker: await first.ready });
    await maker.createInstance('held');
    await maker.close();
    await first.stop();
    const holder = new BrokerProcess({ dataDir: join(dataDir, 'held'), flags });
    await holder.ready;
    const files = readdirSync(join(dataDir, 'held'));
    const second = new BrokerProcess({ dataDir, flags });
    const admin = new Admin({ broker: await second.ready });
    while ((await admin.listInstances()).some(({ state }) => state === 'opening'));
    const failed = { state: 'failed', reason: expect.stringMatching(/another process/) as string };
    expect(await admin.describeInstance('held')).toMatchObject(failed);
    await expect(admin.deleteInstance('held', { force: true })).rejects.toMatchObject({
      code: 'INSTANCE_FAILED',
    });
    await admin.close();
    expect(readdirSync(join(dataDir, 'held'))).toEqual(files);
    expect([await second.stop(), await holder.stop()]).toEqual([0, 0]);
  });
});

/** Creates and deletes until the broker is gone. */
async function churn(admin: Admin, known: Map<string, Known>, random: SeededRandom): Promise<void> {
  for (;;) {
    const key = random.pick(KEYS);
    const isThere = known.get(key) === 'there';
    known.set(key, 'unknown');
    try {
      if (isThere) await admin.deleteInstance(key, { force: true });
      else await admin.createInstance(key, { fsync: '5ms' });
      known.set(key, isThere ? 'away' : 'there');
    } catch (error) {
      // Only its death may keep it from answering.
      if (!(error instanceof ConnectionError)) throw error;
      return;
    }
  }
}

async function checkAfterStart(
  admin: Admin,
  known: Map<string, Known>,
  dataDir: string,
): Promise<void> {
  let listed = await admin.listInstances();
  while (listed.some(({ state }) => state === 'opening' || state === 'deleting')) {
    listed = await admin.listInstances();
  }
  expect(listed.filter(({ state }) => state !== 'open')).toEqual([]);
  const keys = new Set(listed.map(({ key }) => key));
  const certain = [...known].filter(([, was]) => was !== 'unknown');
  const expected = certain.map(([key, was]) => [key, was === 'there']);
  expect(certain.map(([key]) => [key, keys.has(key)])).toEqual(expected);
  for (const key of known.keys()) known.set(key, keys.has(key) ? 'there' : 'away');
  const entries = readdirSync(dataDir, { withFileTypes: true });
  const directories = entries.filter((entry) => entry.isDirectory() && entry.name !== '~instances');
  expect(directories).toHaveLength(keys.size - 1);
}
