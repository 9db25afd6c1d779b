import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { openRecordSource, type InputFormat, type SourceOptions } from './record-source';

const NONE = new AbortController().signal;

interface Read {
  readonly key: string | null;
  readonly value: string;
  readonly where: string;
}

function options(given: Partial<SourceOptions>): SourceOptions {
  return {
    file: undefined,
    format: 'auto',
    keyField: undefined,
    lineBytesMax: 1_000,
    signal: NONE,
    ...given,
  };
}

function cut(bytes: Buffer, size: number): Readable {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return Readable.from(parts, { objectMode: false });
}

async function read(given: Partial<SourceOptions>, stdin: Readable): Promise<Read[]> {
  const source = await openRecordSource(options(given), stdin);
  const found: Read[] = [];
  for await (const { key, value, where } of source.records) {
    found.push({ key: key === null ? null : key.toString(), value: value.toString(), where });
  }
  return found;
}

/**
 * The same three records in each format, with a comma, a quote and non-ASCII text in one of them.
 */
const ROWS = [
  { id: 'a', note: 'plain' },
  { id: 'b', note: 'comma, "quote"' },
  { id: 'ç', note: '✓ two\nlines' },
];
const INPUTS: readonly (readonly [InputFormat, string, string])[] = [
  ['ndjson', ROWS.map((row) => JSON.stringify(row)).join('\n'), 'line'],
  ['json', `[${ROWS.map((row) => JSON.stringify(row, undefined, 2)).join(',\n')}]`, 'element'],
  ['csv', 'id,note\r\na,plain\r\nb,"comma, ""quote"""\r\nç,"✓ two\nlines"\r\n', 'row'],
];

describe.each(INPUTS)('%s', (format, input, noun) => {
  it('gives the same records wherever the input is cut, byte order mark or not', async () => {
    const expected = ROWS.map((row, index) => {
      return { key: row.id, value: JSON.stringify(row), where: `${noun} ${index + 1}` };
    });
    for (const mark of ['', '\ufeff']) {
      const bytes = Buffer.from(mark + input);
      for (let size = 1; size <= bytes.length; size += 1) {
        expect(await read({ format, keyField: 'id' }, cut(bytes, size))).toEqual(expected);
      }
    }
  });

  it('names the record that lacks the key field, after those before it', async () => {
    const stdin = Readable.from([input], { objectMode: false });
    await expect(read({ format, keyField: 'name' }, stdin)).rejects.toThrow(
      `${noun} 1 has no field "name", which --key asks for`,
    );
  });
});

it.each<[InputFormat, string, object | undefined]>([
  ['ndjson', '{"a":1}', { 'content-type': 'application/json' }],
  ['json', '[1]', { 'content-type': 'application/json' }],
  ['csv', 'a\n1', { 'content-type': 'application/json' }],
  ['text', '{"a":1}', undefined],
])('says of %s whether the value is JSON', async (format, input, headers) => {
  const stdin = Readable.from([input], { objectMode: false });
  const source = await openRecordSource(options({ format }), stdin);
  const found: unknown[] = [];
  for await (const record of source.records) found.push(record.headers);
  expect(found).toEqual([headers]);
});

describe('ndjson', () => {
  it('keeps the bytes of a line as they are and leaves empty lines out', async () => {
    const lines = '{"b": 1.0,  "a": 12345678901234567890 }\n\n  \n{"c":"\\u00e9"}\r\n"text"\n7';
    const found = await read({}, Readable.from([lines], { objectMode: false }));
    expect(found).toEqual([
      { key: null, value: '{"b": 1.0,  "a": 12345678901234567890 }', where: 'line 1' },
      { key: null, value: '{"c":"\\u00e9"}\r', where: 'line 4' },
      { key: null, value: '"text"', where: 'line 5' },
      { key: null, value: '7', where: 'line 6' },
    ]);
  });

  it('takes keys that are no strings as their JSON, and null as no key', async () => {
    const lines = '{"id":7}\n{"id":null}\n{"id":{"a":[true]}}\n{"id":""}';
    const stdin = Readable.from([lines], { objectMode: false });
    const found = await read({ keyField: 'id' }, stdin);
    expect(found.map(({ key }) => key)).toEqual(['7', null, '{"a":[true]}', '']);
  });

  it.each([
    ['a line that is not JSON', '{"id":1}\n{"a":', /^line 2 is not JSON .* use --input text/],
    ['a line that has no fields', '{"id":1}\n[1]', /^line 2 has no field "id"/],
    ['a line that is too long', `{"id":1}\n"${'x'.repeat(2_000)}"`, /^line 2 is longer than 1000/],
    ['a field of the prototype', '{"id":1}\n{"constructor":1}', /^line 2 has no field "id"/],
  ])('names %s', async (_, lines, message) => {
    const stdin = Readable.from([lines], { objectMode: false });
    await expect(read({ keyField: 'id' }, stdin)).rejects.toThrow(message);
  });
});

