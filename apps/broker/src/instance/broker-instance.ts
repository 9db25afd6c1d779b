import { resolve } from 'node:path';
import {
  AddonError,
  StorageError,
  type InstanceStorage,
  type StorageOptions,
} from '@walrusmq/storage';
import { BrokerStartError, type BrokerStartErrorCode } from '../config/broker-start-error';
import type { BrokerSettings } from '../config/settings-table';
import type { Logger } from '../observability/broker-log';

/** The key under which a hello finds the default instance. */
export const DEFAULT_INSTANCE = 'default';

/** Opens the storage of an instance; the one on the log, or the one in memory in tests. */
export type OpenStorage = (options: StorageOptions) => InstanceStorage | Promise<InstanceStorage>;

/** The settings that an instance's storage follows; `dataDir` is the instance's own directory. */
export type StorageSettings = Pick<
  BrokerSettings,
  | 'dataDir'
  | 'fsync'
  | 'frameBytesMax'
  | 'queuedBytesMax'
  | 'diskFreeBytesMin'
  | 'blockBytes'
  | 'blocksPerFile'
  | 'segmentMs'
  | 'producerIdExpirationMs'
>;

/**
 * The storage of one instance, from open to close.
 *
 * Life: `open`, then `storage` until `close`. A fenced instance stays open: it reads and refuses to
 * write.
 */
export class BrokerInstance {
  /** The instance's directory as an absolute path. */
  readonly dataDir: string;
  private opened: InstanceStorage | undefined;
  private fenceReported = false;
  private isFullReported = false;

  constructor(
    private readonly settings: StorageSettings,
    private readonly openStorage: OpenStorage,
    private readonly log: Logger,
  ) {
    this.dataDir = resolve(settings.dataDir);
  }

  /** REQUIRES: `open` has resolved. */
  get storage(): InstanceStorage {
    if (this.opened === undefined) throw new StorageError('CLOSED', 'the instance is not open');
    return this.opened;
  }

  /**
   * Opens the storage, recovers it and logs what recovery found; the event loop goes on meanwhile.
   * Rejects, with nothing open, with the BrokerStartError DATA_DIR_LOCKED, DATA_DIR_UNUSABLE or
   * STORAGE_FAILED.
   */
  async open(): Promise<void> {
    const { fsync, frameBytesMax, queuedBytesMax, blockBytes, blocksPerFile, segmentMs } =
      this.settings;
    const { producerIdExpirationMs, diskFreeBytesMin } = this.settings;
    const startMs = performance.now();
    try {
      this.opened = await this.openStorage({
        directory: this.dataDir,
        fsyncSchedule: fsync,
        // What a topic takes is its own say, up to what a frame can bring.
        batchBytesMax: frameBytesMax,
        queuedBytesMax,
        freeBytesMin: diskFreeBytesMin,
        blockBytes,
        blocksPerFile,
        producerIdExpirationMs,
        segmentMs,
      });
    } catch (error) {
      throw this.explain(error);
    }
    this.reportRecovery(this.opened, performance.now() - startMs);
  }

  /** Why the instance takes no writes; undefined while it does. */
  get fenceReason(): string | undefined {
    const fence = this.opened?.fence;
    return fence === undefined ? undefined : `the instance is fenced: ${fence.message}`;
  }

  /** Whether it takes no records because the disk is full. */
  get isDiskFull(): boolean {
    return this.opened?.appendRefusal !== undefined;
  }

  /** Why the instance takes no records; undefined while it does. */
  get refusal(): string | undefined {
    return this.fenceReason ?? this.opened?.appendRefusal;
  }

  /** Logs that the disk became full, and that it is so no more. Cheap enough for every second. */
  reportRoom(): void {
    const reason = this.opened?.appendRefusal;
    if ((reason !== undefined) === this.isFullReported) return;
    this.isFullReported = reason !== undefined;
    if (reason === undefined) this.log.info('the disk has room again: produce goes on');
    else this.log.error({ reason }, 'produce is refused until space is freed');
  }

  /**
   * Logs once, as fatal, that the storage takes no more writes. Cheap enough to ask every second.
   */
  reportFence(): void {
    const fence = this.opened?.fence;
    if (fence === undefined || this.fenceReported) return;
    this.fenceReported = true;
    this.log.fatal(
      { code: fence.code, reason: fence.message },
      'a write or sync failed: the instance takes no more writes until the broker is restarted',
    );
  }

  /**
   * Syncs and closes. Idempotent. Rejects with the StorageError of a sync that failed; the storage
   * is closed all the same.
   */
  async close(): Promise<void> {
    await this.opened?.close();
  }

  private reportRecovery(storage: InstanceStorage, durationMs: number): void {
    const report = storage.recoveryReport;
    const fields = {
      dataDir: this.dataDir,
      instanceId: storage.instanceId,
      topics: storage.catalogue.list().length,
      durationMs: Math.round(durationMs),
      previousCloseWasClean: report.previousCloseWasClean,
      leaderEpochBumped: report.leaderEpochBumped,
      bytesRead: report.bytesRead,
    };
    this.log.info(fields, 'storage opened');
    for (const cut of report.cuts) this.log.warn(cut, 'a torn tail was cut');
    for (const cursor of report.clampedCursors) {
      this.log.warn(cursor, 'a reader stood above the recovered end and was moved to it');
    }
    for (const corruption of report.corruptions) {
      this.log.error(corruption, 'acknowledged records are damaged; reads from there on fail');
    }
    for (const note of report.notes) this.log.info({ note }, 'recovery note');
  }

  private explain(error: unknown): unknown {
    if (error instanceof StorageError && error.code === 'LOCKED') {
      return new BrokerStartError(
        'DATA_DIR_LOCKED',
        `${this.dataDir} is in use by another process: stop that broker, or choose another ` +
          'directory with --data-dir.',
        { cause: error },
      );
    }
    if (error instanceof AddonError) {
      return new BrokerStartError('STORAGE_FAILED', `${error.message}.`, { cause: error });
    }
    const reason = error instanceof StorageError ? EXPLANATIONS[error.code] : undefined;
    if (reason === undefined) return error;
    const cause = (error as Error).message;
    const message = `${reason.what} ${this.dataDir} (${cause}): ${reason.advice}`;
    return new BrokerStartError(reason.code, message, { cause: error });
  }
}

interface Explanation {
  readonly code: BrokerStartErrorCode;
  readonly what: string;
  readonly advice: string;
}

const UNUSABLE: Explanation = {
  code: 'DATA_DIR_UNUSABLE',
  what: 'Cannot use the data directory',
  advice: 'it has to be a directory this user may write to; --data-dir chooses another.',
};

const EXPLANATIONS: Partial<Readonly<Record<StorageError['code'], Explanation>>> = {
  IO: UNUSABLE,
  INVALID_INPUT: UNUSABLE,
  NO_SPACE: {
    code: 'STORAGE_FAILED',
    what: 'The disk is full under',
    advice: 'free some space, or choose another directory with --data-dir.',
  },
  CORRUPT: {
    code: 'STORAGE_FAILED',
    what: 'Cannot make sense of',
    advice: 'nothing was changed; look at it with `walrusmq wal verify`.',
  },
};
