// Bytes that nobody honest would send. Whatever they are, decoding ends soon, allocates in
// proportion to them and either refuses them by a RecordBatchError or gives plain records.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeBatch } from './batch-builder';
import {
  BATCH_HEADER_BYTES,
  COMPRESSIONS,
  checkBatch,
  readBatchHeader,
  type Compression,
} from './batch-header';
import { decodeBatch, decodeBatches } from './batch-decoder';
import { codecOf } from './compression/codec-table';
import { crc32c } from './crc32c';
import { RecordBatchError, type RecordBatchErrorCode } from './record-batch-error';
import type { RecordInput } from './record';

jest.setTimeout(60_000);

const LIMITS = { decompressedBytesMax: 1024 * 1024 };
const SOME: RecordInput[] = Array.from({ length: 5 }, (_, index) => ({
  key: index % 2 === 0 ? Buffer.from(`key ${index}`) : null,
  value: Buffer.alloc(index * 10, index),
  headers: [{ key: 'name', value: Buffer.from('value') }],
  timestamp: 1_700_000_000_000 + index,
}));

function seal(batch: Buffer): Buffer {
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeUInt32BE(crc32c(batch, 21), 17);
  return batch;
}

/** A batch whose header and checksum are right and whose records section is `section`. */
function batchOf(section: Buffer, recordCount: number, codec: Compression = 'none'): Buffer {
  const stored = codec === 'none' ? section : codecOf(codec).compress(section, undefined);
  return batchOfStored(stored, recordCount, codec);
}

function batchOfStored(stored: Buffer, recordCount: number, codec: Compression): Buffer {
  const header = encodeBatch([{ value: null, timestamp: 0 }]).subarray(0, BATCH_HEADER_BYTES);
  const batch = Buffer.concat([header, stored]);
  batch.writeInt16BE(COMPRESSIONS.indexOf(codec), 21);
  batch.writeInt32BE(Math.max(recordCount - 1, 0), 23);
  batch.writeInt32BE(recordCount, 57);
  return seal(batch);
}

