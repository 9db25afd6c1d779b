import type { EventPump } from './event-pump';
import type { MemoryBudget } from './memory-budget';
import type { Transport } from './transport';

/** How long a stalled peer is waited for while what it does not read leaves others no room. */
const CROWDED_STALL_MS = 5_000;
/** What a peer that owes something has to move at least, on the average of the time allowed. */
const SLOWEST_BYTES_PER_S = 1024;

/** What a connection tells of itself when it is looked at. */
export interface StallState {
  /** Whether the rest of a frame is waited for. */
  readonly awaitsFrame: boolean;
  /** Bytes of replies that the peer does not take. */
  readonly unsentReplyBytes: number;
}

/**
 * Tells whether the peer of one connection has stopped: it owes the rest of a frame, or the reading
 * of what it is sent, and no byte moves; or, for twice that time, less than 1 KiB/s.
 *
 * Place: the connection asks it about once a second.
 */
export class StallWatch {
  private sinceMs: number | undefined;
  private movedBytes = 0;
  /** When the peer began to owe, or last had moved enough, and what had moved by then. */
  private owing: { readonly sinceMs: number; readonly movedBytes: number } | undefined;

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
    const owes = unsentBytes > 0 || state.awaitsFrame;
    const isStalled = owes && movedBytes === this.movedBytes;
    this.movedBytes = movedBytes;
    this.sinceMs = isStalled ? (this.sinceMs ?? nowMs) : undefined;
    const timeoutMs = Math.min(
      stallTimeoutMs,
      this.isInTheWay(state) ? CROWDED_STALL_MS : Infinity,
    );
    const isOver = nowMs - (this.sinceMs ?? nowMs) >= timeoutMs;
    return isOver || this.isTooSlow(owes, nowMs, 2 * stallTimeoutMs) ? timeoutMs : undefined;
  }

  private isTooSlow(owes: boolean, nowMs: number, windowMs: number): boolean {
    const { movedBytes } = this;
    if (!owes) this.owing = undefined;
    else this.owing ??= { sinceMs: nowMs, movedBytes };
    if (this.owing === undefined || nowMs - this.owing.sinceMs < windowMs) return false;
    const moved = movedBytes - this.owing.movedBytes;
    // Events that begin or end change what is counted as moved; that is never to its disadvantage.
    if (moved >= 0 && moved < (SLOWEST_BYTES_PER_S * windowMs) / 1000) return true;
    this.owing = { sinceMs: nowMs, movedBytes };
    return false;
  }

  private isInTheWay({ unsentReplyBytes }: StallState): boolean {
    if (this.events.unsentBytes > 0 && !this.pushBudget.hasRoom) return true;
    return unsentReplyBytes > 0 && !this.replyBudget.hasRoom;
  }
}
