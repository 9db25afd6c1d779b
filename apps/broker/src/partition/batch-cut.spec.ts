import { encodeBatch } from '@walrusmq/record-batch';
import { cutBatches } from './batch-cut';

/** A batch of `count` records as a log holds it from `offset` on. */
function stored(offset: number, count: number): Buffer {
  const value = Buffer.alloc(100);
  const batch = encodeBatch(Array.from({ length: count }, () => ({ value })));
  batch.writeBigInt64BE(BigInt(offset));
  return batch;
}

const batches = [stored(5, 2), stored(7, 1), stored(8, 30)];
const bytes = Buffer.concat(batches);
const [first = 0, second = 0] = batches.map(({ length }) => length);

describe('cutting batches', () => {
  it.each([
    ['all of them', bytes.length, bytes.length, 38],
    ['all but the last, by one byte', bytes.length - 1, first + second, 8],
    ['exactly two', first + second, first + second, 8],
    ['one', first + second - 1, first, 7],
    ['none', first - 1, 0, -1],
    ['none for nothing', 0, 0, -1],
  ])('keeps %s', (_, bytesMax, sizeBytes, endOffset) => {
    expect(cutBatches(bytes, bytesMax)).toEqual({ sizeBytes, endOffset, firstBytes: first });
  });

  it('knows offsets above 32 bits', () => {
    expect(cutBatches(stored(2 ** 52, 3), 1_000).endOffset).toBe(2 ** 52 + 3);
  });
});
