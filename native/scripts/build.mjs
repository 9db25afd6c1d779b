// Builds the addon with CMake (and Ninja where it is installed); npm runs it as the install step.
// It needs cmake, make or ninja, and a C++20 compiler, and downloads nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sourceDirectory = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '..'));
const buildDirectory = join(sourceDirectory, 'build');
const cachePath = join(buildDirectory, 'CMakeCache.txt');

function isInstalled(command) {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

function fail(lines) {
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(1);
}

/** The first of `CXX` and the usual names that compiles C++20; undefined when none does. */
function findCompiler() {
  const candidates = process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++'];
  const program =
    '#include <concepts>\n#include <span>\n' +
    'template <std::integral T> T f(T t) { return t; }\nint main() { return f(0); }\n';
  return candidates.find((candidate) => {
    const [command, ...flags] = candidate.split(' ').filter((word) => word !== '');
    const arguments_ = [...flags, '-std=c++20', '-fsyntax-only', '-x', 'c++', '-'];
    return spawnSync(command, arguments_, { input: program, stdio: 'pipe' }).status === 0;
  });
}

function requireTools() {
  const missing = [];
  if (!isInstalled('cmake')) missing.push('cmake');
  const hasNinja = isInstalled('ninja');
  if (!hasNinja && !isInstalled('make')) missing.push('ninja (or make)');
  if (findCompiler() === undefined) {
    missing.push(`a C++20 compiler${process.env.CXX ? ` (CXX=${process.env.CXX} is none)` : ''}`);
  }
  if (missing.length > 0) {
    fail([
      `walrusmq: cannot build the native write-ahead log; missing: ${missing.join(', ')}.`,
      '  Debian, Ubuntu:  apt-get install -y cmake ninja-build g++',
      '  macOS:           brew install cmake ninja && xcode-select --install',
    ]);
  }
  return hasNinja;
}

/** Runs cmake; on failure prints all it said, and exits. */
function runCmake(step, parameters) {
  const result = spawnSync('cmake', parameters, {
    cwd: sourceDirectory,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (result.status === 0) return;
  const reason = result.error
    ? result.error.message
    : `exit code ${result.status ?? result.signal}`;
  fail([result.stdout ?? '', result.stderr ?? '', `walrusmq: ${step} failed (${reason}).`]);
}

/** Whether the build directory was made by this generator for this very folder. */
function canReuseBuild(generator) {
  if (!existsSync(cachePath)) return false;
  const cache = readFileSync(cachePath, 'utf8');
  const valueOf = (name) => new RegExp(`^${name}:[^=]*=(.*)$`, 'm').exec(cache)?.[1];
  return (
    valueOf('CMAKE_HOME_DIRECTORY') === sourceDirectory && valueOf('CMAKE_GENERATOR') === generator
  );
}

const startedAt = Date.now();
const generator = requireTools() ? 'Ninja' : 'Unix Makefiles';
// A copied tree brings a build directory full of the other tree's paths.
if (!canReuseBuild(generator)) rmSync(buildDirectory, { recursive: true, force: true });
runCmake('configuring', [
  '-S',
  sourceDirectory,
  '-B',
  buildDirectory,
  '-G',
  generator,
  '-DCMAKE_BUILD_TYPE=Release',
  '-DWALRUS_ADDON=ON',
  // The tests' step of `make test` turns them on in the same folder.
  '-DWALRUS_TESTS=OFF',
]);
runCmake('compiling', ['--build', buildDirectory, '--parallel', String(availableParallelism())]);
process.stdout.write(
  `walrusmq: native engine ready in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`,
);
