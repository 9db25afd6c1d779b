// Options of `run` that say how many handlers work at once, and what becomes of records that fail.
import type { TopicConfigs } from '../admin-topics';
import type { ConsumerRecord } from '../consumer-record';
import { InvalidOptionError, SerialisationError } from '../errors';
import { checkNames, type OptionNames } from '../option-names';
import { oneOf, TIMER_MS_MAX, wholeNumber } from '../options';
import { PRODUCER_NAMES, type ProducerOptions } from '../producer-options';
import type { RecordReceipt } from '../record';

/** How many handlers work at once, and what order they keep. */
export interface Concurrency {
  /**
   * 'partition': records of a partition one after another, partitions beside each other. 'key':
   * records of a partition with the same key bytes one after another, all else beside each other,
   * those without a key too.
   */
  readonly per: 'partition' | 'key';
  /** Handlers at work at once. 1 to 10 000. */
  readonly max: number;
  /**
   * With 'key': records of one partition from its oldest unfinished one to the newest handed over.
   * A partition that has as many waits for the oldest. Default 1000, and never below `max`.
   */
  readonly windowRecords?: number | undefined;
}

/** Waits between attempts: `min(maxMs, initialMs · factor^n)`, less up to `jitter` of it. */
export interface RetryBackoff {
  /** Before the second attempt. Default 200. */
  readonly initialMs?: number | undefined;
  /** Default 30 000. */
  readonly maxMs?: number | undefined;
  /** From 1 to 10. Default 2. */
  readonly factor?: number | undefined;
  /** Share of each wait that is random, from 0 to 1. Default 0.5. */
  readonly jitter?: number | undefined;
}

/** What is done when `eachRecord` fails. */
export interface RetryOptions {
  /** Calls of the handler for one record, the first one included. Default 5. */
  readonly attempts?: number | undefined;
  readonly backoff?: RetryBackoff | undefined;
  /**
   * Whether another attempt may help. Default: yes, unless the error is a `SerialisationError`.
   * Must not throw.
   */
  readonly isRetriable?: ((error: unknown) => boolean) | undefined;
}

/** Where records go that no attempt helped. */
export interface DeadLetterOptions<K = Buffer, V = unknown> {
  /**
   * A topic for all, or the one for a record. Default: the record's topic with `.dead-letters`
   * behind it. In a group with a `topicPattern` one that the pattern does not match: a topic whose
   * dead letters the group would read again ends the consumer before any of its records is handled.
   */
  readonly topic?: string | ((record: ConsumerRecord<K, V>) => string) | undefined;
  /**
   * Whether a topic that does not exist is created, with as many partitions as the record's own.
   * Default true.
   */
  readonly create?: boolean | undefined;
  /** Configs of a topic that is created, such as `{ 'retention.ms': '-1' }`. */
  readonly configs?: TopicConfigs | undefined;
  /** Of the producer; where the broker is and how to speak to it is the consumer's by default. */
  readonly producer?: Omit<ProducerOptions, 'serialisation' | 'acks'> | undefined;
  /** Called when a record is safe in its dead-letter topic; must not throw. */
  readonly onDeadLetter?:
    ((record: ConsumerRecord<K, V>, error: unknown, receipt: RecordReceipt) => void) | undefined;
}

/** What `run` takes beside its handler. */
export interface ProcessingOptions<K = Buffer, V = unknown> {
  /** Default: one handler at a time, all partitions in turn. */
  readonly concurrency?: Concurrency | undefined;
  /**
   * Attempts for a record whose handler fails. While it waits for the next one only what is behind
   * it in order waits with it: its key, or its partition without `concurrency.per: 'key'`. Needs
   * `eachRecord`. Default: none; the error ends the consumer.
   */
  readonly retry?: RetryOptions | undefined;
  /**
   * What no attempt helped is sent to a dead-letter topic and then counts as finished, and so does
   * a record whose key or value cannot be deserialised, without a call of the handler. Needs
   * `eachRecord`. Default: the error ends the consumer.
   */
  readonly deadLetters?: DeadLetterOptions<K, V> | undefined;
}

/** `ProcessingOptions` with every default filled in. */
export interface ProcessingSettings<K, V> {
  readonly per: 'partition' | 'key';
  readonly max: number;
  readonly windowRecords: number;
  readonly attempts: number;
  readonly backoff: Required<{ [Name in keyof RetryBackoff]: number }>;
  readonly isRetriable: (error: unknown) => boolean;
  readonly deadLetters: DeadLetterOptions<K, V> | undefined;
}

/** The names of `ProcessingOptions`. */
export const PROCESSING_NAMES: OptionNames<ProcessingOptions> = {
  concurrency: true,
  retry: true,
  deadLetters: true,
};

