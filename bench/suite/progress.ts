// What a person sees while a benchmark runs: a bar on a terminal, else a line every few seconds.
import { Presets, SingleBar } from 'cli-progress';
import type { Sampled } from './throughput-rows';

const LINE_SECONDS = 5;

/** A count in three digits or so, with its size: 1.23M. */
export function short(value: number): string {
  const [divisor, unit] =
    value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : value >= 1e3 ? [1e3, 'k'] : [1, ''];
  const scaled = value / divisor;
  return `${unit === '' ? scaled.toFixed(0) : scaled.toPrecision(3)}${unit}`;
}

function rateText({ moment, rates, dirty }: Sampled): string {
  const [entries, bytes] =
    moment.phase === 'write'
      ? [rates.writtenEntries, rates.writtenBytes]
      : [rates.readEntries, rates.readBytes];
  const dirtyText = `dirty ${dirty.percent.toFixed(1)} %`;
  return `${short(entries)} entries/s, ${short(bytes)}B/s, ${dirtyText}`;
}

/** Shows one phase. */
export interface PhaseDisplay {
  show(sampled: Sampled): void;
  /** Leaves the terminal as it was found. */
  end(): void;
}

/**
 * @param label Such as "write" or "3 threads".
 * @param seconds How long the phase takes at most.
 * @param output Where to show it; stderr, so that stdout has results only.
 */
export function startDisplay(
  label: string,
  seconds: number,
  output: NodeJS.WriteStream = process.stderr,
): PhaseDisplay {
  if (!output.isTTY) {
    let nextSeconds = LINE_SECONDS;
    return {
      show(sampled) {
        if (sampled.moment.seconds < nextSeconds) return;
        nextSeconds += LINE_SECONDS;
        output.write(`${label} ${sampled.moment.seconds.toFixed(0)} s: ${rateText(sampled)}\n`);
      },
      end: () => undefined,
    };
  }
  const format = `${label} {bar} {value}/{total} s | {rates}`;
  const bar = new SingleBar({ format, stream: output, hideCursor: true }, Presets.shades_classic);
  bar.start(Math.round(seconds), 0, { rates: '' });
  return {
    show(sampled) {
      bar.update(Math.min(Math.floor(sampled.moment.seconds), Math.round(seconds)), {
        rates: rateText(sampled),
      });
    },
    end: () => bar.stop(),
  };
}
