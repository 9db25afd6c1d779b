import type { Writable } from 'node:stream';
import type { RetryNotice } from '@walrusmq/client';
import { describeError } from '../cli-error';

/**
 * While a broker is away each connection complains more often than this; see `ConnectionOptions`.
 */
const OUTAGE_SILENCE_MS = 10_000;

/** What is tried again because of the broker, and not because a group is at work. */
const ACTIVITIES: ReadonlySet<string> = new Set([
  'connect',
  'metadata',
  'initProducerId',
  'produce',
  'fetch',
  'read',
  'commit',
]);

/**
 * An `onRetry` that tells a person why nothing happens: one line for each outage, which is over
 * when nobody complained for ten seconds.
 */
export function outageNotices(
  stderr: Writable,
  clock: () => number = () => performance.now(),
): (notice: RetryNotice) => void {
  let toldMs = Number.NEGATIVE_INFINITY;
  return ({ error, activity }) => {
    if (!ACTIVITIES.has(activity)) return;
    const isKnown = clock() - toldMs < OUTAGE_SILENCE_MS;
    toldMs = clock();
    if (isKnown) return;
    stderr.write(`walrusmq: ${describeError(error).replace(/\.$/, '')}; trying again\n`);
  };
}
