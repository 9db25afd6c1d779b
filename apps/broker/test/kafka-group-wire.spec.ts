// What kafkajs does not do in groups, frame by frame against a broker, on both storages: the newest
// versions, static members over a restart, the server-side protocol, pipelined requests.
import {
  apiVersionsCodec,
  consumerGroupDescribeCodec,
  consumerGroupHeartbeatCodec,
  describeGroupsCodec,
  findCoordinatorCodec,
  heartbeatCodec,
  joinGroupCodec,
  leaveGroupCodec,
  metadataCodec,
  offsetCommitCodec,
  offsetFetchCodec,
  type ConsumerGroupHeartbeatRequest,
} from '@walrusmq/kafka-protocol';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { openWalStorage } from '@walrusmq/storage';
import type { JoinGroupResponse } from '@walrusmq/protocol';
import { askUntil, joinFields, joinWithNewId, ok } from './group-client';
import { assignmentOf, code, join, joining, subscriptionTo, sync } from './kafka-members';
import { codeOf } from './raw-client';
import { RawKafkaClient } from './raw-kafka-client';
import { STORAGES, TestBroker, until } from './test-broker';

const kafkaAddress = ({ broker }: TestBroker): string => {
  const { kafka } = broker.addresses;
  if (kafka === undefined) throw new Error('there is no Kafka listener');
  return kafka;
};

