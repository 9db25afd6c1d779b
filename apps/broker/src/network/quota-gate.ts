import type { ClientSession } from '../instance/client-session';
import type { InstanceQuota } from '../instance/instance-quota';
import { LENT_MS_MAX, type QuotaHolder, type QuotaLane } from '../instance/quota-lane';
import type { ReplySlot } from './reply-queue';
import type { RequestKind, WireRequest } from './wire';

/**
 * What the quotas of the session's instance let one connection do. What they do not let it do now
 * waits with the connection, which `holder` is told to look at again.
 *
 * A client whose protocol has words for it is answered at once, told for how long it has to wait,
 * and no further request of it starts before that (KIP-219): what it does then has been waited for.
 * Any other client notices that it takes longer.
 */
export class QuotaGate {
  /** The request at the front, once the quotas of bytes let it pass: it is counted there. */
  private passed: WireRequest | undefined;
  /** Until when no request starts, by the clock of the quotas. */
  private mutedUntilMs = 0;
  private cancelTimer: (() => void) | undefined;

  /** @param tells Whether the client is told how long it has to wait. */
  constructor(
    private readonly session: ClientSession,
    private readonly holder: QuotaHolder,
    private readonly tells: boolean,
  ) {}

  /** Whether a request may start, which then counts. */
  mayStart(request: WireRequest, kind: RequestKind): boolean {
    const quota = this.session.instance?.quota;
    if (quota === undefined) return true;
    if (this.passed !== request) {
      if (this.isMuted(quota) || !this.mayPass(request, kind, quota)) return false;
      this.passed = request;
    }
    const may = this.mayTake(quota, quota.requests, 1);
    // What has started is not kept: it would stay here, in no budget, until the next one waits.
    if (may) this.passed = undefined;
    return may;
  }

  /**
   * Counts the records of a reply that is about to be encoded, for a client that is told.
   *
   * @returns For how many milliseconds the client has to wait; 0 where it is not told.
   */
  toldWaitMs({ carriesRecords }: ReplySlot, recordBytes: number): number {
    const quota = this.session.instance?.quota;
    if (!this.tells || quota === undefined) return 0;
    const { bytesOut } = quota;
    if (carriesRecords && recordBytes > 0 && bytesOut !== undefined) {
      bytesOut.charge(this.holder, recordBytes);
      this.mute(quota, bytesOut.waitMs);
    }
    if (this.mutedUntilMs === 0) return 0;
    return Math.max(0, Math.ceil(this.mutedUntilMs - quota.clock.monotonicMs()));
  }

  /** Whether a reply may leave, which then counts. */
  mayReply(slot: ReplySlot): boolean {
    if (!slot.carriesRecords || this.tells) return true;
    return this.session.instance?.quota.bytesOut?.mayTake(this.holder, slot.replyBytes) !== false;
  }

  /** Waits for nothing any more. */
  leave(): void {
    this.passed = undefined;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.session.instance?.quota.leave(this.holder);
  }

  private mayPass(
    { sizeBytes }: WireRequest,
    { takesRecords, carriesRecords }: RequestKind,
    quota: InstanceQuota,
  ): boolean {
    if (takesRecords) return this.mayTake(quota, quota.bytesIn, sizeBytes);
    // What would have to wait for those before it had better not be read yet.
    return !carriesRecords || this.mayTake(quota, quota.bytesOut, 0);
  }

  private mayTake(quota: InstanceQuota, lane: QuotaLane | undefined, count: number): boolean {
    if (lane === undefined) return true;
    if (!this.tells) return lane.mayTake(this.holder, count);
    if (!lane.mayBorrow(this.holder, count)) return false;
    if (count > 0) this.mute(quota, lane.waitMs);
    return true;
  }

  /** What is too much even to be told waits in the line behind that. */
  private mute(quota: InstanceQuota, waitMs: number): void {
    if (waitMs === 0) return;
    const nowMs = quota.clock.monotonicMs();
    const fromMs = Math.max(nowMs, this.mutedUntilMs);
    const untilMs = nowMs + Math.min(waitMs, LENT_MS_MAX);
    if (untilMs <= fromMs) return;
    this.mutedUntilMs = untilMs;
    quota.noteTold(untilMs - fromMs);
  }

  private isMuted(quota: InstanceQuota): boolean {
    if (this.mutedUntilMs === 0) return false;
    const leftMs = this.mutedUntilMs - quota.clock.monotonicMs();
    if (leftMs <= 0) {
      this.mutedUntilMs = 0;
      return false;
    }
    this.cancelTimer ??= quota.clock.schedule(() => {
      this.cancelTimer = undefined;
      this.holder.onQuota();
    }, leftMs);
    return true;
  }
}
