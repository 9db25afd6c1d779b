// What is produced, processed and committed in a run, and what may never happen to it.
import type { PartitionsReply } from '../../src/group/group-requests';
import { GROUP, violation, type ModelBroker } from './model-broker';

/** Who commits: a member by its id and generation, or nobody (generation -1). */
export interface Committer {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
}

/** The records of all partitions, and how far the group has come. */
export class ModelRecords {
  /** Committed offsets as acknowledged: what the broker must have, no more and no less. */
  readonly expected = new Map<string, number>();
  /** Records below it were processed by somebody. */
  readonly processed = new Map<string, number>();
  readonly ends = new Map<string, number>();
  /** Ids of members that were in the group and are not any more. */
  readonly removed = new Set<string>();

  constructor(private readonly broker: ModelBroker) {}

  /** Where whoever gets the partition begins. */
  startOf(key: string): number {
    const start = this.expected.get(key) ?? 0;
    const processed = this.processed.get(key) ?? 0;
    if (start > processed) violation(`G5: ${key} begins at ${start}, processed up to ${processed}`);
    return start;
  }

  /** Processes up to `count` records from `position`; returns the new position. */
  process(key: string, position: number, count: number): number {
    const end = Math.min(position + count, this.ends.get(key) ?? 0);
    this.processed.set(key, Math.max(this.processed.get(key) ?? 0, end));
    return Math.max(position, end);
  }

  /** Commits positions, and holds the answer to what it has to be. */
  commit(
    who: Committer,
    positions: ReadonlyMap<string, number>,
    onDone?: (reply: PartitionsReply | undefined) => void,
  ): void {
    const error = this.expectedError(who);
    const offsets = [...positions].map(([key, offset]) => this.commitOf(key, offset));
    const before = new Map(this.expected);
    this.broker.request(
      { type: 'commit', request: { groupId: GROUP, ...who, retentionMs: null, offsets } },
      (reply) => {
        if (reply !== undefined) {
          if (reply.error !== error) {
            violation(`G3: a commit of ${JSON.stringify(who)} got ${reply.error}, not ${error}`);
          }
          reply.partitions.forEach(({ error: refusal, ...name }, index) => {
            if (refusal !== 'NONE') return;
            const key = `${name.topicId}/${name.partition}`;
            const offset = offsets[index]?.offset ?? 0;
            if (who.memberId !== '' && offset < (before.get(key) ?? 0)) {
              violation(`G5: ${key} went back from ${before.get(key)} to ${offset}`);
            }
            this.expected.set(key, offset);
          });
        }
        onDone?.(reply);
      },
    );
  }

  /** What the group's offsets are has been acknowledged, whatever happened since. */
  check(): void {
    const committed = this.broker.committed();
    for (const [key, offset] of this.expected) {
      if (committed.get(key) !== offset) {
        violation(`G3/G4: ${key} is at ${committed.get(key)}, acknowledged ${offset}`);
      }
    }
    if (committed.size !== this.expected.size) violation('G3: an offset that nobody committed');
  }

  /** Whoever could be taken for a member of the present generation, and only they, may commit. */
  private expectedError({ memberId, instanceId, generation }: Committer): string {
    const { state } = this.broker;
    if (generation < 0 && (state?.members.size ?? 0) === 0) return 'NONE';
    if (memberId === '') return 'UNKNOWN_MEMBER_ID';
    if (state === undefined) return 'ILLEGAL_GENERATION';
    const member = state.members.get(memberId);
    if (member === undefined || this.removed.has(memberId)) {
      // A static member that was replaced hears that somebody has its name.
      const isFenced =
        state.kind === 'classic' &&
        instanceId !== null &&
        [...state.members.values()].some((other) => other.instanceId === instanceId);
      return isFenced ? 'FENCED_INSTANCE_ID' : 'UNKNOWN_MEMBER_ID';
    }
    if (state.kind === 'consumer') {
      const { epoch } = state.members.get(memberId) ?? violation('the member is gone');
      return epoch === generation && generation > 0 ? 'NONE' : 'STALE_MEMBER_EPOCH';
    }
    if (generation !== state.generation) return 'ILLEGAL_GENERATION';
    return state.phase === 'completing' ? 'REBALANCE_IN_PROGRESS' : 'NONE';
  }

  private commitOf(key: string, offset: number) {
    const slash = key.lastIndexOf('/');
    const topicId = key.slice(0, slash);
    const topic = [...this.broker.topics.values()].find(({ id }) => id === topicId);
    return {
      topicId,
      topicName: topic?.name ?? 'deleted',
      partition: Number(key.slice(slash + 1)),
      offset,
      leaderEpoch: -1,
      metadata: '',
    };
  }
}
