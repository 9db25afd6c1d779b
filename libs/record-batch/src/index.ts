// The record batch: the unit that producers build, the log stores and consumers get.
export { crc32c } from './crc32c';
export { murmur2, partitionForKey } from './murmur2';
export { RecordBatchError, type RecordBatchErrorCode } from './record-batch-error';
export {
  TIMESTAMP_MAX_MS,
  type DecodedRecord,
  type RecordHeader,
  type RecordInput,
} from './record';
export {
  BATCH_HEADER_BYTES,
  COMPRESSIONS,
  COMPRESSION_BITS,
  batchHeaders,
  checkBatch,
  readBatchHeader,
  type BatchHeader,
  type Compression,
  type TimestampType,
} from './batch-header';
export { COMPRESSION_LEVELS, type CompressionLevels } from './compression/codec';
export {
  BatchBuilder,
  encodeBatch,
  recordSizeBytes,
  stampProducer,
  type BatchBuilderOptions,
  type BatchOptions,
  type EncodeOptions,
  type ProducerStamp,
} from './batch-builder';
export {
  DEFAULT_DECOMPRESSED_BYTES_MAX,
  decodeBatch,
  decodeBatches,
  type DecodedBatch,
  type DecodeLimits,
} from './batch-decoder';
