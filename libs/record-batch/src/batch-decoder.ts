// The bytes of a batch into records.
import { BATCH_HEADER_BYTES, checkBatch, type BatchHeader, type Compression } from './batch-header';
import { codecOf } from './compression/codec-table';
import { RecordBatchError } from './record-batch-error';
import type { DecodedRecord, RecordHeader } from './record';
import { VarintReader } from './varint';

export const DEFAULT_DECOMPRESSED_BYTES_MAX = 64 * 1024 * 1024;

export interface DecodeLimits {
  /** Bytes that the records of one batch may unpack to; no more is allocated for them. */
  readonly decompressedBytesMax?: number;
}

export interface DecodedBatch {
  readonly header: BatchHeader;
  readonly records: DecodedRecord[];
}

/** Length, attributes, both deltas, key and value lengths and header count, a byte each. */
const RECORD_BYTES_MIN = 7;
const HEADER_BYTES_MIN = 2;
const NO_HEADERS: readonly RecordHeader[] = Object.freeze([]);

/**
 * The records of the batch that starts at `position`. Keys and values are views of `bytes`, or of
 * the unpacked records where the batch is compressed.
 *
 * Nothing is allocated by a count or a length before the bytes it speaks of were seen.
 *
 * @throws {RecordBatchError} TRUNCATED, BAD_CRC, MALFORMED; UNSUPPORTED for another version, or a
 *   compression that has no name; TOO_LARGE when the records unpack to more than the limit.
 */
export function decodeBatch(bytes: Buffer, position = 0, limits: DecodeLimits = {}): DecodedBatch {
  const header = checkBatch(bytes, position);
  const end = position + header.sizeBytes;
  const stored = bytes.subarray(position + BATCH_HEADER_BYTES, end);
  const { compression } = header;
  const section = compression === 'none' ? stored : decompress(compression, stored, header, limits);
  return { header, records: readRecords(section, header) };
}

/**
 * The records of batches that lie one after another, in order, a batch at a time. Control batches
 * carry no records of a producer and are passed over.
 *
 * @throws {RecordBatchError} As {@link decodeBatch}; the records before were yielded already.
 */
export function* decodeBatches(
  bytes: Buffer,
  limits: DecodeLimits = {},
): Generator<DecodedRecord, void, undefined> {
  for (let position = 0; position < bytes.length;) {
    const { header, records } = decodeBatch(bytes, position, limits);
    if (!header.isControl) yield* records;
    position += header.sizeBytes;
  }
}

function decompress(
  compression: Exclude<Compression, 'none'>,
  stored: Buffer,
  header: BatchHeader,
  limits: DecodeLimits,
): Buffer {
  const bytesMax = limits.decompressedBytesMax ?? DEFAULT_DECOMPRESSED_BYTES_MAX;
  try {
    return codecOf(compression).decompress(stored, bytesMax);
  } catch (error) {
    if (!(error instanceof RecordBatchError)) throw error;
    throw new RecordBatchError(
      error.code,
      `batch at offset ${header.baseOffset}: ${error.message}`,
    );
  }
}

function readRecords(section: Buffer, header: BatchHeader): DecodedRecord[] {
  if (header.recordCount > section.length / RECORD_BYTES_MIN) {
    throw malformed(header, `${section.length} bytes cannot hold ${header.recordCount} records`);
  }
  const reader = new VarintReader(section, 0, section.length);
  const records: DecodedRecord[] = [];
  let previousDelta = -1;
  for (let index = 0; index < header.recordCount; index++) {
    reader.end = section.length;
    const length = reader.readVarint();
    const end = reader.position + length;
    if (length < 0 || end > section.length) {
      throw malformed(header, `record ${index} has length ${length}`);
    }
    reader.end = end;
    reader.position++; // Record attributes: none are defined.
    const timestampDelta = reader.readVarlong();
    const delta = reader.readVarint();
    if (delta <= previousDelta || delta > header.lastOffsetDelta) {
      throw malformed(header, `record ${index} has offset delta ${delta}`);
    }
    previousDelta = delta;
    const record: DecodedRecord = {
      offset: header.baseOffset + delta,
      timestamp: timestampOf(header, timestampDelta),
      key: readNullable(reader, header),
      value: readNullable(reader, header),
      headers: readHeaders(reader, header),
    };
    if (reader.position !== end) {
      throw malformed(header, `record ${index} is not as long as it says`);
    }
    records.push(record);
  }
  if (reader.position === section.length) return records;
  const surplus = section.length - reader.position;
  throw malformed(header, `${surplus} bytes follow the last record`);
}

function timestampOf(header: BatchHeader, delta: number): number {
  if (header.timestampType === 'LogAppendTime') return header.maxTimestamp;
  const timestamp = header.baseTimestamp + delta;
  if (Number.isSafeInteger(timestamp)) return timestamp;
  throw malformed(header, 'a timestamp is beyond 2^53');
}

function readNullable(reader: VarintReader, header: BatchHeader): Buffer | null {
  const length = reader.readVarint();
  if (length === -1) return null;
  return readBytes(reader, length, header);
}

function readBytes(reader: VarintReader, length: number, header: BatchHeader): Buffer {
  const start = reader.position;
  const end = start + length;
  if (length < 0 || end > reader.end) throw malformed(header, `a field has length ${length}`);
  reader.position = end;
  return reader.bytes.subarray(start, end);
}

function readHeaders(reader: VarintReader, header: BatchHeader): readonly RecordHeader[] {
  const count = reader.readVarint();
  if (count === 0) return NO_HEADERS;
  if (count < 0 || count > (reader.end - reader.position) / HEADER_BYTES_MIN) {
    throw malformed(header, `a record has ${count} headers`);
  }
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count; index++) {
    const key = readBytes(reader, reader.readVarint(), header).toString('utf8');
    headers.push({ key, value: readNullable(reader, header) });
  }
  return headers;
}

function malformed(header: BatchHeader, what: string): RecordBatchError {
  return new RecordBatchError('MALFORMED', `batch at offset ${header.baseOffset}: ${what}`);
}
