// What holds for every codec, and for every library that can run one of them.
import fc from 'fast-check';
import { RecordBatchError, type RecordBatchErrorCode } from '../record-batch-error';
import type { Codec } from './codec';
import { codecOf } from './codec-table';
import { zstdLibraries, zstdWith } from './zstd';

jest.setTimeout(60_000);

const CODECS: [name: string, codec: Codec][] = [
  ...(['gzip', 'snappy', 'lz4'] as const).map((name): [string, Codec] => [name, codecOf(name)]),
  ...zstdLibraries().map(({ name, load }): [string, Codec] => [
    `zstd by ${name}`,
    zstdWith(load()),
  ]),
];
const LIMIT = 64 * 1024;
const UNLIMITED = 64 * 1024 * 1024;

/** Bytes with what compressors look for: runs, repeats near and far, and noise. */
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 70 }).map((noise) => Buffer.from(noise)),
  fc.tuple(fc.nat(255), fc.nat(300)).map(([byte, length]) => Buffer.alloc(length, byte)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(70_000))
    .map(([pattern, length]) => Buffer.alloc(length, pattern)),
);
const compressible = fc
  .array(fc.tuple(piece, fc.nat(2)), { maxLength: 12 })
  .map((pieces) =>
    Buffer.concat(
      pieces.flatMap(([bytes, again]) => Array.from({ length: again + 1 }, () => bytes)),
    ),
  );

function outcome(run: () => Buffer): Buffer | RecordBatchErrorCode {
  try {
    return run();
  } catch (error) {
    if (error instanceof RecordBatchError) return error.code;
    throw error;
  }
}

describe.each(CODECS)('%s', (_name, codec) => {
  it('gives back what it compressed', () => {
    fc.assert(
      fc.property(compressible, (bytes) => {
        const packed = codec.compress(bytes, undefined);
        expect(codec.decompress(packed, UNLIMITED).equals(bytes)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([0, 1, 4, 5, 11, 12, 13, 14, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 131_073])(
    'gives back %i bytes, alike and all different',
    (length) => {
      const alike = Buffer.alloc(length, 7);
      let noise = 1;
      const different = Buffer.alloc(length).map(() => {
        noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
        return noise >>> 24;
      });
      for (const bytes of [alike, different]) {
        const packed = codec.compress(bytes as Buffer, undefined);
        expect(codec.decompress(packed, Math.max(length, 1)).equals(bytes)).toBe(true);
      }
    },
  );

  it('does not touch its input and gives bytes of its own', () => {
    const bytes = Buffer.alloc(1000, 'walrus');
    const packed = codec.compress(bytes, undefined);
    const copy = Buffer.from(packed);
    const unpacked = codec.decompress(packed, UNLIMITED);
    codec.decompress(codec.compress(Buffer.alloc(1000, 'other'), undefined), UNLIMITED);
    expect(bytes.equals(Buffer.alloc(1000, 'walrus'))).toBe(true);
    expect(packed.equals(copy)).toBe(true);
    expect(unpacked.equals(bytes)).toBe(true);
  });

  it('refuses what unpacks to one byte more than the limit', () => {
    const packed = codec.compress(Buffer.alloc(LIMIT + 1, 'ab'), undefined);
    expect(outcome(() => codec.decompress(packed, LIMIT))).toBe('TOO_LARGE');
    expect(outcome(() => codec.decompress(packed, LIMIT + 1))).toHaveLength(LIMIT + 1);
  });

  it('refuses or bounds every flipped bit and every byte of ones', () => {
    const packed = codec.compress(Buffer.alloc(300, 'hostile bytes, plainly'), undefined);
    const unsound: string[] = [];
    for (let position = 0; position < packed.length; position++) {
      for (const flip of [
        1,
        2,
        4,
        8,
        16,
        32,
        64,
        128,
        packed[position]!,
        packed[position]! ^ 0xff,
      ]) {
        const changed = Buffer.from(packed);
        changed[position]! ^= flip;
        const result = outcome(() => codec.decompress(changed, LIMIT));
        const isSound =
          typeof result === 'string' ? result !== 'UNSUPPORTED' : result.length <= LIMIT;
        if (!isSound) unsound.push(`byte ${position} changed by ${flip}`);
      }
    }
    expect(unsound).toEqual([]);
  });

  it('gives no other bytes when it is cut off', () => {
    const bytes = Buffer.concat([Buffer.alloc(40_000, 'abcdefg'), Buffer.alloc(100, 'hij')]);
    const packed = codec.compress(bytes, undefined);
    for (let length = 0; length < packed.length; length++) {
      const result = outcome(() => codec.decompress(packed.subarray(0, length), UNLIMITED));
      // A frame of snappy has no end: cut between chunks it is a shorter one.
      const isPrefix =
        typeof result !== 'string' && bytes.subarray(0, result.length).equals(result);
      expect(result === 'MALFORMED' || isPrefix).toBe(true);
      expect(typeof result !== 'string' && result.length === bytes.length).toBe(false);
    }
  });

  it('refuses or bounds random changes of large input', () => {
    const bytes = Buffer.alloc(200_000, 'a line of text that comes again and again\n');
    for (let at = 0; at < bytes.length; at += 997) bytes.writeUInt16LE(at & 0xffff, at);
    const packed = codec.compress(bytes, undefined);
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(edits, fc.nat(), (changes, cut) => {
        const changed = Buffer.from(packed);
        for (const [position, byte] of changes) changed[position % changed.length] = byte;
        const length = cut % 4 === 0 ? cut % changed.length : changed.length;
        const result = outcome(() => codec.decompress(changed.subarray(0, length), LIMIT * 4));
        expect(typeof result === 'string' || result.length <= LIMIT * 4).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

it('reads what every library for zstd writes with every other one', () => {
  const bytes = Buffer.alloc(300_000, 'the same for all of them ');
  const libraries = zstdLibraries().map(({ load }) => zstdWith(load()));
  for (const writer of libraries) {
    const packed = writer.compress(bytes, undefined);
    for (const reader of libraries) {
      expect(reader.decompress(packed, bytes.length).equals(bytes)).toBe(true);
    }
  }
});
