// What a program hands to a producer.

/** Header values: text is written as UTF-8. */
export type HeaderValue = string | Uint8Array | null;

/** One header; in a list, names may repeat. */
export interface ProducerHeader {
  readonly key: string;
  readonly value: HeaderValue;
}

/** Headers by name, or as a list, which is what `ConsumerRecord.headerList` is. */
export type ProducerHeaders = Readonly<Record<string, HeaderValue>> | readonly ProducerHeader[];

/**
 * One record to send.
 *
 * `value`, unless the producer names a serialisation: a string is written as UTF-8, bytes as they
 * are, null is a tombstone, and anything else is written as JSON with the header `content-type:
 * application/json` (a header of that name given here is kept). `undefined`, functions and symbols
 * have no JSON and are refused.
 */
export interface ProducerRecord<K = string | Uint8Array, V = unknown> {
  readonly topic: string;
  /** Decides the partition: the same key always goes to the same one. */
  readonly key?: K | null | undefined;
  readonly value: V | null;
  readonly headers?: ProducerHeaders | undefined;
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
