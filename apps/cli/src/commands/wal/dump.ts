import {
  COMPRESSIONS,
  COMPRESSION_BITS,
  RecordBatchError,
  checkBatch,
  decodeBatches,
  type DecodedRecord,
} from '@walrusmq/record-batch';
import type { InspectedItem } from '@walrusmq/storage';
import { CliError } from '../../cli-error';
import { counted, grouped, sizeText } from '../../output/tables';
import { textOrBase64 } from '../../output/record-format';
import { LineWriter, type Terminal } from '../../output/terminal';

export interface DumpOptions {
  readonly dataDir: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly records?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

type Storage = typeof import('@walrusmq/storage');
type Item<Kind extends InspectedItem['kind']> = Extract<InspectedItem, { kind: Kind }>;

function timeText(timestamp: number): string {
  return timestamp < 0 ? 'without time' : new Date(timestamp).toISOString();
}

/** Whatever its checksum says: a damaged batch may name a codec that there is none of. */
function compressionOf(batch: Item<'batch'>): string {
  return COMPRESSIONS[batch.attributes & COMPRESSION_BITS] ?? 'unknown compression';
}

/** Ends the walk once enough was shown. */
class LimitReached extends Error {}

/**
 * Prints what the directory holds. @throws What `inspectDirectory` does; CliError for the topic.
 */
export async function dump(options: DumpOptions, terminal: Terminal): Promise<void> {
  const storage = await import('@walrusmq/storage');
  const names = storage.inspectTopicNames(options.dataDir);
  const lines = new DumpLines(storage, options, names);
  let isCut = false;
  try {
    storage.inspectDirectory(options.dataDir, (item) => lines.take(item));
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    isCut = true;
  }
  const writer = new LineWriter(terminal.stdout);
  for (const line of lines.lines) await writer.write(line);
  await writer.flush();
  if (isCut) terminal.stderr.write(`stopped after ${options.limit} lines; --limit shows more\n`);
}

/** Turns what is shown into lines, those of the wanted logs only. */
class DumpLines {
  readonly lines: string[] = [];
  private fileId = 0;
  private isIntact = true;

  constructor(
    private readonly storage: Storage,
    private readonly options: DumpOptions,
    private readonly names: ReadonlyMap<string, string>,
  ) {
    const { topic } = options;
    if (topic === undefined || [...names].some((known) => known.includes(topic))) return;
    throw new CliError(`the directory holds no topic ${topic}; it knows ${this.known()}`);
  }

  take(item: InspectedItem): void {
    if (item.kind === 'block') this.fileId = item.fileId;
    if (item.kind === 'run') this.isIntact = item.intact;
    if (!this.isWanted(item)) return;
    this.push(this.options.json === true ? this.json(item) : this.text(item));
    if (item.kind === 'batch' && this.options.records === true) this.takeRecords(item);
  }

  private takeRecords(batch: Item<'batch'>): void {
    // A damaged batch is shown, not decoded.
    if (!this.isWhole(batch)) return;
    const bytes = this.storage.readInspectedBatch(this.options.dataDir, this.fileId, batch);
    try {
      for (const record of decodeBatches(bytes)) this.push(this.record(batch, record));
    } catch (error) {
      // A producer can send a batch whose checksum is right and whose records are not.
      if (!(error instanceof RecordBatchError)) throw error;
      this.push(this.undecodable(batch, error));
    }
  }

  /** A run that is intact has been checked; the batches of another one are looked at one by one. */
  private isWhole(batch: Item<'batch'>): boolean {
    if (this.isIntact) return true;
    const bytes = this.storage.readInspectedBatch(this.options.dataDir, this.fileId, batch);
    try {
      checkBatch(bytes);
      return true;
    } catch (error) {
      if (error instanceof RecordBatchError) return false;
      throw error;
    }
  }

  private push(line: string): void {
    if (this.lines.length === this.options.limit) throw new LimitReached();
    this.lines.push(line);
  }

