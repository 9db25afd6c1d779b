// What a person should know of an opening, as lines.
import type { RecoveryReport } from './instance-storage';
import type { LogId } from './partition-log';

const nameOf = ({ topicId, partition }: LogId): string => `log ${topicId}/${partition}`;

/** A line for each thing of the report that somebody should look at; none after a clean close. */
export function recoveryLines(directory: string, report: RecoveryReport): string[] {
  const { cuts, corruptions, clampedCursors, notes } = report;
  const lines = [
    ...cuts.map(({ log, offset, bytes }) => {
      return `${nameOf(log)} ends at offset ${offset} now: ${bytes} torn bytes were cut`;
    }),
    ...corruptions.map(({ log, offset, what, quarantinePath }) => {
      const copy = quarantinePath === '' ? '' : ` (copied to ${quarantinePath})`;
      return `${nameOf(log)} is damaged at offset ${offset}: ${what}${copy}`;
    }),
    ...clampedCursors.map(({ log, reader, from, to }) => {
      return `reader ${JSON.stringify(reader)} of ${nameOf(log)} went from ${from} back to ${to}`;
    }),
    ...notes,
  ];
  return lines.map((line) => `walrus: ${directory}: ${line}`);
}
