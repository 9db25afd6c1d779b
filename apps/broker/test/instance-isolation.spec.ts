// No operation reaches across instances: whatever a client of one asks for by the names and ids
// that another has, it gets nothing of that, and nothing there changes.
import type { IncomingFrame, OperationName, Operations } from '@walrusmq/protocol';
import { InstanceBroker, ok, valuesOf } from './instance-fixture';
import type { RawClient } from './raw-client';
import { STORAGES, batchOf } from './test-broker';

// Directories are made and synced, some of them in a row.
jest.setTimeout(60_000);

/** What looks after instances names them, and `hello` binds to one: these are meant to reach. */
type Reaching =
  | 'hello'
  | 'createInstance'
  | 'listInstances'
  | 'describeInstance'
  | 'alterInstance'
  | 'deleteInstance';
/** A request for each of the others: an operation that is new does not compile without one. */
type Requests = {
  readonly [Name in Exclude<OperationName, Reaching>]: Operations[Name]['request'];
};

const TOPIC = 'orders';
const GROUP = 'g';
const MEMBER = '7f1c6f5e-1a5b-4c57-9d0b-8c1f0a2b3c4d';
/** Of the owner too, and named by nobody else. */
const UNSAID_MEMBER = 'b1d2c3e4-0f5a-4b6c-8d7e-9a0b1c2d3e4f';
const CLASSIC = { group: 'classic', member: 'm', generation: 1 };
const PLACE = [[TOPIC, 0, 0]] as const;
const PARTITION = [[TOPIC, 0]] as const;

/** Everything by the owner's names; what makes a topic of that name comes last. */
function requests(subscription: number, producerId: number): Requests {
  const record = [null, Buffer.from('foreign')] as const;
  return {
    metadata: { topics: [TOPIC], autoCreate: false },
    listTopics: {},
    describeTopic: { name: TOPIC },
    describeConfigs: { topic: TOPIC },
    alterTopic: { name: TOPIC, partitions: 5, configs: { 'retention.ms': '1' } },
    deleteRecords: { topic: TOPIC, before: 'latest' },
    produce: { topic: TOPIC, partition: 0, acks: -1, records: [record] },
    initProducerId: { producerId, producerEpoch: 0 },
    fetch: { partitions: PLACE, maxWaitMs: 0, format: 'records' },
    listOffsets: { topic: TOPIC, at: 'earliest' },
    subscribe: { partitions: PLACE, creditBytes: 1_000_000 },
    changeSubscription: { subscription, remove: PARTITION },
    credit: { subscription, bytes: 1_000_000 },
    unsubscribe: { subscription },
    readerCreate: { reader: 'r', partitions: PARTITION, at: 'latest' },
    readerCommit: { reader: 'r', offsets: PLACE },
    readerFetch: { reader: 'r', partitions: PARTITION },
    readerReset: { reader: 'r', partitions: PARTITION, at: 'earliest', takeOver: true },
    listReaders: { topic: TOPIC },
    readerDescribe: { reader: 'r' },
    readerAttach: { reader: 'r', topics: [TOPIC], takeOver: true },
    readerDetach: { reader: 'r' },
    read: { reader: 'r', topic: TOPIC, maxWaitMs: 0 },
    readerPin: { reader: 'r', topic: TOPIC, expireMs: 60_000 },
    readerUnpin: { reader: 'r', topic: TOPIC },
    readerDelete: { reader: 'r', takeOver: true },
    consumerGroupHeartbeat: { group: GROUP, member: MEMBER, epoch: -1 },
    joinGroup: { ...CLASSIC, protocols: [{ name: 'range', metadata: Buffer.alloc(0) }] },
    syncGroup: CLASSIC,
    heartbeat: CLASSIC,
    leaveGroup: { group: GROUP, members: [{ member: MEMBER }] },
    offsetCommit: { group: GROUP, offsets: PLACE },
    offsetFetch: { group: GROUP },
    offsetDelete: { group: GROUP, partitions: PARTITION },
    listGroups: {},
    describeGroup: { group: GROUP },
    groupPin: { group: GROUP, topic: TOPIC },
    groupUnpin: { group: GROUP, topic: TOPIC },
    deleteGroup: { group: GROUP },
    createTopic: { name: TOPIC },
    deleteTopic: { name: TOPIC },
  };
}

