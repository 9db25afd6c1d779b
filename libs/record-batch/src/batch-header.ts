// The 61 bytes before the records of a batch, and the checks that need no look at the records.
import { crc32c } from './crc32c';
import { RecordBatchError } from './record-batch-error';

export const BATCH_HEADER_BYTES = 61;

/** Where the fields of a batch lie. The checksum covers everything from `attributes` on. */
export const POSITION_OF = Object.freeze({
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
});

export const MAGIC = 2;
/** `batchLength` counts neither itself nor the base offset before it. */
export const BYTES_BEFORE_LENGTH_COUNTS = 12;

/** By the number that the attributes of a batch have for it. */
export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
/** Where in the attributes of a batch the number of its compression is. */
export const COMPRESSION_BITS = 0x07;
const LOG_APPEND_TIME_BIT = 0x08;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;

/** What the attributes of a batch can name; all of it can be written and read. */
export type Compression = (typeof COMPRESSIONS)[number];
export type TimestampType = 'CreateTime' | 'LogAppendTime';

export interface BatchHeader {
  readonly baseOffset: number;
  readonly batchLength: number;
  /** Bytes of the whole batch. */
  readonly sizeBytes: number;
  readonly leaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  readonly compression: Compression;
  readonly timestampType: TimestampType;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly lastOffsetDelta: number;
  readonly lastOffset: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 where the producer is not idempotent. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/**
 * The header of the batch that starts at `position`. Needs its 61 bytes only: neither the rest of
 * the batch nor the checksum is looked at.
 *
 * @throws {RecordBatchError} TRUNCATED: fewer than 61 bytes. UNSUPPORTED: another version, or a
 *   compression number that has no name. MALFORMED: fields that no batch can have.
 */
export function readBatchHeader(bytes: Buffer, position = 0): BatchHeader {
  checkVersion(bytes, position);
  const batchLength = bytes.readInt32BE(position + POSITION_OF.batchLength);
  if (batchLength < BATCH_HEADER_BYTES - BYTES_BEFORE_LENGTH_COUNTS) {
    throw malformed(position, `batch length ${batchLength} is shorter than a header`);
  }
  const attributes = bytes.readInt16BE(position + POSITION_OF.attributes);
  const compression = COMPRESSIONS[attributes & COMPRESSION_BITS];
  if (compression === undefined) {
    const number = attributes & COMPRESSION_BITS;
    throw new RecordBatchError('UNSUPPORTED', `compression ${number} is not known`);
  }
  const baseOffset = readInt64(bytes, position, 'baseOffset');
  const lastOffsetDelta = bytes.readInt32BE(position + POSITION_OF.lastOffsetDelta);
  const recordCount = bytes.readInt32BE(position + POSITION_OF.recordCount);
  if (baseOffset < 0 || lastOffsetDelta < 0 || !Number.isSafeInteger(baseOffset + lastOffsetDelta))
    throw malformed(position, `offsets ${baseOffset} + ${lastOffsetDelta} are out of range`);
  if (recordCount < 0 || recordCount > lastOffsetDelta + 1) {
    throw malformed(position, `${recordCount} records cannot have ${lastOffsetDelta + 1} offsets`);
  }
  return {
    baseOffset,
    batchLength,
    sizeBytes: BYTES_BEFORE_LENGTH_COUNTS + batchLength,
    leaderEpoch: bytes.readInt32BE(position + POSITION_OF.leaderEpoch),
    magic: MAGIC,
    crc: bytes.readUInt32BE(position + POSITION_OF.crc),
    attributes,
    compression,
    timestampType: (attributes & LOG_APPEND_TIME_BIT) === 0 ? 'CreateTime' : 'LogAppendTime',
    isTransactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    isControl: (attributes & CONTROL_BIT) !== 0,
    lastOffsetDelta,
    lastOffset: baseOffset + lastOffsetDelta,
    baseTimestamp: readInt64(bytes, position, 'baseTimestamp'),
    maxTimestamp: readInt64(bytes, position, 'maxTimestamp'),
    producerId: readInt64(bytes, position, 'producerId'),
    producerEpoch: bytes.readInt16BE(position + POSITION_OF.producerEpoch),
    baseSequence: bytes.readInt32BE(position + POSITION_OF.baseSequence),
    recordCount,
  };
}

/**
 * The headers of batches that lie one after another, each with the position where it starts.
 *
 * @throws {RecordBatchError} As {@link readBatchHeader}, and TRUNCATED where the last batch is
 *   not whole. The headers before it were yielded already.
 */
export function* batchHeaders(
  bytes: Buffer,
): Generator<{ header: BatchHeader; position: number }, void, undefined> {
  for (let position = 0; position < bytes.length;) {
    const header = readWholeBatchHeader(bytes, position);
    yield { header, position };
    position += header.sizeBytes;
  }
}

/**
 * The header of a batch whose bytes are all there and match the checksum. The records are not
 * looked at.
 *
 * @throws {RecordBatchError} As {@link batchHeaders}, and BAD_CRC.
 */
export function checkBatch(bytes: Buffer, position = 0): BatchHeader {
  const header = readWholeBatchHeader(bytes, position);
  const end = position + header.sizeBytes;
  const actual = crc32c(bytes, position + POSITION_OF.attributes, end);
  if (actual === header.crc) return header;
  throw new RecordBatchError(
    'BAD_CRC',
    `batch at byte ${position} has checksum ${hex(actual)}, its header says ${hex(header.crc)}`,
  );
}

/** As {@link readBatchHeader}, and TRUNCATED unless the whole batch is there. */
export function readWholeBatchHeader(bytes: Buffer, position: number): BatchHeader {
  const header = readBatchHeader(bytes, position);
  const available = bytes.length - position;
  if (header.sizeBytes <= available) return header;
  throw new RecordBatchError(
    'TRUNCATED',
    `batch at byte ${position} has ${header.sizeBytes} bytes, ${available} are there`,
  );
}

function checkVersion(bytes: Buffer, position: number): void {
  const available = bytes.length - position;
  // Older versions have a shorter header but the version at the same place.
  if (available > POSITION_OF.magic) {
    const magic = bytes.readInt8(position + POSITION_OF.magic);
    if (magic !== MAGIC) {
      throw new RecordBatchError('UNSUPPORTED', `record batch version ${magic} is not 2`);
    }
  }
  if (available >= BATCH_HEADER_BYTES) return;
  throw new RecordBatchError(
    'TRUNCATED',
    `batch header at byte ${position} has ${BATCH_HEADER_BYTES} bytes, ${available} are there`,
  );
}

type Int64Field = 'baseOffset' | 'baseTimestamp' | 'maxTimestamp' | 'producerId';

function readInt64(bytes: Buffer, position: number, field: Int64Field): number {
  const at = position + POSITION_OF[field];
  const value = bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
  if (Number.isSafeInteger(value)) return value;
  throw malformed(position, `${field} is beyond 2^53`);
}

function malformed(position: number, what: string): RecordBatchError {
  return new RecordBatchError('MALFORMED', `batch at byte ${position}: ${what}`);
}

function hex(crc: number): string {
  return `0x${crc.toString(16).padStart(8, '0')}`;
}
