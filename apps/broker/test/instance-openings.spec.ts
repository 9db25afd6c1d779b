// Instances that take their time to open, beside others that are served.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  openMemoryStorage,
  openWalStorage,
  type InstanceStorage,
  type StorageOptions,
} from '@walrusmq/storage';
import { InstanceBroker, ok, produce } from './instance-fixture';
import { codeOf } from './raw-client';
import { TestBroker, override, until } from './test-broker';

jest.setTimeout(60_000);

describe('an instance that is being opened', () => {
  let broker: InstanceBroker;
  let pipe: string | undefined;
  afterEach(async () => {
    // Lets go whoever stands still there, had the test no time for it.
    if (pipe !== undefined) closeSync(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK));
    await broker.stop();
  });

  it('holds up nobody else, however long a file keeps it waiting', async () => {
    broker = await InstanceBroker.start(openWalStorage);
    for (const key of ['slow', 'other']) await broker.create(key);
    pipe = join(broker.dataDir, 'slow', 'journal.0');
    await broker.broker.broker.stop();
    rmSync(pipe, { force: true });
    // Whoever opens the directory stands still here until somebody comes to write.
    execFileSync('mkfifo', [pipe]);
    const next = await InstanceBroker.start(openWalStorage, broker.dataDir);
    broker = next;
    const states = async (): Promise<Record<string, string>> =>
      Object.fromEntries((await broker.list()).map(({ key, state }) => [key, state]));
    while ((await states())['other'] !== 'open');

    const client = await broker.greeted();
    await ok(client, 'createTopic', { name: 'orders', partitions: 1 });
    await produce(client, 'served');
    await ok(await broker.greeted('other'), 'metadata', {});
    await broker.create('new');
    await ok(broker.admin, 'alterInstance', { key: 'new', fsync: 'no-fsync' });
    await ok(broker.admin, 'deleteInstance', { key: 'new' });
    expect(await broker.helloTo('slow')).toBe('INSTANCE_BUSY');
    for (const operation of ['alterInstance', 'deleteInstance']) {
      const refused = await broker.admin.request(operation, { key: 'slow', fsync: 'no-fsync' });
      expect(codeOf(refused)).toBe('INSTANCE_BUSY');
    }
    expect((await states())['slow']).toBe('opening');

    closeSync(await writerOf(pipe));
    while ((await states())['slow'] === 'opening');
    const slow = (await broker.list()).find(({ key }) => key === 'slow');
    expect(slow).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining(pipe) as string,
    });
  });
});

describe('a broker that is stopped while instances are being opened', () => {
  it('waits for those, closes them, and begins no other', async () => {
    const disks = new Map<string, InstanceStorage>();
    const events: string[] = [];
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    let isSlow = false;
    /** Storage in memory that a restart finds again. */
    const openStorage = async ({ directory }: StorageOptions): Promise<InstanceStorage> => {
      const name = directory.slice(directory.lastIndexOf('/') + 1);
      events.push(`open ${name}`);
      if (isSlow && name.startsWith('i')) await gate;
      const storage = disks.get(directory) ?? openMemoryStorage();
      disks.set(directory, storage);
      return override(storage, {
        directory: '',
        close: () => {
          events.push(`close ${name}`);
          return Promise.resolve();
        },
      });
    };
    const first = await InstanceBroker.start(openStorage);
    for (const key of ['i1', 'i2', 'i3', 'i4']) await first.create(key);
    await first.broker.broker.stop();
    isSlow = true;
    events.length = 0;
    const { dataDir } = first;
    const second = await TestBroker.start({ dataDir }, openStorage);
    await until(() => events.includes('open i2'));
    let isStopped = false;
    const stopped = second.broker.stop().then(() => (isStopped = true));
    // The default instance would be closed by now if the two were not waited for.
    for (let turns = 0; turns < 100; turns += 1) await new Promise(setImmediate);
    expect(isStopped).toBe(false);
    letGo();
    await stopped;
    const begun = events.filter((event) => event.startsWith('open i'));
    expect(begun).toEqual(['open i1', 'open i2']);
    expect(events).toEqual(expect.arrayContaining(['close i1', 'close i2']));
    expect(events.filter((event) => event.startsWith('close'))).toHaveLength(3);
    await second.stop();
    await first.stop();
  });
});

/** The end for writing of a pipe that somebody reads, or is about to. */
async function writerOf(pipe: string): Promise<number> {
  for (;;) {
    try {
      return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
