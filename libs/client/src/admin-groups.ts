// What `Admin` takes and gives about consumer groups, and how that goes over the wire.
import type {
  DescribeGroupResponse,
  GroupMember,
  GroupOffset,
  GroupPin,
  GroupState,
  GroupType,
  ListedGroup,
  ListGroupsResponse,
} from '@walrusmq/protocol';
import { AdminCalls } from './admin-calls';
import { BrokerError } from './errors';
import { GroupReset, type GroupMove, type ResetGroupOptions } from './group-reset';

/** Options of `listGroups`. */
export interface ListGroupsOptions {
  /** Only groups in one of these states. Default: all. */
  readonly states?: readonly GroupState[] | undefined;
  /** Only groups of one of these types. Default: both. */
  readonly types?: readonly GroupType[] | undefined;
}

/** All there is to know of a group. */
export interface GroupOverview extends Omit<DescribeGroupResponse, 'next'> {
  /** By member id. */
  readonly members: readonly GroupMember[];
  /** By topic and partition, with how many records are behind each. */
  readonly offsets: readonly GroupOffset[];
  /** The topics that the group holds back with `retention.consumed`. */
  readonly pins: readonly GroupPin[];
}

/** Options of `pinGroup`. */
export interface PinGroupOptions {
  /** The pin goes once the group has committed nothing there for so long. Default: never. */
  readonly expireMs?: number | undefined;
}

/** The part of `Admin` that looks after consumer groups; life and errors are there. */
export class GroupAdmin extends AdminCalls {
  /** The groups of the instance by name; those that only have committed offsets too. */
  async listGroups(options: ListGroupsOptions = {}): Promise<readonly ListedGroup[]> {
    const { states, types } = options;
    const groups: ListedGroup[] = [];
    let after: string | null = null;
    do {
      const request: { after: string | null } & ListGroupsOptions = { after, states, types };
      const page: ListGroupsResponse = await this.client.retrying(
        'listGroups',
        request,
        this.reading,
      );
      groups.push(...page.groups);
      after = page.next;
    } while (after !== null);
    return groups;
  }

  /**
   * One group: state, members with what they own and shall own, committed offsets with their lag,
   * and pins.
   *
   * @throws {BrokerError} `GROUP_ID_NOT_FOUND`.
   */
  async describeGroup(group: string): Promise<GroupOverview> {
    const { next, ...first } = await this.client.retrying('describeGroup', { group }, this.reading);
    const members = [...first.members];
    const offsets = [...first.offsets];
    let after = next;
    while (after !== null) {
      const request = { group, after };
      const page = await this.client.retrying('describeGroup', request, this.reading);
      for (const member of page.members) members.push(member);
      for (const offset of page.offsets) offsets.push(offset);
      after = page.next;
    }
    return { ...first, members, offsets };
  }

  /**
   * Deletes a group that has no members, with its committed offsets and its pins.
   *
   * @throws {BrokerError} `NON_EMPTY_GROUP`, `GROUP_ID_NOT_FOUND`: nothing changed.
   */
  async deleteGroup(group: string): Promise<void> {
    await this.client.retrying('deleteGroup', { group }, this.writing);
  }

  /**
   * Moves the committed offsets of a group that has no members, or only says where they would go
   * (`dryRun`). Offsets that are not in the log become the nearest ones that are. Durable by the
   * instance's schedule when this resolves.
   *
   * @throws {BrokerError} `NON_EMPTY_GROUP`: stop its members first; nothing moved.
   *   `UNKNOWN_TOPIC`, `UNKNOWN_PARTITION`: nothing moved, unless it went away under way.
   *   `GROUP_ID_NOT_FOUND`: there is nothing to copy.
   * @throws {InvalidOptionError} Nothing says which partitions are meant, or one that is to be
   *   shifted has no committed offset.
   */
  async resetGroupOffsets(
    group: string,
    options: ResetGroupOptions,
  ): Promise<readonly GroupMove[]> {
    const reset = new GroupReset(this.client, this.reading, group, options);
    const moves = await reset.plan();
    if (options.dryRun !== true) await reset.carryOut(moves);
    return moves;
  }

  /**
   * Deletes committed offsets, of partitions or of whole topics; well, too, where there are none.
   *
   * @throws {BrokerError} `GROUP_SUBSCRIBED_TO_TOPIC`, `UNKNOWN_TOPIC`, `UNKNOWN_PARTITION`: the
   *   others are deleted. `GROUP_ID_NOT_FOUND`, `NON_EMPTY_GROUP`.
   */
  async deleteGroupOffsets(
    group: string,
    partitions: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<void> {
    const request = {
      group,
      partitions: partitions.map(({ topic, partition }) => [topic, partition] as const),
    };
    const retry = { ...this.writing, repeatable: true };
    const outcome = await this.client.retrying('offsetDelete', request, retry);
    const refused = outcome.partitions.find(([, , error]) => error !== null);
    if (!refused?.[2]) return;
    const [topic, partition, { code, message }] = refused;
    throw new BrokerError(code, `${topic}/${partition}: ${message}`);
  }

  /**
   * Has a topic with `retention.consumed` keep what a group has not passed, as long as retention.ms
   * and retention.bytes let it. In a partition without a committed offset it keeps everything.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`, `LIMIT_EXCEEDED`.
   */
  async pinGroup(group: string, topic: string, options: PinGroupOptions = {}): Promise<void> {
    const request = { group, topic, expireMs: options.expireMs };
    await this.client.retrying('groupPin', request, { ...this.writing, repeatable: true });
  }

  /**
   * Takes that back; the group keeps its offsets.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`.
   */
  async unpinGroup(group: string, topic: string): Promise<void> {
    const retry = { ...this.writing, repeatable: true };
    await this.client.retrying('groupUnpin', { group, topic }, retry);
  }
}