describe.each(STORAGES)('members of groups on %s, by Kafka’s protocol', (_, openStorage) => {
  let broker: TestBroker;
  const clients: RawKafkaClient[] = [];
  const connect = async (): Promise<RawKafkaClient> => {
    const client = await RawKafkaClient.connect(kafkaAddress(broker));
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    broker = await TestBroker.start({ kafkaPort: 0 }, openStorage);
    await broker.withTopic('orders', 4);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await broker.stop();
  });

  const topicId = async (client: RawKafkaClient, name: string): Promise<string> => {
    const topics = [{ name }];
    const { topics: found } = await client.request(metadataCodec, 12, { topics });
    return found[0]?.topicId ?? '';
  };

  it('are told of every API of groups', async () => {
    const client = await connect();
    const software = { clientSoftwareName: 'raw', clientSoftwareVersion: '1' };
    const { apiKeys } = await client.request(apiVersionsCodec, 3, software);
    const told = new Map(apiKeys.map(({ apiKey, ...range }) => [apiKey, range]));
    const greatest = [8, 9, 10, 11, 12, 13, 14, 15, 16, 42, 47, 68, 69].map(
      (key) => told.get(key)?.maxVersion,
    );
    expect(greatest).toEqual([9, 9, 6, 9, 4, 5, 5, 5, 5, 2, 0, 1, 1]);
  });

  it('find their coordinator where metadata says that the broker is', async () => {
    const client = await connect();
    const { brokers } = await client.request(metadataCodec, 12, { topics: [] });
    const request = { keyType: 0, coordinatorKeys: ['a', 'b'] };
    const { coordinators } = await client.request(findCoordinatorCodec, 6, request);
    const [{ nodeId, host, port } = { nodeId: -1, host: '', port: -1 }] = brokers;
    expect(coordinators.map((each) => [each.nodeId, each.host, each.port])).toEqual([
      [nodeId, host, port],
      [nodeId, host, port],
    ]);
  });

  it('join, sync, commit and leave with the newest versions', async () => {
    const client = await connect();
    const joined = await join(client, { reason: 'the test wants it' });
    const assignment = assignmentOf('orders', 0, 1, 2, 3);
    const synced = await sync(client, joined, [[joined.memberId, assignment]]);
    expect(synced.assignment.equals(assignment)).toBe(true);
    const { memberId, generationId } = joined;
    const partitions = [{ partitionIndex: 2, committedOffset: 9, committedMetadata: 'm' }];
    const id = await topicId(client, 'orders');
    const committed = await client.request(offsetCommitCodec, 10, {
      groupId: 'g',
      memberId,
      generationIdOrMemberEpoch: generationId,
      topics: [{ topicId: id, partitions }],
    });
    expect(committed.topics).toMatchObject([{ topicId: id, partitions: [{ errorCode: 0 }] }]);
    const members = [{ memberId, reason: 'the test is over' }];
    expect(await client.request(leaveGroupCodec, 5, { groupId: 'g', members })).toMatchObject({
      members: [{ memberId, errorCode: 0 }],
    });
    const groups = [{ groupId: 'g', topics: [{ topicId: id, partitionIndexes: [2] }] }];
    const fetched = await client.request(offsetFetchCodec, 10, { groups });
    expect(fetched.groups[0]?.topics).toMatchObject([
      { topicId: id, partitions: [{ committedOffset: 9, metadata: 'm', errorCode: 0 }] },
    ]);
  });

  it('get their replies in the order of their requests, a join that waits among them', async () => {
    const one = await connect();
    const first = await join(one);
    await sync(one, first);
    const two = await connect();
    const { memberId } = await two.request(joinGroupCodec, 9, joining());
    const waits = two.send(joinGroupCodec, 9, joining({ memberId }));
    const behind = two.send(metadataCodec, 12, { topics: [{ name: 'orders' }] });
    await until(() => broker.counter('requests') >= 6);
    // The rebalance goes on without it: what was asked behind the join has been served, not sent.
    const led = await join(one, { memberId: first.memberId });
    expect(led.members).toHaveLength(2);
    const joined = await two.response(joinGroupCodec, 9);
    expect([joined.correlationId, joined.response.errorCode]).toEqual([waits, 0]);
    const metadata = await two.response(metadataCodec, 12);
    expect([metadata.correlationId, metadata.response.topics[0]?.name]).toEqual([behind, 'orders']);
  });

  it('are given up when their connection ends, and the broker does not wait for them', async () => {
    const one = await connect();
    const first = await join(one);
    await sync(one, first);
    const gone = await connect();
    const { memberId } = await gone.request(joinGroupCodec, 9, joining());
    gone.send(joinGroupCodec, 9, joining({ memberId }));
    const request = { groupId: 'g', memberId: first.memberId, generationId: 1 };
    for (;;) {
      const { errorCode } = await one.request(heartbeatCodec, 4, request);
      if (errorCode === code('REBALANCE_IN_PROGRESS')) break;
    }
    const open = (): number => broker.counter('connectionsOpen');
    const before = open();
    gone.destroy();
    await until(() => open() === before - 1);
    const led = await join(one, { memberId: first.memberId });
    expect(led.members.map((each) => each.memberId)).toContain(memberId);
    // One more join that waits: the broker does not wait for it.
    one.send(joinGroupCodec, 9, joining({ memberId: first.memberId }));
    await broker.broker.stop();
    await one.closed;
  });

  it('share what the broker assigns, and are seen by the SDK’s protocol', async () => {
    const client = await connect();
    const id = await topicId(client, 'orders');
    const beat = (
      memberId: string,
      memberEpoch: number,
      given: Partial<ConsumerGroupHeartbeatRequest> = {},
    ) =>
      client.request(consumerGroupHeartbeatCodec, 1, {
        groupId: 'g',
        memberId,
        memberEpoch,
        ...given,
      });
    const joins = { rebalanceTimeoutMs: 60_000, topicPartitions: [] };
    const first = await beat('a', 0, { ...joins, subscribedTopicNames: ['orders'] });
    expect(first.assignment).toEqual({
      topicPartitions: [{ topicId: id, partitions: [0, 1, 2, 3] }],
    });
    const second = await beat('b', 0, { ...joins, subscribedTopicRegex: 'ord.*' });
    expect(second).toMatchObject({ errorCode: 0, assignment: { topicPartitions: [] } });
    const kept = await beat('a', first.memberEpoch);
    await beat('a', first.memberEpoch, {
      topicPartitions: kept.assignment?.topicPartitions ?? null,
    });
    const got = await beat('b', second.memberEpoch);
    const shared = [kept, got].flatMap(({ assignment }) =>
      (assignment?.topicPartitions ?? []).flatMap(({ partitions }) => partitions),
    );
    expect(shared.sort()).toEqual([0, 1, 2, 3]);
    const groupIds = ['g'];
    const described = await client.request(consumerGroupDescribeCodec, 1, {
      groupIds,
      includeAuthorizedOperations: true,
    });
    expect(described.groups).toMatchObject([
      {
        groupState: 'Stable',
        members: [
          { memberId: 'a', clientId: 'raw', clientHost: '/127.0.0.1', memberType: 1 },
          { memberId: 'b', subscribedTopicRegex: 'ord.*' },
        ],
      },
    ]);
    const sdk = await broker.greeted();
    expect(await ok(sdk, 'describeGroup', { group: 'g' })).toMatchObject({
      type: 'consumer',
      members: [{ member: 'a', client: 'raw', host: '127.0.0.1' }, { member: 'b' }],
    });
  });

  it('are in one group with members of the SDK’s protocol', async () => {
    const sdk = await broker.greeted();
    const kafka = await connect();
    const { member, reply } = await joinWithNewId(sdk);
    await reply;
    const newcomer = join(kafka);
    const beat = { group: 'g', member, generation: 1 };
    await askUntil(async () => {
      const answer = await sdk.request('heartbeat', beat);
      return answer.kind !== 'ok' && codeOf(answer) === 'REBALANCE_IN_PROGRESS';
    });
    const led = await ok<JoinGroupResponse>(sdk, 'joinGroup', joinFields({ member }));
    const joined = await newcomer;
    expect(joined).toMatchObject({ errorCode: 0, generationId: 2, leader: member });
    const other = led.members.find((each) => each.member === joined.memberId);
    expect(Buffer.from(other?.metadata ?? []).equals(subscriptionTo('orders'))).toBe(true);
    const waiting = sync(kafka, joined);
    const assignment = assignmentOf('orders', 1, 3);
    const assignments = [{ member: joined.memberId, assignment }];
    await ok(sdk, 'syncGroup', { group: 'g', member, generation: 2, assignments });
    expect((await waiting).assignment.equals(assignment)).toBe(true);
    const { groups } = await kafka.request(describeGroupsCodec, 5, { groups: ['g'] });
    expect(groups[0]?.members.map(({ memberId }) => memberId).sort()).toEqual(
      [member, joined.memberId].sort(),
    );
  });

  it('that reset their offsets have none for the SDK’s protocol', async () => {
    const client = await connect();
    const positions = [-2, 7].map((committedOffset, partitionIndex) => ({
      partitionIndex,
      committedOffset,
      committedMetadata: null,
    }));
    const topics = [{ name: 'orders', partitions: positions }];
    await client.request(offsetCommitCodec, 5, { groupId: 'g', memberId: '', topics });
    const sdk = await broker.greeted();
    const partitions = [
      ['orders', 0],
      ['orders', 1],
    ];
    expect(await ok(sdk, 'offsetFetch', { group: 'g', partitions })).toMatchObject({
      offsets: [
        ['orders', 0, null, -1, ''],
        ['orders', 1, 7, -1, ''],
      ],
    });
    expect(await ok(sdk, 'offsetFetch', { group: 'g' })).toMatchObject({
      offsets: [['orders', 1, 7, -1, '']],
    });
    const { offsets } = await ok<{ offsets: object[] }>(sdk, 'describeGroup', { group: 'g' });
    expect(offsets).toMatchObject([{ partition: 1, offset: 7 }]);
  });
});

