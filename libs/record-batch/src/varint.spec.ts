import fc from 'fast-check';
import { varintBytes, varlongBytes, VarintReader, writeVarint, writeVarlong } from './varint';

/** Zigzag and base 128 by the book, in arbitrary precision. */
function reference(value: bigint): Buffer {
  let unsigned = value >= 0n ? value * 2n : -value * 2n - 1n;
  const bytes: number[] = [];
  for (; unsigned >= 128n; unsigned /= 128n) bytes.push(Number(unsigned % 128n) | 128);
  return Buffer.from([...bytes, Number(unsigned)]);
}

function read(bytes: Buffer, kind: 'readVarint' | 'readVarlong'): number {
  const reader = new VarintReader(bytes, 0, bytes.length);
  const value = reader[kind]();
  expect(reader.position).toBe(bytes.length);
  return value;
}

describe('varints', () => {
  const int32 = fc.oneof(
    fc.integer(),
    fc.constantFrom(0, -1, 1, 63, 64, -64, -65, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)),
  );
  const safe = fc.oneof(
    fc.maxSafeInteger(),
    fc.integer(),
    fc.constantFrom(2 ** 31, -(2 ** 31) - 1, 2 ** 34, 2 ** 34 - 1, -(2 ** 34), -(2 ** 34) - 1),
    fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 41, -(2 ** 48)),
  );

  it('write and read every 32-bit integer as the definition says', () => {
    fc.assert(
      fc.property(int32, (value) => {
        const target = Buffer.alloc(5);
        const written = target.subarray(0, writeVarint(target, value, 0));
        expect(written).toEqual(reference(BigInt(value)));
        expect(varintBytes(value)).toBe(written.length);
        expect(read(written, 'readVarint')).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  it('write and read every safe integer as the definition says', () => {
    fc.assert(
      fc.property(safe, (value) => {
        const target = Buffer.alloc(10);
        const written = target.subarray(0, writeVarlong(target, value, 0));
        expect(written).toEqual(reference(BigInt(value)));
        expect(varlongBytes(value)).toBe(written.length);
        expect(read(written, 'readVarlong')).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['has a sixth byte', 'readVarint', '808080808001'],
    ['has more than 32 bits', 'readVarint', 'ffffffff1f'],
    ['ends unfinished', 'readVarint', '8080'],
    ['is empty', 'readVarint', ''],
    ['has an eleventh byte', 'readVarlong', '8080808080808080808001'],
    ['has more than 64 bits', 'readVarlong', 'ffffffffffffffffff03'],
    ['is beyond 2^53', 'readVarlong', reference(2n ** 53n).toString('hex')],
    ['is the least 64-bit integer', 'readVarlong', reference(-(2n ** 63n)).toString('hex')],
    ['ends unfinished', 'readVarlong', '80808080808080'],
  ] as const)('refuse one that %s (%s)', (_what, kind, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    const reader = new VarintReader(bytes, 0, bytes.length);
    expect(() => reader[kind]()).toThrow(expect.objectContaining({ code: 'MALFORMED' }) as Error);
  });
});
