// How the leader of a classic group shares the partitions: the interface, and what all assignors
// need.
import type { TopicPartition } from '../../admin-topics';

/** A member as the leader of its group sees it. */
export interface AssignorMember {
  /** The id that the broker gave it; another one each time that it joins anew. */
  readonly member: string;
  /** Of a static member: stays the same over restarts. */
  readonly instanceId: string | null;
  /** What it subscribes to, topics that do not exist included. */
  readonly topics: readonly string[];
  /** What it goes on with until it is told otherwise; only members of cooperative assignors say. */
  readonly owned: readonly TopicPartition[];
  /** The generation that it was in last; -1 where it was in none or does not say. */
  readonly generation: number;
  /** What the assignor's `userData` gave there; null where it gave nothing. */
  readonly userData: Buffer | null;
}

/** Shares the partitions of a classic consumer group. Every member needs one of the same name. */
export interface Assignor {
  /** What members and broker know it by. */
  readonly name: string;
  /**
   * Whether members keep their partitions while the group rebalances, and give up only what goes
   * to another (KIP-429). `assign` says who shall have what in the end; that nobody is given what
   * another still has is seen to by the group. A member is cooperative if all its assignors are.
   * Default false: all members give up all partitions before each rebalance.
   */
  readonly cooperative?: boolean | undefined;
  /** What this member tells the leader's `assign`, at each join; at most 64 KiB. */
  userData?(): Uint8Array;
  /**
   * Who gets what. Called at the leader, for each rebalance.
   *
   * @param members Ordered: static ones by their instance id, then the others by their id.
   * @param partitionCounts How many partitions the topics have that anybody subscribes to, in the
   *   order of their names; topics that do not exist are not in it.
   * @returns Partitions by member id; members that are not in it get nothing. A partition that
   *   nobody is given is read by nobody. One that is given twice, or to a member that does not
   *   subscribe to it, ends the leader with an error, as does what `assign` throws.
   */
  assign(
    members: readonly AssignorMember[],
    partitionCounts: ReadonlyMap<string, number>,
  ): Assignment | Promise<Assignment>;
}

/** Who gets what, by member id. */
export type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;

/**
 * Puts members in the order in which assignors look at them: static ones by their instance id, so
 * that a restart does not change their turn, then the others by their id, as Kafka's do.
 */
export function inTurn(members: readonly AssignorMember[]): AssignorMember[] {
  return [...members].sort((one, other) => {
    if (one.instanceId !== null && other.instanceId !== null) {
      return one.instanceId < other.instanceId ? -1 : 1;
    }
    if (one.instanceId !== null) return -1;
    if (other.instanceId !== null) return 1;
    return one.member < other.member ? -1 : 1;
  });
}

/** The members that subscribe to each topic, in their order. */
export function subscribersOf(
  members: readonly AssignorMember[],
): ReadonlyMap<string, readonly AssignorMember[]> {
  const subscribers = new Map<string, AssignorMember[]>();
  for (const member of members) {
    for (const topic of new Set(member.topics)) {
      const list = subscribers.get(topic);
      if (list === undefined) subscribers.set(topic, [member]);
      else list.push(member);
    }
  }
  return subscribers;
}
