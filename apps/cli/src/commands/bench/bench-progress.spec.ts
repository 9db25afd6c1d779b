import { Writable } from 'node:stream';
import type { OutputStream, Terminal } from '../../output/terminal';
import type { BenchPlan } from './bench-plan';
import { startBenchProgress } from './bench-progress';
import { newLatencies, recordLatency } from './latencies';

/** What was written to stderr, by pieces. */
function terminalWith(isTTY: boolean): { terminal: Terminal; written: () => string } {
  const pieces: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (piece: string, _encoding, done) => {
      pieces.push(piece);
      done();
    },
  });
  const stderr: OutputStream = Object.assign(stream, { isTTY, columns: 120 });
  // The progress line asks for nothing else of a terminal.
  return { terminal: { stderr } as Terminal, written: () => pieces.join('') };
}

const byCount = {
  sizeBytes: 1_024,
  count: 2_000,
  durationMs: Number.POSITIVE_INFINITY,
} as BenchPlan;
const byTime = {
  sizeBytes: 1_024,
  count: Number.POSITIVE_INFINITY,
  durationMs: 4_000,
} as BenchPlan;

/** What a bench shows at the end, `ms` after what it measures began. */
function lastLine(plan: BenchPlan, ms: number, records: number, late = 0, isTTY = true): string {
  const latencies = newLatencies();
  if (records > 0) recordLatency(latencies, 1.5);
  const producers = {
    sum: () => ({ all: records + late, records, bytes: records * 1_024, late, lastMs: ms }),
    latencies: () => [latencies],
  };
  const { terminal, written } = terminalWith(isTTY);
  startBenchProgress(terminal, plan, () => 500 + ms, 500, producers).stop();
  return /\S+ %[^%]*$/.exec(written())?.[0] ?? written();
}

describe('the progress line of a bench', () => {
  it('shows how far it is by records, the rate and the latency', () => {
    const line = lastLine(byCount, 2_000, 500);
    expect(line).toMatch(/^25 % \| 500 records \| 250 records\/s, 250\.0 KiB\/s \| p99 1\.5\d* ms/);
  });

  it('counts what the warm-up had left for the rate alone', () => {
    expect(lastLine(byCount, 2_000, 500, 100)).toMatch(
      /^25 % \| 500 records \| 300 records\/s, 300/,
    );
  });

  it('shows how far it is by time where no count ends it, never beyond the end', () => {
    expect(lastLine(byTime, 3_000, 900)).toMatch(/^75 % \| 900 records \| 300 records\/s/);
    expect(lastLine(byTime, 9_000, 900)).toMatch(/^100 % \| 900 records \| 100 records\/s/);
  });

  it('says that it is warming up as long as nothing is measured', () => {
    const line = lastLine(byTime, -100, 0);
    expect(line).toMatch(/^0 % \| warming up, 0 records \| {2}\| p99 – ms/);
  });

  it('writes nothing where stderr is no terminal', () => {
    expect(lastLine(byCount, 2_000, 500, 0, false)).toBe('');
  });
});
