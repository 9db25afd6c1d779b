import { decodeBatches, RecordBatchError } from '@walrusmq/record-batch';
import { ERROR_TABLE, isErrorCode } from '@walrusmq/protocol';
import type { ReadRequest, ReadResponse } from '@walrusmq/protocol';
import type { TopicPartitionOffset } from './admin-topics';
import { Backoff } from './backoff';
import { BrokerClient, mayRepeat } from './broker-client';
import type { Connection } from './connection';
import { ConsumerRecord } from './consumer-record';
import { BrokerError, ClosedError, ConnectionError, InvalidOptionError } from './errors';
import { checkNames } from './option-names';
import {
  READ_NAMES,
  readerSettings,
  readLimits,
  type ReadFailure,
  type ReadLimits,
  type ReadOptions,
  type ReaderOptions,
  type ReaderSettings,
  type ReadResult,
} from './reader-options';

/** How long one request waits, so that `close` waits no longer; longer waits are several. */
const WAIT_MS_MAX = 1_000;

/**
 * Reads a topic as a named reader, whose position the broker keeps: each read gets what comes next,
 * and nobody gets it again. For one program that takes records in turns or in small portions; a
 * `Consumer` is faster for streams and knows groups.
 *
 * Life: connects and attaches on first use, and again after a loss. Ends by `close`, or when
 * another connection takes the reader over: every call then throws `READER_TAKEN_OVER`.
 *
 * Delivery: with `checkpoint` (default) at most once: the reader has moved before records arrive,
 * so what a lost answer held is not read again (`ConnectionError` says so). Without it at least
 * once.
 *
 * Order: records of one partition in the order of their offsets; partitions take turns.
 */
export class Reader<K = Buffer, V = unknown> {
  private readonly settings: ReaderSettings;
  private readonly client: BrokerClient;
  private attachedTo: Connection | undefined;
  private attaching: Promise<void> | undefined;
  private failure: BrokerError | undefined;
  private closing: Promise<void> | undefined;
  private reading: Promise<unknown> = Promise.resolve();
  /** Read for a loop and not handed over. */
  private buffered: readonly ConsumerRecord<K, V>[] = [];
  /** What failed while those were read. */
  private failures: readonly ReadFailure[] = [];
  /** What a loop without checkpoints has finished and not saved, by partition. */
  private readonly finished = new Map<number, number>();
  /** What a loop works on, unless a commit by hand has moved the reader past it. */
  private held: ConsumerRecord<K, V> | undefined;
  private inUse = false;

  /** @throws {InvalidOptionError} An option that can never work. Nothing was started. */
  constructor(options: ReaderOptions<K, V>) {
    this.settings = readerSettings(options);
    this.client = new BrokerClient(this.settings.connection, 'the reader');
  }

  /**
   * The next records; none when there are none within `maxWaitMs`. What a loop left by `break` had
   * read and not handed over comes first, by itself. One read at a time: a second call waits for
   * the first.
   *
   * @throws {BrokerError} `READER_ATTACHED`, naming who has the reader; `READER_TAKEN_OVER`;
   *   `UNKNOWN_TOPIC`, `UNKNOWN_PARTITION`; `NO_SPACE` or `FENCED`: the reader could not be moved,
   *   so nothing was read. The reader has not moved.
   * @throws {ConnectionError} With `checkpoint` and `mayHaveReached`: the reader may have moved
   * past
   *   records that nobody got. The next call connects again.
   */
  async read(options: ReadOptions = {}): Promise<ReadResult<K, V>> {
    if (this.inUse) throw new InvalidOptionError('the reader is being read by a loop');
    checkNames('read', options, READ_NAMES);
    const limits = readLimits(options, this.settings);
    return this.oneAtATime(async () => {
      if (this.buffered.length > 0) return this.takeBuffered(limits.maxRecords);
      // This read tries again what failed when those were read.
      this.failures = [];
      return this.readWithin(limits);
    });
  }

