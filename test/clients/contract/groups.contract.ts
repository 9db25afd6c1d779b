// What every client has to be able to do as a member of consumer groups.
import { newName } from '../client-broker';
import type { ReceivedRecord } from '../client-under-test';
import { has, type ClientContext } from './client-context';
import { allOf, PolledGroup } from './polled-group';

const valuesOf = (records: readonly ReceivedRecord[]): readonly string[] =>
  records.map(({ value }) => value?.toString() ?? 'null').sort();

/** Less than a round of JoinGroup and SyncGroup takes. */
const SHORT_POLL_MS = 2;

export function describeGroups(context: ClientContext): void {
  describeProgress(context);
  for (const assignor of context.capabilities.assignors) describeSharing(context, assignor);
  for (const instanceId of context.capabilities.staticMembers ? ['walrus-1'] : []) {
    it('is known by its group.instance.id', async () => {
      const { client, broker, assignor } = { ...context, assignor: defaultAssignor(context) };
      const [topic, group, member] = [await broker().newTopic(), newName('group'), newName('m')];
      await client().join({ member, group, topics: [topic], assignor, instanceId });
      const polled = new PolledGroup(client());
      await polled.until([member], async () => (await polled.ownedBy(member)).length === 1, 'own');
      const { members } = await broker().admin.describeGroup(group);
      expect(members.map((each) => each.instanceId)).toEqual([instanceId]);
      await client().leave({ member });
    });
  }
}

function defaultAssignor({ capabilities }: ClientContext): string {
  const [assignor] = capabilities.assignors;
  if (assignor === undefined) throw new Error('a client with groups names its assignors');
  return assignor;
}

/** A topic of three partitions with ten values in each, a group and a member of it. */
async function joined(context: ClientContext) {
  const { client, broker } = context;
  const topic = await broker().newTopic(3);
  for (const partition of [0, 1, 2]) {
    const values = Array.from({ length: 10 }, (_, i) => `${partition}:${i}`);
    await broker().write(topic, partition, values);
  }
  const group = newName('group');
  const join = async (): Promise<string> => {
    const member = newName('member');
    const assignor = defaultAssignor(context);
    await client().join({ member, group, topics: [topic], assignor, instanceId: null });
    return member;
  };
  return { topic, group, join, polled: new PolledGroup(client()) };
}

function describeProgress(context: ClientContext): void {
  const { client, broker } = context;

  it('reads all partitions, commits, and goes on behind that in its next life', async () => {
    const { topic, group, join, polled } = await joined(context);
    const first = await join();
    await polled.until([first], () => polled.recordsOf(first).length >= 30, 'thirty records');
    expect(polled.recordsOf(first)).toHaveLength(30);
    expect(await polled.ownedBy(first)).toEqual(allOf(topic, 3));
    const offsets = [0, 1, 2].map((partition) => ({ topic, partition, offset: 10 - partition }));
    await client().commit({ member: first, offsets });
    const { offsets: stored } = await broker().admin.describeGroup(group);
    expect(stored.map((each) => [each.partition, each.offset]).sort()).toEqual([
      [0, 10],
      [1, 9],
      [2, 8],
    ]);
    await client().leave({ member: first });

    const second = await join();
    await broker().write(topic, 0, ['0:10']);
    await polled.until([second], () => polled.recordsOf(second).length >= 4, 'four records');
    expect(valuesOf(polled.recordsOf(second))).toEqual(['0:10', '1:9', '2:8', '2:9']);
    await client().leave({ member: second });
  });

  it('reads although its polls are over sooner than its joins', async () => {
    const { topic, join } = await joined(context);
    const polled = new PolledGroup(client(), SHORT_POLL_MS);
    const member = await join();
    await polled.until([member], () => polled.recordsOf(member).length >= 30, 'thirty records');
    expect(await polled.ownedBy(member)).toEqual(allOf(topic, 3));
    await client().leave({ member });
  });

  it('leaves at once when it says so', async () => {
    const { group, join, polled } = await joined(context);
    const member = await join();
    await polled.until([member], () => polled.recordsOf(member).length >= 30, 'thirty records');
    await client().leave({ member });
    const { state, members } = await broker().admin.describeGroup(group);
    expect([state, members]).toEqual(['Empty', []]);
  });

  if (!has(context, 'seek')) return;
  it('goes back when it seeks', async () => {
    const { topic, join, polled } = await joined(context);
    const member = await join();
    const records = polled.recordsOf(member);
    await polled.until([member], () => records.length >= 30, 'thirty records');
    await client().seek({ member, topic, partition: 1, offset: 4 });
    await polled.until([member], () => records.length >= 36, 'six records again');
    expect(records.slice(30).map(({ partition, offset }) => [partition, offset])).toEqual(
      [4, 5, 6, 7, 8, 9].map((offset) => [1, offset]),
    );
    await client().leave({ member });
  });
}

function describeSharing(context: ClientContext, assignor: string): void {
  const { client, broker } = context;

  it(`shares partitions by ${assignor}, and takes over what a member leaves`, async () => {
    const topic = await broker().newTopic(6);
    const group = newName('group');
    const polled = new PolledGroup(client());
    const owned = (members: readonly string[]) =>
      Promise.all(members.map((member) => polled.ownedBy(member)));
    /** Whether each member has some, and all together have each exactly once. */
    const isShared = async (members: readonly string[]): Promise<boolean> => {
      const parts = await owned(members);
      return (
        parts.every((part) => part.length > 0) &&
        parts.flat().sort().join() === allOf(topic, 6).join()
      );
    };
    const members: string[] = [];
    for (const count of [1, 2, 3]) {
      const member = newName('member');
      await client().join({ member, group, topics: [topic], assignor, instanceId: null });
      members.push(member);
      await polled.until(members, () => isShared(members), `${count} members share six partitions`);
    }
    const values = Array.from({ length: 6 }, (_, partition) => `value of ${partition}`);
    for (const [partition, value] of values.entries()) {
      await broker().write(topic, partition, [value]);
    }
    const got = () => members.flatMap((member) => polled.recordsOf(member));
    await polled.until(members, () => got().length >= 6, 'a record of each partition');
    expect(valuesOf(got())).toEqual(values);

    const [left, ...others] = members;
    await client().leave({ member: left! });
    await polled.until(others, () => isShared(others), 'two members share six partitions');
    await Promise.all(others.map((member) => client().leave({ member })));
  });
}
