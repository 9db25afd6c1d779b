/**
 * Notices that the program has asked for no records for too long: it hangs, or was left.
 *
 * Looks now and then instead of at each record, so it notices within 5/4 of the interval.
 */
export class PollWatch {
  private timer: NodeJS.Timeout | undefined;
  private lastCount: number | undefined;
  private changedAtMs = 0;

  /**
   * @param askCount Goes up whenever the program asks; undefined while it waits for records.
   * @param onOverdue Called at each look while it has not asked for the whole interval.
   */
  constructor(
    private readonly intervalMs: number,
    private readonly askCount: () => number | undefined,
    private readonly onOverdue: () => void,
  ) {}

  /** Looks until `stop`. */
  start(): void {
    this.changedAtMs = performance.now();
    // The consumer's connections keep the process alive; this timer need not.
    this.timer = setInterval(() => this.look(), Math.ceil(this.intervalMs / 4)).unref();
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const count = this.askCount();
    if (count === undefined || count !== this.lastCount) {
      this.lastCount = count;
      this.changedAtMs = performance.now();
    } else if (performance.now() - this.changedAtMs > this.intervalMs) this.onOverdue();
  }
}
