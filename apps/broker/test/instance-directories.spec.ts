// Instances and their directories: restarts, damage, what is left and what is not taken.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32c } from '@walrusmq/record-batch';
import { openWalStorage } from '@walrusmq/storage';
import { InstanceBroker, ok, produce, valuesOf } from './instance-fixture';
import { batchOf } from './test-broker';

// Directories are made and synced, some of them in a row.
jest.setTimeout(60_000);

const DAMAGE = Buffer.alloc(4096, 0xff);
let broker: InstanceBroker;
afterEach(async () => broker.stop());

describe('instances on disk', () => {
  const restart = (meanwhile?: () => void): Promise<void> =>
    broker.restart(openWalStorage, meanwhile);

  beforeEach(async () => {
    broker = await InstanceBroker.start(openWalStorage);
  });

  it('are there after a restart, each with its records and settings', async () => {
    // On file systems that tell upper from lower case, these are two.
    const keys = ['orders', 'Orders', 'a/b', '..', '%41', '1700000000123', 'LOCK', 'ünï 💾', ' '];
    for (const key of keys) {
      await broker.create(key, { quotas: { requestsPerSecond: 1_000 }, fsync: 'no-fsync' });
      const client = await broker.greeted(key);
      await ok(client, 'createTopic', { name: 'orders' });
      await produce(client, key);
    }
    const ids = await Promise.all(
      (await broker.list()).map(async ({ key }) => broker.describe(key)),
    );
    await restart();
    for (const before of ids) {
      const after = await broker.describe(before.key);
      expect(after).toMatchObject({
        instanceId: before.instanceId,
        state: 'open',
        reason: null,
        fsync: before.fsync,
        quotas: before.quotas,
      });
    }
    for (const key of keys) expect(await valuesOf(await broker.greeted(key))).toEqual([key]);
  });

  it('leave nothing on the disk when they are deleted, and are new when made again', async () => {
    const before = readdirSync(broker.dataDir);
    for (let round = 0; round < 3; round += 1) {
      const { instanceId } = await broker.create('orders');
      const client = await broker.greeted('orders');
      await ok(client, 'createTopic', { name: 'orders' });
      // Traffic that goes on until it is sent away.
      const traffic = (async () => {
        for (;;) {
          client.send('produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf('x')]);
          if ((await client.replyOrEnd()) === undefined) return;
        }
      })();
      expect((await broker.describe('orders')).disk.apparentBytes).toBeGreaterThan(0);
      await broker.delete('orders', true);
      await traffic;
      expect((await broker.create('orders')).instanceId).not.toBe(instanceId);
      const fresh = await broker.greeted('orders');
      expect((await ok(fresh, 'listTopics', {})).topics).toEqual([]);
      await broker.delete('orders', true);
    }
    expect(readdirSync(broker.dataDir)).toEqual([...before, '~instances'].sort());
    expect(readdirSync(join(broker.dataDir, '~instances'))).toEqual([]);
  });

  it('that cannot be opened are listed with the reason, and keep none from starting', async () => {
    for (const key of ['damaged', 'gone', 'settings', 'swapped', 'well']) await broker.create(key);
    const { dataDir } = broker;
    await restart(() => {
      const files = readdirSync(join(dataDir, 'damaged')).filter((name) => /^\d+$/.test(name));
      for (const name of files) writeFileSync(join(dataDir, 'damaged', name), DAMAGE);
      rmSync(join(dataDir, 'gone'), { recursive: true });
      writeFileSync(join(dataDir, '~instances', 'settings'), '{"version":1}\ncrc32c 00000000\n');
      writeFileSync(join(dataDir, '~instances', '~default'), DAMAGE);
      rmSync(join(dataDir, 'swapped'), { recursive: true });
      mkdirSync(join(dataDir, 'swapped'));
    });
    const found = new Map((await broker.list()).map((each) => [each.key, each]));
    for (const key of ['damaged', 'gone', 'settings', 'swapped']) {
      expect(found.get(key)).toMatchObject({ state: 'failed' });
      expect(await broker.helloTo(key)).toBe('INSTANCE_FAILED');
    }
    expect(found.get('gone')?.reason).toMatch(/is gone/);
    expect(found.get('settings')?.reason).toMatch(/checksum/);
    expect(found.get('swapped')?.reason).toMatch(/another instance/);
    expect([found.get('well')?.state, found.get('default')?.state]).toEqual(['open', 'open']);
    expect(found.get('default')?.reason).toMatch(/checksum/);
    expect(await broker.helloTo('well')).toBe('ok');
    expect(existsSync(join(dataDir, 'gone'))).toBe(false);
    // They can be deleted, and made again.
    for (const key of ['damaged', 'gone', 'settings', 'swapped']) {
      await broker.delete(key);
      await broker.create(key);
    }
  });

  it('that failed are opened again once the cause is mended, and not before', async () => {
    for (const key of ['away', 'settings']) {
      await broker.create(key, { fsync: 'no-fsync' });
      const client = await broker.greeted(key);
      await ok(client, 'createTopic', { name: 'orders' });
      await produce(client, key);
    }
    const { dataDir } = broker;
    const ids = await Promise.all(
      ['away', 'settings'].map(async (key) => (await broker.describe(key)).instanceId),
    );
    const record = join(dataDir, '~instances', 'settings');
    let text = '';
    await restart(() => {
      renameSync(join(dataDir, 'away'), join(dataDir, 'elsewhere'));
      text = readFileSync(record, 'utf8');
      writeFileSync(record, DAMAGE);
    });
    for (const key of ['away', 'settings']) {
      expect(await broker.refused('alterInstance', { key })).toBe('INSTANCE_FAILED');
      const bad = { key, configs: { 'retention.ms': 'x' } };
      const code = key === 'away' ? 'INVALID_CONFIG' : 'INSTANCE_FAILED';
      expect(await broker.refused('alterInstance', bad)).toBe(code);
      expect(await broker.helloTo(key)).toBe('INSTANCE_FAILED');
    }
    expect((await broker.describe('away')).reason).toMatch(/is gone/);
    // A record that says something else than that it is there is not followed.
    const marked = JSON.parse(text.split('\n')[0] ?? '') as object;
    const other = JSON.stringify({ ...marked, state: 'deleting' });
    const checksum = crc32c(Buffer.from(other)).toString(16).padStart(8, '0');
    writeFileSync(record, `${other}\ncrc32c ${checksum}\n`);
    expect(await broker.refused('alterInstance', { key: 'settings' })).toBe('INSTANCE_FAILED');
    expect((await broker.describe('settings')).reason).toMatch(/says 'deleting'/);

    renameSync(join(dataDir, 'elsewhere'), join(dataDir, 'away'));
    writeFileSync(record, text);
    const quotas = { requestsPerSecond: 900 };
    const checked = await ok(broker.admin, 'alterInstance', { key: 'away', validateOnly: true });
    expect(checked).toMatchObject({ state: 'failed' });
    const opened = [
      await ok(broker.admin, 'alterInstance', { key: 'away', quotas }),
      await ok(broker.admin, 'alterInstance', { key: 'settings' }),
    ];
    const open = { state: 'open', reason: null, fsync: { value: 'no-fsync', source: 'instance' } };
    expect(opened).toMatchObject([
      { ...open, instanceId: ids[0], quotas },
      { ...open, instanceId: ids[1] },
    ]);
    await restart();
    expect(await broker.describe('away')).toMatchObject({ ...open, quotas });
    for (const key of ['away', 'settings']) {
      expect(await valuesOf(await broker.greeted(key))).toEqual([key]);
    }
  });

  it('do not take a directory that is not theirs', async () => {
    mkdirSync(join(broker.dataDir, 'mine'));
    writeFileSync(join(broker.dataDir, 'mine', 'letter.txt'), 'dear');
    expect(await broker.refused('createInstance', { key: 'mine' })).toBe('INSTANCE_EXISTS');
    await broker.create('ours');
    writeFileSync(join(broker.dataDir, 'ours', 'letter.txt'), 'dear');
    await broker.delete('ours');
    expect(readdirSync(join(broker.dataDir, 'ours'))).toEqual(['letter.txt']);
  });

  it('are opened anew for another schedule, which their clients notice', async () => {
    await broker.create('one');
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    await produce(client, 'before');
    const change = { key: 'one', fsync: '20ms' };
    expect(await broker.refused('alterInstance', change)).toBe('INSTANCE_IN_USE');
    const altered = await ok(broker.admin, 'alterInstance', { ...change, force: true });
    expect(altered).toMatchObject({ state: 'open', fsync: { value: '20ms', source: 'instance' } });
    await client.closed;
    expect(await valuesOf(await broker.greeted('one'))).toEqual(['before']);
    await restart();
    expect((await broker.describe('one')).fsync.value).toBe('20ms');
  });

  it('the default one too, by a client of its own; it can follow the broker again', async () => {
    const altered = await ok(broker.admin, 'alterInstance', { key: 'default', fsync: 'no-fsync' });
    expect(altered).toMatchObject({ fsync: { value: 'no-fsync', source: 'instance' } });
    await broker.admin.closed;
    broker.admin = await broker.greeted();
    await restart();
    expect((await broker.describe('default')).fsync.value).toBe('no-fsync');
    await ok(broker.admin, 'alterInstance', { key: 'default', fsync: 'default' });
    broker.admin = await broker.greeted();
    expect((await broker.describe('default')).fsync).toEqual({
      value: 'sync-each',
      source: 'broker',
    });
  });
});
