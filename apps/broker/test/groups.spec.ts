// Members of consumer groups as clients see them, on both storages.
import type { JoinGroupResponse, SyncGroupResponse } from '@walrusmq/protocol';
import {
  ServerSideMember,
  askUntil,
  assignmentOf,
  joinFields,
  joinWithNewId,
  ok,
  refused,
  settleMembers,
} from './group-client';
import { codeOf, type RawClient } from './raw-client';
import { STORAGES, TestBroker } from './test-broker';

describe.each(STORAGES)('members of groups on %s', (_, openStorage) => {
  let broker: TestBroker;
  let one: RawClient;
  let two: RawClient;

  const start = async (settings = {}): Promise<void> => {
    broker = await TestBroker.start(
      { blockBytes: 16_384, blocksPerFile: 4, ...settings },
      openStorage,
    );
    one = await broker.withTopic('orders', 4);
    two = await broker.greeted();
  };
  afterEach(() => broker.stop());

  it('share the partitions that the broker assigns, and hand them over one by one', async () => {
    await start();
    const first = new ServerSideMember(one, 'm-1', { topics: ['orders'] });
    expect(await first.beat()).toMatchObject({ member: 'm-1', heartbeatIntervalMs: 5_000 });
    expect(first.partitions).toEqual(['orders/0', 'orders/1', 'orders/2', 'orders/3']);
    const second = new ServerSideMember(two, 'm-2', { topics: ['orders'] });
    await second.beat();
    expect(second.partitions).toEqual([]);
    await settleMembers([first, second]);
    expect(first.partitions).toHaveLength(2);
    expect([...first.partitions, ...second.partitions].sort()).toEqual([
      'orders/0',
      'orders/1',
      'orders/2',
      'orders/3',
    ]);
    await second.beat({ epoch: -1 });
    await settleMembers([first]);
    expect(first.partitions).toHaveLength(4);
    // An operator takes a static member out without knowing its id.
    const absent = new ServerSideMember(two, 'm-3', { topics: ['orders'], instanceId: 'i' });
    await absent.beat();
    const members = [{ instanceId: 'i' }];
    expect(await ok(one, 'leaveGroup', { group: 'g', members })).toEqual({
      members: [{ member: null, instanceId: 'i', error: null }],
    });
    const listed = await ok(one, 'listGroups', {});
    expect(listed.groups).toMatchObject([{ group: 'g', members: 1 }]);
  });

  it('are given an id where they have none, and topics that come later', async () => {
    await start();
    const joining = { group: 'g', epoch: 0, pattern: 'o.*', topics: ['later'] };
    const joined = await ok(one, 'consumerGroupHeartbeat', joining);
    expect(joined.member).toMatch(/^[0-9a-f-]{36}$/);
    const member = new ServerSideMember(one, String(joined.member), joining);
    member.epoch = joined.epoch as number;
    member.owned = joined.assignment as ServerSideMember['owned'];
    expect(member.partitions).toHaveLength(4);
    await ok(one, 'createTopic', { name: 'later', partitions: 2 });
    await ok(one, 'alterTopic', { name: 'orders', partitions: 5 });
    await settleMembers([member]);
    expect(member.partitions).toEqual(
      expect.arrayContaining(['later/0', 'later/1', 'orders/4']) as string[],
    );
    await ok(one, 'deleteTopic', { name: 'orders' });
    await settleMembers([member]);
    expect(member.partitions).toEqual(['later/0', 'later/1']);
    const bad = { group: 'g', member: 'x', epoch: 0, pattern: '(' };
    expect(await refused(one, 'consumerGroupHeartbeat', bad)).toBe('INVALID_REGULAR_EXPRESSION');
    const assignor = { ...joining, member: 'x', assignor: 'sticky' };
    expect(await refused(one, 'consumerGroupHeartbeat', assignor)).toBe('UNSUPPORTED_ASSIGNOR');
  });

  it('are fenced once they are silent, and told to join again', async () => {
    await start({ groupConsumerSessionTimeoutMs: 100, groupConsumerHeartbeatIntervalMs: 50 });
    const member = new ServerSideMember(one, 'm', { topics: ['orders'] });
    expect((await member.beat()).heartbeatIntervalMs).toBe(50);
    await stateUntil(two, 'Empty');
    const beat = { group: 'g', member: 'm', epoch: member.epoch };
    expect(await refused(one, 'consumerGroupHeartbeat', beat)).toBe('UNKNOWN_MEMBER_ID');
    const commit = { ...beat, offsets: [['orders', 0, 1]] };
    expect(await refused(one, 'offsetCommit', commit)).toBe('UNKNOWN_MEMBER_ID');
  });

  it('of the classic protocol join, are assigned by their leader, and rebalance', async () => {
    await start();
    const first = await joinWithNewId(one);
    expect(first.member).toMatch(/^raw-/);
    const led = await first.reply;
    const { member } = first;
    expect(led).toMatchObject({ member, leader: member, generation: 1, protocol: 'range' });
    expect(led.members.map((each) => each.member)).toEqual([member]);
    const sync = { group: 'g', member, generation: 1 };
    const all = assignmentOf('orders', 0, 1, 2, 3);
    const synced = await ok<SyncGroupResponse>(one, 'syncGroup', {
      ...sync,
      assignments: [{ member, assignment: all }],
    });
    expect(synced).toMatchObject({ protocolType: 'consumer', protocol: 'range', assignment: all });
    expect(await ok(one, 'heartbeat', sync)).toEqual({});

    const second = await joinWithNewId(two);
    // The join of the second is in flight; the first is told at its next heartbeat.
    await heartbeatUntil(one, sync, 'REBALANCE_IN_PROGRESS');
    const again = await ok<JoinGroupResponse>(one, 'joinGroup', joinFields({ member }));
    const follower = await second.reply;
    expect([again.generation, follower.generation]).toEqual([2, 2]);
    expect(follower).toMatchObject({ leader: member, members: [] });
    const assignments = [
      { member, assignment: assignmentOf('orders', 0, 1) },
      { member: second.member, assignment: assignmentOf('orders', 3, 2) },
    ];
    const followerSync = { group: 'g', member: second.member, generation: 2 };
    const waits = ok<SyncGroupResponse>(two, 'syncGroup', followerSync);
    await ok(one, 'syncGroup', { ...sync, generation: 2, assignments });
    expect((await waits).assignment).toEqual(assignmentOf('orders', 3, 2));
    expect(await refused(one, 'heartbeat', sync)).toBe('ILLEGAL_GENERATION');

    const left = await ok(two, 'leaveGroup', {
      group: 'g',
      members: [{ member: second.member }, { member: 'nobody' }],
    });
    expect(left.members).toEqual([
      { member: second.member, instanceId: null, error: null },
      {
        member: 'nobody',
        instanceId: null,
        error: { code: 'UNKNOWN_MEMBER_ID', message: expect.any(String) as string },
      },
    ]);
    const regained = await ok<JoinGroupResponse>(one, 'joinGroup', joinFields({ member }));
    expect(regained.generation).toBe(3);
  });

  it('that wait for others are answered when the broker stops', async () => {
    await start({ groupInitialRebalanceDelayMs: 60_000 });
    const { reply } = await joinWithNewId(one);
    await stateUntil(two, 'PreparingRebalance');
    const [joined] = await Promise.allSettled([reply, broker.broker.stop()]);
    expect(String((joined as PromiseRejectedResult).reason)).toContain('SHUTTING_DOWN');
  });

  it('of one kind do not join a group of the other while it has members', async () => {
    await start();
    await new ServerSideMember(one, 'm', { topics: ['orders'] }).beat();
    expect(await refused(two, 'joinGroup', joinFields())).toBe('INCONSISTENT_GROUP_PROTOCOL');
    const { reply } = await joinWithNewId(two, { group: 'classic' });
    await reply;
    const joining = { group: 'classic', member: 'm', epoch: 0, topics: ['orders'] };
    const refusal = await one.request('consumerGroupHeartbeat', joining);
    expect(refusal.fields).toMatchObject({
      code: 'GROUP_ID_NOT_FOUND',
      message: 'The group has members of the classic protocol.',
    });
  });

  it('are as many as the broker allows and no more, and so are groups and offsets', async () => {
    await start({ groupMembersMax: 2, groupsMax: 2, groupOffsetsMax: 3 });
    for (const name of ['m-1', 'm-2']) {
      await new ServerSideMember(one, name, { topics: ['orders'] }).beat();
    }
    const third = { group: 'g', member: 'm-3', epoch: 0, topics: ['orders'] };
    expect(await refused(one, 'consumerGroupHeartbeat', third)).toBe('GROUP_MAX_SIZE_REACHED');
    const offsets = [0, 1, 2, 3].map((partition) => ['orders', partition, 1]);
    const { partitions } = await ok(two, 'offsetCommit', { group: 'h', offsets });
    const limit = { code: 'LIMIT_EXCEEDED', message: expect.stringContaining('max') as string };
    expect(partitions).toEqual([
      ['orders', 0, null],
      ['orders', 1, null],
      ['orders', 2, null],
      ['orders', 3, limit],
    ]);
    // What is there already may move.
    const moved = await ok(two, 'offsetCommit', { group: 'h', offsets: [['orders', 0, 2]] });
    expect(moved.partitions).toEqual([['orders', 0, null]]);
    const other = { group: 'i', member: 'm', epoch: 0, topics: ['orders'] };
    const full = await one.request('consumerGroupHeartbeat', other);
    expect(full.fields).toMatchObject(limit);
    expect(await refused(one, 'joinGroup', joinFields({ group: 'i' }))).toBe('LIMIT_EXCEEDED');
    expect(await refused(one, 'offsetCommit', { group: 'i', offsets: [['orders', 0, 1]] })).toBe(
      'LIMIT_EXCEEDED',
    );
    await ok(two, 'deleteGroup', { group: 'h' });
    await ok(one, 'consumerGroupHeartbeat', other);
  });

  it('are refused in words that name what is wrong and what would be right', async () => {
    await start({ groupSessionTimeoutMinMs: 1_000, groupSessionTimeoutMaxMs: 20_000 });
    const message = async (operation: string, fields: object): Promise<string> => {
      const reply = await one.request(operation, fields);
      return `${String(codeOf(reply))}: ${String(reply.fields.message)}`;
    };
    expect(await message('joinGroup', joinFields({ sessionTimeoutMs: 999 }))).toBe(
      'INVALID_SESSION_TIMEOUT: The session timeout is 1000 to 20000 ms.',
    );
    const long = 'x'.repeat(250);
    const group = 'INVALID_REQUEST: A group id has 1 to 249 bytes, not 250.';
    for (const [operation, fields] of [
      ['joinGroup', joinFields({ group: long })],
      ['syncGroup', { group: long, member: 'm', generation: 1 }],
      ['heartbeat', { group: long, member: 'm', generation: 1 }],
      ['leaveGroup', { group: long, members: [{ member: 'm' }] }],
      ['consumerGroupHeartbeat', { group: long, epoch: 0, topics: ['a'] }],
      ['offsetCommit', { group: long, offsets: [['orders', 0, 1]] }],
      ['offsetFetch', { group: long }],
      ['offsetDelete', { group: long, partitions: [['orders', 0]] }],
      ['deleteGroup', { group: long }],
    ] as const) {
      expect([operation, await message(operation, fields)]).toEqual([operation, group]);
    }
    expect(await message('consumerGroupHeartbeat', { group: 'g', epoch: 0 })).toBe(
      'INVALID_REQUEST: A member that joins says what it subscribes to.',
    );
    const wide = { name: 'range', metadata: Buffer.alloc(300_000) };
    expect(await message('joinGroup', joinFields({ protocols: [wide] }))).toMatch(
      /^INVALID_REQUEST: .*262144 is the most/,
    );
    const giant = [{ member: 'm', assignment: Buffer.alloc(300_000) }];
    const sync = { group: 'g', member: 'm', generation: 1, assignments: giant };
    expect(await message('syncGroup', sync)).toMatch(/^INVALID_REQUEST: .*262144/);
  });
});

/** Heartbeats until the answer has this code. */
function heartbeatUntil(client: RawClient, fields: object, code: string): Promise<void> {
  return askUntil(async () => codeOf(await client.request('heartbeat', fields)) === code);
}

/** Describes the group until it is in this state. */
function stateUntil(client: RawClient, state: string): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const { fields } = await client.request('describeGroup', { group: 'g' });
    return fields.state === state;
  };
  return askUntil(isThere);
}
