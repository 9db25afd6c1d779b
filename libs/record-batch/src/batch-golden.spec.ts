// Our codec against kafkajs', in both directions: neither knows the other.
import { decodeBatch, decodeBatches } from './batch-decoder';
import { encodeBatch } from './batch-builder';
import { checkBatch } from './batch-header';
import type { RecordInput } from './record';

interface KafkaJsRecord {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer>;
}
type Encode = (options: object) => Promise<{ buffer: Buffer }>;
type Decode = (decoder: object) => Promise<{ records: KafkaJsRecord[]; maxTimestamp: string }>;

/* eslint-disable @typescript-eslint/no-require-imports -- kafkajs' inner files have no types */
const encodeTheirs = (require('kafkajs/src/protocol/recordBatch/v0') as { RecordBatch: Encode })
  .RecordBatch;
const decodeTheirs = require('kafkajs/src/protocol/recordBatch/v0/decoder') as Decode;
const TheirRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as (
  record: object,
) => object;
const TheirDecoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
/* eslint-enable @typescript-eslint/no-require-imports */

const CODES = { none: 0, gzip: 1 } as const;
const BASE_TIMESTAMP = 1_700_000_000_000;

const RECORDS: RecordInput[] = [
  { key: Buffer.from('first'), value: Buffer.from('one'), timestamp: BASE_TIMESTAMP },
  { key: null, value: Buffer.from('no key'), timestamp: BASE_TIMESTAMP + 1 },
  { key: Buffer.from('tombstone'), value: null, timestamp: BASE_TIMESTAMP - 70_000 },
  { key: Buffer.alloc(0), value: Buffer.alloc(0), timestamp: BASE_TIMESTAMP + 2 ** 33 },
  {
    key: Buffer.from('headers'),
    value: Buffer.alloc(5000, 'abc'),
    headers: [
      { key: 'plain', value: Buffer.from('text') },
      { key: 'größe', value: Buffer.from('€') },
      { key: '', value: Buffer.alloc(0) },
    ],
    timestamp: BASE_TIMESTAMP + 5,
  },
];

function theirBatch(compression: keyof typeof CODES): Promise<{ buffer: Buffer }> {
  return encodeTheirs({
    compression: CODES[compression],
    firstOffset: 4_000_000_000,
    firstTimestamp: BASE_TIMESTAMP,
    maxTimestamp: BASE_TIMESTAMP + 2 ** 33,
    lastOffsetDelta: RECORDS.length - 1,
    records: RECORDS.map((record, index) =>
      TheirRecord({
        offsetDelta: index,
        timestampDelta: record.timestamp! - BASE_TIMESTAMP,
        key: record.key,
        value: record.value,
        headers: Object.fromEntries((record.headers ?? []).map((h) => [h.key, h.value])),
      }),
    ),
  });
}

describe.each(['none', 'gzip'] as const)('kafkajs and we, compression %s', (compression) => {
  it('reads the batches that kafkajs writes', async () => {
    const bytes = (await theirBatch(compression)).buffer;
    const { header, records } = decodeBatch(bytes);
    expect(header).toMatchObject({
      baseOffset: 4_000_000_000,
      compression,
      recordCount: RECORDS.length,
      producerId: -1,
      baseTimestamp: BASE_TIMESTAMP,
      sizeBytes: bytes.length,
    });
    expect(records).toEqual(
      RECORDS.map((record, index) => ({
        offset: 4_000_000_000 + index,
        timestamp: record.timestamp,
        key: record.key,
        value: record.value,
        headers: record.headers ?? [],
      })),
    );
  });

  it('writes batches that kafkajs reads', async () => {
    const bytes = encodeBatch(RECORDS, { compression, baseOffset: 77 });
    const theirs = await decodeTheirs(new TheirDecoder(bytes));
    expect(theirs.maxTimestamp).toBe(String(BASE_TIMESTAMP + 2 ** 33));
    expect(theirs.records).toHaveLength(RECORDS.length);
    theirs.records.forEach((record, index) => {
      const ours = RECORDS[index]!;
      expect(record.offset).toBe(String(77 + index));
      expect(record.timestamp).toBe(String(ours.timestamp));
      expect(record.key).toEqual(ours.key);
      expect(record.value).toEqual(ours.value);
      const headers = Object.fromEntries((ours.headers ?? []).map((h) => [h.key, h.value]));
      expect(record.headers).toEqual(headers);
    });
  });

  it('reads their batches and ours one after another', async () => {
    const theirs = (await theirBatch(compression)).buffer;
    const both = Buffer.concat([theirs, encodeBatch(RECORDS, { compression, baseOffset: 5e9 })]);
    const offsets = [...decodeBatches(both)].map((record) => record.offset);
    expect(offsets).toEqual([...RECORDS.keys()].flatMap((n) => [n + 4e9, n + 5e9]).sort());
  });
});

it('writes the very bytes that kafkajs writes, but for fields kafkajs leaves at 0', async () => {
  const theirs = (await theirBatch('none')).buffer;
  checkBatch(theirs);
  const ours = encodeBatch(RECORDS, {
    baseOffset: 4_000_000_000,
    producerEpoch: 0,
    baseSequence: 0,
  });
  ours.writeInt32BE(0, 12); // Leader epoch, outside the checksum.
  expect(ours.toString('hex')).toBe(theirs.toString('hex'));
});
