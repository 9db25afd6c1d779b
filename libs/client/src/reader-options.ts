// What a `Reader` is told and gives.
import { checkReaderName, checkTopicName, READ_RECORDS_MAX } from '@walrusmq/protocol';
import type { ConsumerRecord } from './consumer-record';
import { asError, InvalidOptionError } from './errors';
import { checkNames, type OptionNames } from './option-names';
import {
  CONNECTION_NAMES,
  connectionSettings,
  oneOf,
  wholeNumber,
  type ConnectionOptions,
  type ConnectionSettings,
} from './options';
import { decodingOf, type ConsumerSerialisation, type RecordDecoding } from './serialisers';

/** How much one read takes. */
export interface ReadOptions {
  /** Bytes of batches; soft: the first batch always comes. Default 1 MiB. */
  readonly maxBytes?: number | undefined;
  /** 1 to 2000, default 2000. */
  readonly maxRecords?: number | undefined;
  /** How long to wait for a record where there is none. Default 0 for `read`, 1000 for a loop. */
  readonly maxWaitMs?: number | undefined;
}

/** Options of a `Reader`. */
export interface ReaderOptions<K = Buffer, V = unknown> extends ConnectionOptions, ReadOptions {
  /** The named reader: 1 to 249 of `a-z A-Z 0-9 . _ -`. */
  readonly reader: string;
  readonly topic: string;
  /** Default: all, which take turns. */
  readonly partition?: number | undefined;
  /**
   * Whether to have the reader for oneself: 'refuse' (default) fails when another connection has
   * it, 'take-over' ends that one, 'none' shares it with all that do the same.
   */
  readonly attach?: 'refuse' | 'take-over' | 'none' | undefined;
  /**
   * Whether a read moves the reader past what it gets. Default true: what a crash of the program
   * keeps it from working on is not read again. False: the same records come until `commit`; a loop
   * commits what it has finished.
   */
  readonly checkpoint?: boolean | undefined;
  /** How keys and values are read; without it as for a `Consumer`. */
  readonly serialisation?: ConsumerSerialisation<K, V> | undefined;
  /** Short for `serialisation: { key: 'raw', value: 'raw' }`. Default false. */
  readonly raw?: boolean | undefined;
  /** What one batch may unpack to. Default 64 MiB. */
  readonly decompressedBytesMax?: number | undefined;
}

/** The names of `ReadOptions`. */
export const READ_NAMES: OptionNames<ReadOptions> = {
  maxBytes: true,
  maxRecords: true,
  maxWaitMs: true,
};

const READER_NAMES: OptionNames<ReaderOptions> = {
  ...CONNECTION_NAMES,
  ...READ_NAMES,
  reader: true,
  topic: true,
  partition: true,
  attach: true,
  checkpoint: true,
  serialisation: true,
  raw: true,
  decompressedBytesMax: true,
};

/** A partition that could not be read, or past whose records the reader could not be moved. */
export interface ReadFailure {
  readonly partition: number;
  readonly code: string;
  readonly message: string;
}

/** What one read got. */
export interface ReadResult<K = Buffer, V = unknown> {
  readonly records: readonly ConsumerRecord<K, V>[];
  /** The partitions that failed while others gave records; the next read tries them again. */
  readonly failures: readonly ReadFailure[];
}

/** `ReaderOptions` with every default filled in. */
export interface ReaderSettings {
  readonly connection: ConnectionSettings;
  readonly reader: string;
  readonly topic: string;
  readonly partition: number | undefined;
  readonly attach: 'refuse' | 'take-over' | 'none';
  readonly checkpoint: boolean;
  readonly decoding: RecordDecoding;
  readonly decompressedBytesMax: number;
  readonly maxBytes: number;
  readonly maxRecords: number;
  /** Undefined: what fits the call. */
  readonly maxWaitMs: number | undefined;
}

/** What bounds one read. */
export type ReadLimits = Pick<ReaderSettings, 'maxBytes' | 'maxRecords' | 'maxWaitMs'>;

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const SIZE_MAX = 0x7fffffff;
const PARTITION_MAX = 9_999;

/**
 * Fills in the defaults.
 *
 * @throws {InvalidOptionError} A value that can never work, or an option that does not exist.
 */
export function readerSettings<K, V>(options: ReaderOptions<K, V>): ReaderSettings {
  checkNames('a Reader', options, READER_NAMES);
  const { reader, topic, partition } = options;
  checked('reader', () => checkReaderName(reader));
  checked('topic', () => checkTopicName(topic));
  const { decompressedBytesMax } = options;
  return {
    connection: connectionSettings(options),
    reader,
    topic,
    partition:
      partition === undefined
        ? undefined
        : wholeNumber('partition', partition, 0, 0, PARTITION_MAX),
    attach: oneOf<ReaderSettings['attach']>('attach', options.attach, 'refuse', [
      'refuse',
      'take-over',
      'none',
    ]),
    checkpoint: oneOf('checkpoint', options.checkpoint, true, [true, false]),
    decoding: decodingOf(options),
    decompressedBytesMax: wholeNumber(
      'decompressedBytesMax',
      decompressedBytesMax,
      64 * MIB,
      1,
      GIB,
    ),
    ...readLimits(options, { maxBytes: MIB, maxRecords: READ_RECORDS_MAX, maxWaitMs: undefined }),
  };
}

/**
 * The limits of a read, those that are left out as `defaults` have them.
 *
 * @throws {InvalidOptionError} A value that can never work.
 */
export function readLimits(
  { maxBytes, maxRecords, maxWaitMs }: ReadOptions,
  defaults: ReadLimits,
): ReadLimits {
  return {
    maxBytes: wholeNumber('maxBytes', maxBytes, defaults.maxBytes, 1, SIZE_MAX),
    maxRecords: wholeNumber('maxRecords', maxRecords, defaults.maxRecords, 1, READ_RECORDS_MAX),
    maxWaitMs:
      maxWaitMs === undefined ? defaults.maxWaitMs : wholeNumber('maxWaitMs', maxWaitMs, 0, 0),
  };
}

function checked(name: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw new InvalidOptionError(`${name}: ${asError(error).message}`);
  }
}
