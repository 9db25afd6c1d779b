/** Somebody who holds bytes of the budget and can be told that there is room again. */
export interface BudgetHolder {
  /** Called in a later turn, after room was found. */
  onRoom(): void;
}

/**
 * The bytes that all connections together may hold: requests and half-received frames in one
 * budget, unsent replies in another, unsent events in a third.
 *
 * It does not refuse bytes that are there already; a holder asks before it reads more.
 *
 * Invariant: when the budget is used up by frames of which none is whole, one holder at a time may
 * still read on, so that some frame always gets finished. The overdraft is one frame at most.
 */
export class MemoryBudget {
  private heldBytes = 0;
  private overdrawn: BudgetHolder | undefined;
  private readonly waiting = new Set<BudgetHolder>();
  private wakeIsScheduled = false;

  constructor(readonly bytesMax: number) {}

  /** Bytes that are held now. */
  get usedBytes(): number {
    return this.heldBytes;
  }

  /** What is left of it; 0 when it is used up. */
  get roomBytes(): number {
    return Math.max(0, this.bytesMax - this.heldBytes);
  }

  /** Whether no more than half of it is used. */
  get isHalfFree(): boolean {
    return this.heldBytes <= this.bytesMax / 2;
  }

  /** Whether it is not used up. */
  get hasRoom(): boolean {
    return this.heldBytes < this.bytesMax;
  }

  /**
   * Whether `holder` may read more; if not, it is told by `onRoom` when to ask again.
   *
   * @param isMidFrame Whether it holds part of a frame, which only reading on can finish.
   */
  mayRead(holder: BudgetHolder, isMidFrame: boolean): boolean {
    if (!isMidFrame && this.overdrawn === holder) this.overdrawn = undefined;
    if (this.heldBytes < this.bytesMax) return true;
    if (isMidFrame && (this.overdrawn ?? holder) === holder) {
      this.overdrawn = holder;
      return true;
    }
    this.waiting.add(holder);
    return false;
  }

  /**
   * Whether `holder` may take up to about `bytes`; if not, it is told by `onRoom` when to ask
   * again. Where there is no room one holder at a time, the one that waits longest, may all the
   * same, until `endOverdraft`: so everybody has a turn however long others keep what they hold.
   */
  mayTake(holder: BudgetHolder, bytes: number): boolean {
    const hasRoom = this.heldBytes + Math.min(bytes, this.bytesMax / 4) <= this.bytesMax;
    const [first = holder] = this.waiting;
    const isNext = this.overdrawn === undefined && first === holder;
    if (!hasRoom && isNext) this.overdrawn = holder;
    const mayTake = hasRoom || this.overdrawn === holder;
    if (mayTake) this.waiting.delete(holder);
    else this.waiting.add(holder);
    return mayTake;
  }

  /** The holder needs no overdraft any more; nothing happens where it has none. */
  endOverdraft(holder: BudgetHolder): void {
    if (this.overdrawn !== holder) return;
    this.overdrawn = undefined;
    this.wake();
  }

  /** Notes that somebody holds so many bytes more, or fewer. */
  add(deltaBytes: number): void {
    this.heldBytes += deltaBytes;
    if (deltaBytes < 0) this.wake();
  }

  /** Forgets a holder; what it held has to be given back by `add` first. */
  leave(holder: BudgetHolder): void {
    this.waiting.delete(holder);
    if (this.overdrawn === holder) this.overdrawn = undefined;
    this.wake();
  }

  private wake(): void {
    const hasRoom = this.heldBytes < this.bytesMax || this.overdrawn === undefined;
    if (!hasRoom || this.waiting.size === 0 || this.wakeIsScheduled) return;
    this.wakeIsScheduled = true;
    setImmediate(() => {
      this.wakeIsScheduled = false;
      const holders = [...this.waiting];
      this.waiting.clear();
      // Those that still find no room put themselves back.
      for (const holder of holders) holder.onRoom();
    });
  }
}
