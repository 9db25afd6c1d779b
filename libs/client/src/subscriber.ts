// Keeps a consumer's buffer filled: one subscription to all its partitions, with credit.
import { batchHeaders } from '@walrusmq/record-batch';
import type { SubscriptionEvent, TopicPartitionOffset } from '@walrusmq/protocol';
import { resolveStarts } from './assignment';
import { Backoff } from './backoff';
import { asWalrusError, type BrokerClient } from './broker-client';
import type { Connection } from './connection';
import { topicIdsOf, type ConsumedPartition } from './consumed-partition';
import type { ConsumerSettings } from './consumer-options';
import { BrokerError, WalrusError } from './errors';
import { isGone } from './group/group-errors';
import type { PartitionSet } from './partition-set';
import type { PrefetchBuffer } from './prefetch-buffer';
import { Signal } from './signal';

/** What the subscriber tells its consumer. */
export interface SubscriberListener {
  /** Awaited before each subscription. */
  readonly beforeSubscribe: () => Promise<void> | undefined;
  /** Records were added to the buffer. */
  readonly onFetched: () => void;
  /** A partition is gone, which passes: a group takes it from its members. */
  readonly onGone: () => void;
  /** It has ended by an error that no retry helps against. */
  readonly onFailed: (error: WalrusError) => void;
}

interface Subscription {
  readonly connection: Connection;
  readonly id: number;
}

/**
 * Has the broker send records ahead of the program, within a bound.
 *
 * Place: the consumer tells it when there is room in the buffer or a partition was moved; it uses
 * one lane for the subscription and the other for everything else.
 *
 * Life: `run` goes on, over lost connections and broker restarts, until `stop` or a failure. After
 * a reconnect it subscribes from behind what is in the buffer.
 *
 * Invariants:
 *  (1) Credit that the broker holds and what is buffered are together at most `prefetchBytes`, or
 *      the size of a batch that is larger and alone.
 *  (2) An event of a partition that was moved or paused since is dropped, and what goes into the
 *      buffer never leaves a gap behind what is there.
 */
export class Subscriber {
  private readonly signal = new Signal();
  private readonly pauses: Backoff;
  /** What the broker was told to send, by name. */
  private readonly told = new Map<string, ConsumedPartition>();
  /** Names of all that this subscription had: events of those that went may still come. */
  private readonly asked = new Set<string>();
  private subscription: Subscription | undefined;
  /** Whether a partition may differ from what the broker was told. */
  private isChanged = true;
  /** What the broker may still send. */
  private creditBytes = 0;
  /** Of a batch that waits for it; 0 when none does. */
  private creditNeeded = 0;
  private failure: WalrusError | undefined;
  private refusal: WalrusError | undefined;
  private hasHeard = false;
  private isPingDue = false;
  private stopped = false;

  constructor(
    private readonly settings: ConsumerSettings,
    private readonly partitions: PartitionSet,
    private readonly buffer: PrefetchBuffer,
    private readonly pushes: BrokerClient,
    private readonly control: BrokerClient,
    private readonly listener: SubscriberListener,
  ) {
    this.pauses = new Backoff(settings.connection.backoff);
  }

  /** Subscribes until `stop` or a failure; never rejects. */
  async run(): Promise<void> {
    // A broker whose machine is gone says nothing, as one that has no records does.
    const pings = setInterval(() => this.look(), this.settings.connection.requestTimeoutMs);
    pings.unref();
    try {
      while (!this.stopped) await this.step();
    } catch (error) {
      // Stopping closes the lanes, which ends a request by an error.
      if (!this.stopped) this.listener.onFailed(asWalrusError(error));
    } finally {
      clearInterval(pings);
    }
  }

  /** There may be room in the buffer. */
  wake(): void {
    if (this.creditDue() > 0) this.signal.notify();
  }

  /** A partition was added, removed, moved, paused or resumed. */
  changed(): void {
    this.isChanged = true;
    this.signal.notify();
  }

  /** Ends it. The lanes are to be closed by the caller, which ends a request under way. */
  stop(): void {
    this.stopped = true;
    this.signal.notify();
  }

