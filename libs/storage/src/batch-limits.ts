// What one batch append may hold.
import { StorageError } from './storage-error';

/** Most entries of one batch append or batch read. */
export const BATCH_ENTRIES_MAX = 2000;

/** Most bytes of one batch append, ENTRY_OVERHEAD_BYTES for each entry counted in. */
export const BATCH_BYTES_MAX = 10 * 2 ** 30;

/** What an entry of a batch counts beside its payload: at least what it takes on disk. */
export const ENTRY_OVERHEAD_BYTES = 96;

/**
 * Checks a batch before anything is done with it.
 * @throws {StorageError} INVALID_INPUT over the limits.
 */
export function checkBatch(batch: readonly Uint8Array[]): void {
  if (batch.length > BATCH_ENTRIES_MAX) {
    const text = `a batch of ${batch.length} entries is over the limit of ${BATCH_ENTRIES_MAX}`;
    throw new StorageError('INVALID_INPUT', text);
  }
  const overhead = batch.length * ENTRY_OVERHEAD_BYTES;
  const bytes = batch.reduce((sum, entry) => sum + entry.byteLength, overhead);
  if (bytes <= BATCH_BYTES_MAX) return;
  const text = `a batch of ${bytes} bytes is over the limit of ${BATCH_BYTES_MAX}`;
  throw new StorageError('INVALID_INPUT', text);
}
