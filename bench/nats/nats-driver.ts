// The client process on NATS's side: its npm client, as sdk-driver.ts is ours.
import { randomFillSync } from 'node:crypto';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstream, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { startFastIngest } from '@nats-io/jetstream/internal';

/** What can be asked for; a stream is created by the first produce to it. */
export interface NatsTask {
  readonly kind: 'fast ingest' | 'publish' | 'consume';
  readonly server: string;
  readonly stream: string;
  readonly recordBytes: number;
  readonly recordCount: number;
}

export type NatsAnswer = { readonly seconds: number } | { readonly error: string };

/** Publishes without an answer yet: the client is slower with fewer, and with many more. */
const PUBLISHES_IN_FLIGHT = 4_000;
const ACK_TIMEOUT_MS = 60_000;
/** Messages per acknowledgement, three of them under way: the client's maximum. */
const ACK_INTERVAL = 500;
const ACKS_OUTSTANDING = 3;
/** What the server may send ahead of the program. */
const PULL_MESSAGES = 10_000;
const POOL_BYTES = 1024 * 1024;

const pool = randomFillSync(Buffer.allocUnsafe(POOL_BYTES));

function payloadAt(index: number, bytes: number): Buffer {
  const from = (index * bytes) % (POOL_BYTES - bytes);
  return pool.subarray(from, from + bytes);
}

async function createStream(connection: NatsConnection, stream: string): Promise<void> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({
    name: stream,
    subjects: [stream],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    allow_batched: true,
  });
}

async function fastIngest(connection: NatsConnection, task: NatsTask): Promise<number> {
  const { stream, recordBytes, recordCount } = task;
  const started = performance.now();
  const options = {
    allowGaps: false,
    ackInterval: ACK_INTERVAL,
    maxOutstandingAcks: ACKS_OUTSTANDING,
  };
  const first = payloadAt(0, recordBytes);
  const batch = await startFastIngest(connection, stream, first, options, ACK_TIMEOUT_MS);
  for (let sent = 1; sent < recordCount - 1; sent += 1) {
    await batch.add(stream, payloadAt(sent, recordBytes));
  }
  const { count } = await batch.last(stream, payloadAt(recordCount - 1, recordBytes));
  if (count !== recordCount) throw new Error(`${count} of ${recordCount} were stored`);
  return (performance.now() - started) / 1000;
}

async function publish(connection: NatsConnection, task: NatsTask): Promise<number> {
  const client = jetstream(connection, { timeout: ACK_TIMEOUT_MS });
  const started = performance.now();
  let underWay: Promise<unknown>[] = [];
  for (let sent = 0; sent < task.recordCount; sent += 1) {
    underWay.push(client.publish(task.stream, payloadAt(sent, task.recordBytes)));
    if (underWay.length < PUBLISHES_IN_FLIGHT) continue;
    await Promise.all(underWay);
    underWay = [];
  }
  await Promise.all(underWay);
  return (performance.now() - started) / 1000;
}

/** An ordered consumer, which acknowledges nothing: as our consumer without a reader. */
async function consume(connection: NatsConnection, task: NatsTask): Promise<number> {
  const consumer = await jetstream(connection).consumers.get(task.stream);
  const started = performance.now();
  const messages = await consumer.consume({ max_messages: PULL_MESSAGES });
  let records = 0;
  let bytes = 0;
  for await (const message of messages) {
    records += 1;
    bytes += message.data.length;
    if (records === task.recordCount) break;
  }
  const seconds = (performance.now() - started) / 1000;
  if (bytes !== records * task.recordBytes) throw new Error(`${bytes} bytes in ${records} records`);
  return seconds;
}

async function carryOut(task: NatsTask): Promise<number> {
  const connection = await connect({ servers: task.server });
  try {
    if (task.kind === 'consume') return await consume(connection, task);
    await createStream(connection, task.stream);
    return await (task.kind === 'publish' ? publish : fastIngest)(connection, task);
  } finally {
    await connection.close();
  }
}

if (process.send !== undefined) {
  process.on('message', (task: NatsTask) => {
    carryOut(task).then(
      (seconds) => process.send?.({ seconds } satisfies NatsAnswer),
      (error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        process.send?.({ error: text } satisfies NatsAnswer);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
}