function refusal(run: () => unknown): RecordBatchErrorCode | undefined {
  // Thousands are thrown here: Jest maps each frame of a stack to the sources, zlib asks for them.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof RecordBatchError) return error.code;
    throw error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function decodeSoundly(bytes: Buffer): void {
  // `assert`, as an `expect` here costs more than the decoding.
  let seen = 0;
  refusal(() => {
    for (const { offset, timestamp, key, value } of decodeBatches(bytes, LIMITS)) {
      assert(Number.isSafeInteger(offset) && Number.isSafeInteger(timestamp), 'a safe integer');
      seen += 7 + (key?.length ?? 0) + (value?.length ?? 0);
    }
  });
  assert(seen <= Math.max(bytes.length, LIMITS.decompressedBytesMax), `${seen} bytes`);
}

const CODECS = COMPRESSIONS.filter((name) => name !== 'none');
const compression = fc.constantFrom(...COMPRESSIONS);

describe('decoding hostile bytes', () => {
  it('refuses every truncation of a batch', () => {
    for (const codec of COMPRESSIONS) {
      const batch = encodeBatch(SOME, { compression: codec });
      for (let length = 0; length < batch.length; length++) {
        const cut = batch.subarray(0, length);
        const codes = [refusal(() => decodeBatch(cut)), refusal(() => checkBatch(cut))];
        assert(
          codes.every((code) => code === 'TRUNCATED'),
          `${codes.join()} at ${length}`,
        );
      }
    }
  });

  it('refuses every changed byte that the checksum covers, and bounds the others', () => {
    for (const codec of COMPRESSIONS) {
      const batch = encodeBatch(SOME, { compression: codec });
      for (let position = 0; position < batch.length; position++) {
        for (const flip of [0x01, 0x80, 0xff]) {
          const changed = Buffer.from(batch);
          changed[position]! ^= flip;
          const isCovered = position >= 16;
          assert(!isCovered || refusal(() => decodeBatch(changed)) !== undefined, `${position}`);
          decodeSoundly(changed);
        }
      }
    }
  });

  it('survives random bytes, with and without a header before them', () => {
    const section = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(section, fc.nat(50), compression, (random, count, codec) => {
        decodeSoundly(random);
        decodeSoundly(batchOf(random, count, codec));
        decodeSoundly(batchOfStored(random, count, codec));
      }),
      { numRuns: 2000 },
    );
  });

  it('survives mutations behind a checksum that was made to fit', () => {
    const edit = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    const edits = fc.array(edit, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(compression, edits, fc.nat(), (codec, changes, cut) => {
        const batch = encodeBatch(SOME, { compression: codec });
        for (const [position, byte] of changes) {
          batch[21 + (position % (batch.length - 21))] = byte;
        }
        decodeSoundly(seal(Buffer.from(batch)));
        const length = BATCH_HEADER_BYTES + (cut % (batch.length - BATCH_HEADER_BYTES));
        decodeSoundly(seal(Buffer.from(batch.subarray(0, length))));
      }),
      { numRuns: 3000 },
    );
  });

  it.each(CODECS)('survives mutated records inside %s', (codec) => {
    const plain = encodeBatch(SOME).subarray(BATCH_HEADER_BYTES);
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(20), (at, byte, count) => {
        const section = Buffer.from(plain);
        section[at % section.length] = byte;
        decodeSoundly(batchOf(section, count, codec));
      }),
    );
  });

  it.each([
    ['2^31 - 1 records in a few bytes', batchOf(Buffer.alloc(20), 0x7fffffff)],
    ...CODECS.map((codec): [string, Buffer] => [
      `2^31 - 1 records in ${codec}`,
      batchOf(Buffer.alloc(20), 0x7fffffff, codec),
    ]),
    ...CODECS.map((codec): [string, Buffer] => [
      `${codec} that is none`,
      batchOfStored(Buffer.from('plain bytes'), 1, codec),
    ]),
    ...CODECS.map((codec): [string, Buffer] => [
      `no bytes at all as ${codec}`,
      batchOfStored(Buffer.alloc(0), 1, codec),
    ]),
    ['more records than there are', batchOf(Buffer.from('0c00000001010000', 'hex'), 2)],
    ['fewer records than there are', batchOf(Buffer.alloc(30), 0)],
    ['a record of negative length', batchOf(Buffer.from('01000000010100', 'hex'), 1)],
    ['a record that reaches past the end', batchOf(Buffer.from('fe010000000101', 'hex'), 1)],
    ['a record of no bytes', batchOf(Buffer.from('00000000000000', 'hex'), 1)],
    ['a key of length -2', batchOf(Buffer.from('0c000000030100', 'hex'), 1)],
    ['a key that reaches past its record', batchOf(Buffer.from('0c000000080100', 'hex'), 1)],
    ['a value of 2 GiB', batchOf(Buffer.from('1400000001feffffff0f00', 'hex'), 1)],
    ['2^31 - 1 headers', batchOf(Buffer.from('140000000101feffffff0f', 'hex'), 1)],
    ['-1 headers', batchOf(Buffer.from('0c000000010101', 'hex'), 1)],
    [
      'a header without a name',
      batchOf(Buffer.from('1000000001010201 01'.replace(' ', ''), 'hex'), 1),
    ],
    ['an offset outside the batch', batchOf(Buffer.from('0c000002010100', 'hex'), 1)],
    ['a negative offset delta', batchOf(Buffer.from('0c000001010100', 'hex'), 1)],
    ['an offset twice', batchOf(Buffer.from('0c0000000101000c000000010100', 'hex'), 2)],
  ])('refuses %s', (_what, batch) => {
    expect(checkBatch(batch).sizeBytes).toBe(batch.length);
    expect(refusal(() => decodeBatch(batch, 0, LIMITS))).toBe('MALFORMED');
  });

  it.each(CODECS)('stops unpacking %s at the limit', (codec) => {
    const bomb = batchOf(Buffer.alloc(48 * 1024 * 1024), 1, codec);
    expect(bomb.length).toBeLessThan(3_000_000);
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal(() => decodeBatch(bomb, 0, LIMITS))).toBe('TOO_LARGE');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    expect(() => decodeBatch(bomb, 0, LIMITS)).toThrow('batch at offset 0: ');
  });

  it.each(CODECS)('takes what unpacks by %s to the limit and not to one byte more', (codec) => {
    const batch = encodeBatch([{ value: Buffer.alloc(300_000, 'walrus') }], { compression: codec });
    const plain = encodeBatch([{ value: Buffer.alloc(300_000, 'walrus') }]);
    const decompressedBytesMax = plain.length - BATCH_HEADER_BYTES;
    expect(decodeBatch(batch, 0, { decompressedBytesMax }).records).toHaveLength(1);
    const less = { decompressedBytesMax: decompressedBytesMax - 1 };
    expect(refusal(() => decodeBatch(batch, 0, less))).toBe('TOO_LARGE');
  });

  it.each([
    ['magic 1', 16, Buffer.from([1]), 'UNSUPPORTED'],
    ['compression 7', 21, Buffer.from([0, 7]), 'UNSUPPORTED'],
    ['a negative base offset', 0, Buffer.from([0x80]), 'MALFORMED'],
    ['a base offset beyond 2^53', 0, Buffer.from([0, 0x20]), 'MALFORMED'],
    ['a negative last offset delta', 23, Buffer.from([0x80]), 'MALFORMED'],
    ['a timestamp beyond 2^53', 27, Buffer.from([0x7f]), 'MALFORMED'],
    ['a negative record count', 57, Buffer.from([0xff]), 'MALFORMED'],
    ['a length shorter than its header', 8, Buffer.from([0, 0, 0, 48]), 'MALFORMED'],
    ['a negative length', 8, Buffer.from([0xff]), 'MALFORMED'],
  ] as const)('refuses a header with %s', (_what, position, patch, code) => {
    const batch = encodeBatch(SOME);
    patch.copy(batch, position);
    expect(refusal(() => readBatchHeader(batch))).toBe(code);
  });
});
