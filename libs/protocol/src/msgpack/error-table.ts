// Every error code of the msgpack protocol, once. docs/protocol.md carries the same table and a
// test compares the two.

interface ErrorEntry {
  /** Whether the same request can succeed later without being changed. */
  readonly retriable: boolean;
  readonly sentence: string;
}

const once = (sentence: string): ErrorEntry => ({ retriable: false, sentence });
const later = (sentence: string): ErrorEntry => ({ retriable: true, sentence });

export const ERROR_TABLE = Object.freeze({
  HELLO_REQUIRED: once('The first request was not `hello`; the connection is closed.'),
  UNSUPPORTED_PROTOCOL: once('The broker speaks no version in the range the client offered.'),
  UNKNOWN_INSTANCE: once('The broker has no instance of the name given in `hello`.'),
  UNKNOWN_OPERATION: once('The broker does not know the operation; the connection stays open.'),
  INVALID_FRAME: once('The frame does not have the form of a message; the connection is closed.'),
  FRAME_TOO_LARGE: once('The frame is larger than the limit; the connection is closed.'),
  INVALID_REQUEST: once('A field is missing, of the wrong type or out of its range.'),
  UNKNOWN_TOPIC: once('The instance has no topic of this name.'),
  UNKNOWN_PARTITION: once('The topic has no partition of this number.'),
  TOPIC_EXISTS: once('The instance has a topic of this name already.'),
  INVALID_TOPIC_NAME: once(
    'A topic name is 1 to 249 characters of `a-z A-Z 0-9 . _ -`, but not `.` or `..`.',
  ),
  INVALID_PARTITIONS: once('A topic has 1 to 10000 partitions.'),
  INVALID_CONFIG: once('A topic config does not exist or cannot have this value.'),
  LIMIT_EXCEEDED: once('There are as many topics, partitions, pins or readers as there may be.'),
  READER_EXISTS: once('The reader has a position in one of the partitions already.'),
  UNKNOWN_READER: once('The reader has no position in the partitions that were named.'),
  READER_ATTACHED: once('Another connection has attached the reader; the message says which.'),
  READER_TAKEN_OVER: once(
    'Another connection took the reader over: attach it again, or detach it, first.',
  ),
  OFFSET_OUT_OF_RANGE: once('The offset is below the log start or above the readable end.'),
  INVALID_BATCH: once('The bytes are not whole record batches of version 2.'),
  CORRUPT_BATCH: once('The checksum of a record batch does not match its bytes.'),
  RECORD_TOO_LARGE: once('A record or batch is larger than the broker takes.'),
  OUT_OF_ORDER_SEQUENCE: once(
    'The batch of an idempotent producer is not the next one: one before it is missing.',
  ),
  DUPLICATE_SEQUENCE_NUMBER: once(
    'The batch was appended before the last five of its producer; its offset is not known.',
  ),
  INVALID_PRODUCER_EPOCH: once(
    'Another producer with the same id has a later epoch: this one is fenced.',
  ),
  UNKNOWN_PRODUCER_ID: once('The instance gave out no such producer id.'),
  BUSY: later('The write queue is full; nothing of the request was taken.'),
  NO_SPACE: later('The disk is full; nothing of the request was kept.'),
  FENCED: once('The instance met an I/O error and takes no writes until it is opened again.'),
  CORRUPT: once('Stored records that were acknowledged fail their checksum.'),
  SHUTTING_DOWN: later('The broker is stopping; ask again once it is back.'),
  INTERNAL: once('The broker failed in a way it did not expect; its log has the cause.'),
} as const satisfies Record<string, ErrorEntry>);

/** A code of the table above. */
export type ErrorCode = keyof typeof ERROR_TABLE;

/** Whether `code` is one this version of the protocol knows. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_TABLE, code);
}
