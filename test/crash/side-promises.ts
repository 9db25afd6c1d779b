// What a broker owes beside records: positions of named readers, and topics.
import type { ProtocolLink } from './protocol-link';

const READER = 'crash-reader';

/**
 * Saves a reader's position and creates topics while the broker is killed, and checks both after.
 *
 * Invariants it checks: a position is never behind the last one acknowledged, nor ahead of the last
 * one sent; a topic whose creation was acknowledged is there with its id, its partitions and no
 * record.
 */
export class SidePromises {
  private sentPosition = 0;
  private acknowledgedPosition = 0;
  private readonly created = new Map<string, { id: string; partitions: number }>();
  private topicCount = 0;

  constructor(private readonly topic: string) {}

  /** Positions and topics that were acknowledged so far. */
  get acknowledgedTopics(): number {
    return this.created.size;
  }

  /** Saves the end of partition 0 again and again. */
  async commitPositions(link: ProtocolLink, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const { fields } = await link.request('listOffsets', { topic: this.topic, at: 'latest' });
      const end = fields.offsets.find(([partition]) => partition === 0)?.[1] ?? 0;
      this.sentPosition = end;
      await link.request('readerCommit', { reader: READER, offsets: [[this.topic, 0, end]] });
      this.acknowledgedPosition = end;
    }
  }

  /** Creates up to `count` topics, one after another. */
  async createTopics(link: ProtocolLink, count: number, isOver: () => boolean): Promise<void> {
    for (let n = 0; n < count && !isOver(); n += 1) {
      this.topicCount += 1;
      const name = `side-${this.topicCount}`;
      const partitions = 1 + (this.topicCount % 3);
      const { fields } = await link.request('createTopic', { name, partitions });
      this.created.set(name, { id: fields.id, partitions });
    }
  }

  /** @returns A sentence for each promise that was broken. */
  async check(link: ProtocolLink): Promise<string[]> {
    return [...(await this.checkPosition(link)), ...(await this.checkTopics(link))];
  }

  private async checkPosition(link: ProtocolLink): Promise<string[]> {
    const { fields } = await link.request('readerFetch', {
      reader: READER,
      partitions: [[this.topic, 0]],
    });
    const position = fields.offsets[0]?.[2] ?? 0;
    const [low, high] = [this.acknowledgedPosition, this.sentPosition];
    // What is there now was made durable, so it is owed from here on.
    this.acknowledgedPosition = position;
    this.sentPosition = position;
    if (position >= low && position <= high) return [];
    return [`reader position ${position} is not between ${low} (acknowledged) and ${high} (sent)`];
  }

  private async checkTopics(link: ProtocolLink): Promise<string[]> {
    const { fields } = await link.request('metadata', {});
    const there = new Map(fields.topics.map((topic) => [topic.name, topic]));
    const broken: string[] = [];
    for (const [name, { id, partitions }] of this.created) {
      const topic = there.get(name);
      if (topic === undefined) broken.push(`topic ${name}, acknowledged, is not there`);
      else if (topic.id !== id) broken.push(`topic ${name} has another id`);
      else if (topic.partitions.length !== partitions) {
        broken.push(`topic ${name} has ${topic.partitions.length} partitions, not ${partitions}`);
      } else if (topic.partitions.some(({ readableEnd }) => readableEnd !== 0)) {
        broken.push(`topic ${name} holds records that nobody sent`);
      }
    }
    return broken;
  }
}
