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
  UNKNOWN_INSTANCE: once('The broker has no instance with this key, or has it no more.'),
  INSTANCE_EXISTS: once('The broker has an instance with this key, or a directory in its place.'),
  INSTANCE_IN_USE: once('Connections are bound to the instance; `force` closes them.'),
  INSTANCE_FAILED: once('The instance could not be opened, made or changed; the message says why.'),
  INSTANCE_BUSY: later('The instance is being opened or deleted; ask again.'),
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
  INVALID_CONFIG: once(
    'A config of a topic or a setting of an instance does not exist or cannot have this value.',
  ),
  LIMIT_EXCEEDED: once('There are as many topics, groups or whatever the message names as may be.'),
  READER_EXISTS: once('The reader has a position in one of the partitions already.'),
  UNKNOWN_READER: once('The reader has no position in the partitions that were named.'),
  READER_ATTACHED: once('Another connection has attached the reader; the message says which.'),
  READER_TAKEN_OVER: once(
    'Another connection took the reader over: attach it again, or detach it, first.',
  ),
  OFFSET_OUT_OF_RANGE: once('The offset is below the log start or above the end.'),
  INVALID_BATCH: once(
    'The bytes are not whole record batches of version 2, or cannot be given as records.',
  ),
  CORRUPT_BATCH: once('The checksum of a record batch does not match its bytes.'),
  RECORD_TOO_LARGE: once('A record or batch is larger than the broker takes, or gives as records.'),
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
  UNKNOWN_MEMBER_ID: once('The group has no such member, or has it no more: join the group.'),
  ILLEGAL_GENERATION: once('The generation is not the one that the group is in: join it again.'),
  REBALANCE_IN_PROGRESS: once('The group rebalances: join it again, with the same member id.'),
  MEMBER_ID_REQUIRED: once('Join again with the id that `member` of this error gives.'),
  INCONSISTENT_GROUP_PROTOCOL: once(
    'The group uses another protocol, or none of the assignors that the member offers.',
  ),
  INVALID_SESSION_TIMEOUT: once('The session timeout is not within what the broker is set to.'),
  FENCED_INSTANCE_ID: once('Another member has taken over the instance id: this one is fenced.'),
  UNRELEASED_INSTANCE_ID: later(
    'Another member has the instance id, and has neither left nor timed out.',
  ),
  FENCED_MEMBER_EPOCH: once(
    'The member is not at this epoch: give up all partitions and join again with epoch 0.',
  ),
  STALE_MEMBER_EPOCH: once('The member has another epoch by now: use that of its last heartbeat.'),
  UNSUPPORTED_ASSIGNOR: once('The broker has no assignor of this name: use `uniform` or `range`.'),
  INVALID_REGULAR_EXPRESSION: once('The pattern is not RE2 syntax, or is too large.'),
  GROUP_MAX_SIZE_REACHED: once(
    'The group has as many members, or they have said as much, as the broker allows.',
  ),
  GROUP_ID_NOT_FOUND: once('The instance has no group of this name.'),
  NON_EMPTY_GROUP: once('The group has members; stop them first.'),
  GROUP_SUBSCRIBED_TO_TOPIC: once('Members of the group are subscribed to the topic.'),
  OFFSET_METADATA_TOO_LARGE: once('The metadata of a committed offset has over 4096 bytes.'),
  BUSY: later(
    'The broker has no room for more now, of writes, reads or connections; nothing was taken.',
  ),
  NO_SPACE: later(
    'The disk is full, or nearly: produce is refused first. What is refused was not kept.',
  ),
  FENCED: once('The instance met an I/O error and takes no writes until it is opened again.'),
  CORRUPT: once('Stored records that were acknowledged, or the records of groups, are damaged.'),
  SHUTTING_DOWN: later(
    'The broker is stopping, or the connection ends while the request waits: ask again.',
  ),
  INTERNAL: once('The broker failed in a way it did not expect; its log has the cause.'),
} as const satisfies Record<string, ErrorEntry>);

/** A code of the table above. */
export type ErrorCode = keyof typeof ERROR_TABLE;

/** Whether `code` is one this version of the protocol knows. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_TABLE, code);
}
