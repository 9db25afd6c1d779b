// A consumer's thread: reads its share of the partitions and measures from when a record was due.
import type { RecordableHistogram } from 'node:perf_hooks';
import { Consumer, type RecordBatch } from '@walrusmq/client';
import type { Tally } from './bench-messages';
import { STAMP_BYTES, type BenchPlan } from './bench-plan';
import { recordLatency } from './latencies';

interface Selection {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** The partitions of all topics that fall to one consumer, at least one. */
export function selectionOf(plan: BenchPlan, index: number): Selection[] {
  return plan.topics
    .map((topic, place) => ({
      topic,
      partitions: Array.from({ length: plan.partitions }, (_, partition) => partition).filter(
        (partition) => (place * plan.partitions + partition) % plan.consumers === index,
      ),
    }))
    .filter(({ partitions }) => partitions.length > 0);
}

/**
 * Reads until it is closed.
 *
 * Life: `run` starts with the first record of every partition; `connected` resolves when each has
 * given its first.
 */
export class BenchConsumer {
  readonly connected: Promise<void>;
  /** Records due before it are the warm-up's. */
  measuredFromMs = Number.POSITIVE_INFINITY;
  private readonly consumer: Consumer<Buffer, Buffer>;
  private readonly silent: Set<string>;
  private onConnected: () => void = () => undefined;

  constructor(
    plan: BenchPlan,
    index: number,
    private readonly clock: () => number,
    private readonly tally: Tally,
    private readonly latencies: RecordableHistogram,
  ) {
    const topics = selectionOf(plan, index);
    this.silent = new Set(
      topics.flatMap(({ topic, partitions }) => partitions.map((one) => `${topic}/${one}`)),
    );
    this.connected = new Promise((resolve) => (this.onConnected = resolve));
    this.consumer = new Consumer<Buffer, Buffer>({
      broker: plan.broker,
      instance: plan.instance,
      clientId: `walrusmq-bench-consumer-${index}`,
      topics,
      from: 'earliest',
      raw: true,
    });
  }

  /** Resolves once it was closed. @throws What the consumer failed with. */
  run(): Promise<void> {
    return this.consumer.run({ eachBatch: (batch) => this.take(batch) });
  }

  /** Ends `run`. */
  close(): Promise<void> {
    return this.consumer.close();
  }

  private take({ topic, partition, records }: RecordBatch<Buffer, Buffer>): void {
    const now = this.clock();
    let measured = 0;
    let bytes = 0;
    for (const { valueBytes } of records) {
      if (valueBytes === null) continue;
      const dueMs = valueBytes.readDoubleLE(valueBytes.length - STAMP_BYTES);
      if (dueMs < this.measuredFromMs) continue;
      measured += 1;
      bytes += valueBytes.length;
      recordLatency(this.latencies, now - dueMs);
    }
    this.tally.add(records.length, measured, bytes, now, this.measuredFromMs);
    if (this.silent.size === 0 || !this.silent.delete(`${topic}/${partition}`)) return;
    if (this.silent.size === 0) this.onConnected();
  }
}
