import { Accumulator, RefusedRecord, SEND_PROMISE_BYTES, type TopicQueues } from './accumulator';
import { BrokerClient } from './broker-client';
import { wholeNumber } from './options';
import { choosePartition } from './partitioner';
import type { DeliveryFailure } from './producer-batch';
import { ProducerIdentities } from './producer-identity';
import { producerSettings, type ProducerOptions, type ProducerSettings } from './producer-options';
import { InvalidOptionError, SerialisationError, type DeliveryError } from './errors';
import type { BatchReceipt, ProducerRecord, RecordReceipt } from './record';
import { deliveryError, emptyRecord, encodeRecord, failureOfRecord } from './record-encoder';
import { SendGroup } from './send-group';
import { Sender } from './sender';
import { TopicLoader } from './topic-loader';
import type { WaitingSend } from './waiting-sends';

/** Records of one `sendMany` that are taken before other things get their turn. */
const SLICE_RECORDS = 4_096;

const CLOSED: DeliveryFailure = { code: 'CLOSED', message: 'the producer is closed' };

/**
 * Sends records to a broker.
 *
 * Place: records are encoded at once into the open batch of their partition; batches leave over one
 * connection of the producer's own.
 *
 * Life: connects on first use and again after every loss; `close` ends it. An open producer keeps
 * the process alive once it has connected.
 *
 * Order: records of one partition are written in the order of the calls. After a failure the batch
 * is sent again before all later ones.
 *
 * Duplicates: a batch whose answer was lost is sent again, and the broker knows it by its producer
 * id and sequence: its records are written once. That holds for the life of this object, not for a
 * program that starts again and sends its records once more. With `idempotence: false` such records
 * may be written twice, and with `maxInFlight` above 1 a batch that the broker refuses for a
 * passing reason (`BUSY`, `NO_SPACE`) can be overtaken by those that were under way behind it.
 *
 * Bounds: at most `bufferBytes` of encoded records (each `send` counts 128 bytes more, for its
 * promise). When they are used up calls wait, in order, at most `waitingSendsMax` of them; one call
 * more fails at once with `BUFFER_FULL`. A call that waits refers to the program's own record.
 *
 * No record is dropped in silence: each call settles, at the latest `deliveryTimeoutMs` after it.
 */
export class Producer<K = string | Uint8Array, V = unknown> {
  private readonly settings: ProducerSettings;
  private readonly client: BrokerClient;
  private readonly accumulator: Accumulator;
  private readonly sender: Sender;
  private readonly loader: TopicLoader;
  private readonly scratch = emptyRecord();
  private closing: Promise<void> | undefined;
  private resolve!: (receipt: RecordReceipt) => void;
  private reject!: (error: DeliveryError) => void;
  // One function for all promises: a closure for each would cost as much as the promise.
  private readonly capture = (
    resolve: (receipt: RecordReceipt) => void,
    reject: (error: DeliveryError) => void,
  ): void => {
    this.resolve = resolve;
    this.reject = reject;
  };

  /** @throws {InvalidOptionError} An option that can never work. Nothing was started. */
  constructor(options: ProducerOptions<K, V> = {}) {
    this.settings = producerSettings(options);
    this.client = new BrokerClient(this.settings.connection, 'the producer');
    const identities = this.settings.idempotence ? new ProducerIdentities(this.client) : undefined;
    this.accumulator = new Accumulator(
      this.settings,
      {
        onFull: (queue) => this.sender.pump(queue),
        onOpened: (queue) => this.sender.plan(queue),
      },
      identities,
    );
    const { deliveryTimeoutMs } = this.settings;
    this.loader = new TopicLoader(this.client, this.accumulator, deliveryTimeoutMs);
    const onUnknown = (topic: string): void => this.loader.forget(topic);
    const parts = { client: this.client, accumulator: this.accumulator, identities, onUnknown };
    this.sender = new Sender(this.settings, parts);
  }

