// Where the records of a leader epoch end: what a consumer asks whose epoch is over (KIP-320).
import { readBatchHeader } from '@walrusmq/record-batch';
import type { Partition } from '../partition/partition';

/** The end of an epoch. */
export interface EpochEnd {
  /** The greatest epoch with records that is not above the one asked for; -1: nothing is known. */
  readonly leaderEpoch: number;
  /** The offset behind its last record; -1: nothing is known. */
  readonly endOffset: number;
}

const NOTHING_KNOWN: EpochEnd = { leaderEpoch: -1, endOffset: -1 };

/**
 * Where `epoch` ends in the partition: before the first record of a greater one, at the readable
 * end where there is none. Of an epoch that is not yet, nothing is known; one from before the log
 * start ends there.
 *
 * Every batch carries the epoch in which it was appended and epochs only grow, so the end is looked
 * for by halves: about as many reads as the offsets of the log have bits. Rejects as
 * `Partition.read`.
 */
export async function epochEnd(
  partition: Pick<Partition, 'state' | 'read'>,
  epoch: number,
): Promise<EpochEnd> {
  const { leaderEpoch: present, logStartOffset, readableEnd } = partition.state;
  if (epoch < 0 || epoch > present) return NOTHING_KNOWN;
  if (epoch === present) return { leaderEpoch: epoch, endOffset: readableEnd };
  // What lies below `endOffset` is of the epoch or older, what lies from `beyond` on is newer.
  let endOffset = logStartOffset;
  let beyond = readableEnd;
  let leaderEpoch = epoch;
  while (endOffset < beyond) {
    const middle = Math.floor((endOffset + beyond) / 2);
    const batch = readBatchHeader(await partition.read(middle, 1));
    if (batch.leaderEpoch <= epoch) {
      endOffset = batch.lastOffset + 1;
      leaderEpoch = batch.leaderEpoch;
    } else {
      beyond = Math.max(endOffset, batch.baseOffset);
    }
  }
  return { leaderEpoch, endOffset };
}
