// What a member of a classic group tells the broker and is told, without sending anything.
import {
  CONSUMER_PROTOCOL_TYPE,
  decodeAssignment,
  encodeSubscription,
  type HeartbeatRequest,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type LeaveGroupRequest,
  type NamedPartitions,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@walrusmq/protocol';
import type { TopicPartition } from '../../admin-topics';
import { InvalidOptionError, WalrusError } from '../../errors';
import type { CommittingMember } from '../group-commits';
import type { Assignor } from './assignor';
import type { ClassicSettings } from './classic-options';

const NO_GENERATION = -1;
const USER_DATA_BYTES_MAX = 64 * 1024;

/** What a member is called by its group. */
export interface ClassicIdentity {
  readonly group: string;
  readonly instanceId: string | undefined;
  readonly rebalanceTimeoutMs: number;
}

/**
 * One member's side of the classic protocol.
 *
 * Invariants:
 *  (1) It is in the group from the answer to a join until it is put out, and its commits carry the
 *      generation of that answer.
 *  (2) The id is the broker's; it outlives generations, and goes when the broker knows it no more.
 */
export class ClassicMember implements CommittingMember {
  /** Empty until the broker has given one. */
  id = '';
  /** The generation that it is in, or was in last. */
  epoch = NO_GENERATION;
  /** What it subscribes to, as of its next join. */
  topics: readonly string[] = [];
  private answer: JoinGroupResponse | undefined;

  constructor(
    private readonly identity: ClassicIdentity,
    private readonly settings: ClassicSettings,
  ) {}

  /** Stays the same over restarts of the program; undefined for a member that is not static. */
  get instanceId(): string | undefined {
    return this.identity.instanceId;
  }

  /** Whether it is in the group, as far as it knows. */
  get isIn(): boolean {
    return this.answer !== undefined;
  }

  /** Whether it assigns the partitions of its generation. */
  get isLeader(): boolean {
    return this.answer !== undefined && this.answer.leader === this.id;
  }

  /**
   * A join of a member that has these partitions and goes on with them.
   *
   * @throws {InvalidOptionError} An assignor's user data is too large.
   */
  joining(owned: readonly TopicPartition[]): JoinGroupRequest {
    const { group, instanceId, rebalanceTimeoutMs } = this.identity;
    const { assignors, sessionTimeoutMs } = this.settings;
    const { topics, epoch: generation } = this;
    const lists = byTopic(owned);
    const protocols = assignors.map((assignor) => {
      const userData = userDataOf(assignor);
      const subscription = { topics, userData, owned: lists, generation, rackId: null };
      return { name: assignor.name, metadata: encodeSubscription(subscription) };
    });
    return {
      group,
      member: this.id === '' ? undefined : this.id,
      instanceId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocolType: CONSUMER_PROTOCOL_TYPE,
      protocols,
    };
  }

  /** Takes the answer to a join. */
  joined(answer: JoinGroupResponse): void {
    this.id = answer.member;
    this.epoch = answer.generation;
    this.answer = answer;
  }

  /** Asks for the assignment. @param assignments What the leader gives each; of others none. */
  syncing(assignments: SyncGroupRequest['assignments']): SyncGroupRequest {
    return {
      ...this.heartbeat(),
      protocolType: CONSUMER_PROTOCOL_TYPE,
      protocol: this.answer?.protocol,
      assignments,
    };
  }

  /**
   * What the leader gave it.
   *
   * @throws {WalrusError} `INVALID_ASSIGNMENT`: the leader sent something else.
   */
  synced({ assignment }: SyncGroupResponse): readonly NamedPartitions[] {
    const decoded = decodeAssignment(assignment);
    if (decoded !== undefined) return decoded.partitions;
    const text = `the leader of group "${this.identity.group}" sent no assignment of Kafka's form`;
    throw new WalrusError('INVALID_ASSIGNMENT', text);
  }

  /** The request that keeps it in the group. */
  heartbeat(): HeartbeatRequest {
    const { group, instanceId } = this.identity;
    return { group, member: this.id, generation: this.epoch, instanceId };
  }

  /** The request that ends the membership. */
  leaving(): LeaveGroupRequest {
    return { group: this.identity.group, members: [{ member: this.id }] };
  }

  /** It is in the group no longer and owns nothing; its next join is a first one. */
  putOut(): void {
    this.answer = undefined;
    this.epoch = NO_GENERATION;
  }

  /** The broker does not know its id. */
  forgetId(): void {
    this.id = '';
  }
}

function userDataOf(assignor: Assignor): Buffer | null {
  const given = assignor.userData?.();
  if (given === undefined) return null;
  if (given.length <= USER_DATA_BYTES_MAX) return Buffer.from(given);
  throw new InvalidOptionError(
    `the assignor "${assignor.name}" gave ${given.length} bytes of user data: ` +
      `${USER_DATA_BYTES_MAX} is the most`,
  );
}

/** The partitions as lists, one for each topic. */
export function byTopic(partitions: readonly TopicPartition[]): NamedPartitions[] {
  const lists = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const list = lists.get(topic);
    if (list === undefined) lists.set(topic, [partition]);
    else list.push(partition);
  }
  return [...lists].map(([topic, numbers]) => ({ topic, partitions: numbers }));
}