  /** Bytes of the records that have no outcome yet, as counted against `bufferBytes`. */
  get bufferedBytes(): number {
    return this.accumulator.bufferedBytes;
  }

  /** Calls that wait for room or for a partition count. */
  get waitingCount(): number {
    return this.accumulator.waitingCount;
  }

  /**
   * Sends one record; resolves once it is acknowledged as `acks` says.
   *
   * The record is copied before this returns, unless it has to wait: then its bytes must stay
   * unchanged until the promise settles.
   *
   * @throws {DeliveryError} It was not acknowledged; `records` holds it, `code` says why.
   * @throws {InvalidOptionError} No record was given.
   */
  send(typed: ProducerRecord<K, V>): Promise<RecordReceipt> {
    // Of what types its parts are matters to the serialisation alone.
    const record = typed as ProducerRecord;
    if (!isObject(record)) return Promise.reject(notRecords('send takes a record', record));
    if (this.closing !== undefined) return Promise.reject(deliveryError(CLOSED, [record]));
    const topic = this.accumulator.knownTopic(record.topic);
    if (topic?.partitionCount === undefined || this.accumulator.congested) {
      return this.sendLater(record);
    }
    try {
      const batch = this.append(record, topic, topic.partitionCount, Date.now());
      if (batch === undefined) return this.sendLater(record);
      const promise = new Promise<RecordReceipt>(this.capture);
      batch.addSingle(this.resolve, this.reject, this.scratch.timestamp);
      return promise;
    } catch (error) {
      return Promise.reject(deliveryError(failureOfRecord(error), [record]));
    }
  }

  /**
   * Sends many records; resolves once all are acknowledged, with where they are: one entry for each
   * run of records in a partition, in the order of the acknowledgements. Costs no promise per
   * record.
   *
   * The array and its records must stay unchanged until the promise settles. It may hold more than
   * `bufferBytes`: the call takes records as room appears.
   *
   * @throws {DeliveryError} Some were not acknowledged; `records` holds just those, and `code` says
   *   why the first of them failed. The others were acknowledged.
   */
  sendMany(typed: readonly ProducerRecord<K, V>[]): Promise<readonly BatchReceipt[]> {
    const records = typed as readonly ProducerRecord[];
    if (!Array.isArray(records)) {
      return Promise.reject(notRecords('sendMany takes an array of records', records));
    }
    if (this.closing !== undefined) return Promise.reject(deliveryError(CLOSED, records));
    const group = new SendGroup();
    let next = 0;
    const fail = (failure: DeliveryFailure): void => {
      const rest = records.slice(next);
      next = records.length;
      if (rest.length > 0) group.refused(deliveryError(failure, rest));
      group.seal();
    };
    const attempt = (): boolean => {
      const slice = Math.min(records.length, next + SLICE_RECORDS);
      next = this.takeSlice(records, next, slice, group);
      if (next === records.length) {
        group.seal();
        return true;
      }
      // Answers must be read meanwhile, or the broker would idle until all is encoded.
      if (next === slice) setImmediate(() => this.accumulator.serve());
      return false;
    };
    this.enqueue({ attempt, fail, deadlineMs: this.deadlineMs() });
    return group.settled;
  }

  /**
   * Sends what is lingering; resolves once every record sent before this call has its outcome.
   * Never rejects: failures are told by the promises of the calls themselves.
   */
  async flush(): Promise<void> {
    await this.sender.hurry(this.settleAll());
  }

