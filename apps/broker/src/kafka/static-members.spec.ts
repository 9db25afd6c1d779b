// Members of classic groups that have an instance id (KIP-345), as Kafka clients see them.
import {
  heartbeatCodec,
  joinGroupCodec,
  leaveGroupCodec,
  offsetCommitCodec,
  syncGroupCodec,
} from '@walrusmq/kafka-protocol';
import { settle } from '../../test/group-fixture';
import { KafkaGroupFixture, type KafkaGroupClient } from '../../test/kafka-group-fixture';
import { assignmentOf, code, join, joining, subscriptionTo, sync } from '../../test/kafka-members';

const STATIC = { groupInstanceId: 'pod-1' };
const GIVEN = assignmentOf('orders', 0, 1, 2, 3);

describe('a static member of a classic group', () => {
  let fixture: KafkaGroupFixture;
  let before: KafkaGroupClient;
  let after: KafkaGroupClient;
  beforeEach(async () => {
    fixture = await KafkaGroupFixture.open();
    before = fixture.client();
    after = fixture.client();
  });
  afterEach(() => fixture.close());

  /** Its first life: a stable group of it alone. */
  async function started() {
    const joined = await join(before, STATIC);
    await sync(before, joined, [[joined.memberId, GIVEN]], STATIC);
    return joined;
  }

  it('joins with its instance id at once, in every version that knows of it', async () => {
    for (let version = 5; version <= 9; version += 1) {
      const groupId = `g-${version}`;
      const joined = await before.request(joinGroupCodec, version, joining({ ...STATIC, groupId }));
      const { memberId } = joined;
      expect(memberId).toMatch(/^pod-1-[0-9a-f-]{36}$/);
      expect(joined).toMatchObject({
        errorCode: 0,
        members: [{ memberId, groupInstanceId: 'pod-1' }],
      });
    }
  });

  it.each([5, 6, 7, 8])(
    'comes back under another id without a rebalance; in version %i not as the leader',
    async (version) => {
      const first = await started();
      const back = await join(after, STATIC, version);
      expect(back).toMatchObject({
        errorCode: 0,
        generationId: first.generationId,
        leader: first.memberId,
        members: [],
        skipAssignment: false,
      });
      expect(back.memberId).not.toBe(first.memberId);
      const synced = await sync(after, back, [], STATIC);
      expect(synced.assignment.equals(GIVEN)).toBe(true);
      expect(fixture.coordinator.describe('g').state).toBe('Stable');
    },
  );

  it('that leads is told in version 9 to leave the assignment alone (skipAssignment)', async () => {
    const first = await started();
    const back = await join(after, STATIC, 9);
    expect(back).toMatchObject({
      generationId: first.generationId,
      leader: back.memberId,
      skipAssignment: true,
      members: [{ memberId: back.memberId, groupInstanceId: 'pod-1' }],
    });
    expect((await sync(after, back, [], STATIC)).assignment.equals(GIVEN)).toBe(true);
  });

  it('that comes back and prefers another protocol has the group rebalance', async () => {
    const first = await started();
    const metadata = subscriptionTo('bills');
    const protocols = ['sticky', 'range'].map((name) => ({ name, metadata }));
    const back = await join(after, { ...STATIC, protocols });
    expect(back).toMatchObject({
      errorCode: 0,
      generationId: first.generationId + 1,
      protocolName: 'sticky',
    });
  });

  it('fences whoever still has its old id, in every request that names both', async () => {
    const { memberId, generationId } = await started();
    await join(after, STATIC);
    const old = { groupId: 'g', memberId, generationId, ...STATIC };
    const fenced = code('FENCED_INSTANCE_ID');
    for (const version of [5, 9]) {
      const joined = await before.request(
        joinGroupCodec,
        version,
        joining({ ...STATIC, memberId }),
      );
      expect(joined).toMatchObject({ errorCode: fenced, memberId });
    }
    for (const version of [3, 4]) {
      expect((await before.request(heartbeatCodec, version, old)).errorCode).toBe(fenced);
      const assignments: [] = [];
      const synced = await before.request(syncGroupCodec, version, { ...old, assignments });
      expect(synced.errorCode).toBe(fenced);
      const left = await before.request(leaveGroupCodec, version, { groupId: 'g', members: [old] });
      expect(left).toMatchObject({ errorCode: 0, members: [{ errorCode: fenced }] });
    }
    const partitions = [{ partitionIndex: 0, committedOffset: 7, committedMetadata: null }];
    for (const version of [7, 9]) {
      const committed = await before.request(offsetCommitCodec, version, {
        ...old,
        generationIdOrMemberEpoch: generationId,
        topics: [{ name: 'orders', partitions }],
      });
      expect(committed.topics[0]?.partitions).toEqual([{ partitionIndex: 0, errorCode: fenced }]);
    }
    // Without the instance id the old member is just nobody.
    const nobody = { groupId: 'g', memberId, generationId };
    const beat = await before.request(heartbeatCodec, 4, nobody);
    expect(beat.errorCode).toBe(code('UNKNOWN_MEMBER_ID'));
  });

  it('answers the join that its old life still waits for with FENCED_INSTANCE_ID', async () => {
    const { memberId } = await started();
    const other = fixture.client();
    const newcomer = join(other);
    await settle();
    await join(before, { ...STATIC, memberId });
    const { memberId: otherId } = await newcomer;
    const third = join(fixture.client());
    await settle();
    // The rebalance waits for the other to come back.
    const waiting = join(before, { ...STATIC, memberId });
    await settle();
    const back = join(after, STATIC);
    expect(await waiting).toMatchObject({ errorCode: code('FENCED_INSTANCE_ID'), memberId });
    await join(other, { memberId: otherId });
    expect(await back).toMatchObject({ errorCode: 0, generationId: 3 });
    expect(await third).toMatchObject({ errorCode: 0, generationId: 3 });
  });

  it('is taken out by its instance id alone, as operators do', async () => {
    await started();
    const members = [{ memberId: '', ...STATIC }];
    for (const version of [3, 4, 5]) {
      const left = await after.request(leaveGroupCodec, version, { groupId: 'g', members });
      const errorCode = version === 3 ? 0 : code('UNKNOWN_MEMBER_ID');
      expect(left.members).toEqual([{ memberId: '', groupInstanceId: 'pod-1', errorCode }]);
    }
    expect(fixture.coordinator.describe('g').state).toBe('Empty');
  });

  it('keeps its place until its session is over', async () => {
    const { memberId } = await started();
    await fixture.clock.turn(9_000);
    expect(fixture.coordinator.describe('g').members).toMatchObject([{ memberId }]);
    await fixture.clock.turn(2_000);
    expect(fixture.coordinator.describe('g').state).toBe('Empty');
  });
});
