import type { ConsumerRecord } from '@walrusmq/client';

export const RECORD_FORMATS = ['json', 'value', 'table'] as const;
export type RecordFormat = (typeof RECORD_FORMATS)[number];

/** Turns a record into one line of output, without its newline. */
export type RecordFormatter = (record: ConsumerRecord) => Buffer | string;

const KEY_WIDTH = 20;
const COLUMNS = ['partition', 'offset', 'time'.padEnd(24), 'key'.padEnd(KEY_WIDTH), 'value'];

/** The line above the records, where the format has one. */
export function headLine(format: RecordFormat): string | undefined {
  return format === 'table' ? COLUMNS.join('  ') : undefined;
}

/** @param width Columns of the terminal, for 'table'; longer values end in "…". */
export function recordFormatter(format: RecordFormat, width: number): RecordFormatter {
  if (format === 'value') return ({ valueBytes }) => valueBytes ?? '';
  if (format === 'json') return (record) => JSON.stringify(toJson(record));
  return (record) => toRow(record, width);
}

function toJson(record: ConsumerRecord): Record<string, unknown> {
  const { topic, partition, offset, timestamp, key, valueBytes } = record;
  const headers = Object.fromEntries(
    Object.entries(record.headers).map(([name, value]) => [name, textOrBase64(value)]),
  );
  return {
    topic,
    partition,
    offset,
    timestamp,
    key: textOrBase64(key),
    value: jsonValue(valueBytes),
    headers,
  };
}

/** A JSON object or array as such, other text as a string, and bytes that are no text as base64. */
function jsonValue(bytes: Buffer | null): unknown {
  const first = bytes?.[0];
  if (bytes !== null && (first === OPEN_BRACE || first === OPEN_BRACKET)) {
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch {
      // It only looks like JSON: shown as the text that it is.
      return textOrBase64(bytes);
    }
  }
  return textOrBase64(bytes);
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/** UTF-8 text as a string, other bytes as base64 in an object. */
export function textOrBase64(bytes: Buffer | null): string | null | { base64: string } {
  if (bytes === null) return null;
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : { base64: bytes.toString('base64') };
}

function toRow(record: ConsumerRecord, width: number): string {
  const time = record.timestamp < 0 ? '-' : new Date(record.timestamp).toISOString();
  const cells = [
    String(record.partition).padStart('partition'.length),
    String(record.offset).padStart('offset'.length),
    time.padEnd(24),
    shorten(record.key?.toString('utf8') ?? '-', KEY_WIDTH).padEnd(KEY_WIDTH),
  ];
  const before = cells.join('  ');
  const value = record.valueBytes?.toString('utf8') ?? '-';
  return `${before}  ${shorten(value, Math.max(20, width - before.length - 2))}`;
}

/** Control characters would move the cursor of the terminal; they are shown as a dot. */
function shorten(text: string, width: number): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this looks for
  const clean = text.slice(0, width + 1).replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
  return clean.length > width ? `${clean.slice(0, width - 1)}…` : clean;
}
