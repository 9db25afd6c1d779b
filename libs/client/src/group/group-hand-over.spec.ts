// How partitions are given up and lost while the program works on their records.
import { eventually } from '../../testing/fake-broker';
import { batch, gate, GroupFixture } from '../../testing/group-fixture';
import type { TopicPartition } from '../admin';
import type { Consumer } from '../consumer';
import type { ConsumerOptions } from '../consumer-options';

const names = (partitions: readonly TopicPartition[]): string[] =>
  partitions.map(({ topic, partition }) => `${topic}/${partition}`);

describe('handing partitions over in a group', () => {
  let fixture: GroupFixture;
  /** What happened, in order. */
  let events: string[];

  beforeEach(async () => {
    fixture = await GroupFixture.start();
    events = [];
    fixture.broker.intercept = ({ operation, fields }) => {
      const owned = fixture.ownedBy(fields);
      if (operation === 'consumerGroupHeartbeat' && owned?.length === 3) events.push('released');
      if (operation === 'offsetCommit') {
        const offsets = fields.offsets as [string, number, number][];
        for (const [topic, partition, offset] of offsets) {
          events.push(`commit ${topic}/${partition}@${offset}`);
        }
      }
      return undefined;
    };
  });

  afterEach(() => fixture.stop());

  /** A consumer at work on a record of `t/0` and nothing else, until the gate opens. */
  async function atWork(options: Partial<ConsumerOptions> = {}): Promise<{
    readonly consumer: Consumer;
    readonly seen: string[];
    readonly finish: () => void;
  }> {
    const started = gate();
    const work = gate();
    const seen: string[] = [];
    const consumer = fixture.open({
      autoCommit: { intervalMs: 60_000 },
      onPartitionsRevoked: (those) => void events.push(`revoked ${names(those).join()}`),
      onPartitionsLost: (those) => void events.push(`lost ${names(those).sort().join()}`),
      ...options,
    });
    const running = consumer.run({
      eachRecord: async ({ partition, offset }) => {
        seen.push(`t/${partition}@${offset}`);
        if (partition !== 0 || offset !== 3) return;
        started.open();
        await work.opened;
        events.push('handled');
      },
    });
    running.catch(() => undefined);
    await started.opened;
    return { consumer, seen, finish: () => work.open() };
  }

  /** Has the group give `t/0` to another; resolves once the consumer knows. */
  async function take(key: string): Promise<void> {
    fixture.group.give(key, 'another');
    const [member] = fixture.group.members.values();
    await eventually(() => member?.assigned.has(key) === false, 'the broker telling so');
    const count = fixture.heartbeats().length;
    await eventually(() => fixture.heartbeats().length > count + 1, 'another heartbeat');
  }

  it('finishes and saves what is worked on, then tells the program, then the broker', async () => {
    const { consumer, seen, finish } = await atWork();
    await take('t/0');
    expect(events).toEqual([]);
    finish();
    await eventually(() => events.includes('released'), 'the partition being given up');
    expect(events.filter((each) => !/commit t.[123]/.test(each))).toEqual([
      'handled',
      'commit t/0@4',
      'revoked t/0',
      'released',
    ]);
    await eventually(
      () => seen.filter((each) => !each.startsWith('t/0')).length === 30,
      'the rest',
    );
    expect(seen.filter((each) => each.startsWith('t/0'))).toEqual([
      't/0@0',
      't/0@1',
      't/0@2',
      't/0@3',
    ]);
    expect(names(consumer.assignment()).sort()).toEqual(['t/1', 't/2', 't/3']);
  });

  it('drops what it has fetched of a partition that goes, and is sent no more of it', async () => {
    fixture.broker.createTopic('solo', 1);
    const sizeBytes = batch(0, 5).length;
    for (const first of [0, 5]) fixture.broker.append('solo', 0, batch(first, first + 5));
    const { consumer, finish, seen } = await atWork({ topics: ['solo'] });
    await eventually(() => consumer.bufferedBytes === 2 * sizeBytes, 'a batch fetched ahead');
    fixture.group.give('solo/0', 'another');
    // The batch that is worked on stays.
    await eventually(() => consumer.bufferedBytes === sizeBytes, 'that batch being dropped');
    finish();
    await eventually(() => consumer.assignment().length === 0, 'the partition being given up');
    fixture.broker.append('solo', 0, batch(10, 15));
    const count = fixture.heartbeats().length;
    await eventually(() => fixture.heartbeats().length > count + 2, 'heartbeats meanwhile');
    expect(consumer.bufferedBytes).toBe(0);
    expect(seen).toHaveLength(4);
  });

  it('gives a partition up without its record when the handler takes too long', async () => {
    const { finish } = await atWork({ rebalanceTimeoutMs: 60 });
    fixture.group.give('t/0', 'another');
    await eventually(() => events.includes('released'), 'the partition being given up');
    expect(events).toContain('commit t/0@3');
    expect(events).not.toContain('handled');
    finish();
    const count = fixture.heartbeats().length;
    await eventually(() => fixture.heartbeats().length > count + 3, 'heartbeats meanwhile');
    expect(events).toContain('handled');
    expect(events).not.toContain('commit t/0@4');
  });

  it('does not wait for a loop that was left, whose last record is not finished', async () => {
    const consumer = fixture.open({ autoCommit: { intervalMs: 60_000 } });
    let last = '';
    for await (const { partition, offset } of consumer) {
      last = `t/${partition}`;
      if (offset === 2) break;
    }
    fixture.group.give(last, 'another');
    await eventually(() => events.includes('released'), 'the partition being given up');
    expect(fixture.group.committed.get(last)).toBe(2);
  });

  it('waits for onPartitionsRevoked, in which commit still works', async () => {
    const telling = gate();
    const { consumer, finish } = await atWork({
      autoCommit: false,
      onPartitionsRevoked: async (those) => {
        events.push('revoking');
        await consumer.commit([{ topic: 't', partition: 0, offset: 2, metadata: 'by hand' }]);
        await telling.opened;
        events.push(`revoked ${names(those).join()}`);
      },
    });
    await take('t/0');
    finish();
    await eventually(() => events.includes('commit t/0@2'), 'the commit');
    const count = fixture.heartbeats().length;
    await eventually(() => fixture.heartbeats().length > count + 3, 'heartbeats meanwhile');
    expect(events).toEqual(['handled', 'revoking', 'commit t/0@2']);
    telling.open();
    await eventually(() => events.includes('released'), 'the partition being given up');
    expect(fixture.group.metadata.get('t/0')).toBe('by hand');
  });

  it('hands nothing over before onPartitionsAssigned is done, and seeks of it count', async () => {
    const telling = gate();
    const assigned: string[] = [];
    const seen: string[] = [];
    const consumer: Consumer = fixture.open({
      onPartitionsAssigned: async (those) => {
        assigned.push(...names(those));
        await consumer.seek('t', 1, 8);
        await telling.opened;
      },
    });
    void consumer.run({
      eachRecord: ({ partition, offset }) => void seen.push(`t/${partition}@${offset}`),
    });
    await eventually(() => assigned.length === 4, 'the partitions');
    const count = fixture.heartbeats().length;
    await eventually(() => fixture.heartbeats().length > count + 3, 'heartbeats meanwhile');
    expect(seen).toEqual([]);
    telling.open();
    await eventually(() => seen.length === 32, 'the records');
    expect(seen.filter((each) => each.startsWith('t/1'))).toEqual(['t/1@8', 't/1@9']);
  });

  it('tells of partitions that go at close, but not twice', async () => {
    const { consumer, finish } = await atWork();
    const closing = consumer.close();
    finish();
    await closing;
    const revoked = events.filter((each) => each.startsWith('revoked'));
    expect(revoked).toEqual(['revoked t/0,t/1,t/2,t/3']);
    expect(events.indexOf('commit t/0@4')).toBeLessThan(events.indexOf(revoked[0] ?? ''));
    expect(fixture.group.memberIds).toEqual([]);
  });

  it('closes while onPartitionsAssigned never ends, and leaves the group', async () => {
    const told: string[] = [];
    const consumer = fixture.open({
      onPartitionsAssigned: (those) => {
        told.push(...names(those));
        return new Promise(() => undefined);
      },
    });
    const seen: number[] = [];
    const running = consumer.run({ eachRecord: ({ offset }) => void seen.push(offset) });
    await eventually(() => told.length === 4, 'the partitions');
    await consumer.close({ timeoutMs: 20 });
    await running;
    expect(fixture.group.memberIds).toEqual([]);
    expect(consumer.assignment()).toEqual([]);
    expect(seen).toEqual([]);
  });

  it('leaves the group at close while onPartitionsRevoked of a rebalance never ends', async () => {
    const { consumer, finish } = await atWork({
      onPartitionsRevoked: (those) => {
        events.push(`revoking ${names(those).join()}`);
        return new Promise(() => undefined);
      },
    });
    await take('t/0');
    finish();
    await eventually(() => events.includes('revoking t/0'), 'the callback');
    await consumer.close({ timeoutMs: 20 });
    expect(fixture.group.memberIds).toEqual([]);
  });

  it('loses all at once when it was put out, and saves nothing of it', async () => {
    const { consumer, finish, seen } = await atWork();
    const [id = ''] = fixture.group.memberIds;
    fixture.group.putOut(id);
    await eventually(() => events.some((each) => each.startsWith('lost')), 'the loss');
    expect(events).toEqual(['lost t/0,t/1,t/2,t/3']);
    await eventually(() => consumer.assignment().length === 4, 'the assignment');
    finish();
    // It begins anew where the group has got to: at the beginning.
    await eventually(
      () => seen.filter((each) => each === 't/0@0').length === 2,
      'the records again',
    );
    expect(events).not.toContain('commit t/0@4');
  });

  it('goes on after a handler that its signal ends, as its partition was lost', async () => {
    let calls = 0;
    const consumer = fixture.open();
    const running = consumer.run({
      eachRecord: (_, { signal }) => {
        calls += 1;
        if (calls > 1) return undefined;
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      },
    });
    running.catch(() => undefined);
    await eventually(() => calls === 1, 'the work');
    fixture.group.putOut(fixture.group.memberIds[0] ?? '');
    await eventually(() => calls === 41, 'all records, from the beginning');
    await consumer.close();
    await expect(running).resolves.toBeUndefined();
  });

  it('goes on after a handler whose commit came too late', async () => {
    let calls = 0;
    let refusal: unknown;
    const consumer: Consumer = fixture.open({ autoCommit: false });
    const running = consumer.run({
      eachRecord: async (record) => {
        calls += 1;
        if (calls > 1) return;
        fixture.group.putOut(fixture.group.memberIds[0] ?? '');
        await consumer.commit(record).catch((error: unknown) => {
          refusal = error;
          throw error;
        });
      },
    });
    running.catch(() => undefined);
    await eventually(() => calls === 41, 'all records, from the beginning');
    expect(refusal).toMatchObject({
      code: expect.stringMatching(/UNKNOWN_MEMBER_ID|NOT_ASSIGNED/) as string,
    });
    await consumer.close();
    await running;
  });

  it('calls onPartitionsRevoked for lost partitions where nothing else is given', async () => {
    const { finish } = await atWork({ onPartitionsLost: undefined });
    fixture.group.putOut(fixture.group.memberIds[0] ?? '');
    await eventually(() => events.some((each) => each.startsWith('revoked')), 'the loss');
    expect(events).toEqual([expect.stringMatching(/^revoked (t.\d,?){4}$/)]);
    finish();
  });

  it.each(['onPartitionsAssigned', 'onPartitionsRevoked', 'onPartitionsLost'] as const)(
    'ends with what %s throws, and leaves the group',
    async (name) => {
      const consumer = fixture.open({
        [name]: () => Promise.reject(new Error(`thrown by ${name}`)),
      });
      const seen: string[] = [];
      const running = consumer.run({ eachRecord: ({ key }) => void seen.push(String(key)) });
      running.catch(() => undefined);
      // Short-lived as it is, it may have left before anybody looks at the group.
      await eventually(() => fixture.heartbeats().length > 0, 'the member');
      if (name !== 'onPartitionsAssigned') {
        await eventually(() => seen.length === 40, 'all records');
        if (name === 'onPartitionsRevoked') fixture.group.give('t/0', 'another');
        else fixture.group.putOut(fixture.group.memberIds[0] ?? '');
      }
      await expect(running).rejects.toThrow(`thrown by ${name}`);
      await eventually(() => fixture.group.memberIds.length === 0, 'it leaving');
      expect(fixture.heartbeats().some(({ epoch }) => epoch === -1)).toBe(true);
    },
  );

  it('takes a partition back that comes again, at what was saved meanwhile', async () => {
    const { consumer, finish, seen } = await atWork();
    await take('t/0');
    finish();
    await eventually(() => events.includes('released'), 'the partition being given up');
    fixture.group.committed.set('t/0', 9);
    fixture.group.give('t/0', fixture.group.memberIds[0] ?? '');
    await eventually(() => consumer.assignment().length === 4, 'the partition coming back');
    await eventually(() => seen.includes('t/0@9'), 'its record');
    expect(seen).not.toContain('t/0@8');
  });

  it('takes nothing back that was saved ahead of a batch at work when others go', async () => {
    fixture.broker.createTopic('duo', 2);
    fixture.broker.append('duo', 0, batch(0, 10));
    const works = Array.from({ length: 10 }, gate);
    const seen: number[] = [];
    const consumer = fixture.open({ topics: ['duo'], delivery: 'at-most-once' });
    const running = consumer.run({
      eachRecord: async ({ offset }) => {
        seen.push(offset);
        await works[offset]?.opened;
      },
    });
    running.catch(() => undefined);
    await eventually(() => seen.length === 1 && consumer.assignment().length === 2, 'the work');
    fixture.group.give('duo/1', 'another');
    await eventually(() => consumer.assignment().length === 1, 'the other one being given up');
    works[0]?.open();
    await eventually(() => seen.length === 2, 'the next record of the batch');
    const savedAhead = fixture.group.committed.get('duo/0');
    // What is given up itself goes back to what was not handed over.
    await take('duo/0');
    works[1]?.open();
    await eventually(() => consumer.assignment().length === 0, 'all being given up');
    expect(seen).toEqual([0, 1]);
    expect(savedAhead).toBe(10);
    expect(fixture.group.committed.get('duo/0')).toBe(2);
  });

  it('keeps a pause by the program while other partitions go', async () => {
    const { consumer, finish, seen } = await atWork();
    await consumer.pause('t', 0);
    finish();
    await eventually(
      () => seen.filter((each) => !each.startsWith('t/0')).length === 30,
      'the rest',
    );
    expect(seen).not.toContain('t/0@4');
    fixture.group.give('t/1', 'another');
    await eventually(() => events.includes('released'), 'a partition being given up');
    expect(consumer.position().find(({ partition }) => partition === 0)?.paused).toBe(true);
    await consumer.resume('t', 0);
    await eventually(() => seen.includes('t/0@9'), 'the records');
  });
});