  private isWanted(item: InspectedItem): boolean {
    const { topic, partition } = this.options;
    if (topic === undefined && partition === undefined) return true;
    if (!('topicId' in item) || item.topicId === null) return false;
    const isTopic =
      topic === undefined || item.topicId === topic || this.names.get(item.topicId) === topic;
    return isTopic && (partition === undefined || item.partition === partition);
  }

  private known(): string {
    const names = [...new Set(this.names.values())];
    return names.length === 0 ? 'none' : names.slice(0, 20).join(', ');
  }

  private logName(item: {
    readonly topicId: string | null;
    readonly partition: number | null;
  }): string {
    if (item.topicId === null) return 'no log';
    const own = this.storage.OWN_LOG_NAMES.get(item.topicId);
    if (own !== undefined) return `the ${own}`;
    return `${this.names.get(item.topicId) ?? item.topicId}/${String(item.partition)}`;
  }

  private json(item: InspectedItem): string {
    const topic =
      'topicId' in item && item.topicId !== null ? this.names.get(item.topicId) : undefined;
    const crcOk = item.kind === 'batch' ? this.isWhole(item) : undefined;
    const compression = item.kind === 'batch' ? compressionOf(item) : undefined;
    return JSON.stringify({ ...item, topic, crcOk, compression });
  }

  private text(item: InspectedItem): string {
    switch (item.kind) {
      case 'file':
        return `file ${item.fileId}: ${item.blocksPerFile} blocks of ${sizeText(item.blockBytes)}`;
      case 'block':
        return (
          `  block ${item.blockId} of ${this.logName(item)}: number ${item.ordinal}, ` +
          `from offset ${item.baseOffset}, at ${item.position}` +
          `${item.sealed ? ', sealed' : ''}${item.deleted ? ', deleted' : ''}`
        );
      case 'run':
        if (item.batchCount === 0 && item.bytes > 0) {
          return `    producers at ${item.position}: ${grouped(item.bytes)} bytes`;
        }
        if (item.batchCount === 0) {
          return `    bare frame at ${item.position}: synced through ${item.syncedThrough}`;
        }
        return (
          `    run at ${item.position}: offsets ${item.baseOffset} to ${item.nextOffset - 1}, ` +
          `${counted(item.batchCount, 'batch', 'batches')}, ${grouped(item.bytes)} bytes, ` +
          `synced through ${item.syncedThrough}, epoch ${item.leaderEpoch}` +
          (item.intact ? '' : ', DAMAGED')
        );
      case 'batch':
        return (
          `      batch at ${item.position}: offset ${item.baseOffset}, ` +
          `${counted(item.recordCount, 'record')}, ${grouped(item.bytes)} bytes, ` +
          (compressionOf(item) === 'none' ? '' : `${compressionOf(item)}, `) +
          `newest ${timeText(item.maxTimestamp)}, crc ${this.isWhole(item) ? 'ok' : 'BAD'}`
        );
      case 'problem':
        return `  ${item.problem}: ${item.what} (${this.logName(item)}, offset ${item.offset})`;
    }
  }

  private undecodable(batch: Item<'batch'>, error: RecordBatchError): string {
    const { code, message } = error;
    if (this.options.json !== true) return `        ${code}: ${message}`;
    const { topicId, partition, baseOffset } = batch;
    const topic = this.names.get(topicId);
    const what = { kind: 'undecodable', topicId, topic, partition, baseOffset };
    return JSON.stringify({ ...what, code, message });
  }

  private record(batch: Item<'batch'>, record: DecodedRecord): string {
    const { topicId, partition } = batch;
    const { offset, timestamp } = record;
    const key = textOrBase64(record.key);
    const value = textOrBase64(record.value);
    if (this.options.json === true) {
      const headers = record.headers.map((header) => [header.key, textOrBase64(header.value)]);
      const topic = this.names.get(topicId);
      const log = { kind: 'record', topicId, topic, partition };
      return JSON.stringify({ ...log, offset, timestamp, key, value, headers });
    }
    return `        ${offset}: ${JSON.stringify(key)} ${JSON.stringify(value)}`;
  }
}
