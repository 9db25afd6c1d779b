// What `make check`, `make test` and `make test-deep` run. A new step is one entry in STEPS;
// those of `make test-clients` are in client-lanes.mjs.
import { CLIENT_STEPS } from './client-lanes.mjs';
import { countClosingLine, countExit, countGoogleTest, countJest } from './counts.mjs';
import {
  node,
  tsx,
  jest,
  integration,
  unitTests,
  inNamespace,
  allCores,
  halfTheCores,
  idleConnections,
  mutated,
  engineTests,
  builtTools,
  WAL_KILL,
  stress,
  fuzzers,
  sanitized,
  SANITIZED_ADDON,
  SANITIZERS,
} from './lane-commands.mjs';

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

/** @type {readonly Step[]} */
export const STEPS = [
  {
    name: 'lint and types',
    lane: 'lint',
    commands: [node('node_modules/oxlint/bin/oxlint')],
    counts: countExit,
  },
  {
    name: 'tidy',
    lane: 'formats',
    commands: [tsx('scripts/tidy.ts')],
    counts: countClosingLine,
  },
  {
    name: 'import rules',
    lane: 'formats',
    commands: [tsx('scripts/import-rules.ts')],
    counts: countClosingLine,
  },
  {
    name: 'prettier',
    lane: 'formats',
    commands: [
      node('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '--cache', '.'),
    ],
    counts: countExit,
  },
  {
    name: 'clang-format',
    lane: 'formats',
    commands: [node('scripts/clang-format.mjs', '--check')],
    needs: ['clangFormat'],
    counts: countExit,
  },
  unitTests('unit', halfTheCores),
  // The other lane of a check is done long before: then both cores are theirs.
  unitTests('unit on all cores', allCores),
  {
    name: 'models, plants, drawn bytes',
    lane: 'long',
    commands: [jest('--selectProjects', 'long', '--maxWorkers', halfTheCores)],
    counts: countJest,
    minutesMax: 20,
  },
  {
    name: 'packaging, integration, crash',
    lane: 'product',
    // Its patterns take the place of the project's own, which leave the heavy clients out.
    commands: [
      integration(
        '--testPathIgnorePatterns',
        'test/(examples|shells)/|test/clients/(kcat|heavy/)|/node_modules/',
      ),
    ],
    needs: ['strace'],
    counts: countJest,
    minutesMax: 20,
  },
  {
    name: 'other languages and shells',
    lane: 'product',
    commands: [integration('--testPathPatterns', 'test/(examples|shells)/|test/clients/kcat')],
    needs: ['msgpackPython', 'zsh', 'fish', 'kcat'],
    counts: countJest,
  },
  {
    name: 'demo',
    lane: 'programs',
    commands: [node('scripts/demo.mjs')],
    counts: countClosingLine,
  },
  {
    name: '1,000 lives of the addon',
    lane: 'programs',
    commands: [node('--expose-gc', 'test/native/life-load.cjs', '1000')],
    counts: countClosingLine,
  },
  mutated('programs', 'mutated frames, 15 s', 'fuzz-frames', '--seconds', '15'),
  mutated('programs', 'mutated Kafka requests, 15 s', 'fuzz-kafka', '--seconds', '15'),
  idleConnections('programs', 1_000),
  {
    name: 'disks that fill up or refuse',
    lane: 'programs',
    commands: [inNamespace('test/faults/real-disks.ts', 'small-disks')],
    allowed: ['mounts'],
    counts: countClosingLine,
  },
  {
    name: 'syncs that fail',
    lane: 'programs',
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
    lane: 'sanitized',
    commands: sanitized('build-asan', 'address,undefined'),
    needs: ['cmake', 'ninja', 'compiler', 'googletest'],
    env: SANITIZERS,
    counts: countGoogleTest,
    minutesMax: 30,
  },
  {
    name: 'eight threads, ASan and UBSan',
    lane: 'sanitized',
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
    name: 'planted bugs in groups',
    lane: 'proof',
    commands: [tsx('test/deep/group-mutants.ts')],
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
    name: '300,000 runs of the group model',
    lane: 'deep crash',
    commands: [jest('--selectProjects', 'long', '--testPathPatterns', 'group-model')],
    env: { GROUP_MODEL_RUNS: '300000' },
    counts: countJest,
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
  mutated('deep crash', '1,000,000 mutated frames', 'fuzz-frames'),
  mutated('deep crash', '1,000,000 mutated Kafka requests', 'fuzz-kafka'),
  idleConnections('deep crash', 10_000),
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
  ...CLIENT_STEPS,
];

/** Per target, the lanes that run side by side; the names in one list run one after another. */
export const TARGETS = {
  check: [['lint', 'formats'], ['unit on all cores']],
  test: [
    ['formats', 'unit', 'long', 'programs', 'native', 'proof'],
    ['lint', 'product', 'sanitized'],
  ],
  'test-deep': [['deep native', 'deep proof'], ['deep crash']],
  'test-clients': [['clients']],
};
