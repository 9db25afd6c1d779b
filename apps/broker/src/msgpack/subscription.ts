import {
  CREDIT_BYTES_MAX,
  EVENT_KIND,
  ProtocolError,
  encodeFrame,
  type FetchFormat,
  type SubscriptionEvent,
  type TopicIds,
  type TopicPartition,
  type TopicPartitionOffset,
} from '@walrusmq/protocol';
import type { Counters } from '../observability/counters';
import { cutBatches } from '../partition/batch-cut';
import type { Partition } from '../partition/partition';
import type { SharedReads } from '../partition/shared-reads';
import type { Topics } from '../topic/topics';
import { decodeRecords } from './record-batches';

/** What all subscriptions of a broker share. */
export interface SubscriptionContext {
  readonly topics: Topics;
  readonly reads: SharedReads;
  readonly counters: Counters;
  /** What the records of one event may unpack to. */
  readonly recordBytesMax: number;
}

/** A partition of a subscription and where it has got to. */
interface Place {
  readonly topic: string;
  readonly index: number;
  readonly key: string;
  readonly partition: Partition;
  readonly unwatch: () => void;
  offset: number;
  isPaused: boolean;
}

/** A read that had to wait for the disk, until its event is taken. */
interface Load {
  readonly place: Place;
  readonly offset: number;
  result: { readonly bytes: Buffer } | { readonly error: unknown } | undefined;
}

/**
 * What one client asked to be sent as it becomes readable.
 *
 * Place: the handlers change it; the connection takes its events, one at a time, when it has room.
 * Life: until `close`, which ends the watching.
 * Order: the records of a partition in their order; partitions take turns.
 *
 * Invariants:
 *  1. `credit` never falls below zero: no batch is sent that does not fit in it.
 *  2. A place is in `ready` unless it has reached the readable end, is paused or is being read.
 *  3. At most one read waits for the disk or for being taken, so at most one event is held.
 *  4. While a batch waits for credit, no other takes it.
 */
export class Subscription {
  private readonly places = new Map<string, Place>();
  private readonly ready = new Set<Place>();
  private readonly notices: SubscriptionEvent[] = [];
  private load: Load | undefined;
  private thirsty: { readonly place: Place; readonly bytes: number } | undefined;

  /**
   * @param id The correlation id of the request that asked for it.
   * @param wake Called when there may be another event to take.
   */
  constructor(
    private readonly id: number,
    private readonly format: FetchFormat,
    private credit: number,
    private readonly context: SubscriptionContext,
    private readonly wake: () => void,
  ) {}

  /** Partitions that it has, and those whose end was not told yet. */
  get partitionCount(): number {
    return this.places.size + this.notices.length;
  }

  /** Whether it has this partition. */
  has([topic, index]: readonly [topic: string, index: number, offset: number]): boolean {
    return this.places.has(keyOf(topic, index));
  }

  /** Bytes of a read that wait for being taken. */
  get loadedBytes(): number {
    const result = this.load?.result;
    return result !== undefined && 'bytes' in result ? result.bytes.length : 0;
  }

  /** Reads partitions from these offsets on, whether it had them or not. */
  add(targets: readonly TopicPartitionOffset[], topicIds: TopicIds): void {
    for (const [topic, index, offset] of targets) {
      this.drop(keyOf(topic, index));
      try {
        const partition = this.context.topics.partition(topic, index, topicIds.get(topic));
        const key = keyOf(topic, index);
        const unwatch = partition.watch(() => this.moved(key));
        const place = { topic, index, key, partition, unwatch, offset, isPaused: false };
        this.places.set(key, place);
        this.ready.add(place);
      } catch (error) {
        this.notices.push(failure(topic, index, offset, undefined, error));
      }
    }
    this.wake();
  }

  /** Forgets partitions; those that it does not have are passed over. */
  remove(targets: readonly TopicPartition[]): void {
    for (const [topic, index] of targets) this.drop(keyOf(topic, index));
    this.wake();
  }

  /** Sends nothing more of these partitions until `resume` or `add`. */
  pause(targets: readonly TopicPartition[]): void {
    for (const place of this.known(targets)) {
      place.isPaused = true;
      this.forget(place);
    }
    this.wake();
  }

  /** Goes on behind what was sent last of these partitions. */
  resume(targets: readonly TopicPartition[]): void {
    for (const place of this.known(targets)) {
      if (!place.isPaused) continue;
      place.isPaused = false;
      this.ready.add(place);
    }
    this.wake();
  }

  /**
   * Adds to the credit.
   * @throws {ProtocolError} INVALID_REQUEST: the credit would be over its limit; it stays.
   */
  grant(bytes: number): void {
    if (this.credit + bytes > CREDIT_BYTES_MAX) {
      throw new ProtocolError(
        'INVALID_REQUEST',
        `The credit would be ${this.credit + bytes}; it may be ${CREDIT_BYTES_MAX} at most.`,
      );
    }
    this.credit += bytes;
    this.wake();
  }

  /** Ends the watching; there are no more events. */
  close(): void {
    for (const { unwatch } of this.places.values()) unwatch();
    this.places.clear();
    this.ready.clear();
    this.notices.length = 0;
    this.load = undefined;
    this.thirsty = undefined;
  }

