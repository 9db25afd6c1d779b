// Pages of committed offsets, bounded in number and in bytes: a reply's head may have 16 MiB.
import { GROUP_OFFSETS_MAX, ProtocolError } from '@walrusmq/protocol';
import type { CommittedOffset } from '../group/committed-offset';
import type { DurableOffsets, OffsetPlace } from '../group/offset-store';

/** Bytes of the offsets of one reply, but for the first of them. */
export const OFFSETS_BYTES_MAX = 8 << 20;
/** What an offset takes beside its texts. */
const OFFSET_BYTES = 150;

/** Offsets of one reply. */
export interface OffsetPage {
  readonly offsets: readonly CommittedOffset[];
  /** What the client sends back for the next page; null at the end. */
  readonly next: string | null;
}

/** The positions of a group behind a place; not those by which Kafka's clients say none. */
export function offsetPage(
  durable: DurableOffsets,
  group: string,
  after: OffsetPlace | undefined,
): OffsetPage {
  const page = durable.page(group, after, GROUP_OFFSETS_MAX + 1);
  let bytes = 0;
  let count = 0;
  for (const offset of page) {
    bytes += sizeOfOffset(offset);
    if (count === GROUP_OFFSETS_MAX || (count > 0 && bytes > OFFSETS_BYTES_MAX)) break;
    count += 1;
  }
  const taken = page.slice(0, count);
  const last = count < page.length ? taken.at(-1) : undefined;
  const offsets = taken.filter(({ offset }) => offset >= 0);
  return { offsets, next: last === undefined ? null : `${last.topicName}/${last.partition}` };
}

/** About as many bytes as an offset takes in a reply. */
export function sizeOfOffset(offset: {
  readonly topicName?: string;
  readonly metadata: string;
}): number {
  return OFFSET_BYTES + (offset.topicName?.length ?? 0) + Buffer.byteLength(offset.metadata);
}

/**
 * The place that the `next` of a page stands for.
 * @throws {ProtocolError} INVALID_REQUEST.
 */
export function placeOf(operation: string, next: string): OffsetPlace {
  const match = /^([^/]+)\/(\d{1,6})$/.exec(next);
  if (match === null) {
    const message = `${operation}.after must be the next of the page before`;
    throw new ProtocolError('INVALID_REQUEST', message);
  }
  return { topicName: match[1] ?? '', partition: Number(match[2]) };
}
