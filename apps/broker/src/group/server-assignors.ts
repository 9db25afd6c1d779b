// The assignors of the broker: who should own which partition. Pure and deterministic: the same
// members and topics give the same assignment.
import { partitionKey, partitionOfKey } from './committed-offset';

export type AssignorName = 'uniform' | 'range';

/** What an assignor knows of a member. */
export interface AssignableMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly topicIds: ReadonlySet<string>;
  /** What it should have owned so far, by `partitionKey`. */
  readonly current: ReadonlySet<string>;
}

/** Whether a client may ask for this assignor. */
export function isAssignor(name: string): name is AssignorName {
  return name === 'uniform' || name === 'range';
}

/**
 * Gives every partition of every topic that somebody subscribes to, to one of its subscribers.
 *
 * `uniform`: every member gets about as much as every other, and keeps what it has where it can.
 * `range`: of each topic the first member gets the first partitions, and so on, so that members
 * with equal subscriptions get equal partition numbers of topics with equal counts.
 *
 * @param topics Partition counts by topic id.
 */
export function assignPartitions(
  assignor: AssignorName,
  members: readonly AssignableMember[],
  topics: ReadonlyMap<string, number>,
): Map<string, Set<string>> {
  const ordered = [...members].sort(byIdentity);
  return assignor === 'range' ? assignRanges(ordered, topics) : assignEvenly(ordered, topics);
}

function assignRanges(
  members: readonly AssignableMember[],
  topics: ReadonlyMap<string, number>,
): Map<string, Set<string>> {
  const targets = new Map(members.map(({ memberId }) => [memberId, new Set<string>()]));
  for (const [topicId, count] of topics) {
    const subscribers = members.filter(({ topicIds }) => topicIds.has(topicId));
    const quota = Math.floor(count / subscribers.length);
    const extras = count % subscribers.length;
    subscribers.forEach(({ memberId }, index) => {
      const first = index * quota + Math.min(index, extras);
      const end = first + quota + (index < extras ? 1 : 0);
      for (let partition = first; partition < end; partition += 1) {
        targets.get(memberId)?.add(partitionKey({ topicId, partition }));
      }
    });
  }
  return targets;
}

/** What a member has so far, while partitions are given out. */
interface Share {
  readonly member: AssignableMember;
  readonly partitions: Set<string>;
}

function assignEvenly(
  members: readonly AssignableMember[],
  topics: ReadonlyMap<string, number>,
): Map<string, Set<string>> {
  const shares = members.map((member) => ({ member, partitions: new Set<string>() }));
  const isUniform = members.every(({ topicIds }) => topicIds.size === topics.size);
  const total = [...topics.values()].reduce((sum, count) => sum + count, 0);
  // Where all subscribe to the same, nobody keeps more than it will have in the end.
  const kept = keepCurrent(shares, topics, isUniform ? total : undefined);
  for (const [topicId, subscribers] of rarestFirst(shares, topics)) {
    const heap = new ShareQueue(subscribers);
    for (let partition = 0; partition < (topics.get(topicId) ?? 0); partition += 1) {
      const key = partitionKey({ topicId, partition });
      if (!kept.has(key)) heap.addToSmallest(key);
    }
  }
  if (!isUniform) evenOut(shares);
  return new Map(shares.map(({ member, partitions }) => [member.memberId, partitions]));
}

/** Lets members keep what is still theirs; with `total`, no more than an even share of it. */
function keepCurrent(
  shares: readonly Share[],
  topics: ReadonlyMap<string, number>,
  total: number | undefined,
): Set<string> {
  const kept = new Set<string>();
  const quota = total === undefined ? Infinity : Math.floor(total / shares.length);
  let extras = total === undefined ? 0 : total % shares.length;
  for (const { member, partitions } of shares) {
    for (const key of member.current) {
      const { topicId, partition } = partitionOfKey(key);
      const isThere = member.topicIds.has(topicId) && partition < (topics.get(topicId) ?? 0);
      if (!isThere || kept.has(key)) continue;
      if (partitions.size >= quota) {
        if (partitions.size > quota || extras === 0) break;
        extras -= 1;
      }
      partitions.add(key);
      kept.add(key);
    }
  }
  return kept;
}

/** Topics with their subscribers, those with the fewest first: others have less of a choice. */
function rarestFirst(
  shares: readonly Share[],
  topics: ReadonlyMap<string, number>,
): [topicId: string, subscribers: Share[]][] {
  return [...topics.keys()]
    .sort()
    .map((topicId): [string, Share[]] => [
      topicId,
      shares.filter(({ member }) => member.topicIds.has(topicId)),
    ])
    .sort(([, one], [, other]) => one.length - other.length);
}

/** Moves partitions from those that have most to those that have at least two fewer. */
function evenOut(shares: readonly Share[]): void {
  const byLoad = (): Share[] =>
    [...shares].sort((one, other) => other.partitions.size - one.partitions.size);
  let hasMoved = true;
  while (hasMoved) {
    hasMoved = false;
    for (const giver of byLoad()) {
      for (const key of giver.partitions) {
        const { topicId } = partitionOfKey(key);
        const taker = smallestSubscriber(shares, topicId);
        if (taker === undefined || taker.partitions.size > giver.partitions.size - 2) continue;
        giver.partitions.delete(key);
        taker.partitions.add(key);
        hasMoved = true;
      }
    }
  }
}

function smallestSubscriber(shares: readonly Share[], topicId: string): Share | undefined {
  let smallest: Share | undefined;
  for (const share of shares) {
    if (!share.member.topicIds.has(topicId)) continue;
    if (smallest === undefined || share.partitions.size < smallest.partitions.size) {
      smallest = share;
    }
  }
  return smallest;
}

/** Subscribers of a topic by what they have, the one with least first. */
class ShareQueue {
  private readonly bySize = new Map<number, Share[]>();
  private size = Infinity;

  constructor(shares: readonly Share[]) {
    for (const share of shares) this.enter(share);
  }

  addToSmallest(key: string): void {
    const share = this.takeSmallest();
    if (share === undefined) return;
    share.partitions.add(key);
    this.enter(share);
  }

  private takeSmallest(): Share | undefined {
    while (this.bySize.size > 0) {
      const share = this.bySize.get(this.size)?.shift();
      if (share !== undefined) return share;
      this.bySize.delete(this.size);
      this.size = Math.min(...this.bySize.keys());
    }
    return undefined;
  }

  private enter(share: Share): void {
    const size = share.partitions.size;
    const equals = this.bySize.get(size);
    if (equals === undefined) this.bySize.set(size, [share]);
    else equals.push(share);
    this.size = Math.min(this.size, size);
  }
}

function byIdentity(one: AssignableMember, other: AssignableMember): number {
  const left = one.instanceId ?? one.memberId;
  const right = other.instanceId ?? other.memberId;
  if (left !== right) return left < right ? -1 : 1;
  return one.memberId < other.memberId ? -1 : 1;
}
