// What a member of a classic group knows of topics: the broker tells it nothing unasked.
import { checkTopicName, type NamedPartitions } from '@walrusmq/protocol';
import type { BrokerClient } from '../../broker-client';
import type { Target, TargetPartition } from '../group-member';

/** A topic as it was when it was asked for. */
export interface KnownTopic {
  /** Another one after the topic was deleted and created anew. */
  readonly id: string;
  readonly partitions: number;
}

/** Topics by name; those that do not exist are not in it. */
export type KnownTopics = ReadonlyMap<string, KnownTopic>;

/** Topics in one question: what is known of their partitions has to fit into one answer. */
const NAMES_MAX = 500;
const PAGE_TOPICS = 10_000;

/** Asks the broker for topics; errors as those of `BrokerClient.retrying`. */
export class GroupTopics {
  /**
   * @param names The topics that the member names.
   * @param matches Instead: which it subscribes to.
   * @param retryForMs How long a question that fails for a reason that may pass is repeated.
   */
  constructor(
    private readonly control: BrokerClient,
    private readonly names: readonly string[],
    private readonly matches: ((topic: string) => boolean) | undefined,
    private readonly retryForMs: number,
  ) {}

  /** Whether what the member subscribes to changes with the topics that there are. */
  get isByPattern(): boolean {
    return this.matches !== undefined;
  }

  /** What the member subscribes to now, in order: what it names, or all that match. */
  async subscribed(): Promise<readonly string[]> {
    const { matches } = this;
    if (matches === undefined) return [...this.names].sort();
    const found: string[] = [];
    let after: string | null | undefined;
    do {
      const request = { after, limit: PAGE_TOPICS };
      const page = await this.control.retrying('listTopics', request, this.reading);
      found.push(...page.topics.map(({ name }) => name).filter(matches));
      after = page.next;
    } while (after != null);
    return found.sort();
  }

  /** Those of the topics that exist, in the order of their names. */
  async find(names: Iterable<string>): Promise<KnownTopics> {
    const sorted = [...new Set(names)].filter(canExist).sort();
    const known = new Map<string, KnownTopic>();
    for (let from = 0; from < sorted.length; from += NAMES_MAX) {
      const topics = sorted.slice(from, from + NAMES_MAX);
      const reply = await this.control.retrying('metadata', { topics }, this.reading);
      for (const { name, id, partitions } of reply.topics) {
        known.set(name, { id, partitions: partitions.length });
      }
    }
    return new Map([...known].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** What was assigned and exists. */
  async targetOf(assigned: readonly NamedPartitions[]): Promise<Target> {
    const known = await this.find(assigned.map(({ topic }) => topic));
    const target = new Map<string, TargetPartition>();
    for (const { topic, partitions } of assigned) {
      const found = known.get(topic);
      for (const partition of partitions) {
        if (found === undefined || partition >= found.partitions) continue;
        target.set(`${topic}/${partition}`, { topic, topicId: found.id, partition });
      }
    }
    return target;
  }

  private get reading(): { readonly activity: string; readonly retryForMs: number } {
    return { activity: 'metadata', retryForMs: this.retryForMs };
  }
}

/** Whether a topic can have this name: members of other makers may subscribe to anything. */
function canExist(name: string): boolean {
  try {
    checkTopicName(name);
    return true;
  } catch {
    return false;
  }
}

/** Whether the same topics are known with the same ids and as many partitions. */
export function isSameTopics(one: KnownTopics, other: KnownTopics): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([name, { id, partitions }]) => {
    const known = other.get(name);
    return known?.id === id && known.partitions === partitions;
  });
}
