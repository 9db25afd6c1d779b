// What goes on while the broker is killed: three senders of different kinds on the same partitions.
import { COMPRESSIONS, encodeBatch, type RecordInput } from '@walrusmq/record-batch';
import { Producer } from '@walrusmq/client';
import type { DeliveryOracle } from './delivery-oracle';
import { type ProtocolLink, RefusedError } from './protocol-link';
import type { RecordSource } from './record-source';
import type { SeededRandom } from './seeded-random';

/** What the senders of one run share. */
export interface Field {
  readonly topic: string;
  readonly partitionCount: number;
  readonly oracle: DeliveryOracle;
  readonly source: RecordSource;
  readonly random: SeededRandom;
  /** A new id for each record. */
  readonly takeId: () => number;
  /** Whether the broker is being killed: requests may fail from then on, nothing new is sent. */
  readonly isOver: () => boolean;
  readonly onAcknowledged: () => void;
}

const SENDS_IN_FLIGHT = 48;
const CALLS_IN_FLIGHT = 6;
const SENT_BYTES_MAX = 3 * 1024 * 1024;

/** Keeps at most `limit` tasks under way until the broker is killed or enough was sent. */
async function keepInFlight(
  field: Field,
  limit: number,
  start: () => { bytes: number; done: Promise<void> },
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  for (let bytes = 0; !field.isOver() && bytes < SENT_BYTES_MAX;) {
    const task = start();
    bytes += task.bytes;
    // A failure before the kill is one of the broker: it ends the run.
    const done: Promise<void> = task.done
      .catch((error: unknown) => {
        if (!field.isOver() || error instanceof RefusedError) throw error;
      })
      .finally(() => underWay.delete(done));
    underWay.add(done);
    if (underWay.size >= limit) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

/** Single records and small groups through the SDK. */
export async function sendThroughSdk(field: Field, broker: string, acks: 'all' | 1): Promise<void> {
  const lane = `sdk-${acks}`;
  const producer = new Producer({
    broker,
    acks,
    // A record is sent once: what is read back twice was doubled by the broker.
    retries: 0,
    deliveryTimeoutMs: 10_000,
  });
  const { topic, source, oracle, random } = field;
  const start = (): { bytes: number; done: Promise<void> } => {
    const partition = random.between(0, field.partitionCount - 1);
    const ids = Array.from({ length: random.chance(0.1) ? 20 : 1 }, field.takeId);
    const records = ids.map((id) => ({ topic, partition, ...source.record(id) }));
    oracle.sent(lane, partition, ids, false);
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    const done = Promise.all(
      records.map(async (record, place) => {
        const receipt = await producer.send(record);
        oracle.acknowledged(ids[place] ?? -1, receipt.offset);
        field.onAcknowledged();
      }),
    ).then(() => undefined);
    return { bytes, done };
  };
  try {
    await keepInFlight(field, SENDS_IN_FLIGHT, start);
  } finally {
    await producer.close().catch((error: unknown) => {
      if (!field.isOver()) throw error;
    });
  }
}

/** Calls of several batches, each call all or nothing; some are larger than a small block. */
export async function sendCalls(field: Field, link: ProtocolLink): Promise<void> {
  const { topic, source, oracle, random } = field;
  const start = (): { bytes: number; done: Promise<void> } => {
    const partition = random.between(0, field.partitionCount - 1);
    const batchCount = random.between(1, 5);
    const ids: number[] = [];
    const batches = Array.from({ length: batchCount }, () => {
      const recordCount = random.chance(0.1) ? 60 : random.between(1, 8);
      const taken = Array.from({ length: recordCount }, field.takeId);
      ids.push(...taken);
      const compression = random.chance(0.3) ? random.pick(COMPRESSIONS) : 'none';
      return encodeBatch(
        taken.map((id): RecordInput => source.record(id)),
        { compression },
      );
    });
    const acks = random.pick([-1, 1] as const);
    oracle.sent('calls', partition, ids, true);
    const done = link.request('produce', { topic, partition, acks }, batches).then(({ fields }) => {
      if (!('baseOffset' in fields)) throw new Error('an unexpected form of produce reply');
      ids.forEach((id, place) => oracle.acknowledged(id, fields.baseOffset + place));
      field.onAcknowledged();
    });
    return { bytes: batches.reduce((sum, batch) => sum + batch.length, 0), done };
  };
  await keepInFlight(field, CALLS_IN_FLIGHT, start);
}
