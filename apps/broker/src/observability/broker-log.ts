// The broker's own log: JSON lines, or lines for people, on stderr. stdout belongs to the ready
// line.
import { createRequire } from 'node:module';
import { pino, type DestinationStream, type Logger } from 'pino';
import type { BrokerSettings } from '../config/settings-table';

export type { Logger } from 'pino';

const STDERR = 2;
/** Lines that wait because nobody reads stderr; what comes on top is dropped and counted. */
export const LOG_BYTES_MAX = 4 * 1024 * 1024;

/** A logger and the end of it. */
export interface BrokerLog {
  readonly logger: Logger;
  /** Writes what is buffered, before a process ends or a broker is thrown away. */
  flush(): void;
}

/**
 * Opens the log.
 *
 * Lines are buffered and written by the event loop (no worker thread); pino writes the rest when
 * the process exits. `pino-pretty` is loaded only for a terminal or when asked for, and lines stay
 * JSON where it is not installed.
 *
 * @param fd Where lines go. While nobody reads there, 4 MiB of them wait and later ones are lost;
 *   the first line behind them says how many.
 */
export function openBrokerLog(
  settings: Pick<BrokerSettings, 'logLevel' | 'logFormat'>,
  fd = STDERR,
): BrokerLog {
  const options = {
    level: settings.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  const wanted =
    settings.logFormat === 'auto' ? process.stderr.isTTY : settings.logFormat === 'pretty';
  const pretty = wanted && settings.logLevel !== 'silent' ? openPretty(fd) : undefined;
  if (pretty !== undefined) return { logger: pino(options, pretty), flush: () => undefined };

  const destination = pino.destination({ fd, sync: false, maxLength: LOG_BYTES_MAX });
  const logger = pino(options, destination);
  let lines = 0;
  destination.on('drop', () => (lines += 1));
  destination.on('drain', () => {
    if (lines === 0) return;
    const fields = { lines };
    lines = 0;
    logger.warn(fields, 'log lines were lost: nobody read stderr');
  });
  return { logger, flush: () => flushReady(destination) };
}

function flushReady(destination: ReturnType<typeof pino.destination>): void {
  try {
    destination.flushSync();
  } catch (error) {
    // The reader of stderr is gone or stuck: nobody is left who could be told.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPIPE' && code !== 'EAGAIN') throw error;
  }
}

function openPretty(fd: number): DestinationStream | undefined {
  try {
    // Kept out of the bundle on purpose: it costs start time, and a terminal is the only one to
    // pay.
    const load = createRequire(__filename);
    const pretty = load('pino-pretty') as (options: object) => DestinationStream;
    return pretty({ destination: fd, sync: true, singleLine: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    return undefined;
  }
}
