// What a program hands to a producer.

/** Header values: text is written as UTF-8. */
export type HeaderValue = string | Uint8Array | null;

/**
 * One record to send.
 *
 * `value`: a string is written as UTF-8, bytes as they are, null is a tombstone, and anything else
 * is written as JSON with the header `content-type: application/json` (a header of that name given
 * here is kept). `undefined`, functions and symbols have no JSON and are refused.
 */
export interface ProducerRecord {
  readonly topic: string;
  /** Decides the partition: the same key always goes to the same one. */
  readonly key?: string | Uint8Array | null | undefined;
  readonly value: unknown;
  readonly headers?: Readonly<Record<string, HeaderValue>> | undefined;
  /** Milliseconds since 1970. Default: now. */
  readonly timestamp?: number | undefined;
  /** Sends to this partition, past the partitioner. */
  readonly partition?: number | undefined;
}

/** Where an acknowledged record is. */
export interface RecordReceipt {
  readonly topic: string;
  readonly partition: number;
  /** -1 with `acks: 0`, where the broker does not answer. */
  readonly offset: number;
  readonly timestamp: number;
}

/** A run of records of one `sendMany` that lie one after another in a partition. */
export interface BatchReceipt {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first of them; -1 with `acks: 0`. */
  readonly baseOffset: number;
  readonly recordCount: number;
}