  /**
   * Flushes and disconnects. From the call on `send` fails with `CLOSED`. Calling it again waits
   * for the same end.
   *
   * @param options.timeoutMs How long to flush, default `deliveryTimeoutMs`; what has no outcome
   *   then fails with `CLOSED`.
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const fallback = this.settings.deliveryTimeoutMs;
    const timeoutMs = wholeNumber('timeoutMs', options.timeoutMs, fallback, 0);
    this.closing ??= this.shutDown(timeoutMs);
    return this.closing;
  }

  private async shutDown(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([this.flush(), timeout]);
    clearTimeout(timer);
    this.sender.failAll(CLOSED);
    this.sender.close();
    this.client.close();
  }

  private async settleAll(): Promise<void> {
    await this.accumulator.afterWaiting();
    const batches = [...this.accumulator.activeQueues()].flatMap((queue) => queue.unsettled());
    this.sender.pumpAll();
    await Promise.all(batches.map((batch) => batch.whenSettled()));
  }

  private append(
    record: ProducerRecord,
    topic: TopicQueues,
    partitionCount: number,
    now: number,
    promiseBytes = SEND_PROMISE_BYTES,
    deadlineMs?: number,
  ): ReturnType<Accumulator['append']> {
    if (now > topic.staleAtMs) this.loader.load(topic);
    const { scratch } = this;
    const { partitioner, encoding } = this.settings;
    encodeRecord(record, scratch, now, encoding);
    const partition = choosePartition(record, scratch.key, partitionCount, partitioner);
    return this.accumulator.append(topic, partition, scratch, promiseBytes, deadlineMs);
  }

  private sendLater(record: ProducerRecord): Promise<RecordReceipt> {
    return new Promise((resolve, reject) => {
      const deadlineMs = this.deadlineMs();
      const fail = (failure: DeliveryFailure): void => reject(deliveryError(failure, [record]));
      const attempt = (): boolean => {
        const topic = this.topicFor(record);
        const { partitionCount, failure } = topic;
        if (partitionCount === undefined) {
          if (failure === undefined) this.loader.load(topic);
          else fail(failure);
          return failure !== undefined;
        }
        try {
          const now = Date.now();
          const promiseBytes = SEND_PROMISE_BYTES;
          const batch = this.append(record, topic, partitionCount, now, promiseBytes, deadlineMs);
          batch?.addSingle(resolve, reject, this.scratch.timestamp);
          return batch !== undefined;
        } catch (error) {
          fail(failureOfRecord(error));
          return true;
        }
      };
      this.enqueue({ attempt, fail, deadlineMs });
    });
  }

  /** Takes records from `next` up to `end`; returns where it had to stop. */
  private takeSlice(
    records: readonly ProducerRecord[],
    next: number,
    end: number,
    group: SendGroup,
  ): number {
    const now = Date.now();
    let topic: TopicQueues | undefined;
    let index = next;
    for (const record of records.slice(next, end)) {
      try {
        if (!isObject(record)) throw new SerialisationError('a record must be an object');
        if (topic?.name !== record.topic) topic = this.topicFor(record);
        const { partitionCount, failure } = topic;
        if (partitionCount === undefined) {
          if (failure !== undefined) throw new RefusedRecord(failure);
          this.loader.load(topic);
          return index;
        }
        const batch = this.append(record, topic, partitionCount, now, 0);
        if (batch === undefined) return index;
        batch.addShare(group);
      } catch (error) {
        group.refused(deliveryError(failureOfRecord(error), [record]));
      }
      index += 1;
    }
    return end;
  }

  private topicFor(record: ProducerRecord): TopicQueues {
    return this.accumulator.topic(record.topic);
  }

  private enqueue(call: WaitingSend): void {
    this.sender.watchDeadlines();
    const wasCongested = this.accumulator.congested;
    if (!this.accumulator.wait(call)) {
      const { bufferBytes, waitingSendsMax } = this.settings;
      const message = `bufferBytes (${bufferBytes}) are used up and ${waitingSendsMax} calls wait`;
      call.fail({ code: 'BUFFER_FULL', message });
      return;
    }
    // Room comes from batches that leave, so none may linger while a call waits.
    if (!wasCongested && !this.accumulator.serve()) this.sender.pumpAll();
  }

  private deadlineMs(): number {
    return performance.now() + this.settings.deliveryTimeoutMs;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function notRecords(what: string, given: unknown): InvalidOptionError {
  return new InvalidOptionError(`${what}, got ${given === null ? 'null' : typeof given}`);
}
