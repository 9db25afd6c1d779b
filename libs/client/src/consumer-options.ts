import { checkReaderName, checkTopicName } from '@walrusmq/protocol';
import type { ConsumerRecord } from './consumer-record';
import { asError, InvalidOptionError } from './errors';
import { connectionSettings, oneOf, TIMER_MS_MAX, wholeNumber } from './options';
import type { ConnectionOptions, ConnectionSettings } from './options';
import type { ProcessingOptions } from './processing/processing-options';
import { RAW_DECODING, recordDecoding } from './serialisers';
import type { ConsumerSerialisation, RecordDecoding } from './serialisers';

/**
 * Where reading starts: the first record kept, the next one to come, an offset, or the first record
 * that is not older than a timestamp in milliseconds.
 */
export type StartPosition =
  'earliest' | 'latest' | { readonly offset: number } | { readonly timestamp: number };

/** A topic with all its partitions, or with some of them. */
export type TopicSelection =
  string | { readonly topic: string; readonly partitions?: readonly number[] | undefined };

/** How a named reader's progress is saved without the program doing so. */
export interface AutoCommit {
  /** At most this much progress is unsaved. Default 5000. */
  readonly intervalMs?: number | undefined;
}

/** Options of a `Consumer`; durations in milliseconds, sizes in bytes. */
export interface ConsumerOptions<K = Buffer, V = unknown> extends ConnectionOptions {
  readonly topics: readonly TopicSelection[];
  /** Name under which progress is saved. Without it the consumer is anonymous. */
  readonly reader?: string | undefined;
  /** Where to start in a partition where the reader has saved nothing. Default 'earliest'. */
  readonly from?: StartPosition | undefined;
  /**
   * Records that the broker sends ahead of the program, at most; a batch that is larger comes
   * alone. Default 2 MiB.
   */
  readonly prefetchBytes?: number | undefined;
  /** Default every 5 s with a `reader`; always off without one. */
  readonly autoCommit?: AutoCommit | false | undefined;
  /** What to do where the asked offset is gone or not there yet. Default 'error'. */
  readonly offsetOutOfRange?: 'error' | 'earliest' | 'latest' | undefined;
  /** How keys and values are read. Default: keys as bytes, values by their `content-type`. */
  readonly serialisation?: ConsumerSerialisation<K, V> | undefined;
  /** Short for `serialisation: { key: 'raw', value: 'raw' }`. Default false. */
  readonly raw?: boolean | undefined;
  /** What a compressed batch may unpack to. Default 64 MiB. */
  readonly decompressedBytesMax?: number | undefined;
  /** How long to look for a broker before the first answer. Default 30 000. Later: without end. */
  readonly startTimeoutMs?: number | undefined;
  /** Ends the consumer as `close` does; loops over it then end without an error. */
  readonly signal?: AbortSignal | undefined;
}

/** Records of one partition that were written together, in order. */
export interface RecordBatch<K = Buffer, V = unknown> {
  readonly topic: string;
  readonly partition: number;
  /** At least one. */
  readonly records: readonly ConsumerRecord<K, V>[];
  /** End of the partition as last heard of. */
  readonly readableEnd: number;
}

/** What a handler is told beside its record or batch. */
export interface HandlerContext {
  /** 1 for the first time that this `run` hands it over; goes up with each retry. */
  readonly attempt: number;
  /**
   * Aborts when the outcome does not count any more: `close` has waited long enough, or the
   * partition was sought or taken away. A graceful `close` alone does not abort it.
   */
  readonly signal: AbortSignal;
}

/**
 * Exactly one of `eachRecord` and `eachBatch`, which may return a promise. Without `concurrency` a
 * handler is called again only once it has returned or resolved.
 */
export interface Handlers<K = Buffer, V = unknown> extends ProcessingOptions<K, V> {
  readonly eachRecord?:
    ((record: ConsumerRecord<K, V>, context: HandlerContext) => unknown) | undefined;
  readonly eachBatch?: ((batch: RecordBatch<K, V>, context: HandlerContext) => unknown) | undefined;
}

