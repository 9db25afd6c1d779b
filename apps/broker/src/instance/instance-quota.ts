import type { InstanceQuotas, InstanceUse } from '@walrusmq/protocol';
import { machineQuotaClock, QuotaLane, type QuotaClock, type QuotaHolder } from './quota-lane';

const SHARE_BYTES = 64 * 1024;
/** For how long replies that wait for the quota may fill it. */
const HELD_SECONDS = 0.25;

/**
 * The quotas of one instance, for the connections that are bound to it. Nothing is refused or
 * dropped: what is too much waits, which is how a client notices.
 *
 * A quota that is not set costs a look at a field.
 */
export class InstanceQuota {
  /** Every request to the instance. */
  requests: QuotaLane | undefined;
  /** Produce requests, by their bytes. */
  bytesIn: QuotaLane | undefined;
  /** Replies and events with records, by their bytes. */
  bytesOut: QuotaLane | undefined;
  /** Bytes of records that were read for replies which have not left; its connections note them. */
  heldReplyBytes = 0;
  private pastThrottledMs = 0;

  constructor(
    quotas: InstanceQuotas,
    readonly clock: QuotaClock = machineQuotaClock,
  ) {
    this.configure(quotas);
  }

  /** Whether any is set. */
  get isSet(): boolean {
    return (this.requests ?? this.bytesIn ?? this.bytesOut) !== undefined;
  }

  /**
   * Bytes of records that may be read for replies now: what waits longer would take from what the
   * replies of other instances may hold.
   */
  get replyRoomBytes(): number {
    if (this.bytesOut === undefined) return Infinity;
    return Math.max(0, this.bytesOut.perSecond * HELD_SECONDS - this.heldReplyBytes);
  }

  /** What counted against them. */
  get use(): InstanceUse {
    const lanes = [this.requests, this.bytesIn, this.bytesOut];
    const throttledMs = lanes.reduce(
      (sum, lane) => sum + (lane?.throttledMs ?? 0),
      this.pastThrottledMs,
    );
    return {
      requests: this.requests?.taken ?? null,
      bytesIn: this.bytesIn?.taken ?? null,
      bytesOut: this.bytesOut?.taken ?? null,
      throttledMs: Math.round(throttledMs),
    };
  }

  /** A client was told to wait for so much longer. */
  noteTold(waitMs: number): void {
    this.pastThrottledMs += waitMs;
  }

  /** Other quotas hold from now on; who waits for one that changed asks again. */
  configure(quotas: InstanceQuotas): void {
    const { requestsPerSecond, bytesInPerSecond, bytesOutPerSecond } = quotas;
    const lane = (
      present: QuotaLane | undefined,
      perSecond: number | null,
      share: number,
    ): QuotaLane | undefined =>
      present !== undefined && present.perSecond === perSecond
        ? present
        : this.replaced(present, perSecond, share);
    const before = [this.requests, this.bytesIn, this.bytesOut];
    this.requests = lane(this.requests, requestsPerSecond, 1);
    this.bytesIn = lane(this.bytesIn, bytesInPerSecond, SHARE_BYTES);
    this.bytesOut = lane(this.bytesOut, bytesOutPerSecond, SHARE_BYTES);
    const after = [this.requests, this.bytesIn, this.bytesOut];
    // Behind the change, so that those who are let go ask the new ones.
    for (const old of before) if (old !== undefined && !after.includes(old)) old.close();
  }

  /** Forgets a connection that is gone. */
  leave(holder: QuotaHolder): void {
    for (const lane of [this.requests, this.bytesIn, this.bytesOut]) lane?.leave(holder);
  }

  private replaced(
    old: QuotaLane | undefined,
    perSecond: number | null,
    share: number,
  ): QuotaLane | undefined {
    if (old !== undefined) this.pastThrottledMs += old.throttledMs;
    return perSecond === null ? undefined : new QuotaLane(perSecond, share, this.clock);
  }
}
