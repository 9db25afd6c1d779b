import fc from 'fast-check';
import { BatchBuilder, encodeBatch, recordSizeBytes } from './batch-builder';
import {
  BATCH_HEADER_BYTES,
  COMPRESSIONS,
  batchHeaders,
  checkBatch,
  readBatchHeader,
} from './batch-header';
import { COMPRESSION_LEVELS } from './compression/codec';
import { decodeBatch, decodeBatches } from './batch-decoder';
import { crc32c } from './crc32c';
import { TIMESTAMP_MAX_MS, type RecordInput } from './record';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
  fc.integer({ min: 0, max: 20_000 }).map((length) => Buffer.alloc(length, 'walrus')),
);
const nullableBytes = fc.option(bytes, { freq: 4 });
const timestamp = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  fc.constantFrom(-1, 0, 2 ** 41, TIMESTAMP_MAX_MS),
);
const header = fc.record({ key: fc.string({ unit: 'grapheme' }), value: nullableBytes });
const record: fc.Arbitrary<RecordInput> = fc.record(
  {
    key: nullableBytes,
    value: nullableBytes,
    headers: fc.array(header, { maxLength: 4 }),
    timestamp,
  },
  { requiredKeys: ['value'] },
);
const records = fc.array(record, { minLength: 1, maxLength: 30 });
const compression = fc.constantFrom(...COMPRESSIONS);

/** Jest compares large Buffers byte by byte, which takes seconds; text it compares at once. */
function readable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    const json = inner as { type?: string; data?: number[] } | null;
    return json?.type === 'Buffer' ? Buffer.from(json.data!).toString('latin1') : inner;
  });
}

function expected(input: RecordInput, offset: number, now: number): unknown {
  const { key = null, value, headers = [], timestamp: at = now } = input;
  return { offset, timestamp: at, key, value, headers };
}

describe('the record batch codec', () => {
  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(records, compression, fc.maxSafeInteger(), (input, codec, id) => {
        const baseOffset = Math.floor(Math.abs(id) / 2);
        const now = 1_800_000_000_000;
        const batch = encodeBatch(input, { compression: codec, baseOffset, now, producerId: id });
        const { header: read, records: decoded } = decodeBatch(batch);
        const sent = input.map((one, n) => expected(one, baseOffset + n, now));
        expect(readable(decoded)).toBe(readable(sent));
        const timestamps = input.map((one) => one.timestamp ?? now);
        expect(read).toMatchObject({
          baseOffset,
          compression: codec,
          recordCount: input.length,
          lastOffset: baseOffset + input.length - 1,
          baseTimestamp: timestamps[0],
          maxTimestamp: Math.max(...timestamps),
          producerId: id,
          sizeBytes: batch.length,
        });
      }),
    );
  });

  it('bounds the size of a record from above', () => {
    fc.assert(
      fc.property(record, (input) => {
        const size = encodeBatch([input]).length - BATCH_HEADER_BYTES;
        expect(recordSizeBytes(input)).toBeGreaterThanOrEqual(size);
        expect(recordSizeBytes(input)).toBeLessThanOrEqual(size + 32 + 10 * 4);
      }),
    );
  });

  it('slices keys and values out of the batch instead of copying them', () => {
    const batch = encodeBatch([{ key: Buffer.from('key'), value: Buffer.alloc(100, 1) }]);
    const [decoded] = decodeBatch(batch).records;
    expect(decoded!.key!.buffer).toBe(batch.buffer);
    expect(decoded!.value!.buffer).toBe(batch.buffer);
  });

  it('gives every record the time of the append where the log set it', () => {
    const batch = encodeBatch([
      { value: null, timestamp: 5 },
      { value: null, timestamp: 9 },
    ]);
    batch.writeInt16BE(0x08, 21);
    batch.writeBigInt64BE(1234n, 35);
    batch.writeUInt32BE(crc32c(batch, 21), 17);
    const decoded = decodeBatch(batch);
    expect(decoded.header.timestampType).toBe('LogAppendTime');
    expect(decoded.records.map((one) => one.timestamp)).toEqual([1234, 1234]);
  });

  it('passes over control batches', () => {
    const marker = encodeBatch([{ value: Buffer.from('marker') }]);
    marker.writeInt16BE(0x30, 21);
    marker.writeUInt32BE(crc32c(marker, 21), 17);
    const plain = encodeBatch([{ value: Buffer.from('record') }], { baseOffset: 1 });
    const all = [...decodeBatches(Buffer.concat([marker, plain]))];
    expect(all.map((one) => one.value?.toString())).toEqual(['record']);
    expect(readBatchHeader(marker)).toMatchObject({ isControl: true, isTransactional: true });
  });

  it('leaves the checksum alone when offset and leader epoch are stamped', () => {
    const batch = encodeBatch([{ value: Buffer.from('x') }]);
    batch.writeBigInt64BE(2n ** 52n, 0);
    batch.writeInt32BE(7, 12);
    expect(checkBatch(batch)).toMatchObject({ baseOffset: 2 ** 52, leaderEpoch: 7 });
    expect(decodeBatch(batch).records[0]!.offset).toBe(2 ** 52);
  });

  it('walks the headers of batches that lie one after another', () => {
    const first = encodeBatch([{ value: null }]);
    const second = encodeBatch([{ value: null }, { value: null }], { baseOffset: 1 });
    const walked = [...batchHeaders(Buffer.concat([first, second]))];
    expect(walked.map(({ position, header: { lastOffset } }) => [position, lastOffset])).toEqual([
      [0, 0],
      [first.length, 2],
    ]);
    expect([...batchHeaders(Buffer.alloc(0))]).toEqual([]);
  });
});

