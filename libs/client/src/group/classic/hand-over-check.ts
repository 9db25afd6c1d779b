// What a leader makes sure of whatever its assignor says: that nobody gets what is not his, or what
// another still has.
import { WalrusError } from '../../errors';
import type { TopicPartition } from '../../admin-topics';
import type { Assignment, AssignorMember } from './assignor';

/**
 * @throws {WalrusError} `INVALID_ASSIGNMENT`: a partition that does not exist, is given twice, or
 * to
 *   a member that is not there or does not subscribe to it.
 */
export function checkAssignment(
  assignor: string,
  assignment: Assignment,
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
): void {
  const fail = (what: string): never => {
    throw new WalrusError('INVALID_ASSIGNMENT', `the assignor "${assignor}" gave ${what}`);
  };
  const topicsOf = new Map(members.map(({ member, topics }) => [member, new Set(topics)]));
  const ownerOf = new Map<string, string>();
  for (const [member, partitions] of assignment) {
    const topics = topicsOf.get(member);
    if (topics === undefined) fail(`partitions to "${member}", which is no member of the group`);
    for (const { topic, partition } of partitions) {
      const key = `${topic}/${partition}`;
      const count = partitionCounts.get(topic) ?? 0;
      const exists = Number.isInteger(partition) && partition >= 0 && partition < count;
      if (!exists) fail(`${key} to "${member}", but there is no such partition`);
      if (topics?.has(topic) !== true)
        fail(`${key} to "${member}", which does not subscribe to it`);
      const other = ownerOf.get(key);
      if (other !== undefined) fail(`${key} both to "${other}" and to "${member}"`);
      ownerOf.set(key, member);
    }
  }
}

/**
 * The first step of a hand-over in two rebalances (KIP-429): what one member is to get and another
 * still says that it has goes to nobody yet. Whoever has it finds it missing, gives it up and joins
 * again; in that rebalance it is free.
 */
export function withoutHeldByOthers(
  assignment: Assignment,
  members: readonly AssignorMember[],
): Assignment {
  const holders = new Map<string, Set<string>>();
  for (const { member, owned } of members) {
    for (const { topic, partition } of owned) {
      const key = `${topic}/${partition}`;
      holders.set(key, (holders.get(key) ?? new Set()).add(member));
    }
  }
  const isFree = (member: string, { topic, partition }: TopicPartition): boolean => {
    const those = holders.get(`${topic}/${partition}`);
    return those === undefined || (those.size === 1 && those.has(member));
  };
  return new Map(
    [...assignment].map(([member, partitions]) => [
      member,
      partitions.filter((each) => isFree(member, each)),
    ]),
  );
}
