import {
  decodeSubscription,
  encodeAssignment,
  type JoinGroupResponse,
  type SyncGroupRequest,
} from '@walrusmq/protocol';
import { WalrusError } from '../../errors';
import { inTurn, type Assignor, type AssignorMember } from './assignor';
import { byTopic } from './classic-member';
import { isSameTopics, type GroupTopics, type KnownTopics } from './group-topics';
import { checkAssignment, withoutHeldByOthers } from './hand-over-check';

/**
 * What the leader of a classic group does for the others: it assigns the partitions, and notices
 * when the topics have become others, so that the group is to rebalance.
 */
export class GroupLeader {
  private names: ReadonlySet<string> = new Set();
  private known: KnownTopics = new Map();

  constructor(
    private readonly assignors: readonly Assignor[],
    private readonly topics: GroupTopics,
  ) {}

  /**
   * What each member gets, in the bytes of Kafka's consumer protocol; undefined where the leader is
   * to leave the assignment as it is.
   *
   * @throws {WalrusError} `INVALID_ASSIGNMENT`: the assignor gave what it must not;
   * `INVALID_REPLY`: a
   *   member's subscription cannot be read, or the group has an assignor that this member has not.
   * @throws What the assignor threw.
   */
  async assign(answer: JoinGroupResponse): Promise<SyncGroupRequest['assignments']> {
    const assignor = this.assignors.find(({ name }) => name === answer.protocol);
    if (assignor === undefined) {
      throw new WalrusError('INVALID_REPLY', `the group chose "${answer.protocol}", not offered`);
    }
    const members = inTurn(answer.members.map(memberOf));
    this.names = new Set(members.flatMap(({ topics }) => topics));
    this.known = await this.topics.find(this.names);
    // A static leader that came back; all others go on with what they have.
    if (answer.skipAssignment) return undefined;
    const counts = new Map([...this.known].map(([name, { partitions }]) => [name, partitions]));
    const target = await assignor.assign(members, counts);
    checkAssignment(assignor.name, target, members, counts);
    const given = assignor.cooperative === true ? withoutHeldByOthers(target, members) : target;
    return members.map(({ member }) => {
      const partitions = byTopic(given.get(member) ?? []);
      return { member, assignment: encodeAssignment({ partitions, userData: null }) };
    });
  }

  /** Whether the topics of the group are others than when it assigned them. */
  async hasChanged(): Promise<boolean> {
    return !isSameTopics(this.known, await this.topics.find(this.names));
  }
}

function memberOf({
  member,
  instanceId,
  metadata,
}: JoinGroupResponse['members'][number]): AssignorMember {
  const subscription = decodeSubscription(metadata);
  if (subscription === undefined) {
    const text = `the subscription of member "${member}" is not of Kafka's consumer protocol`;
    throw new WalrusError('INVALID_REPLY', text);
  }
  const { topics, userData, owned, generation } = subscription;
  const partitions = owned.flatMap(({ topic, partitions: numbers }) =>
    numbers.map((partition) => ({ topic, partition })),
  );
  return { member, instanceId, topics, owned: partitions, generation, userData };
}
