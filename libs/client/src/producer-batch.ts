// A batch on its way: its bytes, and who waits for which record of it.
import {
  decodeBatch,
  type BatchBuilder,
  type ProducerStamp,
  type RecordHeader,
} from '@walrusmq/record-batch';
import { markEncoded } from './encoded-records';
import { DeliveryError } from './errors';
import type { ProducerHeaders, ProducerRecord, RecordReceipt } from './record';
import type { BatchShare, SendGroup } from './send-group';

/** What every record of a failed batch is told. */
export interface DeliveryFailure {
  readonly code: string;
  readonly message: string;
  readonly cause?: unknown;
}

/** Sequences of a producer go round: behind the last one comes 0. */
export const SEQUENCES = 2 ** 31;

interface SingleSend {
  readonly resolve: (receipt: RecordReceipt) => void;
  readonly reject: (error: DeliveryError) => void;
  readonly timestamp: number;
  /** In the batch. */
  readonly index: number;
}

/**
 * Records of one partition that travel together and share one outcome.
 *
 * Life: open (records are added) → queued (`seal`) → inFlight ⇄ queued → settled, by `succeed`,
 * `fail` or `split`, once. Whoever is late finds it settled and changes nothing.
 */
export class ProducerBatch {
  state: 'open' | 'queued' | 'inFlight' | 'settled' = 'open';
  recordCount = 0;
  /** What the accumulator counts against its bound for this batch. */
  chargedBytes = 0;
  /** Bytes by which its last record made it larger, the batch header included for the first. */
  addedBytes = 0;
  attempts = 0;
  /** Set by `seal`. */
  bytes: Buffer | undefined;
  /** What the bytes say of their producer. */
  stamp: ProducerStamp | undefined;
  /** Of the first record in its partition, once it was sent. */
  sequence: number | undefined;
  /** Whether an attempt ended without an answer: the broker may have taken it. */
  uncertain = false;
  private readonly singles: SingleSend[] = [];
  private readonly shares: BatchShare[] = [];
  private listeners: (() => void)[] | undefined;

