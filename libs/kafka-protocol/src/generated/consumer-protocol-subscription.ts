// Generated from schemas/consumer-protocol-subscription.json by generator/main.ts: do not edit.
import type { MessageCodec, Decoded } from '../message-codec';
import { readInt32s, readStrings, writeInt32s, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ConsumerProtocolSubscription {
  readonly topics: readonly string[];
  readonly userData?: Buffer | null;
  /** Versions 1+. */
  readonly ownedPartitions?: readonly ConsumerProtocolSubscription.TopicPartition[];
  /** Versions 2+. Default -1. */
  readonly generationId?: number;
  /** Versions 3+. */
  readonly rackId?: string | null;
}
export declare namespace ConsumerProtocolSubscription {
  export interface TopicPartition {
    readonly topic: string;
    readonly partitions: readonly number[];
  }
}

function readConsumerProtocolSubscriptionTopicPartition(r: WireReader, _v: number): Decoded<ConsumerProtocolSubscription.TopicPartition> {
  const topic = r.string();
  const partitions = readInt32s(r, r.arrayLength(4));
  return { topic, partitions };
}

function readConsumerProtocolSubscriptionTopicPartitionArray(r: WireReader, v: number, length: number): Decoded<ConsumerProtocolSubscription.TopicPartition>[] {
  const values: Decoded<ConsumerProtocolSubscription.TopicPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readConsumerProtocolSubscriptionTopicPartition(r, v));
  return values;
}

function readConsumerProtocolSubscription(r: WireReader, v: number): Decoded<ConsumerProtocolSubscription> {
  const topics = readStrings(r, r.arrayLength(2), false);
  const userData = r.nullableByteString();
  const ownedPartitions = v >= 1 ? readConsumerProtocolSubscriptionTopicPartitionArray(r, v, r.arrayLength(6)) : [];
  const generationId = v >= 2 ? r.int32() : -1;
  const rackId = v >= 3 ? r.nullableString() : null;
  return { topics, userData, ownedPartitions, generationId, rackId };
}

function writeConsumerProtocolSubscriptionTopicPartition(w: WireWriter, m: ConsumerProtocolSubscription.TopicPartition, _v: number): void {
  const topic = m.topic;
  w.string(topic);
  const partitions = m.partitions;
  w.arrayLength(partitions.length);
  writeInt32s(w, partitions);
}

function writeConsumerProtocolSubscription(w: WireWriter, m: ConsumerProtocolSubscription, v: number): void {
  const topics = m.topics;
  w.arrayLength(topics.length);
  writeStrings(w, topics, false);
  const userData = m.userData ?? null;
  w.nullableByteString(userData);
  const ownedPartitions = m.ownedPartitions ?? [];
  if (v >= 1) {
    w.arrayLength(ownedPartitions.length);
    for (const one of ownedPartitions) writeConsumerProtocolSubscriptionTopicPartition(w, one, v);
  }
  const generationId = m.generationId ?? -1;
  if (v >= 2) {
    w.int32(generationId);
  }
  const rackId = m.rackId ?? null;
  if (v >= 3) {
    w.nullableString(rackId);
  }
}

export const consumerProtocolSubscriptionCodec: MessageCodec<ConsumerProtocolSubscription> = {
  name: 'ConsumerProtocolSubscription',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: undefined,
  read: readConsumerProtocolSubscription,
  write: writeConsumerProtocolSubscription,
};
