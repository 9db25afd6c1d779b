// Moves batches from the accumulator to the broker and their outcomes back.
import type { Accumulator } from './accumulator';
import type { BrokerClient } from './broker-client';
import { asWalrusError } from './broker-client';
import type { Connection } from './connection';
import { BrokerError, WalrusError } from './errors';
import type { PartitionQueue } from './partition-queue';
import type { DeliveryFailure, ProducerBatch } from './producer-batch';
import type { ProducerIdentities } from './producer-identity';
import type { ProducerSettings } from './producer-options';

/** The least time between two looks at the delivery timeouts. */
const EXPIRY_PERIOD_MS = 20;

/** What a sender works with. */
export interface SenderParts {
  readonly client: BrokerClient;
  readonly accumulator: Accumulator;
  /** Undefined: the producer is not idempotent. */
  readonly identities: ProducerIdentities | undefined;
  /** Called when the broker does not know a topic or partition. */
  readonly onUnknown: (topic: string) => void;
}

/**
 * Sends what is ready, retries what may succeed later, and fails what may not or is too late.
 *
 * Place: the producer's accumulator tells it of partitions that have something to send.
 *
 * Life: works until `close`. While the broker is away batches stay where they are, in order, and
 * one attempt to connect is under way or waits for its backoff.
 *
 * Invariant: every batch gets exactly one outcome, at the latest at its deadline or at `failAll`.
 */
export class Sender {
  private planned: PartitionQueue[] = [];
  private connecting = false;
  private identifying = false;
  private deadlineTimer: NodeJS.Timeout | undefined;
  private hurries = 0;
  private lastError: WalrusError | undefined;

  private readonly client: BrokerClient;
  private readonly accumulator: Accumulator;
  private readonly identities: ProducerIdentities | undefined;

  constructor(
    private readonly settings: ProducerSettings,
    private readonly parts: SenderParts,
  ) {
    ({ client: this.client, accumulator: this.accumulator, identities: this.identities } = parts);
  }

  /** Looks at the partition at the end of this tick, when more records may have come. */
  plan(queue: PartitionQueue): void {
    this.watchDeadlines();
    if (queue.planned) return;
    queue.planned = true;
    this.planned.push(queue);
    if (this.planned.length === 1) process.nextTick(() => this.pumpPlanned());
  }

  /** Sends what the partition has ready. */
  pump(queue: PartitionQueue): void {
    clearTimeout(queue.timer);
    if (queue.idle || this.client.closed) return;
    const connection = this.client.open;
    if (connection === undefined) {
      void this.connect();
      return;
    }
    if (this.identities !== undefined && this.identities.current === undefined) {
      if (!this.identifying) void this.identify(this.identities.obtain());
      return;
    }
    const nowMs = performance.now();
    const hurry = this.hurries > 0 || this.accumulator.congested;
    for (;;) {
      const batch = queue.takeNext(nowMs, hurry);
      if (batch === undefined) break;
      void this.transmit(connection, queue, batch);
    }
    const waitMs = queue.waitMs(nowMs, hurry);
    if (waitMs > 0) {
      queue.timer = setTimeout(() => this.pump(queue), Math.ceil(waitMs));
    }
  }

  /** Sends what every partition has ready. */
  pumpAll(): void {
    for (const queue of this.accumulator.activeQueues()) this.pump(queue);
  }

  /** While `until` is pending no batch lingers. */
  async hurry(until: Promise<unknown>): Promise<void> {
    this.hurries += 1;
    try {
      this.pumpAll();
      await until;
    } finally {
      this.hurries -= 1;
    }
  }

  /** Makes sure that the deadlines of batches and waiting calls are looked at. */
  watchDeadlines(delayMs = this.settings.deliveryTimeoutMs): void {
    // Nothing that exists now ends later than one delivery timeout from now, and what comes later
    // ends later: one timer is enough.
    this.deadlineTimer ??= setTimeout(() => {
      this.deadlineTimer = undefined;
      this.expire();
    }, delayMs).unref();
  }

