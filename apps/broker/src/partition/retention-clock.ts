/** The two clocks of a machine: the one that people set, and one that only ever goes on. */
export interface Clocks {
  /** Milliseconds since 1970; may jump. */
  wallMs(): number;
  /** Milliseconds since some moment; never jumps. */
  monotonicMs(): number;
}

/** The machine's own. */
export const machineClocks: Clocks = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** How far the clocks may drift apart between two looks before it counts as a jump. */
const JUMP_MS = 60_000;
/** How long a jump forward has to last before it is believed. */
const HOLD_MS = 600_000;

/** The time to judge ages by, and whether it can be believed. */
export interface TrustedTime {
  readonly wallMs: number;
  /** A jump forward is not believed yet: nothing may be deleted because of its age. */
  readonly isHeld: boolean;
  /** How far the clock jumped, when this look is the first after it; else 0. */
  readonly jumpMs: number;
}

/**
 * The wall clock as retention believes it.
 *
 * Records are deleted for their age, and a clock that was set wrong would make all of them old. So
 * a jump forward (of more than a minute against the monotonic clock) is believed only after ten
 * minutes, in which somebody can set it right; a clock that jumps back by itself is believed at
 * once, since that deletes nothing. A machine that slept jumps in the same way, and waits as long.
 *
 * Life: the first look sets the reference; a clock that is wrong from the start cannot be told.
 */
export class RetentionClock {
  private reference: { readonly wallMs: number; readonly monotonicMs: number } | undefined;
  private heldSinceMs: number | undefined;
  /** How far the clocks were apart at the last look. */
  private lastDriftMs = 0;

  constructor(private readonly clocks: Clocks) {}

  /** Looks at the clocks. */
  now(): TrustedTime {
    const wallMs = this.clocks.wallMs();
    const monotonicMs = this.clocks.monotonicMs();
    const drift =
      this.reference === undefined
        ? 0
        : wallMs - this.reference.wallMs - (monotonicMs - this.reference.monotonicMs);
    // Another jump while one is held gets ten minutes of its own.
    const jumpMs = drift - this.lastDriftMs;
    const hasJumped = drift > JUMP_MS && jumpMs > JUMP_MS;
    if (hasJumped) this.heldSinceMs = monotonicMs;
    if (drift <= JUMP_MS) this.heldSinceMs = undefined;
    const isHeld = this.heldSinceMs !== undefined && monotonicMs - this.heldSinceMs < HOLD_MS;
    this.lastDriftMs = isHeld ? drift : 0;
    if (!isHeld) {
      this.heldSinceMs = undefined;
      this.reference = { wallMs, monotonicMs };
    }
    return { wallMs, isHeld, jumpMs: hasJumped ? jumpMs : 0 };
  }
}
