// What every GroupStore must do; run on the memory implementation and on the native log.
import type { GroupChange, GroupRecord, GroupStore } from './group-store';
import type { InstanceStorage } from './instance-storage';

/** A committed offset of partition 0. */
export function offsetRecord(groupId: string, offset: number, topicId = 't'): GroupRecord {
  return {
    type: 'offset',
    groupId,
    topicId,
    topicName: `name of ${topicId}`,
    partition: 0,
    offset,
    leaderEpoch: -1,
    metadata: 'märk',
    committedAtMs: 1_700_000_000_000,
    expiresAtMs: null,
  };
}

/** One record of each type. */
export const EVERY_TYPE: readonly GroupRecord[] = [
  {
    type: 'classicGroup',
    groupId: 'g',
    generation: 7,
    phase: 'stable',
    protocolType: 'consumer',
    protocolName: 'range',
    leaderId: 'm',
    changedAtMs: 1_700_000_000_000,
  },
  {
    type: 'classicMember',
    groupId: 'g',
    memberId: 'm',
    instanceId: null,
    clientId: 'client',
    clientHost: '127.0.0.1',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    protocols: [{ name: 'range', metadata: Buffer.from([0, 1, 255]) }],
    assignment: Buffer.alloc(0),
  },
  {
    type: 'consumerGroup',
    groupId: 'h',
    epoch: 3,
    assignmentEpoch: 2,
    topicsDigest: 'd',
    changedAtMs: 0,
  },
  {
    type: 'consumerMember',
    groupId: 'h',
    memberId: '["odd", \\ name]',
    instanceId: 'instance',
    rackId: null,
    clientId: '',
    clientHost: '::1',
    rebalanceTimeoutMs: 300_000,
    topicNames: ['a', 'b'],
    topicPattern: 'x.*',
    serverAssignor: null,
    epoch: -2,
    previousEpoch: 1,
    phase: 'unrevoked',
    assigned: [{ topicId: 'a', partitions: [0, 5] }],
    revoking: [],
    target: [],
  },
  { ...(offsetRecord('g', 2 ** 53 - 1) as object), expiresAtMs: 5 } as GroupRecord,
];

const put = (record: GroupRecord): GroupChange => ({ put: record });

/** Describes the group store of an instance. `open` gives an empty one of its own. */
export function describeGroupStore(
  name: string,
  open: () => InstanceStorage | Promise<InstanceStorage>,
): void {
  describe(name, () => {
    const invalid = expect.objectContaining({ code: 'INVALID_INPUT' }) as Error;
    let storage: InstanceStorage;
    let groups: GroupStore;
    beforeEach(async () => {
      storage = await open();
      ({ groups } = storage);
      await groups.open();
    });
    afterEach(() => storage.close());

    it('starts empty, and gives every type of record back as it was', async () => {
      expect(groups.load()).toEqual([]);
      await groups.append(EVERY_TYPE.map(put));
      expect(groups.load()).toEqual(EVERY_TYPE);
    });

    it('shows nothing before it is durable', async () => {
      const appended = groups.append([put(offsetRecord('g', 1))]);
      expect(groups.load()).toEqual([]);
      await appended;
      expect(groups.load()).toEqual([offsetRecord('g', 1)]);
    });

    it('replaces the record of a key, and lists it as the last written', async () => {
      await groups.append([put(offsetRecord('g', 1)), put(offsetRecord('h', 1))]);
      await groups.append([put(offsetRecord('g', 2))]);
      expect(groups.load()).toEqual([offsetRecord('h', 1), offsetRecord('g', 2)]);
    });

    it('lets the last of several changes of a key in one call win', async () => {
      const remove = { kind: 'offset', groupId: 'g', topicId: 't', partition: 0 } as const;
      await groups.append([put(offsetRecord('g', 1)), { remove }, put(offsetRecord('g', 3))]);
      expect(groups.load()).toEqual([offsetRecord('g', 3)]);
      await groups.append([put(offsetRecord('g', 4)), { remove }]);
      expect(groups.load()).toEqual([]);
    });

    it('makes changes in call order, whatever is in flight', async () => {
      const appends = Array.from({ length: 200 }, (_, offset) =>
        groups.append([put(offsetRecord(`g${offset % 7}`, offset))]),
      );
      await Promise.all(appends);
      const last = groups.load().map((record) => (record as { offset: number }).offset);
      expect(last).toEqual([193, 194, 195, 196, 197, 198, 199]);
    });

    it('removes each kind of record, and nothing when there is none', async () => {
      await groups.append(EVERY_TYPE.map(put));
      await groups.append([
        { remove: { kind: 'member', groupId: 'g', memberId: 'm' } },
        { remove: { kind: 'group', groupId: 'h' } },
        { remove: { kind: 'offset', groupId: 'g', topicId: 't', partition: 1 } },
      ]);
      expect(groups.load().map(({ type }) => type)).toEqual([
        'classicGroup',
        'consumerMember',
        'offset',
      ]);
    });

    it("lets a group's record of the other protocol take the place of the first", async () => {
      const [classic, , consumer] = EVERY_TYPE as [GroupRecord, GroupRecord, GroupRecord];
      await groups.append([put(classic)]);
      await groups.append([put({ ...consumer, groupId: 'g' })]);
      expect(groups.load()).toEqual([{ ...consumer, groupId: 'g' }]);
    });

    it('keeps apart names that would run into each other', async () => {
      const records = [
        offsetRecord('a', 1, 'b'),
        offsetRecord('a","b', 2, ''),
        offsetRecord('', 3),
      ];
      await groups.append(records.map(put));
      expect(groups.load()).toEqual(records);
    });

    it('refuses what it cannot store, with nothing changed', async () => {
      const metadata = 'x'.repeat(600 << 10);
      const bad: unknown[] = [
        { ...offsetRecord('g', 1), metadata },
        { ...offsetRecord('g', 1), offset: 0.5 },
        { ...offsetRecord('g', 1), metadata: undefined },
        { ...EVERY_TYPE[0], phase: 'dead' },
      ];
      for (const record of bad) {
        const changes = [put(offsetRecord('fine', 1)), put(record as GroupRecord)];
        await expect(groups.append(changes)).rejects.toEqual(invalid);
      }
      expect(groups.load()).toEqual([]);
    });

    it('answers CLOSED after close', async () => {
      await groups.append([put(offsetRecord('g', 1))]);
      await storage.close();
      const change = groups.append([put(offsetRecord('g', 2))]);
      await expect(change).rejects.toMatchObject({ code: 'CLOSED' });
    });
  });
}