/** `ConsumerOptions` with every default filled in. */
export interface ConsumerSettings {
  readonly connection: ConnectionSettings;
  readonly topics: readonly { readonly topic: string; readonly partitions?: readonly number[] }[];
  readonly reader: string | undefined;
  readonly from: StartPosition;
  readonly prefetchBytes: number;
  /** Undefined: off. */
  readonly autoCommitMs: number | undefined;
  readonly offsetOutOfRange: 'error' | 'earliest' | 'latest';
  readonly decoding: RecordDecoding;
  readonly decompressedBytesMax: number;
  readonly startTimeoutMs: number;
}

const MIB = 1024 * 1024;

/**
 * Fills in the defaults.
 *
 * @throws {InvalidOptionError} A value that can never work.
 */
export function consumerSettings<K, V>(options: ConsumerOptions<K, V>): ConsumerSettings {
  const { reader, from = 'earliest' } = options;
  if (reader !== undefined) checked('reader', () => checkReaderName(reader));
  checkStart('from', from);
  const GIB = 1024 * MIB;
  return {
    connection: connectionSettings(options),
    topics: checkTopics(options.topics),
    reader,
    from,
    prefetchBytes: wholeNumber('prefetchBytes', options.prefetchBytes, 2 * MIB, 1, GIB),
    autoCommitMs: autoCommitMs(options),
    offsetOutOfRange: oneOf<'error' | 'earliest' | 'latest'>(
      'offsetOutOfRange',
      options.offsetOutOfRange,
      'error',
      ['error', 'earliest', 'latest'],
    ),
    decoding: decodingOf(options),
    decompressedBytesMax: wholeNumber(
      'decompressedBytesMax',
      options.decompressedBytesMax,
      64 * MIB,
      1,
      GIB,
    ),
    startTimeoutMs: wholeNumber('startTimeoutMs', options.startTimeoutMs, 30_000, 0),
  };
}

/**
 * A place to read from, with a bare number taken as an offset.
 *
 * @throws {InvalidOptionError} It is none.
 */
export function checkStart(name: string, position: StartPosition | number): StartPosition {
  const start = typeof position === 'number' ? { offset: position } : position;
  if (start === 'earliest' || start === 'latest') return start;
  if (typeof start === 'object') {
    const value = 'offset' in start ? start.offset : start.timestamp;
    if (Number.isSafeInteger(value) && value >= 0) return start;
  }
  throw new InvalidOptionError(
    `${name} must be 'earliest', 'latest', {offset} or {timestamp}, ` +
      `got ${JSON.stringify(position)}`,
  );
}

function decodingOf<K, V>({ raw, serialisation }: ConsumerOptions<K, V>): RecordDecoding {
  if (raw === undefined || !raw) return recordDecoding(serialisation);
  if (serialisation === undefined) return RAW_DECODING;
  throw new InvalidOptionError('raw and serialisation exclude each other');
}

function autoCommitMs<K, V>({ autoCommit, reader }: ConsumerOptions<K, V>): number | undefined {
  if (autoCommit === false) return undefined;
  if (reader === undefined) {
    if (autoCommit === undefined) return undefined;
    throw new InvalidOptionError('autoCommit needs a reader: give it a name as `reader`');
  }
  const { intervalMs } = autoCommit ?? {};
  return wholeNumber('autoCommit.intervalMs', intervalMs, 5_000, 1, TIMER_MS_MAX);
}

function checkTopics(topics: readonly TopicSelection[]): ConsumerSettings['topics'] {
  if (typeof topics !== 'object' || !(topics.length > 0)) {
    throw new InvalidOptionError('topics must name at least one topic');
  }
  const seen = new Set<string>();
  return topics.map((selection) => {
    const { topic, partitions } =
      typeof selection === 'string' ? { topic: selection, partitions: undefined } : selection;
    checked('topics', () => checkTopicName(topic));
    if (seen.has(topic)) throw new InvalidOptionError(`topics names "${topic}" twice`);
    seen.add(topic);
    if (partitions === undefined) return { topic };
    partitions.forEach((partition) => wholeNumber('partition', partition, 0, 0));
    return { topic, partitions: [...new Set(partitions)] };
  });
}

function checked(name: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw new InvalidOptionError(`${name}: ${asError(error).message}`);
  }
}
