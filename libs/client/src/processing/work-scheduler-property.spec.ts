// Random handlers, failures, seeks and pauses against what has to hold at every moment. More runs:
// PROCESSING_RUNS=20000, another seed: PROCESSING_SEED=7.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ScheduledWork, settle, type Call, type Item } from '../../testing/scheduled-work';

const RUNS = Number(process.env.PROCESSING_RUNS ?? 300);
const SEED = Number(process.env.PROCESSING_SEED ?? 20_261);

interface Step {
  readonly kind: 'succeed' | 'fail' | 'pass' | 'seek' | 'pause' | 'resume';
  readonly which: number;
  readonly ms: number;
  readonly partition: number;
  readonly offset: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant<Step['kind']>('succeed') },
    { weight: 5, arbitrary: fc.constant<Step['kind']>('fail') },
    { weight: 3, arbitrary: fc.constant<Step['kind']>('pass') },
    { weight: 2, arbitrary: fc.constantFrom<Step['kind'][]>('seek', 'pause', 'resume') },
  ),
  which: fc.nat(99),
  ms: fc.nat(300),
  partition: fc.nat(2),
  offset: fc.nat(30),
});

const key = fc.constantFrom('a', 'b', 'c', undefined);

interface Scenario {
  readonly records: readonly (readonly (string | undefined)[])[];
  readonly max: number;
  readonly windowRecords: number;
  readonly attempts: number;
  readonly steps: readonly Step[];
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  records: fc.array(fc.array(key, { maxLength: 25 }), { minLength: 1, maxLength: 3 }),
  max: fc.integer({ min: 1, max: 6 }),
  windowRecords: fc.integer({ min: 1, max: 12 }),
  attempts: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(step, { maxLength: 80 }),
});

/** What has to hold, whatever happens. */
class Model {
  readonly work: ScheduledWork;
  /** Of each partition: by offset, whether it was handled or buried since its last seek. */
  private readonly done = new Set<string>();
  /** Where each partition was sought to last. */
  private readonly base: number[];
  private checked = 0;

  constructor(private readonly scenario: Scenario) {
    const { records, max, windowRecords, attempts } = scenario;
    this.base = records.map(() => 0);
    this.work = new ScheduledWork(records, {
      max,
      windowRecords,
      totalRecords: windowRecords * 2,
      judge: (_, attempt) => (attempt < attempts ? { retryInMs: 100 } : 'bury'),
      bury: (item) => {
        this.note(item, item.partition.moves);
        return Promise.resolve();
      },
    });
  }

  async play(step: Step): Promise<void> {
    const { work } = this;
    if (step.kind === 'pass') work.clock.advance(step.ms);
    else if (step.kind === 'succeed' || step.kind === 'fail') {
      const call = work.calls[step.which % Math.max(1, work.calls.length)];
      if (call !== undefined) this.end(call, step.kind);
    } else this.move(step);
    await settle();
    this.check();
  }

  /** Lets all that is left come to its end, every handler succeeding. */
  async finish(): Promise<void> {
    const { work } = this;
    for (const partition of work.partitions) partition.resume();
    work.scheduler.changed();
    await settle();
    for (let rounds = 0; rounds < 500; rounds++) {
      const [call] = work.calls;
      if (call !== undefined) this.end(call, 'succeed');
      else if (work.clock.pendingCount > 0) work.clock.advance(1_000);
      else break;
      await settle();
      this.check();
    }
    assert.deepEqual(
      work.finished,
      this.scenario.records.map((keys, partition) => Math.max(keys.length, this.base[partition]!)),
    );
  }

  private end(call: Call, kind: 'succeed' | 'fail'): void {
    if (kind === 'succeed') {
      this.note(call.item, call.moves);
      call.succeed();
    } else call.fail(new Error('as asked'));
  }

  private move(step: Step): void {
    const number = step.partition % this.work.partitions.length;
    const partition = this.work.partitions[number]!;
    if (step.kind === 'pause') partition.pause();
    else if (step.kind === 'resume') partition.resume();
    else {
      const offset = Math.min(step.offset, this.scenario.records[number]!.length);
      this.base[number] = offset;
      partition.seek({ offset });
    }
    this.work.scheduler.changed();
  }

  private note({ partition, offset }: Item, moves: number): void {
    this.done.add(`${partition.partition}/${moves}/${offset}`);
  }

  private check(): void {
    const { work, scenario } = this;
    assert(work.calls.length <= scenario.max, 'more handlers than max');
    for (const { partition, moves, finished, position } of work.partitions) {
      const name = `${partition}/${moves}`;
      assert(finished <= position, `${name}: finished ${finished} is past ${position}`);
      const inWork = position - Math.max(finished, this.base[partition]!);
      assert(inWork <= scenario.windowRecords, `${name}: ${inWork} records in work`);
      // Every record that would not be read again was handled or buried since the seek.
      for (let offset = this.base[partition]!; offset < finished; offset++) {
        assert(this.done.has(`${name}/${offset}`), `${name}: ${offset} is below ${finished}`);
      }
    }
    this.checkOrder();
  }

  /** A key's records never overlap, and begin in the order of their offsets between two seeks. */
  private checkOrder(): void {
    const busy = new Set<string>();
    for (const { item } of this.work.calls) {
      if (item.key === undefined) continue;
      const lane = `${item.partition.partition}/${item.key}`;
      assert(!busy.has(lane), `${lane} is at work twice`);
      busy.add(lane);
    }
    const last = new Map<string, number>();
    if (this.checked === this.work.begun.length) return;
    this.checked = this.work.begun.length;
    for (const { item, moves } of this.work.begun) {
      if (item.key === undefined) continue;
      const lane = `${item.partition.partition}/${item.key}/${moves}`;
      assert(item.offset >= (last.get(lane) ?? 0), `${lane}: ${item.offset} came late`);
      last.set(lane, item.offset);
    }
  }
}

it(`counts nothing unfinished, keeps keys in order, handles all (seed ${SEED})`, async () => {
  const play = async (given: Scenario): Promise<void> => {
    const model = new Model(given);
    const run = model.work.scheduler.run();
    await settle();
    for (const each of given.steps) await model.play(each);
    await model.finish();
    await model.work.become('draining');
    await run;
  };
  await fc.assert(fc.asyncProperty(scenario, play), { numRuns: RUNS, seed: SEED });
}, 600_000);
