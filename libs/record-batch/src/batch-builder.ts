// Records into the bytes of a batch.
import {
  BATCH_HEADER_BYTES,
  BYTES_BEFORE_LENGTH_COUNTS,
  COMPRESSIONS,
  MAGIC,
  POSITION_OF,
  type Compression,
} from './batch-header';
import { codecOf } from './compression/codec-table';
import { crc32c } from './crc32c';
import { RecordBatchError } from './record-batch-error';
import { TIMESTAMP_MAX_MS, type RecordHeader, type RecordInput } from './record';
import { varintBytes, varlongBytes, writeVarint, writeVarlong } from './varint';

/** Who made a batch (KIP-98): the sequence is that of its first record in its partition. */
export interface ProducerStamp {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

export interface BatchOptions {
  readonly compression?: Compression;
  /** Within `COMPRESSION_LEVELS` of that compression; without it the codec's default. */
  readonly compressionLevel?: number | undefined;
  /**
   * Leaves a batch that compression does not make smaller uncompressed, as librdkafka does; Java's
   * client does not. Default false.
   */
  readonly onlyIfSmaller?: boolean;
  readonly baseOffset?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
}

export interface BatchBuilderOptions extends BatchOptions {
  /** Bytes of the batch before compression; only a first record may exceed it. */
  readonly sizeBytesMax?: number;
  /** Bytes to allocate at first; the buffer doubles when they are used up. */
  readonly initialBytes?: number;
}

export interface EncodeOptions extends BatchOptions {
  /** Timestamp of the records that have none. */
  readonly now?: number;
}

const INITIAL_BYTES = 1024;
const BATCH_BYTES_MAX = 0x7fffffff;
/** Length, attributes, timestamp delta, offset delta, key, value and header count at most. */
const RECORD_OVERHEAD_BYTES = 5 + 1 + 8 + 5 + 5 + 5 + 5;
const SHORT_COPY_BYTES = 32;

/**
 * Builds one batch after another in a buffer that grows, without an object per record.
 *
 * Place: a producer's accumulator has one per partition; {@link encodeBatch} has one per call.
 *
 * Life: `append` until it answers false, `build`, and the next batch begins. A record that
 * `append` refuses by an error leaves the builder as it was.
 */
export class BatchBuilder {
  private buffer: Buffer;
  private end = BATCH_HEADER_BYTES;
  private count = 0;
  private baseTimestamp = 0;
  private maxTimestamp = -1;
  private readonly sizeBytesMax: number;
  private readonly options: BatchBuilderOptions;

  constructor(options: BatchBuilderOptions = {}) {
    this.options = options;
    this.sizeBytesMax = Math.min(options.sizeBytesMax ?? BATCH_BYTES_MAX, BATCH_BYTES_MAX);
    this.buffer = Buffer.allocUnsafe(firstBytes(options.initialBytes ?? INITIAL_BYTES));
  }

  /** Bytes of the batch so far, header included, before compression. */
  get sizeBytes(): number {
    return this.end;
  }

  get recordCount(): number {
    return this.count;
  }

  /**
   * Adds a record, whose bytes are copied. Returns false, with nothing added, when the batch
   * would grow over `sizeBytesMax`; an empty batch takes any record, so that a large one travels
   * alone.
   *
   * @param now The record's timestamp in ms when it has none of its own.
   * @throws {RecordBatchError} MALFORMED: a timestamp that is no integer from -1 to
   *   TIMESTAMP_MAX_MS. TOO_LARGE: a batch of this record alone would exceed 2 GiB. Nothing is
   *   added.
   */
  append(record: RecordInput, now?: number): boolean {
    const timestamp = record.timestamp ?? now ?? Date.now();
    if (!Number.isInteger(timestamp) || timestamp < -1 || timestamp > TIMESTAMP_MAX_MS) {
      throw new RecordBatchError('MALFORMED', `timestamp ${timestamp} is no time in ms, nor -1`);
    }
    const delta = this.count === 0 ? 0 : timestamp - this.baseTimestamp;
    const headers = record.headers;
    const bodyBytes =
      1 +
      varlongBytes(delta) +
      varintBytes(this.count) +
      nullableBytes(record.key) +
      nullableBytes(record.value) +
      (headers === undefined ? 1 : headersBytes(headers));
    const end = this.end + varintBytes(bodyBytes) + bodyBytes;
    if (end > this.sizeBytesMax && (this.count > 0 || end > BATCH_BYTES_MAX)) {
      if (this.count > 0) return false;
      throw new RecordBatchError('TOO_LARGE', `a record of ${bodyBytes} bytes fits no batch`);
    }
    if (end > this.buffer.length) this.grow(end);
    if (this.count === 0) this.baseTimestamp = timestamp;
    if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp;
    this.write(record, bodyBytes, delta);
    return true;
  }

