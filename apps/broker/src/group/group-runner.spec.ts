// What a group does again by itself when the store did not take it.
import { StorageError, openMemoryStorage, type GroupChange } from '@walrusmq/storage';
import { GroupFixture, commitRequest, position, settle } from '../../test/group-fixture';
import { override } from '../../test/override';

const ALL = { groupId: 'g', memberId: null, memberEpoch: -1, partitions: null };

describe('a group whose store is full', () => {
  let isFull = false;
  let fixture: GroupFixture;
  beforeEach(async () => {
    isFull = false;
    const groups = openMemoryStorage().groups;
    const append = async (changes: readonly GroupChange[]): Promise<void> => {
      if (isFull) throw new StorageError('NO_SPACE', 'as the test wants it');
      await groups.append(changes);
    };
    fixture = await GroupFixture.open({}, override(groups, { append }));
    const offsets = [position(), position({ topicId: 'id of t1', topicName: 't1' })];
    await fixture.coordinator.commit(commitRequest({ offsets }));
  });
  afterEach(() => fixture.coordinator.close());

  const offsetCount = async (): Promise<number> =>
    (await fixture.coordinator.fetchOffsets(ALL)).offsets.length;

  it('tries once a check to let offsets expire', async () => {
    fixture.clock.jump(7 * 24 * 3_600_000);
    isFull = true;
    // The first check sees the jump, and does not believe it.
    await fixture.clock.turn(4 * 600_000);
    expect(fixture.failures).toHaveLength(3);
    expect(await offsetCount()).toBe(2);
    isFull = false;
    await fixture.clock.turn(600_000);
    expect(fixture.coordinator.list()).toEqual([]);
  });

  it('tries once a second to drop the offsets of all topics that were deleted', async () => {
    isFull = true;
    for (const topic of ['t0', 't1']) fixture.topics.delete(topic);
    await settle();
    expect(fixture.failures).toHaveLength(2);
    await fixture.clock.turn(3_000);
    expect(fixture.failures).toHaveLength(2 + 3);
    expect(await offsetCount()).toBe(2);
    isFull = false;
    await fixture.clock.turn(1_000);
    expect(fixture.coordinator.list()).toEqual([]);
  });
});
