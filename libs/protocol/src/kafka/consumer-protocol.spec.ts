import fc from 'fast-check';
import {
  decodeAssignedPartitions,
  decodeAssignment,
  decodeSubscribedTopics,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type ConsumerSubscription,
} from './consumer-protocol';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/[^0-9a-f]/g, ''), 'hex');

const subscription: ConsumerSubscription = {
  topics: ['orders', 'bills'],
  userData: Buffer.from('ud'),
  owned: [{ topic: 'orders', partitions: [2, 0] }],
  generation: 7,
  rackId: 'r1',
};

/** Field by field as ConsumerProtocolSubscription.json and ConsumerProtocolAssignment.json say. */
const TOPICS = '00000002 0005 62696c6c73 0006 6f7264657273';
const USER_DATA = '00000002 7564';
const OWNED = '00000001 0006 6f7264657273 00000002 00000000 00000002';
const GENERATION = '00000007';
const RACK = '0002 7231';

describe("the messages of Kafka's consumer protocol", () => {
  it.each([
    [0, `0000 ${TOPICS} ${USER_DATA}`],
    [1, `0001 ${TOPICS} ${USER_DATA} ${OWNED}`],
    [2, `0002 ${TOPICS} ${USER_DATA} ${OWNED} ${GENERATION}`],
    [3, `0003 ${TOPICS} ${USER_DATA} ${OWNED} ${GENERATION} ${RACK}`],
  ])('have the bytes of the schema: subscription %d', (version, golden) => {
    expect(encodeSubscription(subscription, version).toString('hex')).toBe(
      hex(golden).toString('hex'),
    );
    expect(decodeSubscription(hex(golden))).toEqual({
      topics: ['bills', 'orders'],
      userData: Buffer.from('ud'),
      owned: version >= 1 ? [{ topic: 'orders', partitions: [0, 2] }] : [],
      generation: version >= 2 ? 7 : -1,
      rackId: version >= 3 ? 'r1' : null,
    });
  });

  it('are read as the codec of kafka-clients 4.2.0 wrote them', () => {
    const topics = '00000002 000d 746f7069637320c3a920e282a9 0010 746f7069637320c3a920e282a9e282a9';
    const userData = '00000007 03101d2a374451';
    const name = '000c 746f70696320c3a920e282a9';
    const owned =
      `00000002 ${name} 00000002 02222223 028f5c29` + `${name} 00000002 0369d037 03d70a3e`;
    const rest = '04444445 0010 7261636b496420c3a920e282a9e282a9';
    const topic = 'topic é \u20a9';
    expect(decodeSubscription(hex(`0003 ${topics} ${userData} ${owned} ${rest}`))).toEqual({
      topics: ['topics é \u20a9', 'topics é \u20a9\u20a9'],
      userData: hex('03101d2a374451'),
      owned: [
        { topic, partitions: [35_791_395, 42_949_673] },
        { topic, partitions: [57_266_231, 64_424_510] },
      ],
      generation: 71_582_789,
      rackId: 'rackId é \u20a9\u20a9',
    });
    const sparse = hex('0003 00000001 0000 00000001 80000000 ffffffff');
    expect(decodeAssignment(sparse)).toEqual({
      partitions: [{ topic: '', partitions: [-2_147_483_648] }],
      userData: null,
    });
  });

  it("have the bytes of Kafka's Java client 3.9 that joins for the first time", () => {
    const sent =
      '0003000000010006' + '6f7264657273' + 'ffffffff' + '00000000' + 'ffffffff' + 'ffff';
    const first = { topics: ['orders'], userData: null, owned: [], generation: -1, rackId: null };
    expect(encodeSubscription(first).toString('hex')).toBe(sent);
    expect(decodeSubscription(hex(sent))).toEqual(first);
  });

  it.each([0, 1, 2, 3])('have the bytes of the schema: assignment %d', (version) => {
    const assignment = {
      partitions: [
        { topic: 'orders', partitions: [3, 1] },
        { topic: 'bills', partitions: [0] },
      ],
      userData: null,
    };
    const golden = hex(
      `000${version} 00000002 0005 62696c6c73 00000001 00000000` +
        '0006 6f7264657273 00000002 00000001 00000003 ffffffff',
    );
    expect(encodeAssignment(assignment, version).toString('hex')).toBe(golden.toString('hex'));
    expect(decodeAssignment(golden)).toEqual({
      partitions: [
        { topic: 'bills', partitions: [0] },
        { topic: 'orders', partitions: [1, 3] },
      ],
      userData: null,
    });
  });

  it('are read in a version to come, which has more fields behind', () => {
    const later = hex(`0009 ${TOPICS} ${USER_DATA} ${OWNED} ${GENERATION} ${RACK} cafe`);
    expect(decodeSubscription(later)).toMatchObject({ generation: 7, rackId: 'r1' });
  });

  it('are read as far as asked for, whatever comes behind', () => {
    expect(decodeSubscribedTopics(hex(`0001 ${TOPICS} ff`))).toEqual(['bills', 'orders']);
    expect(decodeSubscription(hex(`0001 ${TOPICS} ff`))).toBeUndefined();
    const [owned] = [{ topic: 'orders', partitions: [0, 2] }];
    expect(decodeAssignedPartitions(hex(`0000 ${OWNED}`))).toEqual([owned]);
    expect(decodeAssignment(hex(`0000 ${OWNED}`))).toBeUndefined();
  });

  it('give nothing where the leader gave nothing', () => {
    expect(decodeAssignment(Buffer.alloc(0))).toEqual({ partitions: [], userData: null });
    expect(decodeAssignedPartitions(Buffer.alloc(0))).toEqual([]);
  });

  it('are no messages when they are cut anywhere', () => {
    const whole = encodeSubscription(subscription);
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeSubscription(whole.subarray(0, length))).toBeUndefined();
    }
    const given = encodeAssignment({ partitions: subscription.owned, userData: null });
    for (let length = 1; length < given.length; length += 1) {
      expect(decodeAssignment(given.subarray(0, length))).toBeUndefined();
    }
  });

  it('come back as they were, but for their order', () => {
    const name = fc.string({ maxLength: 6 });
    const bytes = fc.option(
      fc.uint8Array({ maxLength: 8 }).map((each) => Buffer.from(each)),
      { nil: null },
    );
    const lists = fc
      .uniqueArray(name, { maxLength: 4 })
      .chain((names) =>
        fc.tuple(
          ...names.map((topic) =>
            fc.record({ topic: fc.constant(topic), partitions: fc.uniqueArray(fc.nat(99)) }),
          ),
        ),
      );
    const any = fc.record({
      topics: fc.uniqueArray(name, { maxLength: 5 }),
      userData: bytes,
      owned: lists,
      generation: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
      rackId: fc.option(name, { nil: null }),
    });
    const ordered = (those: readonly { topic: string; partitions: readonly number[] }[]) =>
      [...those]
        .sort((one, other) => (one.topic < other.topic ? -1 : 1))
        .map(({ topic, partitions }) => ({
          topic,
          partitions: [...partitions].sort((one, other) => one - other),
        }));
    fc.assert(
      fc.property(any, (value) => {
        expect(decodeSubscription(encodeSubscription(value))).toEqual({
          ...value,
          topics: [...value.topics].sort(),
          owned: ordered(value.owned),
        });
        const { owned: partitions, userData } = value;
        const assignment = { partitions: ordered(partitions), userData };
        expect(decodeAssignment(encodeAssignment({ partitions, userData }))).toEqual(assignment);
      }),
    );
  });

  it('neither throw nor make much of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (any) => {
        const bytes = Buffer.from(any);
        expect((decodeSubscription(bytes)?.topics ?? []).length).toBeLessThanOrEqual(32);
        expect((decodeAssignment(bytes)?.partitions ?? []).length).toBeLessThanOrEqual(32);
      }),
      { numRuns: 2000 },
    );
  });
});