  /**
   * The records, one after another; ends without an error when the reader is closed. Waits out a
   * broker that is away, unless that may have cost records: then the loop throws and the next one
   * goes on. What a loop left by `break` had read and not handed over comes first in the next one.
   *
   * With `checkpoint: false` a record is finished when the loop asks for the next one, and what is
   * finished is saved after each read and when the loop ends.
   *
   * @throws {WalrusError} As `read`.
   * @throws {InvalidOptionError} Another loop is under way.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<ConsumerRecord<K, V>, void, void> {
    if (this.inUse) throw new InvalidOptionError('the reader is being read by another loop');
    this.inUse = true;
    try {
      while (this.closing === undefined) {
        const [record] = this.buffered;
        if (record === undefined) {
          this.throwFailure();
          if (!(await this.fill())) return;
          continue;
        }
        this.buffered = this.buffered.slice(1);
        this.held = record;
        yield record;
        if (!this.settings.checkpoint) this.finishHeld();
      }
    } finally {
      this.inUse = false;
      await this.leaveLoop();
    }
  }

  /**
   * Puts the reader behind a record, or at these offsets: what it reads next, whatever was read for
   * a loop and not handed over. A loop without checkpoints saves what it finishes all the same, and
   * so goes back only once it was left. Durable by the instance's schedule when this resolves.
   *
   * @throws {BrokerError} As `read`, and `OFFSET_OUT_OF_RANGE`.
   */
  async commit(what: ConsumerRecord<K, V> | readonly TopicPartitionOffset[]): Promise<void> {
    const offsets =
      what instanceof ConsumerRecord
        ? [[what.topic, what.partition, what.offset + 1] as const]
        : what.map(({ topic, partition, offset }) => [topic, partition, offset] as const);
    const connection = await this.connected();
    await this.noted(connection.request('readerCommit', { reader: this.settings.reader, offsets }));
    const ours = offsets.filter(([topic]) => topic === this.settings.topic);
    this.moved(new Map(ours.map(([, partition, offset]) => [partition, offset])));
  }

  /**
   * Ends the reader and lets it go, once a read under way has ended: one that waits does so within
   * a second, with what there is. With `checkpoint` and an attachment, records that a loop had read
   * and not handed over are given back: they are what is read next.
   *
   * @throws {WalrusError} They, or where the reader stands, could not be saved. It is closed all
   *   the same.
   */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private finishHeld(): void {
    const { held } = this;
    if (held !== undefined) this.finished.set(held.partition, held.offset + 1);
  }

  private takeBuffered(maxRecords: number): ReadResult<K, V> {
    const { buffered, failures } = this;
    this.buffered = buffered.slice(maxRecords);
    this.failures = [];
    return { records: buffered.slice(0, maxRecords), failures };
  }

  /** Partitions were moved to these offsets, from where they are read again. */
  private moved(places: ReadonlyMap<number, number>): void {
    const { checkpoint } = this.settings;
    // A loop without checkpoints saves what it has finished, which moves back to where it is.
    const isCovered = (partition: number, end: number): boolean => {
      const place = places.get(partition);
      return place !== undefined && end <= place;
    };
    this.buffered = this.buffered.filter(({ partition, offset }) =>
      checkpoint ? !places.has(partition) : !isCovered(partition, offset + 1),
    );
    for (const [partition, end] of this.finished) {
      if (isCovered(partition, end)) this.finished.delete(partition);
    }
    const { held } = this;
    if (held !== undefined && isCovered(held.partition, held.offset + 1)) this.held = undefined;
  }

  /**
   * Saves what a loop has finished and reads until there is something; false when the reader was
   * closed.
   */
  private async fill(): Promise<boolean> {
    const pauses = new Backoff(this.settings.connection.backoff);
    const { maxWaitMs = WAIT_MS_MAX } = this.settings;
    while (this.closing === undefined) {
      try {
        await this.commitFinished();
        const got = await this.oneAtATime(() => this.readOnce(maxWaitMs, this.settings));
        this.buffered = got.records;
        this.failures = got.failures;
        if (got.records.length === 0) this.throwFailure();
        if (got.records.length > 0) return true;
      } catch (error) {
        if (this.isClosing(error)) return false;
        if (!mayRepeat(error, !this.settings.checkpoint)) throw error;
        // A lost connection waits in `connection`; only a broker that answers is paused for here.
        if (error instanceof ConnectionError) continue;
        const delayMs = pauses.next();
        this.client.report(error, 'read', pauses.failureCount, delayMs);
        await this.client.pause(delayMs);
      }
    }
    return false;
  }

  /** Throws what failed in the last read, unless the next one may do better. */
  private throwFailure(): void {
    const { topic } = this.settings;
    const failed = this.failures.find(
      ({ code }) => !(isErrorCode(code) && ERROR_TABLE[code].retriable),
    );
    this.failures = [];
    if (failed === undefined) return;
    throw new BrokerError(failed.code, `${topic}/${failed.partition}: ${failed.message}`);
  }

  private isClosing(error: unknown): boolean {
    return error instanceof ClosedError && this.closing !== undefined;
  }

  /** Reads until there is something, the time is over or the reader is to be closed. */
  private async readWithin(limits: ReadLimits): Promise<ReadResult<K, V>> {
    const endMs = performance.now() + (limits.maxWaitMs ?? 0);
    for (;;) {
      const leftMs = Math.max(0, Math.ceil(endMs - performance.now()));
      const got = await this.readOnce(leftMs, limits);
      const isEmpty = got.records.length === 0 && got.failures.length === 0;
      if (!isEmpty || leftMs <= WAIT_MS_MAX || this.closing !== undefined) return got;
    }
  }

