/** The least time that the answer to a heartbeat gets, however short the interval is. */
const ANSWER_MS_MIN = 3_000;
/** In intervals: for the answer to a heartbeat, and until an old answer says nothing any more. */
const INTERVALS = 2;
/** An answer that was under way is as old as its question: the next one is asked for then. */
const QUESTIONS_MAX = 2;

/**
 * How sure a member can be that it is still in its group.
 *
 * A process that stood still, with its machine or for its own reasons, goes on as if nothing had
 * been, and what it then finds in its sockets is as old as that. So an answer counts from when its
 * heartbeat was sent, and not from when it was read.
 */
export class Standing {
  private heardMs = -Infinity;

  /**
   * @param requestTimeoutMs For the answer to any request.
   * @param intervalMs Between heartbeats; 0 while the broker has not told it.
   */
  constructor(
    private readonly requestTimeoutMs: number,
    public intervalMs = 0,
  ) {}

  /**
   * How long the answer to a heartbeat may take. Less than that to other requests: a connection
   * whose other end is gone without a word has to be noticed while the session lasts.
   */
  get answerMs(): number {
    if (this.intervalMs === 0) return this.requestTimeoutMs;
    return Math.min(this.requestTimeoutMs, Math.max(INTERVALS * this.intervalMs, ANSWER_MS_MIN));
  }

  /** The broker has said that the member is in the group, to what was sent then. */
  heard(sentMs: number, intervalMs = this.intervalMs): void {
    this.heardMs = Math.max(this.heardMs, sentMs);
    this.intervalMs = intervalMs;
  }

  /**
   * Resolves once the broker has said how the member stands, where that is not known; at once where
   * it is. It stays unknown when the broker cannot be reached.
   *
   * @param ask Resolves once a heartbeat was answered, or could not be.
   */
  async confirm(ask: () => Promise<void>): Promise<void> {
    for (let asked = 0; asked < QUESTIONS_MAX && this.isInDoubt(); asked++) await ask();
  }

  private isInDoubt(): boolean {
    return performance.now() - this.heardMs > INTERVALS * this.intervalMs;
  }
}
