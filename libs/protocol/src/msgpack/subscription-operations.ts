// The operations of push delivery and the events they lead to. docs/protocol.md explains them.
import { FieldReader, type Fields, type IntegerRange } from './field-reader';
import { readOffsets, readTopicIds, readTopicPartitions } from './operation-parsers';
import { LIST_ELEMENTS_MAX } from './operations';
import type {
  FetchedRecord,
  FetchFormat,
  PartitionError,
  TopicIdList,
  TopicIds,
  TopicPartition,
  TopicPartitionOffset,
} from './operations';

/** The kind of a frame that the broker sends unasked; its second element names the subscription. */
export const EVENT_KIND = 'event';
/** Subscriptions of one connection. */
export const SUBSCRIPTIONS_MAX = 64;
/** Partitions of all subscriptions of one connection together. */
export const SUBSCRIBED_PARTITIONS_MAX = LIST_ELEMENTS_MAX;
/** Bytes of batches in one event, where its first batch is not larger alone. */
export const EVENT_BYTES_MAX = 256 * 1024;
/** Credit that a subscription may hold. */
export const CREDIT_BYTES_MAX = 0x7fffffff;

const FORMATS: readonly FetchFormat[] = ['batches', 'records'];
const CREDIT: IntegerRange = { min: 0, max: CREDIT_BYTES_MAX };
const MORE_CREDIT: IntegerRange = { min: 1, max: CREDIT_BYTES_MAX };
const SUBSCRIPTION: IntegerRange = { min: 0, max: 0xffffffff };

type Optional<T> = T | null | undefined;

/** The subscription is called by the correlation id of this request. */
export interface SubscribeRequest {
  readonly partitions?: Optional<readonly TopicPartitionOffset[]>;
  readonly topicIds?: Optional<TopicIdList>;
  /** Bytes of batches that the broker may send before it is given more. */
  readonly creditBytes: number;
  readonly format?: Optional<FetchFormat>;
}
export interface ParsedSubscribe {
  readonly partitions: readonly TopicPartitionOffset[];
  readonly topicIds: TopicIds;
  readonly creditBytes: number;
  readonly format: FetchFormat;
}
export type SubscribeResponse = Readonly<Record<string, never>>;

/** Carried out in this order: `remove`, `add`, `pause`, `resume`. */
export interface ChangeSubscriptionRequest {
  readonly subscription: number;
  /** Reads on from these offsets; a partition that is read already goes on there. */
  readonly add?: Optional<readonly TopicPartitionOffset[]>;
  /** Of topics in `add`. */
  readonly topicIds?: Optional<TopicIdList>;
  readonly remove?: Optional<readonly TopicPartition[]>;
  readonly pause?: Optional<readonly TopicPartition[]>;
  /** Goes on behind what was sent last. */
  readonly resume?: Optional<readonly TopicPartition[]>;
}
export interface ParsedChangeSubscription {
  readonly subscription: number;
  readonly add: readonly TopicPartitionOffset[];
  readonly topicIds: TopicIds;
  readonly remove: readonly TopicPartition[];
  readonly pause: readonly TopicPartition[];
  readonly resume: readonly TopicPartition[];
}
export type ChangeSubscriptionResponse = Readonly<Record<string, never>>;

export interface CreditRequest {
  readonly subscription: number;
  readonly bytes: number;
}
export type CreditResponse = Readonly<Record<string, never>>;

export interface UnsubscribeRequest {
  readonly subscription: number;
}
export type UnsubscribeResponse = Readonly<Record<string, never>>;

/** The fields of an event; batches ride behind them in the `batches` format. */
export interface SubscriptionEvent {
  readonly topic: string;
  readonly partition: number;
  /** Where this event goes on from; its first batch may begin below. */
  readonly offset: number;
  /** Set on the last event of a partition: the subscription has it no more. */
  readonly error?: PartitionError & { readonly retriable: boolean };
  /** -1 where the partition is gone. */
  readonly logStartOffset: number;
  /** -1 where the partition is gone. */
  readonly readableEnd: number;
  /** What the event took from the credit. */
  readonly bytes: number;
  /** Set where the next batch needs more credit than there is; it waits for that. */
  readonly creditNeeded?: number;
  /** In the `records` format. */
  readonly records?: readonly FetchedRecord[];
}

/** Request and response of every operation of push delivery. */
export interface SubscriptionOperations {
  readonly subscribe: { readonly request: SubscribeRequest; readonly response: SubscribeResponse };
  readonly changeSubscription: {
    readonly request: ChangeSubscriptionRequest;
    readonly response: ChangeSubscriptionResponse;
  };
  readonly credit: { readonly request: CreditRequest; readonly response: CreditResponse };
  readonly unsubscribe: {
    readonly request: UnsubscribeRequest;
    readonly response: UnsubscribeResponse;
  };
}

/** The fields of `subscribe`. */
export function parseSubscribe(fields: Fields): ParsedSubscribe {
  const reader = new FieldReader('subscribe', fields);
  return {
    partitions: isGiven(reader, 'partitions') ? readOffsets(reader, 'partitions') : [],
    topicIds: readTopicIds(reader),
    creditBytes: reader.integer('creditBytes', CREDIT),
    format: reader.oneOf('format', FORMATS, 'batches'),
  };
}

/** The fields of `changeSubscription`. */
export function parseChangeSubscription(fields: Fields): ParsedChangeSubscription {
  const reader = new FieldReader('changeSubscription', fields);
  const partitions = (name: string): readonly TopicPartition[] =>
    isGiven(reader, name) ? readTopicPartitions(reader, name) : [];
  return {
    subscription: reader.integer('subscription', SUBSCRIPTION),
    add: isGiven(reader, 'add') ? readOffsets(reader, 'add') : [],
    topicIds: readTopicIds(reader),
    remove: partitions('remove'),
    pause: partitions('pause'),
    resume: partitions('resume'),
  };
}

/** The fields of `credit`. */
export function parseCredit(fields: Fields): CreditRequest {
  const reader = new FieldReader('credit', fields);
  return {
    subscription: reader.integer('subscription', SUBSCRIPTION),
    bytes: reader.integer('bytes', MORE_CREDIT),
  };
}

/** The fields of `unsubscribe`. */
export function parseUnsubscribe(fields: Fields): UnsubscribeRequest {
  const reader = new FieldReader('unsubscribe', fields);
  return { subscription: reader.integer('subscription', SUBSCRIPTION) };
}

function isGiven(reader: FieldReader, name: string): boolean {
  return reader.has(name) && !reader.isEmptyList(name);
}
