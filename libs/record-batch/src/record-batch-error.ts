/**
 * TRUNCATED: the bytes end inside a batch. MALFORMED: a field contradicts another or its range.
 * BAD_CRC: the bytes are not those that were checksummed. UNSUPPORTED: a version or compression
 * this library does not read. TOO_LARGE: a bound given by the caller or by the format is exceeded.
 */
export type RecordBatchErrorCode =
  'TRUNCATED' | 'MALFORMED' | 'BAD_CRC' | 'UNSUPPORTED' | 'TOO_LARGE';

/** Bytes that are not a record batch, or records that cannot become one. */
export class RecordBatchError extends Error {
  override readonly name = 'RecordBatchError';

  constructor(
    readonly code: RecordBatchErrorCode,
    message: string,
  ) {
    super(message);
  }
}
