// The client process: does what sdk-rounds.ts asks for and answers with the seconds it took. It
// lives through all rounds, as a client does.
import { randomFillSync } from 'node:crypto';
import { Consumer, Producer, type ProducerRecord } from '@walrusmq/client';
import { readFromFile, sendToFile } from './socket-file-client';

/** What can be asked for. */
export type Task =
  | {
      readonly kind: 'produce';
      readonly broker: string;
      readonly topic: string;
      readonly recordBytes: number;
      readonly recordCount: number;
      /** One promise for many records, or one each. */
      readonly call: 'sendMany' | 'send';
    }
  | {
      readonly kind: 'consume';
      readonly broker: string;
      readonly topic: string;
      readonly recordBytes: number;
      readonly recordCount: number;
      /** Reads as its only member, counted from when it has the partitions; else anonymously. */
      readonly group?: string;
    }
  | { readonly kind: 'write'; readonly port: number; readonly totalBytes: number }
  | { readonly kind: 'read'; readonly port: number; readonly totalBytes: number };

export type Answer = { readonly seconds: number } | { readonly error: string };

const RECORDS_PER_CALL = 10_000;
/** sendMany calls under way: the next one is encoded while the last one is answered. */
const CALLS_IN_FLIGHT = 2;
const SENDS_IN_FLIGHT = 20_000;
/** As the SDK: its batch size, its unanswered requests in four partitions. */
const CHUNK_BYTES = 256 * 1024;
const WINDOW_BYTES = 4 * 5 * CHUNK_BYTES;
const POOL_BYTES = 1024 * 1024;

const pool = randomFillSync(Buffer.allocUnsafe(POOL_BYTES));

function makeRecords(topic: string, recordBytes: number): ProducerRecord[] {
  return Array.from({ length: RECORDS_PER_CALL }, (_, index) => {
    const from = (index * recordBytes) % (POOL_BYTES - recordBytes);
    return { topic, value: pool.subarray(from, from + recordBytes) };
  });
}

async function sendInGroups(
  producer: Producer,
  records: readonly ProducerRecord[],
  recordCount: number,
): Promise<void> {
  const underWay: Promise<unknown>[] = [];
  for (let sent = 0; sent < recordCount; sent += records.length) {
    const rest = recordCount - sent;
    const group = rest >= records.length ? records : records.slice(0, rest);
    if (underWay.length >= CALLS_IN_FLIGHT) await underWay.shift();
    underWay.push(producer.sendMany(group));
  }
  await Promise.all(underWay);
}

async function sendOneByOne(
  producer: Producer,
  records: readonly ProducerRecord[],
  recordCount: number,
): Promise<void> {
  let underWay: Promise<unknown>[] = [];
  for (let sent = 0; sent < recordCount; sent += 1) {
    const record = records[sent % records.length];
    if (record === undefined) throw new RangeError('no records');
    underWay.push(producer.send(record));
    if (underWay.length === SENDS_IN_FLIGHT) {
      await Promise.all(underWay);
      underWay = [];
    }
  }
  await Promise.all(underWay);
}

async function produce(task: Task & { kind: 'produce' }): Promise<number> {
  const records = makeRecords(task.topic, task.recordBytes);
  const producer = new Producer({ broker: task.broker });
  try {
    // Connects and learns the partitions; one record more in the topic.
    await producer.sendMany(records.slice(0, 1));
    const started = performance.now();
    const send = task.call === 'sendMany' ? sendInGroups : sendOneByOne;
    await send(producer, records, task.recordCount);
    return (performance.now() - started) / 1000;
  } finally {
    await producer.close();
  }
}

async function consume(task: Task & { kind: 'consume' }): Promise<number> {
  let records = 0;
  let bytes = 0;
  let started = performance.now();
  const onPartitionsAssigned = (): void => void (started = performance.now());
  const member = { group: task.group, autoCommit: false as const, onPartitionsAssigned };
  const consumer = new Consumer({
    broker: task.broker,
    topics: [task.topic],
    ...(task.group === undefined ? {} : member),
  });
  let seconds = 0;
  await consumer.run({
    eachBatch: (batch) => {
      for (const record of batch.records) bytes += record.valueBytes?.length ?? 0;
      records += batch.records.length;
      if (records < task.recordCount) return;
      seconds = (performance.now() - started) / 1000;
      // Not awaited: closing waits for this handler.
      consumer.close().catch((error: unknown) => process.emit('uncaughtException', error as Error));
    },
  });
  if (records !== task.recordCount || bytes !== records * task.recordBytes) {
    throw new Error(`${records} records of ${bytes} bytes came, not ${task.recordCount}`);
  }
  return seconds;
}

async function carryOut(task: Task): Promise<number> {
  switch (task.kind) {
    case 'produce':
      return produce(task);
    case 'consume':
      return consume(task);
    case 'write':
      return sendToFile(task.port, pool.subarray(0, CHUNK_BYTES), task.totalBytes, WINDOW_BYTES);
    case 'read':
      return readFromFile(task.port, task.totalBytes);
  }
}

if (process.send !== undefined) {
  process.on('message', (task: Task) => {
    carryOut(task).then(
      (seconds) => process.send?.({ seconds } satisfies Answer),
      (error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        process.send?.({ error: text } satisfies Answer);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
}
