// Assignors, refusals and programs that hang, in classic groups on a broker in memory.
import type { Interception } from '../../../testing/fake-broker';
import { eventually } from '../../../testing/fake-broker';
import { collect, names, openClassic } from '../../../testing/classic-fixture';
import { gate, GroupFixture } from '../../../testing/group-fixture';
import type { FakeClassicGroup } from '../../../testing/fake-classic-groups';
import type { Consumer } from '../../consumer';
import type { ConsumerOptions } from '../../consumer-options';

jest.setTimeout(20_000);

describe('life in a classic group', () => {
  let fixture: GroupFixture;
  let group: FakeClassicGroup;

  beforeEach(async () => {
    fixture = await GroupFixture.start();
    group = fixture.group.classic;
  });

  afterEach(() => fixture.stop());

  const open = (options?: Partial<ConsumerOptions>): Consumer => openClassic(fixture, options);

  it('shares by an assignor of its own, with what members tell it', async () => {
    const told: (string | undefined)[] = [];
    const assignorOf = (zone: string): NonNullable<ConsumerOptions['assignors']>[number] => ({
      name: 'zones',
      userData: () => Buffer.from(zone),
      assign: (members, counts) => {
        told.push(...members.map(({ userData }) => userData?.toString()));
        const all = Array.from({ length: counts.get('t') ?? 0 }, (_, partition) => ({
          topic: 't',
          partition,
        }));
        const west = members.find(({ userData }) => userData?.toString() === 'west');
        return Promise.resolve(new Map([[west?.member ?? members[0]?.member ?? '', all]]));
      },
    });
    const east = open({ assignors: [assignorOf('east')] });
    collect(east);
    await eventually(() => east.assignment().length === 4, 'the only member having all');
    const west = open({ assignors: [assignorOf('west')] });
    collect(west);
    await eventually(() => west.assignment().length === 4, 'the chosen one having all');
    expect(east.assignment()).toEqual([]);
    expect(told).toEqual(['east', 'east', 'west']);
  });

  it('ends by what an assignor gives wrongly, and leaves, so that another leads', async () => {
    const wrong = {
      name: 'wrong',
      assign: () => new Map([['nobody', [{ topic: 't', partition: 0 }]]]),
    };
    const { running } = collect(open({ assignors: [wrong] }));
    await expect(running).rejects.toMatchObject({
      code: 'INVALID_ASSIGNMENT',
      message: expect.stringContaining('"wrong" gave partitions to "nobody"') as string,
    });
    await eventually(() => group.memberIds.length === 0, 'it leaving');
  });

  it('says which protocol and assignors it would take, where the group has others', async () => {
    const range = open({ assignors: ['range'] });
    const { seen } = collect(range);
    await eventually(() => seen.length === 40, 'all records');
    await expect(collect(open({ assignors: ['round-robin'] })).running).rejects.toMatchObject({
      code: 'INCONSISTENT_GROUP_PROTOCOL',
      message: expect.stringMatching(/group "g".*groupProtocol 'consumer'.*"roundrobin"/) as string,
    });
    const ofBroker = fixture.open();
    await expect(collect(ofBroker).running).rejects.toMatchObject({
      code: 'INCONSISTENT_GROUP_PROTOCOL',
      message: expect.stringMatching(/"g" has members of the classic protocol/) as string,
    });
    expect(range.assignment()).toHaveLength(4);
  });

  it.each(['INVALID_SESSION_TIMEOUT', 'GROUP_MAX_SIZE_REACHED'] as const)(
    'fails the first loop by %s',
    async (error) => {
      fixture.broker.intercept = ({ operation }): Interception | undefined =>
        operation === 'joinGroup' ? { error } : undefined;
      await expect(collect(open()).running).rejects.toMatchObject({ code: error });
    },
  );

  it('fails the first loop when no broker is found in time', async () => {
    await fixture.broker.stop();
    const { running } = collect(open({ startTimeoutMs: 30 }));
    await expect(running).rejects.toMatchObject({ code: 'CONNECTION' });
  });

  it('leaves when it asks for no records for too long, and comes back when it does', async () => {
    const lost: string[] = [];
    const done = gate();
    const consumer = open({
      maxPollIntervalMs: 200,
      onPartitionsLost: (those) => void lost.push(...names(those)),
    });
    const seen: string[] = [];
    void consumer.run({
      eachRecord: async ({ partition, offset }) => {
        seen.push(`t/${partition}@${offset}`);
        if (seen.length === 1) await done.opened;
      },
    });
    await eventually(() => lost.length >= 4 && group.members.size === 0, 'it leaving');
    const other = collect(open());
    await eventually(() => other.seen.length === 40, 'another going on with all records');
    done.open();
    await eventually(() => consumer.assignment().length === 2, 'it coming back for its share');
    // What it worked on when it was out is not its progress.
    const [key] = (seen[0] ?? '').split('@');
    expect(fixture.group.commits).not.toContain(`${key}@1`);
  });

  it('leaves while it waits for others in a rebalance and its program hangs', async () => {
    const done = gate();
    const consumer = open({ maxPollIntervalMs: 60 });
    void consumer.run({ eachRecord: () => done.opened });
    await eventually(() => consumer.assignment().length === 4, 'the partitions');
    const held = gate();
    fixture.broker.intercept = async ({ operation, fields }) => {
      if (operation === 'joinGroup' && fields.member === 'member-1') await held.opened;
      return undefined;
    };
    group.rebalance();
    await eventually(() => group.members.size === 0, 'it leaving');
    held.open();
    expect(consumer.assignment()).toEqual([]);
    done.open();
    await eventually(() => consumer.assignment().length === 4, 'it coming back');
  });
});
