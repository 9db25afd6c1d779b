// What the broker reads in the opaque bytes of classic groups, for those whose protocol type is
// `consumer`: which topics are in use, and what describeGroup tells.
import {
  CONSUMER_PROTOCOL_TYPE,
  decodeAssignedPartitions,
  decodeSubscribedTopics,
  type NamedPartitions,
} from '@walrusmq/protocol';

/** What a member subscribes to; undefined where the bytes do not tell. */
export function subscribedTopics(
  protocolType: string,
  metadata: Buffer,
): readonly string[] | undefined {
  return protocolType === CONSUMER_PROTOCOL_TYPE ? decodeSubscribedTopics(metadata) : undefined;
}

/** What a member was given; undefined where the bytes do not tell. */
export function assignedPartitions(
  protocolType: string,
  assignment: Buffer,
): readonly NamedPartitions[] | undefined {
  return protocolType === CONSUMER_PROTOCOL_TYPE ? decodeAssignedPartitions(assignment) : undefined;
}
