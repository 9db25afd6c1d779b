import { types } from 'node:util';

/** What went wrong, and which state it leaves (docs/storage-api.md). */
export type StorageErrorCode =
  | 'WOULD_BLOCK'
  | 'INVALID_INPUT'
  | 'CORRUPT'
  | 'FENCED'
  | 'NO_SPACE'
  | 'LOCKED'
  | 'BUSY'
  | 'OUT_OF_RANGE'
  | 'IO'
  | 'CLOSED'
  | 'OUT_OF_ORDER_SEQUENCE'
  | 'DUPLICATE_SEQUENCE_NUMBER'
  | 'INVALID_PRODUCER_EPOCH';

const CODES: ReadonlySet<string> = new Set<StorageErrorCode>([
  'WOULD_BLOCK',
  'INVALID_INPUT',
  'CORRUPT',
  'FENCED',
  'NO_SPACE',
  'LOCKED',
  'BUSY',
  'OUT_OF_RANGE',
  'IO',
  'CLOSED',
  'OUT_OF_ORDER_SEQUENCE',
  'DUPLICATE_SEQUENCE_NUMBER',
  'INVALID_PRODUCER_EPOCH',
]);

/**
 * The one error type of this library.
 *
 * WOULD_BLOCK, BUSY, INVALID_INPUT, OUT_OF_RANGE, LOCKED, CLOSED: nothing changed.
 * NO_SPACE: the append was undone, its offsets are free again; later ones may succeed.
 * CORRUPT: the bytes handed in, or the ones on disk, do not match their checksum; nothing changed.
 * OUT_OF_ORDER_SEQUENCE, DUPLICATE_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH: an idempotent
 * producer's batch is not the next one, was appended too long ago to know where, or is of a
 * producer that another one has taken the place of; nothing changed.
 * FENCED, IO: never acknowledged; whether the records are there after a restart is unknown.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(
    readonly code: StorageErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /**
   * The storage error behind `error`: itself, or one with the code that the native binding put on
   * it. An error with no code of ours is a bug, not a state of the storage: it is thrown as it is.
   */
  static from(error: unknown): StorageError {
    if (error instanceof StorageError) return error;
    // Not `instanceof Error`: the addon's errors may come from another realm, as they do in Jest.
    const code = (error as { code?: unknown } | null)?.code;
    if (!types.isNativeError(error) || typeof code !== 'string' || !CODES.has(code)) throw error;
    return new StorageError(code as StorageErrorCode, error.message, { cause: error });
  }
}

/** The native engine is not built, or not for this machine. Nothing was opened. */
export class AddonError extends Error {
  override readonly name = 'AddonError';
  readonly code = 'ADDON_UNUSABLE';

  constructor(cause: unknown) {
    const [reason = ''] = (cause as Error).message.split('\n', 1);
    super(`the native engine cannot be loaded (${reason}); build it with \`make build\``, {
      cause,
    });
  }
}
