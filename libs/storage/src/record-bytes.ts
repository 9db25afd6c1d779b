import type { PartitionLog } from './partition-log';

/** Decoding so many bytes of small records takes a few milliseconds. */
const TURN_BYTES = 256 << 10;

/**
 * The bytes of a log's records up to its readable end, whole batches in pieces of about 256 KiB, a
 * turn of the event loop each. Reads what is not in memory on the log's reader threads.
 *
 * Rejects with the StorageError of the read: CORRUPT, IO, CLOSED.
 *
 * @param next Offset of the first record that the caller has not taken; a piece may begin with
 *   records before it.
 */
export async function* recordBytesOf(
  log: PartitionLog,
  next: () => number,
): AsyncGenerator<Buffer, void, void> {
  for (let isFirst = true; next() < log.readableEnd; isFirst = false) {
    if (!isFirst) await new Promise((resolve) => setImmediate(resolve));
    const offset = next();
    yield log.readNow(offset, TURN_BYTES) ?? (await log.read(offset, TURN_BYTES));
  }
}
