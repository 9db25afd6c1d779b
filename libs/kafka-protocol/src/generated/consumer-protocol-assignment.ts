// Generated from schemas/consumer-protocol-assignment.json by generator/main.ts: do not edit.
import type { MessageCodec, Decoded } from '../message-codec';
import { readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ConsumerProtocolAssignment {
  readonly assignedPartitions: readonly ConsumerProtocolAssignment.TopicPartition[];
  readonly userData?: Buffer | null;
}
export declare namespace ConsumerProtocolAssignment {
  export interface TopicPartition {
    readonly topic: string;
    readonly partitions: readonly number[];
  }
}

function readConsumerProtocolAssignmentTopicPartition(r: WireReader, _v: number): Decoded<ConsumerProtocolAssignment.TopicPartition> {
  const topic = r.string();
  const partitions = readInt32s(r, r.arrayLength(4));
  return { topic, partitions };
}

function readConsumerProtocolAssignmentTopicPartitionArray(r: WireReader, v: number, length: number): Decoded<ConsumerProtocolAssignment.TopicPartition>[] {
  const values: Decoded<ConsumerProtocolAssignment.TopicPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readConsumerProtocolAssignmentTopicPartition(r, v));
  return values;
}

function readConsumerProtocolAssignment(r: WireReader, v: number): Decoded<ConsumerProtocolAssignment> {
  const assignedPartitions = readConsumerProtocolAssignmentTopicPartitionArray(r, v, r.arrayLength(6));
  const userData = r.nullableByteString();
  return { assignedPartitions, userData };
}

function writeConsumerProtocolAssignmentTopicPartition(w: WireWriter, m: ConsumerProtocolAssignment.TopicPartition, _v: number): void {
  const topic = m.topic;
  w.string(topic);
  const partitions = m.partitions;
  w.arrayLength(partitions.length);
  writeInt32s(w, partitions);
}

function writeConsumerProtocolAssignment(w: WireWriter, m: ConsumerProtocolAssignment, v: number): void {
  const assignedPartitions = m.assignedPartitions;
  w.arrayLength(assignedPartitions.length);
  for (const one of assignedPartitions) writeConsumerProtocolAssignmentTopicPartition(w, one, v);
  const userData = m.userData ?? null;
  w.nullableByteString(userData);
}

export const consumerProtocolAssignmentCodec: MessageCodec<ConsumerProtocolAssignment> = {
  name: 'ConsumerProtocolAssignment',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: undefined,
  read: readConsumerProtocolAssignment,
  write: writeConsumerProtocolAssignment,
};
