import type { IncomingFrame } from '@walrusmq/protocol';
import type { InstanceQuota } from '../instance/instance-quota';
import type { QuotaHolder } from '../instance/quota-lane';
import type { Session } from '../msgpack/session';
import { replyKindOf } from './reply-kinds';
import type { ReplySlot } from './reply-queue';

/**
 * What the quotas of the session's instance let one connection do. What they do not let it do now
 * waits with the connection, which `holder` is told to look at again.
 */
export class QuotaGate {
  /** The request at the front, once the quotas of bytes let it pass: it is counted there. */
  private passed: IncomingFrame | undefined;

  constructor(
    private readonly session: Session,
    private readonly holder: QuotaHolder,
  ) {}

  /** Whether a request may start, which then counts. */
  mayStart(frame: IncomingFrame): boolean {
    const quota = this.session.instance?.quota;
    if (quota === undefined) return true;
    if (this.passed !== frame) {
      if (!this.mayPass(frame, quota)) return false;
      this.passed = frame;
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

  private mayPass(frame: IncomingFrame, { bytesIn, bytesOut }: InstanceQuota): boolean {
    if (frame.kind === 'produce') return bytesIn?.mayTake(this.holder, frame.sizeBytes) !== false;
    // What would have to wait for those before it had better not be read yet.
    if (bytesOut === undefined || !replyKindOf(frame).carriesRecords) return true;
    return bytesOut.mayTake(this.holder, 0);
  }
}