describe('text', () => {
  it('sends every line as it is, empty ones too', async () => {
    const stdin = Readable.from(['not json\n\nlast'], { objectMode: false });
    const found = await read({ format: 'text' }, stdin);
    expect(found.map(({ value }) => value)).toEqual(['not json', '', 'last']);
  });

  it('has no field that could be a key', async () => {
    const opening = openRecordSource(
      options({ format: 'text', keyField: 'id' }),
      Readable.from([]),
    );
    await expect(opening).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('json', () => {
  it.each([
    ['an object', '{"a":1}', /not a JSON array .*use --input ndjson/],
    ['a broken element', '[{"a":1},{"a":}]', /not a JSON array \(/],
    ['an end that is missing', '[{"a":1}', /not a JSON array \(/],
    [
      'a number that would be altered',
      '[{"a":12345678901234567890}]',
      /element 1 has a whole number/,
    ],
  ])('refuses %s', async (_, text, message) => {
    const stdin = Readable.from([text], { objectMode: false });
    await expect(read({ format: 'json' }, stdin)).rejects.toThrow(message);
  });

  it('takes elements of every kind, and fractions of any size', async () => {
    const stdin = Readable.from(['[null, 1e300, "a", [1], {}]'], { objectMode: false });
    const found = await read({ format: 'json' }, stdin);
    expect(found.map(({ value }) => value)).toEqual(['null', '1e+300', '"a"', '[1]', '{}']);
  });
});

describe('csv', () => {
  it.each([
    ['a row with a field too few', 'a,b\n1,2\n3\n', /not CSV: .*line 3/],
    ['a quote that stays open', 'a,b\n1,"2\n', /not CSV: .*line 2/],
  ])('refuses %s and names its line', async (_, text, message) => {
    const stdin = Readable.from([text], { objectMode: false });
    await expect(read({ format: 'csv' }, stdin)).rejects.toThrow(message);
  });
});

describe('openRecordSource', () => {
  const folder = mkdtempSync(join(tmpdir(), 'walrusmq-source-'));
  const path = (name: string): string => join(folder, name);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['a.ndjson', '{"a":1}', ['{"a":1}']],
    ['b.JSONL', '{"a":1}', ['{"a":1}']],
    ['c.json', '[{"a":1}]', ['{"a":1}']],
    ['d.csv', 'a\n1\n', ['{"a":"1"}']],
    ['e.log', 'a', ['a']],
  ])('tells the format of %s by its name', async (name, text, values) => {
    writeFileSync(path(name), text);
    const found = await read({ file: path(name) }, Readable.from([]));
    expect(found.map(({ value }) => value)).toEqual(values);
  });

  it('knows how much of a file was read', async () => {
    writeFileSync(path('size.ndjson'), '1\n2\n3\n');
    const given = options({ file: path('size.ndjson') });
    const source = await openRecordSource(given, Readable.from([]));
    expect([source.totalBytes, source.bytesRead()]).toEqual([6, 0]);
    for await (const record of source.records) expect(record.value).toHaveLength(1);
    expect(source.bytesRead()).toBe(6);
  });

  it.each([
    ['missing.ndjson', 'missing.ndjson does not exist; check --file'],
    ['.', 'is a directory'],
    ['data.parquet', 'say --input ndjson, json, csv or text'],
  ])('refuses %s', async (name, message) => {
    const format = name === '.' ? 'ndjson' : 'auto';
    const opening = openRecordSource(
      options({ file: join(folder, name), format }),
      Readable.from([]),
    );
    await expect(opening).rejects.toThrow(message);
  });

  it.each(['ndjson', 'json', 'csv', 'text'] as const)(
    'stops waiting for more %s when it is told to',
    async (format) => {
      const stop = new AbortController();
      const stdin = new PassThrough();
      stdin.write(format === 'json' ? '[1,' : '1\n');
      const reading = read({ format, signal: stop.signal }, stdin);
      setImmediate(() => stop.abort());
      await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    },
  );
});
