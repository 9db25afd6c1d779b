// What the broker's own errors are called in Kafka.
import { KAFKA_ERRORS, type KafkaErrorName } from '@walrusmq/kafka-protocol';
import { ProtocolError, type ErrorCode } from '@walrusmq/protocol';

/** Errors that no request of a Kafka client can meet are UNKNOWN_SERVER_ERROR. */
const NAMES: Readonly<Record<ErrorCode, KafkaErrorName>> = {
  HELLO_REQUIRED: 'UNKNOWN_SERVER_ERROR',
  UNSUPPORTED_PROTOCOL: 'UNSUPPORTED_VERSION',
  UNKNOWN_INSTANCE: 'UNKNOWN_SERVER_ERROR',
  INSTANCE_EXISTS: 'UNKNOWN_SERVER_ERROR',
  INSTANCE_IN_USE: 'UNKNOWN_SERVER_ERROR',
  INSTANCE_FAILED: 'KAFKA_STORAGE_ERROR',
  INSTANCE_BUSY: 'COORDINATOR_LOAD_IN_PROGRESS',
  UNKNOWN_OPERATION: 'UNSUPPORTED_VERSION',
  INVALID_FRAME: 'INVALID_REQUEST',
  FRAME_TOO_LARGE: 'INVALID_REQUEST',
  INVALID_REQUEST: 'INVALID_REQUEST',
  UNKNOWN_TOPIC: 'UNKNOWN_TOPIC_OR_PARTITION',
  UNKNOWN_PARTITION: 'UNKNOWN_TOPIC_OR_PARTITION',
  TOPIC_EXISTS: 'TOPIC_ALREADY_EXISTS',
  INVALID_TOPIC_NAME: 'INVALID_TOPIC_EXCEPTION',
  INVALID_PARTITIONS: 'INVALID_PARTITIONS',
  INVALID_CONFIG: 'INVALID_CONFIG',
  LIMIT_EXCEEDED: 'POLICY_VIOLATION',
  READER_EXISTS: 'UNKNOWN_SERVER_ERROR',
  UNKNOWN_READER: 'UNKNOWN_SERVER_ERROR',
  READER_ATTACHED: 'UNKNOWN_SERVER_ERROR',
  READER_TAKEN_OVER: 'UNKNOWN_SERVER_ERROR',
  OFFSET_OUT_OF_RANGE: 'OFFSET_OUT_OF_RANGE',
  INVALID_BATCH: 'INVALID_RECORD',
  CORRUPT_BATCH: 'CORRUPT_MESSAGE',
  RECORD_TOO_LARGE: 'MESSAGE_TOO_LARGE',
  OUT_OF_ORDER_SEQUENCE: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  // As Kafka since 4: clients count a duplicate as written, and a batch that was refused while the
  // next one was taken is as far behind as one that is forgotten.
  DUPLICATE_SEQUENCE_NUMBER: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  INVALID_PRODUCER_EPOCH: 'INVALID_PRODUCER_EPOCH',
  UNKNOWN_PRODUCER_ID: 'UNKNOWN_PRODUCER_ID',
  UNKNOWN_MEMBER_ID: 'UNKNOWN_MEMBER_ID',
  ILLEGAL_GENERATION: 'ILLEGAL_GENERATION',
  REBALANCE_IN_PROGRESS: 'REBALANCE_IN_PROGRESS',
  MEMBER_ID_REQUIRED: 'MEMBER_ID_REQUIRED',
  INCONSISTENT_GROUP_PROTOCOL: 'INCONSISTENT_GROUP_PROTOCOL',
  INVALID_SESSION_TIMEOUT: 'INVALID_SESSION_TIMEOUT',
  FENCED_INSTANCE_ID: 'FENCED_INSTANCE_ID',
  UNRELEASED_INSTANCE_ID: 'UNRELEASED_INSTANCE_ID',
  FENCED_MEMBER_EPOCH: 'FENCED_MEMBER_EPOCH',
  STALE_MEMBER_EPOCH: 'STALE_MEMBER_EPOCH',
  UNSUPPORTED_ASSIGNOR: 'UNSUPPORTED_ASSIGNOR',
  INVALID_REGULAR_EXPRESSION: 'INVALID_REGULAR_EXPRESSION',
  GROUP_MAX_SIZE_REACHED: 'GROUP_MAX_SIZE_REACHED',
  GROUP_ID_NOT_FOUND: 'GROUP_ID_NOT_FOUND',
  NON_EMPTY_GROUP: 'NON_EMPTY_GROUP',
  GROUP_SUBSCRIBED_TO_TOPIC: 'GROUP_SUBSCRIBED_TO_TOPIC',
  OFFSET_METADATA_TOO_LARGE: 'OFFSET_METADATA_TOO_LARGE',
  // A client that is told so waits and sends the same again.
  BUSY: 'REQUEST_TIMED_OUT',
  NO_SPACE: 'KAFKA_STORAGE_ERROR',
  FENCED: 'KAFKA_STORAGE_ERROR',
  CORRUPT: 'CORRUPT_MESSAGE',
  SHUTTING_DOWN: 'COORDINATOR_NOT_AVAILABLE',
  INTERNAL: 'UNKNOWN_SERVER_ERROR',
};

/** An error as a Kafka client is told of it. */
export interface KafkaFailure {
  readonly errorCode: number;
  readonly errorMessage: string;
}

/** An error that only Kafka's protocol has a name for. */
export class KafkaRefusal extends ProtocolError {
  constructor(
    readonly kafkaName: KafkaErrorName,
    message: string,
  ) {
    super('INVALID_REQUEST', message);
  }
}

/** What a client is told of one of the broker's errors. */
export function failureOf(error: ProtocolError): KafkaFailure {
  const name = error instanceof KafkaRefusal ? error.kafkaName : NAMES[error.code];
  return { errorCode: KAFKA_ERRORS[name].code, errorMessage: error.message };
}

/**
 * As `failureOf` for an error of one item of a request.
 * @throws What is no error of the broker's own: a bug, of which the client is told nothing.
 */
export function itemFailureOf(error: unknown): KafkaFailure {
  if (error instanceof ProtocolError) return failureOf(error);
  throw error;
}

/** The number of a Kafka error. */
export function kafkaCode(name: KafkaErrorName): number {
  return KAFKA_ERRORS[name].code;
}

/** For what has not failed. */
export const NO_ERROR = 0;
