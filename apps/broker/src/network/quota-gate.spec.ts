import type { IncomingFrame } from '@walrusmq/protocol';
import { InstanceQuota } from '../instance/instance-quota';
import type { QuotaHolder } from '../instance/quota-lane';
import { Session, type BoundInstance } from '../msgpack/session';
import { QuotaGate } from './quota-gate';
import { requestKindOf } from './request-kinds';

const HOUR_MS = 3_600_000;

function produceOf(sizeBytes: number): IncomingFrame {
  const rest = { correlationId: 1, fields: {}, tail: [], tailBytes: 0, heldBytes: sizeBytes };
  return { kind: 'produce', sizeBytes, ...rest };
}

describe('QuotaGate', () => {
  it('counts a produce request once while it waits, and does not keep one that started', () => {
    let nowMs = 0;
    const clock = { monotonicMs: () => nowMs, schedule: () => () => undefined };
    const perSecond = { bytesInPerSecond: 1_000_000, bytesOutPerSecond: null };
    const quota = new InstanceQuota({ ...perSecond, requestsPerSecond: 1 }, clock);
    const session = new Session();
    session.instance = { quota } as BoundInstance;
    const holder: QuotaHolder = { onQuota: () => undefined };
    const gate = new QuotaGate(session, holder);
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
