// The one place where what the storage says becomes what the protocol says.
import { ProtocolError, type ErrorCode } from '@walrusmq/protocol';
import { StorageError, type StorageErrorCode } from '@walrusmq/storage';

const EVERYWHERE: Readonly<Record<StorageErrorCode, ErrorCode>> = {
  WOULD_BLOCK: 'BUSY',
  BUSY: 'BUSY',
  NO_SPACE: 'NO_SPACE',
  FENCED: 'FENCED',
  // The call that meets the failed write or sync says IO, later ones say FENCED.
  IO: 'FENCED',
  CORRUPT: 'CORRUPT',
  OUT_OF_RANGE: 'OFFSET_OUT_OF_RANGE',
  INVALID_INPUT: 'INVALID_REQUEST',
  LOCKED: 'INTERNAL',
  CLOSED: 'SHUTTING_DOWN',
  OUT_OF_ORDER_SEQUENCE: 'OUT_OF_ORDER_SEQUENCE',
  DUPLICATE_SEQUENCE_NUMBER: 'DUPLICATE_SEQUENCE_NUMBER',
  INVALID_PRODUCER_EPOCH: 'INVALID_PRODUCER_EPOCH',
};

/** An append is refused for the bytes it brought, so its words are about the batch. */
const ON_APPEND: Partial<Readonly<Record<StorageErrorCode, ErrorCode>>> = {
  INVALID_INPUT: 'INVALID_BATCH',
  CORRUPT: 'CORRUPT_BATCH',
};

/**
 * The protocol's word for an error of the storage; any other error comes back as it is, for the
 * connection to log and to answer INTERNAL.
 */
export function toProtocolError(error: unknown, during: 'append' | 'other' = 'other'): unknown {
  if (!(error instanceof StorageError)) return error;
  const code = (during === 'append' ? ON_APPEND[error.code] : undefined) ?? EVERYWHERE[error.code];
  return new ProtocolError(code, error.message);
}
