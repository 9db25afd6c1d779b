// Plain records into batches and back, for clients that do not speak the batch form.
import { ProtocolError, type FetchedRecord } from '@walrusmq/protocol';
import {
  BatchBuilder,
  RecordBatchError,
  decodeBatches,
  partitionForKey,
  type DecodedRecord,
  type RecordHeader,
  type RecordInput,
} from '@walrusmq/record-batch';

/** What a record without a byte of its own takes in a reply: a packed batch can hold very many. */
const RECORD_BYTES = 16;

/**
 * Which record goes to which partition: by key as Java's default partitioner does it, and the
 * keyless ones of a request together to `keylessPartition`.
 */
export function groupByPartition(
  records: readonly RecordInput[],
  partitionCount: number,
  keylessPartition: number,
): Map<number, RecordInput[]> {
  const groups = new Map<number, RecordInput[]>();
  for (const record of records) {
    const partition =
      record.key == null ? keylessPartition : partitionForKey(record.key, partitionCount);
    const group = groups.get(partition);
    if (group === undefined) groups.set(partition, [record]);
    else group.push(record);
  }
  return groups;
}

/**
 * The records as batches of at most `batchBytesMax` each, in their order.
 * @throws {ProtocolError} RECORD_TOO_LARGE when one record alone needs more; INVALID_REQUEST.
 */
export function encodeRecords(
  records: readonly RecordInput[],
  batchBytesMax: number,
  now: number,
): Buffer[] {
  const builder = new BatchBuilder({ sizeBytesMax: batchBytesMax });
  const batches: Buffer[] = [];
  const finish = (): void => {
    const batch = builder.build();
    if (batch.length > batchBytesMax) {
      throw new ProtocolError(
        'RECORD_TOO_LARGE',
        `A record needs a batch of ${batch.length} bytes; ` +
          `max.message.bytes of its topic is ${batchBytesMax}.`,
      );
    }
    batches.push(batch);
  };
  try {
    for (const record of records) {
      if (builder.append(record, now)) continue;
      finish();
      builder.append(record, now);
    }
    if (builder.recordCount > 0) finish();
  } catch (error) {
    if (!(error instanceof RecordBatchError)) throw error;
    const code = error.code === 'TOO_LARGE' ? 'RECORD_TOO_LARGE' : 'INVALID_REQUEST';
    throw new ProtocolError(code, error.message);
  }
  return batches;
}

/** How much of a fetch reply records may take, and of memory on the way. */
export interface UnpackLimits {
  /** Records stop here, by `bytes` of {@link UnpackedRecords}, but never before the first. */
  readonly bytesMax: number;
  /** What one compressed batch may unpack to. */
  readonly batchBytesMax: number;
}

/** Records of batches as a reply carries them. */
export interface UnpackedRecords {
  readonly records: FetchedRecord[];
  /** Their keys, values and headers, and something for each record itself. */
  readonly bytes: number;
}

/**
 * The records of whole batches from `offset` on.
 *
 * @throws {ProtocolError} CORRUPT; RECORD_TOO_LARGE or INVALID_BATCH for a batch that the broker
 *   does not unpack and that the batch form can still fetch.
 */
export function decodeRecords(
  batches: Buffer,
  offset: number,
  { bytesMax, batchBytesMax }: UnpackLimits,
): UnpackedRecords {
  const records: FetchedRecord[] = [];
  let bytes = 0;
  try {
    for (const record of decodeBatches(batches, { decompressedBytesMax: batchBytesMax })) {
      if (record.offset < offset) continue;
      const size = unpackedBytes(record);
      if (bytes + size > bytesMax && records.length > 0) break;
      bytes += size;
      const { timestamp, key, value } = record;
      records.push([record.offset, timestamp, key, value, toHeaderMap(record.headers)]);
    }
  } catch (error) {
    // What came before the failing batch is good; the next fetch starts at that batch and meets it.
    if (records.length === 0) throw toFetchError(error);
    if (!(error instanceof RecordBatchError)) throw error;
  }
  return { records, bytes };
}

function unpackedBytes({ key, value, headers }: DecodedRecord): number {
  let bytes = RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) bytes += header.key.length + (header.value?.length ?? 0);
  return bytes;
}

function toHeaderMap(headers: readonly RecordHeader[]): Record<string, Buffer | null> {
  // Without a prototype, since the names are the client's: '__proto__' is a name like any other.
  const map = Object.create(null) as Record<string, Buffer | null>;
  for (const { key, value } of headers) map[key] = value;
  return map;
}

function toFetchError(error: unknown): unknown {
  if (!(error instanceof RecordBatchError)) return error;
  switch (error.code) {
    case 'UNSUPPORTED':
      return new ProtocolError('INVALID_BATCH', `${error.message}; fetch it as batches.`);
    case 'TOO_LARGE':
      return new ProtocolError('RECORD_TOO_LARGE', `${error.message}; fetch it as batches.`);
    default:
      return new ProtocolError('CORRUPT', error.message);
  }
}
