// A client of groups that says exactly what is on the wire, for specs of the group operations.
import type {
  AssignedPartitions,
  ConsumerGroupHeartbeatResponse,
  JoinGroupResponse,
} from '@walrusmq/protocol';
import { codeOf, type RawClient } from './raw-client';
import { until } from './test-broker';

/** Asks for what has to be answered ok. */
export async function ok<Response = Record<string, unknown>>(
  client: RawClient,
  operation: string,
  fields: object,
): Promise<Response> {
  const { kind, fields: answer } = await client.request(operation, fields);
  if (kind !== 'ok') throw new Error(`${operation} was answered ${JSON.stringify(answer)}`);
  return answer as Response;
}

/** Asks for what has to be refused; the code. */
export async function refused(
  client: RawClient,
  operation: string,
  fields: object,
): Promise<unknown> {
  return codeOf(await client.request(operation, fields));
}

/** A member whose partitions the broker assigns, and what it owns. */
export class ServerSideMember {
  epoch = 0;
  owned: readonly AssignedPartitions[] = [];

  constructor(
    private readonly client: RawClient,
    readonly member: string,
    private readonly joining: object,
    readonly group = 'g',
  ) {}

  /** A heartbeat, in which the member gives up at once what it is not to have any more. */
  async beat(given: object = {}): Promise<ConsumerGroupHeartbeatResponse> {
    const { group, member, epoch, owned } = this;
    const said = epoch === 0 ? this.joining : { owned };
    const reply = await ok<ConsumerGroupHeartbeatResponse>(this.client, 'consumerGroupHeartbeat', {
      group,
      member,
      epoch,
      ...said,
      ...given,
    });
    this.epoch = reply.epoch;
    this.owned = reply.assignment ?? owned;
    return reply;
  }

  /** The partitions that it owns, as TOPIC/PARTITION. */
  get partitions(): string[] {
    return this.owned.flatMap(({ topic, partitions }) => partitions.map((p) => `${topic}/${p}`));
  }
}

/** Heartbeats of all until nobody is told anything new. */
export async function settleMembers(members: readonly ServerSideMember[]): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    let isSettled = true;
    for (const each of members) {
      const before = each.epoch;
      const { assignment } = await each.beat();
      if (assignment !== undefined || each.epoch !== before) isSettled = false;
    }
    if (isSettled) return;
  }
  throw new Error('the members do not settle');
}

/** What joinGroup needs, with a subscription in the form of Kafka's consumers. */
export function joinFields(given: object = {}): object {
  const protocols = [{ name: 'range', metadata: subscriptionTo('orders') }];
  return { group: 'g', sessionTimeoutMs: 10_000, protocols, ...given };
}

/** Joins as a client without an id does: asks for one, and comes back with it. */
export async function joinWithNewId(
  client: RawClient,
  given: object = {},
): Promise<{ readonly member: string; readonly reply: Promise<JoinGroupResponse> }> {
  const { fields } = await client.request('joinGroup', joinFields(given));
  if (fields.code !== 'MEMBER_ID_REQUIRED') throw new Error(JSON.stringify(fields));
  const member = String(fields.member);
  const reply = ok<JoinGroupResponse>(client, 'joinGroup', joinFields({ ...given, member }));
  return { member, reply };
}

/** ConsumerProtocolSubscription, version 0. */
export function subscriptionTo(...topics: readonly string[]): Buffer {
  return Buffer.concat([int(0, 2), int(topics.length, 4), ...topics.map(text), int(-1, 4)]);
}

/** ConsumerProtocolAssignment, version 0. */
export function assignmentOf(topic: string, ...partitions: readonly number[]): Buffer {
  const numbers = partitions.map((partition) => int(partition, 4));
  const count = int(partitions.length, 4);
  return Buffer.concat([int(0, 2), int(1, 4), text(topic), count, ...numbers, int(-1, 4)]);
}

function text(value: string): Buffer {
  return Buffer.concat([int(Buffer.byteLength(value), 2), Buffer.from(value)]);
}

function int(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeIntBE(value, 0, bytes);
  return buffer;
}

/** Asks again and again, one question at a time. */
export async function askUntil(ask: () => Promise<boolean>): Promise<void> {
  let isTrue = false;
  let isAsking = false;
  await until(() => {
    if (!isAsking && !isTrue) {
      isAsking = true;
      void ask().then((answer) => {
        isTrue = answer;
        isAsking = false;
      });
    }
    return isTrue;
  });
}
