import type { EventPump } from './event-pump';
import type { MemoryBudget } from './memory-budget';
import type { Transport } from './transport';

/** How long a stalled peer is waited for while what it does not read leaves others no room. */
const CROWDED_STALL_MS = 5_000;

/** What a connection tells of itself when it is looked at. */
export interface StallState {
  /** Whether the rest of a frame is waited for. */
  readonly awaitsFrame: boolean;
  /** Bytes of replies that the peer does not take. */
  readonly unsentReplyBytes: number;
}

/**
 * Tells whether the peer of one connection has stopped: it owes the rest of a frame, or the reading
 * of what it is sent, and no byte moves.
 *
 * Place: the connection asks it about once a second.
 */
export class StallWatch {
  private sinceMs: number | undefined;
  private movedBytes = 0;

  constructor(
    private readonly transport: Transport,
    private readonly events: Pick<EventPump, 'unsentBytes'>,
    private readonly replyBudget: MemoryBudget,
    private readonly pushBudget: MemoryBudget,
  ) {}

  /**
   * How long the peer was waited for, when that is too long; undefined while there is patience.
   *
   * @param nowMs By a clock that never jumps.
   */
  overdueMs(nowMs: number, stallTimeoutMs: number, state: StallState): number | undefined {
    const { receivedBytes, sentBytes, unsentBytes } = this.transport;
    // A client that writes and never reads is stalled all the same where it is sent events.
    const movedBytes = sentBytes + (this.events.unsentBytes > 0 ? 0 : receivedBytes);
    const isStalled = (unsentBytes > 0 || state.awaitsFrame) && movedBytes === this.movedBytes;
    this.movedBytes = movedBytes;
    this.sinceMs = isStalled ? (this.sinceMs ?? nowMs) : undefined;
    const timeoutMs = Math.min(stallTimeoutMs, this.isInTheWay(state) ? CROWDED_STALL_MS : Infinity);
    return nowMs - (this.sinceMs ?? nowMs) < timeoutMs ? undefined : timeoutMs;
  }

  private isInTheWay({ unsentReplyBytes }: StallState): boolean {
    if (this.events.unsentBytes > 0 && !this.pushBudget.hasRoom) return true;
    return unsentReplyBytes > 0 && !this.replyBudget.hasRoom;
  }
}
