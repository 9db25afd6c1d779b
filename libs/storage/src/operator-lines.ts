// Where lines for an operator go.

/** Gets one line, without its end. */
export type LineSink = (line: string) => void;

/** `onLog`; without it stderr, unless WALRUS_QUIET is set to anything. */
export function lineSink(onLog: LineSink | undefined): LineSink {
  if (onLog !== undefined) return onLog;
  if (process.env['WALRUS_QUIET'] !== undefined) return () => undefined;
  return (line) => void process.stderr.write(`${line}\n`);
}
