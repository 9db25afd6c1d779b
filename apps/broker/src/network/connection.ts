import { ProtocolError } from '@walrusmq/protocol';
import type { ClientSession } from '../instance/client-session';
import type { QuotaHolder } from '../instance/quota-lane';
import type { ConnectionContext, ConnectionPatience } from './connection-context';
import { EventPump } from './event-pump';
import { HeldBytes } from './held-bytes';
import type { BudgetHolder } from './memory-budget';
import { QuotaGate } from './quota-gate';
import { ReplyQueue, type ReplySlot } from './reply-queue';
import { StallWatch } from './stall-watch';
import type { Farewell, FramePieces, Transport } from './transport';
import { WireError, type RequestKind, type Wire, type WireOutcome, type WireRequest } from './wire';

/** Replies that wait behind events, before no more requests are read. */
const UNSENT_REPLY_BYTES = 64 * 1024;
const GOODBYE: Farewell = { code: 1000, reason: '' };
const GOING_AWAY: Farewell = { code: 1001, reason: 'the broker is stopping' };
const PROTOCOL_ERROR = 1002;

/**
 * Where a connection is on its way out.
 *
 * `draining`: what was started is answered, what comes in is refused.
 * `closing`: what was decoded is answered, what comes in is discarded.
 * `ended`: everything was said; what comes in is discarded until the peer closes.
 */
type Ending = 'no' | 'draining' | 'closing' | 'ended';

/**
 * One client's connection: requests in, replies and events out, whatever protocol they are of.
 *
 * Place: a server makes one per socket.
 * Life: `open` until the socket closes. After bytes that are no requests, a missing hello or
 * `drain` it answers what it owes, ends its side, and discards what still comes in, because closing
 * a socket with unread input would reset it and take the last reply with it.
 * Order: requests start in the order they came; replies leave in that order, whatever finishes
 * first. Events leave between them, in their own order.
 *
 * Invariants:
 *  1. The socket is read only while the requests, their replies and the unsent bytes are within the
 *     limits of the connection, the requests within the budget, and the peer takes its replies.
 *  2. Requests that were decoded but do not fit stay in `waiting`, and nothing is read meanwhile.
 *  3. `held` knows what this connection holds, events left out.
 *  4. A request starts, and records leave, only as the quotas of the instance let them.
 *  5. Events that a peer does not take keep no request of it from being read; replies that others
 *     do not take keep none of it from being read.
 *  6. One page at most is made or waits for its turn in `replies`.
 */
export class Connection implements BudgetHolder, QuotaHolder {
  private readonly session: ClientSession;
  private readonly replies = new ReplyQueue();
  private readonly quota: QuotaGate;
  private readonly events: EventPump;
  private waiting: WireRequest[] = [];
  private waitingBytes = 0;
  private readonly held: HeldBytes;
  private isReading = true;
  private flushIsScheduled = false;
  private ending: Ending = 'no';
  /** What requests that come while it drains are answered; quotas hold no longer then. */
  private refusal: ProtocolError | undefined;
  /** The error that ends the connection, said behind all replies. */
  private lastWords: readonly Buffer[] | undefined;
  private farewell = GOODBYE;
  private readonly stall: StallWatch;

  /** @param openedMs Now, by the clock that `sweep` will be given. */
  constructor(
    private readonly transport: Transport,
    private readonly wire: Wire,
    private readonly context: ConnectionContext,
    private readonly openedMs: number,
  ) {
    const { replyBudget, pushBudget, counters } = context;
    this.session = wire.session;
    this.quota = new QuotaGate(this.session, this, wire.tellsThrottle);
    this.events = new EventPump(transport, this.session, pushBudget, counters, {
      beforeEvents: () => this.flushReplies(),
      eventFailed: (error) => this.eventFailed(error),
    });
    this.stall = new StallWatch(transport, this.events, replyBudget, pushBudget);
    this.held = new HeldBytes(context, this, () => this.session.instance?.quota);
    this.session.peer = transport.peer;
    this.session.replyRoom = this.held;
    this.session.onEvents = () => this.events.schedule();
    this.session.leave = (reason) => this.drain(reason, { code: 1001, reason: reason.code });
    this.session.hangUp = () => this.destroy();
  }

  /** Whether a request is being worked on or waits for that. */
  get isBusy(): boolean {
    return this.replies.length > 0 || this.waiting.length > 0;
  }

  /** Begins to read; `onClosed` is called once, when the socket is gone and all is given back. */
  open(onClosed: () => void): void {
    this.transport.open({
      onData: (chunk) => this.receive(chunk),
      onProgress: () => this.pump(),
      onEnd: () => this.peerEnded(),
      onError: ({ message }) => this.context.log.debug({ reason: message }, 'socket error'),
      onClosed: () => {
        this.release();
        onClosed();
      },
    });
  }

  /**
   * Begins a graceful end: requests already started are answered, later ones get `refusal`, waits
   * end at once, and the socket is ended when nothing is owed. Quotas hold no longer. Idempotent.
   */
  drain(refusal = new ProtocolError('SHUTTING_DOWN'), farewell = GOING_AWAY): void {
    if (this.refusal !== undefined || this.ending === 'ended') return;
    this.refusal = refusal;
    if (this.ending === 'no') {
      this.ending = 'draining';
      this.farewell = farewell;
    }
    this.session.cancel();
    this.flushReplies();
    this.pump();
  }

