// The commands that steps are made of.
import { availableParallelism } from 'node:os';
import { countClosingLine, countJest } from './counts.mjs';

export const node = (...args) => [process.execPath, ...args];
export const tsx = (...args) => node('node_modules/tsx/dist/cli.mjs', ...args);
export const jest = (...args) =>
  node('node_modules/jest/bin/jest.js', '--ci', '--json', '--outputFile={report}', ...args);
export const integration = (...args) =>
  jest('--selectProjects', 'integration', '--runInBand', ...args);
/** In a mount namespace of its own, which ends with the program and takes its mounts along. */
export const inNamespace = (...args) => ['unshare', '--mount', ...tsx(...args)];
export const allCores = String(availableParallelism());
export const halfTheCores = String(Math.max(1, Math.floor(availableParallelism() / 2)));

/** The step of the unit and contract tests, in so many processes. */
export const unitTests = (lane, workers) => ({
  name: 'unit and contract',
  lane,
  commands: [jest('--selectProjects', 'unit', '--maxWorkers', workers)],
  counts: countJest,
  minutesMax: 20,
});

/** The step that holds so many idle connections. */
export const idleConnections = (lane, count) => ({
  name: `${count.toLocaleString('en-US')} idle connections`,
  lane,
  commands: [tsx('test/limits/idle-connections.ts', String(count))],
  counts: countClosingLine,
});

/** The step that sends a million mutated frames of one protocol, or as many as it has time for. */
export const mutated = (lane, name, fuzzer, ...limits) => ({
  name,
  lane,
  commands: [tsx(`test/limits/${fuzzer}.ts`, '--frames', '1000000', ...limits)],
  counts: countClosingLine,
  minutesMax: 60,
});

/** Configures and builds the engine's tests in `native/FOLDER`, then runs them. */
export function engineTests(folder, ...definitions) {
  return [
    ['cmake', '-S', 'native', '-B', `native/${folder}`, '-DWALRUS_TESTS=ON', ...definitions],
    ['cmake', '--build', `native/${folder}`, '--target', 'wal_tests', '--parallel', halfTheCores],
    [`native/${folder}/wal_tests`, '--gtest_brief=1', '--gtest_output=json:{report}'],
  ];
}

/** Builds programs of `native/tools` in the addon's own build, which is configured by then. */
export function builtTools(...targets) {
  return [['cmake', '--build', 'native/build', '--parallel', halfTheCores, '--target', ...targets]];
}

export const WAL_KILL = 'native/build/wal_kill';

/** Builds and runs the eight threads in a sanitizer's build, which is configured by then. */
export function stress(folder, ...args) {
  return [
    ['cmake', '--build', `native/${folder}`, '--parallel', halfTheCores, '--target', 'wal_stress'],
    [`native/${folder}/wal_stress`, ...args],
  ];
}

/** Builds the fuzzers with clang and runs each for some seconds from the committed seeds. */
export function fuzzers(seconds) {
  const targets = ['batch', 'cursors', 'recovery'];
  const folder = 'native/build-fuzz';
  return [
    // What a run finds new goes there; the committed seeds stay as they are.
    ['mkdir', '-p', ...targets.map((target) => `.make/fuzz/${target}`)],
    [
      'cmake',
      '-S',
      'native',
      '-B',
      folder,
      '-DCMAKE_CXX_COMPILER=clang++-16',
      '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
      '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1',
      '-DWALRUS_SANITIZE=address,undefined',
      '-DWALRUS_TESTS=ON',
      '-DWALRUS_FUZZ=ON',
    ],
    [
      ...['cmake', '--build', folder, '--parallel', halfTheCores, '--target'],
      ...targets.map((target) => `fuzz_${target}`),
    ],
    ...targets.map((target) => [
      `${folder}/fuzz_${target}`,
      `-max_total_time=${seconds}`,
      '-max_len=65536',
      '-print_final_stats=1',
      `-artifact_prefix=.make/fuzz-${target}-`,
      `.make/fuzz/${target}`,
      `native/fuzz/corpus/${target}`,
    ]),
  ];
}

/** A build of its own under a sanitizer; line tables are enough for its reports. */
export const sanitizedFlags = (sanitizer) => [
  '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
  '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1',
  `-DWALRUS_SANITIZE=${sanitizer}`,
];
export const sanitized = (folder, sanitizer) => engineTests(folder, ...sanitizedFlags(sanitizer));

/** The addon under sanitizers, beside the tests that are. */
export const SANITIZED_ADDON = [
  [
    ...['cmake', '-S', 'native', '-B', 'native/build-asan', '-DWALRUS_ADDON=ON'],
    ...sanitizedFlags('address,undefined'),
  ],
  [
    ...['cmake', '--build', 'native/build-asan', '--target', 'walrus_addon'],
    ...['--parallel', halfTheCores],
  ],
];

export const SANITIZERS = {
  ASAN_OPTIONS: 'detect_stack_use_after_return=1:strict_string_checks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};
