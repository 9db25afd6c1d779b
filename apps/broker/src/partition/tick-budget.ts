/** Lets everything else of the process have its turn. */
export async function yieldTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** What a budget is measured and spent with; a test hands in its own. */
export interface TickParts {
  readonly monotonicMs: () => number;
  readonly yieldTurn: () => Promise<void>;
}

/** Most work of one loop without a pause. */
const TICK_MS = 10;
/** What one step may take beyond the time at which the clock was asked. */
const STEP_MS = 2;

/**
 * Cuts a loop over many things into ticks of at most 10 ms, between which others have their turn.
 *
 * REQUIRES: `pause` is awaited before each step, and a step takes less than 2 ms.
 */
export class TickBudget {
  private endMs: number;

  constructor(
    private readonly parts: TickParts = { monotonicMs: () => performance.now(), yieldTurn },
  ) {
    this.endMs = this.newEnd();
  }

  /** Yields when the tick is used up; undefined when there is time left. */
  pause(): Promise<void> | undefined {
    if (this.parts.monotonicMs() < this.endMs) return undefined;
    return this.parts.yieldTurn().then(() => this.restart());
  }

  /** A tick begins: others had their turn in some other way. */
  restart(): void {
    this.endMs = this.newEnd();
  }

  private newEnd(): number {
    return this.parts.monotonicMs() + TICK_MS - STEP_MS;
  }
}
