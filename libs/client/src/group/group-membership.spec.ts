import type { Interception } from '../../testing/fake-broker';
import { eventually } from '../../testing/fake-broker';
import { batch, gate, GroupFixture } from '../../testing/group-fixture';
import type { TopicPartition } from '../admin';
import type { Consumer } from '../consumer';

/** Runs a consumer whose handler keeps the records' places. */
function collect(consumer: Consumer): { readonly seen: string[]; readonly running: Promise<void> } {
  const seen: string[] = [];
  const running = consumer.run({
    eachRecord: ({ topic, partition, offset }) => void seen.push(`${topic}/${partition}@${offset}`),
  });
  // Tests that expect an error wait for it themselves.
  running.catch(() => undefined);
  return { seen, running };
}

const names = (partitions: readonly TopicPartition[]): string[] =>
  partitions.map(({ topic, partition }) => `${topic}/${partition}`);

describe('membership in a consumer group', () => {
  let fixture: GroupFixture;

  beforeEach(async () => {
    fixture = await GroupFixture.start();
  });

  afterEach(() => fixture.stop());

  it('joins with a member id of its own and reads all it is given', async () => {
    const consumer = fixture.open({ rebalanceTimeoutMs: 7_000, assignor: 'range' });
    const { seen } = collect(consumer);
    await eventually(() => seen.length === 40, 'all records');
    const [join] = fixture.heartbeats();
    expect(join).toMatchObject({
      group: 'g',
      member: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      epoch: 0,
      topics: ['t'],
      assignor: 'range',
      rebalanceTimeoutMs: 7_000,
      owned: [],
    });
    expect(new Set(seen).size).toBe(40);
    expect(names(consumer.assignment()).sort()).toEqual(['t/0', 't/1', 't/2', 't/3']);
  });

  it('begins at committed offsets, and where `from` says without one', async () => {
    fixture.group.committed.set('t/0', 7);
    fixture.group.committed.set('t/1', 10);
    const { seen } = collect(fixture.open({ from: { offset: 9 } }));
    await eventually(() => seen.length === 5, 'the records');
    expect(seen.sort()).toEqual(['t/0@7', 't/0@8', 't/0@9', 't/2@9', 't/3@9']);
  });

  it('says in heartbeats what has changed, and everything after a lost answer', async () => {
    const { seen } = collect(fixture.open());
    await eventually(() => fixture.heartbeats().length > 4, 'heartbeats');
    const [, told, ...quiet] = fixture.heartbeats();
    expect(fixture.ownedBy(told) ?? fixture.ownedBy(quiet[0])).toHaveLength(4);
    expect(quiet.at(-1)).not.toHaveProperty('owned');
    expect(quiet.at(-1)).not.toHaveProperty('topics');
    let dropped = 0;
    fixture.broker.intercept = ({ operation }) =>
      operation === 'consumerGroupHeartbeat' && dropped++ === 0 ? 'apply-and-drop' : undefined;
    await eventually(() => dropped > 2, 'heartbeats over a new connection');
    const after = fixture.heartbeats().find(({ epoch, topics }) => epoch !== 0 && topics != null);
    expect(after).toMatchObject({ rebalanceTimeoutMs: 300_000 });
    expect(fixture.ownedBy(after)).toHaveLength(4);
    expect(fixture.group.memberIds).toHaveLength(1);
    expect(seen).toHaveLength(40);
  });

  it('shares partitions with a second member without a record twice', async () => {
    const one = collect(fixture.open());
    await eventually(() => one.seen.length === 40, 'the first member reading');
    const second = fixture.open();
    const two = collect(second);
    await eventually(() => second.assignment().length === 2, 'the second member owning its half');
    for (let partition = 0; partition < 4; partition++) {
      fixture.broker.append('t', partition, batch(10, 15));
    }
    await eventually(() => one.seen.length + two.seen.length === 60, 'the new records');
    expect(two.seen).toHaveLength(10);
    expect(new Set([...one.seen, ...two.seen]).size).toBe(60);
  });

  it('gives everything to the others at once when it is closed', async () => {
    const first = fixture.open();
    const one = collect(first);
    const second = fixture.open();
    const two = collect(second);
    await eventually(
      () => first.assignment().length === 2 && second.assignment().length === 2,
      'both members owning their halves',
    );
    await first.close();
    await one.running;
    expect(fixture.heartbeats().at(-1)).toBeDefined();
    expect(fixture.heartbeats().some(({ epoch }) => epoch === -1)).toBe(true);
    await eventually(() => second.assignment().length === 4, 'the second member owning all');
    await eventually(() => one.seen.length + two.seen.length >= 40, 'all records');
    expect(new Set([...one.seen, ...two.seen]).size).toBe(40);
    expect(one.seen.length + two.seen.length).toBe(40);
  });

  it('leaves when it is closed while it joins', async () => {
    const joined = gate();
    fixture.broker.intercept = async ({ operation, fields }) => {
      if (operation === 'consumerGroupHeartbeat' && fields.epoch === 0) await joined.opened;
      return undefined;
    };
    const consumer = fixture.open();
    collect(consumer);
    await eventually(() => fixture.heartbeats().length === 1, 'the join');
    const closing = consumer.close();
    joined.open();
    await closing;
    expect(fixture.heartbeats().at(-1)).toMatchObject({ epoch: -1 });
    expect(fixture.group.memberIds).toEqual([]);
  });

  it('keeps the place of a static member, which comes back as another member', async () => {
    const first = fixture.open({ instanceId: 'i' });
    collect(first);
    await eventually(() => first.assignment().length === 4, 'the assignment');
    await first.close();
    expect(fixture.heartbeats().at(-1)).toMatchObject({ epoch: -2, instanceId: 'i' });
    const second = fixture.open({ instanceId: 'i' });
    collect(second);
    await eventually(() => second.assignment().length === 4, 'the assignment');
    const ids = new Set(fixture.heartbeats().map(({ member }) => member));
    expect(ids.size).toBe(2);
  });

  it('joins again as the same member with nothing when it was put out', async () => {
    const lost: string[][] = [];
    const consumer = fixture.open({ onPartitionsLost: (those) => void lost.push(names(those)) });
    const { seen } = collect(consumer);
    await eventually(() => seen.length === 40, 'all records');
    const [id = ''] = fixture.group.memberIds;
    fixture.group.putOut(id);
    await eventually(() => fixture.group.memberIds.length === 1, 'the member coming back');
    await eventually(() => consumer.assignment().length === 4, 'the assignment');
    expect(lost.map((each) => each.sort())).toEqual([['t/0', 't/1', 't/2', 't/3']]);
    const joins = fixture.heartbeats(id).filter(({ epoch }) => epoch === 0);
    expect(joins.map((each) => fixture.ownedBy(each))).toEqual([[], []]);
  });

  it('goes on as the same member over a broker that is away', async () => {
    const consumer = fixture.open();
    const { seen } = collect(consumer);
    await eventually(() => seen.length === 40, 'all records');
    await fixture.broker.stop();
    await fixture.broker.listen();
    fixture.broker.append('t', 2, batch(10, 11));
    await eventually(() => seen.length === 41, 'the next record');
    expect(fixture.group.memberIds).toHaveLength(1);
    expect(fixture.heartbeats().filter(({ epoch }) => epoch === 0)).toHaveLength(1);
  });

  it('reads topics that are created later, and new partitions of those it has', async () => {
    const consumer = fixture.open({ topics: ['t', 'later'] });
    const { seen } = collect(consumer);
    await eventually(() => seen.length === 40, 'all records');
    fixture.broker.createTopic('later', 1);
    fixture.broker.append('later', 0, batch(0, 3));
    fixture.group.nextEpoch();
    await eventually(() => seen.length === 43, 'the records of the new topic');
    fixture.broker.growTopic('t', 1);
    fixture.broker.append('t', 4, batch(0, 2));
    fixture.group.nextEpoch();
    await eventually(() => seen.length === 45, 'the records of the new partition');
    expect(seen.slice(43)).toEqual(['t/4@0', 't/4@1']);
  });

  it('subscribes by a pattern, a RegExp in RE2 syntax for whole names', async () => {
    fixture.broker.createTopic('orders-1', 1);
    fixture.broker.append('orders-1', 0, batch(0, 2));
    const { seen } = collect(fixture.open({ topicPattern: /^Orders-\d/i }));
    await eventually(() => seen.length === 2, 'the records');
    expect(fixture.heartbeats()[0]).toMatchObject({ pattern: '(?i).*(?:^Orders-\\d).*' });
    expect(fixture.heartbeats()[0]).not.toHaveProperty('topics');
  });

  it('goes on with the rest when a topic is deleted', async () => {
    fixture.broker.createTopic('gone', 2);
    fixture.broker.append('gone', 0, batch(0, 2));
    const consumer = fixture.open({ topics: ['t', 'gone'] });
    const { seen } = collect(consumer);
    await eventually(() => seen.length === 42, 'all records');
    fixture.broker.deleteTopic('gone');
    await eventually(() => fixture.heartbeats().length > 5, 'heartbeats meanwhile');
    fixture.group.nextEpoch();
    await eventually(() => consumer.assignment().length === 4, 'the topic being given up');
    fixture.broker.append('t', 0, batch(10, 12));
    await eventually(() => seen.length === 44, 'the next records');
    expect(seen.slice(42).sort()).toEqual(['t/0@10', 't/0@11']);
  });

  it('waits for an instance id that another member has, as long as startTimeoutMs', async () => {
    let refusals = 3;
    fixture.broker.intercept = ({ operation }): Interception | undefined =>
      operation === 'consumerGroupHeartbeat' && refusals-- > 0
        ? { error: 'UNRELEASED_INSTANCE_ID' }
        : undefined;
    const patient = fixture.open({ instanceId: 'i' });
    const { seen } = collect(patient);
    await eventually(() => seen.length === 40, 'all records');
    refusals = Infinity;
    const { running } = collect(fixture.open({ instanceId: 'i', startTimeoutMs: 30 }));
    await expect(running).rejects.toMatchObject({ code: 'UNRELEASED_INSTANCE_ID' });
  });

  it.each(['FENCED_INSTANCE_ID', 'INVALID_REGULAR_EXPRESSION', 'UNKNOWN_OPERATION'] as const)(
    'ends by %s, which no retry helps against, with its partitions lost',
    async (error) => {
      const lost: string[] = [];
      const consumer = fixture.open({
        onPartitionsLost: (those) => void lost.push(...names(those)),
      });
      const { seen, running } = collect(consumer);
      await eventually(() => seen.length === 40, 'all records');
      fixture.broker.intercept = ({ operation }) =>
        operation === 'consumerGroupHeartbeat' ? { error } : undefined;
      await expect(running).rejects.toMatchObject({ code: error });
      expect(lost.sort()).toEqual(['t/0', 't/1', 't/2', 't/3']);
      expect(consumer.assignment()).toEqual([]);
    },
  );

  it('fails the first loop when no broker is found in time', async () => {
    await fixture.broker.stop();
    const { running } = collect(fixture.open({ startTimeoutMs: 30 }));
    await expect(running).rejects.toMatchObject({ code: 'CONNECTION' });
  });

  it('leaves when it asks for no records for too long, and comes back when it does', async () => {
    const lost: string[] = [];
    const done = gate();
    const consumer = fixture.open({
      maxPollIntervalMs: 40,
      onPartitionsLost: (those) => void lost.push(...names(those)),
    });
    const seen: string[] = [];
    void consumer.run({
      eachRecord: async ({ partition, offset }) => {
        seen.push(`t/${partition}@${offset}`);
        if (seen.length === 1) await done.opened;
      },
    });
    await eventually(() => fixture.group.memberIds.length === 0 && lost.length > 0, 'it leaving');
    expect(lost).toHaveLength(4);
    expect(fixture.heartbeats().at(-1)).toMatchObject({ epoch: -1 });
    const other = collect(fixture.open());
    await eventually(() => other.seen.length === 40, 'another going on with all records');
    done.open();
    await eventually(() => fixture.group.memberIds.length === 2, 'it coming back');
    await eventually(() => consumer.assignment().length === 2, 'its share');
    // What it worked on when it was out is not its progress.
    const [key] = (seen[0] ?? '').split('@');
    expect(fixture.group.commits).not.toContain(`${key}@1`);
  });

  it('has nothing to pause while all is given to others', async () => {
    const consumer = fixture.open();
    void consumer.run({ eachRecord: () => undefined });
    await eventually(() => consumer.assignment().length === 4, 'the partitions');
    for (let each = 0; each < 4; each++) fixture.group.give(`t/${each}`, 'another');
    await eventually(() => consumer.assignment().length === 0, 'all being given up');
    await consumer.pause();
    await consumer.resume();
    await expect(consumer.pause('t')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('stays in the group while it waits for records', async () => {
    const consumer = fixture.open({ maxPollIntervalMs: 20 });
    const { seen } = collect(consumer);
    await eventually(() => seen.length === 40, 'all records');
    const count = fixture.heartbeats().length;
    await eventually(() => fixture.heartbeats().length > count + 5, 'heartbeats meanwhile');
    expect(fixture.heartbeats().some(({ epoch }) => epoch === -1)).toBe(false);
    expect(consumer.assignment()).toHaveLength(4);
  });
});
