// What a member reads and writes of its group's committed offsets.
import type { OperationName, Operations } from '@walrusmq/protocol';
import { Backoff } from '../backoff';
import { asWalrusError, type BrokerClient } from '../broker-client';
import type { CommitTarget, OffsetToCommit } from '../commit-target';
import { topicIdsOf, type ConsumedPartition } from '../consumed-partition';
import { BrokerError, ConnectionError, TimeoutError, type WalrusError } from '../errors';
import type { ConnectionSettings } from '../options';
import type { PartitionSet } from '../partition-set';
import { isFencing, isGone, isStale, notAssigned } from './group-errors';

/** A member as its commits name it. */
export interface CommittingMember {
  readonly id: string;
  /** The member's epoch, or its generation in the classic protocol. */
  readonly epoch: number;
  /** Whether it is in the group, as far as it knows. */
  readonly isIn: boolean;
  /** Of a static member of the classic protocol. */
  readonly instanceId?: string | undefined;
}

/** What the commits of a member are made with. */
export interface GroupCommitsOptions {
  readonly group: string;
  readonly member: CommittingMember;
  readonly partitions: PartitionSet;
  readonly control: BrokerClient;
  readonly connection: ConnectionSettings;
  /** Resolves once the broker has told the member how it stands. */
  readonly refresh: () => Promise<void>;
}

/**
 * The committed offsets of a group, for one member of it.
 *
 * Invariant: nothing is saved, not by a repeated attempt either, for a partition that the member
 * has given up or lost. The broker checks the member's epoch, not what it owns.
 */
export class GroupCommits implements CommitTarget {
  constructor(private readonly options: GroupCommitsOptions) {}

  /**
   * Repeated while the broker is away, as long as the request timeout, and with the member's next
   * epoch where it has changed.
   *
   * @throws {BrokerError} `NOT_ASSIGNED`; `UNKNOWN_MEMBER_ID` or `FENCED_MEMBER_EPOCH`: the member
   *   was put out, and its partitions are lost by now. Nothing of this call was saved. Others name
   *   a partition that was refused; the rest of the call was saved.
   */
  async save(offsets: readonly OffsetToCommit[]): Promise<void> {
    const { partitions, member, connection } = this.options;
    const owned = offsets.map(({ topic, partition }) => {
      const key = `${topic}/${partition}`;
      const found = partitions.get(key);
      if (found === undefined) throw notAssigned(key);
      return found;
    });
    const list = offsets.map(
      ({ topic, partition, offset, metadata }) =>
        [topic, partition, offset, null, metadata ?? null] as const,
    );
    const reply = await this.ask('offsetCommit', connection.requestTimeoutMs, () => {
      const lost = owned.find((each) => !partitions.has(each));
      if (lost !== undefined) throw notAssigned(lost.key);
      const { group } = this.options;
      const { id, epoch, instanceId } = member;
      const topicIds = topicIdsOf(owned);
      return { group, member: id, epoch, instanceId, topicIds, offsets: list };
    });
    for (const [topic, partition, error] of reply.partitions) {
      if (error === null) continue;
      const text = `cannot commit ${topic}/${partition}: ${error.message}`;
      const refusal = new BrokerError(error.code, text);
      if (!isGone(refusal)) throw refusal;
      // The member is to learn from its group that the partition is gone.
      await this.options.refresh();
      throw new BrokerError(error.code, text, { retriable: true });
    }
  }

  /** Moves new partitions to where the group has got to in them; others stay where they are. */
  async place(fresh: readonly ConsumedPartition[]): Promise<void> {
    const { group, member } = this.options;
    const wanted = fresh.map(({ topic, partition }) => [topic, partition] as const);
    const reply = await this.ask('offsetFetch', Infinity, () => {
      return { group, member: member.id, epoch: member.epoch, partitions: wanted };
    });
    const byKey = new Map(fresh.map((partition) => [partition.key, partition]));
    for (const [topic, number, offset] of reply.offsets) {
      const partition = byKey.get(`${topic}/${number}`);
      if (partition === undefined || offset === null) continue;
      partition.moveTo(offset);
      partition.saved = offset;
    }
  }

  /** @param requestNow Made anew for each attempt, as the epoch may have changed. */
  private async ask<Name extends OperationName>(
    operation: Name,
    retryForMs: number,
    requestNow: () => Operations[Name]['request'],
  ): Promise<Operations[Name]['response']> {
    const { member, control, connection } = this.options;
    const pauses = new Backoff(connection.backoff);
    const startedMs = performance.now();
    for (;;) {
      if (!member.isIn) throw new BrokerError('UNKNOWN_MEMBER_ID', 'the group goes on without me');
      const { epoch } = member;
      try {
        return (await control.request(operation, requestNow())).fields;
      } catch (thrown) {
        const error = asWalrusError(thrown);
        const isLate = performance.now() - startedMs > retryForMs;
        if (await this.isFinal(error, epoch, isLate)) {
          if (!isStale(error)) throw error;
          // With the member's next epoch the same call may succeed.
          throw new BrokerError(error.code, error.message, { retriable: true, cause: error });
        }
        if (!(error instanceof BrokerError) || isStale(error)) continue;
        const delayMs = pauses.next();
        control.report(error, 'commit', pauses.failureCount, delayMs);
        await control.pause(delayMs);
      }
    }
  }

  /** Whether no other attempt is to be made; a heartbeat was made where one tells more. */
  private async isFinal(error: WalrusError, epoch: number, isLate: boolean): Promise<boolean> {
    const { member, refresh } = this.options;
    if (isFencing(error)) {
      await refresh();
      return true;
    }
    if (isStale(error)) {
      if (member.epoch === epoch) await refresh();
      return isLate;
    }
    const isAway = error instanceof ConnectionError || error instanceof TimeoutError;
    return isLate || !(isAway || error.retriable);
  }
}
