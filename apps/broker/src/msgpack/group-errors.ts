// The one place where what a group says becomes what the protocol says.
import {
  ERROR_TABLE,
  ProtocolError,
  type ErrorCode,
  type PartitionError,
} from '@walrusmq/protocol';
import type { ErrorReply, GroupError } from '../group/group-requests';
import { toProtocolError } from '../partition/storage-errors';

type Failure = Exclude<GroupError, 'NONE'>;

const CODES: Readonly<Record<Failure, ErrorCode>> = {
  COORDINATOR_NOT_AVAILABLE: 'BUSY',
  FENCED_INSTANCE_ID: 'FENCED_INSTANCE_ID',
  FENCED_MEMBER_EPOCH: 'FENCED_MEMBER_EPOCH',
  GROUP_ID_NOT_FOUND: 'GROUP_ID_NOT_FOUND',
  GROUP_MAX_SIZE_REACHED: 'GROUP_MAX_SIZE_REACHED',
  GROUP_SUBSCRIBED_TO_TOPIC: 'GROUP_SUBSCRIBED_TO_TOPIC',
  ILLEGAL_GENERATION: 'ILLEGAL_GENERATION',
  INCONSISTENT_GROUP_PROTOCOL: 'INCONSISTENT_GROUP_PROTOCOL',
  INVALID_GROUP_ID: 'INVALID_REQUEST',
  INVALID_REGULAR_EXPRESSION: 'INVALID_REGULAR_EXPRESSION',
  INVALID_REQUEST: 'INVALID_REQUEST',
  INVALID_SESSION_TIMEOUT: 'INVALID_SESSION_TIMEOUT',
  MEMBER_ID_REQUIRED: 'MEMBER_ID_REQUIRED',
  NON_EMPTY_GROUP: 'NON_EMPTY_GROUP',
  OFFSET_METADATA_TOO_LARGE: 'OFFSET_METADATA_TOO_LARGE',
  REBALANCE_IN_PROGRESS: 'REBALANCE_IN_PROGRESS',
  STALE_MEMBER_EPOCH: 'STALE_MEMBER_EPOCH',
  TOO_MANY_GROUPS: 'LIMIT_EXCEEDED',
  TOO_MANY_OFFSETS: 'LIMIT_EXCEEDED',
  UNKNOWN_MEMBER_ID: 'UNKNOWN_MEMBER_ID',
  UNKNOWN_TOPIC_OR_PARTITION: 'UNKNOWN_PARTITION',
  UNRELEASED_INSTANCE_ID: 'UNRELEASED_INSTANCE_ID',
  UNSUPPORTED_ASSIGNOR: 'UNSUPPORTED_ASSIGNOR',
};

/** Where the table's sentence would leave open which limit it is. */
const MESSAGES: Partial<Readonly<Record<Failure, string>>> = {
  TOO_MANY_GROUPS: 'The instance has as many groups as --groups-max allows.',
  TOO_MANY_OFFSETS: 'The groups have as many committed offsets as --group-offsets-max allows.',
  UNKNOWN_TOPIC_OR_PARTITION: 'There is no such partition any more.',
};

/** The protocol's error for a group's. @param details Fields of the reply; see ProtocolError. */
export function groupError(
  error: Failure,
  message?: string | null,
  details?: Readonly<Record<string, unknown>>,
): ProtocolError {
  return new ProtocolError(
    CODES[error],
    MESSAGES[error] ?? message ?? undefined,
    undefined,
    details,
  );
}

/** The outcome of one partition, or member, of a request; null where all went well. */
export function outcomeOf({ error, message }: ErrorReply): PartitionError | null {
  if (error === 'NONE') return null;
  const code = CODES[error];
  return { code, message: MESSAGES[error] ?? message ?? ERROR_TABLE[code].sentence };
}

/**
 * What the coordinator answers.
 *
 * Rejects with the ProtocolError of a reply that is an error, and of a storage that refuses.
 */
export async function settled<Reply extends ErrorReply>(asked: Promise<Reply>): Promise<Reply> {
  const reply = await asked.catch((error: unknown) => {
    throw toProtocolError(error);
  });
  if (reply.error !== 'NONE') throw groupError(reply.error, reply.message);
  return reply;
}
