// Appends from JavaScript beside node:fs, see append-driver.ts.
import { join } from 'node:path';
import type { AppendAnswer, AppendLoad, AppendTask } from './append-driver';
import { rateRow, type RowPlan, type Sample } from './figures';
import type { Section } from './report';
import { runSeedEngine } from './seed-engine';
import { WorkerProcess } from './worker-process';

const RECORD_BYTES = 1024;
const LOADS: readonly AppendLoad[] = [
  'walrus-append',
  'fs-1k',
  'log-append-64',
  'fs-64k',
  'walrus-batch',
];
const SEED_LOADS = ['seed-append', 'seed-batch'] as const;
type AnyLoad = AppendLoad | (typeof SEED_LOADS)[number];

export interface AppendRoundsOptions {
  readonly directory: string;
  readonly rounds: number;
  /** Of each run. */
  readonly payloadBytes: number;
  /** Whether the seed engine, which must have been built, takes part. */
  readonly withSeed: boolean;
  readonly onProgress: (text: string) => void;
}

/** Runs every load once in each round; a first round warms up. */
export async function runAppendRounds(options: AppendRoundsOptions): Promise<Sample[]> {
  const { directory, rounds, payloadBytes, withSeed, onProgress } = options;
  const worker = new WorkerProcess<AppendTask, AppendAnswer>('append-driver');
  const run = async (load: AnyLoad, folder: string): Promise<number> => {
    if (load === 'seed-append' || load === 'seed-batch') {
      return runSeedEngine(load === 'seed-batch' ? 'batch' : 'append', folder, payloadBytes);
    }
    const { seconds, error } = await worker.ask({ load, directory: folder, payloadBytes });
    if (error !== undefined) throw new Error(`${load}: ${error}`);
    return seconds;
  };
  const loads: readonly AnyLoad[] = withSeed ? [...LOADS, ...SEED_LOADS] : LOADS;
  const operations = payloadBytes / RECORD_BYTES;
  const samples: Sample[] = [];
  try {
    for (let round = -1; round < rounds; round += 1) {
      onProgress(round < 0 ? 'JavaScript: warm-up' : `JavaScript: round ${round + 1} of ${rounds}`);
      for (const load of round % 2 === 0 ? loads : [...loads].reverse()) {
        const seconds = await run(load, join(directory, `${load}-${round}`));
        samples.push({ load, round, operations, payloadBytes, seconds });
      }
    }
  } finally {
    await worker.end();
  }
  return samples;
}

function plan(title: string, load: AnyLoad, peer: AnyLoad, peerTitle: string): RowPlan {
  return { title, load, peer, peerTitle, measure: 'bytes' };
}

const IN_TURN = 'appendForTopic, one at a time';
const IN_BATCHES = 'batchAppendForTopic of 64';
const PLANS: readonly RowPlan[] = [
  plan(IN_TURN, 'walrus-append', 'fs-1k', 'fs.writeSync of 1 KiB'),
  plan('PartitionLog.append, 64 in flight', 'log-append-64', 'fs-64k', 'fs.writeSync of 64 KiB'),
  plan(IN_BATCHES, 'walrus-batch', 'fs-64k', 'fs.writeSync of 64 KiB'),
];
const SEED_PLANS: readonly RowPlan[] = [
  {
    ...plan(IN_TURN, 'walrus-append', 'seed-append', 'the seed from Rust, append_for_topic'),
    budget: { kind: 'at least', bound: 1.5, text: '≥ 1.5 × the seed from Rust' },
  },
  plan(IN_BATCHES, 'walrus-batch', 'seed-batch', 'the seed, batch_append_for_topic of 64'),
];

/** The section of appends from JavaScript. */
export function appendSection(samples: readonly Sample[]): Section {
  const withSeed = samples.some(({ load }) => load === 'seed-append');
  return {
    title: 'Appends from JavaScript, 1 KiB, no sync',
    notes: withSeed ? [] : ['The seed engine (budget: ≥ 1.5 × from Rust) takes part with --seed.'],
    rows: [...PLANS, ...(withSeed ? SEED_PLANS : [])].map((given) => rateRow(given, samples)),
  };
}