  private async step(): Promise<void> {
    try {
      if (this.failure !== undefined) throw this.failure;
      if (this.refusal !== undefined) await this.pauseFor();
      else if (this.subscription?.connection.closed !== false) await this.subscribe();
      else if (this.isChanged) await this.tellChanges(this.subscription);
      else if (this.creditDue() > 0) await this.grant(this.subscription);
      else if (this.isPingDue) await this.ping(this.subscription);
      else await this.signal.wait();
    } catch (error) {
      await this.recover(asWalrusError(error));
    }
  }

  private async resolve(): Promise<void> {
    const unresolved = this.partitions.filter((partition) => partition.start !== undefined);
    if (unresolved.length > 0) await resolveStarts(this.control, unresolved, Infinity);
  }

  private async subscribe(): Promise<void> {
    this.subscription = undefined;
    await this.listener.beforeSubscribe();
    await this.resolve();
    const connection = await this.pushes.connection();
    connection.onClose(() => this.signal.notify());
    this.isChanged = false;
    this.creditNeeded = 0;
    this.creditBytes = Math.max(0, this.settings.prefetchBytes - this.buffer.bufferedBytes);
    for (const partition of this.partitions) partition.told = undefined;
    this.told.clear();
    this.asked.clear();
    const added = this.toAdd();
    const id = await connection.subscribe(
      {
        partitions: placesOf(added),
        topicIds: topicIdsOf(added),
        creditBytes: this.creditBytes,
      },
      (event, tail) => this.accept(event, tail),
    );
    this.pushes.answered();
    this.pauses.reset();
    this.subscription = { connection, id };
  }

  private async tellChanges({ connection, id }: Subscription): Promise<void> {
    this.isChanged = false;
    await this.resolve();
    const remove = this.toRemove();
    const add = this.toAdd();
    if (remove.length + add.length === 0) return;
    await connection.request('changeSubscription', {
      subscription: id,
      add: placesOf(add),
      topicIds: topicIdsOf(add),
      remove,
    });
    this.pauses.reset();
  }

  /** The partitions that the broker is to send no longer; they count as told. */
  private toRemove(): (readonly [topic: string, partition: number])[] {
    const removed = [...this.told.values()].filter(
      (each) => !each.isRead || !this.partitions.has(each),
    );
    for (const partition of removed) {
      partition.told = undefined;
      this.told.delete(partition.key);
    }
    return removed.map(({ topic, partition }) => [topic, partition]);
  }

  /** The partitions that the broker is to read from elsewhere; they count as told. */
  private toAdd(): readonly ConsumedPartition[] {
    const added = this.partitions.filter(
      (each) => each.isRead && each.start === undefined && each.told !== each.generation,
    );
    for (const partition of added) {
      partition.told = partition.generation;
      this.told.set(partition.key, partition);
      this.asked.add(partition.key);
    }
    return added;
  }

  private creditDue(): number {
    const window = Math.max(this.settings.prefetchBytes, this.creditNeeded);
    const free = window - this.buffer.bufferedBytes - this.creditBytes;
    // Small grants would cost a request for every few records.
    const least = this.creditNeeded > 0 ? this.creditNeeded - this.creditBytes : window / 2;
    return free > 0 && free >= least ? free : 0;
  }

  private async grant({ connection, id }: Subscription): Promise<void> {
    const bytes = this.creditDue();
    this.creditBytes += bytes;
    this.creditNeeded = 0;
    await connection.request('credit', { subscription: id, bytes });
  }

  private look(): void {
    this.isPingDue = !this.hasHeard;
    this.hasHeard = false;
    if (this.isPingDue) this.signal.notify();
  }

  private async ping({ connection }: Subscription): Promise<void> {
    this.isPingDue = false;
    await connection.request('metadata', { topics: [] });
  }

  private async pauseFor(): Promise<void> {
    const error = this.refusal;
    this.refusal = undefined;
    this.isChanged = true;
    if (error !== undefined) await this.rest(error);
  }

