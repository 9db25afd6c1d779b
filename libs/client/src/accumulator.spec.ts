import { COMPRESSIONS, decodeBatch } from '@walrusmq/record-batch';
import fc from 'fast-check';
import { Accumulator, RefusedRecord } from './accumulator';
import type { EncodedRecord, PartitionQueue } from './partition-queue';
import type { ProducerBatch } from './producer-batch';
import { producerSettings, type ProducerOptions } from './producer-options';

function record(value: string): EncodedRecord {
  return { key: null, value: Buffer.from(value), headers: undefined, timestamp: 1 };
}

function valuesOf(batch: ProducerBatch): string[] {
  const { records } = decodeBatch(batch.bytes ?? Buffer.alloc(0));
  return records.map(({ value }) => value?.toString() ?? 'null');
}

/** An accumulator with a broker that does as the test says, in place of the sender. */
class Bench {
  readonly queues = new Set<PartitionQueue>();
  readonly accumulator: Accumulator;
  readonly log = new Map<number, string[]>();
  readonly outcomes = new Map<string, number>();
  private readonly inFlight: [PartitionQueue, ProducerBatch][] = [];
  private nowMs = 0;

  constructor(options: ProducerOptions) {
    this.accumulator = new Accumulator(producerSettings(options), {
      onFull: (queue) => this.queues.add(queue),
      onOpened: (queue) => this.queues.add(queue),
    });
    this.accumulator.topic('t').partitionCount = 3;
  }

  append(partition: number | undefined, value: string): boolean {
    const topic = this.accumulator.topic('t');
    const batch = this.accumulator.append(topic, partition, record(value), 0, undefined);
    batch?.addSingle(
      () => this.outcomes.set(value, (this.outcomes.get(value) ?? 0) + 1),
      () => undefined,
      1,
    );
    return batch !== undefined;
  }

  takeAll(): void {
    this.nowMs += 1_000;
    for (const queue of this.queues) {
      for (;;) {
        const batch = queue.takeNext(this.nowMs, false);
        if (batch === undefined) break;
        this.inFlight.push([queue, batch]);
      }
    }
  }

  /** The oldest `count` requests succeed; with `cut` the others fail, as their connection ended. */
  answer(count: number, cut: boolean): void {
    for (const [queue, batch] of this.inFlight.splice(0, count)) {
      this.log.set(queue.partition, [...(this.log.get(queue.partition) ?? []), ...valuesOf(batch)]);
      queue.succeeded(batch);
      batch.succeed(0);
      this.accumulator.release(batch);
    }
    if (!cut) return;
    for (const [queue, batch] of this.inFlight.splice(0)) queue.failed(batch, this.nowMs, true);
  }

  get busy(): boolean {
    return [...this.queues].some((queue) => !queue.idle);
  }
}

describe('Accumulator', () => {
  it('loses no record, keeps each partition in order and stays in its bound', () => {
    const step = fc.record({
      appends: fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.nat({ max: 90 })), {
        maxLength: 30,
      }),
      answers: fc.nat({ max: 6 }),
      cut: fc.boolean(),
    });
    const scenario = fc.record({
      steps: fc.array(step, { maxLength: 25 }),
      bufferBytes: fc.integer({ min: 400, max: 3_000 }),
      maxInFlight: fc.integer({ min: 1, max: 5 }),
      compression: fc.constantFrom(...COMPRESSIONS),
    });
    fc.assert(
      fc.property(scenario, ({ steps, ...options }) => {
        const bench = new Bench({ batchBytes: 200, ...options });
        const accepted = new Map<number, string[]>();
        let next = 0;
        for (const { appends, answers, cut } of steps) {
          for (const [partition, padding] of appends) {
            const value = `${next++}-${'x'.repeat(padding)}`;
            if (!bench.append(partition, value)) continue;
            accepted.set(partition, [...(accepted.get(partition) ?? []), value]);
          }
          expect(bench.accumulator.bufferedBytes).toBeLessThanOrEqual(options.bufferBytes);
          bench.takeAll();
          bench.answer(answers, cut);
        }
        while (bench.busy) {
          bench.takeAll();
          bench.answer(100, false);
        }
        for (const [partition, values] of accepted)
          expect(bench.log.get(partition)).toEqual(values);
        expect([...bench.outcomes.values()].every((times) => times === 1)).toBe(true);
        expect(bench.outcomes.size).toBe([...accepted.values()].flat().length);
        expect(bench.accumulator.bufferedBytes).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('never has more of a partition in flight than allowed, one while it recovers', () => {
    const bench = new Bench({ batchBytes: 128, maxInFlight: 3 });
    for (let i = 0; i < 40; i++) bench.append(0, `value-${i}-${'x'.repeat(30)}`);
    const [queue] = bench.queues;
    const take = (): number => {
      let count = 0;
      while (queue?.takeNext(1e9, false) !== undefined) count += 1;
      return count;
    };
    expect(take()).toBe(3);
    const [first, second, third] = queue?.unsettled() ?? [];
    queue?.failed(first!, 0, false);
    expect(take()).toBe(0);
    queue?.succeeded(second!);
    second?.succeed(0);
    expect(take()).toBe(0);
    queue?.failed(third!, 0, false);
    expect(queue?.takeNext(1e9, false)).toBe(first);
    expect(take()).toBe(0);
    queue?.succeeded(first!);
    first?.succeed(0);
    expect(queue?.takeNext(1e9, false)).toBe(third);
    expect(take()).toBe(2);
  });

  it('leaves no thin batch behind when keyless records move on', () => {
    const bench = new Bench({ batchBytes: 400 });
    for (let i = 0; i < 100; i++) bench.append(undefined, `value-${i}-${'x'.repeat(30)}`);
    const sizes = [...bench.queues]
      .flatMap((queue) => queue.unsettled())
      .filter((batch) => batch.state !== 'open')
      .map((batch) => batch.recordCount);
    expect(sizes.length).toBeGreaterThan(8);
    expect(Math.min(...sizes)).toBe(Math.max(...sizes));
  });

  it('refuses what can never fit, with nothing added', () => {
    const bench = new Bench({ batchBytes: 256, bufferBytes: 256 });
    expect(() => bench.append(0, 'x'.repeat(300))).toThrow(RefusedRecord);
    const topic = bench.accumulator.topic('t');
    const wrong = { ...record('x'), timestamp: 1.5 };
    expect(() => bench.accumulator.append(topic, 0, wrong, 0, undefined)).toThrow(/timestamp/);
    expect(bench.accumulator.bufferedBytes).toBe(0);
    expect(bench.busy).toBe(false);
  });

  it('forgets idle topics when it knows too many', () => {
    const bench = new Bench({});
    bench.append(0, 'held');
    for (let i = 0; i < 10_000; i++) bench.accumulator.topic(`t-${i}`);
    expect(bench.accumulator.knownTopic('t')).toBeDefined();
    expect(bench.accumulator.knownTopic('t-0')).toBeUndefined();
  });
});
