// What operators ask about groups, on both storages.
import {
  ServerSideMember,
  assignmentOf,
  joinWithNewId,
  ok,
  refused,
  settleMembers,
} from './group-client';
import type { RawClient } from './raw-client';
import { STORAGES, TestBroker } from './test-broker';

describe.each(STORAGES)('groups, listed and described, on %s', (_, openStorage) => {
  let broker: TestBroker;
  let client: RawClient;
  let other: RawClient;
  beforeEach(async () => {
    broker = await TestBroker.start({ blockBytes: 2 ** 20, blocksPerFile: 4 }, openStorage);
    client = await broker.withTopic('orders', 3);
    other = await broker.greeted();
  });
  afterEach(() => broker.stop());

  it('come by name, page by page, filtered by state and by type', async () => {
    const offsets = [['orders', 0, 1]];
    for (const group of ['c', 'a', 'b']) await ok(client, 'offsetCommit', { group, offsets });
    await new ServerSideMember(client, 'm', { topics: ['orders'] }, 'd').beat();
    const names = async (fields: object): Promise<unknown> => {
      const { groups, next } = await ok(client, 'listGroups', fields);
      return [(groups as { group: string }[]).map(({ group }) => group).join(''), next];
    };
    expect(await names({})).toEqual(['abcd', null]);
    expect(await names({ limit: 2 })).toEqual(['ab', 'b']);
    expect(await names({ limit: 2, after: 'b' })).toEqual(['cd', null]);
    expect(await names({ states: ['Stable'] })).toEqual(['d', null]);
    expect(await names({ types: ['classic'] })).toEqual(['abc', null]);
    expect(await names({ types: ['consumer'], states: ['Empty'] })).toEqual(['', null]);
    const { groups } = await ok(client, 'listGroups', { after: 'b' });
    expect(groups).toEqual([
      { group: 'c', state: 'Empty', type: 'classic', protocolType: '', members: 0 },
      { group: 'd', state: 'Stable', type: 'consumer', protocolType: 'consumer', members: 1 },
    ]);
  });

  it('show the members that the broker assigns to: what they own and shall own', async () => {
    const joining = { topics: ['orders'], instanceId: 'i-1', rackId: 'r' };
    const first = new ServerSideMember(client, 'm-1', joining);
    await first.beat();
    const second = new ServerSideMember(other, 'm-2', { pattern: 'ord.*' });
    await second.beat();
    const described = await ok(client, 'describeGroup', { group: 'g' });
    expect(described).toMatchObject({
      state: 'Reconciling',
      type: 'consumer',
      protocolType: 'consumer',
      protocol: 'uniform',
      epoch: 2,
      assignmentEpoch: 2,
      leader: null,
      offsets: [],
      pins: [],
      next: null,
    });
    const [one, two] = described.members as Record<string, unknown>[];
    const id = first.owned[0]?.id;
    expect(one).toEqual({
      member: 'm-1',
      instanceId: 'i-1',
      rackId: 'r',
      client: 'raw',
      host: '127.0.0.1',
      epoch: 1,
      topics: ['orders'],
      pattern: null,
      assignment: [{ topic: 'orders', id, partitions: [0, 1, 2] }],
      target: [{ topic: 'orders', id, partitions: expect.any(Array) as number[] }],
    });
    expect(two).toMatchObject({ pattern: 'ord.*', topics: [], epoch: 2, assignment: [] });
    await settleMembers([first, second]);
    const settledNow = await ok(client, 'describeGroup', { group: 'g' });
    expect(settledNow.state).toBe('Stable');
    for (const each of settledNow.members as Record<string, unknown>[]) {
      expect(each.assignment).toEqual(each.target);
    }
  });

  it('show the members of a classic group: what they subscribe to and were given', async () => {
    const { member, reply } = await joinWithNewId(client);
    const { generation } = await reply;
    const assignments = [{ member, assignment: assignmentOf('orders', 2, 0) }];
    await ok(client, 'syncGroup', { group: 'g', member, generation, assignments });
    const described = await ok(client, 'describeGroup', { group: 'g' });
    expect(described).toMatchObject({
      state: 'Stable',
      type: 'classic',
      protocol: 'range',
      epoch: 1,
      assignmentEpoch: null,
      leader: member,
    });
    const [described1] = described.members as Record<string, unknown>[];
    expect(described1).toMatchObject({
      member,
      topics: ['orders'],
      assignment: [{ topic: 'orders', partitions: [0, 2] }],
      epoch: null,
      target: null,
    });
    const protocols = [{ name: 'p', metadata: Buffer.from([1, 2, 3]) }];
    const workers = { group: 'workers', protocolType: 'connect', protocols };
    const worker = await joinWithNewId(other, workers);
    await worker.reply;
    const sync = { group: 'workers', member: worker.member, generation: 1, assignments: [] };
    await ok(other, 'syncGroup', sync);
    const opaque = await ok(client, 'describeGroup', { group: 'workers' });
    const [workerShown] = opaque.members as Record<string, unknown>[];
    expect(workerShown).toMatchObject({ topics: null, assignment: null, target: null });
  });

  it('come with many members in pages', async () => {
    const topics = Array.from({ length: 900 }, (__, index) => `topic-${index}-${'x'.repeat(230)}`);
    const count = 24;
    for (let index = 0; index < count; index += 1) {
      await new ServerSideMember(client, `m-${String(index).padStart(3, '0')}`, { topics }).beat();
    }
    await ok(client, 'describeGroup', { group: 'g' });
    const members: unknown[] = [];
    let pages = 0;
    let after: unknown = null;
    do {
      const page = await ok(client, 'describeGroup', { group: 'g', after });
      members.push(...(page.members as { member: string }[]).map(({ member }) => member));
      after = page.next;
      pages += 1;
    } while (after !== null);
    expect(pages).toBeGreaterThan(1);
    const names = Array.from({ length: count }, (__, i) => `m-${String(i).padStart(3, '0')}`);
    expect(members).toEqual(names);
  });

  it('are not found where there is none', async () => {
    const group = 'x'.repeat(300);
    expect(await refused(client, 'describeGroup', { group })).toBe('GROUP_ID_NOT_FOUND');
    expect(await refused(client, 'deleteGroup', { group: 'none' })).toBe('GROUP_ID_NOT_FOUND');
    expect(await refused(client, 'heartbeat', { group: 'n', member: 'm', generation: 1 })).toBe(
      'UNKNOWN_MEMBER_ID',
    );
    expect((await ok(client, 'listGroups', {})).groups).toEqual([]);
  });
});
