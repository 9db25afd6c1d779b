// The loops of a worker thread. One call of the engine per record (per batch, where there are
// batches); nothing is gathered in JavaScript.
import type { Walrus } from '@walrusmq/storage';
import { isPayload, makePayloads, PAYLOAD_COUNT } from './payloads';
import type { ReadMode } from './settings';
import type { Tally } from './tallies';

/** What a loop works with. */
export interface Post {
  readonly walrus: Walrus;
  readonly topic: string;
  readonly tally: Tally;
  /** Turns non-zero when the time is over. */
  readonly isOver: () => boolean;
}

const READ_BUDGET_BYTES = 2 ** 20;

function payload(payloads: readonly Buffer[], index: number): Buffer {
  const found = payloads[index % PAYLOAD_COUNT];
  if (found === undefined) throw new RangeError('the ring of payloads has a gap');
  return found;
}

/**
 * Appends single entries until the time is over or `maxBytes` of payload are written.
 * @throws {StorageError} As `appendForTopic`; the tally counts what succeeded.
 */
export function appendEntries({ walrus, topic, tally, isOver }: Post, maxBytes: number): void {
  const payloads = makePayloads();
  for (let index = 0; tally.writtenBytes < maxBytes && !isOver(); index += 1) {
    const bytes = payload(payloads, index);
    walrus.appendForTopic(topic, bytes);
    tally.countAppend(1, bytes.length);
  }
}

/**
 * As `appendEntries`, in batches of `batchEntries`.
 * @throws {StorageError} As `batchAppendForTopic`.
 */
export function appendBatches(
  { walrus, topic, tally, isOver }: Post,
  maxBytes: number,
  batchEntries: number,
): void {
  const payloads = makePayloads();
  for (let first = 0; tally.writtenBytes < maxBytes && !isOver(); first += batchEntries) {
    const batch = Array.from({ length: batchEntries }, (_, place) =>
      payload(payloads, first + place),
    );
    let bytes = 0;
    for (const entry of batch) bytes += entry.length;
    walrus.batchAppendForTopic(topic, batch);
    tally.countAppend(batchEntries, bytes);
  }
}

/** Appends a few entries to a topic that nobody measures. */
export function warmUp(walrus: Walrus, topic: string, entries: number): void {
  const payloads = makePayloads();
  for (let index = 0; index < entries; index += 1) {
    walrus.appendForTopic(topic, payload(payloads, index));
  }
}

/** Reads them, in the way that is measured later: the compiler has to have seen both. */
export function warmUpReads(walrus: Walrus, topic: string, mode: ReadMode): void {
  if (mode === 'next') while (walrus.readNext(topic) !== null);
  else while (walrus.batchReadForTopic(topic, READ_BUDGET_BYTES).length > 0);
}

function countVerified({ topic, tally }: Post, bytes: Uint8Array, index: number): void {
  if (!isPayload(bytes, index)) throw new Error(`${topic}: entry ${index} has other bytes`);
  tally.countRead(bytes.length);
}

/**
 * Reads, and verifies, one entry per call until the time is over or the topic is read.
 * @throws {Error} An entry is not what was written.
 * @throws {StorageError} As `readNext`.
 */
export function readEntries(post: Post): void {
  const { walrus, topic, isOver } = post;
  for (let index = 0; !isOver(); index += 1) {
    const entry = walrus.readNext(topic);
    if (entry === null) return;
    countVerified(post, entry.data, index);
  }
}

/** As `readEntries`, in batches of at most 1 MiB of payload. */
export function readBatches(post: Post): void {
  const { walrus, topic, isOver } = post;
  for (let index = 0; !isOver();) {
    const entries = walrus.batchReadForTopic(topic, READ_BUDGET_BYTES);
    if (entries.length === 0) return;
    for (const { data } of entries) {
      countVerified(post, data, index);
      index += 1;
    }
  }
}
