import { randomBytes } from 'node:crypto';
import type { Compression } from '@walrusmq/record-batch';
import { CliError, ExitCode } from '../../cli-error';
import { acksOf, type ClientOptions, type SendingOptions } from '../client-options';

/** The flags of `walrusmq bench`. */
export interface BenchOptions extends ClientOptions, SendingOptions {
  readonly producers: number;
  readonly consumers?: number;
  readonly topics: number;
  readonly partitions: number;
  readonly size: number;
  readonly rate?: number;
  readonly count?: number;
  readonly duration?: number;
  readonly warmUp: number;
  readonly linger: number;
  readonly batch: number;
  readonly inFlight: number;
  readonly endToEnd?: boolean;
  readonly seed: number;
  readonly keepTopics?: boolean;
}

/** What a run does; every worker gets the whole of it. Durations in ms, sizes in bytes. */
export interface BenchPlan {
  readonly broker: string;
  readonly instance: string | undefined;
  readonly topics: readonly string[];
  readonly partitions: number;
  readonly producers: number;
  readonly consumers: number;
  readonly endToEnd: boolean;
  readonly sizeBytes: number;
  /** Records per second of all producers together; undefined: as fast as they are answered. */
  readonly rate: number | undefined;
  /** Measured records of all producers together; may be infinite. */
  readonly count: number;
  /** Measured time; may be infinite. */
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly acks: 'all' | 1 | 0;
  readonly compression: Compression;
  readonly compressionLevel: number | undefined;
  readonly lingerMs: number;
  readonly batchBytes: number;
  /** Unanswered records of one producer, at most. */
  readonly inFlightMax: number;
  readonly seed: number;
}

/** Bytes of a value that hold the time at which its record was due. */
export const STAMP_BYTES = 8;
const DEFAULT_DURATION_MS = 10_000;

/**
 * The plan that the flags ask for, with topics of new names.
 *
 * @throws {CliError} The flags contradict each other.
 */
export function planOf(options: BenchOptions): BenchPlan {
  const consumers = options.consumers ?? (options.endToEnd === true ? 1 : 0);
  check(options, consumers);
  const { count = Number.POSITIVE_INFINITY } = options;
  const forever = Number.isFinite(count) ? Number.POSITIVE_INFINITY : DEFAULT_DURATION_MS;
  const name = `bench-${randomBytes(4).toString('hex')}`;
  return {
    broker: options.broker,
    instance: options.instance,
    topics: Array.from({ length: options.topics }, (_, index) => `${name}-${index}`),
    partitions: options.partitions,
    producers: options.producers,
    consumers,
    endToEnd: options.endToEnd === true,
    sizeBytes: options.size,
    rate: options.rate,
    count,
    durationMs: options.duration ?? forever,
    warmUpMs: options.warmUp,
    acks: acksOf(options.acks),
    compression: options.compression,
    compressionLevel: options.compressionLevel,
    lingerMs: options.linger,
    batchBytes: options.batch,
    inFlightMax: options.inFlight,
    seed: options.seed,
  };
}

function check(options: BenchOptions, consumers: number): void {
  const fail = (text: string): never => {
    throw new CliError(text, ExitCode.usage);
  };
  const { topics, partitions, size, endToEnd, producers, count, rate } = options;
  if (endToEnd === true && consumers === 0) {
    fail('--end-to-end measures up to a consumer; leave out --consumers 0');
  }
  if (consumers > topics * partitions) {
    fail(
      `--consumers ${consumers} share ${topics * partitions} partitions, one each at least; ` +
        'raise --partitions or --topics',
    );
  }
  if (consumers > 0 && size < STAMP_BYTES) {
    fail(`--size must be at least ${STAMP_BYTES} with consumers: records carry when they were due`);
  }
  if (count !== undefined && count < producers) {
    fail(`--count ${count} is less than one record for each of ${producers} producers`);
  }
  if (rate !== undefined && rate < producers) {
    fail(`--rate ${rate} is less than one record a second for each of ${producers} producers`);
  }
}

/** How many of `total` fall to one of `sharers`; the first ones get the rest. */
export function shareOf(total: number, sharers: number, index: number): number {
  if (!Number.isFinite(total)) return total;
  return Math.floor(total / sharers) + (index < total % sharers ? 1 : 0);
}
