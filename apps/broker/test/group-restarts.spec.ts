// Groups over restarts, and what clients are told while their log cannot be read or written.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  StorageError,
  openMemoryStorage,
  openWalStorage,
  type GroupStore,
  type InstanceStorage,
} from '@walrusmq/storage';
import type { JoinGroupResponse } from '@walrusmq/protocol';
import {
  ServerSideMember,
  askUntil,
  assignmentOf,
  joinFields,
  joinWithNewId,
  ok,
  refused,
} from './group-client';
import { codeOf, type RawClient } from './raw-client';
import { TestBroker, batchOf, override } from './test-broker';

describe('groups over a restart', () => {
  let dataDir: string;
  let broker: TestBroker;
  let client: RawClient;
  const start = async (): Promise<void> => {
    broker = await TestBroker.start(
      { dataDir, blockBytes: 16_384, blocksPerFile: 4 },
      openWalStorage,
    );
    client = await broker.greeted();
  };
  const restart = async (): Promise<void> => {
    await broker.broker.stop();
    await start();
  };
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-groups-'));
    await start();
    await ok(client, 'createTopic', { name: 'orders', partitions: 4 });
  });
  afterEach(async () => {
    await broker.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('keep offsets, also ahead of the log; members go on where they were', async () => {
    const member = new ServerSideMember(client, 'm', { topics: ['orders'] });
    await member.beat();
    const offsets = [['orders', 0, 700, 3, 'note']];
    await ok(client, 'offsetCommit', { group: 'g', member: 'm', epoch: member.epoch, offsets });
    await restart();
    const fetched = await ok(client, 'offsetFetch', { group: 'g' });
    expect(fetched.offsets).toEqual([['orders', 0, 700, 3, 'note']]);
    const { epoch, owned } = member;
    const beat = await ok(client, 'consumerGroupHeartbeat', { group: 'g', member: 'm', epoch });
    expect(beat).toMatchObject({ epoch });
    expect(owned[0]?.partitions).toEqual([0, 1, 2, 3]);
  });

  it('refuse a zombie whose place another has taken', async () => {
    const joining = { topics: ['orders'], instanceId: 'i' };
    const zombie = new ServerSideMember(client, 'old', joining);
    await zombie.beat();
    await zombie.beat({ epoch: -2, instanceId: 'i' });
    const heir = new ServerSideMember(client, 'new', joining);
    await heir.beat();
    expect(heir.partitions).toHaveLength(4);
    await restart();
    const beat = { group: 'g', member: 'old', epoch: 1, instanceId: 'i' };
    expect(await refused(client, 'consumerGroupHeartbeat', beat)).toBe('FENCED_INSTANCE_ID');
    const commit = { group: 'g', member: 'old', epoch: 1, offsets: [['orders', 0, 9]] };
    expect(await refused(client, 'offsetCommit', commit)).toBe('UNKNOWN_MEMBER_ID');
    const early = { group: 'g', member: 'third', epoch: 0, ...joining };
    expect(await refused(client, 'consumerGroupHeartbeat', early)).toBe('UNRELEASED_INSTANCE_ID');
    const { epoch } = heir;
    const stays = { group: 'g', member: 'new', epoch, instanceId: 'i' };
    expect(await ok(client, 'consumerGroupHeartbeat', stays)).toMatchObject({ epoch });
  });

  it('give a static member of the classic protocol what it had, without a rebalance', async () => {
    const fields = joinFields({ instanceId: 'i-1' });
    const joined = await ok<JoinGroupResponse>(client, 'joinGroup', fields);
    const { member, generation } = joined;
    expect(member).toMatch(/^i-1-/);
    const had = assignmentOf('orders', 0, 1, 2, 3);
    const assignments = [{ member, assignment: had }];
    await ok(client, 'syncGroup', { group: 'g', member, generation, assignments });
    await restart();
    const again = await ok<JoinGroupResponse>(client, 'joinGroup', fields);
    expect(again).toMatchObject({ generation, skipAssignment: true, leader: again.member });
    expect(again.member).not.toBe(member);
    const sync = { group: 'g', member: again.member, generation, instanceId: 'i-1' };
    expect((await ok(client, 'syncGroup', sync)).assignment).toEqual(had);
    const old = { group: 'g', member, generation, instanceId: 'i-1' };
    expect(await refused(client, 'heartbeat', old)).toBe('FENCED_INSTANCE_ID');
  });

  it('are closed where their log was damaged, and everything else goes on', async () => {
    const group = 'a name that is found on the disk';
    await ok(client, 'offsetCommit', { group, offsets: [['orders', 0, 1]] });
    await client.request('produce', { topic: 'orders', partition: 0 }, [batchOf('kept')]);
    await broker.broker.stop();
    damage(dataDir, group);
    await start();
    const { fields } = await client.request('offsetFetch', { group });
    expect(fields).toMatchObject({
      code: 'CORRUPT',
      message: expect.stringContaining('The log of the consumer groups cannot be read') as string,
    });
    const fetched = await client.request('fetch', { partitions: [['orders', 0, 0]] });
    expect(Buffer.concat(fetched.tail).includes('kept')).toBe(true);
    const again = await client.request('produce', { topic: 'orders', partition: 0 }, [
      batchOf('v'),
    ]);
    expect(again.fields).toMatchObject({ baseOffset: 1 });
    await ok(client, 'readerCommit', { reader: 'r', offsets: [['orders', 0, 1]] });
  });

  it('never use a generation twice', async () => {
    const first = await joinWithNewId(client);
    const { generation } = await first.reply;
    // In the middle of a rebalance: nobody has synced.
    await restart();
    await ok(client, 'leaveGroup', { group: 'g', members: [{ member: first.member }] });
    const second = await joinWithNewId(client);
    expect((await second.reply).generation).toBeGreaterThan(generation);
    const late = { group: 'g', member: first.member, generation };
    expect(await refused(client, 'syncGroup', late)).toBe('UNKNOWN_MEMBER_ID');
  });
});