  /** @param deadlineMs On the clock of `performance.now()`. */
  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly deadlineMs: number,
  ) {}

  /** Counts a record whose sender waits for it alone. */
  addSingle(
    resolve: (receipt: RecordReceipt) => void,
    reject: (error: DeliveryError) => void,
    timestamp: number,
  ): void {
    this.singles.push({ resolve, reject, timestamp, index: this.recordCount });
    this.recordCount += 1;
  }

  /** Counts a record of a `sendMany`. */
  addShare(group: SendGroup): void {
    const last = this.shares.at(-1);
    const firstIndex = this.recordCount;
    if (last?.group === group && last.firstIndex + last.recordCount === firstIndex) {
      last.recordCount += 1;
    } else {
      this.shares.push({ group, firstIndex, recordCount: 1 });
    }
    group.added();
    this.recordCount += 1;
  }

  /** Closes the batch with its bytes. */
  seal(bytes: Buffer, stamp?: ProducerStamp): void {
    this.bytes = bytes;
    this.stamp = stamp;
    this.state = 'queued';
  }

  /** Tells every sender where its record is; -1 when the broker does not say. */
  succeed(baseOffset: number): void {
    if (this.state === 'settled') return;
    this.state = 'settled';
    const { topic, partition } = this;
    const known = baseOffset >= 0;
    for (const { resolve, index, timestamp } of this.singles) {
      resolve({ topic, partition, offset: known ? baseOffset + index : -1, timestamp });
    }
    for (const { group, firstIndex, recordCount } of this.shares) {
      const first = known ? baseOffset + firstIndex : -1;
      group.delivered({ topic, partition, baseOffset: first, recordCount });
    }
    this.release();
  }

  /** Tells every sender that its record failed, each with an error that carries that record. */
  fail(failure: DeliveryFailure): void {
    if (this.state === 'settled') return;
    this.state = 'settled';
    let decoded: readonly ProducerRecord[] | undefined;
    const { bytes, topic, partition } = this;
    const records = (from: number, count: number): readonly ProducerRecord[] => {
      decoded ??= bytes === undefined ? [] : decodeRecords(bytes, topic, partition);
      return decoded.slice(from, from + count);
    };
    const errorFor = (from: number, count: number): DeliveryError =>
      new DeliveryError(failure.code, failure.message, () => records(from, count), {
        cause: failure.cause,
      });
    for (const { reject, index } of this.singles) reject(errorFor(index, 1));
    for (const { group, firstIndex, recordCount } of this.shares) {
      group.failed(errorFor(firstIndex, recordCount), recordCount);
    }
    this.release();
  }

  /**
   * Puts the records into smaller batches, in their order, and settles: who waits for them waits
   * for those from now on, whose outcomes may differ. They have its deadline, share its charge, and
   * are queued.
   *
   * @param builder Empty; its limit is what they are made by.
   */
  split(builder: BatchBuilder): readonly ProducerBatch[] {
    if (this.state === 'settled' || this.bytes === undefined) return [];
    const pieces: ProducerBatch[] = [];
    let firstIndex = 0;
    const finish = (): void => {
      const { recordCount } = builder;
      pieces.push(this.piece(firstIndex, recordCount, builder.build()));
      firstIndex += recordCount;
    };
    for (const record of decodeBatch(this.bytes).records) {
      if (builder.append(record)) continue;
      finish();
      builder.append(record);
    }
    finish();
    this.state = 'settled';
    this.bytes = undefined;
    const listeners = this.listeners ?? [];
    const settled = Promise.all(pieces.map((piece) => piece.whenSettled()));
    if (listeners.length > 0) void settled.then(() => listeners.forEach((listen) => listen()));
    return pieces;
  }

  private piece(firstIndex: number, recordCount: number, bytes: Buffer): ProducerBatch {
    const { topic, partition, deadlineMs, sequence } = this;
    const piece = new ProducerBatch(topic, partition, deadlineMs);
    const end = firstIndex + recordCount;
    piece.recordCount = recordCount;
    piece.uncertain = this.uncertain;
    piece.sequence = sequence === undefined ? undefined : (sequence + firstIndex) % SEQUENCES;
    for (const single of this.singles) {
      const index = single.index - firstIndex;
      if (index >= 0 && index < recordCount) piece.singles.push({ ...single, index });
    }
    for (const share of this.shares) {
      const from = Math.max(share.firstIndex, firstIndex);
      const to = Math.min(share.firstIndex + share.recordCount, end);
      const { group } = share;
      if (from < to) {
        piece.shares.push({ group, firstIndex: from - firstIndex, recordCount: to - from });
      }
    }
    // What is left of the charge goes by the records that are left.
    const part = recordCount / (this.recordCount - firstIndex);
    piece.chargedBytes = Math.floor(this.chargedBytes * part);
    this.chargedBytes -= piece.chargedBytes;
    piece.seal(bytes);
    return piece;
  }

  /** Resolves once the batch is settled; never rejects. */
  whenSettled(): Promise<void> {
    if (this.state === 'settled') return Promise.resolve();
    return new Promise((resolve) => {
      this.listeners ??= [];
      this.listeners.push(resolve);
    });
  }

  private release(): void {
    for (const listener of this.listeners ?? []) listener();
    this.listeners = undefined;
    // An answer that is still under way keeps the batch alive; its bytes are not needed for that.
    this.bytes = undefined;
  }
}

function decodeRecords(bytes: Buffer, topic: string, partition: number): ProducerRecord[] {
  return decodeBatch(bytes).records.map(({ key, value, headers, timestamp }) =>
    markEncoded({
      topic,
      partition,
      key,
      value,
      headers: headers.length === 0 ? undefined : headersByName(headers),
      timestamp,
    }),
  );
}

/** By name, or as a list where a name repeats. */
function headersByName(headers: readonly RecordHeader[]): ProducerHeaders {
  const byName = Object.fromEntries(headers.map(({ key, value }) => [key, value]));
  return Object.keys(byName).length === headers.length ? byName : headers;
}
