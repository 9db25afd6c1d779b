// The only file that loads the addon.
import type { NativeOptions, NativeRecoveryReport, Wal } from '@walrusmq/native';
import type { RecoveryReport, StorageOptions } from './instance-storage';
import { topicIdText } from './log-id';
import { lineSink } from './operator-lines';
import type { LineSink } from './operator-lines';
import type { LogId } from './partition-log';
import { AddonError, StorageError } from './storage-error';

export type NativeWal = Wal;
export type {
  NativeFailure,
  NativeInspected,
  NativeProblem,
  NativeRepairAction,
  NativeRepairReport,
  NativeVerifiedLog,
  NativeVerifyReport,
} from '@walrusmq/native';

const DEFAULT_INTERVAL_MS = 1000;

/**
 * Loads the addon on first use: who keeps everything in memory needs none.
 * @throws {AddonError} It is not built.
 */
export function loadAddon(): typeof import('@walrusmq/native') {
  try {
    // An import would load it with this library.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require('@walrusmq/native') as typeof import('@walrusmq/native');
  } catch (error) {
    throw new AddonError(error);
  }
}

/** What the threads of a process that share an instance have to agree on beside its options. */
export interface SharingOptions {
  /** Entries between two saves of a reader's cursor. */
  readonly persistEvery: number;
}

/** Where the lines of an opening go; see `lineSink`. */
export interface OpeningOptions {
  readonly sharing?: SharingOptions;
  readonly onLog?: LineSink | undefined;
}

/**
 * Opens the log of a directory, which is created when it does not exist: for this caller alone, or,
 * with `sharing`, together with those of this process that open it with the same options.
 * @throws {StorageError} LOCKED, INVALID_INPUT, IO: nothing of the directory's contents was
 * changed.
 * @throws {AddonError} The native engine is not built.
 */
export function openNativeWal(
  options: StorageOptions,
  { sharing, onLog }: OpeningOptions = {},
): NativeWal {
  const shared = sharing && { ...sharing, shared: true };
  const { Wal: WalClass } = loadAddon();
  const wal = callNative(() => WalClass.open({ ...nativeOptions(options), ...shared }));
  for (const line of wal.openingLines) lineSink(onLog)(line);
  return wal;
}

/**
 * As `openNativeWal` for this caller alone, off the event loop; rejects with the same errors. A
 * process that exits meanwhile waits for it.
 */
export async function openNativeWalAsync(options: StorageOptions): Promise<NativeWal> {
  const { Wal: WalClass } = loadAddon();
  const wal = await awaitNative(() => WalClass.openAsync(nativeOptions(options)));
  for (const line of wal.openingLines) lineSink(undefined)(line);
  return wal;
}

function nativeOptions({ fsyncSchedule, ...rest }: StorageOptions): NativeOptions {
  const schedule = fsyncSchedule ?? { kind: 'milliseconds', intervalMs: DEFAULT_INTERVAL_MS };
  const interval = schedule.kind === 'milliseconds' ? { fsyncIntervalMs: schedule.intervalMs } : {};
  return { ...rest, fsync: schedule.kind, ...interval };
}

/**
 * Runs a call into the addon.
 * @throws {StorageError} In place of the addon's own errors.
 */
export function callNative<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw StorageError.from(error);
  }
}

/** As `callNative`, for a call that answers with a promise. */
export async function awaitNative<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw StorageError.from(error);
  }
}

/**
 * Closes what was opened and is of no use after `failure`; returns that. A fenced instance is
 * closed with an error of its own, which says less.
 */
export function closedAfter(native: NativeWal, failure: unknown): unknown {
  try {
    callNative(() => {
      native.closeSync();
    });
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
  return failure;
}

/** As `closedAfter`, off the event loop. */
export async function closedAfterAsync(native: NativeWal, failure: unknown): Promise<unknown> {
  try {
    await awaitNative(() => native.close());
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
  return failure;
}

/** The addon's report with topic ids as text. */
export function recoveryReportOf(native: NativeRecoveryReport): RecoveryReport {
  const withLog = <T extends { readonly topicId: Buffer; readonly partition: number }>(item: T) => {
    const { topicId, partition, ...rest } = item;
    const log: LogId = { topicId: topicIdText(topicId), partition };
    return { ...rest, log };
  };
  return {
    ...native,
    cuts: native.cuts.map(withLog),
    corruptions: native.corruptions.map(withLog),
    clampedCursors: native.clampedCursors.map(withLog),
  };
}
