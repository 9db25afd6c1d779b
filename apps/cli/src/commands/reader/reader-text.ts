// Named readers as people read them.
import type { ListedReader, ReaderHolder, ReaderMove, ReaderTopic } from '@walrusmq/client';
import { counted, grouped, renderTable, sizeText } from '../../output/tables';

/** Readers as a table. */
export function listText(readers: readonly ListedReader[]): string {
  if (readers.length === 0) {
    return 'no readers yet; create one with: walrusmq reader create NAME --topic TOPIC';
  }
  const rows = readers.map(({ reader, topic, partitions, lag, isPinned, holder }) => [
    topic,
    reader,
    partitions,
    grouped(lag),
    isPinned ? 'yes' : 'no',
    holderText(holder),
  ]);
  return renderTable(['topic', 'reader', 'partitions', 'lag', 'pins', 'attached to'], rows);
}

/** One reader: for each topic its partitions, its pin and who has it. */
export function describeText(topics: readonly ReaderTopic[]): string {
  return topics.map(topicText).join('\n\n');
}

/** Where a reader goes, or went. */
export function movesText(moves: readonly ReaderMove[]): string {
  const rows = moves.map(({ topic, partition, before, after }) => [
    topic,
    partition,
    before ?? '(log start)',
    after,
    signed(before, after),
  ]);
  return renderTable(['topic', 'partition', 'from', 'to', 'records'], rows);
}

function topicText({ topic, lag, pin, holder, partitions }: ReaderTopic): string {
  const rows = partitions.map((one) => [
    one.partition,
    one.position ?? '(log start)',
    one.saved ?? '-',
    one.logStartOffset,
    one.readableEnd,
    grouped(one.lag),
    `~${sizeText(one.lagBytes)}`,
    grouped(one.missed),
  ]);
  const head = ['partition', 'position', 'saved', 'log start', 'end', 'lag', 'bytes', 'missed'];
  const pinText = pin === null ? 'no pin' : 'pinned';
  const held = holder === null ? 'not attached' : `attached to ${holderText(holder)}`;
  const summary = `${topic}: ${counted(lag, 'record')} behind, ${pinText}, ${held}`;
  return `${summary}\n${renderTable(head, rows)}`;
}

function holderText(holder: ReaderHolder | null): string {
  return holder === null ? '' : `${holder.client} (${holder.peer})`;
}

function signed(before: number | null, after: number): string {
  if (before === null) return '';
  return after > before ? `+${grouped(after - before)}` : grouped(after - before);
}
