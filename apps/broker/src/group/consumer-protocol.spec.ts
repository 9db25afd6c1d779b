import fc from 'fast-check';
import { assignedPartitions, subscribedTopics } from './consumer-protocol';

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer =>
  Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
const subscription = (version: number, topics: readonly string[], rest = int32(-1)): Buffer =>
  Buffer.concat([int16(version), int32(topics.length), ...topics.map(text), rest]);

describe('the metadata of classic consumers', () => {
  it('tells the topics in every version, whatever comes behind them', () => {
    for (const version of [0, 1, 2, 3, 9]) {
      const bytes = subscription(version, ['orders', 'größe'], Buffer.from('anything'));
      expect(subscribedTopics('consumer', bytes)).toEqual(['orders', 'größe']);
    }
    expect(subscribedTopics('consumer', subscription(0, []))).toEqual([]);
  });

  it("reads what Kafka's Java client 3.9 sends", () => {
    // Version 3: topics ["orders"], no user data, owned nothing, generation -1, no rack.
    const sent =
      '0003000000010006' + '6f7264657273' + 'ffffffff' + '00000000' + 'ffffffff' + 'ffff';
    expect(subscribedTopics('consumer', Buffer.from(sent, 'hex'))).toEqual(['orders']);
  });

  it('tells nothing of other protocol types, and of bytes that are something else', () => {
    expect(subscribedTopics('connect', subscription(0, ['orders']))).toBeUndefined();
    for (const bytes of [
      Buffer.alloc(0),
      subscription(-1, ['orders']),
      Buffer.concat([int16(0), int32(-1)]),
      Buffer.concat([int16(0), int32(0x7fffffff), text('a')]),
      Buffer.concat([int16(0), int32(1), int16(-1)]),
      subscription(0, ['orders']).subarray(0, 9),
    ]) {
      expect(subscribedTopics('consumer', bytes)).toBeUndefined();
    }
  });
});

describe('the assignment of classic consumers', () => {
  const assignment = Buffer.concat([
    int16(0),
    int32(1),
    text('orders'),
    int32(2),
    int32(0),
    int32(3),
    int32(-1),
  ]);

  it('tells the partitions; none where the leader gave nothing', () => {
    const partitions = [{ topic: 'orders', partitions: [0, 3] }];
    expect(assignedPartitions('consumer', assignment)).toEqual(partitions);
    expect(assignedPartitions('consumer', Buffer.alloc(0))).toEqual([]);
    expect(assignedPartitions('connect', assignment)).toBeUndefined();
  });

  it('tells nothing of an assignment that is cut anywhere', () => {
    // Its user data is not looked at.
    for (let length = 1; length < assignment.length - 4; length += 1) {
      expect(assignedPartitions('consumer', assignment.subarray(0, length))).toBeUndefined();
    }
  });

  it('neither throws nor makes much of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const buffer = Buffer.from(bytes);
        expect((subscribedTopics('consumer', buffer) ?? []).length).toBeLessThanOrEqual(32);
        expect((assignedPartitions('consumer', buffer) ?? []).length).toBeLessThanOrEqual(32);
      }),
      { numRuns: 2000 },
    );
  });
});
