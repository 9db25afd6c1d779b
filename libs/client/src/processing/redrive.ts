import { Admin } from '../admin';
import { Consumer } from '../consumer';
import type { ConsumerRecord } from '../consumer-record';
import { checkNames, type OptionNames } from '../option-names';
import { CONNECTION_NAMES, wholeNumber, type ConnectionOptions } from '../options';
import { Producer } from '../producer';
import { readDeadLetter, type DeadLetterOrigin } from './dead-letter-headers';

/** Options of `redriveDeadLetters`. */
export interface RedriveOptions extends ConnectionOptions {
  /** The dead-letter topic. */
  readonly topic: string;
  /**
   * The named reader that remembers how far it was redriven; the next call goes on behind it.
   * Default 'redrive'.
   */
  readonly reader?: string | undefined;
  /** Which ones go back; the others are passed over, for this reader for good. Default: all. */
  readonly filter?: ((record: ConsumerRecord, origin: DeadLetterOrigin) => boolean) | undefined;
  /** Dead letters to look at, at most. Default: all that are there when the call begins. */
  readonly limit?: number | undefined;
  /** Ends it early; what was sent counts. */
  readonly signal?: AbortSignal | undefined;
}

const REDRIVE_NAMES: OptionNames<RedriveOptions> = {
  ...CONNECTION_NAMES,
  topic: true,
  reader: true,
  filter: true,
  limit: true,
  signal: true,
};

/** What `redriveDeadLetters` has done. */
export interface RedriveResult {
  /** Records that are back in the topics they came from. */
  readonly redriven: number;
  /** Those that `filter` passed over, and records that are no dead letters. */
  readonly skipped: number;
}

/** Records whose sending is waited for together. */
const GROUP_RECORDS = 500;

/**
 * Sends dead letters back to where they came from: key and value bytes, and the headers they had
 * there, so that their attempts begin anew. They go to their own partition where there still is
 * one, behind what is there; the dead-letter topic keeps its copies.
 *
 * At least once: what was sent since the reader's last commit is sent again after a crash.
 *
 * @throws {DeliveryError} Some could not be sent. The reader stays before them.
 * @throws {WalrusError} What ended the reading.
 */
export async function redriveDeadLetters(options: RedriveOptions): Promise<RedriveResult> {
  checkNames('redriveDeadLetters', options, REDRIVE_NAMES);
  const { topic, reader = 'redrive', filter, limit: most, signal, ...connection } = options;
  const limit = wholeNumber('limit', most, Number.MAX_SAFE_INTEGER, 1, Infinity);
  const admin = new Admin(connection);
  const producer = new Producer(connection);
  const consumer = new Consumer({
    ...connection,
    topics: [topic],
    reader,
    raw: true,
    autoCommit: false,
    offsetOutOfRange: 'earliest',
    signal,
  });
  try {
    const ends = await pendingEnds(admin, topic, reader);
    const run = new Redrive(producer, partitionCounts(admin), filter);
    let looked = 0;
    while (ends.size > 0 && looked < limit) {
      const group: ConsumerRecord[] = [];
      const atOnce = Math.min(GROUP_RECORDS, limit - looked);
      for await (const record of consumer) {
        const end = ends.get(record.partition);
        if (end !== undefined && record.offset < end) group.push(record);
        if (end !== undefined && record.offset + 1 >= end) ends.delete(record.partition);
        if (ends.size === 0 || group.length >= atOnce) break;
      }
      if (group.length === 0) break;
      await run.send(group);
      looked += group.length;
      await consumer.commit(behind(group));
    }
    return { redriven: run.redriven, skipped: run.skipped };
  } finally {
    await Promise.all([consumer.close(), producer.close(), admin.close()]);
  }
}

class Redrive {
  redriven = 0;
  skipped = 0;

  constructor(
    private readonly producer: Producer,
    private readonly partitionCount: (topic: string) => Promise<number>,
    private readonly filter: RedriveOptions['filter'],
  ) {}

  /** Resolves once those of them that go back are there. */
  async send(records: readonly ConsumerRecord[]): Promise<void> {
    const back = [];
    for (const record of records) {
      const letter = readDeadLetter(record.headerList);
      if (letter === undefined || this.filter?.(record, letter.origin) === false) {
        this.skipped += 1;
        continue;
      }
      const { origin, headers } = letter;
      const count = await this.partitionCount(origin.topic);
      back.push({
        topic: origin.topic,
        key: record.keyBytes,
        value: record.valueBytes,
        headers,
        partition: origin.partition < count ? origin.partition : undefined,
      });
    }
    await this.producer.sendMany(back);
    this.redriven += back.length;
  }
}

/** By partition, the end of those that have something to redrive. */
async function pendingEnds(
  admin: Admin,
  topic: string,
  reader: string,
): Promise<Map<number, number>> {
  const ends = await admin.listOffsets(topic, { at: 'latest' });
  const starts = await admin.listOffsets(topic, { at: 'earliest' });
  const places = await admin.readerOffsets(
    reader,
    ends.map(({ partition }) => ({ topic, partition })),
  );
  const pending = new Map<number, number>();
  for (const { partition, offset: end } of ends) {
    const start = starts.find((each) => each.partition === partition)?.offset ?? 0;
    const place = places.find((each) => each.partition === partition)?.offset ?? 0;
    if (Math.max(start, place) < end) pending.set(partition, end);
  }
  return pending;
}

/** Asks once for each topic. */
function partitionCounts(admin: Admin): (topic: string) => Promise<number> {
  const counts = new Map<string, Promise<number>>();
  return (topic) => {
    let count = counts.get(topic);
    if (count === undefined) {
      count = admin.describeTopics([topic]).then(([found]) => found?.partitions.length ?? 0);
      counts.set(topic, count);
    }
    return count;
  };
}

function behind(
  records: readonly ConsumerRecord[],
): { topic: string; partition: number; offset: number }[] {
  const last = new Map(records.map((record) => [record.partition, record]));
  return [...last.values()].map(({ topic, partition, offset }) => ({
    topic,
    partition,
    offset: offset + 1,
  }));
}
