// What the instance's own log holds: one JSON record per change, replayed on open.
import { randomBytes } from 'node:crypto';
import { decodeBatches, encodeBatch } from '@walrusmq/record-batch';
import { CATALOGUE_TOPIC_ID, topicIdBytes } from './log-id';
import { callNative } from './native-binding';
import type { NativeWal } from './native-binding';
import type { PartitionLog } from './partition-log';
import { recordBytesOf } from './record-bytes';
import { StorageError } from './storage-error';
import type { TopicDescription } from './topic-catalogue';
import { TopicTable } from './topic-table';

const READ_BYTES = 1 << 20;
const INSTANCE_ID_BYTES = 16;

/**
 * A change of the catalogue; `instance` is the first record of every instance, and of a rewrite.
 */
export type CatalogueRecord =
  | { readonly type: 'instance'; readonly id: string }
  | ({ readonly type: 'topicCreated' } & TopicDescription)
  /** All of what the topic is from here on. */
  | ({ readonly type: 'topicAltered' } & TopicDescription)
  | { readonly type: 'topicDeleted'; readonly name: string; readonly id: string };

/** A change of a topic. */
export type CatalogueChange = Exclude<CatalogueRecord, { readonly type: 'instance' }>;

/** What replaying the catalogue gives. */
export interface ReplayedCatalogue {
  instanceId: string;
  readonly table: TopicTable;
  /** Names of the topics that were deleted, by id: their logs may go. */
  readonly deletedTopics: Map<string, string>;
  /** The log's handle in the addon. */
  readonly handle: number;
  /** Records below this offset are replayed. */
  nextOffset: number;
  /** Where all that counts was written once more (`CatalogueLog`): what lies before may go. */
  rewriteOffset: number | undefined;
}

/** What the log holds as a record's value. */
export function catalogueValue(record: CatalogueRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}

/** One record as a batch, ready to append. */
export function encodeCatalogueRecord(record: CatalogueRecord): Buffer {
  return encodeBatch([{ value: catalogueValue(record) }]);
}

/**
 * Reads the catalogue of an instance; an instance that is new gets its id, durable by the schedule.
 * @throws {StorageError} CORRUPT when a record cannot be read or means nothing to this version: to
 * go on
 *   without it could hide a topic. NO_SPACE, IO.
 */
export function replayCatalogue(native: NativeWal): ReplayedCatalogue {
  const handle = callNative(() => native.openLog(topicIdBytes(CATALOGUE_TOPIC_ID), 0));
  const replayed = newReplay(handle, callNative(() => native.logInfo(handle)).startOffset);
  advanceReplay(native, replayed);
  if (replayed.instanceId === '') {
    callNative(() => native.appendSync(replayed.handle, [newInstance()]));
    // Another thread may have been faster.
    advanceReplay(native, replayed);
  }
  return replayed;
}

/** The catalogue's log with its handle in the addon. */
type HandledLog = PartitionLog & { readonly handle: number };

/** As `replayCatalogue`, without making the event loop wait; rejects with the same errors. */
export async function loadCatalogue(log: HandledLog): Promise<ReplayedCatalogue> {
  const replayed = newReplay(log.handle, log.logStartOffset);
  await catchUp(log, replayed);
  if (replayed.instanceId === '') {
    await log.append([newInstance()]).synced;
    await catchUp(log, replayed);
  }
  return replayed;
}

async function catchUp(log: PartitionLog, replayed: ReplayedCatalogue): Promise<void> {
  for await (const bytes of recordBytesOf(log, () => replayed.nextOffset)) apply(replayed, bytes);
}

function newReplay(handle: number, startOffset: number): ReplayedCatalogue {
  return {
    instanceId: '',
    table: new TopicTable(),
    deletedTopics: new Map(),
    handle,
    nextOffset: startOffset,
    rewriteOffset: undefined,
  };
}

function newInstance(): Buffer {
  const id = randomBytes(INSTANCE_ID_BYTES).toString('hex');
  return encodeCatalogueRecord({ type: 'instance', id });
}

/**
 * Replays what was appended since. Of two records that say the same the first counts: two threads
 * may write it at once.
 * @throws {StorageError} As `replayCatalogue`.
 */
export function advanceReplay(native: NativeWal, replayed: ReplayedCatalogue): void {
  const { handle } = replayed;
  const end = callNative(() => native.readableEnd(handle));
  while (replayed.nextOffset < end) {
    const from = replayed.nextOffset;
    apply(
      replayed,
      callNative(() => native.readSync(handle, from, READ_BYTES)),
    );
  }
}

function apply(replayed: ReplayedCatalogue, bytes: Buffer): void {
  const { table } = replayed;
  for (const record of decodeBatches(bytes)) {
    // The first batch may begin below the log start.
    if (record.offset < replayed.nextOffset) continue;
    const change = parseRecord(record.value, record.offset);
    replayed.nextOffset = record.offset + 1;
    if (change.type === 'instance') {
      // Said once more, by whoever wrote all that counts behind it.
      if (replayed.instanceId === change.id) replayed.rewriteOffset = record.offset;
      replayed.instanceId ||= change.id;
    } else if (change.type === 'topicDeleted') {
      if (table.find(change.name)?.id === change.id) table.remove(change.name);
      replayed.deletedTopics.set(change.id, change.name);
    } else if (change.type === 'topicAltered') {
      if (table.find(change.name)?.id === change.id) table.add(topicOf(change));
    } else if (table.find(change.name) === undefined) table.add(topicOf(change));
  }
}

/**
 * The changes that whole batches of the catalogue's log hold.
 * @throws {StorageError} CORRUPT for a record that means nothing to this version.
 */
export function* catalogueRecordsIn(bytes: Buffer): Generator<CatalogueRecord> {
  for (const record of decodeBatches(bytes)) yield parseRecord(record.value, record.offset);
}

function parseRecord(value: Buffer | null, offset: number): CatalogueRecord {
  try {
    const record = JSON.parse(String(value)) as CatalogueRecord;
    const isKnown =
      (record.type === 'instance' && typeof record.id === 'string') ||
      (record.type === 'topicDeleted' && isNamed(record)) ||
      ((record.type === 'topicCreated' || record.type === 'topicAltered') &&
        isNamed(record) &&
        Number.isInteger(record.partitionCount));
    if (isKnown) return record;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const text = `record ${offset} of the topic catalogue is not one that this version knows`;
  throw new StorageError('CORRUPT', text);
}

function isNamed(record: { readonly name: unknown; readonly id: unknown }): boolean {
  return typeof record.name === 'string' && typeof record.id === 'string';
}

/** Records of earlier versions have no pins. */
function topicOf(record: Omit<TopicDescription, 'pins'> & Partial<TopicDescription>) {
  const { name, id, partitionCount, createdAtMs, configs, pins = [] } = record;
  return { name, id, partitionCount, createdAtMs, configs, pins };
}
