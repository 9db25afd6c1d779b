// Keeps a consumer's buffer filled: one fetch at a time over all its partitions.
import { batchHeaders } from '@walrusmq/record-batch';
import { ERROR_TABLE, isErrorCode, type FetchedPartition } from '@walrusmq/protocol';
import { resolveStarts } from './assignment';
import { Backoff } from './backoff';
import { asWalrusError, type BrokerClient } from './broker-client';
import type { ConsumedPartition } from './consumed-partition';
import type { ConsumerSettings } from './consumer-options';
import { BrokerError, WalrusError } from './errors';
import type { PrefetchBuffer } from './prefetch-buffer';
import { Signal } from './signal';

/** What the loop tells its consumer. */
export interface FetchListener {
  /** Records were added to the buffer. */
  readonly onFetched: () => void;
  /** The loop has ended by an error that no retry helps against. */
  readonly onFailed: (error: WalrusError) => void;
}

interface Wanted {
  readonly partition: ConsumedPartition;
  readonly generation: number;
  readonly offset: number;
}

/**
 * Fetches ahead of the program, within a bound.
 *
 * Place: the consumer wakes it when there is room in the buffer or a partition was moved; it uses
 * one lane for the long polls and the other for everything else.
 *
 * Life: `run` goes on, over lost connections and broker restarts, until `stop` or a failure.
 *
 * Invariants:
 *  (1) At most one fetch is in flight, for all partitions together.
 *  (2) A fetch is sent only while a whole reply has room, so at most `prefetchBytes` are buffered,
 *      or one batch when that is larger.
 *  (3) A reply for a partition that was moved or paused after the request is dropped.
 */
export class FetchLoop {
  private readonly signal = new Signal();
  private readonly pauses: Backoff;
  private readonly idleness = new Backoff({ initialMs: 5, maxMs: 200 });
  private first = 0;
  private stopped = false;
  private inFlight = false;
  private interrupted = false;

  constructor(
    private readonly settings: ConsumerSettings,
    private readonly partitions: readonly ConsumedPartition[],
    private readonly buffer: PrefetchBuffer,
    private readonly polls: BrokerClient,
    private readonly control: BrokerClient,
    private readonly listener: FetchListener,
  ) {
    this.pauses = new Backoff(settings.connection.backoff);
  }

  /** Fetches until `stop` or a failure; never rejects. */
  async run(): Promise<void> {
    try {
      while (!this.stopped) await this.step();
    } catch (error) {
      // Stopping closes the lanes, which ends a fetch by an error.
      if (!this.stopped) this.listener.onFailed(asWalrusError(error));
    }
  }

  /** There may be something to do: room in the buffer, or a partition that goes on. */
  wake(): void {
    this.signal.notify();
  }

  /** As `wake`, and a poll under way, which knows nothing of the change, is given up. */
  interrupt(): void {
    if (this.inFlight) {
      this.interrupted = true;
      this.polls.interrupt();
    }
    this.signal.notify();
  }

  /** Ends the loop. The lanes are to be closed by the caller, which ends a poll under way. */
  stop(): void {
    this.stopped = true;
    this.signal.notify();
  }

  private async step(): Promise<void> {
    const unresolved = this.partitions.filter((partition) => partition.start !== undefined);
    if (unresolved.length > 0) {
      await resolveStarts(this.control, unresolved, Infinity);
      return;
    }
    const wanted = this.wanted();
    const { maxBytes, prefetchBytes } = this.settings;
    const room = this.buffer.bufferedBytes + maxBytes <= prefetchBytes;
    if (wanted.length === 0 || !room) await this.signal.wait();
    else await this.fetch(wanted);
  }

  private wanted(): Wanted[] {
    const readable = this.partitions.filter(({ paused }) => !paused);
    // The reply's bytes go to the first ones, so each fetch begins with another partition.
    this.first = readable.length === 0 ? 0 : (this.first + 1) % readable.length;
    return [...readable.slice(this.first), ...readable.slice(0, this.first)].map((partition) => ({
      partition,
      generation: partition.generation,
      offset: partition.fetchOffset,
    }));
  }

