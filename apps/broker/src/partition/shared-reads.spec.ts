import { ProtocolError } from '@walrusmq/protocol';
import type { Partition } from './partition';
import { SharedReads } from './shared-reads';

/** A partition that counts its reads and answers each as told. */
function partitionOf(answer: () => Buffer | Promise<Buffer>): Partition & { reads: number } {
  const partition = {
    reads: 0,
    read: () => {
      partition.reads += 1;
      return answer();
    },
  };
  return partition as unknown as Partition & { reads: number };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('shared reads', () => {
  it('give the same bytes to all who ask for one place in one turn', async () => {
    const reads = new SharedReads(100);
    const partition = partitionOf(() => Buffer.from('a'));
    const bytes = reads.read(partition, 5);
    expect(reads.read(partition, 5)).toBe(bytes);
    expect(partition.reads).toBe(1);
    await nextTurn();
    expect(reads.read(partition, 5)).not.toBe(bytes);
  });

  it('read other places and other partitions by themselves', () => {
    const reads = new SharedReads(100);
    const [one, other] = [partitionOf(() => Buffer.from('a')), partitionOf(() => Buffer.from('b'))];
    expect(reads.read(one, 5)).not.toBe(reads.read(one, 6));
    expect(reads.read(other, 6)).toEqual(Buffer.from('b'));
    expect([one.reads, other.reads]).toEqual([2, 1]);
  });

  it('do not keep that there was nothing', () => {
    const reads = new SharedReads(100);
    const partition = partitionOf(() => Buffer.alloc(0));
    void reads.read(partition, 5);
    void reads.read(partition, 5);
    expect(partition.reads).toBe(2);
  });

  it('share a read that waits for the disk until it is done, however it ends', async () => {
    const reads = new SharedReads(100);
    const ends: ((outcome: () => Buffer) => void)[] = [];
    const answer = (): Promise<Buffer> =>
      new Promise<() => Buffer>((resolve) => ends.push(resolve)).then((outcome) => outcome());
    const partition = partitionOf(answer);
    const first = reads.read(partition, 5);
    await nextTurn();
    expect(reads.read(partition, 5)).toBe(first);
    ends[0]?.(() => {
      throw new ProtocolError('BUSY');
    });
    await expect(first).rejects.toMatchObject({ code: 'BUSY' });
    const second = reads.read(partition, 5);
    ends[1]?.(() => Buffer.from('a'));
    expect(await second).toEqual(Buffer.from('a'));
    expect(partition.reads).toBe(2);
  });

  it('keep a bounded number of bytes within a turn', () => {
    const reads = new SharedReads(100, 250);
    const partitions = [1, 2, 3].map(() => partitionOf(() => Buffer.alloc(100)));
    for (const partition of partitions) void reads.read(partition, 0);
    // The third did not fit beside the first two, which were let go.
    for (const at of [2, 0]) void reads.read(partitions[at]!, 0);
    expect(partitions.map((partition) => partition.reads)).toEqual([2, 1, 1]);
  });
});
