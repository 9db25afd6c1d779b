import type { ClientSession } from '../instance/client-session';
import type { QuotaHolder } from '../instance/quota-lane';
import type { Counters } from '../observability/counters';
import type { BudgetHolder, MemoryBudget } from './memory-budget';
import type { Transport } from './transport';

/**
 * Bytes of events that leave in one turn, so that one catching-up client does not hold the loop.
 */
const TURN_BYTES = 1024 * 1024;

/** The connection, as its pump sees it. */
export interface PumpOwner {
  /** Writes the replies that are ready: that of a `subscribe` leaves before its first event. */
  readonly beforeEvents: () => void;
  /** An event could not be made, by a bug. */
  readonly eventFailed: (error: unknown) => void;
}

/**
 * Writes the events of one connection to its transport.
 *
 * Place: the connection calls `pump` when the transport has room and when there are events.
 *
 * Invariants:
 *  1. An event is taken only while the transport is not full and the budget of events has room, so
 *     a peer that does not read costs what its transport takes and one event.
 *  2. An event is taken only while the instance's quota of bytes out has room.
 *  3. `accounted` is what the budget believes this connection's events hold.
 */
export class EventPump implements BudgetHolder, QuotaHolder {
  private unsent = 0;
  private accounted = 0;
  private isScheduled = false;
  private turnBytes = 0;

  /**
   * @param budget What the unsent events of all connections may hold; apart from that of requests
   *   and replies, so that slow consumers cannot keep producers from being read.
   */
  constructor(
    private readonly transport: Transport,
    private readonly session: ClientSession,
    private readonly budget: MemoryBudget,
    private readonly counters: Counters,
    private readonly owner: PumpOwner,
  ) {}

  /** Bytes of events that the transport holds. */
  get unsentBytes(): number {
    return this.unsent;
  }

  /** Looks for events in this turn, behind the replies that are ready by then. */
  schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    process.nextTick(this.run);
  }

  /** The budget has room again. */
  onRoom(): void {
    this.pump();
  }

  /** It may take of the quota. */
  onQuota(): void {
    this.pump();
  }

  /** Writes events while there are some and they have room. */
  pump(): void {
    const { events } = this.session;
    if (events === undefined || this.session.isCancelled) return;
    try {
      // What is taken is known only then: a quota lets an event pass when it lets anything pass.
      while (this.hasRoom && this.session.instance?.quota.bytesOut?.mayTake(this, 0) !== false) {
        const frame = events.nextEvent();
        if (frame === undefined) break;
        this.write(frame);
      }
    } catch (error) {
      this.owner.eventFailed(error);
    }
    this.account();
  }

  /** Gives back what it holds, when the socket is gone. */
  release(): void {
    this.unsent = 0;
    this.account();
    this.budget.leave(this);
    this.session.instance?.quota.leave(this);
  }

  private get hasRoom(): boolean {
    const { isGone, isFull } = this.transport;
    return !isGone && !isFull && this.turnBytes < TURN_BYTES && this.budget.mayRead(this, false);
  }

  private readonly run = (): void => {
    this.isScheduled = false;
    this.owner.beforeEvents();
    this.pump();
  };

  private readonly beginTurn = (): void => {
    this.turnBytes = 0;
    this.pump();
  };

  private write(frame: readonly Buffer[]): void {
    let bytes = 0;
    for (const piece of frame) bytes += piece.length;
    // A socket that takes all at once has room again before the turn ends.
    if (this.turnBytes === 0) setImmediate(this.beginTurn);
    this.turnBytes += bytes;
    this.unsent += bytes;
    this.counters.sentBytes += bytes;
    this.session.instance?.quota.bytesOut?.charge(this, bytes);
    this.account();
    this.transport.write([frame], () => {
      if (this.transport.isGone) return;
      this.unsent -= bytes;
      this.account();
    });
  }

  private account(): void {
    const loaded = this.session.isCancelled ? 0 : (this.session.events?.loadedBytes ?? 0);
    const delta = this.unsent + loaded - this.accounted;
    if (delta === 0) return;
    this.accounted += delta;
    this.counters.pushHeldBytes += delta;
    this.budget.add(delta);
  }
}
