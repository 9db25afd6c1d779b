// The headers of a dead letter; docs/protocol.md fixes their names.
import type { RecordHeader } from '@walrusmq/record-batch';
import { asError } from '../errors';
import type { ProducerHeader } from '../record';
import type { FinalFailure } from './failure-policy';

const PREFIX = 'walrusmq-dead-letter-';

/** Names of the headers that a dead letter has behind those of its record. All hold text. */
export const DEAD_LETTER_HEADERS = Object.freeze({
  /** Where the record was read. The first of them: what lies before it is the record's own. */
  topic: `${PREFIX}topic`,
  partition: `${PREFIX}partition`,
  offset: `${PREFIX}offset`,
  /** Of the record, in milliseconds since 1970. */
  timestamp: `${PREFIX}timestamp`,
  /** Calls of the handler; 0 for a record that could not be deserialised. */
  attempts: `${PREFIX}attempts`,
  /** Name and message of the last error; at most 1 KiB. */
  cause: `${PREFIX}cause`,
  /** Its stack, with those of its causes; at most 8 KiB. Left out where it does not fit. */
  stack: `${PREFIX}stack`,
  /** The named reader that read it; left out of an anonymous one's. */
  reader: `${PREFIX}reader`,
  /** The consumer group that read it; left out of others'. */
  group: `${PREFIX}group`,
  /** When the first attempt failed, in milliseconds since 1970. */
  firstFailure: `${PREFIX}first-failure`,
  /** When the last one did. */
  lastFailure: `${PREFIX}last-failure`,
});

const CAUSE_BYTES_MAX = 1024;
const STACK_BYTES_MAX = 8 * 1024;
const CAUSES_MAX = 8;

/** Where a dead letter comes from. */
export interface DeadLetterOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
}

/** Who read the record. */
export interface DeadLetterReader {
  readonly reader?: string | undefined;
  readonly group?: string | undefined;
}

/**
 * The headers of a dead letter, without those of its record.
 *
 * @param withStack False for a record that is too large with it.
 */
export function deadLetterHeaders(
  origin: DeadLetterOrigin,
  failure: FinalFailure,
  { reader, group }: DeadLetterReader,
  withStack: boolean,
): readonly ProducerHeader[] {
  const names = DEAD_LETTER_HEADERS;
  const error = asError(failure.error);
  const cause = cut(`${error.name}: ${error.message}`, CAUSE_BYTES_MAX);
  const headers: ProducerHeader[] = [
    { key: names.topic, value: origin.topic },
    { key: names.partition, value: String(origin.partition) },
    { key: names.offset, value: String(origin.offset) },
    { key: names.timestamp, value: String(origin.timestamp) },
    { key: names.attempts, value: String(failure.attempts) },
    { key: names.cause, value: cause },
    { key: names.firstFailure, value: String(failure.firstFailureMs) },
    { key: names.lastFailure, value: String(failure.lastFailureMs) },
  ];
  if (withStack) headers.push({ key: names.stack, value: cut(stackOf(error), STACK_BYTES_MAX) });
  if (reader !== undefined) headers.push({ key: names.reader, value: reader });
  if (group !== undefined) headers.push({ key: names.group, value: group });
  return headers;
}

/** A dead letter taken apart. */
export interface DeadLetter {
  readonly origin: DeadLetterOrigin;
  /** Those of the record as it was at its origin. */
  readonly headers: readonly RecordHeader[];
}

/**
 * Takes the headers of a dead letter apart; undefined if it is none. Of a record that died more
 * than once the last time counts, and its headers of before that stay.
 */
export function readDeadLetter(headers: readonly RecordHeader[]): DeadLetter | undefined {
  let start = headers.length - 1;
  while (start >= 0 && headers[start]?.key !== DEAD_LETTER_HEADERS.topic) start -= 1;
  if (start < 0) return undefined;
  const text = new Map<string, string>();
  for (const { key, value } of headers.slice(start)) text.set(key, value?.toString() ?? '');
  const whole = (name: string): number => {
    const value = text.get(name);
    return value !== undefined && /^-?\d{1,16}$/.test(value) ? Number(value) : NaN;
  };
  const topic = text.get(DEAD_LETTER_HEADERS.topic) ?? '';
  const partition = whole(DEAD_LETTER_HEADERS.partition);
  const offset = whole(DEAD_LETTER_HEADERS.offset);
  const timestamp = whole(DEAD_LETTER_HEADERS.timestamp);
  if (![partition, offset, timestamp].every(Number.isSafeInteger)) return undefined;
  return { origin: { topic, partition, offset, timestamp }, headers: headers.slice(0, start) };
}

function stackOf(error: Error): string {
  let text = error.stack ?? `${error.name}: ${error.message}`;
  let { cause } = error;
  for (let depth = 0; cause !== undefined && depth < CAUSES_MAX; depth++) {
    const inner = asError(cause);
    text += `\ncaused by: ${inner.stack ?? inner.message}`;
    ({ cause } = inner);
  }
  return text;
}

/** The text as UTF-8, cut behind a whole character. */
function cut(text: string, bytesMax: number): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return bytes;
  let end = bytesMax;
  // A byte of the form 10xxxxxx goes on with a character that began before it.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
