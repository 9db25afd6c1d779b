import type { IncomingFrame } from '@walrusmq/protocol';
import type { QuotaHolder } from '../instance/quota-lane';
import type { Session } from '../msgpack/session';
import type { ReplySlot } from './reply-queue';

/**
 * What the quotas of the session's instance let one connection do. What they do not let it do now
 * waits with the connection, which `holder` is told to look at again.
 */
export class QuotaGate {
  /** The request at the front, while it waits and was counted as bytes in. */
  private countedIn: IncomingFrame | undefined;

  constructor(
    private readonly session: Session,
    private readonly holder: QuotaHolder,
  ) {}

  /** Whether a request may start, which then counts. */
  mayStart(frame: IncomingFrame): boolean {
    const quota = this.session.instance?.quota;
    if (quota === undefined) return true;
    const { bytesIn, requests } = quota;
    if (bytesIn !== undefined && frame.kind === 'produce' && this.countedIn !== frame) {
      if (!bytesIn.mayTake(this.holder, frame.sizeBytes)) return false;
      this.countedIn = frame;
    }
    const may = requests?.mayTake(this.holder, 1) !== false;
    // What has started is not kept: it would stay here, in no budget, until the next produce.
    if (may) this.countedIn = undefined;
    return may;
  }

  /** Whether a reply may leave, which then counts. */
  mayReply(slot: ReplySlot): boolean {
    if (!slot.carriesRecords) return true;
    return this.session.instance?.quota.bytesOut?.mayTake(this.holder, slot.replyBytes) !== false;
  }

  /** Waits for nothing any more. */
  leave(): void {
    this.countedIn = undefined;
    this.session.instance?.quota.leave(this.holder);
  }
}
