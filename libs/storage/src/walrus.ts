import { encodeCatalogueRecord, replayCatalogue } from './catalogue-records';
import type { ReplayedCatalogue } from './catalogue-records';
import type { RecoveryReport, StorageOptions } from './instance-storage';
import { checkWholeNumber, topicIdBytes } from './log-id';
import { awaitNative, callNative, openNativeWal, recoveryReportOf } from './native-binding';
import type { NativeWal } from './native-binding';
import { ReadConsistency } from './read-consistency';
import { StorageError } from './storage-error';
import { BATCH_ENTRIES_MAX, TopicReader } from './topic-reader';

const DEFAULT_DIRECTORY = 'wal_files';
const BATCH_BYTES_MAX = 10 * 2 ** 30;
/** Decoded entries that are kept, over all topics, by their encoded size. */
const KEPT_BYTES_MAX = 64 * 2 ** 20;

/** One entry as it was appended. */
export interface Entry {
  readonly data: Buffer;
}

/** How to open a Walrus; everything has the seed's default. */
export interface WalrusOptions extends Omit<StorageOptions, 'directory'> {
  /** Default: the environment variable WALRUS_DATA_DIR, else `wal_files`. */
  readonly directory?: string;
  /** Default: `ReadConsistency.StrictlyAtOnce`. */
  readonly readConsistency?: ReadConsistency;
}

/**
 * The seed's API: topics of raw entries, read in order through one cursor per topic.
 *
 * Every call but `close` runs, and waits for the disk, on the calling thread. A topic is partition
 * 0 of the broker's topic of that name; an entry is a batch of one record with that value.
 *
 * Life: from the constructor to `close`. A process that ends without `close` loses no entry whose
 * append returned.
 */
export class Walrus {
  readonly directory: string;
  /** What opening the directory found and did. */
  readonly recoveryReport: RecoveryReport;
  private readonly native: NativeWal;
  private readonly catalogue: ReplayedCatalogue;
  private readonly persistEvery: number;
  private readonly handles = new Map<string, number>();
  /** Least recently read first. */
  private readonly readers = new Map<string, TopicReader>();
  private keptBytes = 0;
  private closing: Promise<void> | undefined;

  /**
   * Opens the directory and recovers what is in it.
   * @throws {StorageError} LOCKED, INVALID_INPUT, CORRUPT (the list of topics), IO: nothing is left
   * open.
   */
  constructor(options: WalrusOptions = {}) {
    const { directory, readConsistency = ReadConsistency.StrictlyAtOnce, ...rest } = options;
    this.directory = directory ?? (process.env['WALRUS_DATA_DIR'] || DEFAULT_DIRECTORY);
    this.persistEvery = readConsistency.kind === 'at-least-once' ? readConsistency.persistEvery : 1;
    this.native = openNativeWal({ ...rest, directory: this.directory });
    try {
      this.catalogue = replayCatalogue(this.native);
      this.recoveryReport = recoveryReportOf(this.native.recoveryReport);
    } catch (error) {
      this.native.closeSync();
      throw error;
    }
  }

  /** As the constructor. */
  static open(options: WalrusOptions = {}): Walrus {
    return new Walrus(options);
  }

  /**
   * Appends one entry; the topic is created by its first one. On return the promise of the fsync
   * schedule holds.
   * @throws {StorageError} INVALID_INPUT (name, or an entry that fits no file), NO_SPACE, CLOSED:
   * nothing
   *   was appended. FENCED, IO: whether it is there after a restart is unknown.
   */
  appendForTopic(topic: string, data: Uint8Array): void {
    const handle = this.writeHandle(topic);
    callNative(() => this.native.appendEntrySync(handle, data));
  }

  /**
   * Appends up to 2,000 entries (10 GiB in sum) atomically: readers and a restart see all or none.
   * Without entries nothing happens.
   * @throws {StorageError} As `appendForTopic`; INVALID_INPUT also for a batch over those limits.
   */
  batchAppendForTopic(topic: string, batch: readonly Uint8Array[]): void {
    checkBatch(batch);
    if (batch.length === 0) return;
    const handle = this.writeHandle(topic);
    callNative(() => this.native.appendEntriesSync(handle, batch));
  }

