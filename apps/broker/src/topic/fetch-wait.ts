import type { Cancellation, FetchWaiters } from '../partition/fetch-waiters';
import type { BatchPass } from './batch-pass';

/** What a fetch waits for. */
export interface FetchWants {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
}

/**
 * Reads until there is enough for a reply: as much as is wanted or fits, an error, or the end of
 * the wait. While the unsent replies of all clients fill their budget, a reply does not wait; one
 * with nothing, as the first batch is larger, waits a little: no client is to spin.
 *
 * @param newPass Makes a pass that has not run.
 * @returns The pass that is the reply; at once, without a promise, where nothing is waited for.
 */
export function readEnough<Pass extends BatchPass>(
  wants: FetchWants,
  newPass: () => Pass,
  waiters: FetchWaiters,
  client: Cancellation,
): Pass | Promise<Pass> {
  const pass = newPass();
  const pending = pass.run();
  if (pending === undefined && isEnough(pass, wants) && !pass.isCrowdedOut) return pass;
  return waitForEnough(wants, newPass, waiters, client, pass, pending);
}

async function waitForEnough<Pass extends BatchPass>(
  wants: FetchWants,
  newPass: () => Pass,
  waiters: FetchWaiters,
  client: Cancellation,
  firstPass: Pass,
  firstPending: Promise<void> | undefined,
): Promise<Pass> {
  const deadlineMs = performance.now() + wants.maxWaitMs;
  let pass = firstPass;
  await firstPending;
  while (!isEnough(pass, wants)) {
    const maxWaitMs = Math.ceil(deadlineMs - performance.now());
    if (maxWaitMs <= 0) break;
    const growth = new Growth(wants, pass);
    const partitions = pass.found.map(({ partition }) => partition);
    const isReady = (): boolean => growth.isLikelyEnough();
    const end = await waiters.wait({ partitions, maxWaitMs, isReady, cancellation: client });
    if (end === 'cancelled') break;
    pass.release();
    pass = newPass();
    await pass.run();
    if (end === 'expired') break;
  }
  const leftMs = Math.ceil(deadlineMs - performance.now());
  if (pass.isCrowdedOut) await waiters.holdBack(leftMs, client);
  return pass;
}

function isEnough(pass: BatchPass, { minBytes, maxBytes, maxWaitMs }: FetchWants): boolean {
  if (pass.hasError || pass.isFull || maxWaitMs <= 0) return true;
  const wanted = Math.min(minBytes, maxBytes);
  // Where there is no room for as much, waiting would not bring it.
  return pass.sizeBytes >= (pass.roomBytes < wanted ? Math.min(1, wanted) : wanted);
}

/**
 * Tells, without reading, whether what a fetch waits for has probably arrived.
 *
 * The log does not say how many bytes lie behind an offset, so a second pass is worth it when the
 * records that are readable now would be enough at the size of those seen, or are twice as many: a
 * wait for many bytes reads each byte about twice at most.
 */
class Growth {
  private readonly bytesWanted: number;
  private readonly recordBytes: number;
  private readonly recordsBefore: number;

  constructor(
    { minBytes, maxBytes }: FetchWants,
    private readonly pass: BatchPass,
  ) {
    this.bytesWanted = Math.min(minBytes, maxBytes);
    this.recordsBefore = pass.readableRecords;
    this.recordBytes = this.recordsBefore === 0 ? Infinity : pass.sizeBytes / this.recordsBefore;
  }

  isLikelyEnough(): boolean {
    let records = 0;
    for (const { partition, offset } of this.pass.found) {
      if (partition.isClosed) return true;
      records += Math.max(0, partition.readableEnd - offset);
    }
    if (records <= this.recordsBefore) return false;
    return records >= 2 * this.recordsBefore || records * this.recordBytes >= this.bytesWanted;
  }
}