describe('groups whose log fails', () => {
  let broker: TestBroker;
  let client: RawClient;
  const start = async (storage: InstanceStorage): Promise<void> => {
    broker = await TestBroker.start({}, () => storage);
    client = await broker.greeted();
  };
  afterEach(() => broker.stop());

  /** A group `g` that has committed these offsets in a topic of one partition and no record. */
  async function withOffsets(...offsets: readonly number[]): Promise<InstanceStorage> {
    const storage = openMemoryStorage();
    const { catalogue, groups } = storage;
    const topic = await catalogue.create('orders', { partitionCount: offsets.length });
    await groups.append(
      offsets.map((offset, partition) => ({
        put: {
          type: 'offset',
          groupId: 'g',
          topicId: topic.id,
          topicName: 'orders',
          partition,
          offset,
          leaderEpoch: 0,
          metadata: '',
          committedAtMs: Date.now(),
          expiresAtMs: null,
        },
      })),
    );
    return storage;
  }
  /** The storage as it is after a crash. */
  const crashed = (
    storage: InstanceStorage,
    given: object = {},
    found: object = { leaderEpochBumped: true },
  ): InstanceStorage =>
    override(storage, { recoveryReport: { ...storage.recoveryReport, ...found }, ...given });

  it('say so, and everything else works', async () => {
    const storage = openMemoryStorage();
    const error = new StorageError('CORRUPT', 'record 7 has no key');
    const load = (): never => {
      throw error;
    };
    await start(override(storage, { groups: override(storage.groups, { load }) }));
    await ok(client, 'createTopic', { name: 'orders' });
    const requests = {
      consumerGroupHeartbeat: { group: 'g', epoch: 0, topics: ['orders'] },
      joinGroup: joinFields(),
      syncGroup: { group: 'g', member: 'm', generation: 1 },
      heartbeat: { group: 'g', member: 'm', generation: 1 },
      leaveGroup: { group: 'g', members: [{ member: 'm' }] },
      offsetCommit: { group: 'g', offsets: [['orders', 0, 1]] },
      offsetFetch: { group: 'g' },
      offsetDelete: { group: 'g', partitions: [['orders', 0]] },
      listGroups: {},
      describeGroup: { group: 'g' },
      deleteGroup: { group: 'g' },
    };
    for (const [operation, fields] of Object.entries(requests)) {
      const { fields: answer } = await client.request(operation, fields);
      expect([operation, answer.code]).toEqual([operation, 'CORRUPT']);
      expect(answer.message).toBe(
        'The log of the consumer groups cannot be read (record 7 has no key): all else works.',
      );
    }
    await ok(client, 'groupPin', { group: 'g', topic: 'orders' });
    const fields = { topic: 'orders', partition: 0 };
    const produced = await client.request('produce', fields, [batchOf('v')]);
    expect(codeOf(produced)).toBe('ok');
    expect(codeOf(await client.request('fetch', { partitions: [['orders', 0, 0]] }))).toBe('ok');
    const { pins } = await ok(client, 'describeTopic', { name: 'orders' });
    // What a group has passed is not known: it keeps everything.
    expect(pins).toEqual([expect.objectContaining({ kind: 'group', behindRecords: 1 })]);
  });

  it('answer NO_SPACE while the disk is full, and work again without a restart', async () => {
    const storage = openMemoryStorage();
    let isFull = false;
    await start(override(storage, { groups: whenNotFull(storage.groups, () => isFull) }));
    await ok(client, 'createTopic', { name: 'orders' });
    const member = new ServerSideMember(client, 'm', { topics: ['orders'] });
    await member.beat();
    const commit = (offset: number): object => ({
      group: 'g',
      member: 'm',
      epoch: member.epoch,
      offsets: [['orders', 0, offset]],
    });
    await ok(client, 'offsetCommit', commit(1));
    isFull = true;
    const full = await client.request('offsetCommit', commit(2));
    expect(full.fields).toMatchObject({ code: 'NO_SPACE', retriable: true });
    expect(await refused(client, 'joinGroup', joinFields({ group: 'h', instanceId: 'i' }))).toBe(
      'NO_SPACE',
    );
    // What stores nothing goes on.
    await member.beat();
    expect((await ok(client, 'offsetFetch', { group: 'g' })).offsets).toEqual([
      ['orders', 0, 1, -1, ''],
    ]);
    isFull = false;
    await ok(client, 'offsetCommit', commit(2));
    expect((await ok(client, 'offsetFetch', { group: 'g' })).offsets).toEqual([
      ['orders', 0, 2, -1, ''],
    ]);
  });

  it('are moved to the recovered end where a crash took records, and nowhere else', async () => {
    const storage = await withOffsets(7, 0);
    await start(storage);
    const offsets = async (): Promise<unknown> =>
      ((await ok(client, 'offsetFetch', { group: 'g' })).offsets as unknown[][]).map(
        ([, , offset]) => offset,
      );
    expect(await offsets()).toEqual([7, 0]);
    await broker.stop();
    await start(crashed(await withOffsets(7, 0)));
    expect(await offsets()).toEqual([0, 0]);
    await broker.stop();
    // The one that raised the epoch was killed before it could move them.
    await start(crashed(await withOffsets(7, 0), {}, { previousCloseWasClean: false }));
    expect(await offsets()).toEqual([0, 0]);
  });

  it('wait for space to do that in: nobody is told an offset that is not so', async () => {
    const storage = await withOffsets(7);
    let isFull = true;
    const groups = whenNotFull(storage.groups, () => isFull);
    await start(crashed(storage, { groups }));
    for (const request of [{ group: 'g' }, { group: 'unheard of' }]) {
      expect(await refused(client, 'offsetFetch', request)).toBe('NO_SPACE');
    }
    // What is appended meanwhile takes the offsets that were lost.
    for (let index = 0; index < 9; index += 1) {
      await client.request('produce', { topic: 'orders', partition: 0 }, [batchOf('v')]);
    }
    isFull = false;
    await askUntil(async () => codeOf(await client.request('listGroups', {})) === 'ok');
    expect((await ok(client, 'offsetFetch', { group: 'g' })).offsets).toEqual([
      ['orders', 0, 0, 0, ''],
    ]);
  });
});

function whenNotFull(store: GroupStore, isFull: () => boolean): GroupStore {
  return override(store, {
    append: (changes: Parameters<GroupStore['append']>[0]): Promise<void> =>
      isFull()
        ? Promise.reject(new StorageError('NO_SPACE', 'the disk is full'))
        : store.append(changes),
  });
}

/** Flips a bit of a text wherever it is stored in the data directory. */
function damage(directory: string, text: string): void {
  let found = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1)) {
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      found += 1;
    }
    writeFileSync(path, bytes);
  }
  if (found === 0) throw new Error('the text is not there');
}
