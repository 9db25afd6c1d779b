import { checkReaderName, checkTopicName } from '@walrusmq/protocol';
import type { ConsumerRecord } from './consumer-record';
import { asError, InvalidOptionError } from './errors';
import {
  GROUP_NAMES,
  groupSettings,
  type GroupOptions,
  type GroupSettings,
} from './group/group-options';
import { checkNames, type OptionNames } from './option-names';
import {
  CONNECTION_NAMES,
  connectionSettings,
  oneOf,
  TIMER_MS_MAX,
  wholeNumber,
  type ConnectionOptions,
  type ConnectionSettings,
} from './options';
import { PROCESSING_NAMES, type ProcessingOptions } from './processing/processing-options';
import { decodingOf } from './serialisers';
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

/** How progress is saved from time to time, without the program doing so. */
export interface AutoCommit {
  /** At most this much progress is unsaved. Default 5000. */
  readonly intervalMs?: number | undefined;
}

/** Options of a `Consumer`; durations in milliseconds, sizes in bytes. */
export interface ConsumerOptions<K = Buffer, V = unknown> extends ConnectionOptions, GroupOptions {
  /** What to read; in a group whole topics, which may be created later. */
  readonly topics?: readonly TopicSelection[] | undefined;
  /**
   * Name under which progress is saved, for a consumer that reads alone. Without it and without a
   * `group` the consumer is anonymous.
   */
  readonly reader?: string | undefined;
  /**
   * Whether to have the reader for oneself, on whole topics: 'refuse' fails at the start when
   * another connection has it (`READER_ATTACHED`), 'take-over' ends that one, which is told
   * `READER_TAKEN_OVER` by its next commit. With 'none' (default) nobody is kept from it: two
   * consumers with one reader then both read everything, and the last commit counts.
   */
  readonly attach?: 'refuse' | 'take-over' | 'none' | undefined;
  /** Where to start in a partition where nothing was saved. Default 'earliest'. */
  readonly from?: StartPosition | undefined;
  /**
   * Records that the broker sends ahead of the program, at most; a batch that is larger comes
   * alone. Default 2 MiB.
   */
  readonly prefetchBytes?: number | undefined;
  /**
   * When progress is saved: from time to time, or after each record or batch and before the next
   * one is handed over, or only by `commit`. Default every 5 s with a `group` or `reader`; always
   * off without.
   */
  readonly autoCommit?: AutoCommit | 'eachRecord' | 'eachBatch' | false | undefined;
  /**
   * 'at-most-once' saves progress past a batch before any record of it is handed over: what is
   * being worked on when the program dies is never handed over again. Needs a `group` or `reader`;
   * leaves nothing to `autoCommit` and `commit`. Default 'at-least-once'.
   */
  readonly delivery?: 'at-least-once' | 'at-most-once' | undefined;
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

/**
 * When progress is saved: never by itself, within an interval, after each record or batch and
 * before the next one is handed over, or (at most once) before a batch is handed over.
 */
export type CommitMode = 'manual' | 'interval' | 'eachRecord' | 'eachBatch' | 'ahead';

/** `ConsumerOptions` with every default filled in. */
export interface ConsumerSettings {
  readonly connection: ConnectionSettings;
  readonly topics: readonly { readonly topic: string; readonly partitions?: readonly number[] }[];
  readonly reader: string | undefined;
  readonly attach: 'refuse' | 'take-over' | 'none';
  readonly group: GroupSettings | undefined;
  readonly from: StartPosition;
  readonly prefetchBytes: number;
  readonly commitMode: CommitMode;
  /** In the mode 'interval'; undefined in others. */
  readonly autoCommitMs: number | undefined;
  readonly offsetOutOfRange: 'error' | 'earliest' | 'latest';
  readonly decoding: RecordDecoding;
  readonly decompressedBytesMax: number;
  readonly startTimeoutMs: number;
}

const CONSUMER_NAMES: OptionNames<ConsumerOptions> = {
  ...CONNECTION_NAMES,
  ...GROUP_NAMES,
  topics: true,
  reader: true,
  attach: true,
  from: true,
  prefetchBytes: true,
  autoCommit: true,
  delivery: true,
  offsetOutOfRange: true,
  serialisation: true,
  raw: true,
  decompressedBytesMax: true,
  startTimeoutMs: true,
  signal: true,
};
const TOPIC_NAMES: OptionNames<Exclude<TopicSelection, string>> = { topic: true, partitions: true };
const AUTO_COMMIT_NAMES: OptionNames<AutoCommit> = { intervalMs: true };
const HANDLER_NAMES: OptionNames<Handlers> = {
  ...PROCESSING_NAMES,
  eachRecord: true,
  eachBatch: true,
};

const MIB = 1024 * 1024;

/**
 * Fills in the defaults.
 *
 * @throws {InvalidOptionError} A value that can never work, or an option that does not exist.
 */
export function consumerSettings<K, V>(options: ConsumerOptions<K, V>): ConsumerSettings {
  checkNames('a Consumer', options, CONSUMER_NAMES);
  const { reader, from = 'earliest' } = options;
  const group = groupSettings(options);
  if (group !== undefined && reader !== undefined) {
    throw new InvalidOptionError('a consumer has a group or a reader, not both');
  }
  if (reader !== undefined) checked('reader', () => checkReaderName(reader));
  checkStart('from', from);
  const GIB = 1024 * MIB;
  return {
    connection: connectionSettings(options),
    topics: checkTopics(options, group),
    reader,
    attach: attachOf(options),
    group,
    from,
    prefetchBytes: wholeNumber('prefetchBytes', options.prefetchBytes, 2 * MIB, 1, GIB),
    ...commitSettings(options),
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
  // Programs in JavaScript may pass null.
  if (typeof start === 'object' && (start as unknown) !== null) {
    const value = 'offset' in start ? start.offset : start.timestamp;
    if (Number.isSafeInteger(value) && value >= 0) return start;
  }
  throw new InvalidOptionError(
    `${name} must be 'earliest', 'latest', {offset} or {timestamp}, ` +
      `got ${JSON.stringify(position)}`,
  );
}

/**
 * The handlers of `run`.
 *
 * @throws {InvalidOptionError} None, both, or no function; or an option that does not exist.
 */
export function checkHandlers<K, V>(handlers: Handlers<K, V> | undefined): Handlers<K, V> {
  checkNames('run', handlers ?? {}, HANDLER_NAMES);
  const { eachRecord, eachBatch } = handlers ?? {};
  const given = eachRecord ?? eachBatch;
  if (handlers === undefined || (eachRecord === undefined) === (eachBatch === undefined)) {
    throw new InvalidOptionError('run needs either eachRecord or eachBatch');
  }
  if (typeof given === 'function') return handlers;
  throw new InvalidOptionError(`a handler must be a function, got ${typeof given}`);
}

function attachOf<K, V>(options: ConsumerOptions<K, V>): ConsumerSettings['attach'] {
  const choices = ['refuse', 'take-over', 'none'] as const;
  const attach = oneOf<ConsumerSettings['attach']>('attach', options.attach, 'none', choices);
  if (attach === 'none' || options.reader !== undefined) return attach;
  throw new InvalidOptionError(`attach '${attach}' is about a named reader: give the consumer one`);
}

function commitSettings<K, V>(
  options: ConsumerOptions<K, V>,
): Pick<ConsumerSettings, 'commitMode' | 'autoCommitMs'> {
  const { autoCommit, reader, group } = options;
  const canSave = reader !== undefined || group !== undefined;
  const delivery = oneOf<'at-least-once' | 'at-most-once'>(
    'delivery',
    options.delivery,
    'at-least-once',
    ['at-least-once', 'at-most-once'],
  );
  const isAhead = delivery === 'at-most-once';
  if (!canSave && (isAhead || (autoCommit !== undefined && autoCommit !== false))) {
    const name = isAhead ? "delivery 'at-most-once'" : 'autoCommit';
    throw new InvalidOptionError(`${name} needs a group or a reader: give one a name`);
  }
  if (isAhead && autoCommit !== undefined) {
    throw new InvalidOptionError("autoCommit has no place in delivery 'at-most-once'");
  }
  if (isAhead) return { commitMode: 'ahead', autoCommitMs: undefined };
  if (autoCommit === false || !canSave) return { commitMode: 'manual', autoCommitMs: undefined };
  if (typeof autoCommit === 'string') {
    const words = ['eachRecord', 'eachBatch'] as const;
    const commitMode = oneOf<'eachRecord' | 'eachBatch'>(
      'autoCommit',
      autoCommit,
      'eachRecord',
      words,
    );
    return { commitMode, autoCommitMs: undefined };
  }
  if (autoCommit !== undefined) checkNames('autoCommit', autoCommit, AUTO_COMMIT_NAMES);
  const name = 'autoCommit.intervalMs';
  const autoCommitMs = wholeNumber(name, autoCommit?.intervalMs, 5_000, 1, TIMER_MS_MAX);
  return { commitMode: 'interval', autoCommitMs };
}

function checkTopics<K, V>(
  { topics }: ConsumerOptions<K, V>,
  group: GroupSettings | undefined,
): ConsumerSettings['topics'] {
  if (group?.pattern !== undefined) {
    if (topics === undefined) return [];
    throw new InvalidOptionError('a consumer has topics or a topicPattern, not both');
  }
  if (topics === undefined || (isList(topics) && topics.length === 0)) {
    throw new InvalidOptionError('topics must name at least one topic');
  }
  if (!isList(topics)) {
    throw new InvalidOptionError(`topics must be a list, as ['orders']; got ${typeof topics}`);
  }
  const seen = new Set<string>();
  return topics.map((selection: TopicSelection | null) => {
    const { topic, partitions } =
      typeof selection === 'object' && selection !== null
        ? selection
        : { topic: selection ?? '', partitions: undefined };
    checked('topics', () => checkTopicName(topic));
    if (typeof selection !== 'string') checkNames(`topics: "${topic}"`, selection, TOPIC_NAMES);
    if (seen.has(topic)) throw new InvalidOptionError(`topics names "${topic}" twice`);
    seen.add(topic);
    if (partitions === undefined) return { topic };
    if (group !== undefined) {
      throw new InvalidOptionError(`a group reads topics whole: name no partitions of "${topic}"`);
    }
    if (!isList(partitions)) {
      throw new InvalidOptionError(`partitions of "${topic}" must be a list of numbers`);
    }
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

/** False for what a program without types may pass. */
function isList(value: unknown): boolean {
  return Array.isArray(value);
}
