// What a broker's refusal means for a member of a group.
import { BrokerError, type WalrusError } from '../errors';

const FENCING: ReadonlySet<string> = new Set([
  'UNKNOWN_MEMBER_ID',
  'FENCED_MEMBER_EPOCH',
  'GROUP_ID_NOT_FOUND',
]);

/** Whether the broker has put the member out of its group: what it had may have other owners. */
export function isFencing({ code }: WalrusError): boolean {
  return FENCING.has(code);
}

/** The offset was sent with an epoch that is not the member's present one. */
export const STALE_EPOCH = 'STALE_MEMBER_EPOCH';
/** What was to be saved is not this member's any more. */
export const NOT_ASSIGNED = 'NOT_ASSIGNED';
/** The instance id belongs to another member, which has not left. */
export const UNRELEASED = 'UNRELEASED_INSTANCE_ID';

/** The broker does not have the topic or the partition (any more). */
export function isGone({ code }: WalrusError): boolean {
  return code === 'UNKNOWN_TOPIC' || code === 'UNKNOWN_PARTITION';
}

/** The error of a commit for a partition that is not the consumer's, or was not all the time. */
export function notAssigned(key: string): BrokerError {
  const text = `${key} was taken from this consumer: others may have gone on from what is saved`;
  return new BrokerError(NOT_ASSIGNED, text);
}
