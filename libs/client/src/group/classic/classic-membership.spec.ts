// Rebalances of classic groups on a broker in memory that disturbs.
import type { Interception, SeenRequest } from '../../../testing/fake-broker';
import { eventually } from '../../../testing/fake-broker';
import {
  claims,
  collect,
  heartbeatsOf,
  names,
  openClassic,
  requestsOf,
} from '../../../testing/classic-fixture';
import { batch, gate, GroupFixture } from '../../../testing/group-fixture';
import type { FakeClassicGroup } from '../../../testing/fake-classic-groups';
import type { Consumer } from '../../consumer';
import type { ConsumerOptions } from '../../consumer-options';

jest.setTimeout(20_000);

describe('membership in a classic group', () => {
  let fixture: GroupFixture;
  let group: FakeClassicGroup;

  beforeEach(async () => {
    fixture = await GroupFixture.start();
    group = fixture.group.classic;
  });

  afterEach(() => fixture.stop());

  const open = (options?: Partial<ConsumerOptions>): Consumer => openClassic(fixture, options);
  const requests = (operation: string): SeenRequest[] => requestsOf(fixture, operation);
  const heartbeatsMeanwhile = (): Promise<void> => heartbeatsOf(fixture);

  it('comes back with the id it is given, leads, and reads all that it assigns', async () => {
    const consumer = open({ rebalanceTimeoutMs: 7_000, sessionTimeoutMs: 9_000 });
    const { seen } = collect(consumer);
    await eventually(() => seen.length === 40, 'all records');
    const [asking, joining] = requests('joinGroup');
    expect(asking?.fields.member ?? null).toBeNull();
    expect(joining?.fields).toMatchObject({
      group: 'g',
      member: 'member-1',
      sessionTimeoutMs: 9_000,
      rebalanceTimeoutMs: 7_000,
      protocolType: 'consumer',
    });
    expect(requests('syncGroup')[0]?.fields).toMatchObject({ generation: 1 });
    expect(new Set(seen).size).toBe(40);
    expect(names(consumer.assignment())).toEqual(['t/0', 't/1', 't/2', 't/3']);
  });

  it('waits for other members over a lane of its own, so that commits go on', async () => {
    const { seen } = collect(open());
    await eventually(() => seen.length === 40, 'all records');
    const [join] = requests('joinGroup');
    await eventually(() => requests('offsetCommit').length > 0, 'a commit');
    await heartbeatsMeanwhile();
    const [commit] = requests('offsetCommit');
    expect(commit?.connection).not.toBe(join?.connection);
    expect(commit?.connection).toBe(requests('heartbeat')[0]?.connection);
    expect(commit?.fields).toMatchObject({ member: 'member-1', epoch: 1 });
  });

  it('hands over in two rebalances, while the rest is read on, each record once', async () => {
    const moves: string[] = [];
    const one = collect(
      open({
        onPartitionsRevoked: (those) => void moves.push(`one gave up ${names(those).join()}`),
      }),
    );
    await eventually(() => one.seen.length === 40, 'the first member reading');
    const second = open({
      onPartitionsAssigned: (those) => void moves.push(`two got ${those.length}`),
    });
    const two = collect(second);
    await eventually(() => second.assignment().length === 2, 'the second member having its half');
    for (let partition = 0; partition < 4; partition++) {
      fixture.broker.append('t', partition, batch(10, 15));
    }
    await eventually(() => one.seen.length + two.seen.length === 60, 'the new records');
    expect(new Set([...one.seen, ...two.seen]).size).toBe(60);
    expect(moves).toEqual([expect.stringMatching(/^one gave up t.\d,t.\d$/), 'two got 2']);
    // The first one joins, with all that it has, when the second comes; then without what it gave.
    expect(group.generation).toBe(3);
    const joins = requests('joinGroup').filter(({ fields }) => fields.member === 'member-1');
    expect(joins.map((each) => claims(each)?.length)).toEqual([0, 4, 2]);
  });

  it('gives up everything before it joins where not all assignors are cooperative', async () => {
    const told: string[] = [];
    const first = open({
      assignors: ['range', 'cooperative-sticky'],
      onPartitionsAssigned: (those) => void told.push(`+${names(those).join()}`),
      onPartitionsRevoked: (those) => void told.push(`-${names(those).join()}`),
    });
    const one = collect(first);
    await eventually(() => one.seen.length === 40, 'the first member reading');
    const second = open({ assignors: ['range'] });
    const two = collect(second);
    await eventually(
      () => first.assignment().length === 2 && second.assignment().length === 2,
      'both halves',
    );
    expect(told).toEqual(['+t/0,t/1,t/2,t/3', '-t/0,t/1,t/2,t/3', '+t/0,t/1']);
    expect(requests('joinGroup').every((each) => claims(each)?.length === 0)).toBe(true);
    for (let partition = 0; partition < 4; partition++) {
      fixture.broker.append('t', partition, batch(10, 12));
    }
    await eventually(() => one.seen.length + two.seen.length === 48, 'the new records');
    expect(new Set([...one.seen, ...two.seen]).size).toBe(48);
  });

  it.each(['cooperative-sticky', 'range'] as const)(
    'finishes and saves the record at work before it gives its partition up (%s)',
    async (assignor) => {
      const work = gate();
      const seen: string[] = [];
      const consumer = open({ assignors: [assignor], autoCommit: { intervalMs: 60_000 } });
      void consumer.run({
        eachRecord: async ({ topic, partition, offset }) => {
          seen.push(`${topic}/${partition}@${offset}`);
          if (seen.length === 4) await work.opened;
        },
      });
      await eventually(() => seen.length === 4, 'the work');
      const [key = ''] = (seen[3] ?? '').split('@');
      // Whoever comes second gets what is at work by this assignor of the group's leader.
      const others = ['1', '2', '3'].map(() => open({ assignors: [assignor] }));
      const read = others.map((each) => collect(each).seen);
      await eventually(() => group.members.size === 4, 'the others coming');
      await heartbeatsMeanwhile();
      expect(others.flatMap((each) => names(each.assignment()))).not.toContain(key);
      work.open();
      await eventually(
        () =>
          others.every((each) => each.assignment().length === 1) &&
          consumer.assignment().length === 1,
        'each having one',
      );
      await eventually(() => seen.length + read.flat().length >= 40, 'all records');
      const all = [...seen, ...read.flat()];
      expect(new Set(all).size).toBe(40);
      expect(all).toHaveLength(40);
      // Others begin where it was saved; nothing else saves anything here.
      expect(fixture.group.commits.some((each) => each.startsWith(`${key}@`))).toBe(true);
    },
  );

  it('repeats a commit with its next generation where it kept the partition', async () => {
    const first = open({ autoCommit: false });
    const one = collect(first);
    await eventually(() => one.seen.length === 40, 'the first member reading');
    let stale = 0;
    fixture.broker.intercept = ({ operation, fields }): Interception | undefined => {
      if (operation !== 'offsetCommit' || fields.epoch !== 1) return undefined;
      stale += 1;
      if (stale === 1) group.rebalance();
      return stale === 1 ? { error: 'ILLEGAL_GENERATION' } : undefined;
    };
    await first.commit([{ topic: 't', partition: 0, offset: 5 }]);
    expect(fixture.group.committed.get('t/0')).toBe(5);
    expect(stale).toBeGreaterThan(0);
    expect(names(first.assignment())).toEqual(['t/0', 't/1', 't/2', 't/3']);
  });

  it.each(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'] as const)(
    'loses all by %s, saves nothing of it, and joins again',
    async (code) => {
      const lost: string[] = [];
      const consumer = open({
        autoCommit: false,
        onPartitionsLost: (those) => void lost.push(...names(those)),
      });
      const { seen } = collect(consumer);
      await eventually(() => seen.length === 40, 'all records');
      let refusals = 0;
      fixture.broker.intercept = ({ operation }): Interception | undefined => {
        if (operation !== 'heartbeat' || refusals > 0) return undefined;
        refusals += 1;
        if (code === 'UNKNOWN_MEMBER_ID') group.putOut('member-1');
        return { error: code };
      };
      await eventually(() => lost.length === 4, 'the loss');
      await eventually(() => seen.length === 80, 'all records again, as nothing was saved');
      expect(lost).toEqual(['t/0', 't/1', 't/2', 't/3']);
      const again = requests('joinGroup').slice(2);
      expect(claims(again[0])).toEqual([]);
      // Only the broker's word that it knows no such member makes it another one.
      expect(group.memberIds).toEqual([code === 'UNKNOWN_MEMBER_ID' ? 'member-2' : 'member-1']);
    },
  );

  it('goes on as the same member over lost connections and answers', async () => {
    const consumer = open();
    const { seen } = collect(consumer);
    await eventually(() => seen.length === 40, 'all records');
    let cuts = 0;
    fixture.broker.intercept = ({ operation }): Interception | undefined => {
      const isJoin = operation === 'joinGroup' || operation === 'syncGroup';
      if (!isJoin || cuts >= 4) return undefined;
      cuts += 1;
      return cuts % 2 === 0 ? 'drop' : 'apply-and-drop';
    };
    group.rebalance();
    await eventually(() => cuts === 4 && group.phase === 'stable', 'the rebalance');
    await fixture.broker.stop();
    await fixture.broker.listen();
    fixture.broker.append('t', 2, batch(10, 11));
    await eventually(() => seen.length === 41, 'the next record');
    expect(group.memberIds).toEqual(['member-1']);
    expect(names(consumer.assignment())).toEqual(['t/0', 't/1', 't/2', 't/3']);
  });

  it('leaves at close, also while it waits for others to join', async () => {
    const first = open();
    const one = collect(first);
    await eventually(() => one.seen.length === 40, 'the first member reading');
    const held = gate();
    fixture.broker.intercept = async ({ operation, fields }) => {
      if (operation === 'joinGroup' && fields.member === 'member-1') await held.opened;
      return undefined;
    };
    const second = open();
    const two = collect(second);
    await eventually(() => group.members.size === 2, 'the second waiting');
    await second.close();
    await two.running;
    expect(group.memberIds).toEqual(['member-1']);
    held.open();
    await heartbeatsMeanwhile();
    expect(first.assignment()).toHaveLength(4);
    await first.close();
    expect(group.memberIds).toEqual([]);
    expect(requests('leaveGroup')).toHaveLength(2);
  });

  it('keeps the place of a static member, whose next life gets what it had at once', async () => {
    const first = open({ instanceId: 'one' });
    const other = open({ instanceId: 'two' });
    collect(first);
    const two = collect(other);
    await eventually(
      () => first.assignment().length === 2 && other.assignment().length === 2,
      'both halves',
    );
    const had = names(first.assignment());
    const generation = group.generation;
    await first.close();
    expect(requests('leaveGroup')).toEqual([]);
    const again = open({ instanceId: 'one' });
    const seen = collect(again).seen;
    await eventually(() => again.assignment().length === 2, 'it having its share');
    fixture.broker.append('t', Number(had[0]?.slice(2)), batch(10, 12));
    await eventually(() => seen.length >= 2, 'its records');
    expect(names(again.assignment())).toEqual(had);
    expect(group.generation).toBe(generation);
    expect(two.running).toBeDefined();
  });

  it('ends by FENCED_INSTANCE_ID when another takes its instance id over', async () => {
    const lost: string[] = [];
    const first = open({
      instanceId: 'one',
      onPartitionsLost: (those) => void lost.push(...names(those)),
    });
    const { running, seen } = collect(first);
    await eventually(() => seen.length === 40, 'all records');
    const second = open({ instanceId: 'one' });
    collect(second);
    await expect(running).rejects.toMatchObject({ code: 'FENCED_INSTANCE_ID' });
    expect(lost).toEqual(['t/0', 't/1', 't/2', 't/3']);
    await eventually(() => second.assignment().length === 4, 'the second having all');
    expect(group.memberIds).toHaveLength(1);
  });

  it('reads new partitions and topics that come later, once the leader has seen them', async () => {
    const consumers = [open({ topics: ['t', 'later'] }), open({ topics: ['t', 'later'] })];
    const reads = consumers.map((each) => collect(each).seen);
    const all = (): string[] => consumers.flatMap((each) => names(each.assignment())).sort();
    await eventually(() => all().length === 4 && consumers[1]?.assignment().length === 2, 'all');
    fixture.broker.createTopic('later', 1);
    fixture.broker.append('later', 0, batch(0, 3));
    fixture.broker.growTopic('t', 1);
    fixture.broker.append('t', 4, batch(0, 2));
    await eventually(() => reads.flat().length === 45, 'their records');
    expect(all()).toEqual(['later/0', 't/0', 't/1', 't/2', 't/3', 't/4']);
  });

  it('subscribes to what matches, and to what comes to match', async () => {
    const members = [open({ topicPattern: /^Orders-\d/i }), open({ topicPattern: 'orders-.*' })];
    const reads = members.map((each) => collect(each).seen);
    await eventually(() => group.members.size === 2 && group.phase === 'stable', 'the group');
    fixture.broker.createTopic('orders-1', 2);
    fixture.broker.createTopic('no-orders-2', 1);
    fixture.broker.append('orders-1', 0, batch(0, 2));
    fixture.broker.append('orders-1', 1, batch(0, 2));
    await eventually(() => reads.flat().length === 4, 'the records');
    const owned = members.flatMap((each) => names(each.assignment())).sort();
    expect(owned).toEqual(['orders-1/0', 'orders-1/1']);
  });

  it('goes on with the rest when a topic is deleted, and takes it when it comes anew', async () => {
    fixture.broker.createTopic('gone', 2);
    fixture.broker.append('gone', 0, batch(0, 2));
    const consumer = open({ topics: ['t', 'gone'] });
    const { seen } = collect(consumer);
    await eventually(() => seen.length === 42, 'all records');
    fixture.broker.deleteTopic('gone');
    await eventually(() => consumer.assignment().length === 4, 'the topic being given up');
    fixture.broker.append('t', 0, batch(10, 12));
    await eventually(() => seen.length === 44, 'the next records');
    fixture.group.committed.delete('gone/0');
    fixture.broker.createTopic('gone', 1);
    fixture.broker.append('gone', 0, batch(0, 1));
    await eventually(() => seen.length === 45, 'the record of the new topic');
    expect(seen.at(-1)).toBe('gone/0@0');
  });
});
