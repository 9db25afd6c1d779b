// What a broker owes beside records: positions of named readers, and topics.
import { encodeBatch } from '@walrusmq/record-batch';
import type { Operations } from '@walrusmq/protocol';
import type { ProtocolLink } from './protocol-link';

const READER = 'crash-reader';
const RECORDS_PER_TOPIC = 3;

type TopicMetadata = Operations['metadata']['response']['topics'][number];

/** What a request changes: as it was or as it will be, as long as the answer is out. */
class Owed<Value extends string | number | boolean> {
  private possible: readonly Value[];

  constructor(value: Value) {
    this.possible = [value];
  }

  /** Sends the request that makes it `next`. */
  async becomes(next: Value, send: () => Promise<unknown>): Promise<void> {
    this.possible = [...this.possible, next];
    await send();
    this.possible = [next];
  }

  /** @returns What is wrong, if anything. What is there now was made durable: it is owed now. */
  broken(what: string, seen: Value): string[] {
    const { possible } = this;
    this.possible = [seen];
    return possible.includes(seen) ? [] : [`${what}: ${seen}, not ${possible.join(' or ')}`];
  }
}

/**
 * A topic that is created, altered, written to, emptied and perhaps deleted while the broker is
 * killed. Each step is there whole or not at all, and is there once it was acknowledged.
 */
class SideTopic {
  private id: string | undefined;
  private readonly isThere = new Owed<boolean>(false);
  private readonly shape: Owed<string>;
  private readonly start = new Owed<number>(0);
  private readonly end = new Owed<number>(0);

  constructor(
    readonly name: string,
    private readonly partitions: number,
    private readonly isDeleted: boolean,
  ) {
    this.shape = new Owed(shapeText(partitions, undefined));
  }

  async live(link: ProtocolLink): Promise<void> {
    const { name } = this;
    await this.isThere.becomes(true, async () => {
      const { fields } = await link.request('createTopic', { name, partitions: this.partitions });
      this.id = fields.id;
    });
    const partitions = this.partitions + 2;
    const retentionMs = String(86_400_000 + partitions);
    const altered = { name, partitions, configs: { 'retention.ms': retentionMs } };
    await this.shape.becomes(shapeText(partitions, retentionMs), () =>
      link.request('alterTopic', altered),
    );
    const records = Array.from({ length: RECORDS_PER_TOPIC }, () => ({ value: Buffer.from(name) }));
    await this.end.becomes(RECORDS_PER_TOPIC, () =>
      link.request('produce', { topic: name, partition: 0, acks: -1 }, [encodeBatch(records)]),
    );
    await this.start.becomes(RECORDS_PER_TOPIC, () =>
      link.request('deleteRecords', { topic: name, before: 'latest' }),
    );
    if (!this.isDeleted) return;
    await this.isThere.becomes(false, () => link.request('deleteTopic', { name }));
  }

  /** @returns A sentence for each promise that was broken. */
  async check(link: ProtocolLink, seen: TopicMetadata | undefined): Promise<string[]> {
    const { name } = this;
    const missing = this.isThere.broken(`topic ${name} is there`, seen !== undefined);
    if (seen === undefined || missing.length > 0) return missing;
    this.id ??= seen.id;
    if (seen.id !== this.id) return [`topic ${name} has another id`];
    const { fields } = await link.request('describeTopic', { name });
    const retention = fields.configs.find((config) => config.name === 'retention.ms');
    const retentionMs = retention?.source === 'topic' ? retention.value : undefined;
    const [first, ...others] = seen.partitions;
    const strays = others.filter(({ readableEnd }) => readableEnd !== 0);
    return [
      ...this.shape.broken(`topic ${name}`, shapeText(seen.partitions.length, retentionMs)),
      ...this.start.broken(`start of topic ${name}`, first?.logStartOffset ?? -1),
      ...this.end.broken(`end of topic ${name}`, first?.readableEnd ?? -1),
      ...strays.map((stray) => `topic ${name}/${stray.partition} holds what nobody sent`),
    ];
  }
}

/** What `alterTopic` changes, as one. */
function shapeText(partitions: number, retentionMs: string | undefined): string {
  return `${partitions} partitions, retention.ms ${retentionMs ?? 'not set'}`;
}

/**
 * Saves a reader's position and leads topics through their lives while the broker is killed, and
 * checks both after.
 *
 * Invariants it checks: a position is never behind the last one acknowledged, nor ahead of the last
 * one sent; a topic has its id, its partitions and configs, its records, its start and its end as
 * the last acknowledged request left them, or as the one that was out would have.
 */
export class SidePromises {
  private sentPosition = 0;
  private acknowledgedPosition = 0;
  private readonly topics: SideTopic[] = [];

  constructor(private readonly topic: string) {}

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

  /** Leads up to `count` topics through their lives, one after another; deletes every other one. */
  async leadTopics(link: ProtocolLink, count: number, isOver: () => boolean): Promise<void> {
    for (let n = 0; n < count && !isOver(); n += 1) {
      const number = this.topics.length + 1;
      const topic = new SideTopic(`side-${number}`, 1 + (number % 3), number % 2 === 0);
      this.topics.push(topic);
      await topic.live(link);
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
    for (const topic of this.topics) {
      broken.push(...(await topic.check(link, there.get(topic.name))));
    }
    return broken;
  }
}