  /** Ends the socket without another word. */
  destroy(): void {
    this.transport.destroy();
  }

  /**
   * Hangs up on a client that for too long owes a hello, the rest of a frame, or the reading of its
   * replies. Called about once a second.
   */
  sweep(nowMs: number, patience: ConnectionPatience): void {
    if (this.transport.isGone) return;
    if (!this.wire.isGreeted && nowMs - this.openedMs >= patience.helloTimeoutMs) {
      this.drop(`no hello within ${patience.helloTimeoutMs} ms`);
      return;
    }
    const { unsentReplyBytes } = this;
    const awaitsFrame = this.isReading && this.isMidFrame;
    const state = { awaitsFrame, unsentReplyBytes };
    const overdueMs = this.stall.overdueMs(nowMs, patience.stallTimeoutMs, state);
    if (overdueMs !== undefined) this.drop(`nothing moved for ${overdueMs} ms, or too little`);
  }

  /** The budget has room again. */
  onRoom(): void {
    this.pump();
  }

  /** It may take of a quota. */
  onQuota(): void {
    this.flushReplies();
    this.pump();
    // What was read at once leaves in the same turn, instead of being held until the next.
    this.flushReplies();
  }

  private receive(chunk: Buffer): void {
    this.context.counters.receivedBytes += chunk.length;
    if (this.isDiscarding) return;
    try {
      this.enqueue(this.wire.receive(chunk));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.enqueue(error.requestsBefore as WireRequest[]);
      this.closeOn(error.reason);
      this.lastWords = error.lastWords;
    }
    this.pump();
  }

  private get isDiscarding(): boolean {
    return this.ending === 'closing' || this.ending === 'ended';
  }

  private enqueue(requests: readonly WireRequest[]): void {
    for (const request of requests) {
      this.waiting.push(request);
      this.waitingBytes += request.heldBytes;
    }
  }

  /** Starts what fits, then settles whether to read on and whether to end. */
  private pump(): void {
    if (this.transport.isGone) return;
    const queue = this.waiting;
    let started = 0;
    for (const request of queue) {
      const kind = this.wire.kindOf(request);
      // A request may end the connection, and with it the queue that is being walked.
      if (this.waiting !== queue || !this.hasRoomFor(request, kind)) break;
      started += 1;
      this.waitingBytes -= request.heldBytes;
      this.start(request, kind);
    }
    if (this.waiting === queue && started > 0) this.waiting = queue.slice(started);
    this.endIfDone();
    // A flush that is due comes here again, so the reply of a `subscribe` leaves before its events.
    if (!this.isDiscarding && !this.flushIsScheduled) this.events.pump();
    this.account();
    this.regulateReading();
  }

  private eventFailed(error: unknown): void {
    // Which record of which partition failed is unknown: the client has to come back for it.
    this.context.log.error({ err: error }, 'an event failed');
    this.drop('an event failed');
  }

  private hasRoomFor(request: WireRequest, kind: RequestKind): boolean {
    if (this.isBehind || this.held.isCrowdedOut) return false;
    const { connectionRequestsMax, connectionBytesMax } = this.context.limits;
    const { length, heldBytes } = this.replies;
    const heldThen = heldBytes + request.heldBytes;
    // A page is known only when it is made: it waits until the one before it is on the socket.
    if (kind.carriesPage && !this.mayMakePage) return false;
    const fits = length === 0 || (length < connectionRequestsMax && heldThen <= connectionBytesMax);
    return fits && (this.refusal !== undefined || this.quota.mayStart(request, kind));
  }

  private get mayMakePage(): boolean {
    if (this.replies.hasPage) return false;
    return this.refusal !== undefined || this.held.mayMakePage();
  }

  private start(request: WireRequest, kind: RequestKind): void {
    this.context.counters.requests += 1;
    const slot = this.replies.open(request.heldBytes, kind);
    if (slot.carriesPage) this.held.beginPage();
    try {
      if (this.ending === 'draining' && this.refusal !== undefined) throw this.refusal;
      const outcome = this.wire.dispatch(request);
      // What it takes may be known only now that it is decoded.
      this.replies.noteRequest(slot, request.heldBytes);
      if (!(outcome instanceof Promise)) {
        this.complete(slot, request, outcome);
        return;
      }
      outcome
        .then((later) => this.complete(slot, request, later))
        .catch((error: unknown) => this.fail(slot, request, error));
    } catch (error) {
      this.fail(slot, request, error);
    }
  }

  private complete(slot: ReplySlot, request: WireRequest, outcome: WireOutcome): void {
    const reservedBytes = (typeof outcome === 'symbol' ? undefined : outcome.reservedBytes) ?? 0;
    if (reservedBytes !== 0) this.held.reserve(-reservedBytes);
    const throttleMs = this.quota.toldWaitMs(slot, reservedBytes);
    this.answer(slot, this.wire.encode(request, outcome, throttleMs));
  }

