// `npm run test:crash -- --cycles 200 --seed 1 --fsync sync-each`
import { parseArgs } from 'node:util';
import { runCrashCycles, summaryLine, type CrashOptions } from './crash-cycles';

function readOptions(): CrashOptions {
  const { values } = parseArgs({
    options: {
      cycles: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
      fsync: { type: 'string', default: 'sync-each' },
    },
  });
  const cycles = Number(values.cycles);
  const seed = Number(values.seed);
  if (!Number.isInteger(cycles) || cycles < 1) throw new Error('--cycles takes a number from 1');
  if (!Number.isInteger(seed) || seed < 0) throw new Error('--seed takes a whole number');
  const onCycle = (cycle: number, acknowledged: number): void => {
    if (cycle % 10 !== 0) return;
    process.stderr.write(`cycle ${cycle} of ${cycles}: ${acknowledged} acknowledged\n`);
  };
  return { cycles, seed, fsync: values.fsync, onCycle };
}

async function main(): Promise<number> {
  const options = readOptions();
  const totals = await runCrashCycles(options);
  for (const text of totals.texts) process.stderr.write(`${text}\n`);
  process.stdout.write(`${summaryLine(options, totals)}\n`);
  return totals.texts.length === 0 ? 0 : 1;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    // The chain of causes says which cycle, then why.
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      process.stderr.write(`${cause.message}\n`);
    }
    process.exitCode = 1;
  },
);
