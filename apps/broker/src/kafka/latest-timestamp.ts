import type { TimestampedOffset } from '@walrusmq/storage';
import type { Partition } from '../partition/partition';

/** Above it numbers are not exact any more: what is later counts as that late. */
const LATEST_MS = Number.MAX_SAFE_INTEGER;

/**
 * The first record with the greatest timestamp of a partition; undefined when there is none.
 *
 * The log tells only the first record that is not older than a moment, so the moment is looked for:
 * in steps that double, then by halves. Each record that is found moves the search to its own
 * timestamp. Rejects as `Partition.offsetForTimestamp`.
 */
export async function latestTimestamp(
  partition: Pick<Partition, 'offsetForTimestamp'>,
): Promise<TimestampedOffset | undefined> {
  let latest = await partition.offsetForTimestamp(0);
  if (latest === undefined) return undefined;
  let beyond: number | undefined;
  for (let step = 1; beyond === undefined; step *= 2) {
    if (latest.timestamp >= LATEST_MS) return { ...latest, timestamp: LATEST_MS };
    const at: number = Math.min(latest.timestamp + step, LATEST_MS);
    const found = await partition.offsetForTimestamp(at);
    if (found === undefined) beyond = at;
    else latest = found;
  }
  while (latest.timestamp + 1 < beyond) {
    const least: number = latest.timestamp + 1;
    // Not half of their sum, which may be no exact number.
    const middle: number = least + Math.floor((beyond - least) / 2);
    const found = await partition.offsetForTimestamp(middle);
    if (found === undefined) beyond = middle;
    else latest = found;
  }
  return latest;
}
