import { ProtocolError } from '@walrusmq/protocol';
import { StorageError, type InstanceStorage } from '@walrusmq/storage';
import type { BrokerGroupSettings } from '../config/group-setting-rows';
import type { Logger } from '../observability/broker-log';
import type { Partition } from '../partition/partition';
import { toProtocolError } from '../partition/storage-errors';
import { TickBudget } from '../partition/tick-budget';
import type { Topics } from '../topic/topics';
import { CatalogueTopics } from './catalogue-topics';
import { subscribedTopics } from './consumer-protocol';
import { GroupCoordinator, type ClampedOffset } from './group-coordinator';
import { GroupRecordsError } from './group-records';
import type { PartitionName } from './group-requests';
import type { GroupSettings } from './group-settings';

/** What the groups of an instance are made of. */
export interface InstanceGroupsParts {
  readonly store: { readonly storage: InstanceStorage };
  readonly topics: Topics;
  readonly settings: BrokerGroupSettings;
  readonly log: Logger;
}

/** When offsets that the full disk did not let move are tried again. */
const RETRY_MS = 1_000;
/** Moved offsets that are told of one by one. */
const TOLD_MAX = 100;

/**
 * The consumer groups of an instance: the coordinator, while it can be used.
 *
 * Place: handlers of both wire protocols ask it for the coordinator; the instance opens it
 * behind the topics and closes it before the storage.
 * Life: `open`, then `coordinator` until `close`. Where the groups' log cannot be read the rest of
 * the instance works, and `coordinator` says why there is none.
 *
 * Invariant: nobody is told a committed offset that stood above the end of its partition when the
 * instance was opened after a crash.
 */
export class InstanceGroups {
  /** The topics, and their names by id. */
  readonly topics: CatalogueTopics;
  private opened: GroupCoordinator | undefined;
  private refusal: unknown = new ProtocolError('SHUTTING_DOWN', 'The groups are not open.');
  private retry: NodeJS.Timeout | undefined;

  constructor(private readonly parts: InstanceGroupsParts) {
    this.topics = new CatalogueTopics(parts.topics);
    parts.topics.pins.register('group', {
      position: (group, partition) => this.positionOf(group, partition),
    });
  }

  /**
   * The coordinator.
   * @throws {ProtocolError} CORRUPT: the groups' log cannot be read. NO_SPACE: offsets are still to
   *   be moved that stood above the recovered end. FENCED, SHUTTING_DOWN.
   */
  get coordinator(): GroupCoordinator {
    if (this.opened === undefined || this.refusal !== undefined) throw this.refusal;
    return this.opened;
  }

  /** Loads the groups. Resolves, too, when they cannot be used; the log says so then. */
  async open(): Promise<void> {
    const { store, settings, log } = this.parts;
    this.topics.open();
    const coordinator = new GroupCoordinator({
      store: store.storage.groups,
      topics: this.topics,
      settings: coordinatorSettings(settings),
      subscribedTopics,
      onFailure: (group, error) => {
        log.warn({ err: error, group }, 'a change of a group could not be stored');
      },
    });
    try {
      await coordinator.open();
    } catch (error) {
      coordinator.close();
      this.refusal = unreadable(error);
      log.error({ err: error }, 'consumer groups cannot be used: their log cannot be read');
      return;
    }
    this.opened = coordinator;
    this.refusal = undefined;
    const { previousCloseWasClean, leaderEpochBumped } = store.storage.recoveryReport;
    // The epoch goes up with the first recovery that lost something; one that is killed before the
    // offsets were moved leaves that to the next, whose epoch stays.
    if ((previousCloseWasClean && !leaderEpochBumped) || coordinator.offsets.size === 0) return;
    await this.clamp(coordinator, await this.recoveredEnds());
  }

  /** Ends the coordinator; what waits for it is answered. Idempotent. */
  close(): void {
    clearTimeout(this.retry);
    this.topics.close();
    this.opened?.close();
    this.refusal = new ProtocolError('SHUTTING_DOWN');
  }

  /** Nobody uses the groups before this has succeeded: what is appended meanwhile is not passed. */
  private async clamp(
    coordinator: GroupCoordinator,
    endOf: (partition: PartitionName) => number | undefined,
  ): Promise<void> {
    const { log } = this.parts;
    try {
      tell(log, await coordinator.clampOffsets(endOf));
      this.refusal = undefined;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (error.code === 'CLOSED') return;
      if (this.refusal === undefined) {
        log.error({ err: error }, 'consumer groups wait until committed offsets can be stored');
      }
      this.refusal = toProtocolError(error);
      if (error.code !== 'NO_SPACE' && error.code !== 'BUSY') return;
      this.retry = setTimeout(() => {
        this.clamp(coordinator, endOf).catch((thrown: unknown) => {
          log.fatal({ err: thrown }, 'consumer groups cannot be used');
        });
      }, RETRY_MS);
      this.retry.unref();
    }
  }

  /** Where the partitions end now; `undefined` for those that there are not. */
  private async recoveredEnds(): Promise<(partition: PartitionName) => number | undefined> {
    const { topics } = this.parts;
    const budget = new TickBudget();
    const ends = new Map<string, readonly number[]>();
    for (const topic of topics.list()) {
      await budget.pause();
      const states = topics.states(topic, 0, topic.partitionCount);
      ends.set(
        topic.id,
        states.map(({ readableEnd }) => readableEnd),
      );
    }
    return ({ topicId, partition }) => ends.get(topicId)?.[partition];
  }

  /** Unknown while there is no coordinator: the pins of groups keep everything then. */
  private positionOf(group: string, { topic: name, index }: Partition): number | undefined {
    const topic = this.parts.topics.find(name);
    if (topic === undefined || this.refusal !== undefined) return undefined;
    const place = { topicId: topic.id, partition: index };
    return this.opened?.offsets.get(group, place)?.offset;
  }
}

function unreadable(error: unknown): unknown {
  const isUnreadable = error instanceof StorageError || error instanceof GroupRecordsError;
  if (!isUnreadable) throw error;
  if (error.code !== 'CORRUPT') return toProtocolError(error);
  const text = `The log of the consumer groups cannot be read (${error.message}): all else works.`;
  return new ProtocolError('CORRUPT', text);
}

function tell(log: Logger, clamped: readonly ClampedOffset[]): void {
  for (const { groupId, topicName, partition, from, to } of clamped.slice(0, TOLD_MAX)) {
    log.warn(
      { group: groupId, topic: topicName, partition, from, to },
      'a committed offset stood above the recovered end and was moved to it',
    );
  }
  if (clamped.length <= TOLD_MAX) return;
  log.warn({ offsets: clamped.length }, 'so many committed offsets were moved in all');
}

function coordinatorSettings(settings: BrokerGroupSettings): Partial<GroupSettings> {
  return {
    groupsMax: settings.groupsMax,
    membersMax: settings.groupMembersMax,
    offsetsMax: settings.groupOffsetsMax,
    initialRebalanceDelayMs: settings.groupInitialRebalanceDelayMs,
    sessionTimeoutMinMs: settings.groupSessionTimeoutMinMs,
    sessionTimeoutMaxMs: settings.groupSessionTimeoutMaxMs,
    consumerSessionTimeoutMs: settings.groupConsumerSessionTimeoutMs,
    consumerHeartbeatIntervalMs: settings.groupConsumerHeartbeatIntervalMs,
    offsetsRetentionMs: settings.offsetsRetentionMs,
    offsetsCheckIntervalMs: settings.offsetsCheckIntervalMs,
  };
}
