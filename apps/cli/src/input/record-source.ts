// Turns a file or standard input into records: NDJSON, plain lines, a JSON array, or CSV rows.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { CliError, ExitCode, codeOf } from '../cli-error';
import { csvRows } from './csv-rows';
import { jsonArrayElements } from './json-array';
import { splitLines } from './lines';

export const INPUT_FORMATS = ['auto', 'ndjson', 'json', 'csv', 'text'] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

/** One record of the input. `where` names its place for messages ("line 7"). */
export interface SourceRecord {
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly where: string;
}

export interface RecordSource {
  readonly records: AsyncIterable<SourceRecord>;
  /** Size of the whole input, where it is known. */
  readonly totalBytes: number | undefined;
  /** Bytes of the input taken so far. */
  readonly bytesRead: () => number;
}

export interface SourceOptions {
  /** A path, or '-' or undefined for standard input. */
  readonly file: string | undefined;
  readonly format: InputFormat;
  /** The top-level field whose value becomes the key. */
  readonly keyField: string | undefined;
  readonly lineBytesMax: number;
}

/**
 * Opens the input. Nothing is read before the records are iterated.
 *
 * @throws {CliError} The file is missing or unreadable, or its format cannot be told from its name.
 *   While iterating: an element is not what the format says; the message names its place, and all
 *   records before it were handed out.
 */
export async function openRecordSource(options: SourceOptions, stdin: Readable): Promise<RecordSource> {
  const fromStdin = options.file === undefined || options.file === '-';
  const format = options.format === 'auto' ? formatOf(options.file, fromStdin) : options.format;
  const totalBytes = fromStdin ? undefined : await fileSize(options.file as string);
  const stream = fromStdin ? stdin : createReadStream(options.file as string, { highWaterMark: 1 << 18 });
  let bytesRead = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of stream as AsyncIterable<Buffer | string>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      bytesRead += bytes.length;
      yield bytes;
    }
  }
  return { records: parse(counted(), format, options), totalBytes, bytesRead: () => bytesRead };
}

function formatOf(file: string | undefined, fromStdin: boolean): Exclude<InputFormat, 'auto'> {
  if (fromStdin || file === undefined) return 'ndjson';
  if (/\.(ndjson|jsonl)$/i.test(file)) return 'ndjson';
  if (/\.json$/i.test(file)) return 'json';
  if (/\.csv$/i.test(file)) return 'csv';
  if (/\.(txt|log)$/i.test(file)) return 'text';
  throw new CliError(
    `cannot tell the format of ${file} from its name; say --input ndjson, json, csv or text`,
    ExitCode.usage,
  );
}

async function fileSize(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw new CliError(`${file} is a directory; give a file`);
    return found.size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new CliError(`${file} does not exist`);
    throw error;
  }
}

function parse(
  chunks: AsyncIterable<Buffer>,
  format: Exclude<InputFormat, 'auto'>,
  options: SourceOptions,
): AsyncIterable<SourceRecord> {
  switch (format) {
    case 'ndjson':
      return ndjson(chunks, options);
    case 'text':
      return text(chunks, options);
    case 'json':
      return objects(jsonArrayElements(chunks), 'element', options.keyField);
    case 'csv':
      return objects(csvRows(chunks), 'row', options.keyField);
  }
}

async function* ndjson(chunks: AsyncIterable<Buffer>, options: SourceOptions): AsyncGenerator<SourceRecord> {
  for await (const { bytes, number } of splitLines(chunks, options.lineBytesMax)) {
    const where = `line ${number}`;
    const line = bytes.toString('utf8');
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw new CliError(
        `${where} is not JSON (${(error as Error).message}); use --input text to send lines as they are`,
      );
    }
    yield { key: keyOf(value, options.keyField, where), value: bytes, where };
  }
}

async function* text(chunks: AsyncIterable<Buffer>, options: SourceOptions): AsyncGenerator<SourceRecord> {
  if (options.keyField !== undefined) {
    throw new CliError('--key names a field of JSON or CSV input; plain text has none', ExitCode.usage);
  }
  for await (const { bytes, number } of splitLines(chunks, options.lineBytesMax)) {
    yield { key: null, value: bytes, where: `line ${number}` };
  }
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
    yield { key: keyOf(value, keyField, where), value: Buffer.from(JSON.stringify(value)), where };
  }
}

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
