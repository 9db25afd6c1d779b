import { DeliveryError } from './errors';
import type { BatchReceipt, ProducerRecord } from './record';

/** Records of one batch that belong to one `sendMany`. */
export interface BatchShare {
  readonly group: SendGroup;
  /** Index in the batch of the first of them. */
  readonly firstIndex: number;
  recordCount: number;
}

/**
 * One call of `sendMany`: it settles once, when every record of it was acknowledged or has failed.
 *
 * Invariant: `outstanding` counts the records that are in a batch and have no outcome yet; the
 * group settles when that is 0 and `seal` said that no more will come.
 */
export class SendGroup {
  /** Rejects with a `DeliveryError` that carries the records that failed. */
  readonly settled: Promise<readonly BatchReceipt[]>;
  private readonly receipts: BatchReceipt[] = [];
  private readonly failures: DeliveryError[] = [];
  private outstanding = 0;
  private sealed = false;
  private resolve!: (receipts: readonly BatchReceipt[]) => void;
  private reject!: (error: DeliveryError) => void;

  constructor() {
    this.settled = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Counts one more record that went into a batch. */
  added(): void {
    this.outstanding += 1;
  }

  /** No more records will come. */
  seal(): void {
    this.sealed = true;
    this.settleIfDone();
  }

  /** A share was acknowledged. */
  delivered(receipt: BatchReceipt): void {
    this.receipts.push(receipt);
    this.outstanding -= receipt.recordCount;
    this.settleIfDone();
  }

  /** A share failed. */
  failed(error: DeliveryError, recordCount: number): void {
    this.failures.push(error);
    this.outstanding -= recordCount;
    this.settleIfDone();
  }

  /** A record failed before it went into a batch. */
  refused(error: DeliveryError): void {
    this.failures.push(error);
  }

  private settleIfDone(): void {
    if (!this.sealed || this.outstanding > 0) return;
    const [first] = this.failures;
    if (first === undefined) {
      this.resolve(this.receipts);
      return;
    }
    const { failures } = this;
    const records = (): ProducerRecord[] => failures.flatMap((failure) => failure.records);
    const { code, message, cause, retriable } = first;
    this.reject(new DeliveryError(code, message, records, { cause, retriable }));
  }
}