/** All that the owner's instance says of what it has. */
async function snapshot(owner: RawClient): Promise<string> {
  const { groups } = await ok(owner, 'listGroups', {});
  const { state, members } = await ok(owner, 'describeGroup', { group: GROUP });
  const described = await ok(owner, 'readerDescribe', { reader: 'r' });
  const all = {
    topic: await ok(owner, 'describeTopic', { name: TOPIC }),
    offsets: await ok(owner, 'listOffsets', { topic: TOPIC, at: 'earliest' }),
    values: await valuesOf(owner),
    place: await ok(owner, 'readerFetch', { reader: 'r', partitions: PARTITION }),
    described,
    committed: await ok(owner, 'offsetFetch', { group: GROUP, partitions: PARTITION }),
    group: { groups, state, members: (members as { member: string }[]).map((each) => each.member) },
  };
  // What goes on by itself, and bytes that a reader does not count to the last one.
  return JSON.stringify(all).replace(/"(attachedMs|idleMs|lagBytes)":\d+/g, '');
}

describe.each(STORAGES)('instances on %s', (_, openStorage) => {
  let broker: InstanceBroker;
  let owner: RawClient;
  let intruder: RawClient;
  let subscription: number;
  let producerId: number;

  beforeEach(async () => {
    broker = await InstanceBroker.start(openStorage);
    await broker.create('owner');
    await broker.create('other');
    owner = await broker.greeted('owner');
    await ok(owner, 'createTopic', { name: TOPIC });
    await ok(owner, 'produce', { topic: TOPIC, partition: 0, acks: -1 }, [batchOf('a', 'b', 'c')]);
    await ok(owner, 'readerAttach', { reader: 'r', topics: [TOPIC] });
    await ok(owner, 'readerCommit', { reader: 'r', offsets: [[TOPIC, 0, 2]] });
    await ok(owner, 'readerPin', { reader: 'r', topic: TOPIC });
    const joining = { group: GROUP, member: MEMBER, epoch: 0, topics: [TOPIC] };
    const { epoch } = await ok(owner, 'consumerGroupHeartbeat', joining);
    const committing = { group: GROUP, member: MEMBER, epoch, offsets: [[TOPIC, 0, 1]] };
    await ok(owner, 'offsetCommit', committing);
    await ok(owner, 'consumerGroupHeartbeat', { ...joining, member: UNSAID_MEMBER });
    await ok(owner, 'groupPin', { group: GROUP, topic: TOPIC });
    await ok(owner, 'initProducerId', {});
    producerId = Number((await ok(owner, 'initProducerId', {})).producerId);
    subscription = owner.send('subscribe', { creditBytes: 1_000 });
    await owner.reply();
    intruder = await broker.greeted('other');
  });
  afterEach(async () => broker.stop());

  /** What a reply gives away: texts that only the owner's instance has. */
  const secretsIn = (reply: IncomingFrame, secrets: readonly string[]): string[] => {
    const said = JSON.stringify(reply.fields) + Buffer.concat(reply.tail).toString('latin1');
    return secrets.filter((secret) => said.includes(secret));
  };

  it.each([
    ['has nothing', false],
    ['has the same names itself', true],
  ])('keep everything from a client of another that %s', async (__, hasOwn) => {
    const { id } = await ok(owner, 'describeTopic', { name: TOPIC });
    const port = `:${String(owner.socket.localPort)}`;
    const secrets = [String(id), UNSAID_MEMBER, port];
    if (hasOwn) {
      await ok(intruder, 'createTopic', { name: TOPIC });
      await ok(intruder, 'readerCommit', { reader: 'r', offsets: PLACE });
      await ok(intruder, 'offsetCommit', { group: GROUP, offsets: PLACE });
    }
    const before = await snapshot(owner);
    const all = Object.entries(requests(subscription, producerId));
    for (const [operation, fields] of all) {
      // The one of that name which the pass made before is the intruder's.
      if (operation === 'createTopic' && hasOwn) continue;
      const reply = await intruder.request(operation, fields);
      const given = { operation, code: reply.fields.code, secrets: secretsIn(reply, secrets) };
      // A malformed request would prove nothing.
      const malformed = reply.fields.code === 'INVALID_REQUEST' && !OF_CONNECTION.has(operation);
      expect({ ...given, malformed }).toEqual({ ...given, secrets: [], malformed: false });
    }
    expect(await snapshot(owner)).toBe(before);
    expect(owner.unreadReplies + owner.unreadEvents).toBe(0);
    // The owner's subscription and attachment are what they were.
    await ok(owner, 'credit', { subscription, bytes: 1 });
    await ok(owner, 'readerCommit', { reader: 'r', offsets: [[TOPIC, 0, 3]] });
  });
});

/** These name a subscription, which another connection has: to this one there is none. */
const OF_CONNECTION = new Set(['changeSubscription', 'credit', 'unsubscribe']);
