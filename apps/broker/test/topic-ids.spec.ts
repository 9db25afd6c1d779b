// Requests that say which topic they mean by its id: of one that was deleted, and made again under
// the same name, they get nothing and change nothing.
import type { FetchedPartition, PartitionOutcome } from '@walrusmq/protocol';
import { ok } from './instance-fixture';
import { codeOf, type RawClient } from './raw-client';
import { STORAGES, TestBroker, batchOf } from './test-broker';

jest.setTimeout(60_000);

describe.each(STORAGES)('requests with topic ids on %s', (_, openStorage) => {
  let broker: TestBroker;
  let client: RawClient;
  let oldId: string;
  let newId: string;

  const create = async (...values: string[]): Promise<string> => {
    const { id } = await ok(client, 'createTopic', { name: 't', partitions: 2 });
    await ok(client, 'produce', { topic: 't', partition: 0, acks: -1 }, [batchOf(...values)]);
    return String(id);
  };
  const place = (offset: number): readonly [string, number, number][] => [['t', 0, offset]];
  const ids = (id: string): object => ({ topicIds: [['t', id]] });

  beforeEach(async () => {
    broker = await TestBroker.start({}, openStorage);
    client = await broker.greeted();
    oldId = await create('a', 'b', 'c');
    await ok(client, 'deleteTopic', { name: 't' });
    newId = await create('1', '2', '3');
  });
  afterEach(async () => broker.stop());

  it('fetch nothing of the one that has the name now', async () => {
    const fetch = async (given: object): Promise<FetchedPartition | undefined> => {
      const request = { partitions: place(1), maxWaitMs: 0, ...given };
      return ((await ok(client, 'fetch', request)).partitions as FetchedPartition[])[0];
    };
    expect((await fetch(ids(oldId)))?.[2]).toMatchObject({
      code: 'UNKNOWN_TOPIC',
      message: expect.stringContaining(oldId) as string,
    });
    for (const given of [ids(newId), {}, { topicIds: [] }, { topicIds: null }]) {
      expect((await fetch(given))?.[2]).toBeNull();
    }
  });

  it('are sent nothing of it', async () => {
    const credit = { creditBytes: 1_000 };
    await ok(client, 'subscribe', { partitions: place(1), ...credit, ...ids(oldId) });
    expect(await client.event()).toMatchObject({
      topic: 't',
      offset: 1,
      error: { code: 'UNKNOWN_TOPIC', retriable: false },
      logStartOffset: -1,
      readableEnd: -1,
    });
    const subscription = client.send('subscribe', credit);
    await client.reply();
    await ok(client, 'changeSubscription', { subscription, add: place(1), ...ids(oldId) });
    expect(await client.event()).toMatchObject({ error: { code: 'UNKNOWN_TOPIC' } });
    await ok(client, 'changeSubscription', { subscription, add: place(1), ...ids(newId) });
    const { offset, error, batches } = await client.event();
    expect([offset, error, batches.length > 0]).toEqual([1, undefined, true]);
  });

  it('save no place of a reader in it', async () => {
    const commit = { reader: 'r', offsets: [...place(2), ['t', 1, 0]] };
    const refused = await client.request('readerCommit', { ...commit, ...ids(oldId) });
    expect(codeOf(refused)).toBe('UNKNOWN_TOPIC');
    const saved = { reader: 'r', partitions: [['t', 0]] };
    expect((await ok(client, 'readerFetch', saved)).offsets).toEqual([['t', 0, null]]);
    await ok(client, 'readerCommit', { ...commit, ...ids(newId) });
    expect((await ok(client, 'readerFetch', saved)).offsets).toEqual([['t', 0, 2]]);
  });

  it('commit no offset of a group in it, and others of the same request', async () => {
    await ok(client, 'createTopic', { name: 'other' });
    const offsets = [...place(2), ['other', 0, 0]];
    const commit = async (id: string): Promise<readonly (string | null)[]> => {
      const fields = await ok(client, 'offsetCommit', { group: 'g', offsets, ...ids(id) });
      const partitions = fields.partitions as PartitionOutcome[];
      return partitions.map(([, , error]) => error?.code ?? null);
    };
    expect(await commit(oldId)).toEqual(['UNKNOWN_TOPIC', null]);
    expect(await commit(newId)).toEqual([null, null]);
  });

  it('are refused where the ids are none', async () => {
    for (const topicIds of ['t', [['t']], [['t', 7]], [['t', '']], [[7, oldId]], { t: oldId }]) {
      const reply = await client.request('fetch', { partitions: place(0), topicIds });
      expect(codeOf(reply)).toBe('INVALID_REQUEST');
    }
    const long = [['t', 'x'.repeat(37)]];
    const reply = await client.request('fetch', { partitions: place(0), topicIds: long });
    expect(reply.fields.message).toMatch(/^fetch\.topicIds\[0\]\[1\] must be a topic's id, got/);
  });
});