  /**
   * The next event's frame; undefined when nothing is readable, the credit is used up, or the disk
   * is waited for.
   */
  nextEvent(): readonly Buffer[] | undefined {
    const notice = this.notices.shift();
    if (notice !== undefined) return this.encode(notice);
    if (this.load !== undefined) {
      const frame = this.takeLoad(this.load);
      if (frame !== undefined || this.isLoading) return frame;
    }
    if (this.credit < (this.thirsty?.bytes ?? 1)) return undefined;
    const first = this.thirsty?.place;
    this.thirsty = undefined;
    const places = first === undefined ? this.ready : [first, ...this.ready];
    for (const place of places) {
      const frame = this.eventOf(place);
      // A read that waits for the disk holds up the others for that long: one is held at a time.
      if (frame !== undefined || this.isLoading) return frame;
    }
    return undefined;
  }

  private get isLoading(): boolean {
    return this.load !== undefined;
  }

  private known(targets: readonly TopicPartition[]): Place[] {
    return targets
      .map(([topic, index]) => this.places.get(keyOf(topic, index)))
      .filter((place): place is Place => place !== undefined);
  }

  private moved(key: string): void {
    const place = this.places.get(key);
    if (place === undefined || place.isPaused || this.load?.place === place) return;
    this.ready.add(place);
    this.wake();
  }

  private drop(key: string): void {
    const place = this.places.get(key);
    if (place === undefined) return;
    place.unwatch();
    this.places.delete(key);
    this.forget(place);
  }

  private forget(place: Place): void {
    this.ready.delete(place);
    if (this.load?.place === place) this.load = undefined;
    if (this.thirsty?.place === place) this.thirsty = undefined;
  }

  private eventOf(place: Place): readonly Buffer[] | undefined {
    const { partition, offset } = place;
    this.ready.delete(place);
    try {
      if (!partition.isClosed && offset === partition.readableEnd) return undefined;
      const read = this.context.reads.read(partition, offset);
      if (Buffer.isBuffer(read)) return this.send(place, read);
      this.startLoad(place, read);
      return undefined;
    } catch (error) {
      return this.fail(place, error);
    }
  }

  private startLoad(place: Place, read: Promise<Buffer>): void {
    const load: Load = { place, offset: place.offset, result: undefined };
    this.load = load;
    const done = (result: Load['result']): void => {
      if (this.load !== load) return;
      load.result = result;
      this.wake();
    };
    read.then(
      (bytes) => done({ bytes }),
      (error: unknown) => done({ error }),
    );
  }

  private takeLoad({ place, result }: Load): readonly Buffer[] | undefined {
    if (result === undefined) return undefined;
    this.load = undefined;
    if ('error' in result) return this.fail(place, result.error);
    // What became readable during the read was not noted.
    if (result.bytes.length === 0 && place.offset < place.partition.readableEnd) {
      this.ready.add(place);
    }
    try {
      return this.send(place, result.bytes);
    } catch (error) {
      return this.fail(place, error);
    }
  }

  private send(place: Place, bytes: Buffer): readonly Buffer[] | undefined {
    if (bytes.length === 0) return undefined;
    const { sizeBytes, endOffset, firstBytes } = cutBatches(bytes, this.credit);
    if (sizeBytes === 0) {
      this.ready.add(place);
      this.thirsty = { place, bytes: firstBytes };
      return this.encode({ ...headOf(place, 0), creditNeeded: firstBytes });
    }
    const frame = this.encodeBatches(place, bytes.subarray(0, sizeBytes), endOffset);
    this.credit -= sizeBytes;
    if (place.offset !== place.partition.readableEnd) this.ready.add(place);
    const { counters } = this.context;
    counters.pushedEvents += 1;
    counters.pushedBytes += sizeBytes;
    return frame;
  }

  /** The frame of these batches; the place has moved behind what is in it. */
  private encodeBatches(place: Place, batches: Buffer, endOffset: number): readonly Buffer[] {
    const head = headOf(place, batches.length);
    if (this.format === 'batches') {
      place.offset = endOffset;
      return this.encode(head, [batches]);
    }
    const { recordBytesMax } = this.context;
    const limits = { bytesMax: recordBytesMax, batchBytesMax: recordBytesMax };
    const { records } = decodeRecords(batches, place.offset, limits);
    // Decoding may stop before the end, but not before the first record there is.
    const last = records.at(-1);
    place.offset = last === undefined ? endOffset : last[0] + 1;
    return this.encode({ ...head, records });
  }

  private fail(place: Place, error: unknown): readonly Buffer[] {
    const { topic, index, offset, partition } = place;
    this.drop(place.key);
    return this.encode(failure(topic, index, offset, partition, error));
  }

  private encode(event: SubscriptionEvent, tail?: readonly Buffer[]): readonly Buffer[] {
    return encodeFrame(EVENT_KIND, this.id, event, tail);
  }
}

function keyOf(topic: string, index: number): string {
  return `${topic}/${index}`;
}

function headOf({ topic, index, offset, partition }: Place, bytes: number): SubscriptionEvent {
  const { logStartOffset, readableEnd } = partition;
  return { topic, partition: index, offset, logStartOffset, readableEnd, bytes };
}

/** The event that a partition ends with. Throws what is no ProtocolError, for that is a bug. */
function failure(
  topic: string,
  index: number,
  offset: number,
  partition: Partition | undefined,
  error: unknown,
): SubscriptionEvent {
  if (!(error instanceof ProtocolError)) throw error;
  const isOpen = partition !== undefined && !partition.isClosed;
  const { logStartOffset, readableEnd } = isOpen ? partition : NOWHERE;
  const said = error.toFields();
  return { topic, partition: index, offset, error: said, logStartOffset, readableEnd, bytes: 0 };
}

const NOWHERE = { logStartOffset: -1, readableEnd: -1 };
