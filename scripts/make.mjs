// The targets of the Makefile. `node scripts/make.mjs help` lists them.
import { rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BENCH_TARGETS, removeArtefacts } from './bench-targets.mjs';
import { ROOT, SetupError, ensureAddon, ensureDist } from './setup.mjs';

const TARGETS = {
  run: {
    help: 'start the broker on ./wal_files until Ctrl-C; ARGS="--port 9292" goes to it',
    async run(args) {
      ensureDist();
      const { startBroker } = await import('./start-broker.mjs');
      return startBroker(args);
    },
  },
  build: { help: 'install, build the addon, compile, bundle', run: () => ensureDist() },
  check: {
    help: 'lint, types, unit and contract tests (the quick part of test)',
    run: () => (ensureAddon(), runTarget('check')),
  },
  test: { help: 'everything CI runs', run: () => (ensureDist(), runTarget('test')) },
  'test-deep': {
    help: 'the long forms: 200 kills per schedule, the engine under the thread sanitizer',
    run: () => (ensureDist(), runTarget('test-deep')),
  },
  'test-clients': {
    help: "Kafka's clients of other languages and Nodes, each by itself and with each other",
    run: () => (ensureDist(), runTarget('test-clients')),
  },
  demo: {
    help: 'real flight records through a broker that is killed twice, with a table of totals',
    run: (args) => (ensureDist(), runNode('scripts/demo.mjs', ...args)),
  },
  'bench-first': {
    help: 'the figures, each beside its peer or its limit',
    run: () => (ensureDist(), runNpm('bench:first')),
  },
  ...BENCH_TARGETS,
  clean: {
    help: 'remove what was built and what benchmarks left; node_modules and wal_files stay',
    run: () => (removeArtefacts(), clean()),
  },
  help: { help: 'this list', run: help },
};

const VARIABLES = `
Benchmarks take FSYNC, THREADS, BATCH, BACKEND, DURATION, WRITE_DURATION, READ_DURATION and
MAX_BYTES: make bench-writes FSYNC=sync-each DURATION=30s. npm run bench explains each.
`;

function help() {
  const width = Math.max(...Object.keys(TARGETS).map((name) => name.length));
  const lines = Object.entries(TARGETS).map(
    ([name, { help: text }]) => `  make ${name.padEnd(width)} ${text}`,
  );
  process.stdout.write(`${lines.join('\n')}\n${VARIABLES}`);
}

async function runTarget(name) {
  const [{ STEPS, TARGETS: lanes }, { runLanes }] = await Promise.all([
    import('./lanes.mjs'),
    import('./lane-runner.mjs'),
  ]);
  return (await runLanes(name, lanes[name], STEPS)) ? 0 : 1;
}

function runNode(...args) {
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
}

function runNpm(script) {
  return spawnSync('npm', ['run', script], { cwd: ROOT, stdio: 'inherit' }).status ?? 1;
}

/** Removes build output only: what git ignores below these folders, and never a data directory. */
function clean() {
  const list = spawnSync(
    'git',
    ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory'],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  );
  if (list.status !== 0) throw new SetupError(`git could not list what was built: ${list.stderr}`);
  const built = /(^|\/)(dist|build|build-[^/]+|coverage|\.make)\/$|\.tsbuildinfo$/;
  for (const path of list.stdout.split('\n')) {
    if (built.test(path) && !path.includes('node_modules/')) {
      rmSync(join(ROOT, path), { recursive: true, force: true });
    }
  }
}

const [name = 'help', ...args] = process.argv.slice(2);
const target = TARGETS[name];
try {
  if (target === undefined) throw new SetupError(`there is no target ${name}; see make help`);
  process.exitCode = (await target.run(args)) ?? 0;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
