import { ProtocolError } from '@walrusmq/protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import fc from 'fast-check';
import { measureBatches } from './batch-bytes';

const batch = (bytes: number): Buffer => encodeBatch([{ value: Buffer.alloc(bytes) }]);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return 'taken';
}

/** The same bytes, cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % bytes.length))].sort((a, b) => a - b);
  return [0, ...at].map((start, i) => bytes.subarray(start, at[i] ?? bytes.length));
}

describe('measureBatches', () => {
  it('measures whole batches however they are cut into chunks', () => {
    const sizes = fc.array(fc.nat(300), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(5000), { maxLength: 40 }), (lengths, places) => {
        const bytes = Buffer.concat(lengths.map(batch));
        expect(measureBatches(cut(bytes, places), 10_000)).toBe(bytes.length);
      }),
    );
  });

  it('never takes bytes that end inside a batch', () => {
    const bytes = Buffer.concat([batch(10), batch(20), batch(30)]);
    const ends = new Set([batch(10).length, batch(10).length + batch(20).length, bytes.length]);
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.array(fc.nat(500)), (end, places) => {
        const chunks = end === 0 ? [] : cut(bytes.subarray(0, end), places);
        const expected = ends.has(end) ? 'taken' : 'INVALID_BATCH';
        expect(codeOf(() => measureBatches(chunks, 10_000))).toBe(expected);
      }),
    );
  });

  it('refuses a batch over the limit, whatever its place', () => {
    const limit = batch(50).length;
    expect(codeOf(() => measureBatches([batch(50), batch(50)], limit))).toBe('taken');
    expect(codeOf(() => measureBatches([batch(50), batch(51)], limit))).toBe('RECORD_TOO_LARGE');
    expect(() => measureBatches([batch(51)], limit)).toThrow(
      expect.objectContaining({ details: { batchBytesMax: limit } }) as Error,
    );
  });

  it.each([0, -1, -0x80000000])('refuses the length %i', (length) => {
    const bytes = batch(10);
    bytes.writeInt32BE(length, 8);
    expect(codeOf(() => measureBatches([bytes], 10_000))).toBe('INVALID_BATCH');
  });
});