  /**
   * The finished batch, which is the caller's from now on. The builder is empty again.
   *
   * @param producer Takes the place of the options' fields.
   * @throws {RecordBatchError} MALFORMED: no record was appended. The builder stays empty.
   */
  build(producer?: ProducerStamp): Buffer {
    if (this.count === 0) throw new RecordBatchError('MALFORMED', 'a batch has no records');
    const batch = this.finish(producer);
    this.buffer = Buffer.allocUnsafe(firstBytes(this.options.initialBytes ?? INITIAL_BYTES));
    this.end = BATCH_HEADER_BYTES;
    this.count = 0;
    this.maxTimestamp = -1;
    return batch;
  }

  private write(record: RecordInput, bodyBytes: number, timestampDelta: number): void {
    const target = this.buffer;
    let position = writeVarint(target, bodyBytes, this.end);
    target[position++] = 0; // Record attributes: none are defined.
    position = writeVarlong(target, timestampDelta, position);
    position = writeVarint(target, this.count, position);
    position = writeNullable(target, record.key, position);
    position = writeNullable(target, record.value, position);
    const headers = record.headers;
    if (headers === undefined) target[position++] = 0;
    else position = writeHeaders(target, headers, position);
    this.end = position;
    this.count++;
  }

  private grow(needed: number): void {
    const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(this.buffer.length * 2, 2 ** 31)));
    this.buffer.copy(grown, 0, 0, this.end);
    this.buffer = grown;
  }

  private finish(producer: ProducerStamp | undefined): Buffer {
    const plain = this.buffer.subarray(0, this.end);
    const compressed = this.compress(plain);
    const batch = compressed ?? plain;
    const compression = compressed === undefined ? 'none' : (this.options.compression ?? 'none');
    const {
      baseOffset = 0,
      producerId = -1,
      producerEpoch = -1,
      baseSequence = -1,
    } = {
      ...this.options,
      ...producer,
    };
    writeInt64(batch, baseOffset, POSITION_OF.baseOffset);
    batch.writeInt32BE(batch.length - BYTES_BEFORE_LENGTH_COUNTS, POSITION_OF.batchLength);
    batch.writeInt32BE(-1, POSITION_OF.leaderEpoch);
    batch.writeInt8(MAGIC, POSITION_OF.magic);
    batch.writeInt16BE(COMPRESSIONS.indexOf(compression), POSITION_OF.attributes);
    batch.writeInt32BE(this.count - 1, POSITION_OF.lastOffsetDelta);
    writeInt64(batch, this.baseTimestamp, POSITION_OF.baseTimestamp);
    writeInt64(batch, this.maxTimestamp, POSITION_OF.maxTimestamp);
    writeInt64(batch, producerId, POSITION_OF.producerId);
    batch.writeInt16BE(producerEpoch, POSITION_OF.producerEpoch);
    batch.writeInt32BE(baseSequence, POSITION_OF.baseSequence);
    batch.writeInt32BE(this.count, POSITION_OF.recordCount);
    batch.writeUInt32BE(crc32c(batch, POSITION_OF.attributes), POSITION_OF.crc);
    return batch;
  }

  /** The batch with its records compressed and its header still empty; undefined if it stays. */
  private compress(plain: Buffer): Buffer | undefined {
    const { compression = 'none', compressionLevel, onlyIfSmaller = false } = this.options;
    if (compression === 'none') return undefined;
    const records = codecOf(compression).compress(
      plain.subarray(BATCH_HEADER_BYTES),
      compressionLevel,
    );
    const sizeBytes = BATCH_HEADER_BYTES + records.length;
    if (onlyIfSmaller && sizeBytes >= plain.length) return undefined;
    const batch = Buffer.allocUnsafe(sizeBytes);
    records.copy(batch, BATCH_HEADER_BYTES);
    return batch;
  }
}

