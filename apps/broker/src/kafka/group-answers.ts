// The one place where what a group says becomes what a Kafka client is told.
import type { KafkaErrorName } from '@walrusmq/kafka-protocol';
import { ProtocolError, type ErrorCode } from '@walrusmq/protocol';
import { settledWhileConnected } from '../group/connected-wait';
import type { GroupCoordinator } from '../group/group-coordinator';
import type { GroupError } from '../group/group-requests';
import type { InstanceGroups } from '../group/instance-groups';
import { toProtocolError } from '../partition/storage-errors';
import { KafkaRefusal, kafkaCode } from './error-codes';
import type { KafkaSession } from './kafka-session';

/** The limits that Kafka does not have; all other errors of groups have Kafka's own names. */
const OWN_LIMITS: Readonly<Record<Extract<GroupError, `TOO_MANY_${string}`>, KafkaErrorName>> = {
  TOO_MANY_GROUPS: 'POLICY_VIOLATION',
  TOO_MANY_OFFSETS: 'POLICY_VIOLATION',
};

/** Why groups cannot be used or stored now: whatever the API, clients repeat what is told so. */
const UNAVAILABLE: readonly ErrorCode[] = ['BUSY', 'NO_SPACE', 'FENCED', 'CORRUPT'];

/**
 * READ (3), DELETE (6) and DESCRIBE (8) as bits of Kafka's AclOperation: all that there is to do
 * with a group, as nothing is forbidden.
 */
export const GROUP_OPERATIONS = (1 << 3) | (1 << 6) | (1 << 8);

/** What the handlers of groups need of them. */
export type Coordinated = Pick<InstanceGroups, 'coordinator'>;

/** The number of a group's error. */
export function groupCode(error: GroupError): number {
  if (error === 'TOO_MANY_GROUPS' || error === 'TOO_MANY_OFFSETS') {
    return kafkaCode(OWN_LIMITS[error]);
  }
  return kafkaCode(error);
}

/**
 * The coordinator.
 * @throws {ProtocolError} As `askGroups` rejects.
 */
export function coordinatorOf(groups: Coordinated): GroupCoordinator {
  try {
    return groups.coordinator;
  } catch (error) {
    throw unavailable(error);
  }
}

/**
 * What the coordinator answers; the request has its place among others when this returns.
 *
 * Rejects with COORDINATOR_NOT_AVAILABLE where groups cannot be used, or what was asked cannot be
 * stored, now: nothing changed. SHUTTING_DOWN: the connection ends.
 */
export async function askGroups<Reply>(
  groups: Coordinated,
  question: (coordinator: GroupCoordinator) => Promise<Reply>,
): Promise<Reply> {
  try {
    return await question(coordinatorOf(groups));
  } catch (error) {
    throw unavailable(toProtocolError(error));
  }
}

/**
 * As `askGroups`, for what may wait for other members: given up with SHUTTING_DOWN as soon as the
 * client is gone.
 */
export function askGroupsWhileConnected<Reply>(
  groups: Coordinated,
  session: KafkaSession,
  question: (coordinator: GroupCoordinator) => Promise<Reply>,
): Promise<Reply> {
  return askGroups(groups, (coordinator) => settledWhileConnected(session, question(coordinator)));
}

/** A copy: what groups keep must not keep the frame that it came in. */
export function kept(bytes: Buffer): Buffer {
  return Buffer.from(bytes);
}

/** The address of a member in the form of Kafka's tools. */
export function shownHost(clientHost: string): string {
  return `/${clientHost}`;
}

function unavailable(error: unknown): unknown {
  if (!(error instanceof ProtocolError) || !UNAVAILABLE.includes(error.code)) return error;
  return new KafkaRefusal('COORDINATOR_NOT_AVAILABLE', error.message);
}
