// Instances as a client sees them: made, listed, changed and deleted at run time, and shut off from
// each other.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceDescription, ListedInstance } from '@walrusmq/protocol';
import { decodeBatches } from '@walrusmq/record-batch';
import { openWalStorage } from '@walrusmq/storage';
import { RawClient, codeOf } from './raw-client';
import { STORAGES, TestBroker, batchOf, until } from './test-broker';

// Directories are made and synced, some of them in a row.
jest.setTimeout(60_000);

const SMALL = { blockBytes: 16_384, blocksPerFile: 4 };
let broker: TestBroker;
let admin: RawClient;

const ok = async (
  client: RawClient,
  operation: string,
  fields: object,
  tail?: readonly Buffer[],
): Promise<Record<string, unknown>> => {
  const reply = await client.request(operation, fields, tail);
  expect([operation, reply.kind, reply.fields]).toEqual([operation, 'ok', reply.fields]);
  return reply.fields;
};
const refused = async (operation: string, fields: object, client = admin): Promise<unknown> =>
  codeOf(await client.request(operation, fields));
const create = async (key: string, fields: object = {}): Promise<InstanceDescription> =>
  (await ok(admin, 'createInstance', { key, ...fields })) as unknown as InstanceDescription;
const describeInstance = async (key: string): Promise<InstanceDescription> =>
  (await ok(admin, 'describeInstance', { key })) as unknown as InstanceDescription;
const list = async (): Promise<readonly ListedInstance[]> =>
  (await ok(admin, 'listInstances', {})).instances as ListedInstance[];
const helloTo = async (instance: string): Promise<unknown> => {
  const client = await broker.connect();
  const reply = await client.request('hello', { protocol: [1, 1], client: 'raw', instance });
  client.destroy();
  return codeOf(reply);
};
const opened = async (): Promise<void> => {
  for (;;) if (!(await list()).some(({ state }) => state === 'opening')) return;
};
const decoded = (batches: Buffer): readonly string[] =>
  [...decodeBatches(batches)].map(({ value }) => String(value));
