import type { IncomingFrame } from '@walrusmq/protocol';
import { BoundSessions } from '../instance/bound-sessions';
import { ClientSession } from '../instance/client-session';
import { InstanceQuota } from '../instance/instance-quota';
import { LENT_MS_MAX, type QuotaClock, type QuotaHolder } from '../instance/quota-lane';
import { Session, type BoundInstance } from '../msgpack/session';
import { QuotaGate } from './quota-gate';
import { ReplyQueue } from './reply-queue';
import { requestKindOf } from './request-kinds';

const HOUR_MS = 3_600_000;

function produceOf(sizeBytes: number): IncomingFrame {
  const rest = { correlationId: 1, fields: {}, tail: [], tailBytes: 0, heldBytes: sizeBytes };
  return { kind: 'produce', sizeBytes, ...rest };
}

/** One timer at a time, by hand. */
class HandClock implements QuotaClock {
  nowMs = 0;
  private timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  monotonicMs(): number {
    return this.nowMs;
  }

  schedule(callback: () => void, delayMs: number): () => void {
    const timer = { atMs: this.nowMs + delayMs, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }

  /** How many timers there are. */
  get armed(): number {
    return this.timers.length;
  }

  advance(ms: number): void {
    this.nowMs += ms;
    const due = this.timers.filter(({ atMs }) => atMs <= this.nowMs);
    this.timers = this.timers.filter(({ atMs }) => atMs > this.nowMs);
    for (const { callback } of due) callback();
  }
}

/** A connection whose client is told how long it has to wait. */
class ToldClient implements QuotaHolder {
  readonly gate: QuotaGate;
  /** How often it was told to look again. */
  calls = 0;
  private readonly replies = new ReplyQueue();

  constructor(quota: InstanceQuota) {
    const session = new ClientSession();
    session.instance = { quota, sessions: new BoundSessions() };
    this.gate = new QuotaGate(session, this, true);
  }

  onQuota(): void {
    this.calls += 1;
  }

  mayStart(sizeBytes: number): boolean {
    return this.gate.mayStart({ sizeBytes, heldBytes: sizeBytes }, PRODUCE);
  }

