// Looking into the directory of an instance that nobody has open.
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { catalogueRecordsIn } from './catalogue-records';
import { CATALOGUE_TOPIC_ID, topicIdText } from './log-id';
import { awaitNative, callNative, loadAddon } from './native-binding';
import type {
  NativeInspected,
  NativeProblem,
  NativeVerifiedLog,
  NativeVerifyReport,
} from './native-binding';

/** Replaces the 16 bytes of a topic id by the UUID they are. */
export type WithText<T> = T extends { readonly topicId: Buffer | null }
  ? Omit<T, 'topicId'> & { readonly topicId: T['topicId'] extends Buffer ? string : string | null }
  : T;

/** A file, block, run or batch of the directory, or something that is wrong with one. */
export type InspectedItem = WithText<NativeInspected>;

/** Something that is wrong: `damage`, `torn` (the next open cuts it off) or a harmless `notice`. */
export type InspectProblem = WithText<NativeProblem>;

/** What `verifyDirectory` counted and found. */
export type VerifyReport = Omit<NativeVerifyReport, 'logs' | 'problems'> & {
  readonly logs: readonly WithText<NativeVerifiedLog>[];
  readonly problems: readonly InspectProblem[];
};

/**
 * Shows every file with its blocks, their runs and batches, in the order of the disk, and the
 * problems met on the way. Waits for the disk on this thread. Changes nothing.
 * @throws {StorageError} LOCKED the instance is running; INVALID_INPUT no instance is there; IO.
 * What
 *   `onItem` throws ends it.
 */
export function inspectDirectory(directory: string, onItem: (item: InspectedItem) => void): void {
  callNative(() => {
    loadAddon().inspect(directory, (item) => onItem(withText(item)));
  });
}

/**
 * Checks every byte that is in use. Damage is in the report. Changes nothing.
 * Rejects with LOCKED the instance is running; INVALID_INPUT no instance is there; IO.
 */
export async function verifyDirectory(directory: string): Promise<VerifyReport> {
  const report = await awaitNative(() => loadAddon().verify(directory));
  return {
    ...report,
    logs: report.logs.map(withText),
    problems: report.problems.map(withText),
  };
}

/**
 * The bytes of a batch that `inspectDirectory` showed.
 * @param fileId That of the block the batch was shown in.
 */
export function readInspectedBatch(
  directory: string,
  fileId: number,
  batch: { readonly position: number; readonly bytes: number },
): Buffer {
  const file = openSync(join(directory, String(fileId)), 'r');
  try {
    const bytes = Buffer.alloc(batch.bytes);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, batch.position));
  } finally {
    closeSync(file);
  }
}

/**
 * Names of the topics in the directory by id, deleted ones included. Batches that do not verify are
 * passed over: `verifyDirectory` tells of them.
 * @throws {StorageError} As `inspectDirectory`.
 */
export function inspectTopicNames(directory: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let fileId = 0;
  let isWhole = false;
  inspectDirectory(directory, (item) => {
    if (item.kind === 'block') fileId = item.fileId;
    else if (item.kind === 'run') isWhole = item.intact;
    else if (item.kind === 'batch' && item.topicId === CATALOGUE_TOPIC_ID && isWhole) {
      for (const record of catalogueRecordsIn(readInspectedBatch(directory, fileId, item))) {
        if (record.type !== 'instance') names.set(record.id, record.name);
      }
    }
  });
  return names;
}

/** The item with its topic id, if it has one, as text. */
export function withText<T extends object>(item: T): WithText<T> {
  if (!('topicId' in item) || !Buffer.isBuffer(item.topicId)) return item as WithText<T>;
  return { ...item, topicId: topicIdText(item.topicId) } as WithText<T>;
}
