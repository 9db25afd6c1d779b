// Members of a consumer group over the protocol without the SDK.
import type { AssignedPartitions } from '@walrusmq/protocol';
import { RefusedError, type ProtocolLink } from './protocol-link';

/** What a member knows of itself; it outlives the broker. */
export interface MemberState {
  readonly member: string;
  epoch: number;
  owned: readonly AssignedPartitions[];
}

/** A heartbeat, in which the member gives up at once what it is not to have any more. */
export async function beat(link: ProtocolLink, group: string, state: MemberState): Promise<void> {
  const { member, epoch, owned } = state;
  const said = epoch === 0 ? { topics: ['orders'] } : { owned };
  const { fields } = await link.request('consumerGroupHeartbeat', {
    group,
    member,
    epoch,
    ...said,
  });
  state.epoch = fields.epoch;
  state.owned = fields.assignment ?? owned;
}

/** Heartbeats of all until nobody is told anything new. */
export async function settleMembers(
  link: ProtocolLink,
  group: string,
  members: readonly MemberState[],
): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    const before = members.map(({ epoch, owned }) => `${epoch} ${JSON.stringify(owned)}`).join();
    for (const state of members) await beat(link, group, state);
    const after = members.map(({ epoch, owned }) => `${epoch} ${JSON.stringify(owned)}`).join();
    if (before === after) return;
  }
  throw new Error('the members do not settle');
}

/** The partitions that a member owns, as TOPIC/PARTITION. */
export function partitionsOf({ owned }: MemberState): string[] {
  return owned.flatMap(({ topic, partitions }) => partitions.map((each) => `${topic}/${each}`));
}

/** The code of the refusal; undefined when nothing was refused. */
export async function refusalOf(request: Promise<unknown>): Promise<string | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    if (error instanceof RefusedError) return error.code;
    throw error;
  }
}
