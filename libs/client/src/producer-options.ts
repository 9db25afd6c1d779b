import { COMPRESSIONS, COMPRESSION_LEVELS, type Compression } from '@walrusmq/record-batch';
import { InvalidOptionError } from './errors';
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
import type { Partitioner } from './partitioner';
import { recordEncoding, type ProducerSerialisation, type RecordEncoding } from './serialisers';

/** Options of a `Producer`; durations in milliseconds, sizes in bytes. */
export interface ProducerOptions<K = string | Uint8Array, V = unknown> extends ConnectionOptions {
  /** How keys and values are written. Default: text and bytes as they are, all else as JSON. */
  readonly serialisation?: ProducerSerialisation<K, V> | undefined;
  /**
   * When a record counts as sent: 'all' once it is durable by the instance's fsync schedule, 1 once
   * it is written, 0 once it has left this process (offsets are then -1, and what the broker
   * refuses is lost without an error). Default 'all'.
   */
  readonly acks?: 'all' | 1 | 0 | undefined;
  /**
   * How long a batch waits for more records. Default 0: a batch leaves at the end of the current
   * tick; while a request of its partition is in flight, records gather for the next one anyway.
   */
  readonly lingerMs?: number | undefined;
  /** A batch is closed when it would grow over this. Default 256 KiB. */
  readonly batchBytes?: number | undefined;
  /** Encoded records held at most; beyond it `send` waits. Default 32 MiB. */
  readonly bufferBytes?: number | undefined;
  /** Calls that may wait for room or for metadata; beyond it `send` fails. Default 100 000. */
  readonly waitingSendsMax?: number | undefined;
  /**
   * Whether a batch that is sent again is written once, in its order (KIP-98). Needs `acks: 'all'`,
   * `maxInFlight` of at most 5 and `retries` of at least 1. Default true; where one of these is set
   * otherwise and this is not set: false.
   */
  readonly idempotence?: boolean | undefined;
  /**
   * Unanswered requests per partition. Default 5. Without `idempotence` a broker that refuses one
   * for a passing reason (`BUSY`, `NO_SPACE`) may still take those behind it; 1 rules that out.
   */
  readonly maxInFlight?: number | undefined;
  /**
   * Codec of the batches: 'none', 'gzip', 'snappy', 'lz4' or 'zstd'. Whole batches are compressed,
   * on this thread, when they are closed; `batchBytes` and `bufferBytes` count them before that. A
   * batch that would not become smaller leaves uncompressed. Consumers need not be told. Default
   * 'none'.
   */
  readonly compression?: Compression | undefined;
  /**
   * Strength, for gzip from 1 to 9 (default 6) and for zstd from 1 to 19 (default 3); the other
   * codecs have none.
   */
  readonly compressionLevel?: number | undefined;
  /** From `send` to its outcome, retries included. Default 120 000. */
  readonly deliveryTimeoutMs?: number | undefined;
  /** Attempts after the first one. Default: as many as fit in `deliveryTimeoutMs`. */
  readonly retries?: number | undefined;
  /** Chooses partitions; where it answers undefined the default applies. */
  readonly partitioner?: Partitioner<K, V> | undefined;
}

/** `ProducerOptions` with every default filled in. */
export interface ProducerSettings {
  readonly connection: ConnectionSettings;
  readonly acks: 0 | 1 | -1;
  readonly lingerMs: number;
  readonly batchBytes: number;
  readonly bufferBytes: number;
  readonly waitingSendsMax: number;
  readonly idempotence: boolean;
  readonly maxInFlight: number;
  readonly compression: Compression;
  readonly compressionLevel: number | undefined;
  readonly deliveryTimeoutMs: number;
  readonly retries: number;
  readonly partitioner: Partitioner | undefined;
  readonly encoding: RecordEncoding;
}

