// The records that suites write, and how what was read is compared with them.
import type {
  ClientCapabilities,
  Header,
  ReceivedRecord,
  RecordToProduce,
} from './client-under-test';

const ANY_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
/** 2023-11-14, well before any test runs. */
const FIRST_TIMESTAMP_MS = 1_700_000_000_000;

/** A record with nothing but what is given. */
export function record(fields: Partial<RecordToProduce> = {}): RecordToProduce {
  return { partition: 0, key: null, value: null, headers: [], timestampMs: null, ...fields };
}

/** Records that every client can write and read, in words that compress. */
export function plainRecords(count: number, partition: number | null = 0): RecordToProduce[] {
  return Array.from({ length: count }, (_, i) =>
    record({
      partition,
      key: Buffer.from(`customer-${i % 7}`),
      value: Buffer.from(`order ${i} of customer ${i % 7}: two apples, two pears, two plums`),
    }),
  );
}

function headersFor(level: ClientCapabilities['headers']): readonly (readonly Header[])[] {
  const strings = [
    { name: 'content-type', value: Buffer.from('text/plain') },
    { name: 'trace', value: Buffer.from('0af7651916cd43dd') },
  ];
  const bytes = [
    { name: 'bytes', value: ANY_BYTES },
    { name: 'twice', value: Buffer.from('first') },
    { name: 'twice', value: Buffer.from('second') },
    { name: 'empty', value: Buffer.alloc(0) },
  ];
  switch (level) {
    case 'none':
      return [];
    case 'strings':
      return [strings];
    case 'bytes':
      return [strings, bytes];
    case 'all':
      return [strings, bytes, [{ name: 'null', value: null }]];
  }
}

export type RecordAbilities = Pick<
  ClientCapabilities,
  'nulls' | 'writesEmptyAsNull' | 'needsKeyOrValue' | 'binary' | 'headers' | 'timestamps'
>;

const HEADER_LEVELS = ['none', 'strings', 'bytes', 'all'] as const;

/** What a client can write and another one read. */
export function commonAbilities(one: RecordAbilities, other: RecordAbilities): RecordAbilities {
  const level = Math.min(HEADER_LEVELS.indexOf(one.headers), HEADER_LEVELS.indexOf(other.headers));
  return {
    nulls: one.nulls && other.nulls,
    ...(one.needsKeyOrValue ? { needsKeyOrValue: true as const } : {}),
    binary: one.binary && other.binary,
    headers: HEADER_LEVELS[level] ?? 'none',
    timestamps: one.timestamps,
    ...(one.writesEmptyAsNull === true ? { writesEmptyAsNull: true } : {}),
  };
}

/** Every kind of key, value and headers that clients of these abilities can have. */
export function awkwardRecords(abilities: RecordAbilities): RecordToProduce[] {
  const { nulls, writesEmptyAsNull = false, binary, headers, timestamps } = abilities;
  const { needsKeyOrValue = false } = abilities;
  const key = Buffer.from('key');
  const value = Buffer.from('value');
  const records = [
    record({ key, value }),
    ...(nulls
      ? [
          record({ key: null, value }),
          record({ key, value: null }),
          ...(writesEmptyAsNull ? [] : [record({ key: Buffer.alloc(0), value: Buffer.alloc(0) })]),
          ...(needsKeyOrValue ? [] : [record({ key: null, value: null })]),
        ]
      : []),
    ...(binary
      ? [
          record({ key: ANY_BYTES, value }),
          record({ key, value: ANY_BYTES }),
          record({ key: Buffer.from('Schlüssel 🗝'), value: Buffer.from('值\r\n\t\0') }),
        ]
      : []),
    ...headersFor(headers).map((list) => record({ key, value, headers: list })),
  ];
  return records.map((each, i) =>
    timestamps ? { ...each, timestampMs: FIRST_TIMESTAMP_MS + i * 1_000 } : each,
  );
}

const hex = (bytes: Buffer | null): string | null => bytes?.toString('hex') ?? null;

/**
 * A record as text, equal for equal records; the order of headers with different names is left out.
 */
export function canonical(
  { key, value, headers, timestampMs }: RecordToProduce | ReceivedRecord,
  withTimestamp: boolean,
): string {
  const sorted = headers
    .map(({ name, value: bytes }) => ({ name, value: hex(bytes) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const when = withTimestamp ? timestampMs : undefined;
  return JSON.stringify({ key: hex(key), value: hex(value), headers: sorted, when });
}

/** The lines of what was written and read that a test compares, offsets of the latter included. */
export function sides(
  written: readonly RecordToProduce[],
  read: readonly ReceivedRecord[],
  firstOffset = 0,
): { readonly expected: readonly string[]; readonly got: readonly string[] } {
  const line = (offset: number, text: string): string => `${offset} ${text}`;
  return {
    expected: written.map((each, i) =>
      line(firstOffset + i, canonical(each, each.timestampMs !== null)),
    ),
    got: read.map((each, i) =>
      line(each.offset, canonical(each, (written[i]?.timestampMs ?? null) !== null)),
    ),
  };
}
