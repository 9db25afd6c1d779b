import { StorageError } from './storage-error';

const PERSIST_EVERY_MAX = 0xffff_ffff;

/** When a read saves the topic's cursor. */
export type ReadConsistency =
  | { readonly kind: 'strictly-at-once' }
  | { readonly kind: 'at-least-once'; readonly persistEvery: number };

/** The read consistencies, as the seed names them. */
export const ReadConsistency = {
  /** Before the entry is handed out: nothing is delivered twice; a crash may lose one response. */
  StrictlyAtOnce: { kind: 'strictly-at-once' } as ReadConsistency,

  /**
   * After every `persistEvery` entries (1 to 2^32 - 1): a crash hands out fewer than that many
   * again.
   * @throws {StorageError} INVALID_INPUT outside that range.
   */
  AtLeastOnce({ persistEvery }: { readonly persistEvery: number }): ReadConsistency {
    if (Number.isInteger(persistEvery) && persistEvery >= 1 && persistEvery <= PERSIST_EVERY_MAX) {
      return { kind: 'at-least-once', persistEvery };
    }
    const range = `a whole number of entries from 1 to ${PERSIST_EVERY_MAX}`;
    throw new StorageError(
      'INVALID_INPUT',
      `persistEvery is ${String(persistEvery)}, not ${range}`,
    );
  },
} as const;
