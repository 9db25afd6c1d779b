// Committed offsets as clients see them, on both storages.
import type { MetadataResponse } from '@walrusmq/protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import {
  ServerSideMember,
  askUntil,
  assignmentOf,
  joinWithNewId,
  ok,
  refused,
} from './group-client';
import type { RawClient } from './raw-client';
import { STORAGES, TestBroker, batchOf, until } from './test-broker';

/** With the longest metadata, more than one reply takes. */
const MANY = 2_100;
const NOTHING = (topic: string, partition: number): unknown[] => [topic, partition, null, -1, ''];

describe.each(STORAGES)('committed offsets on %s', (_, openStorage) => {
  let broker: TestBroker;
  let client: RawClient;

  const start = async (settings = {}): Promise<void> => {
    broker = await TestBroker.start(
      { blockBytes: 16_384, blocksPerFile: 4, ...settings },
      openStorage,
    );
    client = await broker.withTopic('orders', 3);
  };
  const commit = (offsets: unknown[][], group = 'g', given = {}): Promise<unknown> =>
    ok(client, 'offsetCommit', { group, offsets, ...given });
  const fetchAll = async (group = 'g'): Promise<unknown> =>
    (await ok(client, 'offsetFetch', { group })).offsets;
  const produce = async (count: number, bytes = 5): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const fields = { topic: 'orders', partition: 0, acks: -1 };
      await client.request('produce', fields, [batchOf('x'.repeat(bytes))]);
    }
  };
  afterEach(() => broker.stop());

  it('are taken one by one, and given back as they were said', async () => {
    await start();
    const said = [
      ['orders', 1, 5_000_000_000, 7, 'what I did last'],
      ['none', 0, 1],
      ['orders', 3, 1],
      ['orders', 0, 2, null, 'x'.repeat(4_097)],
      ['orders', 2, 9],
    ];
    const error = (code: string): unknown => ({ code, message: expect.any(String) as string });
    expect(await commit(said)).toEqual({
      partitions: [
        ['orders', 1, null],
        ['none', 0, error('UNKNOWN_TOPIC')],
        ['orders', 3, error('UNKNOWN_PARTITION')],
        ['orders', 0, error('OFFSET_METADATA_TOO_LARGE')],
        ['orders', 2, null],
      ],
    });
    const first = ['orders', 1, 5_000_000_000, 7, 'what I did last'];
    const last = ['orders', 2, 9, -1, ''];
    expect(await fetchAll()).toEqual([first, last]);
    const partitions = [
      ['orders', 2],
      ['none', 0],
      ['orders', 0],
      ['orders', 99],
      ['orders', 1],
    ];
    expect(await ok(client, 'offsetFetch', { group: 'g', partitions })).toEqual({
      offsets: [last, NOTHING('none', 0), NOTHING('orders', 0), NOTHING('orders', 99), first],
      next: null,
    });
    expect(await fetchAll('unheard of')).toEqual([]);
    // A reader of the same name is somebody else.
    const reader = await ok(client, 'readerFetch', { reader: 'g', partitions: [['orders', 1]] });
    expect(reader.offsets).toEqual([['orders', 1, null]]);
  });

  it('come in pages of bounded bytes, whatever their metadata', async () => {
    await start({ blockBytes: 2 ** 20 });
    await ok(client, 'createTopic', { name: 'many', partitions: MANY });
    const metadata = 'x'.repeat(4_096);
    const numbers = Array.from({ length: MANY }, (__, index) => index);
    await commit(numbers.map((number) => ['many', number, 1, 0, metadata]));
    await commit([['orders', 0, 1]]);
    const all: unknown[][] = [];
    let pages = 0;
    let after: unknown = null;
    do {
      const page = await ok(client, 'offsetFetch', { group: 'g', after });
      all.push(...(page.offsets as unknown[][]));
      after = page.next;
      pages += 1;
    } while (after !== null);
    expect(pages).toBeGreaterThan(1);
    expect(all.map(([topic, partition]) => `${String(topic)}/${String(partition)}`)).toEqual([
      ...numbers.map((number) => `many/${number}`),
      'orders/0',
    ]);
    const described: unknown[] = [];
    do {
      const page = await ok(client, 'describeGroup', { group: 'g', after });
      described.push(...(page.offsets as unknown[]));
      after = page.next;
    } while (after !== null);
    expect(described).toHaveLength(MANY + 1);
    const partitions = numbers.map((number) => ['many', number]);
    const tooMuch = await client.request('offsetFetch', { group: 'g', partitions });
    expect(tooMuch.fields.message).toContain('ask for fewer partitions');
    for (const bad of ['x', 'members', 'orders/x', '/1', 'offsets:', 'offsets:a']) {
      const request = { group: 'g', after: bad };
      expect(await refused(client, 'offsetFetch', request)).toBe('INVALID_REQUEST');
      expect(await refused(client, 'describeGroup', request)).toBe('INVALID_REQUEST');
    }
  });

  it('are for members of the present epoch, or for anybody while there is none', async () => {
    await start();
    await commit([['orders', 0, 1]]);
    const member = new ServerSideMember(client, 'm', { topics: ['orders'] });
    await member.beat();
    const { epoch } = member;
    const offsets = [['orders', 0, 2]];
    const request = { group: 'g', offsets };
    expect(await refused(client, 'offsetCommit', request)).toBe('UNKNOWN_MEMBER_ID');
    const stale = { ...request, member: 'm', epoch: epoch + 1 };
    expect(await refused(client, 'offsetCommit', stale)).toBe('STALE_MEMBER_EPOCH');
    await commit(offsets, 'g', { member: 'm', epoch });
    const partitions = [['orders', 0]];
    const fetch = { group: 'g', member: 'm', partitions };
    expect(await refused(client, 'offsetFetch', { ...fetch, epoch: epoch + 1 })).toBe(
      'STALE_MEMBER_EPOCH',
    );
    const fetched = await ok(client, 'offsetFetch', { ...fetch, epoch });
    expect(fetched.offsets).toEqual([['orders', 0, 2, -1, '']]);

    const deletion = { group: 'g', partitions: [...partitions, ['orders', 9]] };
    const error = (code: string): unknown => ({ code, message: expect.any(String) as string });
    expect(await ok(client, 'offsetDelete', deletion)).toEqual({
      partitions: [
        ['orders', 0, error('GROUP_SUBSCRIBED_TO_TOPIC')],
        ['orders', 9, error('UNKNOWN_PARTITION')],
      ],
    });
    expect(await refused(client, 'deleteGroup', { group: 'g' })).toBe('NON_EMPTY_GROUP');
    await member.beat({ epoch: -1 });
    const deleted = await ok(client, 'offsetDelete', { group: 'g', partitions });
    expect(deleted.partitions).toEqual([['orders', 0, null]]);
    expect(await fetchAll()).toEqual([]);
    expect(await refused(client, 'offsetDelete', { group: 'none', partitions })).toBe(
      'GROUP_ID_NOT_FOUND',
    );
  });

  it('go with their topic, and not over to another one of its name', async () => {
    await start();
    await commit([['orders', 0, 1]]);
    await ok(client, 'deleteTopic', { name: 'orders' });
    expect(await fetchAll()).toEqual([]);
    await ok(client, 'createTopic', { name: 'orders' });
    const partitions = [['orders', 0]];
    const fetched = await ok(client, 'offsetFetch', { group: 'g', partitions });
    expect(fetched.offsets).toEqual([NOTHING('orders', 0)]);
    expect((await ok(client, 'listGroups', {})).groups).toEqual([]);
  });

  it('expire when no member of the group is subscribed to their topic', async () => {
    await start({ offsetsRetentionMs: 200, offsetsCheckIntervalMs: 10 });
    await ok(client, 'createTopic', { name: 'old' });
    const { member, reply } = await joinWithNewId(client);
    const { generation } = await reply;
    const assignments = [{ member, assignment: assignmentOf('orders', 0) }];
    await ok(client, 'syncGroup', { group: 'g', member, generation, assignments });
    const both = [
      ['orders', 0, 5],
      ['old', 0, 5],
    ];
    await commit(both, 'g', { member, epoch: generation });
    await commit([['old', 0, 5]], 'nobody');
    await askUntil(async () => {
      const { groups } = await ok(client, 'listGroups', {});
      const offsets = await fetchAll();
      return (groups as unknown[]).length === 1 && (offsets as unknown[]).length === 1;
    });
    expect(await fetchAll()).toEqual([['orders', 0, 5, -1, '']]);
  });

  it('do not expire while a pin of the group keeps records by them', async () => {
    await start({ offsetsRetentionMs: 100, offsetsCheckIntervalMs: 10 });
    await ok(client, 'createTopic', { name: 'free' });
    await ok(client, 'groupPin', { group: 'g', topic: 'orders' });
    const kept = ['orders', 0, 5, -1, ''];
    await commit([
      ['orders', 0, 5],
      ['free', 0, 5],
    ]);
    await commit([['orders', 0, 5]], 'other');
    await askUntil(async () => ((await fetchAll('other')) as unknown[]).length === 0);
    await askUntil(async () => ((await fetchAll()) as unknown[]).length === 1);
    expect(await fetchAll()).toEqual([kept]);
    await ok(client, 'groupUnpin', { group: 'g', topic: 'orders' });
    await askUntil(async () => {
      const { groups } = await ok(client, 'listGroups', {});
      return (groups as unknown[]).length === 0;
    });
  });

  it('show how far a group is behind what can be read', async () => {
    await start();
    await produce(10);
    await commit([
      ['orders', 0, 4],
      ['orders', 1, 3],
    ]);
    const lag = async (): Promise<unknown> => {
      const { offsets } = await ok(client, 'describeGroup', { group: 'g' });
      return (offsets as Record<string, unknown>[]).map((each) => [
        each.partition,
        each.offset,
        each.logStartOffset,
        each.readableEnd,
        each.lag,
      ]);
    };
    // A position ahead of the log is the client's say, and nothing is behind it.
    expect(await lag()).toEqual([
      [0, 4, 0, 10, 6],
      [1, 3, 0, 0, 0],
    ]);
    await ok(client, 'deleteRecords', { topic: 'orders', offsets: [[0, 7]] });
    expect(await lag()).toEqual([
      [0, 4, 7, 10, 3],
      [1, 3, 0, 0, 0],
    ]);
    const fetched = await ok(client, 'offsetFetch', { group: 'g', partitions: [['orders', 0]] });
    expect(fetched.offsets).toEqual([['orders', 0, 4, -1, '']]);
  });

  it('hold records back for a pin, and free them as the group passes them', async () => {
    await start({ retentionIntervalMs: 10, retentionMs: -1, retentionConsumed: true });
    await produce(5, 9_000);
    const pin = { group: 'g', topic: 'orders', expireMs: 86_400_000 };
    await ok(client, 'groupPin', pin);
    await ok(client, 'readerPin', { reader: 'g', topic: 'orders' });
    await ok(client, 'readerCommit', { reader: 'g', offsets: [['orders', 0, 5]] });
    const topic = await ok(client, 'describeTopic', { name: 'orders' });
    expect(topic.pins).toContainEqual(
      expect.objectContaining({ kind: 'group', name: 'g', behindRecords: 5 }),
    );
    const startOf = async (): Promise<unknown> => {
      const { topics } = await ok<MetadataResponse>(client, 'metadata', { topics: ['orders'] });
      return topics[0]?.partitions[0]?.logStartOffset;
    };
    const passes = async (): Promise<void> => {
      const before = broker.counter('retentionPasses');
      await until(() => broker.counter('retentionPasses') > before + 1);
    };
    await passes();
    expect(await startOf()).toBe(0);
    await commit([['orders', 0, 3]]);
    await until(() => broker.counter('retentionTruncations') > 0);
    await passes();
    expect(await startOf()).toBe(3);
    const described = await ok(client, 'describeGroup', { group: 'g' });
    expect(described.pins).toEqual([
      { topic: 'orders', expireMs: 86_400_000, idleMs: expect.any(Number) as number },
    ]);
    // With the group its pin goes: a group that is gone must not hold space for ever.
    await ok(client, 'deleteGroup', { group: 'g' });
    const { pins } = await ok(client, 'describeTopic', { name: 'orders' });
    expect(pins).toEqual([expect.objectContaining({ kind: 'reader' })]);
    expect(await refused(client, 'deleteGroup', { group: 'g' })).toBe('GROUP_ID_NOT_FOUND');
    await ok(client, 'groupPin', { group: 'never came', topic: 'orders' });
    await ok(client, 'deleteGroup', { group: 'never came' });
    await ok(client, 'groupPin', pin);
    await ok(client, 'groupUnpin', { group: 'g', topic: 'orders' });
    await ok(client, 'groupUnpin', { group: 'g', topic: 'orders' });
    expect(await refused(client, 'groupPin', { group: 'g', topic: 'none' })).toBe('UNKNOWN_TOPIC');
    const long = { group: 'x'.repeat(250), topic: 'orders' };
    expect(await refused(client, 'groupPin', long)).toBe('INVALID_REQUEST');
  });

  it('are reset by nobody: a fetch below the log start says so', async () => {
    await start();
    const batch = encodeBatch([{ value: Buffer.from('v') }]);
    await client.request('produce', { topic: 'orders', partition: 0 }, [batch]);
    await commit([['orders', 0, 0]]);
    await ok(client, 'deleteRecords', { topic: 'orders', before: 'latest' });
    const { partitions } = await ok(client, 'fetch', { partitions: [['orders', 0, 0]] });
    expect((partitions as unknown[][])[0]?.[2]).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
  });
});