  /** Fails every batch and every waiting call. */
  failAll(failure: DeliveryFailure): void {
    for (const call of this.accumulator.takeExpiredCalls(Infinity)) call.fail(failure);
    for (const queue of [...this.accumulator.activeQueues()]) {
      queue.close();
      for (const batch of [...queue.unsettled()]) this.drop(queue, batch, failure);
      clearTimeout(queue.timer);
    }
  }

  /** Stops the timer of the deadlines. REQUIRES: `failAll`, so that no batch has one either. */
  close(): void {
    clearTimeout(this.deadlineTimer);
  }

  private pumpPlanned(): void {
    const planned = this.planned;
    this.planned = [];
    for (const queue of planned) {
      queue.planned = false;
      this.pump(queue);
    }
  }

  private async connect(): Promise<void> {
    if (this.connecting) return;
    this.connecting = true;
    try {
      while (this.client.open === undefined && this.hasWork()) await this.client.connection();
    } catch (error) {
      const reason = asWalrusError(error);
      // A broker that refuses the greeting will refuse it again.
      if (!reason.retriable && !this.client.closed)
        this.failAll(failureOf(reason, 'its records were'));
    } finally {
      this.connecting = false;
    }
    if (this.client.closed || !this.hasWork()) return;
    if (this.client.open === undefined) void this.connect();
    else this.pumpAll();
  }

  /** Goes on once there is an identity; what waits fails when the broker gives none. */
  private async identify(obtained: Promise<void>): Promise<void> {
    this.identifying = true;
    try {
      await obtained;
    } catch (error) {
      const reason = asWalrusError(error);
      if (!this.client.closed) this.failAll(failureOf(reason, 'its records were'));
    } finally {
      this.identifying = false;
    }
    if (!this.client.closed) this.pumpAll();
  }

  private hasWork(): boolean {
    return this.accumulator.activeQueues().next().done !== true;
  }

  private async transmit(
    connection: Connection,
    queue: PartitionQueue,
    batch: ProducerBatch,
  ): Promise<void> {
    try {
      const baseOffset = await this.exchange(connection, batch);
      this.client.answered();
      this.lastError = undefined;
      queue.succeeded(batch);
      batch.succeed(baseOffset);
      this.accumulator.release(batch);
    } catch (error) {
      this.failed(queue, batch, asWalrusError(error));
    }
    this.pump(queue);
  }

  /** Sends a batch and resolves with its base offset, -1 with `acks: 0`. */
  private async exchange(connection: Connection, batch: ProducerBatch): Promise<number> {
    const { topic, partition, bytes } = batch;
    const { frameBytesMax } = connection.greeting.limits;
    if (bytes === undefined) throw new WalrusError('INTERNAL', 'a batch without bytes was taken');
    // A frame over the limit would make the broker close the connection under all other requests.
    // What else a batch may have is the topic's affair, which the broker knows.
    const batchBytesMax = frameBytesMax - topic.length - 256;
    if (bytes.length > batchBytesMax) {
      const sizes = `${bytes.length} bytes exceeds the broker's limit of ${batchBytesMax}`;
      const message = `a batch of ${sizes}`;
      throw new BrokerError('RECORD_TOO_LARGE', message, { details: { batchBytesMax } });
    }
    const fields = { topic, partition, acks: this.settings.acks };
    if (this.settings.acks === 0) {
      await connection.notify('produce', fields, [bytes]);
      return -1;
    }
    const reply = await connection.request('produce', fields, [bytes]);
    if (!('baseOffset' in reply.fields) || !Number.isSafeInteger(reply.fields.baseOffset)) {
      throw new WalrusError('INVALID_REPLY', 'the broker did not say where the records are');
    }
    return reply.fields.baseOffset;
  }