describe('BatchBuilder', () => {
  it('refuses the record that would exceed the bound and goes on with the next batch', () => {
    const builder = new BatchBuilder({ sizeBytesMax: 200 });
    const value = Buffer.alloc(60, 7);
    expect(builder.append({ value })).toBe(true);
    expect(builder.append({ value })).toBe(true);
    const sizeBytes = builder.sizeBytes;
    expect(builder.append({ value })).toBe(false);
    expect([builder.recordCount, builder.sizeBytes]).toEqual([2, sizeBytes]);
    const first = builder.build();
    expect(first.length).toBe(sizeBytes);
    expect([builder.recordCount, builder.sizeBytes]).toEqual([0, BATCH_HEADER_BYTES]);
    expect(builder.append({ value: Buffer.from('next') }, 5)).toBe(true);
    const second = builder.build();
    expect(decodeBatch(first).records.map((one) => one.value)).toEqual([value, value]);
    expect(decodeBatch(second).header).toMatchObject({ baseTimestamp: 5, maxTimestamp: 5 });
  });

  it.each(COMPRESSIONS)(
    'leaves what %s does not make smaller uncompressed where asked',
    (codec) => {
      const options = { compression: codec, onlyIfSmaller: true, now: 1 };
      const tiny = encodeBatch([{ value: Buffer.from('x') }], options);
      expect(tiny.equals(encodeBatch([{ value: Buffer.from('x') }], { now: 1 }))).toBe(true);
      const value = Buffer.alloc(500, 'walrus');
      expect(checkBatch(encodeBatch([{ value }], options)).compression).toBe(codec);
      const told = encodeBatch([{ value: Buffer.from('x') }], { compression: codec });
      expect(checkBatch(told).compression).toBe(codec);
    },
  );

  it.each(['gzip', 'zstd'] as const)('compresses harder at a higher level of %s', (codec) => {
    const words = Array.from({ length: 20_000 }, (_, n) => `w${(n * n * 7919) % 1009}`);
    const input = [{ value: Buffer.from(words.join(' ')) }];
    const { min, max } = COMPRESSION_LEVELS[codec]!;
    const [fast, small] = [min, max].map((compressionLevel) =>
      encodeBatch(input, { compression: codec, compressionLevel }),
    );
    expect(small!.length).toBeLessThan(fast!.length);
    expect(decodeBatch(small!).records[0]!.value!.equals(input[0]!.value)).toBe(true);
  });

  it('takes a record larger than the bound as a batch of its own', () => {
    const builder = new BatchBuilder({ sizeBytesMax: 100 });
    expect(builder.append({ value: Buffer.alloc(5000) })).toBe(true);
    expect(builder.append({ value: null })).toBe(false);
    expect(decodeBatch(builder.build()).records[0]!.value).toHaveLength(5000);
  });

  it('grows from any size to the same bytes', () => {
    fc.assert(
      fc.property(records, compression, fc.nat(300), (input, codec, initialBytes) => {
        const builder = new BatchBuilder({ compression: codec, initialBytes });
        for (const one of input) expect(builder.append(one, 1)).toBe(true);
        const batch = encodeBatch(input, { compression: codec, now: 1 });
        expect(builder.build().equals(batch)).toBe(true);
      }),
    );
  });

  it('stays as it was when a timestamp is refused', () => {
    const builder = new BatchBuilder();
    builder.append({ value: Buffer.from('kept') }, 1);
    for (const bad of [Number.NaN, -2, 1.5, TIMESTAMP_MAX_MS + 1]) {
      expect(() => builder.append({ value: null, timestamp: bad })).toThrow('timestamp');
    }
    expect(decodeBatch(builder.build()).records).toHaveLength(1);
  });

  it('has no batch without records', () => {
    expect(() => new BatchBuilder().build()).toThrow('no records');
    expect(() => encodeBatch([])).toThrow('no records');
  });
});