  /**
   * The next entry, or null when there is none. With `checkpoint` the cursor moves past it, saved
   * as the read consistency says; without, the same entry comes again.
   * @throws {StorageError} CORRUPT the entry is damaged; FENCED, NO_SPACE, IO the cursor could not
   * be
   *   saved; CLOSED. The cursor has not moved.
   */
  readNext(topic: string, checkpoint = true): Entry | null {
    return this.read(topic, 0, 1, checkpoint)[0] ?? null;
  }

  /**
   * The next entries in order, up to `maxBytes` of payload or 2,000, whichever comes first; the
   * first one always. With `checkpoint` the cursor moves past them.
   * @throws {StorageError} As `readNext`. Entries before a damaged one are returned first.
   */
  batchReadForTopic(topic: string, maxBytes: number, checkpoint = true): Entry[] {
    checkWholeNumber('maxBytes', maxBytes);
    return this.read(topic, maxBytes, BATCH_ENTRIES_MAX, checkpoint);
  }

  /**
   * Saves the cursors, commits and syncs what was appended, and lets the directory go. Idempotent.
   * Rejects with what could not be saved or synced; it is closed all the same.
   */
  close(): Promise<void> {
    this.closing ??= this.saveAndClose();
    return this.closing;
  }

  private async saveAndClose(): Promise<void> {
    let failure: StorageError | undefined;
    for (const reader of this.readers.values()) {
      try {
        reader.save();
      } catch (error) {
        failure ??= StorageError.from(error);
      }
    }
    await awaitNative(() => this.native.close());
    if (failure !== undefined) throw failure;
  }

  private read(topic: string, maxBytes: number, maxCount: number, checkpoint: boolean): Entry[] {
    const reader = this.readerOf(topic);
    if (reader === undefined) return [];
    this.keptBytes -= reader.keptBytes;
    try {
      const records = reader.read(maxBytes, maxCount, checkpoint);
      return records.map((record) => ({ data: record.value ?? Buffer.alloc(0) }));
    } finally {
      this.keptBytes += reader.keptBytes;
      this.forgetOldReaders(topic, reader);
    }
  }

  private readerOf(topic: string): TopicReader | undefined {
    if (this.closing !== undefined) throw new StorageError('CLOSED', 'the log is closed');
    const known = this.readers.get(topic);
    if (known !== undefined) return known;
    const description = this.catalogue.table.find(topic);
    if (description === undefined) return undefined;
    return new TopicReader(this.native, this.handleOf(topic, description.id), this.persistEvery);
  }

  /** Keeps the readers in order of use and their decoded entries within bounds. */
  private forgetOldReaders(topic: string, reader: TopicReader): void {
    this.readers.delete(topic);
    this.readers.set(topic, reader);
    for (const old of this.readers.values()) {
      if (this.keptBytes <= KEPT_BYTES_MAX || old === reader) return;
      this.keptBytes -= old.keptBytes;
      old.forget();
    }
  }

  private writeHandle(topic: string): number {
    const known = this.handles.get(topic);
    if (known !== undefined) return known;
    const { table, handle } = this.catalogue;
    let description = table.find(topic);
    if (description === undefined) {
      description = table.beginCreate(topic, { partitionCount: 1 });
      const record = encodeCatalogueRecord({ type: 'topicCreated', ...description });
      try {
        callNative(() => this.native.appendSync(handle, [record]));
      } finally {
        table.end(topic);
      }
      table.add(description);
    }
    return this.handleOf(topic, description.id);
  }

  private handleOf(topic: string, topicId: string): number {
    const handle = callNative(() => this.native.openLog(topicIdBytes(topicId), 0));
    this.handles.set(topic, handle);
    return handle;
  }
}

function checkBatch(batch: readonly Uint8Array[]): void {
  if (batch.length > BATCH_ENTRIES_MAX) {
    const text = `a batch of ${batch.length} entries is over the limit of ${BATCH_ENTRIES_MAX}`;
    throw new StorageError('INVALID_INPUT', text);
  }
  const bytes = batch.reduce((sum, entry) => sum + entry.byteLength, 0);
  if (bytes <= BATCH_BYTES_MAX) return;
  const text = `a batch of ${bytes} bytes is over the limit of ${BATCH_BYTES_MAX}`;
  throw new StorageError('INVALID_INPUT', text);
}
