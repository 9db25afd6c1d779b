// Instances as a client sees them: made, listed, changed and deleted at run time, and shut off from
// each other.
import { InstanceBroker, decoded, ok, produce, valuesOf } from './instance-fixture';
import { codeOf } from './raw-client';
import { STORAGES, batchOf } from './test-broker';

// Directories are made and synced, some of them in a row.
jest.setTimeout(60_000);

const MEMBER = '7f1c6f5e-1a5b-4c57-9d0b-8c1f0a2b3c4d';
let broker: InstanceBroker;
afterEach(async () => broker.stop());

describe.each(STORAGES)('instances on %s', (_, openStorage) => {
  beforeEach(async () => {
    broker = await InstanceBroker.start(openStorage);
  });

  it('are made at run time, with what is set for them, and listed', async () => {
    const made = await broker.create('orders', {
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
    const listed = await broker.list();
    expect(listed.map(({ key, fsync }) => [key, fsync])).toEqual([
      ['default', 'sync-each'],
      ['orders', '50ms'],
    ]);
    const client = await broker.greeted('orders');
    await ok(client, 'createTopic', { name: 'orders' });
    const { configs } = await ok(client, 'describeTopic', { name: 'orders' });
    expect(configs).toContainEqual({ name: 'retention.ms', value: '60000', source: 'instance' });
    expect((await broker.list())[1]).toMatchObject({ topics: 1, connections: 1, state: 'open' });
  });

  it('have topics, readers, producers and groups of their own under the same names', async () => {
    const ids = [(await broker.create('one')).instanceId, (await broker.create('two')).instanceId];
    expect(new Set([...ids, (await broker.describe('default')).instanceId]).size).toBe(3);
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
    expect(await broker.refused('initProducerId', foreign, clients[1])).toBe('UNKNOWN_PRODUCER_ID');

    const member = { group: 'g', member: MEMBER, epoch: 0, topics: ['orders'] };
    await ok(clients[0], 'consumerGroupHeartbeat', member);
    expect((await ok(clients[0], 'listGroups', {})).groups).toHaveLength(1);
    expect((await ok(clients[1], 'listGroups', {})).groups).toEqual([]);
    expect(await broker.refused('describeGroup', { group: 'g' }, clients[1])).toBe(
      'GROUP_ID_NOT_FOUND',
    );

    await ok(clients[0], 'deleteTopic', { name: 'orders' });
    expect(await valuesOf(clients[1])).toEqual(['of 1', 'too of 1']);
    expect((await ok(clients[0], 'listTopics', {})).topics).toEqual([]);
    expect((await ok(broker.admin, 'listTopics', {})).topics).toEqual([]);
  });

  it.each<[operation: string, fields: object]>([
    ['describeTopic', { name: 'secret' }],
    ['describeConfigs', { topic: 'secret' }],
    ['alterTopic', { name: 'secret', partitions: 2 }],
    ['deleteTopic', { name: 'secret' }],
    ['deleteRecords', { topic: 'secret', before: 'latest' }],
    ['listOffsets', { topic: 'secret', at: 'latest' }],
    ['produce', { topic: 'secret', acks: -1, partition: 0, records: [[null, Buffer.from('x')]] }],
    ['readerCommit', { reader: 'r', offsets: [['secret', 0, 0]] }],
    ['readerFetch', { reader: 'r', partitions: [['secret', 0]] }],
    ['readerPin', { reader: 'r', topic: 'secret' }],
    ['readerUnpin', { reader: 'r', topic: 'secret' }],
  ])('know no topic of another: %s', async (operation, fields) => {
    await broker.create('one');
    const owner = await broker.greeted('one');
    await ok(owner, 'createTopic', { name: 'secret' });
    expect(await broker.refused(operation, fields)).toBe('UNKNOWN_TOPIC');
    const fetched = await ok(broker.admin, 'fetch', { partitions: [['secret', 0, 0]] });
    expect(JSON.stringify(fetched)).toContain('UNKNOWN_TOPIC');
    const { topics, missing } = await ok(broker.admin, 'metadata', { topics: ['secret'] });
    expect([topics, missing]).toEqual([[], ['secret']]);
    expect((await ok(owner, 'describeTopic', { name: 'secret' })).partitions).toBe(1);
  });

  it('push to their own subscribers alone', async () => {
    await broker.create('one');
    const [one, other] = [await broker.greeted('one'), broker.admin];
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
    await broker.create('one');
    expect(await broker.refused('createInstance', { key: 'one' })).toBe('INSTANCE_EXISTS');
    expect(await broker.refused('createInstance', { key: 'default' })).toBe('INSTANCE_EXISTS');
    expect(await broker.refused('createInstance', { key: '' })).toBe('INVALID_REQUEST');
    expect(await broker.refused('createInstance', { key: 'ü'.repeat(127) })).toBe(
      'INVALID_REQUEST',
    );
    expect(await broker.refused('createInstance', { key: 'x', fsync: '5' })).toBe(
      'INVALID_REQUEST',
    );
    const quotas = { requestsPerSecond: 0 };
    expect(await broker.refused('createInstance', { key: 'x', quotas })).toBe('INVALID_REQUEST');
    const configs = { 'retention.ms': 'soon' };
    expect(await broker.refused('createInstance', { key: 'x', configs })).toBe('INVALID_CONFIG');
    const policy = { 'cleanup.policy': 'delete' };
    expect(await broker.refused('createInstance', { key: 'x', configs: policy })).toBe(
      'INVALID_CONFIG',
    );
    for (const operation of ['describeInstance', 'alterInstance', 'deleteInstance']) {
      expect(await broker.refused(operation, { key: 'none' })).toBe('UNKNOWN_INSTANCE');
    }
    expect(await broker.refused('deleteInstance', { key: 'default' })).toBe('INVALID_REQUEST');
    expect(await broker.helloTo('none')).toBe('UNKNOWN_INSTANCE');
    expect(await broker.keys()).toEqual(['default', 'one']);
  });

  it('are only checked with validateOnly', async () => {
    await broker.create('one');
    const checked = await broker.create('two', { validateOnly: true, fsync: 'no-fsync' });
    expect(checked).toMatchObject({ instanceId: null, fsync: { value: 'no-fsync' } });
    const change = { key: 'one', quotas: { requestsPerSecond: 5 }, validateOnly: true };
    expect(await ok(broker.admin, 'alterInstance', change)).toMatchObject({
      quotas: { requestsPerSecond: 5 },
    });
    expect((await broker.describe('one')).quotas.requestsPerSecond).toBeNull();
    expect(await broker.keys()).toEqual(['default', 'one']);
  });

  it('are not deleted under somebody, unless by force, which ends the connections', async () => {
    await broker.create('one');
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    expect(await broker.refused('deleteInstance', { key: 'one' })).toBe('INSTANCE_IN_USE');
    await produce(client, 'still there');

    const waiting = client.send('fetch', { partitions: [['orders', 0, 1]], maxWaitMs: 60_000 });
    await ok(broker.admin, 'deleteInstance', { key: 'one', force: true });
    // What was asked is answered before the connection ends.
    expect(await client.reply()).toMatchObject({ kind: 'ok', correlationId: waiting });
    await client.closed;
    expect(['UNKNOWN_INSTANCE', 'INSTANCE_BUSY']).toContain(await broker.helloTo('one'));
    while ((await broker.list()).length > 1);
    expect(await broker.helloTo('one')).toBe('UNKNOWN_INSTANCE');
  });

  it('can be deleted by a client of theirs, which is answered first', async () => {
    await broker.create('one');
    const client = await broker.greeted('one');
    expect(await ok(client, 'deleteInstance', { key: 'one' })).toEqual({});
    await client.closed;
  });

  it('follow other defaults of topics at once', async () => {
    await broker.create('one');
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    await produce(client, 'x'.repeat(300));
    await broker.alter('one', { configs: { 'max.message.bytes': 200 } });
    const large = { topic: 'orders', partition: 0, acks: -1 };
    const reply = await client.request('produce', large, [batchOf('x'.repeat(300))]);
    expect(codeOf(reply)).toBe('RECORD_TOO_LARGE');
    await broker.alter('one', { configs: { 'max.message.bytes': null } });
    await produce(client, 'x'.repeat(300));
    // The others have kept theirs.
    expect((await broker.describe('default')).configs).toEqual(
      (await broker.describe('one')).configs,
    );
  });
});

describe('the number of instances', () => {
  it('number 64 at most, the default one included', async () => {
    broker = await InstanceBroker.start();
    for (let count = 1; count < 64; count += 1) await broker.create(`i${count}`);
    expect(await broker.refused('createInstance', { key: 'one-too-many' })).toBe('LIMIT_EXCEEDED');
    await ok(broker.admin, 'deleteInstance', { key: 'i7' });
    while ((await broker.list()).length > 63);
    await broker.create('in-its-place');
    expect(await broker.refused('createInstance', { key: 'one-too-many' })).toBe('LIMIT_EXCEEDED');
  });
});