const CONCURRENCY_NAMES: OptionNames<Concurrency> = { per: true, max: true, windowRecords: true };
const RETRY_NAMES: OptionNames<RetryOptions> = { attempts: true, backoff: true, isRetriable: true };
const BACKOFF_NAMES: OptionNames<RetryBackoff> = {
  initialMs: true,
  maxMs: true,
  factor: true,
  jitter: true,
};
const DEAD_LETTER_NAMES: OptionNames<DeadLetterOptions> = {
  topic: true,
  create: true,
  configs: true,
  producer: true,
  onDeadLetter: true,
};

const MAX_AT_ONCE = 10_000;
const WINDOW_RECORDS_MAX = 1_000_000;

/**
 * Fills in the defaults; undefined when nothing but a handler is given.
 *
 * @param isBatch Whether the handler is `eachBatch`.
 * @throws {InvalidOptionError} A value that can never work.
 */
export function processingSettings<K, V>(
  options: ProcessingOptions<K, V>,
  isBatch: boolean,
): ProcessingSettings<K, V> | undefined {
  const { concurrency, retry, deadLetters } = options;
  if (concurrency === undefined && retry === undefined && deadLetters === undefined) {
    return undefined;
  }
  checkInnerNames(options);
  if (isBatch) refuseWithBatches(options);
  const per = oneOf<'partition' | 'key'>('concurrency.per', concurrency?.per, 'partition', [
    'partition',
    'key',
  ]);
  const max = wholeNumber('concurrency.max', concurrency?.max, 1, 1, MAX_AT_ONCE);
  const { windowRecords: given } = concurrency ?? {};
  const name = 'concurrency.windowRecords';
  const windowRecords = wholeNumber(name, given, 1_000, 1, WINDOW_RECORDS_MAX);
  return {
    per,
    max,
    // In a partition's order there is never more than one of its records at work.
    windowRecords: per === 'partition' ? 1 : Math.max(windowRecords, max),
    attempts: wholeNumber('retry.attempts', retry?.attempts, retry === undefined ? 1 : 5, 1),
    backoff: retryBackoff(retry?.backoff ?? {}),
    isRetriable: retry?.isRetriable ?? ((error) => !(error instanceof SerialisationError)),
    deadLetters,
  };
}

function checkInnerNames<K, V>({ concurrency, retry, deadLetters }: ProcessingOptions<K, V>): void {
  if (concurrency !== undefined) checkNames('concurrency', concurrency, CONCURRENCY_NAMES);
  if (retry !== undefined) checkNames('retry', retry, RETRY_NAMES);
  if (retry?.backoff !== undefined) checkNames('retry.backoff', retry.backoff, BACKOFF_NAMES);
  if (deadLetters === undefined) return;
  checkNames('deadLetters', deadLetters, DEAD_LETTER_NAMES);
  const { serialisation, acks, ...names } = PRODUCER_NAMES;
  if (deadLetters.producer !== undefined) {
    checkNames('deadLetters.producer', deadLetters.producer, names);
  }
}

function refuseWithBatches<K, V>({
  concurrency,
  retry,
  deadLetters,
}: ProcessingOptions<K, V>): void {
  if (retry !== undefined || deadLetters !== undefined) {
    throw new InvalidOptionError(
      'retry and deadLetters need eachRecord: of a batch nobody knows which record failed',
    );
  }
  if (concurrency?.per === 'key') {
    throw new InvalidOptionError(
      "concurrency.per 'key' needs eachRecord: a batch holds many keys; use per: 'partition'",
    );
  }
}

function retryBackoff(backoff: RetryBackoff): ProcessingSettings<unknown, unknown>['backoff'] {
  const initialMs = wholeNumber('retry.backoff.initialMs', backoff.initialMs, 200, 0);
  return {
    initialMs,
    maxMs: wholeNumber('retry.backoff.maxMs', backoff.maxMs, 30_000, 0, TIMER_MS_MAX),
    factor: between('retry.backoff.factor', backoff.factor, 2, 1, 10),
    jitter: between('retry.backoff.jitter', backoff.jitter, 0.5, 0, 1),
  };
}

function between(
  name: string,
  value: number | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new InvalidOptionError(`${name} must be from ${min} to ${max}, got ${String(value)}`);
}

/**
 * How long to wait after a failed attempt, in milliseconds.
 *
 * @param attempt The one that failed, from 1.
 * @param random In [0, 1).
 */
export function retryDelayMs(
  { initialMs, maxMs, factor, jitter }: ProcessingSettings<unknown, unknown>['backoff'],
  attempt: number,
  random: number,
): number {
  // Beyond this exponent `maxMs` decides anyway, and an infinite power times 0 is no number.
  const ceiling = Math.min(maxMs, initialMs * factor ** Math.min(attempt - 1, 300));
  return ceiling * (1 - jitter * random);
}
