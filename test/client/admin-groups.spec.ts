// What `Admin` does with consumer groups that do not fit one reply, and where others get in its
// way.
import { BrokerError, InvalidOptionError, type ResetGroupOptions } from '@walrusmq/client';
import { MemoryBroker } from '../cli/memory-broker';
import { ProtocolLink } from '../crash/protocol-link';

jest.setTimeout(120_000);

/** More than one request commits, and more than one reply tells. */
const PARTITIONS = 5_100;
const TOPICS = ['one', 'two'];

describe('Admin and groups', () => {
  let broker: MemoryBroker;
  let link: ProtocolLink;
  beforeAll(async () => {
    broker = await MemoryBroker.start();
    link = await ProtocolLink.open(broker.address);
    for (const topic of TOPICS) await broker.admin.createTopic(topic, { partitions: PARTITIONS });
  });
  afterAll(async () => {
    link.close();
    await broker.stop();
  });

  const numbers = Array.from({ length: PARTITIONS }, (_, index) => index);
  const everywhere = TOPICS.flatMap((topic) => numbers.map((partition) => ({ topic, partition })));

  it('moves, shows and deletes the offsets of ten thousand partitions', async () => {
    const { admin } = broker;
    const reset = { at: 'latest', topics: TOPICS } as const;
    const plan = await admin.resetGroupOffsets('wide', { ...reset, dryRun: true });
    expect(plan[0]).toEqual({ topic: 'one', partition: 0, before: null, after: 0 });
    expect(textOf(plan)).toBe(textOf(everywhere));
    await expect(admin.describeGroup('wide')).rejects.toMatchObject({ code: 'GROUP_ID_NOT_FOUND' });
    expect(textOf(await admin.resetGroupOffsets('wide', reset))).toBe(textOf(everywhere));
    const { offsets } = await admin.describeGroup('wide');
    expect(textOf(offsets)).toBe(textOf(everywhere));
    // All that it has committed, read page by page.
    const moves = await admin.resetGroupOffsets('wide', { shiftBy: 0 });
    expect(textOf(moves)).toBe(textOf(everywhere));
    expect(moves.every(({ before }) => before === 0)).toBe(true);
    const copied = await admin.resetGroupOffsets('copy', { copyFrom: 'wide', topics: ['two'] });
    expect(textOf(copied)).toBe(textOf(everywhere.slice(PARTITIONS)));
    for (const topic of TOPICS) {
      await admin.deleteGroupOffsets(
        'wide',
        numbers.map((partition) => ({ topic, partition })),
      );
    }
    await expect(admin.describeGroup('wide')).rejects.toMatchObject({ code: 'GROUP_ID_NOT_FOUND' });
    await admin.deleteGroup('copy');
  });

  it('moves each partition once, however often it is named', async () => {
    const place = { topic: 'one', partition: 3 };
    const options = { partitions: [place, place], topics: ['one'], at: 'earliest' } as const;
    const plan = await broker.admin.resetGroupOffsets('twice', { ...options, dryRun: true });
    expect(plan).toHaveLength(PARTITIONS);
    const offsets = [
      { ...place, offset: 5 },
      { ...place, offset: 0 },
    ];
    const moves = await broker.admin.resetGroupOffsets('twice', { offsets, dryRun: true });
    expect(moves).toEqual([{ ...place, before: null, after: 0 }]);
  });

  it('says whose members are in the way, and moves nothing', async () => {
    const joining = { group: 'busy', member: 'm', epoch: 0, topics: ['one'] };
    await link.request('consumerGroupHeartbeat', joining);
    const partitions = [{ topic: 'one', partition: 0 }];
    const options: ResetGroupOptions = { at: 'earliest', partitions };
    const refusal: unknown = await broker.admin
      .resetGroupOffsets('busy', options)
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(BrokerError);
    expect(refusal).toMatchObject({
      code: 'NON_EMPTY_GROUP',
      message: 'group "busy" has members, which would commit over it: stop them first',
    });
    // What would be can be seen all the same.
    expect(await broker.admin.resetGroupOffsets('busy', { ...options, dryRun: true })).toEqual([
      { topic: 'one', partition: 0, before: null, after: 0 },
    ]);
    expect((await broker.admin.describeGroup('busy')).offsets).toEqual([]);
    const states = await broker.admin.listGroups({ states: ['Stable'], types: ['consumer'] });
    expect(states.map(({ group }) => group)).toEqual(['busy']);
    const nothing = broker.admin.resetGroupOffsets('nobody', { shiftBy: 1 });
    await expect(nothing).rejects.toBeInstanceOf(InvalidOptionError);
  });
});

/** Partitions in their order; much quicker compared than as objects. */
function textOf(places: readonly { readonly topic: string; readonly partition: number }[]): string {
  return places.map(({ topic, partition }) => `${topic}/${partition}`).join(' ');
}