  private async recover(error: WalrusError): Promise<void> {
    if (this.stopped) return;
    if (!error.retriable && !this.passes(error)) throw error;
    // Reconnecting waits for its own backoff; a broker that answers is paused for here.
    if (!(error instanceof BrokerError)) return;
    // What it was told and refused, it is told again from the start.
    this.pushes.interrupt();
    await this.rest(error);
  }

  private async rest(error: WalrusError): Promise<void> {
    const delayMs = this.pauses.next();
    this.pushes.report(error, 'fetch', this.pauses.failureCount, delayMs);
    await this.pushes.pause(delayMs);
  }

  private accept(event: SubscriptionEvent, tail: readonly Buffer[]): void {
    if (this.stopped) return;
    try {
      this.take(event, tail);
    } catch (error) {
      this.failure ??= asWalrusError(error);
      this.signal.notify();
    }
  }

  private take(event: SubscriptionEvent, tail: readonly Buffer[]): void {
    const { topic, partition: number, offset, bytes } = event;
    const key = `${topic}/${number}`;
    if (!this.asked.has(key)) throw invalidEvent(`nobody asked for ${key}`);
    const partition = this.partitions.get(key);
    this.hasHeard = true;
    this.creditBytes -= bytes;
    if (event.creditNeeded !== undefined) this.creditNeeded = event.creditNeeded;
    if (partition !== undefined && isAwaited(partition, offset)) {
      partition.readableEnd = event.readableEnd;
      partition.logStartOffset = event.logStartOffset;
      if (event.error !== undefined) this.refused(partition, event, event.error);
      else if (bytes > 0) this.fill(partition, event, tail);
    }
    this.wake();
  }

  private fill(
    partition: ConsumedPartition,
    event: SubscriptionEvent,
    tail: readonly Buffer[],
  ): void {
    const batches = tail.length === 1 && tail[0] !== undefined ? tail[0] : Buffer.concat(tail);
    if (batches.length !== event.bytes) throw invalidEvent(`${partition.key}: lengths differ`);
    let endOffset = event.offset;
    for (const { header } of batchHeaders(batches)) endOffset = header.lastOffset + 1;
    if (endOffset <= event.offset) throw invalidEvent(`${partition.key}: nothing from there on`);
    // Sent before a seek, and all of it below where that went.
    if (endOffset <= partition.fetchOffset) return;
    partition.fetchOffset = endOffset;
    this.buffer.push(partition, batches);
    this.listener.onFetched();
  }

  /** Whether an error that no retry helps against will be over, as a group sees to it. */
  private passes(error: WalrusError): boolean {
    if (this.settings.group === undefined || !isGone(error)) return false;
    this.listener.onGone();
    return true;
  }

  /** Handles the error that a partition's events end with. */
  private refused(
    partition: ConsumedPartition,
    { offset, logStartOffset, readableEnd }: SubscriptionEvent,
    { code, message, retriable }: NonNullable<SubscriptionEvent['error']>,
  ): void {
    // Sent before a seek, for the place before it.
    if (offset !== partition.fetchOffset) return;
    partition.told = undefined;
    this.told.delete(partition.key);
    const policy = this.settings.offsetOutOfRange;
    if (code === 'OFFSET_OUT_OF_RANGE' && policy !== 'error') {
      partition.seek(policy);
      this.changed();
      return;
    }
    const text =
      `cannot read ${partition.key} at offset ${offset}: ${message} ` +
      `(it has ${logStartOffset} to ${readableEnd})`;
    const error = new BrokerError(code, text, { retriable });
    if (!retriable && !this.passes(error)) throw error;
    this.refusal = error;
    this.signal.notify();
  }
}

function placesOf(partitions: readonly ConsumedPartition[]): readonly TopicPartitionOffset[] {
  return partitions.map(({ topic, partition, fetchOffset }) => [topic, partition, fetchOffset]);
}

/** False for what was sent for a place that the partition has left since. */
function isAwaited({ told, generation, fetchOffset }: ConsumedPartition, offset: number): boolean {
  return told === generation && offset <= fetchOffset;
}

function invalidEvent(what: string): WalrusError {
  return new WalrusError('INVALID_REPLY', `an event of the broker makes no sense: ${what}`);
}
