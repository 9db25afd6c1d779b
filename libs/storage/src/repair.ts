// Making the directory of an instance that nobody has open writable again.
import { withText } from './inspection';
import type { InspectProblem, WithText } from './inspection';
import { awaitNative, loadAddon } from './native-binding';
import type { NativeRepairAction, NativeRepairReport } from './native-binding';

/** One thing that was, or would be, done; `log-cut` and `start-moved` take records away. */
export type RepairAction = WithText<NativeRepairAction>;

/** What `repairDirectory` did, or would do. */
export type RepairReport = Omit<NativeRepairReport, 'actions' | 'problems'> & {
  readonly actions: readonly RepairAction[];
  readonly problems: readonly InspectProblem[];
};

/**
 * Makes damaged logs writable again: each is cut at the first damaged byte of its end, or begins
 * behind blocks that are missing; headers are restored from their copies. Damage in the midst of a
 * log stays, for the records around it can be read.
 *
 * Without `apply` nothing changes: the report says what would be done. With it every byte that goes
 * is copied to `quarantine/` and synced before the first change; readers above a new end are set to
 * it. A crash in between is harmless: run it again.
 *
 * Rejects with LOCKED the instance is running; INVALID_INPUT no instance is there, or one of an
 * unknown version: nothing was changed. NO_SPACE a copy could not be made: no log was changed. IO.
 */
export async function repairDirectory(
  directory: string,
  { apply = false }: { readonly apply?: boolean } = {},
): Promise<RepairReport> {
  const report = await awaitNative(() => loadAddon().repair(directory, apply));
  return {
    ...report,
    actions: report.actions.map(withText),
    problems: report.problems.map(withText),
  };
}
