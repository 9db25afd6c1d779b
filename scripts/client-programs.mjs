// Installs the Kafka clients of other languages for test/clients, below .make/clients, unless they
// are there: node scripts/client-programs.mjs [python] [go]
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, STATE, SetupError } from './setup.mjs';
import { findVenvPython } from './tools.mjs';

const SOURCES = join(ROOT, 'test', 'clients');
const FOLDER = join(STATE, 'clients');
const STEP_MAX_MS = 10 * 60_000;

/** Runs one step with its output shown; `hint` says what to do about a failure. */
function run(command, args, hint, options = {}) {
  const { status, error } = spawnSync(command, args, {
    stdio: ['ignore', 2, 2],
    timeout: STEP_MAX_MS,
    ...options,
  });
  if (status === 0) return;
  const reason = error === undefined ? `exit code ${String(status)}` : error.message;
  throw new SetupError(`${command} ${args.join(' ')} failed (${reason}).\n${hint}`);
}

/** Every file below a folder, sorted. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function digestOf(paths, ...more) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path.slice(ROOT.length)).update(readFileSync(path));
  for (const text of more) hash.update(text);
  return hash.digest('hex');
}

/** Calls `install`, and notes the digest, unless the folder's note says that it is there. */
function ensure(name, digest, install) {
  const folder = join(FOLDER, name);
  const note = join(folder, 'installed');
  if (existsSync(note) && readFileSync(note, 'utf8') === digest) return;
  process.stderr.write(`→ Kafka clients for ${name}\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  install(folder);
  writeFileSync(note, digest);
}

function installPython() {
  const python = findVenvPython();
  if (python === undefined) {
    throw new SetupError('python3 with venv is missing: apt-get install -y python3-venv');
  }
  const { stdout } = spawnSync(python, ['-c', 'import sys; print(sys.executable, sys.version)']);
  const list = join(SOURCES, 'python', 'requirements.txt');
  ensure('python', digestOf([list], stdout), (folder) => {
    run(python, ['-m', 'venv', folder], 'It is in Debian’s package python3-venv.');
    const install = ['install', '--quiet', '--only-binary', ':all:', '-r', list];
    const hint =
      'They come from PyPI: the index has to be reachable (PIP_INDEX_URL names another),\n' +
      'and to have wheels for this Python and machine.';
    run(join(folder, 'bin', 'python'), ['-m', 'pip', ...install], hint);
  });
}

function installGo() {
  const folder = join(SOURCES, 'go');
  const found = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (found.status !== 0) throw new SetupError('Go is missing: apt-get install -y golang');
  ensure('go', digestOf(filesBelow(folder), found.stdout), (target) => {
    // A Go that is too old for the modules fetches the one that they ask for.
    const env = { ...process.env, GOTOOLCHAIN: 'auto', GOFLAGS: '-mod=readonly', CGO_ENABLED: '0' };
    const hint =
      'They come from the Go module proxy, which has to be reachable (GOPROXY names another).';
    run('go', ['build', '-o', `${target}/`, './franz', './sarama'], hint, { cwd: folder, env });
  });
}

const INSTALLERS = { python: installPython, go: installGo };

function main(names) {
  for (const name of names.length === 0 ? Object.keys(INSTALLERS) : names) {
    const install = INSTALLERS[name];
    if (install === undefined) {
      const known = Object.keys(INSTALLERS).join(' and ');
      throw new SetupError(`there are no clients for ${name}, only for ${known}`);
    }
    install();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
