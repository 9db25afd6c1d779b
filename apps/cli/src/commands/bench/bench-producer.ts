// A producer's thread: sends records when they are due and measures until they are acknowledged.
import { setImmediate } from 'node:timers/promises';
import type { RecordableHistogram } from 'node:perf_hooks';
import { Producer, type ProducerRecord } from '@walrusmq/client';
import { GeneratedValues } from '../../generate/generated-values';
import { Pace, waitUntil } from '../../generate/pace';
import type { BenchOrder, Tally } from './bench-messages';
import { STAMP_BYTES, shareOf, type BenchPlan } from './bench-plan';
import { recordLatency } from './latencies';

const RUN_RECORDS_MAX = 1_000;
const RUN_BYTES_MAX = 256 * 1024;
/** What a producer buffers, unless a batch is larger. */
const BUFFER_BYTES_MIN = 32 * 1024 * 1024;

type Start = Extract<BenchOrder, { kind: 'start' }>;

/**
 * Sends one producer's share of a plan.
 *
 * Life: `connect`, then `run` to its end or until the signal, then `close`.
 */
export class BenchProducer {
  private readonly producer: Producer;
  private readonly values: GeneratedValues;
  private readonly runRecordsMax: number;
  private readonly underWay = new Set<Promise<void>>();
  private inFlight = 0;
  private failure: { readonly error: unknown } | undefined;
  private nextTopic: number;

  constructor(
    private readonly plan: BenchPlan,
    private readonly index: number,
    private readonly clock: () => number,
    private readonly tally: Tally,
    private readonly latencies: RecordableHistogram,
  ) {
    this.producer = new Producer({
      broker: plan.broker,
      instance: plan.instance,
      clientId: `walrusmq-bench-producer-${index}`,
      acks: plan.acks,
      compression: plan.compression,
      compressionLevel: plan.compressionLevel,
      lingerMs: plan.lingerMs,
      batchBytes: plan.batchBytes,
      bufferBytes: Math.max(BUFFER_BYTES_MIN, plan.batchBytes),
    });
    this.values = new GeneratedValues(plan.sizeBytes, plan.seed + index);
    const byBytes = Math.max(1, Math.floor(RUN_BYTES_MAX / plan.sizeBytes));
    this.runRecordsMax = Math.min(RUN_RECORDS_MAX, byBytes, plan.inFlightMax);
    this.nextTopic = index % plan.topics.length;
  }

  /** Sends to this producer's share of all partitions, so that consumers see each of them. */
  async connect(): Promise<void> {
    const { topics, partitions, producers } = this.plan;
    const all = topics.flatMap((topic) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
    );
    const own = all.filter((_, place) => place % producers === this.index);
    const value = this.stamped(0, Number.NEGATIVE_INFINITY);
    const records = (own.length > 0 ? own : all.slice(0, 1)).map((at) => ({ ...at, value }));
    await this.producer.sendMany(records);
    this.tally.add(records.length, 0, 0, 0, Number.POSITIVE_INFINITY);
  }

  /** @throws What a delivery failed with. */
  async run({ startMs, measuredFromMs }: Start, stop: AbortSignal): Promise<void> {
    const { plan, index } = this;
    const every = plan.rate === undefined ? 0 : 1_000 / plan.rate;
    // Producers take turns, so that all of them together are even.
    const pace =
      plan.rate === undefined
        ? undefined
        : new Pace(plan.rate / plan.producers, startMs + index * every);
    const endMs = measuredFromMs + plan.durationMs;
    let left = shareOf(plan.count, plan.producers, index);
    await waitUntil(startMs, this.clock);
    for (let sent = 0; left > 0 && !stop.aborted && this.failure === undefined;) {
      if (pace !== undefined) await waitUntil(pace.dueMs(sent), this.clock);
      const now = this.clock();
      const run: ProducerRecord[] = [];
      const dues: number[] = [];
      while (run.length < this.runRecordsMax && left > 0) {
        const dueMs = pace?.dueMs(sent) ?? now;
        if (dueMs > now || dueMs >= endMs) break;
        run.push({ topic: this.topicOf(sent), value: this.stamped(sent, dueMs) });
        dues.push(dueMs);
        sent += 1;
        if (dueMs >= measuredFromMs) left -= 1;
      }
      if (run.length > 0) await this.send(run, dues, measuredFromMs);
      if ((pace?.dueMs(sent) ?? now) >= endMs) break;
    }
    await Promise.all(this.underWay);
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** Ends the connection; what was not acknowledged is given up after a failure only. */
  close(): Promise<void> {
    return this.producer.close();
  }

  private topicOf(sent: number): string {
    // Several records to one topic, so that batches form; the share of each topic is the same.
    if (sent % this.runRecordsMax === 0) this.nextTopic += 1;
    return this.plan.topics[this.nextTopic % this.plan.topics.length] ?? '';
  }

  private stamped(index: number, dueMs: number): Buffer {
    const value = this.values.at(index);
    if (this.plan.consumers === 0) return value;
    const copy = Buffer.from(value);
    copy.writeDoubleLE(dueMs, copy.length - STAMP_BYTES);
    return copy;
  }

  /** Sends a run; resolves when the next one may be sent. */
  private async send(
    run: readonly ProducerRecord[],
    dues: readonly number[],
    measuredFromMs: number,
  ): Promise<void> {
    const settled = this.producer.sendMany(run).then(
      () => this.acknowledge(dues, measuredFromMs),
      (error: unknown) => {
        this.failure ??= { error };
      },
    );
    this.inFlight += run.length;
    const tracked = settled.finally(() => {
      this.inFlight -= run.length;
      this.underWay.delete(tracked);
    });
    this.underWay.add(tracked);
    while (
      this.inFlight + this.runRecordsMax > this.plan.inFlightMax &&
      this.underWay.size > 0 &&
      this.failure === undefined
    ) {
      await Promise.race(this.underWay);
    }
    // With acks 0 sends resolve at once: the sockets need their turn.
    if (this.plan.rate === undefined) await setImmediate();
  }

  private acknowledge(dues: readonly number[], measuredFromMs: number): void {
    const now = this.clock();
    let measured = 0;
    for (const dueMs of dues) {
      if (dueMs < measuredFromMs) continue;
      measured += 1;
      recordLatency(this.latencies, now - dueMs);
    }
    const bytes = measured * this.plan.sizeBytes;
    this.tally.add(dues.length, measured, bytes, now, measuredFromMs);
  }
}
