// Puts each planted bug into a copy of one source, links the simulator with it, and runs that until
// it finds the bug: `tsx test/deep/mutants.ts [--states 100000] [--only TEXT,…]`.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { LYING_DISKS, PLANTED_BUGS, type PlantedBug } from './planted-bugs';

const ROOT = resolve(__dirname, '..', '..');
const run = promisify(execFile);

interface CompileCommand {
  readonly file: string;
  readonly command: string;
}

interface Verdict {
  readonly caught: boolean;
  readonly said: string;
}

interface Source {
  readonly name: string;
  readonly text: string;
}

/** The source that has a bug's text, with the bug in it. */
function plant(bug: PlantedBug): Source {
  const folder = join(ROOT, 'native', 'wal');
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.cc') && !name.endsWith('_test.cc'))
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
    .flatMap(({ name, text }) =>
      Array<Source>(text.split(bug.text).length - 1).fill({ name, text }),
    );
  const [source] = found;
  if (source === undefined || found.length > 1)
    throw new Error(`its text stands ${String(found.length)} times in native/wal`);
  return { name: source.name, text: source.text.replace(bug.text, () => bug.replacement) };
}

/** Compiles the copy as the build compiles the original, and links the simulator with it. */
async function build(bug: PlantedBug, folder: string, buildFolder: string): Promise<string> {
  const commands = JSON.parse(
    readFileSync(join(buildFolder, 'compile_commands.json'), 'utf8'),
  ) as CompileCommand[];
  const planted = plant(bug);
  const original = join(ROOT, 'native', 'wal', planted.name);
  const entry = commands.find(({ file }) => file === original);
  if (entry === undefined) throw new Error(`${buildFolder} does not compile ${original}`);
  const copy = join(folder, planted.name);
  const object = join(folder, 'planted.o');
  writeFileSync(copy, planted.text);
  const words = entry.command.split(/ +/).map((word) => (word === original ? copy : word));
  words[words.indexOf('-o') + 1] = object;
  const [compiler = 'c++', ...flags] = words;
  await run(compiler, flags, { cwd: buildFolder });
  const program = join(folder, 'crash_sim');
  // Before the archive: what it defines is not taken from there.
  await run('c++', [
    object,
    join(buildFolder, 'CMakeFiles', 'crash_sim.dir', 'tools', 'crash_sim.cc.o'),
    join(buildFolder, 'libwalrus_sim.a'),
    join(buildFolder, 'libwalrus_testing.a'),
    join(buildFolder, 'libwalrus_wal.a'),
    '-pthread',
    '-o',
    program,
  ]);
  return program;
}

interface Ended {
  readonly signal?: NodeJS.Signals | null;
  readonly stdout?: string;
}

/** Runs a program; one that fails is an answer, too. */
async function runToTheEnd(
  program: string,
  args: readonly string[],
): Promise<{ signal: NodeJS.Signals | null; stdout: string }> {
  try {
    const { stdout } = await run(program, [...args], { maxBuffer: 1 << 26 });
    return { signal: null, stdout };
  } catch (error) {
    const { signal = null, stdout = '' } = error as Ended;
    return { signal, stdout };
  }
}

/** Runs a simulator that has to find something. */
async function simulate(program: string, args: readonly string[]): Promise<Verdict> {
  const ended = await runToTheEnd(program, args);
  const violation = /^VIOLATION (.*)$/m.exec(ended.stdout)?.[1];
  const states = /(\d+) states \(/.exec(ended.stdout)?.[1] ?? '?';
  // An assertion of the engine that stops it finds the bug too; somebody else's signal does not.
  const stopped = ended.signal === 'SIGABRT' || ended.signal === 'SIGSEGV';
  if (violation === undefined && !stopped)
    return { caught: false, said: `not found in ${states} states` };
  return { caught: true, said: `${states} states: ${violation ?? 'the engine stopped'}` };
}

/** Plants one bug and looks for it; a source that has changed is no success. */
async function hunt(
  bug: PlantedBug,
  folder: string,
  buildFolder: string,
  args: readonly string[],
): Promise<Verdict> {
  try {
    return await simulate(await build(bug, folder, buildFolder), args);
  } catch (error) {
    return { caught: false, said: error instanceof Error ? error.message : String(error) };
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      states: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      build: { type: 'string', default: join('native', 'build') },
      only: { type: 'string' },
    },
  });
  const buildFolder = resolve(ROOT, values.build);
  const args = ['--states', values.states, '--seed', values.seed];
  const only = values.only?.split(',');
  const isWanted = (name: string): boolean =>
    only === undefined || only.some((part) => name.includes(part));
  const folder = mkdtempSync(join(tmpdir(), 'walrusmq-mutants-'));
  let failed = 0;
  let passed = 0;
  const note = (name: string, { caught, said }: Verdict): void => {
    if (caught) ++passed;
    else ++failed;
    process.stdout.write(`${caught ? '✓' : '✗'} ${name}: ${said}\n`);
  };
  try {
    for (const bug of PLANTED_BUGS.filter(({ name }) => isWanted(name))) {
      const own = join(folder, String(passed + failed));
      mkdirSync(own);
      note(bug.name, await hunt(bug, own, buildFolder, args));
    }
    for (const disk of LYING_DISKS.filter(isWanted)) {
      const verdict = await simulate(join(buildFolder, 'crash_sim'), [...args, '--plant', disk]);
      note(`a disk that lies: ${disk}`, verdict);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  process.stdout.write(`${String(passed)} passed, ${String(failed)} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
