// Reads a topic back with a named reader, and kills the broker and the reader in the middle.
import { Admin, Consumer, type ConsumerRecord } from '@walrusmq/client';
import type { BrokerProcess } from './broker-process';
import { FlightTotals, type Flight, type FlightFile } from './flights';
import { POSITION } from './produce';
import type { Rate } from './report';

/** How many records pass between two commits: what a crash may make the reader read again. */
const COMMIT_EVERY = 2_000;
/** Small against the files, so that at half way a fetch is always under way. */
const FETCH_BYTES = 64 * 1024;

export interface Consumed {
  readonly totals: FlightTotals;
  /** How fast it was while there was a broker. */
  readonly rate: Rate;
  readonly restartSeconds: number;
  /** Different offsets that were read. */
  readonly offsets: number;
  /** Records that were not read yet when the broker was killed under a fetch. */
  readonly unreadAtKill: number;
}

/**
 * Reads everything the topic holds. At half way the broker is killed with SIGKILL, and when the
 * reader loses its connection by that it is dropped without a last commit, as in a crash of both. A
 * new consumer of the same reader goes on from the last commit, so some records come again.
 */
export async function consumeFlights(
  broker: BrokerProcess,
  topic: string,
  reader: string,
  file: FlightFile,
): Promise<Consumed> {
  const reading = new Reading(broker, topic, reader, file);
  const startedAt = performance.now();
  const killedAt = await reading.untilCrash();
  await broker.start();
  const restartSeconds = (performance.now() - killedAt) / 1000;
  await reading.toEnd();
  const seconds = (performance.now() - startedAt) / 1000 - restartSeconds;
  const { records, bytes, totals, offsets, unreadAtKill } = reading;
  const rate = { records, bytes, seconds };
  return { totals, rate, restartSeconds, offsets: offsets.size, unreadAtKill };
}

/** What one named reader has read, over all of its consumers. */
class Reading {
  readonly totals: FlightTotals;
  /** Partition and offset of every record read. */
  readonly offsets = new Set<string>();
  records = 0;
  bytes = 0;
  unreadAtKill = 0;

  constructor(
    private readonly broker: BrokerProcess,
    private readonly topic: string,
    private readonly reader: string,
    file: FlightFile,
  ) {
    this.totals = new FlightTotals(file.flights.length);
  }

  /**
   * Resolves when the broker is gone and the consumer has lost it in the middle of a fetch.
   * @returns When that was, by `performance.now()`.
   */
  async untilCrash(): Promise<number> {
    const ends = await this.openEnds();
    const stored = [...ends.values()].reduce((sum, end) => sum + end, 0);
    const lost = new AbortController();
    const consumer = this.openConsumer(() => lost.abort(), lost.signal);
    let killed: Promise<void> | undefined;
    for await (const record of consumer) {
      this.take(record);
      if (killed === undefined && this.records * 2 >= stored) {
        this.unreadAtKill = stored - this.offsets.size;
        killed = this.broker.kill();
      }
      if (killed === undefined && this.records % COMMIT_EVERY === 0) await consumer.commit();
    }
    await consumer.close();
    await killed;
    return performance.now();
  }

  /** Resolves when each partition was read up to the end that it has now. */
  async toEnd(): Promise<void> {
    const ends = await this.openEnds();
    const consumer = this.openConsumer(() => undefined);
    for await (const record of consumer) {
      this.take(record);
      if (this.records % COMMIT_EVERY === 0) await consumer.commit();
      if (record.offset + 1 >= (ends.get(record.partition) ?? 0)) ends.delete(record.partition);
      if (ends.size === 0) break;
    }
    await consumer.commit();
    await consumer.close();
  }

  private openConsumer(onRetry: () => void, signal?: AbortSignal): Consumer<Buffer, Buffer> {
    return new Consumer<Buffer, Buffer>({
      broker: this.broker.address,
      topics: [this.topic],
      reader: this.reader,
      autoCommit: false,
      prefetchBytes: FETCH_BYTES,
      clientId: 'demo',
      onRetry,
      signal,
    });
  }

  private take(record: ConsumerRecord<Buffer, Buffer>): void {
    const value = record.valueBytes ?? Buffer.alloc(0);
    this.records += 1;
    this.bytes += value.length;
    this.offsets.add(`${record.partition}/${record.offset}`);
    const position = Number(record.headers[POSITION]?.toString());
    this.totals.add(position, JSON.parse(value.toString()) as Flight, record.key?.toString());
  }

  /** The ends of the partitions in which the reader has not saved its way to the end. */
  /** The ends of the partitions in which the reader has something left to read. */
  private async openEnds(): Promise<Map<number, number>> {
    const admin = new Admin({ broker: this.broker.address, clientId: 'demo' });
    try {
      const { topic } = this;
      const { partitions } = await admin.describeTopic(topic);
      const asked = partitions.map(({ partition }) => ({ topic, partition }));
      const places = await admin.readerOffsets(this.reader, asked);
      const open = partitions.filter((one, index) => {
        return one.readableEnd > (places[index]?.offset ?? one.logStartOffset);
      });
      return new Map(open.map(({ partition, readableEnd }) => [partition, readableEnd]));
    } finally {
      await admin.close();
    }
  }
}
