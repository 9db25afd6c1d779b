// Push delivery of the fake broker: one event per batch, never more than the credit.
import {
  encodeFrame,
  ERROR_TABLE,
  EVENT_KIND,
  parseChangeSubscription,
  parseCredit,
  parseSubscribe,
  type ErrorCode,
  type IncomingFrame,
  type SubscriptionEvent,
  type TopicIds,
  type TopicPartitionOffset,
} from '@walrusmq/protocol';

export interface FakePartition {
  readonly batches: { readonly bytes: Buffer; readonly base: number; readonly end: number }[];
  logStartOffset: number;
  /** What the next look at it is answered with. */
  refusal?: ErrorCode | undefined;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  /** Of the topic that was asked for, where the client said it. */
  readonly topicId: string | undefined;
  offset: number;
}

interface FakeSubscription {
  readonly id: number;
  readonly places: Map<string, Place>;
  creditBytes: number;
  /** Where a batch waits for credit, told once. */
  told: string | undefined;
}

/** The offset behind the last record. */
export function endOf(partition: FakePartition): number {
  return partition.batches.at(-1)?.end ?? partition.logStartOffset;
}

/** The subscriptions of one connection of the fake broker. */
export class FakeSubscriptions {
  private readonly open = new Map<number, FakeSubscription>();

  constructor(
    private readonly find: (
      topic: string,
      partition: number,
      topicId: string | undefined,
    ) => FakePartition | undefined,
    private readonly write: (frame: readonly Buffer[]) => void,
  ) {}

  /** Carries a request out; whether it was one of push delivery. */
  handle({ kind, correlationId, fields }: IncomingFrame): boolean {
    if (kind === 'subscribe') {
      const { partitions, topicIds, creditBytes } = parseSubscribe(fields);
      const made = { id: correlationId, places: new Map(), creditBytes, told: undefined };
      this.open.set(correlationId, made);
      add(made, partitions, topicIds);
    } else if (kind === 'changeSubscription') {
      const change = parseChangeSubscription(fields);
      const target = this.require(change.subscription);
      for (const [topic, partition] of change.remove) target.places.delete(keyOf(topic, partition));
      add(target, change.add, change.topicIds);
      target.told = undefined;
    } else if (kind === 'credit') {
      const { subscription, bytes } = parseCredit(fields);
      this.require(subscription).creditBytes += bytes;
    } else return false;
    return true;
  }

  /** Sends what can be sent. */
  push(): void {
    for (const subscription of this.open.values()) {
      for (const place of subscription.places.values()) this.pushPlace(subscription, place);
    }
  }

  private require(id: number): FakeSubscription {
    const found = this.open.get(id);
    if (found === undefined) throw new Error(`no subscription ${id}`);
    return found;
  }

  private pushPlace(subscription: FakeSubscription, place: Place): void {
    const { topic, partition: number, topicId } = place;
    const partition = this.find(topic, number, topicId);
    const code = refusalOf(partition, place.offset);
    if (partition === undefined || code !== undefined) {
      subscription.places.delete(keyOf(topic, number));
      const { retriable } = ERROR_TABLE[code ?? 'UNKNOWN_TOPIC'];
      const error = { code: code ?? 'UNKNOWN_TOPIC', message: 'as asked', retriable };
      this.send(subscription, place, partition, { bytes: 0, error });
      return;
    }
    for (const { bytes, end } of partition.batches) {
      if (end <= place.offset) continue;
      if (bytes.length > subscription.creditBytes) {
        const at = `${keyOf(topic, number)}@${place.offset}`;
        if (subscription.told === at) return;
        subscription.told = at;
        this.send(subscription, place, partition, { bytes: 0, creditNeeded: bytes.length });
        return;
      }
      subscription.creditBytes -= bytes.length;
      this.send(subscription, place, partition, { bytes: bytes.length }, bytes);
      place.offset = end;
    }
  }

  private send(
    { id }: FakeSubscription,
    { topic, partition: number, offset }: Place,
    partition: FakePartition | undefined,
    rest: Pick<SubscriptionEvent, 'bytes' | 'error' | 'creditNeeded'>,
    batches?: Buffer,
  ): void {
    const event: SubscriptionEvent = {
      topic,
      partition: number,
      offset,
      logStartOffset: partition?.logStartOffset ?? -1,
      readableEnd: partition === undefined ? -1 : endOf(partition),
      ...rest,
    };
    this.write(encodeFrame(EVENT_KIND, id, event, batches === undefined ? undefined : [batches]));
  }
}

function add(
  subscription: FakeSubscription,
  targets: readonly TopicPartitionOffset[],
  topicIds: TopicIds,
): void {
  for (const [topic, partition, offset] of targets) {
    const topicId = topicIds.get(topic);
    subscription.places.set(keyOf(topic, partition), { topic, partition, topicId, offset });
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function refusalOf(partition: FakePartition | undefined, offset: number): ErrorCode | undefined {
  if (partition === undefined) return 'UNKNOWN_TOPIC';
  const { refusal } = partition;
  partition.refusal = undefined;
  if (refusal !== undefined) return refusal;
  const isThere = offset >= partition.logStartOffset && offset <= endOf(partition);
  return isThere ? undefined : 'OFFSET_OUT_OF_RANGE';
}
