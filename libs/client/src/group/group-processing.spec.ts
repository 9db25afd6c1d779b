// Partitions that go while several handlers work on them.
import { eventually } from '../../testing/fake-broker';
import { batch, gate, GroupFixture } from '../../testing/group-fixture';
import type { Consumer } from '../consumer';
import type { ConsumerOptions, HandlerContext } from '../consumer-options';

describe('handlers beside each other in a group', () => {
  let fixture: GroupFixture;

  beforeEach(async () => {
    fixture = await GroupFixture.start();
    fixture.broker.createTopic('solo', 1);
    fixture.broker.append('solo', 0, batch(0, 10));
  });

  afterEach(() => fixture.stop());

  /** A consumer with three handlers at work on the first records of `solo/0`, each at a gate. */
  async function atWork(options: Partial<ConsumerOptions> = {}): Promise<{
    readonly consumer: Consumer;
    readonly begun: number[];
    readonly contexts: HandlerContext[];
    readonly finish: (offset: number) => void;
  }> {
    const gates = Array.from({ length: 10 }, gate);
    const begun: number[] = [];
    const contexts: HandlerContext[] = [];
    const consumer = fixture.open({
      topics: ['solo'],
      autoCommit: { intervalMs: 60_000 },
      ...options,
    });
    const running = consumer.run({
      concurrency: { per: 'key', max: 3 },
      eachRecord: async ({ offset }, context) => {
        begun.push(offset);
        contexts.push(context);
        await gates[offset]?.opened;
      },
    });
    running.catch(() => undefined);
    await eventually(() => begun.length === 3, 'three handlers at work');
    return { consumer, begun, contexts, finish: (offset) => gates[offset]?.open() };
  }

  it('begins nothing more of a partition that goes, and waits for all at work on it', async () => {
    const { consumer, begun, contexts, finish } = await atWork();
    fixture.group.give('solo/0', 'another');
    const [member] = fixture.group.members.values();
    await eventually(() => member?.assigned.size === 0, 'the broker telling so');
    const told = fixture.heartbeats().length;
    await eventually(() => fixture.heartbeats().length > told + 1, 'another heartbeat');
    finish(0);
    finish(1);
    const count = fixture.heartbeats().length;
    await eventually(() => fixture.heartbeats().length > count + 3, 'heartbeats meanwhile');
    expect(consumer.assignment()).toHaveLength(1);
    expect(begun).toEqual([0, 1, 2]);
    finish(2);
    await eventually(() => consumer.assignment().length === 0, 'the partition being given up');
    expect(fixture.group.commits).toEqual(['solo/0@3']);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
  });

  it('saves up to the oldest record at work when the wait is over, and aborts those', async () => {
    const { consumer, contexts, finish } = await atWork({ rebalanceTimeoutMs: 400 });
    finish(0);
    finish(2);
    await eventually(() => contexts.length === 5, 'two more handlers at work');
    fixture.group.give('solo/0', 'another');
    await eventually(() => consumer.assignment().length === 0, 'the partition being given up');
    expect(fixture.group.commits).toEqual(['solo/0@1']);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual([false, true, false, true, true]);
    for (const offset of [1, 3, 4]) finish(offset);
    await consumer.close();
    expect(fixture.group.commits).toEqual(['solo/0@1']);
  });

  it('aborts handlers whose partitions were lost, and counts nothing of them', async () => {
    const { consumer, begun, contexts, finish } = await atWork();
    fixture.group.putOut(fixture.group.memberIds[0] ?? '');
    await eventually(() => contexts.every(({ signal }) => signal.aborted), 'the handlers told');
    for (let offset = 0; offset < 10; offset++) finish(offset);
    await eventually(() => begun.length === 13, 'all records again, from the beginning');
    expect([...begun].slice(3).sort((one, other) => one - other)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    await consumer.close();
    expect(fixture.group.committed.get('solo/0')).toBe(10);
  });

  it('stays in the group while one handler hangs and others find nothing', async () => {
    const { consumer, begun, finish } = await atWork({ maxPollIntervalMs: 100 });
    for (let offset = 1; offset < 10; offset++) finish(offset);
    await eventually(() => begun.length >= 10, 'all records');
    await eventually(() => consumer.assignment().length === 1, 'its partition');
    const count = fixture.heartbeats().length;
    await eventually(() => fixture.heartbeats().length > count + 12, 'heartbeats meanwhile');
    const epochs = fixture.heartbeats().slice(count);
    expect(epochs.every(({ epoch }) => Number(epoch) > 0)).toBe(true);
    finish(0);
  });

  it('stays in the group while it has nothing to do', async () => {
    const { consumer, finish } = await atWork({ maxPollIntervalMs: 30 });
    for (let offset = 0; offset < 10; offset++) finish(offset);
    await eventually(() => consumer.position()[0]?.offset === 10, 'all records');
    // One that had left while the handlers were at work has come back.
    await eventually(() => consumer.assignment().length === 1, 'its partition');
    const count = fixture.heartbeats().length;
    await eventually(() => fixture.heartbeats().length > count + 6, 'heartbeats meanwhile');
    expect(
      fixture
        .heartbeats()
        .slice(count)
        .every(({ epoch }) => Number(epoch) > 0),
    ).toBe(true);
  });
});
