import { SingleBar } from 'cli-progress';
import type { Terminal } from './terminal';
import { grouped, sizeText } from './tables';

/** A progress bar on stderr; silent when stderr is not a terminal. */
export interface Progress {
  /** @param bytes Bytes of the input taken so far; @param records Records acknowledged so far. */
  update(bytes: number, records: number): void;
  stop(): void;
}

/** Shows nothing. */
export const SILENT: Progress = { update: () => undefined, stop: () => undefined };

/** @param totalBytes Size of the input; without it (standard input) only counts are shown. */
export function startProgress(terminal: Terminal, totalBytes: number | undefined): Progress {
  if (terminal.stderr.isTTY !== true) return SILENT;
  const known = totalBytes !== undefined && totalBytes > 0;
  const format = known
    ? '{bar} {percentage} % | {records} records | {rate}'
    : '{records} records | {rate}';
  const bar = new SingleBar({ format, stream: terminal.stderr, hideCursor: true });
  const startedAt = performance.now();
  bar.start(known ? totalBytes : 1, 0, { records: 0, rate: '' });
  return {
    update(bytes, records) {
      const seconds = Math.max((performance.now() - startedAt) / 1000, 0.001);
      const recordRate = grouped(Math.round(records / seconds));
      const rate = `${recordRate} records/s, ${sizeText(bytes / seconds)}/s`;
      bar.update(known ? bytes : 0, { records: grouped(records), rate });
    },
    stop: () => bar.stop(),
  };
}
