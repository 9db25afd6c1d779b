// Runs the model by itself, until the first kind of group in which something does not hold:
// `tsx apps/broker/test/group-model/main.ts [RUNS] [SEED] [classic|consumer|both|unshrunk …]`.
import type { Protocols } from './group-world';
import { runModel } from './run-model';

const ALL: readonly Protocols[] = ['classic', 'consumer', 'both'];

function main(runs: number, seed: number, words: readonly string[]): number {
  const shrinks = !words.includes('unshrunk');
  const only = words.filter((word) => word !== 'unshrunk');
  for (const protocols of ALL.filter((each) => only.length === 0 || only.includes(each))) {
    const startMs = performance.now();
    try {
      runModel({ protocols, runs, seed, shrinks });
    } catch (error) {
      process.stdout.write(`${protocols}: ${error instanceof Error ? error.message : 'failed'}\n`);
      return 1;
    }
    const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
    process.stdout.write(`${protocols}: holds, ${runs} runs in ${seconds} s\n`);
  }
  return 0;
}

const [runs = '1000', seed = '1', ...words] = process.argv.slice(2);
process.exitCode = main(Number(runs), Number(seed), words);
