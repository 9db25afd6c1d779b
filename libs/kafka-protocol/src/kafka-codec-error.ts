/**
 * TRUNCATED: the bytes end inside a value. MALFORMED: a length, a varint or a null that the
 * protocol does not allow there. TOO_LARGE: more array elements than the reader was told to take.
 * UNSAFE_INTEGER: an int64 beyond 2^53. UNSUPPORTED_VERSION: an API or version without a codec.
 * UNENCODABLE: a value that its field, or its field in this version, cannot carry.
 */
export type KafkaCodecErrorCode =
  | 'TRUNCATED'
  | 'MALFORMED'
  | 'TOO_LARGE'
  | 'UNSAFE_INTEGER'
  | 'UNSUPPORTED_VERSION'
  | 'UNENCODABLE';

/** Bytes that are no message of the Kafka protocol, or a value that cannot become one. */
export class KafkaCodecError extends Error {
  override readonly name = 'KafkaCodecError';

  constructor(
    readonly code: KafkaCodecErrorCode,
    message: string,
  ) {
    super(message);
  }
}
