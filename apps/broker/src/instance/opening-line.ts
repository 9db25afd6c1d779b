/**
 * Opens instances side by side, a bounded number at a time, in the order in which they were added.
 *
 * Life: `begin` once; `stop` ends it: what is being opened goes on until it is open, what waits is
 * not begun.
 */
export class OpeningLine {
  private readonly waiting: string[] = [];
  private opening: Promise<void> = Promise.resolve();
  private isStopped = false;

  /**
   * @param openOne Opens the one with this key; an instance that cannot be opened is no rejection.
   * @param atOnce How many are being opened at a time.
   */
  constructor(
    private readonly openOne: (key: string) => Promise<unknown>,
    private readonly atOnce: number,
  ) {}

  /** Puts it at the end of those that wait. */
  add(key: string): void {
    this.waiting.push(key);
  }

  /** Somebody waits for it: it is the next. Nothing happens for one that does not wait. */
  hasten(key: string): void {
    const at = this.waiting.indexOf(key);
    if (at > 0) this.waiting.unshift(...this.waiting.splice(at, 1));
  }

  /** Opens what was added. Resolves once all are open, or rejects as the first of `openOne` did. */
  begin(): Promise<void> {
    const lanes = Array.from({ length: this.atOnce }, () => this.openInTurn());
    const opening = Promise.all(lanes).then(() => undefined);
    // Whoever began is told; the end is all that `idle` waits for.
    this.opening = Promise.allSettled(lanes).then(() => undefined);
    return opening;
  }

  /** Begins no other. */
  stop(): void {
    this.isStopped = true;
  }

  /** Resolves once nothing is being opened any more. */
  async idle(): Promise<void> {
    await this.opening;
  }

  private async openInTurn(): Promise<void> {
    while (!this.isStopped) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      await this.openOne(next);
    }
  }
}