/** The names of `ProducerOptions`. */
export const PRODUCER_NAMES: OptionNames<ProducerOptions> = {
  ...CONNECTION_NAMES,
  serialisation: true,
  acks: true,
  lingerMs: true,
  batchBytes: true,
  bufferBytes: true,
  waitingSendsMax: true,
  idempotence: true,
  maxInFlight: true,
  compression: true,
  compressionLevel: true,
  deliveryTimeoutMs: true,
  retries: true,
  partitioner: true,
};

const KIB = 1024;
const BATCH_BYTES_MIN = 128;
const BATCH_BYTES_MAX = 64 * KIB * KIB;
const BUFFER_BYTES_MAX = 16 * KIB * KIB * KIB;

/**
 * Fills in the defaults.
 *
 * @throws {InvalidOptionError} A value that can never work, or an option that does not exist.
 */
export function producerSettings<K, V>(options: ProducerOptions<K, V>): ProducerSettings {
  checkNames('a Producer', options, PRODUCER_NAMES);
  const acks = oneOf<'all' | 1 | 0>('acks', options.acks, 'all', ['all', 1, 0]);
  const batchBytes = wholeNumber(
    'batchBytes',
    options.batchBytes,
    256 * KIB,
    BATCH_BYTES_MIN,
    BATCH_BYTES_MAX,
  );
  const bufferBytes = wholeNumber(
    'bufferBytes',
    options.bufferBytes,
    32 * KIB * KIB,
    BATCH_BYTES_MIN,
    BUFFER_BYTES_MAX,
  );
  if (bufferBytes < batchBytes) {
    throw new InvalidOptionError(
      `bufferBytes (${bufferBytes}) must be at least batchBytes (${batchBytes})`,
    );
  }
  const maxInFlight = wholeNumber('maxInFlight', options.maxInFlight, 5, 1, 1_000);
  const retries = wholeNumber('retries', options.retries, TIMER_MS_MAX, 0);
  const compression = oneOf('compression', options.compression, 'none', COMPRESSIONS);
  return {
    connection: connectionSettings(options),
    acks: acks === 'all' ? -1 : acks,
    lingerMs: wholeNumber('lingerMs', options.lingerMs, 0, 0),
    batchBytes,
    bufferBytes,
    waitingSendsMax: wholeNumber('waitingSendsMax', options.waitingSendsMax, 100_000, 1),
    idempotence: idempotenceOf(options.idempotence, { acks, maxInFlight, retries }),
    maxInFlight,
    compression,
    compressionLevel: levelOf(compression, options.compressionLevel),
    deliveryTimeoutMs: wholeNumber('deliveryTimeoutMs', options.deliveryTimeoutMs, 120_000, 1),
    retries,
    // It gets the records that this producer is given, which are of its types.
    partitioner: options.partitioner as Partitioner | undefined,
    encoding: recordEncoding(options.serialisation),
  };
}

/** Five are as many batches as the broker remembers of a producer. */
const IDEMPOTENT_IN_FLIGHT_MAX = 5;

interface IdempotenceNeeds {
  readonly acks: 'all' | 1 | 0;
  readonly maxInFlight: number;
  readonly retries: number;
}

function idempotenceOf(
  asked: boolean | undefined,
  { acks, maxInFlight, retries }: IdempotenceNeeds,
): boolean {
  const wanted = asked === undefined ? undefined : oneOf('idempotence', asked, true, [true, false]);
  const isPossible = acks === 'all' && maxInFlight <= IDEMPOTENT_IN_FLIGHT_MAX && retries > 0;
  if (wanted !== true || isPossible) return wanted ?? isPossible;
  throw new InvalidOptionError(
    `idempotence needs acks 'all' (not ${acks}), maxInFlight of at most ` +
      `${IDEMPOTENT_IN_FLIGHT_MAX} (not ${maxInFlight}) and retries of at least 1 (not ${retries})`,
  );
}

function levelOf(compression: Compression, level: number | undefined): number | undefined {
  if (level === undefined) return undefined;
  const levels = COMPRESSION_LEVELS[compression];
  if (levels !== undefined) {
    return wholeNumber('compressionLevel', level, level, levels.min, levels.max);
  }
  throw new InvalidOptionError(`compressionLevel: compression '${compression}' has no levels`);
}
