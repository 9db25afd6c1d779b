// A process of its own for what is measured of a whole process: memory, and opening a directory.
//   fill DIRECTORY TOPICS BYTES   writes so much payload, says so, and goes on until it is killed
//   open DIRECTORY                opens it and prints how long that took and what was read
//   idle DIRECTORY TOPICS         prints what topics of one small entry cost in memory
//   reclaim DIRECTORY BYTES       writes so much payload, frees it, and prints how long that took
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FsyncSchedule, Walrus } from '@walrusmq/storage';
import { makePayloads, PAYLOAD_COUNT } from '../suite/payloads';

/** What `open` prints. */
export interface Opened {
  readonly milliseconds: number;
  /** By the engine's own count. */
  readonly recoveryBytes: number;
  /** What the kernel fetched from the disk for this process meanwhile, read-ahead included. */
  readonly diskBytes: number;
  readonly previousCloseWasClean: boolean;
}

/** What `idle` prints. */
export interface Idle {
  readonly topics: number;
  /** Resident with one topic, and with all of them, after a collection. */
  readonly baseBytes: number;
  readonly rssBytes: number;
}

/** What `reclaim` prints. */
export interface Reclaimed {
  readonly milliseconds: number;
  /** Taken from the disk before, and not any more after. */
  readonly freedBytes: number;
}

const BATCH_ENTRIES = 1000;
const RECLAIM_ENDS_MS = 60_000;

function diskBytesRead(): number {
  return Number(/^read_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

function print(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function topicName(index: number): string {
  return `topic_${index}`;
}

function makeBatch(): { batch: readonly Buffer[]; batchBytes: number } {
  const ring = makePayloads();
  const batch = Array.from({ length: BATCH_ENTRIES }, (_, index) => {
    return ring[index % PAYLOAD_COUNT] ?? Buffer.of();
  });
  return { batch, batchBytes: batch.reduce((sum, { length }) => sum + length, 0) };
}

function fill(directory: string, topics: number, bytes: number): void {
  const walrus = Walrus.open({ directory, fsyncSchedule: FsyncSchedule.Milliseconds(1000) });
  const { batch, batchBytes } = makeBatch();
  let written = 0;
  let isFilled = false;
  for (let index = 0; ; index += 1) {
    walrus.batchAppendForTopic(topicName(index % topics), batch);
    written += batchBytes;
    // Goes on after that: it has to be killed in the middle of its work.
    if (isFilled || written < bytes) continue;
    isFilled = true;
    print({ written });
  }
}

async function open(directory: string): Promise<void> {
  const before = diskBytesRead();
  const started = performance.now();
  const walrus = Walrus.open({ directory });
  const milliseconds = performance.now() - started;
  const diskBytes = diskBytesRead() - before;
  const { bytesRead, previousCloseWasClean } = walrus.recoveryReport;
  print({
    milliseconds,
    recoveryBytes: bytesRead,
    diskBytes,
    previousCloseWasClean,
  } satisfies Opened);
  await walrus.close();
}

function collectedRss(): number {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('run with --expose-gc');
  gc();
  gc();
  return process.memoryUsage.rss();
}

async function idle(directory: string, topics: number): Promise<void> {
  const walrus = Walrus.open({ directory, fsyncSchedule: FsyncSchedule.NoFsync });
  const entry = Buffer.alloc(100, 1);
  // The same calls on one topic first: what they cost once is no topic's.
  for (let index = 0; index < topics; index += 1) walrus.appendForTopic(topicName(0), entry);
  const baseBytes = collectedRss();
  for (let index = 1; index <= topics; index += 1) walrus.appendForTopic(topicName(index), entry);
  print({ topics, baseBytes, rssBytes: collectedRss() } satisfies Idle);
  await walrus.close();
}

/** On the disk, by the file system's own count. */
function takenBytes(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => {
    const stat = statSync(join(directory, name), { throwIfNoEntry: false });
    return sum + (stat?.blocks ?? 0) * 512;
  }, 0);
}

async function reclaim(directory: string, bytes: number): Promise<void> {
  const options = { directory, reclaimRule: 'retention' } as const;
  const { batch, batchBytes } = makeBatch();
  let walrus = Walrus.open(options);
  for (let written = 0; written < bytes; written += batchBytes) {
    walrus.batchAppendForTopic(topicName(0), batch);
  }
  // On the disk, so that there is something to give back.
  await walrus.close();
  walrus = Walrus.open(options);
  const before = takenBytes(directory);
  const { nextOffset } = walrus.topicStats(topicName(0));
  const started = performance.now();
  await walrus.truncate(topicName(0), nextOffset);
  // The last block stays: it is being written to.
  while (takenBytes(directory) > before / 20) {
    if (performance.now() - started > RECLAIM_ENDS_MS) throw new Error('nothing was given back');
    await sleep(1);
  }
  const milliseconds = performance.now() - started;
  print({ milliseconds, freedBytes: before - takenBytes(directory) } satisfies Reclaimed);
  await walrus.close();
}

async function main([mode = '', directory = '', ...rest]: readonly string[]): Promise<void> {
  const [first = 0, second = 0] = rest.map(Number);
  if (mode === 'fill') fill(directory, first, second);
  else if (mode === 'open') await open(directory);
  else if (mode === 'idle') await idle(directory, first);
  else if (mode === 'reclaim') await reclaim(directory, first);
  else throw new Error(`store-process does not know ${mode}`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`store-process: ${String(error)}\n`);
  process.exitCode = 1;
});
