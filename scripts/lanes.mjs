// What `make check`, `make test` and `make test-deep` run. A new step is one entry in STEPS.
import { availableParallelism } from 'node:os';
import { countClosingLine, countExit, countGoogleTest, countJest } from './counts.mjs';

/**
 * @typedef {object} Step
 * @property {string} name What the summary calls it.
 * @property {string} lane The lane it runs in, after the steps above it.
 * @property {readonly (readonly string[])[]} commands Run one after another; the first failure ends
 *   the step. `{report}` stands for the file that `counts` reads.
 * @property {readonly string[]} [needs] Tools (keys of TOOLS); without them the step is left out.
 * @property {readonly string[]} [allowed] What the machine has to allow (keys of MACHINE); where it
 *   does not, the step is left out, in CI too.
 * @property {(context: object) => object} counts How the step reports (counts.mjs).
 * @property {Record<string, string>} [env] Added to the environment.
 * @property {number} [minutesMax] Ended as failed after this long; 10 when absent.
 */

const node = (...args) => [process.execPath, ...args];
const tsx = (...args) => node('node_modules/tsx/dist/cli.mjs', ...args);
const jest = (...args) =>
  node('node_modules/jest/bin/jest.js', '--ci', '--json', '--outputFile={report}', ...args);
/** In a mount namespace of its own, which ends with the program and takes its mounts along. */
const inNamespace = (...args) => ['unshare', '--mount', ...tsx(...args)];
const halfTheCores = String(Math.max(1, Math.floor(availableParallelism() / 2)));

/** Configures and builds the engine's tests in `native/FOLDER`, then runs them. */
function engineTests(folder, ...definitions) {
  return [
    ['cmake', '-S', 'native', '-B', `native/${folder}`, '-DWALRUS_TESTS=ON', ...definitions],
    ['cmake', '--build', `native/${folder}`, '--target', 'wal_tests', '--parallel', halfTheCores],
    [`native/${folder}/wal_tests`, '--gtest_brief=1', '--gtest_output=json:{report}'],
  ];
}

/** Builds programs of `native/tools` in the addon's own build, which is configured by then. */
function builtTools(...targets) {
  return [['cmake', '--build', 'native/build', '--parallel', halfTheCores, '--target', ...targets]];
}

const WAL_KILL = 'native/build/wal_kill';

/** Builds and runs the eight threads in a sanitizer's build, which is configured by then. */
function stress(folder, ...args) {
  return [
    ['cmake', '--build', `native/${folder}`, '--parallel', halfTheCores, '--target', 'wal_stress'],
    [`native/${folder}/wal_stress`, ...args],
  ];
}

