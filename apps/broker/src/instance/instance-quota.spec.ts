import fc from 'fast-check';
import { InstanceQuota } from './instance-quota';
import type { QuotaClock, QuotaHolder, QuotaLane } from './quota-lane';

const NONE = { bytesInPerSecond: null, bytesOutPerSecond: null, requestsPerSecond: null };

/** A clock that goes on when the test says so, at most a step at a time. */
class TurnedClock implements QuotaClock {
  nowMs = 1_000;
  private timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  monotonicMs(): number {
    return this.nowMs;
  }

  schedule(callback: () => void, delayMs: number): () => void {
    // As Node's timers: whole milliseconds, never early.
    const timer = { atMs: this.nowMs + Math.max(1, Math.ceil(delayMs)), callback };
    this.timers.push(timer);
    return () => (this.timers = this.timers.filter((each) => each !== timer));
  }

  /** Lets `ms` pass, with every timer at its time. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const [next] = this.timers.sort((one, other) => one.atMs - other.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.timers.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.callback();
    }
    this.nowMs = untilMs;
  }
}

/** Takes as much as it may, always in takes of the same size. */
class Hungry implements QuotaHolder {
  taken = 0;
  isGone = false;

  constructor(
    private readonly lane: () => QuotaLane | undefined,
    private readonly size: number,
  ) {}

  onQuota(): void {
    while (!this.isGone && this.lane()?.mayTake(this, this.size) === true) this.taken += this.size;
  }
}

/** As `Hungry`, but it learns the size only when it takes, as events do. */
class Unknowing extends Hungry {
  constructor(
    private readonly of: () => QuotaLane | undefined,
    private readonly bytes: number,
  ) {
    super(of, bytes);
  }

  override onQuota(): void {
    while (!this.isGone && this.of()?.mayTake(this, 0) === true) {
      this.of()?.charge(this, this.bytes);
      this.taken += this.bytes;
    }
  }
}

describe('InstanceQuota', () => {
  let clock: TurnedClock;
  beforeEach(() => (clock = new TurnedClock()));

  it.each([
    ['bytesIn', 'bytesInPerSecond', 50_000_000, 0.02],
    ['bytesOut', 'bytesOutPerSecond', 50_000_000, 0.02],
    // A request counts one.
    ['requests', 'requestsPerSecond', 2_000, 0.000_5],
  ] as const)('%s is held within 10 %% over any 10 s under load', (lane, name, most, largest) => {
    const rates = fc.integer({ min: 100, max: most });
    const sizes = fc.array(fc.double({ min: largest / 20, max: largest, noNaN: true }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(rates, sizes, fc.boolean(), (perSecond, shares, areEvents) => {
        clock = new TurnedClock();
        const quota = new InstanceQuota({ ...NONE, [name]: perSecond }, clock);
        const Kind = areEvents ? Unknowing : Hungry;
        const holders = shares.map(
          (share) => new Kind(() => quota[lane], Math.max(1, Math.round(share * perSecond))),
        );
        const total = (): number => holders.reduce((sum, { taken }) => sum + taken, 0);
        for (const holder of holders) holder.onQuota();
        // From the very beginning, the burst included, and a second at a time after that.
        const totals = [0];
        for (let second = 0; second < 20; second += 1) {
          clock.pass(1_000);
          totals.push(total());
        }
        for (let from = 0; from <= 10; from += 1) {
          const rate = (totals[from + 10]! - totals[from]!) / 10;
          expect(rate / perSecond).toBeGreaterThan(0.9);
          expect(rate / perSecond).toBeLessThan(1.1);
        }
        expect(quota[lane]?.taken).toBe(total());
      }),
      { numRuns: 20 },
    );
  });

  it('shares bytes evenly between who takes little and who takes much at a time', () => {
    const quota = new InstanceQuota({ ...NONE, bytesInPerSecond: 10_000_000 }, clock);
    const holders = [100, 10_000, 64 * 1024, 500_000].map(
      (size) => new Hungry(() => quota.bytesIn, size),
    );
    for (const holder of holders) holder.onQuota();
    clock.pass(20_000);
    for (const { taken } of holders) {
      expect(taken / 50_000_000).toBeGreaterThan(0.9);
      expect(taken / 50_000_000).toBeLessThan(1.1);
    }
  });

  it('gives a share that is left to the others, and forgets who is gone', () => {
    const quota = new InstanceQuota({ ...NONE, bytesInPerSecond: 1_000_000 }, clock);
    const [stays, goes] = [1_000, 1_000].map((size) => new Hungry(() => quota.bytesIn, size));
    for (const holder of [stays!, goes!]) holder.onQuota();
    clock.pass(1_000);
    goes!.isGone = true;
    quota.leave(goes!);
    const before = stays!.taken;
    clock.pass(10_000);
    expect((stays!.taken - before) / 10_000_000).toBeGreaterThan(0.9);
  });

  it('lets everybody go at once when it is taken back, and holds them anew when it changes', () => {
    const quota = new InstanceQuota({ ...NONE, bytesInPerSecond: 1 }, clock);
    const holder = new Hungry(() => quota.bytesIn, 1_000);
    holder.onQuota();
    clock.pass(1_000);
    expect(holder.taken).toBe(1_000);
    quota.configure({ ...NONE, bytesInPerSecond: 1_000 });
    expect(holder.taken).toBe(2_000);
    clock.pass(10_000);
    expect(holder.taken).toBe(12_000);
    const { throttledMs } = quota.use;
    expect(throttledMs).toBeGreaterThan(10_000);
    quota.configure(NONE);
    expect(quota.isSet).toBe(false);
    // What was waited for is not forgotten.
    expect(quota.use).toEqual({ requests: null, bytesIn: null, bytesOut: null, throttledMs });
  });

  it('never saves up more than a quarter of a second', () => {
    const quota = new InstanceQuota({ ...NONE, requestsPerSecond: 1_000 }, clock);
    clock.pass(3_600_000);
    const holder = new Hungry(() => quota.requests, 1);
    holder.onQuota();
    expect(holder.taken).toBe(250);
  });
});