  private async readOnce(
    waitMs: number,
    { maxBytes, maxRecords }: ReadLimits,
  ): Promise<ReadResult<K, V>> {
    const { reader, topic, partition, checkpoint } = this.settings;
    const connection = await this.connected();
    const maxWaitMs = Math.min(waitMs, WAIT_MS_MAX);
    const request: ReadRequest = {
      reader,
      topic,
      partition,
      maxBytes,
      maxRecords,
      checkpoint,
      maxWaitMs,
    };
    const timeoutMs = this.settings.connection.requestTimeoutMs + maxWaitMs;
    const reply = await this.noted(connection.request('read', request, undefined, timeoutMs));
    return this.decode(reply.fields, Buffer.concat(reply.tail));
  }

  private decode({ partitions }: ReadResponse, bytes: Buffer): ReadResult<K, V> {
    const { topic, decoding, decompressedBytesMax } = this.settings;
    const records: ConsumerRecord<K, V>[] = [];
    const failures: ReadFailure[] = [];
    let at = 0;
    for (const [partition, error, offset, nextOffset, , byteLength] of partitions) {
      if (error !== null) failures.push({ partition, ...error });
      const batches = bytes.subarray(at, at + byteLength);
      at += byteLength;
      try {
        for (const stored of decodeBatches(batches, { decompressedBytesMax })) {
          if (stored.offset < offset || stored.offset >= nextOffset) continue;
          records.push(new ConsumerRecord<K, V>(topic, partition, stored, decoding));
        }
      } catch (thrown) {
        if (!(thrown instanceof RecordBatchError)) throw thrown;
        failures.push({ partition, code: 'CORRUPT_BATCH', message: thrown.message });
      }
    }
    return { records, failures };
  }

  /** The connection, on which the reader is attached. */
  private async connected(): Promise<Connection> {
    if (this.failure !== undefined) throw this.failure;
    if (this.client.closed) throw new ClosedError('the reader');
    const connection = await this.client.connection();
    if (this.attachedTo === connection || this.settings.attach === 'none') return connection;
    this.attaching ??= this.attach(connection).finally(() => (this.attaching = undefined));
    await this.attaching;
    return connection;
  }

  private async attach(connection: Connection): Promise<void> {
    const { reader, topic, attach } = this.settings;
    const request = { reader, topics: [topic], takeOver: attach === 'take-over' };
    await connection.request('readerAttach', request);
    this.attachedTo = connection;
  }

  /** Remembers what ends the reader for good, and that the broker answers. */
  private async noted<Reply>(request: Promise<Reply>): Promise<Reply> {
    try {
      const reply = await request;
      this.client.answered();
      return reply;
    } catch (error) {
      if (error instanceof BrokerError && error.code === 'READER_TAKEN_OVER') this.failure = error;
      throw error;
    }
  }

  private async commitFinished(): Promise<void> {
    if (this.finished.size === 0) return;
    const { topic } = this.settings;
    const offsets = [...this.finished].map(([partition, offset]) => ({ topic, partition, offset }));
    await this.commit(offsets);
  }

  /** Without checkpoints what was not handed over is simply read again. */
  private async leaveLoop(): Promise<void> {
    if (this.settings.checkpoint) return;
    this.buffered = [];
    if (this.failure === undefined && !this.client.closed) await this.commitFinished();
  }

  /** Saves where the reader is to go on, and lets it go. */
  private async letGo(): Promise<void> {
    const { checkpoint, attach, reader } = this.settings;
    const connection = this.client.open;
    if (this.failure !== undefined || connection === undefined) return;
    const isHeld = connection === this.attachedTo;
    if (!checkpoint) await this.commitFinished();
    // Where others read too, they may have got further meanwhile.
    else if (isHeld && attach !== 'none') await this.giveBack();
    if (isHeld) await connection.request('readerDetach', { reader });
  }

  private async giveBack(): Promise<void> {
    const first = new Map<number, ConsumerRecord<K, V>>();
    for (const record of this.buffered) {
      if (!first.has(record.partition)) first.set(record.partition, record);
    }
    this.buffered = [];
    if (first.size > 0) await this.commit([...first.values()]);
  }

  private async shutDown(): Promise<void> {
    try {
      await this.reading;
      await this.letGo();
    } finally {
      this.client.close();
    }
  }

  private oneAtATime<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.closing !== undefined) return Promise.reject(new ClosedError('the reader'));
    const result = this.reading.then(work);
    // Whoever asked for it is told of its error; the next one only waits for its end.
    this.reading = result.catch(() => undefined);
    return result;
  }
}