const produce = (client: RawClient, ...values: string[]): Promise<Record<string, unknown>> =>
  ok(client, 'produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf(...values)]);
const valuesOf = async (client: RawClient): Promise<readonly string[]> => {
  const request = { partitions: [['orders', 0, 0]], maxWaitMs: 0 };
  const { tail } = await client.request('fetch', request);
  return decoded(Buffer.concat(tail));
};

afterEach(async () => broker.stop());

describe.each(STORAGES)('instances on %s', (_, openStorage) => {
  beforeEach(async () => {
    broker = await TestBroker.start(SMALL, openStorage);
    admin = await broker.greeted();
  });

  it('are made at run time, with what is set for them, and listed', async () => {
    const made = await create('orders', {
      fsync: '50ms',
      readConsistency: 'at-least-once:10',
      quotas: { bytesInPerSecond: 1_000_000 },
      configs: { 'retention.ms': 60_000 },
    });
    expect(made).toMatchObject({
      key: 'orders',
      state: 'open',
      fsync: { value: '50ms', source: 'instance' },
      readConsistency: { value: 'at-least-once:10', source: 'instance' },
      quotas: { bytesInPerSecond: 1_000_000, bytesOutPerSecond: null, requestsPerSecond: null },
    });
    expect(made.configs).toContainEqual({
      name: 'retention.ms',
      value: '60000',
      source: 'instance',
    });
    const listed = await list();
    expect(listed.map(({ key, fsync }) => [key, fsync])).toEqual([
      ['default', 'sync-each'],
      ['orders', '50ms'],
    ]);
    const client = await broker.greeted('orders');
    await ok(client, 'createTopic', { name: 'orders' });
    const { configs } = await ok(client, 'describeTopic', { name: 'orders' });
    expect(configs).toContainEqual({ name: 'retention.ms', value: '60000', source: 'instance' });
    expect((await list())[1]).toMatchObject({ topics: 1, connections: 1, state: 'open' });
  });

  it('have topics, readers, producers and ids of their own under the same names', async () => {
    const ids = [(await create('one')).instanceId, (await create('two')).instanceId];
    expect(new Set([...ids, (await describeInstance('default')).instanceId]).size).toBe(3);
    const clients = [await broker.greeted('one'), await broker.greeted('two')] as const;
    const topicIds: unknown[] = [];
    for (const [at, client] of clients.entries()) {
      topicIds.push((await ok(client, 'createTopic', { name: 'orders' })).id);
      await produce(client, `of ${at}`, `too of ${at}`);
    }
    expect(topicIds[0]).not.toBe(topicIds[1]);
    expect(await valuesOf(clients[0])).toEqual(['of 0', 'too of 0']);
    expect(await valuesOf(clients[1])).toEqual(['of 1', 'too of 1']);

    const commit = { reader: 'r', offsets: [['orders', 0, 2]] };
    await ok(clients[0], 'readerCommit', commit);
    const position = { reader: 'r', partitions: [['orders', 0]] };
    expect((await ok(clients[1], 'readerFetch', position)).offsets).toEqual([['orders', 0, null]]);
    await ok(clients[0], 'initProducerId', {});
    const { producerId } = await ok(clients[0], 'initProducerId', {});
    const foreign = { producerId: Number(producerId), producerEpoch: 0 };
    expect(await refused('initProducerId', foreign, clients[1])).toBe('UNKNOWN_PRODUCER_ID');

    await ok(clients[0], 'deleteTopic', { name: 'orders' });
    expect(await valuesOf(clients[1])).toEqual(['of 1', 'too of 1']);
    expect((await ok(clients[0], 'listTopics', {})).topics).toEqual([]);
    expect((await ok(admin, 'listTopics', {})).topics).toEqual([]);
  });

  it('push to their own subscribers alone', async () => {
    await create('one');
    const [one, other] = [await broker.greeted('one'), admin];
    for (const client of [one, other]) {
      await ok(client, 'createTopic', { name: 'orders' });
      await ok(client, 'subscribe', { partitions: [['orders', 0, 0]], creditBytes: 1_000 });
    }
    await produce(one, 'mine');
    await produce(other, 'other');
    expect(decoded((await one.event()).batches)).toEqual(['mine']);
    expect(decoded((await other.event()).batches)).toEqual(['other']);
    expect(one.unreadEvents + other.unreadEvents).toBe(0);
  });

  it('answer what is wrong with a request', async () => {
    await create('one');
    expect(await refused('createInstance', { key: 'one' })).toBe('INSTANCE_EXISTS');
    expect(await refused('createInstance', { key: 'default' })).toBe('INSTANCE_EXISTS');
    expect(await refused('createInstance', { key: '' })).toBe('INVALID_REQUEST');
    expect(await refused('createInstance', { key: 'ü'.repeat(127) })).toBe('INVALID_REQUEST');
    expect(await refused('createInstance', { key: 'x', fsync: '5' })).toBe('INVALID_REQUEST');
    const quotas = { requestsPerSecond: 0 };
    expect(await refused('createInstance', { key: 'x', quotas })).toBe('INVALID_REQUEST');
    const configs = { 'retention.ms': 'soon' };
    expect(await refused('createInstance', { key: 'x', configs })).toBe('INVALID_CONFIG');
    const policy = { 'cleanup.policy': 'delete' };
    expect(await refused('createInstance', { key: 'x', configs: policy })).toBe('INVALID_CONFIG');
    for (const operation of ['describeInstance', 'alterInstance', 'deleteInstance']) {
      expect(await refused(operation, { key: 'none' })).toBe('UNKNOWN_INSTANCE');
    }
    expect(await refused('deleteInstance', { key: 'default' })).toBe('INVALID_REQUEST');
    expect(await helloTo('none')).toBe('UNKNOWN_INSTANCE');
    expect((await list()).map(({ key }) => key)).toEqual(['default', 'one']);
  });

  it('are only checked with validateOnly', async () => {
    await create('one');
    const checked = await create('two', { validateOnly: true, fsync: 'no-fsync' });
    expect(checked).toMatchObject({ instanceId: null, fsync: { value: 'no-fsync' } });
    const change = { key: 'one', quotas: { requestsPerSecond: 5 }, validateOnly: true };
    expect(await ok(admin, 'alterInstance', change)).toMatchObject({
      quotas: { requestsPerSecond: 5 },
    });
    expect((await describeInstance('one')).quotas.requestsPerSecond).toBeNull();
    expect((await list()).map(({ key }) => key)).toEqual(['default', 'one']);
  });

  it('are not deleted under somebody, unless by force, which ends the connections', async () => {
    await create('one');
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    expect(await refused('deleteInstance', { key: 'one' })).toBe('INSTANCE_IN_USE');
    await produce(client, 'still there');

    const waiting = client.send('fetch', { partitions: [['orders', 0, 1]], maxWaitMs: 60_000 });
    await ok(admin, 'deleteInstance', { key: 'one', force: true });
    // What was asked is answered before the connection ends.
    expect(await client.reply()).toMatchObject({ kind: 'ok', correlationId: waiting });
    await client.closed;
    expect(['UNKNOWN_INSTANCE', 'INSTANCE_BUSY']).toContain(await helloTo('one'));
    while ((await list()).length > 1);
    expect(await helloTo('one')).toBe('UNKNOWN_INSTANCE');
  });

  it('can be deleted by a client of theirs, which is answered first', async () => {
    await create('one');
    const client = await broker.greeted('one');
    await ok(client, 'deleteInstance', { key: 'one' });
    await client.closed;
  });

  it('follow other defaults of topics at once', async () => {
    await create('one');
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    await produce(client, 'x'.repeat(300));
    await ok(admin, 'alterInstance', { key: 'one', configs: { 'max.message.bytes': 200 } });
    const large = { topic: 'orders', partition: 0, acks: -1 };
    const reply = await client.request('produce', large, [batchOf('x'.repeat(300))]);
    expect(codeOf(reply)).toBe('RECORD_TOO_LARGE');
    await ok(admin, 'alterInstance', { key: 'one', configs: { 'max.message.bytes': null } });
    await produce(client, 'x'.repeat(300));
    // The others have kept theirs.
    expect((await describeInstance('default')).configs).toEqual(
      (await describeInstance('one')).configs,
    );
  });
});

describe('instances on disk', () => {
  const dataDirOf = (): string => broker.broker.dataDir;
  const restart = async (): Promise<void> => {
    const dataDir = dataDirOf();
    await broker.broker.stop();
    broker = await TestBroker.start({ ...SMALL, dataDir }, openWalStorage);
    admin = await broker.greeted();
  };

  beforeEach(async () => {
    broker = await TestBroker.start(SMALL, openWalStorage);
    admin = await broker.greeted();
  });

  it('are there after a restart, each with its records and settings', async () => {
    // On file systems that tell upper from lower case, these are two.
    const keys = ['orders', 'Orders', 'a/b', '..', '%41', '1700000000123', 'LOCK', 'ünï 💾', ' '];
    for (const key of keys) {
      await create(key, { quotas: { requestsPerSecond: 1_000 }, fsync: 'no-fsync' });
      const client = await broker.greeted(key);
      await ok(client, 'createTopic', { name: 'orders' });
      await produce(client, key);
    }
    const ids = await Promise.all((await list()).map(async ({ key }) => describeInstance(key)));
    await restart();
    await opened();
    for (const before of ids) {
      const after = await describeInstance(before.key);
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
    const before = readdirSync(dataDirOf());
    for (let round = 0; round < 3; round += 1) {
      const { instanceId } = await create('orders');
      const client = await broker.greeted('orders');
      await ok(client, 'createTopic', { name: 'orders' });
      // Traffic that goes on until it is sent away.
      const traffic = (async () => {
        for (;;) {
          client.send('produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf('x')]);
          if ((await client.replyOrEnd()) === undefined) return;
        }
      })();
      expect((await describeInstance('orders')).disk.apparentBytes).toBeGreaterThan(0);
      await ok(admin, 'deleteInstance', { key: 'orders', force: true });
      await traffic;
      while ((await list()).length > 1);
      expect((await create('orders')).instanceId).not.toBe(instanceId);
      const fresh = await broker.greeted('orders');
      expect((await ok(fresh, 'listTopics', {})).topics).toEqual([]);
      fresh.destroy();
      await ok(admin, 'deleteInstance', { key: 'orders', force: true });
      while ((await list()).length > 1);
    }
    expect(readdirSync(dataDirOf())).toEqual([...before, '~instances'].sort());
    expect(readdirSync(join(dataDirOf(), '~instances'))).toEqual([]);
  });

  it('that cannot be opened are listed with the reason, and keep no other from starting', async () => {
    for (const key of ['damaged', 'gone', 'settings', 'swapped', 'well']) await create(key);
    const dataDir = dataDirOf();
    await broker.broker.stop();
    for (const name of readdirSync(join(dataDir, 'damaged')).filter((each) => /^\d+$/.test(each))) {
      writeFileSync(join(dataDir, 'damaged', name), Buffer.alloc(4096, 0xff));
    }
    rmSync(join(dataDir, 'gone'), { recursive: true });
    writeFileSync(join(dataDir, '~instances', 'settings'), '{"version":1}\ncrc32c 00000000\n');
    rmSync(join(dataDir, 'swapped'), { recursive: true });
    mkdirSync(join(dataDir, 'swapped'));
    broker = await TestBroker.start({ ...SMALL, dataDir }, openWalStorage);
    admin = await broker.greeted();
    await opened();
    const found = new Map((await list()).map((each) => [each.key, each]));
    for (const key of ['damaged', 'gone', 'settings', 'swapped']) {
      expect(found.get(key)).toMatchObject({ state: 'failed', reason: expect.any(String) });
      expect(await helloTo(key)).toBe('INSTANCE_FAILED');
    }
    expect(found.get('gone')?.reason).toMatch(/is gone/);
    expect(found.get('settings')?.reason).toMatch(/checksum/);
    expect(found.get('swapped')?.reason).toMatch(/another instance/);
    expect([found.get('well')?.state, found.get('default')?.state]).toEqual(['open', 'open']);
    expect(await helloTo('well')).toBe('ok');
    expect(existsSync(join(dataDir, 'gone'))).toBe(false);
    // They can be deleted, and made again.
    for (const key of ['damaged', 'gone', 'settings', 'swapped']) {
      await ok(admin, 'deleteInstance', { key });
      while ((await list()).some((each) => each.key === key));
      await create(key);
    }
  });

  it('do not take a directory that is not theirs', async () => {
    mkdirSync(join(dataDirOf(), 'mine'));
    writeFileSync(join(dataDirOf(), 'mine', 'letter.txt'), 'dear');
    expect(await refused('createInstance', { key: 'mine' })).toBe('INSTANCE_EXISTS');
    await create('ours');
    writeFileSync(join(dataDirOf(), 'ours', 'letter.txt'), 'dear');
    await ok(admin, 'deleteInstance', { key: 'ours' });
    while ((await list()).length > 1);
    expect(readdirSync(join(dataDirOf(), 'ours'))).toEqual(['letter.txt']);
  });

  it('are opened anew for another schedule, which their clients notice', async () => {
    await create('one');
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    await produce(client, 'before');
    const change = { key: 'one', fsync: '20ms' };
    expect(await refused('alterInstance', change)).toBe('INSTANCE_IN_USE');
    const altered = await ok(admin, 'alterInstance', { ...change, force: true });
    expect(altered).toMatchObject({ state: 'open', fsync: { value: '20ms', source: 'instance' } });
    await client.closed;
    expect(await valuesOf(await broker.greeted('one'))).toEqual(['before']);
    await restart();
    await opened();
    expect((await describeInstance('one')).fsync.value).toBe('20ms');
  });

  it('the default one too, by a client of its own, and goes back to what the broker says', async () => {
    const altered = await ok(admin, 'alterInstance', { key: 'default', fsync: 'no-fsync' });
    expect(altered).toMatchObject({ fsync: { value: 'no-fsync', source: 'instance' } });
    await admin.closed;
    admin = await broker.greeted();
    await restart();
    expect((await describeInstance('default')).fsync.value).toBe('no-fsync');
    await ok(admin, 'alterInstance', { key: 'default', fsync: 'default' });
    admin = await broker.greeted();
    expect((await describeInstance('default')).fsync).toEqual({
      value: 'sync-each',
      source: 'broker',
    });
  });
});

describe('the number of instances', () => {
  it('number 64 at most, the default one included', async () => {
    broker = await TestBroker.start(SMALL);
    admin = await broker.greeted();
    for (let count = 1; count < 64; count += 1) await create(`i${count}`);
    expect(await refused('createInstance', { key: 'one-too-many' })).toBe('LIMIT_EXCEEDED');
    await ok(admin, 'deleteInstance', { key: 'i7' });
    while ((await list()).length > 63);
    await create('in-its-place');
    expect(await refused('createInstance', { key: 'one-too-many' })).toBe('LIMIT_EXCEEDED');
  });
});

describe('quotas', () => {
  beforeEach(async () => {
    broker = await TestBroker.start(SMALL);
    admin = await broker.greeted();
  });
  const alter = (quotas: object): Promise<unknown> =>
    ok(admin, 'alterInstance', { key: 'one', quotas });
  const sendProduce = (client: RawClient): number =>
    client.send('produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf('x'.repeat(100))]);

  // With a byte per second whatever comes second would come minutes later.
  it('hold produce requests back, of that instance alone, and drop none', async () => {
    await create('one', { quotas: { bytesInPerSecond: 1 } });
    await create('two');
    const [one, another, two] = await Promise.all(
      ['one', 'one', 'two'].map((key) => broker.greeted(key)),
    );
    await ok(one!, 'createTopic', { name: 'orders' });
    await ok(two!, 'createTopic', { name: 'orders' });
    for (let count = 0; count < 10; count += 1) sendProduce(one!);
    await one!.reply();
    sendProduce(another!);
    for (let count = 0; count < 10; count += 1) sendProduce(two!);
    for (let count = 0; count < 10; count += 1) await two!.reply();
    // Other requests of the instance pass, on a connection that does not wait.
    const reader = await broker.greeted('one');
    expect((await ok(reader, 'listOffsets', { topic: 'orders', at: 'latest' })).offsets).toEqual([
      [0, 1, -1],
    ]);
    expect([one!.unreadReplies, another!.unreadReplies]).toEqual([0, 0]);
    const { use } = await describeInstance('one');
    expect(use.bytesIn).toBeGreaterThan(100);
    expect(use.requests).toBeNull();
    await alter({ bytesInPerSecond: null });
    for (let count = 0; count < 9; count += 1) await one!.reply();
    await another!.reply();
    const { offsets } = await ok(reader, 'listOffsets', { topic: 'orders', at: 'latest' });
    expect(offsets).toEqual([[0, 11, -1]]);
    expect((await describeInstance('one')).use.throttledMs).toBeGreaterThanOrEqual(0);
  });

  it('hold fetched and pushed records back, and no reply without records', async () => {
    await create('one', { quotas: { bytesOutPerSecond: 1 } });
    const [producer, fetcher, subscriber] = await Promise.all(
      ['one', 'one', 'one'].map((key) => broker.greeted(key)),
    );
    await ok(producer!, 'createTopic', { name: 'orders' });
    await produce(producer!, 'first');
    expect(await valuesOf(fetcher!)).toEqual(['first']);
    fetcher!.send('fetch', { partitions: [['orders', 0, 0]], maxWaitMs: 0 });
    await ok(subscriber!, 'subscribe', { partitions: [['orders', 0, 0]], creditBytes: 1_000 });
    for (let count = 0; count < 10; count += 1) await produce(producer!, 'more');
    expect([fetcher!.unreadReplies, subscriber!.unreadEvents]).toEqual([0, 0]);
    await alter({ bytesOutPerSecond: null });
    expect((await fetcher!.reply()).kind).toBe('ok');
    expect((await subscriber!.event()).batches.length).toBeGreaterThan(0);
  });

  it('let a client go whose instance is deleted while it is held back', async () => {
    await create('one', { quotas: { bytesInPerSecond: 1 } });
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    for (let count = 0; count < 3; count += 1) sendProduce(client);
    await client.reply();
    await ok(admin, 'deleteInstance', { key: 'one', force: true });
    const answers = [codeOf(await client.reply()), codeOf(await client.reply())];
    expect(answers).toEqual(['UNKNOWN_INSTANCE', 'UNKNOWN_INSTANCE']);
    await client.closed;
  });

  it('hold for what a client sent that sends nothing more', async () => {
    await create('one', { quotas: { bytesInPerSecond: 1 } });
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    for (let count = 0; count < 3; count += 1) sendProduce(client);
    client.socket.end();
    await client.reply();
    const reader = await broker.greeted('one');
    expect(await valuesOf(reader)).toHaveLength(1);
    await alter({ bytesInPerSecond: null });
    await client.reply();
    await client.reply();
    await client.closed;
    expect(await valuesOf(reader)).toHaveLength(3);
  });

  it('forget a client that goes while it is held back', async () => {
    await create('one', { quotas: { bytesInPerSecond: 1 } });
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    for (let count = 0; count < 3; count += 1) sendProduce(client);
    await client.reply();
    client.socket.resetAndDestroy();
    await until(() => broker.counter('connectionsOpen') === 1);
    await alter({ bytesInPerSecond: null });
    const reader = await broker.greeted('one');
    expect(await valuesOf(reader)).toHaveLength(1);
  });
});
