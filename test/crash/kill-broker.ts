// `npm run test:crash -- --cycles 200 --seed 1 --fsync sync-each`; with `--storage` the same below
// the broker, through libs/storage, where a cycle is short.
import { parseArgs } from 'node:util';
import { runCrashCycles, summaryLine } from './crash-cycles';
import { runStorageCycles, storageSummaryLine } from './storage-cycles';

interface Options {
  readonly cycles: number;
  readonly seed: number;
  readonly fsync: string;
  readonly storage: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      cycles: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
      fsync: { type: 'string', default: 'sync-each' },
      storage: { type: 'boolean', default: false },
    },
  });
  const cycles = Number(values.cycles);
  const seed = Number(values.seed);
  if (!Number.isInteger(cycles) || cycles < 1) throw new Error('--cycles takes a number from 1');
  if (!Number.isInteger(seed) || seed < 0) throw new Error('--seed takes a whole number');
  return { cycles, seed, fsync: values.fsync, storage: values.storage };
}

async function killStorage({ cycles, seed }: Options): Promise<boolean> {
  const totals = await runStorageCycles(cycles, seed);
  for (const { partition, kind, text } of totals.findings.slice(0, 20)) {
    process.stderr.write(`partition ${partition}: ${kind}: ${text}\n`);
  }
  process.stdout.write(`${storageSummaryLine(cycles, totals)}\n`);
  return totals.findings.length === 0;
}

async function killBroker({ cycles, seed, fsync }: Options): Promise<boolean> {
  const onCycle = (cycle: number, acknowledged: number): void => {
    if (cycle % 10 !== 0) return;
    process.stderr.write(`cycle ${cycle} of ${cycles}: ${acknowledged} acknowledged\n`);
  };
  const options = { cycles, seed, fsync, onCycle };
  const totals = await runCrashCycles(options);
  for (const text of totals.texts) process.stderr.write(`${text}\n`);
  process.stdout.write(`${summaryLine(options, totals)}\n`);
  return totals.texts.length === 0;
}

async function main(): Promise<void> {
  const options = readOptions();
  const isSound = options.storage ? await killStorage(options) : await killBroker(options);
  process.exitCode = isSound ? 0 : 1;
}

main().catch((error: unknown) => {
  // The chain of causes says which cycle, then why.
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    process.stderr.write(`${cause.message}\n`);
  }
  process.exitCode = 1;
});