/** Makes a whole batch one of this producer, in place; its checksum is computed anew. */
export function stampProducer(batch: Buffer, producer: ProducerStamp): void {
  writeInt64(batch, producer.producerId, POSITION_OF.producerId);
  batch.writeInt16BE(producer.producerEpoch, POSITION_OF.producerEpoch);
  batch.writeInt32BE(producer.baseSequence, POSITION_OF.baseSequence);
  batch.writeUInt32BE(crc32c(batch, POSITION_OF.attributes), POSITION_OF.crc);
}

/**
 * One batch of these records, in their order.
 *
 * @throws {RecordBatchError} MALFORMED: no records, or a timestamp that is no integer from -1 to
 *   TIMESTAMP_MAX_MS. TOO_LARGE: more than 2 GiB.
 */
export function encodeBatch(records: readonly RecordInput[], options: EncodeOptions = {}): Buffer {
  let initialBytes = BATCH_HEADER_BYTES;
  for (const record of records) initialBytes += recordSizeBytes(record);
  if (initialBytes > BATCH_BYTES_MAX) {
    throw new RecordBatchError('TOO_LARGE', `${initialBytes} bytes of records fit no batch`);
  }
  const builder = new BatchBuilder({ ...options, initialBytes });
  const now = options.now ?? Date.now();
  for (const record of records) builder.append(record, now);
  return builder.build();
}

/** Bytes the record takes in a batch at most, before compression; about 30 too many. */
export function recordSizeBytes(record: RecordInput): number {
  let size = RECORD_OVERHEAD_BYTES + (record.key?.length ?? 0) + (record.value?.length ?? 0);
  if (record.headers === undefined) return size;
  for (const header of record.headers) {
    size += 10 + Buffer.byteLength(header.key) + (header.value?.length ?? 0);
  }
  return size;
}

function firstBytes(wanted: number): number {
  return Math.max(BATCH_HEADER_BYTES, wanted);
}

function nullableBytes(value: Buffer | null | undefined): number {
  return value == null ? 1 : varintBytes(value.length) + value.length;
}

function headersBytes(headers: readonly RecordHeader[]): number {
  let size = varintBytes(headers.length);
  for (const { key, value } of headers) {
    const keyBytes = Buffer.byteLength(key);
    size += varintBytes(keyBytes) + keyBytes + nullableBytes(value);
  }
  return size;
}

function writeNullable(target: Buffer, value: Buffer | null | undefined, position: number): number {
  if (value == null) {
    target[position] = 1; // Zigzag of -1.
    return position + 1;
  }
  const at = writeVarint(target, value.length, position);
  const length = value.length;
  // A call into the runtime costs more than a few bytes copied here.
  if (length > SHORT_COPY_BYTES) target.set(value, at);
  else for (let i = 0; i < length; i++) target[at + i] = value[i]!;
  return at + length;
}

function writeHeaders(target: Buffer, headers: readonly RecordHeader[], position: number): number {
  let at = writeVarint(target, headers.length, position);
  for (const { key, value } of headers) {
    const keyBytes = Buffer.byteLength(key);
    at = writeVarint(target, keyBytes, at);
    target.write(key, at, 'utf8');
    at = writeNullable(target, value, at + keyBytes);
  }
  return at;
}

function writeInt64(target: Buffer, value: number, position: number): void {
  target.writeInt32BE(Math.floor(value / 2 ** 32), position);
  target.writeUInt32BE(value >>> 0, position + 4);
}
