/**
 * What the broker counts, as plain numbers that the one thread adds to.
 *
 * Counts only grow; `connectionsOpen`, `subscriptionsOpen`, `heldBytes` and `pushHeldBytes` are
 * levels.
 */
export class Counters {
  connectionsOpen = 0;
  connectionsAccepted = 0;
  connectionsRefused = 0;
  /** Connections that the broker ended: framing errors, no hello, stalls. */
  connectionsDropped = 0;
  requests = 0;
  errorReplies = 0;
  receivedBytes = 0;
  sentBytes = 0;
  /** Produce calls that were acknowledged, and their batch bytes and records. */
  appends = 0;
  appendedBytes = 0;
  appendedRecords = 0;
  /** Produce calls of idempotent producers that had come before. */
  duplicateAppends = 0;
  fetchedBytes = 0;
  /** Passes of retention that ended, and log starts that they moved. */
  retentionPasses = 0;
  retentionTruncations = 0;
  /** Subscriptions of all connections, and what was pushed to them. */
  subscriptionsOpen = 0;
  pushedEvents = 0;
  pushedBytes = 0;
  /** Requests and unsent replies that all connections hold now. */
  heldBytes = 0;
  /** Unsent events that all connections hold now. */
  pushHeldBytes = 0;

  /** The values now, for a log line or a test. */
  snapshot(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this) as [string, number][]);
  }
}

/** What the process uses now. Sizes in bytes, durations in milliseconds. */
export interface ProcessDiagnostics {
  readonly uptimeMs: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
}

/** Reads what the operating system and V8 say about this process. */
export function readProcessDiagnostics(): ProcessDiagnostics {
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  return {
    uptimeMs: Math.round(process.uptime() * 1000),
    rssBytes: memory.rss,
    heapUsedBytes: memory.heapUsed,
    externalBytes: memory.external,
    cpuUserMs: Math.round(cpu.user / 1000),
    cpuSystemMs: Math.round(cpu.system / 1000),
  };
}
