// Appends from JavaScript beside node:fs, see append-driver.ts.
import { join } from 'node:path';
import type { AppendAnswer, AppendLoad, AppendTask } from './append-driver';
import { rateRow, type RowPlan, type Sample } from './figures';
import type { Section } from './report';
import { WorkerProcess } from './worker-process';

const RECORD_BYTES = 1024;
const LOADS: readonly AppendLoad[] = [
  'walrus-append',
  'fs-1k',
  'log-append-64',
  'fs-64k',
  'walrus-batch',
];

export interface AppendRoundsOptions {
  readonly directory: string;
  readonly rounds: number;
  /** Of each run. */
  readonly payloadBytes: number;
  readonly nodeFlags?: readonly string[];
  readonly onProgress: (text: string) => void;
}

/** Runs every load once in each round; a first round warms up. */
export async function runAppendRounds(options: AppendRoundsOptions): Promise<Sample[]> {
  const { directory, rounds, payloadBytes, nodeFlags, onProgress } = options;
  const worker = new WorkerProcess<AppendTask, AppendAnswer>('append-driver', [], nodeFlags);
  const samples: Sample[] = [];
  try {
    for (let round = -1; round < rounds; round += 1) {
      onProgress(`JavaScript: round ${round + 1} of ${rounds}`);
      for (const load of round % 2 === 0 ? LOADS : [...LOADS].reverse()) {
        const folder = join(directory, `${load}-${round}`);
        const { seconds, error } = await worker.ask({ load, directory: folder, payloadBytes });
        if (error !== undefined) throw new Error(`${load}: ${error}`);
        const operations = payloadBytes / RECORD_BYTES;
        samples.push({ load, round, operations, payloadBytes, seconds });
      }
    }
  } finally {
    await worker.end();
  }
  return samples;
}

function plan(title: string, load: AppendLoad, peer: AppendLoad, peerTitle: string): RowPlan {
  return { title, load, peer, peerTitle, measure: 'bytes' };
}

/** The section of appends from JavaScript. */
export function appendSection(samples: readonly Sample[]): Section {
  const plans = [
    plan('appendForTopic, one at a time', 'walrus-append', 'fs-1k', 'fs.writeSync of 1 KiB'),
    plan('PartitionLog.append, 64 in flight', 'log-append-64', 'fs-64k', 'fs.writeSync of 64 KiB'),
    plan('batchAppendForTopic of 64', 'walrus-batch', 'fs-64k', 'fs.writeSync of 64 KiB'),
  ];
  return {
    title: 'Appends from JavaScript, 1 KiB, no sync',
    notes: [
      'The seed engine from Rust (budget: ≥ 1.5 × its write benchmark) is not part of this run.',
    ],
    rows: plans.map((given) => rateRow(given, samples)),
  };
}