  private async fetch(wanted: readonly Wanted[]): Promise<void> {
    const { maxBytes, partitionMaxBytes, minBytes, maxWaitMs, connection } = this.settings;
    const partitions = wanted.map(
      ({ partition, offset }) => [partition.topic, partition.partition, offset] as const,
    );
    const request = {
      partitions,
      maxBytes,
      partitionMaxBytes,
      minBytes,
      maxWaitMs,
      format: 'batches' as const,
    };
    const startedMs = performance.now();
    this.inFlight = true;
    this.interrupted = false;
    try {
      const timeoutMs = maxWaitMs + connection.requestTimeoutMs;
      const reply = await this.polls.request('fetch', request, timeoutMs);
      this.inFlight = false;
      const changed = await this.accept(reply.fields.partitions, reply.tail, wanted);
      await this.rest(changed, performance.now() - startedMs);
    } catch (error) {
      this.inFlight = false;
      await this.recover(asWalrusError(error));
    }
  }

  /** A broker that answers early with nothing must not be asked in a tight loop. */
  private async rest(changed: boolean, elapsedMs: number): Promise<void> {
    this.pauses.reset();
    if (changed || elapsedMs > this.settings.maxWaitMs / 2) this.idleness.reset();
    else await this.polls.pause(this.idleness.next());
  }

  private async recover(error: WalrusError): Promise<void> {
    if (this.stopped || (this.interrupted && error.code === 'CONNECTION')) return;
    if (!error.retriable) throw error;
    // Reconnecting waits for its own backoff; a broker that answers is paused for here.
    if (!(error instanceof BrokerError)) return;
    const delayMs = this.pauses.next();
    this.polls.report(error, 'fetch', this.pauses.failureCount, delayMs);
    await this.polls.pause(delayMs);
  }

  /** Takes a reply into the buffer; whether it brought anything. */
  private async accept(
    entries: readonly FetchedPartition[],
    tail: readonly Buffer[],
    wanted: readonly Wanted[],
  ): Promise<boolean> {
    const bytes = tail.length === 1 && tail[0] !== undefined ? tail[0] : Buffer.concat(tail);
    const asked = new Map(wanted.map((entry) => [entry.partition.key, entry]));
    let position = 0;
    let changed = false;
    let retriable: WalrusError | undefined;
    for (const [topic, number, error, logStartOffset, readableEnd, byteLength] of entries) {
      const end = position + byteLength;
      if (!(byteLength >= 0 && end <= bytes.length)) throw invalidReply('lengths do not add up');
      const part = bytes.subarray(position, end);
      position = end;
      const entry = asked.get(`${topic}/${number}`);
      if (entry === undefined) throw invalidReply(`nobody asked for ${topic}/${number}`);
      const { partition } = entry;
      if (partition.generation !== entry.generation) continue;
      partition.readableEnd = readableEnd;
      partition.logStartOffset = logStartOffset;
      if (error !== null) {
        retriable = this.refused(entry, error.code, error.message) ?? retriable;
        continue;
      }
      if (part.length === 0) continue;
      partition.fetchOffset = endOffsetOf(part, entry);
      this.buffer.push(partition, part);
      changed = true;
    }
    if (changed) this.listener.onFetched();
    if (retriable !== undefined) await this.recover(retriable);
    return changed || retriable !== undefined;
  }

  /** Handles a partition's error; returns it if the same fetch may succeed later. */
  private refused(wanted: Wanted, code: string, message: string): WalrusError | undefined {
    const { partition, offset } = wanted;
    const policy = this.settings.offsetOutOfRange;
    if (code === 'OFFSET_OUT_OF_RANGE' && policy !== 'error') {
      partition.seek(policy);
      return undefined;
    }
    const retriable = isErrorCode(code) && ERROR_TABLE[code].retriable;
    const { key, logStartOffset, readableEnd } = partition;
    const text =
      `cannot read ${key} at offset ${offset}: ${message} ` +
      `(it has ${logStartOffset} to ${readableEnd})`;
    const error = new BrokerError(code, text, { retriable });
    if (!retriable) throw error;
    return error;
  }
}

function endOffsetOf(part: Buffer, { partition, offset }: Wanted): number {
  let endOffset = offset;
  for (const { header } of batchHeaders(part)) endOffset = header.lastOffset + 1;
  // Without progress the same bytes would be fetched for ever.
  if (endOffset <= offset) throw invalidReply(`${partition.key} sent nothing from ${offset} on`);
  return endOffset;
}

function invalidReply(what: string): WalrusError {
  return new WalrusError('INVALID_REPLY', `the broker's reply to a fetch makes no sense: ${what}`);
}
