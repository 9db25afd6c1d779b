/**
 * Lets loops sleep until somebody has news. A notice given while nobody sleeps is kept, so that
 * none is lost between looking and sleeping; several count as one.
 */
export class Signal {
  private noticed = false;
  private sleepers: (() => void)[] = [];

  /** Wakes all sleepers, or keeps the next one from sleeping. */
  notify(): void {
    this.noticed = this.sleepers.length === 0;
    for (const wake of this.sleepers.splice(0)) wake();
  }

  /** Resolves at the next notice. */
  wait(): Promise<void> {
    if (this.noticed) {
      this.noticed = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.sleepers.push(resolve));
  }
}
