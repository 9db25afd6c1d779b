// Appends from JavaScript, and the same bytes through node:fs, in a process of its own.
import { randomFillSync } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBatch } from '@walrusmq/record-batch';
import { FsyncSchedule, openWalStorage, Walrus } from '@walrusmq/storage';

/** One run of one load. */
export interface AppendTask {
  readonly load: keyof typeof LOADS;
  /** Does not exist yet; removed before the answer. */
  readonly directory: string;
  readonly payloadBytes: number;
}

export interface AppendAnswer {
  readonly seconds: number;
  readonly error?: string;
}

const RECORD_BYTES = 1024;
const IN_FLIGHT = 64;
const SPARSE_BYTES = 1000 * 1024 * 1024;
const TOPIC = 'bench';
const TOPIC_ID = '6d1cf1b2-3d7e-4b0e-9a52-0d5f6f0b7a11';

const payload = randomFillSync(Buffer.allocUnsafe(RECORD_BYTES * IN_FLIGHT));
const records = Array.from({ length: IN_FLIGHT }, (_, index) =>
  payload.subarray(index * RECORD_BYTES, (index + 1) * RECORD_BYTES),
);

function record(index: number): Buffer {
  const found = records[index % IN_FLIGHT];
  if (found === undefined) throw new RangeError('no records');
  return found;
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

async function withWalrus(directory: string, work: (walrus: Walrus) => number): Promise<number> {
  const walrus = new Walrus({ directory, fsyncSchedule: FsyncSchedule.NoFsync });
  try {
    // Makes the topic and the first file.
    walrus.appendForTopic(TOPIC, record(0));
    return work(walrus);
  } finally {
    await walrus.close();
  }
}

function appendInTurn(directory: string, payloadBytes: number): Promise<number> {
  return withWalrus(directory, (walrus) => {
    const started = performance.now();
    for (let index = 0; index * RECORD_BYTES < payloadBytes; index += 1) {
      walrus.appendForTopic(TOPIC, record(index));
    }
    return secondsSince(started);
  });
}

function appendInBatches(directory: string, payloadBytes: number): Promise<number> {
  return withWalrus(directory, (walrus) => {
    const started = performance.now();
    for (let bytes = 0; bytes < payloadBytes; bytes += payload.length) {
      walrus.batchAppendForTopic(TOPIC, records);
    }
    return secondsSince(started);
  });
}

/** As the broker appends: 64 calls, each of one batch, before the first promise is waited for. */
async function appendInFlight(directory: string, payloadBytes: number): Promise<number> {
  const storage = await openWalStorage({ directory, fsyncSchedule: FsyncSchedule.NoFsync });
  try {
    const log = storage.log(TOPIC_ID, 0);
    const batches = records.map((value) => encodeBatch([{ value }]));
    await log.append([encodeBatch([{ value: record(0) }])]).written;
    const started = performance.now();
    for (let bytes = 0; bytes < payloadBytes; bytes += payload.length) {
      await Promise.all(batches.map((batch) => log.append([batch]).written));
    }
    return secondsSince(started);
  } finally {
    await storage.close();
  }
}

function writeInTurn(directory: string, payloadBytes: number, chunk: (index: number) => Buffer) {
  mkdirSync(directory);
  const file = openSync(join(directory, 'bare'), 'w');
  try {
    ftruncateSync(file, SPARSE_BYTES);
    writeSync(file, record(0), 0, RECORD_BYTES, 0);
    const started = performance.now();
    for (let index = 0, at = 0; at < payloadBytes; index += 1) {
      const bytes = chunk(index);
      at += writeSync(file, bytes, 0, bytes.length, at);
    }
    return Promise.resolve(secondsSince(started));
  } finally {
    closeSync(file);
  }
}

const LOADS = {
  'walrus-append': appendInTurn,
  'walrus-batch': appendInBatches,
  'log-append-64': appendInFlight,
  'fs-1k': (directory: string, bytes: number) => writeInTurn(directory, bytes, record),
  'fs-64k': (directory: string, bytes: number) => writeInTurn(directory, bytes, () => payload),
};

/** The names of the loads. */
export type AppendLoad = keyof typeof LOADS;

async function carryOut({ load, directory, payloadBytes }: AppendTask): Promise<number> {
  try {
    return await LOADS[load](directory, payloadBytes);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (process.send !== undefined) {
  process.on('message', (task: AppendTask) => {
    carryOut(task).then(
      (seconds) => process.send?.({ seconds } satisfies AppendAnswer),
      (error: unknown) =>
        process.send?.({ seconds: 0, error: String(error) } satisfies AppendAnswer),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
