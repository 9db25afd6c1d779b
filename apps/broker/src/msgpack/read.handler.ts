import {
  parseRead,
  ProtocolError,
  type IncomingFrame,
  type ParsedRead,
  type ReadResponse,
} from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import type { Counters } from '../observability/counters';
import type { FetchWaiters } from '../partition/fetch-waiters';
import { checkIndex } from '../reader/reader-targets';
import { keyOf } from '../reader/reader-turns';
import type { Readers } from '../reader/readers';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';
import { ReadPass, type ReadLimits } from './read-pass';
import type { Session } from './session';

/**
 * Behaviour: the seed's read. The next records behind a named reader, of one partition or of all of
 * a topic in turns, at most 2,000; with `checkpoint` the reader moves past them, as the instance's
 * read consistency says: saved before the answer, or after every N records. `maxBytes` is soft: the
 * first batch is always sent. A reader without a position begins at the log start, as does one
 * whose records went before it read them. Where there is none the answer waits `maxWaitMs` for a
 * record; it comes early when the reader is moved, or the client or the broker leaves. Where the
 * replies of others leave no room for a first batch, it has nothing and comes a little later.
 *
 * Two reads of one reader never get the same record with `checkpoint`, whoever sends them, as long
 * as nobody moves the reader back. While a connection has it attached, others are refused.
 *
 * Version notes: protocol 1.
 */
export class ReadHandler implements OperationHandler {
  readonly operation = 'read';
  private readonly turns = new Map<string, number>();

  constructor(private readonly context: ReadContext) {}

  /**
   * Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, UNKNOWN_PARTITION, READER_ATTACHED,
   * READER_TAKEN_OVER; NO_SPACE, FENCED, LIMIT_EXCEEDED: the reader could not be moved, and has
   * not; CORRUPT, BUSY, RECORD_TOO_LARGE; SHUTTING_DOWN: the client left or the broker stopped
   * before its turn came, and the reader has not been moved.
   */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const { topics, readers, waiters } = this.context;
    const request = parseRead(frame.fields);
    const topic = topics.require(request.topic);
    if (request.partition !== undefined) checkIndex(topic, request.partition);
    const deadlineMs = performance.now() + request.maxWaitMs;
    for (;;) {
      const pass = await this.readOnce(topic, request, session);
      const leftMs = Math.ceil(deadlineMs - performance.now());
      if (!pass.isEmpty || pass.isFull || leftMs <= 0 || session.isCancelled) {
        if (pass.isCrowdedOut) await waiters.holdBack(leftMs, session);
        return this.reply(pass, request);
      }
      // It may have been taken over by now, and nobody would end the wait then.
      readers.attachments.check(topic, request.reader, session);
      const end = await this.waitFor(pass, topic, request, session, leftMs);
      if (end === 'gone') return this.reply(pass, request);
      // A topic that was deleted meanwhile, or created anew, is another one.
      if (topics.require(request.topic).id !== topic.id) return this.reply(pass, request);
    }
  }

  private async readOnce(
    topic: TopicDescription,
    request: ParsedRead,
    session: Session,
  ): Promise<ReadPass> {
    const { topics, readers } = this.context;
    const { reader, checkpoint } = request;
    return readers.exclusively(topic, reader, session, async () => {
      // It may have queued for long: nobody would get what the reader was moved past.
      if (session.isCancelled) throw new ProtocolError('SHUTTING_DOWN');
      const pass = new ReadPass(topics, topic, request, this.limitsOf(request), session.replyRoom);
      const key = keyOf(topic.id, reader);
      await pass.run(this.turns.get(key) ?? 0);
      if (checkpoint) readers.touch(topic, reader);
      if (checkpoint && request.partition === undefined) this.remember(key, pass.nextTurn);
      return pass;
    });
  }

  private limitsOf(request: ParsedRead): ReadLimits {
    const { fetchBytesMax, batchBytesMax } = this.context;
    const bytesMax = Math.min(request.maxBytes, fetchBytesMax);
    // However little a client asks for, it gets the first record of an ordinary batch.
    return { bytesMax, unpackedBatchBytesMax: Math.max(bytesMax, batchBytesMax) };
  }

  private async waitFor(
    pass: ReadPass,
    topic: TopicDescription,
    { reader }: ParsedRead,
    session: Session,
    maxWaitMs: number,
  ): Promise<'again' | 'gone'> {
    const { waiters, readers } = this.context;
    const partitions = [...pass.ends.keys()];
    if (partitions.some(({ isClosed }) => isClosed)) return 'again';
    const seen = { isMoved: false };
    const end = await waiters.wait({
      partitions,
      maxWaitMs,
      isReady: () =>
        partitions.some((each) => each.isClosed || each.readableEnd > (pass.ends.get(each) ?? 0)),
      cancellation: {
        get isCancelled() {
          return session.isCancelled;
        },
        onCancelled: (listener) => {
          const unwatch = readers.turns.watch(keyOf(topic.id, reader), () => {
            seen.isMoved = true;
            listener();
          });
          const unlisten = session.onCancelled(listener);
          return () => {
            unwatch();
            unlisten();
          };
        },
      },
    });
    return end === 'cancelled' && !seen.isMoved ? 'gone' : 'again';
  }

  /** The turn of those that read last is remembered. */
  private remember(key: string, turn: number): void {
    this.turns.delete(key);
    this.turns.set(key, turn);
    if (this.turns.size <= TURNS_MAX) return;
    const [oldest] = this.turns.keys();
    if (oldest !== undefined) this.turns.delete(oldest);
  }

  private reply(pass: ReadPass, { format }: ParsedRead): Reply {
    this.context.counters.fetchedBytes += pass.sizeBytes;
    const fields: ReadResponse = { partitions: pass.entries };
    const { reservedBytes, tail } = pass;
    return format === 'records' ? { fields, reservedBytes } : { fields, tail, reservedBytes };
  }
}

/** Readers whose turn is remembered; of more, the one that read longest ago begins anew. */
const TURNS_MAX = 1_000;

/** What reads are answered from and bounded by. */
export interface ReadContext {
  readonly topics: Topics;
  readonly readers: Readers;
  readonly waiters: FetchWaiters;
  readonly counters: Pick<Counters, 'fetchedBytes'>;
  readonly fetchBytesMax: number;
  readonly batchBytesMax: number;
}
