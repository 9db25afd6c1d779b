// A record as a producer gives it and as a consumer gets it.

/** The latest timestamp a record may have: the last moment a Date can name. */
export const TIMESTAMP_MAX_MS = 8.64e15;

export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

export interface RecordInput {
  readonly key?: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: readonly RecordHeader[];
  /** Milliseconds since 1970; without it the time of the append. -1 means none. */
  readonly timestamp?: number;
}

/** Key, value and header values are views of the decoded bytes, not copies. */
export interface DecodedRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RecordHeader[];
}
