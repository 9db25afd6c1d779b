import { stampProducer, type ProducerStamp } from '@walrusmq/record-batch';
import { SEQUENCES, type ProducerBatch } from './producer-batch';
import type { ProducerIdentities, ProducerIdentity } from './producer-identity';

/**
 * The sequences of one partition's batches.
 *
 * A batch gets its sequence when it is sent for the first time, and keeps it however often it is
 * sent: by that the broker tells a repetition. It loses it when the broker says that one before it
 * is missing (`fail`): what has no outcome then begins anew in a later epoch, in the same order.
 *
 * Invariants:
 *  (1) The batches that have a sequence are a prefix of the queue's, without gaps between them.
 *  (2) The identity changes only while none has one, or none is in flight.
 *  (3) While the identity `isNew` to the partition one batch is in flight at a time.
 */
export class PartitionSequences {
  private identity: ProducerIdentity | undefined;
  private next = 0;
  private hasFailed = false;
  private hasLanded = false;

  constructor(private readonly identities: ProducerIdentities) {}

  /** What the batches that have a sequence are stamped with. */
  get present(): ProducerIdentity | undefined {
    return this.identity;
  }

  /**
   * Whether the broker has not taken a batch of this identity yet. It lets a producer that it does
   * not know begin at any sequence: behind a first batch that it refuses the second one would be
   * the first in the log, and the refused one a duplicate of what is forgotten.
   */
  get isNew(): boolean {
    return !this.hasLanded;
  }

  /** The broker took a batch that has a sequence. */
  landed(): void {
    this.hasLanded = true;
  }

  /** The batches without an outcome begin anew once there is another identity. */
  fail(): void {
    this.hasFailed = true;
  }

  /** What a batch of the partition will most likely be stamped with, behind these. */
  forecast(unsettled: readonly ProducerBatch[]): ProducerStamp | undefined {
    if (this.identity === undefined) return undefined;
    let sequence = this.next;
    for (const batch of unsettled) {
      if (batch.sequence === undefined) sequence += batch.recordCount;
    }
    return { ...this.identity, baseSequence: sequence % SEQUENCES };
  }

  /** Whether a batch may be sent now; while not, another identity is waited for. */
  isReady(unsettled: readonly ProducerBatch[], inFlightCount: number): boolean {
    const { current } = this.identities;
    if (current === undefined) return false;
    if (this.hasFailed) {
      if (current === this.identity || inFlightCount > 0) return false;
      for (const batch of unsettled) batch.sequence = undefined;
    } else {
      const isUnderWay = unsettled.some((batch) => batch.sequence !== undefined);
      if (current === this.identity || isUnderWay) return true;
    }
    this.hasFailed = false;
    this.hasLanded = false;
    this.identity = current;
    this.next = 0;
    return true;
  }

  /** Gives the batch its sequence, unless it has one. REQUIRES: `isReady`. */
  assign(batch: ProducerBatch): void {
    if (batch.sequence === undefined) {
      batch.sequence = this.next;
      this.next = (this.next + batch.recordCount) % SEQUENCES;
    }
    const { identity, bytes } = { identity: this.identity, bytes: batch.bytes };
    if (identity === undefined || bytes === undefined) return;
    const stamp = { ...identity, baseSequence: batch.sequence };
    if (isSame(batch.stamp, stamp)) return;
    // A copy: a connection that is being closed may still have the old one.
    batch.bytes = batch.attempts > 0 ? Buffer.from(bytes) : bytes;
    batch.stamp = stamp;
    stampProducer(batch.bytes, stamp);
  }
}

function isSame(a: ProducerStamp | undefined, b: ProducerStamp): boolean {
  return (
    a?.producerId === b.producerId &&
    a.producerEpoch === b.producerEpoch &&
    a.baseSequence === b.baseSequence
  );
}
