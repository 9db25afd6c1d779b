// What a broker's refusal means for a member of a group.
import { BrokerError, type WalrusError } from '../errors';

/** There is no such group, or it is of the other protocol. */
export const NO_GROUP = 'GROUP_ID_NOT_FOUND';

const FENCING: ReadonlySet<string> = new Set([
  'UNKNOWN_MEMBER_ID',
  'FENCED_MEMBER_EPOCH',
  NO_GROUP,
]);

/** Whether the broker has put the member out of its group: what it had may have other owners. */
export function isFencing({ code }: WalrusError): boolean {
  return FENCING.has(code);
}

/** The member was sent back to join with the id that the error gives it. */
export const MEMBER_ID_REQUIRED = 'MEMBER_ID_REQUIRED';
/** The group rebalances: the member is to join. */
export const REBALANCE_IN_PROGRESS = 'REBALANCE_IN_PROGRESS';
/** The group is in another generation than the member. */
export const ILLEGAL_GENERATION = 'ILLEGAL_GENERATION';
/** The members of the group have another protocol, or other assignors. */
const INCONSISTENT_PROTOCOL = 'INCONSISTENT_GROUP_PROTOCOL';

const STALE: ReadonlySet<string> = new Set([
  'STALE_MEMBER_EPOCH',
  ILLEGAL_GENERATION,
  REBALANCE_IN_PROGRESS,
]);

/** Whether an offset was sent with an epoch that is not the member's present one. */
export function isStale({ code }: WalrusError): boolean {
  return STALE.has(code);
}

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

/** Whether a member of the classic protocol is not in its group, or not in its generation. */
export function isOut(error: WalrusError): boolean {
  return isFencing(error) || error.code === ILLEGAL_GENERATION;
}

/** The error of a member whose group has members of the classic protocol. */
export function ofClassicProtocol(group: string, cause: WalrusError): BrokerError {
  const text =
    `group "${group}" has members of the classic protocol: ` +
    "join it with groupProtocol 'classic', or once they have left";
  return new BrokerError(INCONSISTENT_PROTOCOL, text, { cause });
}

/**
 * What a classic member ends with: the error as it is, or in clear words where its group has
 * another protocol, or none of its assignors.
 */
export function inClearWords(
  cause: WalrusError,
  group: string,
  assignors: readonly { readonly name: string }[],
): WalrusError {
  if (cause.code !== INCONSISTENT_PROTOCOL) return cause;
  const names = assignors.map(({ name }) => `"${name}"`).join(', ');
  const text =
    `group "${group}" has members of groupProtocol 'consumer', or members that have none of ` +
    `the assignors ${names}: join with the protocol and an assignor that they have`;
  return new BrokerError(INCONSISTENT_PROTOCOL, text, { cause });
}
