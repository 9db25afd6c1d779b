// The programs that the set-up and the test steps need: how to see them and how to get them.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const CXX20_PROBE =
  '#include <compare>\n#include <span>\nint main() { return (1 <=> 1) == 0 ? 0 : 1; }\n';

/** Whether a program of this name is on the PATH. */
function isOnPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch (error) {
      if (error.code === 'ENOENT' || error.code === 'EACCES' || error.code === 'ENOTDIR')
        return false;
      throw error;
    }
  });
}

function compilesCxx20() {
  const compiler = process.env.CXX ?? ['c++', 'g++', 'clang++'].find(isOnPath);
  if (compiler === undefined) return false;
  const flags = ['-std=c++20', '-fsyntax-only', '-x', 'c++', '-'];
  return (
    spawnSync(compiler, flags, { input: CXX20_PROBE, stdio: ['pipe', 'ignore', 'ignore'] })
      .status === 0
  );
}

function hasGoogleTest() {
  return ['/usr', '/usr/local', '/opt/homebrew'].some((prefix) =>
    existsSync(`${prefix}/include/gtest/gtest.h`),
  );
}

function hasFuzzer() {
  const flags = ['-fsanitize=fuzzer', '-x', 'c++', '-', '-o', '/dev/null'];
  const input =
    'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }\n';
  return (
    isOnPath('clang++-16') &&
    spawnSync('clang++-16', flags, { input, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0
  );
}

const JAVA_MIN = 17;

/** Whether there is a Java compiler that is new enough for Kafka's broker, and a Java beside it. */
function hasJdk() {
  const { status, stdout } = spawnSync('javac', ['-version'], { encoding: 'utf8' });
  const major = /^javac (\d+)/.exec(stdout ?? '')?.[1];
  return status === 0 && Number(major) >= JAVA_MIN && isOnPath('java');
}

function hasLibrdkafka() {
  return ['/usr', '/usr/local', '/opt/homebrew'].some((prefix) =>
    existsSync(`${prefix}/include/librdkafka/rdkafka.h`),
  );
}

/** Debian's python3 has Debian's packages; the first on the PATH may be another one. */
const PYTHONS = ['python3', '/usr/bin/python3'];

/** The first Python 3 that has the msgpack package; undefined when none has. */
export function findMsgpackPython() {
  return PYTHONS.find(
    (python) => spawnSync(python, ['-c', 'import msgpack'], { stdio: 'ignore' }).status === 0,
  );
}

/** The first Python 3 that can make virtual environments with pip; undefined when none can. */
export function findVenvPython() {
  return PYTHONS.find(
    (python) =>
      spawnSync(python, ['-c', 'import venv, ensurepip'], { stdio: 'ignore' }).status === 0,
  );
}

/** From 1.21 on Go fetches the newer one that a module asks for. */
function hasGo() {
  const { status, stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  const [, minor = '0'] = /go1\.(\d+)/.exec(stdout ?? '') ?? [];
  return status === 0 && Number(minor) >= 21;
}

/**
 * @type {Record<string, { label: string, isPresent: () => boolean, apt: string, brew: string }>}
 */
export const TOOLS = {
  npm: { label: 'npm', isPresent: () => isOnPath('npm'), apt: 'npm', brew: 'node' },
  cmake: { label: 'cmake', isPresent: () => isOnPath('cmake'), apt: 'cmake', brew: 'cmake' },
  ninja: {
    label: 'ninja or make',
    isPresent: () => isOnPath('ninja') || isOnPath('make'),
    apt: 'ninja-build',
    brew: 'ninja',
  },
  compiler: { label: 'a C++20 compiler', isPresent: compilesCxx20, apt: 'g++', brew: 'gcc' },
  googletest: {
    label: 'GoogleTest',
    isPresent: hasGoogleTest,
    apt: 'libgtest-dev',
    brew: 'googletest',
  },
  clangFormat: {
    label: 'clang-format-16',
    isPresent: () => isOnPath('clang-format-16'),
    apt: 'clang-format-16',
    brew: 'llvm@16',
  },
  fuzzer: {
    label: 'clang-16 with its libFuzzer',
    isPresent: hasFuzzer,
    apt: 'clang-16 libclang-rt-16-dev',
    brew: 'llvm@16',
  },
  strace: {
    label: 'strace',
    isPresent: () => isOnPath('strace'),
    apt: 'strace',
    brew: '(Linux only)',
  },
  ip: {
    label: 'ip (iproute2)',
    isPresent: () => isOnPath('ip'),
    apt: 'iproute2',
    brew: '(Linux only)',
  },
  msgpackPython: {
    label: 'python3 with its msgpack package',
    isPresent: () => findMsgpackPython() !== undefined,
    apt: 'python3 python3-msgpack',
    brew: 'python && pip3 install msgpack',
  },
  kcat: { label: 'kcat', isPresent: () => isOnPath('kcat'), apt: 'kcat', brew: 'kcat' },
  pythonVenv: {
    label: 'python3 with its venv package',
    isPresent: () => findVenvPython() !== undefined,
    apt: 'python3 python3-venv',
    brew: 'python',
  },
  go: { label: 'Go 1.21 or newer', isPresent: hasGo, apt: 'golang', brew: 'go' },
  jdk: {
    label: `a JDK, ${JAVA_MIN} or newer`,
    isPresent: hasJdk,
    apt: 'default-jdk-headless',
    brew: 'openjdk',
  },
  maven: { label: 'Maven', isPresent: () => isOnPath('mvn'), apt: 'maven', brew: 'maven' },
  librdkafka: {
    label: 'librdkafka with its headers',
    isPresent: hasLibrdkafka,
    apt: 'librdkafka-dev',
    brew: 'librdkafka',
  },
  zsh: { label: 'zsh', isPresent: () => isOnPath('zsh'), apt: 'zsh', brew: 'zsh' },
  fish: { label: 'fish', isPresent: () => isOnPath('fish'), apt: 'fish', brew: 'fish' },
};

/** Whether apt-get can install without asking anybody. */
function canInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && isOnPath('apt-get');
}

function aptInstall(packages) {
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  const install = () =>
    spawnSync('apt-get', ['install', '-y', '-q', ...packages], options).status === 0;
  // The package lists may never have been fetched on this machine.
  return install() || (spawnSync('apt-get', ['update', '-q'], options).status === 0 && install());
}

/** What to type to get a tool, for people. */
export function installHint(name) {
  const tool = TOOLS[name];
  return [
    `${tool.label} is missing; install it with`,
    `  Debian, Ubuntu: apt-get install -y ${tool.apt}`,
    `  macOS: brew install ${tool.brew}`,
  ].join('\n');
}

/**
 * Makes sure of some tools, installing them where that needs no password.
 *
 * @param {readonly string[]} names Keys of TOOLS.
 * @param {(line: string) => void} say Told what is being installed.
 * @returns {string[]} The tools that are still missing.
 */
export function ensureTools(names, say) {
  const missing = names.filter((name) => !TOOLS[name].isPresent());
  if (missing.length === 0 || !canInstall()) return missing;
  const packages = missing.flatMap((name) => TOOLS[name].apt.split(' '));
  say(`installing ${packages.join(' ')} with apt-get`);
  aptInstall(packages);
  return missing.filter((name) => !TOOLS[name].isPresent());
}
