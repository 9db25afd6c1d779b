// Batches that other implementations compressed; testing/golden/README.md says how they were made.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBatch } from './batch-decoder';
import { COMPRESSIONS } from './batch-header';
import type { RecordInput } from './record';

const GOLDEN = join(__dirname, '../testing/golden');
const FILES = readdirSync(GOLDEN).filter((name) => name.endsWith('.bin'));
const BASE_TIMESTAMP = 1_700_000_000_000;

function largeValue(): Buffer {
  const value = Buffer.alloc(150_000);
  let noise = 1n;
  for (let i = 0; i < value.length; i++) {
    noise = (noise * 1_103_515_245n + 12_345n) & 0x7fffffffn;
    value[i] = i % 64 < 4 ? Number((noise >> 16n) & 0xffn) : i % 64;
  }
  return value;
}

const RECORDS: RecordInput[] = [
  { key: Buffer.from('first'), value: Buffer.from('one'), timestamp: 0 },
  { key: null, value: Buffer.from('no key'), timestamp: 1 },
  { key: Buffer.from('tombstone'), value: null, timestamp: -70_000 },
  { key: Buffer.alloc(0), value: Buffer.alloc(0), timestamp: 2 ** 33 },
  {
    key: Buffer.from('headers'),
    value: Buffer.from('abc'.repeat(1000)),
    headers: [
      { key: 'plain', value: Buffer.from('text') },
      { key: 'größe', value: Buffer.from('€') },
      { key: '', value: Buffer.alloc(0) },
    ],
    timestamp: 5,
  },
  { key: Buffer.from('large'), value: largeValue(), timestamp: 6 },
];

it('has batches of every codec from two independent clients', () => {
  const wanted = COMPRESSIONS.filter((name) => name !== 'none').flatMap((name) => [
    `kafka-clients-${name}.bin`,
    `kafka-python-${name}.bin`,
  ]);
  expect(FILES).toEqual(expect.arrayContaining(wanted));
});

it.each(FILES)('reads %s', (name) => {
  const batch = readFileSync(join(GOLDEN, name));
  const { header, records } = decodeBatch(batch);
  expect(name).toContain(header.compression);
  expect(header).toMatchObject({ recordCount: RECORDS.length, sizeBytes: batch.length });
  const expected = RECORDS.map(({ key = null, value, headers = [], timestamp }, index) => ({
    offset: header.baseOffset + index,
    timestamp: BASE_TIMESTAMP + timestamp!,
    key,
    value,
    headers,
  }));
  // Text, since Jest compares large Buffers byte by byte.
  expect(JSON.stringify(records)).toBe(JSON.stringify(expected));
});
