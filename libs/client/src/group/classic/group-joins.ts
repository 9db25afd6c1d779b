import type { JoinGroupResponse, NamedPartitions } from '@walrusmq/protocol';
import { asWalrusError, BrokerClient } from '../../broker-client';
import type { ConsumedPartition } from '../../consumed-partition';
import { BrokerError } from '../../errors';
import { TIMER_MS_MAX, type ConnectionSettings } from '../../options';
import { MEMBER_ID_REQUIRED } from '../group-errors';
import type { ClassicMember } from './classic-member';
import type { GroupLeader } from './group-leader';

/** The answer to a join or sync may take as long as the others take to join, and this. */
const GRACE_MS = 5_000;

/**
 * The joins and syncs of a member of a classic group. Their answers wait for other members, so they
 * have a lane of their own.
 */
export class GroupJoins {
  /** Whether an answer to a join is waited for. */
  isJoining = false;
  private readonly lane: BrokerClient;
  private readonly patienceMs: number;

  constructor(
    private readonly member: ClassicMember,
    private readonly leader: GroupLeader,
    connection: ConnectionSettings,
    rebalanceTimeoutMs: number,
  ) {
    this.lane = new BrokerClient(connection, 'the consumer');
    const waitMs = Math.min(rebalanceTimeoutMs + GRACE_MS, TIMER_MS_MAX);
    this.patienceMs = Math.max(connection.requestTimeoutMs, waitMs);
  }

  /**
   * Joins; resolves with what the broker answers once all have. Errors as those of `joinGroup`, but
   * for the one that gives the member its id.
   *
   * @param partitions What the member has.
   */
  async join(partitions: Iterable<ConsumedPartition>): Promise<JoinGroupResponse> {
    const { member, lane } = this;
    this.isJoining = true;
    try {
      for (;;) {
        try {
          const request = member.joining([...partitions]);
          return (await lane.request('joinGroup', request, this.patienceMs)).fields;
        } catch (error) {
          if (!(error instanceof BrokerError) || error.code !== MEMBER_ID_REQUIRED) throw error;
          member.id = String(error.details.member);
        }
      }
    } finally {
      this.isJoining = false;
    }
  }

  /**
   * Assigns, if the member leads, and resolves with what it was assigned itself. Errors as those of
   * `syncGroup`, `GroupLeader.assign` and `ClassicMember.synced`.
   */
  async sync(answer: JoinGroupResponse): Promise<readonly NamedPartitions[]> {
    const { member, leader, lane } = this;
    const assignments = member.isLeader ? await leader.assign(answer) : undefined;
    const request = member.syncing(assignments);
    const { fields } = await lane.request('syncGroup', request, this.patienceMs);
    return member.synced(fields);
  }

  /** Whoever waits there for other members waits no longer. */
  interrupt(): void {
    this.lane.interrupt();
  }

  /** As `interrupt`, for good. */
  close(): void {
    this.lane.close();
  }
}

/**
 * Tells the broker that the member goes; where it cannot be told, the session timeout does. A
 * static member does not: its place is kept for as long. Never rejects.
 */
export async function leaveGroup(
  member: ClassicMember,
  control: BrokerClient,
  timeoutMs: number,
): Promise<void> {
  const connection = control.open;
  if (connection === undefined || member.id === '' || member.instanceId !== undefined) return;
  const request = member.leaving();
  member.forgetId();
  try {
    await connection.request('leaveGroup', request, undefined, timeoutMs);
  } catch (thrown) {
    control.report(asWalrusError(thrown), 'leave', 1, 0);
  }
}
