// Consumer groups as people read them.
import type {
  AssignedPartitions,
  GroupMember,
  GroupMove,
  GroupOverview,
  ListedGroup,
} from '@walrusmq/client';
import { counted, grouped, renderTable } from '../../output/tables';

/** All groups as a table. */
export function listText(groups: readonly ListedGroup[]): string {
  if (groups.length === 0) return 'no consumer groups';
  const rows = groups.map(({ group, state, type, members }) => [group, state, type, members]);
  return renderTable(['group', 'state', 'type', 'members'], rows);
}

/** One group: what it is, who is in it, where it stands, what it pins. */
export function describeText(overview: GroupOverview): string {
  const { group, state, type, protocol, epoch, members, pins } = overview;
  const about = [state, `${type} protocol`, protocol, `epoch ${epoch}`];
  const parts = [`${group}\n${about.filter((text) => text !== '').join(', ')}`];
  if (members.length === 0) parts.push('no members');
  else parts.push(renderTable(MEMBER_HEAD, members.map(memberRow)));
  parts.push(offsetsText(overview));
  for (const { topic, expireMs } of pins) {
    const expiry =
      expireMs === null ? 'for ever' : `until ${grouped(expireMs / 1000)} s of silence`;
    parts.push(`holds back what it has not passed of ${topic}, ${expiry}`);
  }
  return parts.join('\n');
}

/** Where a reset takes a group. */
export function movesText(moves: readonly GroupMove[]): string {
  const rows = moves.map(({ topic, partition, before, after }) => [
    topic,
    partition,
    before ?? 'none',
    after,
  ]);
  return renderTable(['topic', 'partition', 'offset', 'new offset'], rows);
}

const MEMBER_HEAD = ['member', 'instance', 'client', 'host', 'owns', 'shall own'];

function memberRow(each: GroupMember): string[] {
  const { member, instanceId, client, host, assignment, target } = each;
  return [
    member,
    instanceId ?? '',
    client,
    host,
    assignmentText(assignment),
    assignmentText(target),
  ];
}

/** As `orders:0,1`; empty where it is not known. */
function assignmentText(lists: readonly AssignedPartitions[] | null): string {
  if (lists === null) return '';
  return lists.map(({ topic, partitions }) => `${topic}:${partitions.join(',')}`).join(' ');
}

/** What is committed, and what members own without having committed anything. */
function offsetsText({ offsets, members }: GroupOverview): string {
  const rows = new Map<string, PartitionRow>();
  for (const each of offsets) {
    const { topic, partition, offset, readableEnd, lag } = each;
    const figures = [String(offset), String(readableEnd), grouped(lag)];
    rows.set(`${each.id}/${partition}`, { topic, partition, figures, member: '' });
  }
  for (const { member, assignment } of members) {
    for (const { topic, id, partitions } of assignment ?? []) {
      for (const partition of partitions) {
        const key = `${id}/${partition}`;
        const figures = rows.get(key)?.figures ?? ['none', '', ''];
        rows.set(key, { topic, partition, figures, member });
      }
    }
  }
  if (rows.size === 0) return 'no committed offsets';
  const sorted = [...rows.values()].sort((one, other) =>
    one.topic === other.topic ? one.partition - other.partition : one.topic < other.topic ? -1 : 1,
  );
  const cells = sorted.map(({ topic, partition, figures, member }) => [
    topic,
    partition,
    ...figures,
    member,
  ]);
  const lag = offsets.reduce((sum, each) => sum + each.lag, 0);
  const table = renderTable(['topic', 'partition', 'offset', 'end', 'lag', 'member'], cells);
  const unknown = rows.size - offsets.length;
  const beside = unknown > 0 ? `, beside ${counted(unknown, 'partition')} without an offset` : '';
  return `${table}\n${counted(lag, 'record')} behind${beside}`;
}

interface PartitionRow {
  readonly topic: string;
  readonly partition: number;
  /** Offset, end and lag. */
  readonly figures: readonly string[];
  readonly member: string;
}
