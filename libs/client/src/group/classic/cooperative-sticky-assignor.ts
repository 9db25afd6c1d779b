import type { TopicPartition } from '../../admin-topics';
import { subscribersOf, type Assignment, type Assignor, type AssignorMember } from './assignor';

/** A partition and who is to have it. */
interface Placed extends TopicPartition {
  owner: string;
  /** Whether the owner has it already, so that moving it costs a hand-over. */
  readonly isKept: boolean;
}

/**
 * Spreads partitions evenly and leaves as many as it can where they are (the aims of Kafka's
 * CooperativeStickyAssignor, whose groups it can share).
 *
 * Members keep what they have; what nobody has goes to the subscriber with the least; then
 * partitions move from members to others that have two fewer or less, until there is no such move.
 * Where all subscribe to the same topics nobody then has two more than another, and no fewer
 * partitions could have moved.
 */
export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  cooperative: true,
  assign(members, partitionCounts) {
    const subscribers = subscribersOf(members);
    const loads = new Map(members.map(({ member }) => [member, 0]));
    const owners = ownersOf(members, partitionCounts);
    const placed: Placed[] = [];
    const free: TopicPartition[] = [];
    for (const [topic, count] of partitionCounts) {
      if (!subscribers.has(topic)) continue;
      for (let partition = 0; partition < count; partition += 1) {
        const owner = owners.get(`${topic}/${partition}`);
        if (owner === undefined) free.push({ topic, partition });
        else {
          placed.push({ topic, partition, owner, isKept: true });
          loads.set(owner, (loads.get(owner) ?? 0) + 1);
        }
      }
    }
    // Those that few can have first: the others can make up for them.
    const choices = ({ topic }: TopicPartition): number => subscribers.get(topic)?.length ?? 0;
    free.sort((one, other) => choices(one) - choices(other));
    for (const { topic, partition } of free) {
      const owner = leastLoaded(subscribers.get(topic) ?? [], loads);
      placed.push({ topic, partition, owner, isKept: false });
      loads.set(owner, (loads.get(owner) ?? 0) + 1);
    }
    level(placed, subscribers, loads);
    return assignmentOf(members, placed);
  },
};

/**
 * Whose each partition is. Where several say so the one of the latest generation is believed, as
 * the others missed that they lost it; of the same generation none is (KIP-792).
 */
function ownersOf(
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
): ReadonlyMap<string, string> {
  const latest = new Map<string, number>();
  const owners = new Map<string, string>();
  for (const { member, topics, owned, generation } of members) {
    const subscribed = new Set(topics);
    for (const { topic, partition } of owned) {
      const key = `${topic}/${partition}`;
      const count = partitionCounts.get(topic) ?? 0;
      if (!subscribed.has(topic) || partition < 0 || partition >= count) continue;
      const before = latest.get(key);
      if (before !== undefined && before > generation) continue;
      latest.set(key, generation);
      if (before === generation) owners.delete(key);
      else owners.set(key, member);
    }
  }
  return owners;
}

/**
 * Moves partitions until nobody has two more than another who could take one. Each move brings
 * loads nearer to each other, so there is an end.
 */
function level(
  placed: readonly Placed[],
  subscribers: ReadonlyMap<string, readonly AssignorMember[]>,
  loads: Map<string, number>,
): void {
  // What nobody has yet moves at no cost.
  const inOrder = [...placed].sort((one, other) => Number(one.isKept) - Number(other.isKept));
  let hasMoved = true;
  while (hasMoved) {
    hasMoved = false;
    for (const each of inOrder) {
      const load = loads.get(each.owner) ?? 0;
      const least = leastLoaded(subscribers.get(each.topic) ?? [], loads);
      const leastLoad = loads.get(least) ?? 0;
      if (load - leastLoad < 2) continue;
      loads.set(each.owner, load - 1);
      loads.set(least, leastLoad + 1);
      each.owner = least;
      hasMoved = true;
    }
  }
}

/** REQUIRES: there is one. */
function leastLoaded(
  members: readonly AssignorMember[],
  loads: ReadonlyMap<string, number>,
): string {
  let least = '';
  let leastLoad = Infinity;
  for (const { member } of members) {
    const load = loads.get(member) ?? 0;
    if (load < leastLoad) [least, leastLoad] = [member, load];
  }
  return least;
}

function assignmentOf(members: readonly AssignorMember[], placed: readonly Placed[]): Assignment {
  const given = new Map<string, TopicPartition[]>(members.map(({ member }) => [member, []]));
  for (const { topic, partition, owner } of placed) given.get(owner)?.push({ topic, partition });
  return given;
}
