// Turns a file or standard input into records: NDJSON, plain lines, a JSON array, or CSV rows.
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { CliError, ExitCode, codeOf } from '../cli-error';
import { splitLines } from './lines';
import { withoutByteOrderMark } from './byte-order-mark';

export const INPUT_FORMATS = ['auto', 'ndjson', 'json', 'csv', 'text'] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

/** One record of the input. `where` names its place for messages ("line 7"). */
export interface SourceRecord {
  readonly key: Buffer | null;
  readonly value: Buffer;
  /** Says that the value is JSON, so that consumers of the SDK get what was meant. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly where: string;
}

const JSON_HEADERS = { 'content-type': 'application/json' };

export interface RecordSource {
  readonly records: AsyncIterable<SourceRecord>;
  /** Size of the whole input, where it is known. */
  readonly totalBytes: number | undefined;
  /** Bytes of the input taken so far. */
  readonly bytesRead: () => number;
  /** What to type, where a person at a terminal does. */
  readonly hint?: string;
}

export interface SourceOptions {
  /** A path, or '-' or undefined for standard input. */
  readonly file: string | undefined;
  readonly format: InputFormat;
  /** The top-level field whose value becomes the key. */
  readonly keyField: string | undefined;
  readonly lineBytesMax: number;
  /** Ends the reading, with an error, also while it waits for more input. */
  readonly signal: AbortSignal;
}

/**
 * Opens the input. Nothing is read before the records are iterated.
 *
 * @throws {CliError} The file is missing or unreadable, or its format cannot be told from its name.
 *   While iterating: an element is not what the format says; the message names its place.
 */
export async function openRecordSource(
  options: SourceOptions,
  stdin: Readable,
): Promise<RecordSource> {
  const file = options.file === '-' ? undefined : options.file;
  const format = options.format === 'auto' ? formatOf(file) : options.format;
  checkKeyFits(format, options.keyField);
  const totalBytes = file === undefined ? undefined : await readableSize(file);
  let bytesRead = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    const stream = file === undefined ? stdin : createReadStream(file, { highWaterMark: 1 << 18 });
    addAbortSignal(options.signal, stream);
    for await (const chunk of stream as AsyncIterable<Buffer | string>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      bytesRead += bytes.length;
      yield bytes;
    }
  }
  const isTyped = file === undefined && (stdin as { isTTY?: boolean }).isTTY === true;
  return {
    records: parse(counted(), format, options),
    totalBytes,
    bytesRead: () => bytesRead,
    ...(isTyped && { hint: `${TYPED[format]}; Ctrl-D ends` }),
  };
}

const TYPED: Readonly<Record<KnownFormat, string>> = {
  ndjson: 'one JSON value a line',
  text: 'one record a line',
  json: 'a JSON array',
  csv: 'a line of names, then a row a line',
};

type KnownFormat = Exclude<InputFormat, 'auto'>;

function formatOf(file: string | undefined): KnownFormat {
  if (file === undefined || /\.(ndjson|jsonl)$/i.test(file)) return 'ndjson';
  if (/\.json$/i.test(file)) return 'json';
  if (/\.csv$/i.test(file)) return 'csv';
  if (/\.(txt|log)$/i.test(file)) return 'text';
  throw new CliError(
    `cannot tell the format of ${file} from its name; say --input ndjson, json, csv or text`,
    ExitCode.usage,
  );
}

function checkKeyFits(format: KnownFormat, keyField: string | undefined): void {
  if (format !== 'text' || keyField === undefined) return;
  throw new CliError('--key names a field of JSON or CSV input; text has none', ExitCode.usage);
}

async function readableSize(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new CliError(`${file} is a directory; give a file`);
    await access(file, constants.R_OK);
    return found.size;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') throw new CliError(`${file} does not exist; check --file`);
    if (code === 'EACCES') throw new CliError(`${file} may not be read; check its permissions`);
    throw error;
  }
}

function parse(
  chunks: AsyncIterable<Buffer>,
  format: KnownFormat,
  options: SourceOptions,
): AsyncIterable<SourceRecord> {
  switch (format) {
    case 'ndjson':
      return ndjson(withoutByteOrderMark(chunks), options);
    case 'text':
      return text(chunks, options);
    case 'json':
      return fromArray(withoutByteOrderMark(chunks), options);
    case 'csv':
      return fromCsv(chunks, options);
  }
}

async function* ndjson(
  chunks: AsyncIterable<Buffer>,
  options: SourceOptions,
): AsyncGenerator<SourceRecord> {
  for await (const { bytes, number } of splitLines(chunks, options.lineBytesMax)) {
    const where = `line ${number}`;
    const line = bytes.toString('utf8');
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      const reason = (error as Error).message;
      throw new CliError(
        `${where} is not JSON (${reason}); use --input text to send lines as they are`,
      );
    }
    const key = keyOf(value, options.keyField, where);
    yield { key, value: bytes, headers: JSON_HEADERS, where };
  }
}

async function* text(
  chunks: AsyncIterable<Buffer>,
  options: SourceOptions,
): AsyncGenerator<SourceRecord> {
  for await (const { bytes, number } of splitLines(chunks, options.lineBytesMax)) {
    yield { key: null, value: bytes, where: `line ${number}` };
  }
}

// The two parsers are loaded when they are needed: NDJSON is what most files are.

async function* fromArray(
  chunks: AsyncIterable<Buffer>,
  options: SourceOptions,
): AsyncGenerator<SourceRecord> {
  const { jsonArrayElements } = await import('./json-array.js');
  yield* objects(jsonArrayElements(chunks), 'element', options.keyField);
}

async function* fromCsv(
  chunks: AsyncIterable<Buffer>,
  options: SourceOptions,
): AsyncGenerator<SourceRecord> {
  const { csvRows } = await import('./csv-rows.js');
  yield* objects(csvRows(chunks), 'row', options.keyField);
}

async function* objects(
  values: AsyncIterable<unknown>,
  noun: string,
  keyField: string | undefined,
): AsyncGenerator<SourceRecord> {
  let number = 0;
  for await (const value of values) {
    number += 1;
    const where = `${noun} ${number}`;
    const json = JSON.stringify(value, (_, member: unknown) => checkExact(member, where));
    yield {
      key: keyOf(value, keyField, where),
      value: Buffer.from(json),
      headers: JSON_HEADERS,
      where,
    };
  }
}

/**
 * Refuses a whole number whose last digits were lost when it was read: it would be stored wrong.
 */
function checkExact(member: unknown, where: string): unknown {
  const isLong = Number.isInteger(member) && !Number.isSafeInteger(member);
  if (!isLong || Math.abs(member as number) >= SHOWN_WITH_EXPONENT) return member;
  throw new CliError(
    `${where} has a whole number near ${String(member)}, too long to be read exactly; ` +
      'write it as a string, or send NDJSON, whose lines are stored as they are',
  );
}

/** From here on JavaScript writes numbers with an exponent, as whoever meant a fraction does. */
const SHOWN_WITH_EXPONENT = 1e21;

/** The key field's value as bytes: strings as they are, other values as JSON. */
function keyOf(value: unknown, keyField: string | undefined, where: string): Buffer | null {
  if (keyField === undefined) return null;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject || !Object.hasOwn(value, keyField)) {
    throw new CliError(`${where} has no field "${keyField}", which --key asks for`);
  }
  const key = (value as Record<string, unknown>)[keyField];
  if (key === null || key === undefined) return null;
  return Buffer.from(typeof key === 'string' ? key : JSON.stringify(key));
}
