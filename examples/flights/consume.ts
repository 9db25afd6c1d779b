// Reads a topic back with a named reader, and kills the broker and the reader in the middle.
import { Admin, Consumer } from '@walrusmq/client';
import type { BrokerProcess } from './broker-process';
import { FlightTotals, type Flight, type FlightFile } from './flights';
import { POSITION } from './produce';
import type { Rate } from './report';

/** How many records pass between two commits: what a crash may make the reader read again. */
const COMMIT_EVERY = 2_000;

/**
 * Reads everything the topic holds. At half way the broker is killed with SIGKILL and the consumer is
 * dropped without a last commit, as in a crash of both; a new consumer of the same reader goes on from
 * the last commit, so some records come again.
 */
export async function consumeFlights(
  broker: BrokerProcess,
  topic: string,
  reader: string,
  file: FlightFile,
): Promise<{ totals: FlightTotals; rate: Rate }> {
  const totals = new FlightTotals(file.flights.length);
  const half = Math.floor(file.flights.length / 2);
  const startedAt = performance.now();
  const first = await readUntil(broker, topic, reader, totals, (distinct) => distinct >= half);
  await broker.kill();
  await broker.start();
  const ends = await readableEnds(broker, topic);
  const second = await readUntil(broker, topic, reader, totals, (_, positions) =>
    [...ends].every(([partition, end]) => (positions.get(partition) ?? 0) >= end),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const rate = {
    records: first.records + second.records,
    bytes: first.bytes + second.bytes,
    seconds,
  };
  return { totals, rate };
}

async function readUntil(
  broker: BrokerProcess,
  topic: string,
  reader: string,
  totals: FlightTotals,
  isDone: (distinct: number, positions: ReadonlyMap<number, number>) => boolean,
): Promise<{ records: number; bytes: number }> {
  const consumer = new Consumer<Buffer>({
    broker: broker.address,
    topics: [topic],
    reader,
    from: 'earliest',
    autoCommit: false,
    clientId: 'demo',
  });
  const positions = new Map<number, number>();
  let records = 0;
  let bytes = 0;
  for await (const record of consumer) {
    const value = record.valueBytes ?? Buffer.alloc(0);
    records += 1;
    bytes += value.length;
    positions.set(record.partition, record.offset + 1);
    const position = Number(record.headers[POSITION]?.toString());
    totals.add(position, JSON.parse(value.toString()) as Flight, record.key?.toString());
    if (isDone(totals.distinct, positions)) break;
    if (records % COMMIT_EVERY === 0) await consumer.commit();
  }
  await consumer.close();
  return { records, bytes };
}

async function readableEnds(broker: BrokerProcess, topic: string): Promise<Map<number, number>> {
  const admin = new Admin({ broker: broker.address, clientId: 'demo' });
  try {
    const { partitions } = await admin.describeTopic(topic);
    return new Map(partitions.map(({ partition, readableEnd }) => [partition, readableEnd]));
  } finally {
    await admin.close();
  }
}