  private failed(queue: PartitionQueue, batch: ProducerBatch, error: WalrusError): void {
    this.lastError = error;
    if (batch.state === 'settled') return;
    batch.uncertain ||= !(error instanceof BrokerError);
    if (error.code === 'RECORD_TOO_LARGE' && batch.recordCount > 1) {
      this.client.report(error, 'produce', batch.attempts, 0);
      queue.split(batch, sizeBelow(batch, error));
      return;
    }
    if (this.identities !== undefined && this.failedInSequence(queue, batch, error)) return;
    if (error.retriable && batch.attempts <= this.settings.retries) {
      const pauses = error instanceof BrokerError;
      const delayMs = queue.failed(batch, performance.now(), pauses);
      if (pauses) this.client.report(error, 'produce', batch.attempts, delayMs);
      return;
    }
    if (error.code === 'UNKNOWN_TOPIC' || error.code === 'UNKNOWN_PARTITION') {
      this.parts.onUnknown(batch.topic);
    }
    const where = `${batch.topic}/${batch.partition}`;
    const { recordCount } = batch;
    const what =
      recordCount === 1 ? `1 record for ${where} was` : `${recordCount} records for ${where} were`;
    this.drop(queue, batch, failureOf(error, what));
  }

  /** Whether the error was about the batch's place in its producer's order, and is dealt with. */
  private failedInSequence(
    queue: PartitionQueue,
    batch: ProducerBatch,
    error: WalrusError,
  ): boolean {
    const { sequences } = queue;
    if (sequences === undefined || this.identities === undefined) return false;
    const isDuplicate = error.code === 'DUPLICATE_SEQUENCE_NUMBER';
    // What was refused each time it was sent is in no log.
    if (isDuplicate && batch.uncertain) {
      // It is in the log; the broker does not know any more where.
      queue.succeeded(batch);
      batch.succeed(-1);
      this.accumulator.release(batch);
      return true;
    }
    const isFenced = error.code === 'INVALID_PRODUCER_EPOCH';
    const isOutOfOrder =
      isDuplicate || error.code === 'OUT_OF_ORDER_SEQUENCE' || error.code === 'UNKNOWN_PRODUCER_ID';
    if (!isFenced && !isOutOfOrder) return false;
    // The broker may have it from an attempt that was not answered, in the epoch that is fenced
    // now.
    if ((isFenced && batch.uncertain) || batch.attempts > this.settings.retries) return false;
    const isOldest = queue.isOldest(batch);
    const delayMs = queue.failed(batch, performance.now(), isOldest);
    if (isOutOfOrder && !isOldest) return true;
    // Every batch before it has its outcome, so one that failed for good is what is missing.
    this.client.report(error, 'produce', batch.attempts, delayMs);
    sequences.fail();
    void this.identify(this.identities.renew(sequences.present, isFenced));
    return true;
  }

  private drop(queue: PartitionQueue, batch: ProducerBatch, failure: DeliveryFailure): void {
    queue.dropped(batch);
    batch.fail(failure);
    this.accumulator.release(batch);
  }

  private expire(): void {
    const nowMs = performance.now();
    const cause = this.client.lastError ?? this.lastError;
    const failure: DeliveryFailure = {
      code: 'DELIVERY_TIMEOUT',
      message:
        `not acknowledged within ${this.settings.deliveryTimeoutMs} ms` +
        (cause === undefined ? '' : `; last: ${cause.message}`),
      cause,
    };
    for (const call of this.accumulator.takeExpiredCalls(nowMs)) call.fail(failure);
    for (const queue of [...this.accumulator.activeQueues()]) {
      const expired = queue.unsettled().filter((batch) => batch.deadlineMs <= nowMs);
      // An open batch needs its bytes, as the error hands the records back.
      if (expired.at(-1)?.state === 'open') queue.close();
      for (const batch of expired) this.drop(queue, batch, failure);
      if (expired.length > 0) this.pump(queue);
    }
    const earliestMs = this.accumulator.earliestDeadlineMs();
    if (earliestMs < Infinity) {
      this.watchDeadlines(Math.max(EXPIRY_PERIOD_MS, Math.ceil(earliestMs - nowMs)));
    }
  }
}

/** What smaller batches are to have: what the broker says that it takes, or half of this one. */
function sizeBelow({ bytes }: ProducerBatch, error: WalrusError): number {
  const sizeBytes = bytes?.length ?? 0;
  const most = error instanceof BrokerError ? error.details.batchBytesMax : undefined;
  const isLimit = typeof most === 'number' && most >= 1 && most < sizeBytes;
  return isLimit ? most : Math.ceil(sizeBytes / 2);
}

function failureOf(error: WalrusError, what: string): DeliveryFailure {
  return { code: error.code, message: `${what} not taken: ${error.message}`, cause: error };
}
