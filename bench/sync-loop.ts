// The least that a durable record can cost: a loop that writes what is due and syncs it, in a
// process of its own. Nothing else: no socket, no checksum, no reader.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** What to do. */
export interface SyncLoopTask {
  readonly path: string;
  readonly recordsPerSecond: number;
  readonly recordBytes: number;
  readonly seconds: number;
}

/** Percentiles in ms. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

export interface SyncLoopAnswer {
  /** Of one write and its `fdatasync`. */
  readonly calls: Percentiles;
  /** Of a record, from when it was due until the sync behind its write returned. */
  readonly records: Percentiles;
  readonly syncs: number;
}

const NS_PER_MS = 1e6;

function percentilesOf(latencies: RecordableHistogram): Percentiles {
  const at = (percent: number): number => latencies.percentile(percent) / NS_PER_MS;
  return { p50: at(50), p99: at(99), p999: at(99.9) };
}

/** Runs the loop on this thread until its records are written. */
function runLoop({ path, recordsPerSecond, recordBytes, seconds }: SyncLoopTask): SyncLoopAnswer {
  const [calls, records] = [createHistogram(), createHistogram()];
  const note = (latencies: RecordableHistogram, ms: number): void =>
    latencies.record(Math.max(1, Math.round(ms * NS_PER_MS)));
  const count = recordsPerSecond * seconds;
  const payload = Buffer.alloc(recordBytes * count, 'x');
  const everyMs = 1_000 / recordsPerSecond;
  const file = openSync(path, 'wx');
  const startedMs = performance.now();
  for (let written = 0; written < count;) {
    const beganMs = performance.now();
    const due = Math.min(count, Math.floor((beganMs - startedMs) / everyMs) + 1);
    if (due === written) continue;
    writeSync(file, payload, written * recordBytes, (due - written) * recordBytes);
    fdatasyncSync(file);
    const nowMs = performance.now();
    note(calls, nowMs - beganMs);
    for (; written < due; written += 1) note(records, nowMs - (startedMs + written * everyMs));
  }
  closeSync(file);
  return { calls: percentilesOf(calls), records: percentilesOf(records), syncs: calls.count };
}

if (process.send !== undefined) {
  process.on('message', (task: SyncLoopTask) => process.send?.(runLoop(task)));
  process.on('disconnect', () => process.exit(0));
}
