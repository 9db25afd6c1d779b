// What Kafka's protocol asks of the records of one partition in a produce request.
import { ProtocolError } from '@walrusmq/protocol';
import { KafkaRefusal } from './error-codes';

// Positions in a record batch of version 2 (Kafka's DefaultRecordBatch).
const LENGTH_POSITION = 8;
const PREFIX_BYTES = 12;
const MAGIC_POSITION = 16;
const ATTRIBUTES_POSITION = 21;
const HEADER_BYTES = 61;
const MAGIC = 2;
const CODEC_BITS = 0x07;
const ZSTD = 4;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;
const ZSTD_VERSION = 7;

/**
 * Checks that there is one batch, of version 2, that a producer may write; the log checks the rest.
 *
 * @throws {ProtocolError} INVALID_BATCH. UNSUPPORTED_COMPRESSION_TYPE: zstd in a version before
 *   it (KIP-110).
 */
export function checkProduced(records: Buffer | null, version: number): asserts records is Buffer {
  if (records === null || records.length < HEADER_BYTES) {
    throw new ProtocolError('INVALID_BATCH', 'there is no whole record batch');
  }
  const magic = records.readInt8(MAGIC_POSITION);
  if (magic !== MAGIC) {
    throw new ProtocolError('INVALID_BATCH', `a batch of format ${magic}; only 2 is taken`);
  }
  if (PREFIX_BYTES + records.readInt32BE(LENGTH_POSITION) !== records.length) {
    throw new ProtocolError('INVALID_BATCH', 'a partition takes exactly one batch of a request');
  }
  const attributes = records.readInt16BE(ATTRIBUTES_POSITION);
  if ((attributes & (TRANSACTIONAL_BIT | CONTROL_BIT)) !== 0) {
    throw new ProtocolError('INVALID_BATCH', 'there are no transactions yet');
  }
  if ((attributes & CODEC_BITS) === ZSTD && version < ZSTD_VERSION) {
    const message = `zstd needs version ${ZSTD_VERSION} of Produce, not ${version}`;
    throw new KafkaRefusal('UNSUPPORTED_COMPRESSION_TYPE', message);
  }
}

/**
 * Whether one of these whole batches, as a log gives them, is compressed with zstd. Looks at
 * nothing else of them: a producer may have written what no number holds.
 */
export function holdsZstd(batches: Buffer): boolean {
  for (let at = 0; at + HEADER_BYTES <= batches.length;) {
    if ((batches.readInt16BE(at + ATTRIBUTES_POSITION) & CODEC_BITS) === ZSTD) return true;
    at += PREFIX_BYTES + batches.readInt32BE(at + LENGTH_POSITION);
  }
  return false;
}
