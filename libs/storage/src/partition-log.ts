/** Names a log: the topic's id (a UUID, new each time a topic is created) and the partition. */
export interface LogId {
  readonly topicId: string;
  readonly partition: number;
}

/**
 * One accepted append call.
 *
 * Both promises reject with the same `StorageError` when it fails. Nobody has to watch them: a
 * rejection that is not observed does not end the process.
 */
export interface LogAppend {
  /** Offset of the first record of the call. */
  readonly baseOffset: number;
  /** Records in all batches of the call. */
  readonly recordCount: number;
  /**
   * The log had this call of an idempotent producer before: `baseOffset` is where, and the promises
   * settle after those of the first.
   */
  readonly isDuplicate: boolean;
  /** The timestamp that all of them were given; undefined: they keep their own. */
  readonly appendTimeMs?: number | undefined;
  /** Resolves when the records are in the files: they survive the process. */
  readonly written: Promise<void>;
  /** Resolves when the promise of the instance's fsync schedule holds; never before `written`. */
  readonly synced: Promise<void>;
}

/** A record's offset and the timestamp it was found by. */
export interface TimestampedOffset {
  readonly offset: number;
  readonly timestamp: number;
}

/** A named reader's saved position on a log: what it reads next. */
export interface ReaderCursor {
  readonly reader: string;
  readonly offset: number;
}

/** What a log remembers of an idempotent producer (KIP-98). */
export interface ActiveProducer {
  readonly producerId: number;
  readonly epoch: number;
  /** Of the last record that it appended; 0 to 2^31 - 1, then from 0 again. */
  readonly lastSequence: number;
  /** When the log took its last append, by the clock of the system. */
  readonly lastAppendMs: number;
}

/**
 * The ordered record batches of one partition.
 *
 * Order: appends take effect in call order, and settle in it, across all logs of an instance.
 *
 * Invariants:
 *  1. Offsets are dense and are never given to other records once `written` resolved.
 *  2. A read returns nothing at or above `readableEnd`.
 *  3. The batches of one call become readable together or not at all.
 */
export interface PartitionLog {
  readonly id: LogId;
  /** Lowest offset that can be read. */
  readonly logStartOffset: number;
  /** Readers get offsets below this one. Under `SyncEach` the synced end, else the written end. */
  readonly readableEnd: number;
  /** The offset the next record will get: above `readableEnd` while appends are in flight. */
  readonly logEndOffset: number;
  readonly leaderEpoch: number;
  /** Bytes of the log's blocks that are in use. */
  readonly storedBytes: number;

  /**
   * Verifies, stamps (base offset and leader epoch, both outside the batch CRC) and queues one or
   * more whole record batches as one atomic call.
   *
   * @param batches The bytes of the batches in order, in chunks that may be cut anywhere. They may
   * be
   *   stamped in place and belong to the log until `synced` settles.
   * @throws {StorageError} Nothing was taken and no offset was used: INVALID_INPUT malformed or too
   *   large; CORRUPT a CRC does not match, or the log is damaged; BUSY the queue is full; FENCED;
   *   NO_SPACE; CLOSED.
   *
   * Of batches with a producer id (KIP-98; one producer and epoch in a call, at most five batches)
   * the log remembers each producer's last five: a call that is made again is answered with its
   * first offset. OUT_OF_ORDER_SEQUENCE: not the sequence that comes next (0 in a new epoch; any of
   * a producer that is not remembered). DUPLICATE_SEQUENCE_NUMBER: appended before the last five.
   * INVALID_PRODUCER_EPOCH: a later epoch was seen.
   */
  append(batches: readonly Buffer[]): LogAppend;

  /**
   * As `read`, at once.
   * @returns undefined when the disk would have to be waited for.
   */
  readNow(offset: number, maxBytes: number): Buffer | undefined;

  /**
   * Whole batches, the first of which contains `offset`, up to `maxBytes` but at least one; empty
   * at the readable end. The first batch may start below `offset`, and fewer may come than would
   * fit.
   *
   * Rejects with OUT_OF_RANGE below `logStartOffset` or above `readableEnd`, CORRUPT when the batch
   * at
   * `offset` is damaged, BUSY when too many reads wait, CLOSED.
   */
  read(offset: number, maxBytes: number): Promise<Buffer>;

  /**
   * Calls `listener` after the readable end moved, at most twice per commit group.
   * @returns A function that ends it.
   */
  onReadable(listener: (readableEnd: number) => void): () => void;

  /**
   * The first record whose timestamp is at least `timestampMs`; undefined when there is none. Exact
   * for uncompressed batches, the base offset of the batch for compressed ones.
   */
  offsetForTimestamp(timestampMs: number): Promise<TimestampedOffset | undefined>;

  /** The saved position of a named reader; undefined when it has none on this log. */
  cursor(reader: string): number | undefined;

  /**
   * Saves the position of a named reader (1 to 249 bytes of name); resolves once it is durable by
   * the schedule. Ordered with the appends. `cursor` shows it at once or later, never another
   * value.
   */
  commitCursor(reader: string, offset: number): Promise<void>;

  /**
   * Forgets the position of a named reader; well, too, when it has none. Durable and ordered as
   * `commitCursor`.
   */
  deleteCursor(reader: string): Promise<void>;

  /** The readers that have a position here, ordered by the bytes of their names. */
  cursors(): readonly ReaderCursor[];

  /**
   * The idempotent producers that are remembered, the one that appended longest ago first; what is
   * not written yet counts.
   */
  activeProducers(): readonly ActiveProducer[];

  /**
   * Moves the log start up to `beforeOffset`, durable on resolution; a value at or below the
   * present log start changes nothing. OUT_OF_RANGE above the readable end.
   */
  truncate(beforeOffset: number): Promise<void>;
}