it('a static member keeps its assignment over a restart of the broker and of itself', async () => {
  const dataDir = mkdtempSync(joinPath(tmpdir(), 'walrusmq-static-'));
  const STATIC = { groupInstanceId: 'pod-1' };
  const before = await TestBroker.start({ kafkaPort: 0, dataDir }, openWalStorage);
  await before.withTopic('orders', 2);
  const client = await RawKafkaClient.connect(kafkaAddress(before));
  const joined = await join(client, STATIC);
  const assignment = assignmentOf('orders', 0, 1);
  await sync(client, joined, [[joined.memberId, assignment]], STATIC);
  client.destroy();
  await before.broker.stop();
  const after = await TestBroker.start({ kafkaPort: 0, dataDir }, openWalStorage);
  const next = await RawKafkaClient.connect(kafkaAddress(after));
  const back = await join(next, STATIC);
  expect(back).toMatchObject({
    errorCode: 0,
    generationId: joined.generationId,
    leader: back.memberId,
    skipAssignment: true,
  });
  const synced = await sync(next, back, [], STATIC);
  expect(synced.assignment.equals(assignment)).toBe(true);
  const { memberId, generationId } = joined;
  const old = { groupId: 'g', memberId, generationId, ...STATIC };
  expect((await next.request(heartbeatCodec, 4, old)).errorCode).toBe(code('FENCED_INSTANCE_ID'));
  next.destroy();
  await after.stop();
});
