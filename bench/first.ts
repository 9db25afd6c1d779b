// The first benchmark: every figure beside its peer of the same run and the budget it has to keep.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { appendSection, runAppendRounds } from './append-rounds';
import { engineSection, runEngineBench } from './engine-rounds';
import type { Sample } from './figures';
import { idleSection } from './idle-rounds';
import { kafkaIdleSection } from './kafka-idle-rounds';
import { describeMachine } from './machine';
import { renderReport, type Section } from './report';
import { buildSeedEngine } from './seed-engine';
import { runSdkRounds, sdkSections } from './sdk-rounds';

const HELP = `usage: npm run bench:first -- [options]

Measures the engine, appends from JavaScript, the SDK through a broker, and an idle broker with
its first Kafka client, each beside a peer that does the same work bare, in interleaved rounds.
Takes about three minutes and writes less than 1.5 GB a side.

  --json         the report as JSON on stdout
  --only LIST    of engine, javascript, broker, idle
  --seed         the seed engine in Rust takes part; needs cargo and, once, the network
  --rounds N     at least 5 (default 5); idle: twice as many
  --dir PATH     where the files go (default: in the repository); removed at the end
  --help         this text
`;
const PARTS = ['engine', 'javascript', 'broker', 'idle'] as const;
type Part = (typeof PARTS)[number];

const MIB = 1024 * 1024;
const ENGINE_PAYLOAD_MIB = 40;
const JAVASCRIPT_PAYLOAD_BYTES = 16 * MIB;

interface Options {
  readonly json: boolean;
  readonly parts: readonly Part[];
  readonly withSeed: boolean;
  readonly rounds: number;
  readonly parent: string;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', default: PARTS.join(',') },
      rounds: { type: 'string', default: '5' },
      dir: { type: 'string', default: join(__dirname, '..', '.make') },
      seed: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const parts = values.only.split(',').map((name) => {
    const part = PARTS.find((known) => known === name);
    if (part === undefined) throw new Error(`--only: no such part: ${name}`);
    return part;
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 5) throw new Error('--rounds takes a number from 5');
  return { json: values.json, parts, withSeed: values.seed, rounds, parent: values.dir };
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** What was stored, without headers, frames and journals. */
function payloadBytes(samples: readonly Sample[], isOurs: (load: string) => boolean): number {
  return samples
    .filter(({ load }) => isOurs(load))
    .reduce((sum, sample) => sum + sample.payloadBytes, 0);
}

async function measure(options: Options, directory: string) {
  const { parts, rounds, withSeed } = options;
  const sections: Section[] = [];
  const samples: Sample[] = [];
  const folder = (part: Part): string => {
    const path = join(directory, part);
    mkdirSync(path);
    return path;
  };
  if (parts.includes('engine')) {
    progress('engine: building engine_bench');
    const found = await runEngineBench([
      ...['--dir', folder('engine'), '--rounds', String(rounds)],
      ...['--payload-mib', String(ENGINE_PAYLOAD_MIB)],
    ]);
    samples.push(...found);
    sections.push(engineSection(found));
  }
  if (parts.includes('javascript')) {
    if (withSeed) {
      progress('JavaScript: building the seed engine');
      buildSeedEngine();
    }
    const found = await runAppendRounds({
      directory: folder('javascript'),
      rounds,
      withSeed,
      payloadBytes: JAVASCRIPT_PAYLOAD_BYTES,
      onProgress: progress,
    });
    samples.push(...found);
    sections.push(appendSection(found));
  }
  if (parts.includes('broker')) {
    const found = await runSdkRounds({
      directory: folder('broker'),
      rounds,
      onProgress: progress,
    });
    samples.push(...found.filter(({ load }) => /^(produce|write)-/.test(load)));
    sections.push(...sdkSections(found));
  }
  if (parts.includes('idle')) {
    const place = folder('idle');
    sections.push(await idleSection(place, 2 * rounds, progress));
    sections.push(await kafkaIdleSection(place, 2 * rounds, progress));
  }
  return { sections, samples };
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  mkdirSync(options.parent, { recursive: true });
  const directory = mkdtempSync(join(options.parent, 'bench-'));
  const started = performance.now();
  try {
    const { sections, samples } = await measure(options, directory);
    const isOurs = (load: string): boolean => /^(engine|walrus|log|produce)-/.test(load);
    const report = {
      machine: describeMachine(directory),
      sections,
      seconds: (performance.now() - started) / 1000,
      writtenBytes: {
        'WalrusMQ (payload)': payloadBytes(samples, isOurs),
        peers: payloadBytes(samples, (load) => !isOurs(load)),
      },
    };
    process.stdout.write(`${options.json ? JSON.stringify(report) : renderReport(report)}\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench:first: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