/** Builds the fuzzers with clang and runs each for some seconds from the committed seeds. */
function fuzzers(seconds) {
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
const sanitizedFlags = (sanitizer) => [
  '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
  '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1',
  `-DWALRUS_SANITIZE=${sanitizer}`,
];
const sanitized = (folder, sanitizer) => engineTests(folder, ...sanitizedFlags(sanitizer));

/** The addon under sanitizers, beside the tests that are. */
const SANITIZED_ADDON = [
  [
    ...['cmake', '-S', 'native', '-B', 'native/build-asan', '-DWALRUS_ADDON=ON'],
    ...sanitizedFlags('address,undefined'),
  ],
  [
    ...['cmake', '--build', 'native/build-asan', '--target', 'walrus_addon'],
    ...['--parallel', halfTheCores],
  ],
];

const SANITIZERS = {
  ASAN_OPTIONS: 'detect_stack_use_after_return=1:strict_string_checks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};

/** @type {readonly Step[]} */
export const STEPS = [
  {
    name: 'eslint',
    lane: 'lint',
    commands: [
      node(
        'node_modules/eslint/bin/eslint.js',
        '--max-warnings=0',
        '--cache',
        '--cache-location=node_modules/.cache/eslint/',
        '--cache-strategy=content',
        '.',
      ),
    ],
    counts: countExit,
  },
  {
    name: 'types',
    lane: 'lint',
    commands: [
      node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.check.json', '--pretty', 'false'),
    ],
    counts: countExit,
  },
  {
    name: 'tidy',
    lane: 'unit',
    commands: [tsx('scripts/tidy.ts')],
    counts: countClosingLine,
  },
  {
    name: 'import rules',
    lane: 'unit',
    commands: [tsx('scripts/import-rules.ts')],
    counts: countClosingLine,
  },
  {
    name: 'prettier',
    lane: 'unit',
    commands: [
      node('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '--cache', '.'),
    ],
    counts: countExit,
  },
  {
    name: 'clang-format',
    lane: 'unit',
    commands: [node('scripts/clang-format.mjs', '--check')],
    needs: ['clangFormat'],
    counts: countExit,
  },
  {
    name: 'unit and contract',
    lane: 'unit',
    commands: [jest('--selectProjects', 'unit', '--maxWorkers', halfTheCores)],
    counts: countJest,
    minutesMax: 20,
  },
  {
    name: 'packaging, integration, crash',
    lane: 'product',
    commands: [jest('--selectProjects', 'integration', '--runInBand')],
    needs: ['strace'],
    counts: countJest,
    minutesMax: 20,
  },
  {
    name: 'demo',
    lane: 'product',
    commands: [node('scripts/demo.mjs')],
    counts: countClosingLine,
  },
  {
    name: '1,000 lives of the addon',
    lane: 'product',
    commands: [node('--expose-gc', 'test/native/life-load.cjs', '1000')],
    counts: countClosingLine,
  },
  {
    name: 'disks that fill up or refuse',
    lane: 'product',
    commands: [inNamespace('test/faults/real-disks.ts', 'small-disks')],
    allowed: ['mounts'],
    counts: countClosingLine,
  },
  {
    name: 'syncs that fail',
    lane: 'product',
    commands: [inNamespace('test/faults/real-disks.ts', 'failing-syncs')],
    needs: ['strace'],
    allowed: ['loopDevices'],
    counts: countClosingLine,
  },
  {
    name: 'engine',
    lane: 'native',
    // In the addon's own build, whose objects it links: as it ships, and compiled once.
    commands: engineTests('build', '-DCMAKE_BUILD_TYPE=Release', '-DWALRUS_ADDON=ON'),
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    counts: countGoogleTest,
    minutesMax: 30,
  },
  {
    name: 'engine, ASan and UBSan',
    lane: 'native',
    commands: sanitized('build-asan', 'address,undefined'),
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    env: SANITIZERS,
    counts: countGoogleTest,
    minutesMax: 30,
  },
  {
    name: 'eight threads, ASan and UBSan',
    lane: 'native',
    commands: stress('build-asan', '--seconds', '2'),
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    env: SANITIZERS,
    counts: countClosingLine,
  },
  {
    name: 'power cuts',
    lane: 'proof',
    commands: [
      ...builtTools('crash_sim'),
      ['native/build/crash_sim', '--states', '50000', '--modes-per-point', '2'],
    ],
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    counts: countExit,
  },
  {
    name: 'I/O faults, one in 20',
    lane: 'proof',
    commands: [...builtTools('io_countdown'), ['native/build/io_countdown', '--every', '20']],
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    counts: countClosingLine,
  },
  {
    name: 'flipped bits, one in 400',
    lane: 'proof',
    commands: [...builtTools('wal_flip'), ['native/build/wal_flip', '--every', '400']],
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    counts: countClosingLine,
  },
  {
    name: 'planted bugs, three',
    lane: 'proof',
    commands: [
      tsx('test/deep/mutants.ts', '--only', 'journal is synced,a bad CRC,a part of a call'),
    ],
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    counts: countClosingLine,
  },
  {
    name: 'kills before file calls, one in ten',
    lane: 'proof',
    commands: [
      ...builtTools('wal_kill'),
      [WAL_KILL, 'cycles', '--cycles', '60', '--plant', 'early-ack'],
      [WAL_KILL, 'points', '--every', '10', '--backend', 'fd', '--mode', 'all'],
    ],
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    allowed: ['tracing'],
    counts: countClosingLine,
  },
  {
    name: '100 kills of the engine',
    lane: 'proof',
    commands: [[WAL_KILL, 'cycles', '--cycles', '100']],
    allowed: ['tracing'],
    counts: countClosingLine,
  },
  {
    name: 'engine, TSan',
    lane: 'deep native',
    commands: sanitized('build-tsan', 'thread'),
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    env: { TSAN_OPTIONS: 'halt_on_error=1:second_deadlock_stack=1' },
    counts: countGoogleTest,
    minutesMax: 60,
  },
  {
    name: 'eight threads, TSan',
    lane: 'deep native',
    commands: stress('build-tsan', '--seconds', '60'),
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    env: { TSAN_OPTIONS: 'halt_on_error=1:second_deadlock_stack=1' },
    counts: countClosingLine,
  },
  {
    name: '500,000 power cuts',
    lane: 'deep proof',
    commands: [
      ['cmake', '-S', 'native', '-B', 'native/build', '-DWALRUS_TESTS=ON'],
      ...builtTools('crash_sim'),
      ['native/build/crash_sim', '--states', '500000', '--modes-per-point', '11'],
    ],
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    counts: countExit,
    minutesMax: 60,
  },
  {
    name: 'I/O faults',
    lane: 'deep proof',
    commands: [...builtTools('io_countdown'), ['native/build/io_countdown']],
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    counts: countClosingLine,
    minutesMax: 60,
  },
  {
    name: 'flipped bits',
    lane: 'deep proof',
    commands: [...builtTools('wal_flip'), ['native/build/wal_flip', '--all']],
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    counts: countClosingLine,
    minutesMax: 60,
  },
  {
    name: 'fuzzers, 45 s each',
    lane: 'deep proof',
    commands: fuzzers(45),
    needs: ['cmake', 'ninja', 'compiler', 'googletest', 'fuzzer'],
    counts: countExit,
    minutesMax: 30,
  },
  {
    name: 'planted bugs',
    lane: 'deep proof',
    commands: [tsx('test/deep/mutants.ts')],
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    counts: countClosingLine,
    minutesMax: 60,
  },
  {
    name: 'kills before each file call',
    lane: 'deep proof',
    commands: [
      ...builtTools('wal_kill'),
      [WAL_KILL, 'points', '--backend', 'all', '--mode', 'all'],
    ],
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    allowed: ['tracing'],
    counts: countClosingLine,
    minutesMax: 60,
  },
  {
    name: '1,000 kills of the engine',
    lane: 'deep proof',
    commands: [[WAL_KILL, 'cycles', '--cycles', '1000']],
    allowed: ['tracing'],
    counts: countClosingLine,
    minutesMax: 60,
  },
  {
    name: '10,000 lives of the addon',
    lane: 'deep crash',
    commands: [node('--expose-gc', 'test/native/life-load.cjs', '10000')],
    counts: countClosingLine,
    minutesMax: 30,
  },
  {
    name: 'the addon under ASan, LSan and UBSan',
    lane: 'deep crash',
    commands: [
      ...SANITIZED_ADDON,
      tsx('test/native/sanitized.ts', 'native/build-asan/Release/walrus.node', '500'),
    ],
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    counts: countClosingLine,
    minutesMax: 60,
  },
  {
    name: 'a batch of 3 GiB, killed and let through',
    lane: 'deep crash',
    commands: [tsx('test/deep/huge-batch.ts')],
    counts: countClosingLine,
    minutesMax: 30,
  },
  {
    name: '200 kills, sync-each',
    lane: 'deep crash',
    commands: [tsx('test/crash/kill-broker.ts', '--cycles', '200', '--fsync', 'sync-each')],
    counts: countExit,
    minutesMax: 60,
  },
  {
    name: '200 kills, no-fsync',
    lane: 'deep crash',
    commands: [tsx('test/crash/kill-broker.ts', '--cycles', '200', '--fsync', 'no-fsync')],
    counts: countExit,
    minutesMax: 60,
  },
  {
    name: '300 kills below the broker',
    lane: 'deep crash',
    commands: [tsx('test/crash/kill-broker.ts', '--storage', '--cycles', '300')],
    counts: countExit,
    minutesMax: 60,
  },
];

/** Per target, the lanes that run side by side; the names in one list run one after another. */
export const TARGETS = {
  check: [['lint'], ['unit']],
  test: [
    ['native', 'proof'],
    ['unit', 'lint', 'product'],
  ],
  'test-deep': [['deep native', 'deep proof'], ['deep crash']],
};
