import type { ClientSession } from '../instance/client-session';
import type { InstanceQuota } from '../instance/instance-quota';
import type { QuotaHolder } from '../instance/quota-lane';
import type { ReplySlot } from './reply-queue';
import type { RequestKind, WireRequest } from './wire';

/**
 * What the quotas of the session's instance let one connection do. What they do not let it do now
 * waits with the connection, which `holder` is told to look at again.
 */
export class QuotaGate {
  /** The request at the front, once the quotas of bytes let it pass: it is counted there. */
  private passed: WireRequest | undefined;

  constructor(
    private readonly session: ClientSession,
    private readonly holder: QuotaHolder,
  ) {}

  /** Whether a request may start, which then counts. */
  mayStart(request: WireRequest, kind: RequestKind): boolean {
    const quota = this.session.instance?.quota;
    if (quota === undefined) return true;
    if (this.passed !== request) {
      if (!this.mayPass(request, kind, quota)) return false;
      this.passed = request;
    }
    const may = quota.requests?.mayTake(this.holder, 1) !== false;
    // What has started is not kept: it would stay here, in no budget, until the next one waits.
    if (may) this.passed = undefined;
    return may;
  }

  /** Whether a reply may leave, which then counts. */
  mayReply(slot: ReplySlot): boolean {
    if (!slot.carriesRecords) return true;
    return this.session.instance?.quota.bytesOut?.mayTake(this.holder, slot.replyBytes) !== false;
  }

  /** Waits for nothing any more. */
  leave(): void {
    this.passed = undefined;
    this.session.instance?.quota.leave(this.holder);
  }

  private mayPass(
    { sizeBytes }: WireRequest,
    { takesRecords, carriesRecords }: RequestKind,
    { bytesIn, bytesOut }: InstanceQuota,
  ): boolean {
    if (takesRecords) return bytesIn?.mayTake(this.holder, sizeBytes) !== false;
    // What would have to wait for those before it had better not be read yet.
    if (bytesOut === undefined || !carriesRecords) return true;
    return bytesOut.mayTake(this.holder, 0);
  }
}
