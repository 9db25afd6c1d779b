// The replicas that requests name: there is one broker, and it is the only replica there can be.
import { KafkaRefusal } from './error-codes';
import { NODE_ID } from './kafka-services';

/** Partitions have one replica each. */
export const REPLICATION_FACTOR = 1;
/** What a request has that leaves a number to the broker. */
export const BROKER_DEFAULT = -1;

/** @throws {KafkaRefusal} INVALID_REPLICATION_FACTOR: neither 1 nor left to the broker. */
export function checkReplicationFactor(factor: number): void {
  if (factor === REPLICATION_FACTOR || factor === BROKER_DEFAULT) return;
  const message =
    `The replication factor is ${factor}. There is one broker, so it can be 1, ` +
    'or -1 for the default.';
  throw new KafkaRefusal('INVALID_REPLICATION_FACTOR', message);
}

/** @throws {KafkaRefusal} INVALID_REPLICA_ASSIGNMENT: not this broker alone, once. */
export function checkReplicas(brokerIds: readonly number[]): void {
  if (brokerIds.length === 0) throw refused('A partition needs a replica; the list is empty.');
  const other = brokerIds.find((id) => id !== NODE_ID);
  if (other !== undefined) {
    throw refused(`There is no broker ${other}; the only one is ${NODE_ID}.`);
  }
  if (brokerIds.length > 1) throw refused(`The broker ${NODE_ID} is named more than once.`);
}

/** A manual assignment of one partition. */
interface Assignment {
  readonly partitionIndex: number;
  readonly brokerIds: readonly number[];
}

/**
 * Checks the assignments of a new topic, one for each of its partitions.
 * @throws {KafkaRefusal} INVALID_REPLICA_ASSIGNMENT.
 */
export function checkAssignments(assignments: readonly Assignment[]): void {
  const indexes = new Set<number>();
  for (const { partitionIndex, brokerIds } of assignments) {
    if (indexes.has(partitionIndex)) {
      throw refused(`The partition ${partitionIndex} is assigned more than once.`);
    }
    indexes.add(partitionIndex);
    checkReplicas(brokerIds);
  }
  for (let index = 0; index < indexes.size; index += 1) {
    if (indexes.has(index)) continue;
    throw refused(`Partitions are numbered from 0 on without gaps; ${index} is not assigned.`);
  }
}

function refused(message: string): KafkaRefusal {
  return new KafkaRefusal('INVALID_REPLICA_ASSIGNMENT', message);
}