  /** What it is told in the reply to a fetch of so many bytes, or to anything. */
  told(recordBytes = 0): number {
    return this.gate.toldWaitMs(this.replies.open(1, FETCH), recordBytes);
  }
}

const PLAIN = { takesRecords: false, carriesRecords: false, carriesPage: false };
const PRODUCE = { ...PLAIN, takesRecords: true };
const FETCH = { ...PLAIN, carriesRecords: true };
const NO_QUOTAS = { bytesInPerSecond: null, bytesOutPerSecond: null, requestsPerSecond: null };

describe('QuotaGate of a client that is told to wait', () => {
  let clock: HandClock;
  beforeEach(() => (clock = new HandClock()));
  const quotaOf = (perSecond: object): InstanceQuota =>
    new InstanceQuota({ ...NO_QUOTAS, ...perSecond }, clock);

  it('lets the request pass that is too much, says for how long, and mutes until then', () => {
    const quota = quotaOf({ bytesInPerSecond: 1_000 });
    const client = new ToldClient(quota);
    expect(client.mayStart(2_250)).toBe(true);
    // A quarter of a second was saved up.
    const told = client.told();
    expect(told).toBeGreaterThanOrEqual(2_000);
    expect(told).toBeLessThanOrEqual(2_001);
    expect(client.mayStart(1)).toBe(false);
    clock.advance(1_000);
    expect([client.mayStart(1), client.calls]).toEqual([false, 0]);
    expect(client.told()).toBe(told - 1_000);
    clock.advance(1_002);
    expect([client.calls, client.mayStart(1), client.told()]).toEqual([1, true, 0]);
    expect(quota.use.throttledMs).toBeGreaterThanOrEqual(2_000);
    expect(quota.use.throttledMs).toBeLessThanOrEqual(2_001);
  });

  it('tells nothing and mutes nobody within the quota', () => {
    const client = new ToldClient(quotaOf({ bytesInPerSecond: 1_000_000, requestsPerSecond: 100 }));
    for (let count = 0; count < 10; count += 1) expect(client.mayStart(1_000)).toBe(true);
    expect([client.told(), clock.armed]).toEqual([0, 0]);
  });

  it('does not delay again whoever waited as told', () => {
    const quota = quotaOf({ requestsPerSecond: 2 });
    const clients = [new ToldClient(quota), new ToldClient(quota), new ToldClient(quota)];
    const returns = clients.map(() => 0);
    let started = 0;
    for (let ms = 0; ms < 30_000; ms += 1) {
      clients.forEach((client, index) => {
        if (clock.nowMs < returns[index]!) return;
        if (!client.mayStart(1)) throw new Error(`${index} was delayed at ${clock.nowMs}`);
        started += 1;
        returns[index] = clock.nowMs + client.told();
      });
      clock.advance(1);
    }
    expect(started / 30).toBeGreaterThan(1.8);
    expect(started / 30).toBeLessThan(2.2);
  });

  it('counts fetched records when they are answered, and tells so in that answer', () => {
    const quota = quotaOf({ bytesOutPerSecond: 1_000 });
    const client = new ToldClient(quota);
    expect(client.gate.mayStart({ sizeBytes: 1, heldBytes: 1 }, FETCH)).toBe(true);
    expect(client.told(1_250)).toBeGreaterThanOrEqual(1_000);
    expect(client.gate.mayStart({ sizeBytes: 1, heldBytes: 1 }, FETCH)).toBe(false);
    expect(quota.use.bytesOut).toBe(1_250);
  });

  it('lends nothing while others are in the line, so that they have their turns', () => {
    const quota = quotaOf({ requestsPerSecond: 1 });
    const lane = quota.requests;
    const told = [new ToldClient(quota), new ToldClient(quota)];
    expect(told.map((client) => client.mayStart(1))).toEqual([true, true]);
    let turns = 0;
    const waiting: QuotaHolder = {
      onQuota: () => {
        if (lane?.mayTake(waiting, 1) === true) turns += 1;
      },
    };
    expect(lane?.mayTake(waiting, 1)).toBe(false);
    for (let ms = 0; ms < 20_000; ms += 1) {
      clock.advance(1);
      for (const client of told) client.mayStart(1);
      if (turns > 0) lane?.mayTake(waiting, 1);
    }
    expect(turns).toBeGreaterThan(3);
  });

  it('has who is in debt for too long wait in the line like all others', () => {
    const quota = quotaOf({ bytesInPerSecond: 1 });
    const first = new ToldClient(quota);
    expect(first.mayStart(1_000_000)).toBe(true);
    expect(first.told()).toBe(LENT_MS_MAX);
    // A new connection of the same client gets no further.
    const second = new ToldClient(quota);
    expect(second.mayStart(1)).toBe(false);
    quota.configure(NO_QUOTAS);
    expect(second.calls).toBe(1);
    expect(second.mayStart(1)).toBe(true);
  });

  it('leaves no timer behind', () => {
    const client = new ToldClient(quotaOf({ requestsPerSecond: 1 }));
    expect([client.mayStart(1), client.mayStart(1)]).toEqual([true, false]);
    expect(clock.armed).toBe(1);
    client.gate.leave();
    expect(clock.armed).toBe(0);
  });
});

describe('QuotaGate', () => {
  it('counts a produce request once while it waits, and does not keep one that started', () => {
    let nowMs = 0;
    const clock = { monotonicMs: () => nowMs, schedule: () => () => undefined };
    const perSecond = { bytesInPerSecond: 1_000_000, bytesOutPerSecond: null };
    const quota = new InstanceQuota({ ...perSecond, requestsPerSecond: 1 }, clock);
    const session = new Session();
    session.instance = { quota } as BoundInstance;
    const holder: QuotaHolder = { onQuota: () => undefined };
    const gate = new QuotaGate(session, holder, false);
    const mayStart = (frame: IncomingFrame): boolean => gate.mayStart(frame, requestKindOf(frame));
    const frame = produceOf(100);
    expect(mayStart(produceOf(7))).toBe(true);
    expect([mayStart(frame), mayStart(frame)]).toEqual([false, false]);
    expect(quota.bytesIn?.taken).toBe(107);
    quota.leave(holder);
    nowMs += HOUR_MS;
    expect(mayStart(frame)).toBe(true);
    expect(quota.bytesIn?.taken).toBe(107);
    // Had it been kept, its like would pass uncounted.
    quota.leave(holder);
    nowMs += HOUR_MS;
    expect(mayStart(frame)).toBe(true);
    expect(quota.bytesIn?.taken).toBe(207);
  });
});
