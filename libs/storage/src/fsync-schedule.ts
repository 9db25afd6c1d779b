import { StorageError } from './storage-error';

const INTERVAL_MS_MAX = 0xffff_ffff;

/** When an instance syncs what it has written; one word for records, cursors and topics alike. */
export type FsyncSchedule =
  | { readonly kind: 'sync-each' }
  | { readonly kind: 'milliseconds'; readonly intervalMs: number }
  | { readonly kind: 'no-fsync' };

/** The schedules, as the seed names them. */
export const FsyncSchedule = {
  /** What was acknowledged survives power loss. */
  SyncEach: { kind: 'sync-each' } as FsyncSchedule,
  /** Never syncs before close: after power loss each log is a prefix of what it was. */
  NoFsync: { kind: 'no-fsync' } as FsyncSchedule,

  /**
   * Syncs every `intervalMs` (1 to 2^32 - 1).
   * @throws {StorageError} INVALID_INPUT outside that range.
   */
  Milliseconds(intervalMs: number): FsyncSchedule {
    if (!Number.isInteger(intervalMs) || intervalMs < 1 || intervalMs > INTERVAL_MS_MAX) {
      const range = `a whole number of milliseconds from 1 to ${INTERVAL_MS_MAX}`;
      throw new StorageError('INVALID_INPUT', `intervalMs is ${String(intervalMs)}, not ${range}`);
    }
    return { kind: 'milliseconds', intervalMs };
  },
} as const;
