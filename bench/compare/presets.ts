// `npm run bench:presets`: the five presets of docs/tuning.md, measured, as the rows of its table.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../figures';
import { describeMachine } from '../machine';
import { short } from '../suite/progress';
import { inNewDirectory } from '../suite/run';
import { parseByteCount, parseFsync, parseSeconds } from '../suite/setting-values';
import { runSide, walrusmq, type Load, type Outcome } from './sides';

const HELP = `usage: npm run bench:presets -- [options]

  --rounds N         default 3
  --max-bytes SIZE   payload of one run (default 250MB)
  --seconds TIME     a phase ends after this, done or not (default 10s)
  --dir PATH         where data goes (default: .make in the repository); removed at the end
`;

interface Preset {
  readonly name: string;
  readonly fsync: string;
  /** 1 is StrictlyAtOnce. */
  readonly persistEvery: number;
}

const PRESETS: readonly Preset[] = [
  { name: 'maximum throughput', fsync: 'no-fsync', persistEvery: 10_000 },
  { name: 'high throughput', fsync: '5000ms', persistEvery: 10_000 },
  { name: 'balanced', fsync: '1000ms', persistEvery: 1000 },
  { name: 'near real time', fsync: '100ms', persistEvery: 1000 },
  { name: 'maximum durability', fsync: 'sync-each', persistEvery: 1 },
];
const BATCH_ENTRIES = 2000;

interface Measured {
  readonly preset: Preset;
  readonly appends: number;
  readonly batched: number;
  readonly reads: number;
}

function rate({ entries, seconds }: Outcome): number {
  return entries / seconds;
}

/** A row of the table in docs/tuning.md. */
export function presetRow({ preset, appends, batched, reads }: Measured): string {
  const { name, fsync, persistEvery } = preset;
  const consistency = persistEvery === 1 ? 'StrictlyAtOnce' : `AtLeastOnce(${persistEvery})`;
  const cells = [appends, batched, reads].map((value) => `${short(value)}/s`);
  return `| ${[name, fsync, consistency, ...cells].join(' | ')} |`;
}

async function measure(
  preset: Preset,
  limits: Pick<Load, 'maxBytes' | 'writeSeconds' | 'readSeconds'>,
  rounds: number,
  directory: string,
): Promise<Measured> {
  const fsync = parseFsync('preset', preset.fsync);
  const load = {
    ...limits,
    threads: 10,
    batchEntries: 0,
    fsync,
    persistEvery: preset.persistEvery,
  };
  const rateOf = async (name: string, given: Load): Promise<number> => {
    const rates: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      rates.push(rate(await runSide(walrusmq, given, directory, `${name}-${round}`)));
    }
    return median(rates);
  };
  return {
    preset,
    appends: await rateOf('append', load),
    batched: await rateOf('batch', { ...load, batchEntries: BATCH_ENTRIES }),
    reads: await rateOf('read', { ...load, readMode: 'next' }),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      'max-bytes': { type: 'string', default: '250MB' },
      seconds: { type: 'string', default: '10s' },
      dir: { type: 'string', default: join(__dirname, '..', '..', '.make') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const seconds = parseSeconds('--seconds', values.seconds);
  const maxBytes = parseByteCount('--max-bytes', values['max-bytes']);
  const limits = { maxBytes, writeSeconds: seconds, readSeconds: seconds };
  mkdirSync(values.dir, { recursive: true });
  await inNewDirectory(values.dir, async (directory) => {
    const { cores, processor, fileSystem, node } = describeMachine(directory);
    process.stdout.write(`${cores} cores (${processor}), ${fileSystem}, Node ${node}\n`);
    process.stdout.write('| preset | fsync | consistency | appends | batched | reads |\n');
    process.stdout.write('|---|---|---|---|---|---|\n');
    for (const preset of PRESETS) {
      const measured = await measure(preset, limits, Number(values.rounds), directory);
      process.stdout.write(`${presetRow(measured)}\n`);
    }
  });
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
