// The regular look for committed offsets that nobody needs any more.
import { RetentionClock } from '../partition/retention-clock';
import { TickBudget } from '../partition/tick-budget';
import type { GroupClock } from './group-clock';
import type { GroupRunner } from './group-runner';

/** What the check works on. */
export interface OffsetCheckParts {
  readonly clock: GroupClock;
  readonly intervalMs: number;
  /** All groups there are. */
  readonly runners: () => readonly Pick<GroupRunner, 'submit'>[];
  readonly onFailure: (error: unknown) => void;
}

/**
 * Has every group drop, each `intervalMs`, the offsets that nobody needs any more. None is dropped
 * while the clock cannot be believed, as one that was set wrong would make all of them old at once.
 * Groups have their turns in ticks of 10 ms, between which others have theirs.
 *
 * @returns A function that ends it.
 */
export function startOffsetCheck({
  clock,
  intervalMs,
  runners,
  onFailure,
}: OffsetCheckParts): () => void {
  const trusted = new RetentionClock({
    wallMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
  });
  trusted.now();
  let isEnded = false;
  let isRunning = false;
  const pass = async (): Promise<void> => {
    const budget = new TickBudget();
    for (const runner of runners()) {
      await budget.pause();
      if (isEnded) return;
      runner.submit({ type: 'expireOffsets' });
    }
  };
  const check = (): void => {
    cancel = clock.schedule(check, intervalMs);
    if (trusted.now().isHeld || isRunning) return;
    isRunning = true;
    pass()
      .catch(onFailure)
      .finally(() => (isRunning = false));
  };
  let cancel = clock.schedule(check, intervalMs);
  return () => {
    isEnded = true;
    cancel();
  };
}
