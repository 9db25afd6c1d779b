import type { ListTopicsResponse } from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';

/**
 * The topics ordered by name, and how many partitions they have together: what pages and limits
 * need, without a walk over all topics each time.
 *
 * Life: filled from the catalogue on first use; whoever changes the catalogue tells it.
 */
export class TopicNames {
  private topics: TopicDescription[] | undefined;
  private partitions = 0;
  /** Names with a period or an underscore, by what Kafka's metrics make of them. */
  private readonly byMetricName = new Map<string, string>();

  constructor(private readonly list: () => readonly TopicDescription[]) {}

  /** How many topics there are. */
  get topicCount(): number {
    return this.sorted().length;
  }

  /** Partitions of all topics. */
  get partitionCount(): number {
    this.sorted();
    return this.partitions;
  }

  /**
   * A topic whose name differs from this one only in periods and underscores: in metrics both would
   * be one, so Kafka has either of them.
   */
  collidingWith(name: string): string | undefined {
    this.sorted();
    const other = this.byMetricName.get(metricName(name));
    return other === name ? undefined : other;
  }

  /** A topic was created. */
  add(topic: TopicDescription): void {
    const topics = this.sorted();
    this.noteMetricName(topic.name);
    const place = this.place(topic.name);
    // The first use came after the creation.
    if (topics[place]?.name === topic.name) return;
    topics.splice(place, 0, topic);
    this.partitions += topic.partitionCount;
  }

  /** A topic was altered. */
  replace(before: TopicDescription, after: TopicDescription): void {
    this.remove(before);
    this.add(after);
  }

  /** A topic was deleted. */
  remove(topic: TopicDescription): void {
    const topics = this.sorted();
    const place = this.place(topic.name);
    const found = topics[place];
    if (found?.name !== topic.name) return;
    topics.splice(place, 1);
    this.partitions -= found.partitionCount;
    const metric = metricName(topic.name);
    if (this.byMetricName.get(metric) === topic.name) this.byMetricName.delete(metric);
  }

  /** At most `limit` topics behind the name `after`, and where to go on. */
  page(after: string | undefined, limit: number): ListTopicsResponse {
    const topics = this.sorted();
    const first = after === undefined ? 0 : this.place(`${after}\0`);
    const page = topics.slice(first, first + limit);
    const isLast = first + page.length >= topics.length;
    return {
      topics: page.map(({ name, id, partitionCount }) => ({
        name,
        id,
        partitions: partitionCount,
      })),
      next: isLast ? null : (page.at(-1)?.name ?? null),
    };
  }

  private sorted(): TopicDescription[] {
    if (this.topics === undefined) {
      this.topics = [...this.list()].sort((a, b) => (a.name < b.name ? -1 : 1));
      this.partitions = this.topics.reduce((sum, topic) => sum + topic.partitionCount, 0);
      for (const { name } of this.topics) this.noteMetricName(name);
    }
    return this.topics;
  }

  private noteMetricName(name: string): void {
    if (/[._]/.test(name)) this.byMetricName.set(metricName(name), name);
  }

  /** Where a topic of that name is, or would be. */
  private place(name: string): number {
    const topics = this.sorted();
    let low = 0;
    let high = topics.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((topics[middle] as TopicDescription).name < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function metricName(name: string): string {
  return name.replaceAll('.', '_');
}