  private fail(slot: ReplySlot, request: WireRequest, error: unknown): void {
    const said = error instanceof ProtocolError ? error : new ProtocolError('INTERNAL');
    if (said !== error) {
      const operation = this.wire.nameOf(request);
      this.context.log.error({ err: error, operation }, 'a request failed');
    }
    this.context.counters.errorReplies += 1;
    const { pieces, ends } = this.wire.refuse(request, said, this.quota.toldWaitMs(slot, 0));
    if (pieces.length === 0) {
      this.context.log.debug({ code: said.code }, 'a request without a reply failed');
    }
    this.answer(slot, pieces);
    if (!ends || slot.isDropped) return;
    // What came behind it is not looked at, or not answered: one client error, one reply.
    this.replies.dropBehind(slot);
    this.waiting = [];
    this.waitingBytes = 0;
    this.lastWords = undefined;
    this.closeOn(said);
  }

  private answer(slot: ReplySlot, reply: readonly Buffer[]): void {
    this.replies.complete(slot, reply);
    if (slot.carriesPage) this.held.endPage();
    // At once: the requests that this turn completes are to see each other's replies.
    this.account();
    if (this.flushIsScheduled || !this.replies.isReady) return;
    // All replies of this turn leave in one write: a commit group completes many requests at once.
    this.flushIsScheduled = true;
    process.nextTick(() => this.flush());
  }

  private flush(): void {
    this.flushIsScheduled = false;
    if (this.transport.isGone) return;
    this.flushReplies();
    this.pump();
  }

  private flushReplies(): void {
    if (!this.transport.isGone) this.write(this.replies.takeReady(this.mayReply));
  }

  private readonly mayReply = (slot: ReplySlot): boolean =>
    this.refusal !== undefined || this.quota.mayReply(slot);

  private write(frames: readonly FramePieces[]): void {
    if (frames.length === 0) return;
    for (const frame of frames) {
      for (const piece of frame) this.context.counters.sentBytes += piece.length;
    }
    // 'drain' tells only of buffers that were full; the budget wants to know of every byte.
    this.transport.write(frames, this.onWritten);
    this.account();
  }

  private readonly onWritten = (): void => {
    if (this.transport.isGone) return;
    this.account();
    if (!this.isReading) this.pump();
  };

  private regulateReading(): void {
    const wants = this.isDiscarding || (this.fitsMore() && this.held.mayRead(this.isMidFrame));
    if (wants === this.isReading) return;
    this.isReading = wants;
    if (wants) this.transport.resume();
    else this.transport.pause();
  }

  private fitsMore(): boolean {
    const { connectionRequestsMax, connectionBytesMax } = this.context.limits;
    return (
      !this.isBehind &&
      !this.held.isCrowdedOut &&
      this.waiting.length === 0 &&
      this.replies.length < connectionRequestsMax &&
      this.replies.heldBytes < connectionBytesMax
    );
  }

  private get isMidFrame(): boolean {
    return this.wire.bufferedBytes + this.transport.bufferedBytes > 0;
  }

  /** Whether the peer does not take its replies; that it does not take events is no reason. */
  private get isBehind(): boolean {
    if (!this.transport.isFull) return false;
    return this.events.unsentBytes === 0 || this.unsentReplyBytes >= UNSENT_REPLY_BYTES;
  }

  private get unsentReplyBytes(): number {
    return Math.max(0, this.transport.unsentBytes - this.events.unsentBytes);
  }

  private account(): void {
    const { wire, replies, transport, waitingBytes } = this;
    const partial = wire.heldBytes + transport.bufferedBytes;
    const requestBytes = replies.heldBytes - replies.replyBytes;
    const replyBytes = replies.replyBytes + this.unsentReplyBytes;
    this.held.note(partial + waitingBytes + requestBytes, replyBytes, replies.recordBytes);
  }

  private peerEnded(): void {
    // The peer may still read, so it gets what it is owed, but nothing is waited for any more.
    this.session.cancel();
    if (!this.isDiscarding) this.ending = 'closing';
    this.pump();
  }

  private closeOn(error: ProtocolError): void {
    this.ending = 'closing';
    // What was asked before is answered, but nothing is waited for any more.
    this.session.cancel();
    this.context.counters.connectionsDropped += 1;
    this.farewell = { code: PROTOCOL_ERROR, reason: error.code };
    this.context.log.warn({ peer: this.transport.peer, code: error.code }, error.message);
  }

  private endIfDone(): void {
    if (this.ending === 'no' || this.ending === 'ended' || this.isBusy) return;
    this.ending = 'ended';
    if (this.lastWords !== undefined) this.write([this.lastWords]);
    this.transport.end(this.farewell);
  }

  private drop(reason: string): void {
    this.context.counters.connectionsDropped += 1;
    this.context.log.info({ peer: this.transport.peer }, `hung up: ${reason}`);
    this.transport.destroy();
  }

  private release(): void {
    this.quota.leave();
    this.session.end();
    this.replies.clear();
    this.events.release();
    this.waiting = [];
    this.waitingBytes = 0;
    this.held.release();
  }
}
