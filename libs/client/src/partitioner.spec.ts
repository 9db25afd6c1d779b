import { choosePartition, StickyPartition } from './partitioner';

const record = { topic: 't', value: 'v' };

describe('choosePartition', () => {
  // From Kafka's own DefaultPartitionerTest vectors: murmur2 of the bytes, mod 1000 and mod 4.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
  ])('agrees with Java about the key %s', (key, hash) => {
    const expected = (hash & 0x7fffffff) % 1000;
    expect(choosePartition(record, Buffer.from(key), 1000, undefined)).toBe(expected);
  });

  it('puts the record first, then the partitioner, then the key', () => {
    const key = Buffer.from('21');
    const three = (): number => 3;
    expect(choosePartition({ ...record, partition: 1 }, key, 4, three)).toBe(1);
    expect(choosePartition(record, key, 4, three)).toBe(3);
    const hashed = choosePartition(record, key, 4, undefined);
    expect(choosePartition(record, key, 4, () => undefined)).toBe(hashed);
    expect(choosePartition(record, null, 4, undefined)).toBeUndefined();
  });

  it.each([-1, 4, 1.5, NaN])('refuses partition %p of 4', (partition) => {
    expect(() => choosePartition({ ...record, partition }, null, 4, undefined)).toThrow(RangeError);
    expect(() => choosePartition(record, null, 4, () => partition)).toThrow(/0 to 3/);
  });
});

describe('StickyPartition', () => {
  it('moves to the next partition when the batch there is closed, and for no other', () => {
    const sticky = new StickyPartition(() => 0);
    expect(sticky.partition(3)).toBe(0);
    sticky.batchClosed(1, 3);
    expect(sticky.partition(3)).toBe(0);
    const visited = [0, 1, 2, 0].map((partition) => {
      expect(sticky.partition(3)).toBe(partition);
      sticky.batchClosed(partition, 3);
      return partition;
    });
    expect(visited).toHaveLength(4);
  });

  it('starts in different partitions', () => {
    const starts = [0, 0.25, 0.5, 0.75].map((n) => new StickyPartition(() => n).partition(7));
    expect(new Set(starts).size).toBeGreaterThan(1);
  });
});
