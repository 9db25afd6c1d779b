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
  /** Open connections by what their clients speak. */
  readonly connectionsByProtocol = new Map<string, number>();
  /** Requests of Kafka clients by the name of their API, of which there are some tens. */
  readonly kafkaRequests = new Map<string, number>();

  /** The values now, those by protocol and API left out, for a log line or a test. */
  snapshot(): Readonly<Record<string, number>> {
    const values = Object.entries(this) as [string, unknown][];
    return Object.fromEntries(
      values.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
  }

  /** A connection is open (1), or is gone (-1). */
  countConnection(protocol: string, change: 1 | -1): void {
    this.connectionsOpen += change;
    const open = this.connectionsByProtocol.get(protocol) ?? 0;
    this.connectionsByProtocol.set(protocol, open + change);
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
