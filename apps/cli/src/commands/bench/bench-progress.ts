// The line on stderr while a bench runs; nothing where stderr is no terminal.
import { SingleBar } from 'cli-progress';
import { grouped, sizeText } from '../../output/tables';
import type { Terminal } from '../../output/terminal';
import type { BenchCrew } from './bench-crew';
import type { BenchPlan } from './bench-plan';
import { summarise } from './latencies';

const UPDATE_MS = 250;
const FORMAT = '{bar} {percentage} % | {phase}{records} records | {rate} | p99 {p99} ms';

/** Shows what the producers have done, four times a second, until it is stopped. */
export function startBenchProgress(
  terminal: Terminal,
  plan: BenchPlan,
  clock: () => number,
  measuredFromMs: number,
  producers: Pick<BenchCrew, 'sum' | 'latencies'>,
): { stop(): void } {
  if (terminal.stderr.isTTY !== true) return { stop: () => undefined };
  const bar = new SingleBar({ format: FORMAT, stream: terminal.stderr, hideCursor: true });
  const byCount = Number.isFinite(plan.count);
  const update = (): void => {
    const { records, bytes, late } = producers.sum();
    const ms = clock() - measuredFromMs;
    const seconds = Math.max(ms / 1_000, 0.001);
    const isWarm = ms > 0;
    bar.update(Math.min(byCount ? records : Math.max(ms, 0), bar.getTotal()), {
      phase: isWarm ? '' : 'warming up, ',
      records: grouped(records),
      rate: isWarm ? rateText(records + late, bytes + late * plan.sizeBytes, seconds) : '',
      p99: summarise(producers.latencies())?.p99.toFixed(2) ?? '–',
    });
  };
  const total = byCount ? plan.count : plan.durationMs;
  bar.start(total, 0, { phase: 'warming up, ', records: '0', rate: '', p99: '–' });
  const timer = setInterval(update, UPDATE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      update();
      bar.stop();
    },
  };
}

function rateText(records: number, bytes: number, seconds: number): string {
  return `${grouped(Math.round(records / seconds))} records/s, ${sizeText(bytes / seconds)}/s`;
}
