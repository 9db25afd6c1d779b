// Where the time goes: CPU profiles of broker and client while producing and while consuming, and
// of the native engine where `perf` is there.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Admin } from '@walrusmq/client';
import { BrokerProcess } from '../test/crash/broker-process';
import { readProfile, selfTimes } from './cpu-profile';
import { buildNativeBench } from './native-bench';
import type { Answer, Task } from './sdk-driver';
import { WorkerProcess } from './worker-process';

const TOPIC_COUNT = 6;
const SHOWN = 18;
const ENGINE_LOADS = ['engine-nosync-1', 'engine-nosync-64', 'engine-sync-64'];

interface Phase {
  readonly kind: 'produce' | 'consume';
  readonly schedule: string;
  readonly recordBytes: number;
  readonly recordCount: number;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function showProfile(title: string, directory: string): void {
  const times = selfTimes(readProfile(directory));
  const busyMs = times.reduce((sum, { selfMs }) => sum + selfMs, 0);
  say(`\n${title}: ${busyMs.toFixed(0)} ms busy`);
  for (const { name, selfMs, share } of times.slice(0, SHOWN)) {
    say(
      `  ${(share * 100).toFixed(1).padStart(5)} %  ${selfMs.toFixed(0).padStart(6)} ms  ${name}`,
    );
  }
}

async function ask(client: WorkerProcess<Task, Answer>, task: Task): Promise<number> {
  const answer = await client.ask(task);
  if ('error' in answer) throw new Error(answer.error);
  return answer.seconds;
}

/** One phase in processes of its own, so that each profile is of that phase only. */
async function runPhase(phase: Phase, directory: string): Promise<void> {
  const { kind, schedule, recordBytes, recordCount } = phase;
  const flagsFor = (who: string): string[] => {
    const folder = join(directory, `${kind}-${who}`);
    mkdirSync(folder);
    return ['--cpu-prof', `--cpu-prof-dir=${folder}`];
  };
  const running = new BrokerProcess({
    dataDir: join(directory, 'data'),
    flags: ['--fsync', schedule, '--log-level', 'warn', '--log-format', 'json'],
    nodeFlags: flagsFor('broker'),
  });
  const broker = await running.ready;
  const client = new WorkerProcess<Task, Answer>('sdk-driver', [], flagsFor('client'));
  let seconds = 0;
  for (let n = 0; n < TOPIC_COUNT; n += 1) {
    const topic = `profile-${n}`;
    if (kind === 'produce') {
      const admin = new Admin({ broker });
      await admin.createTopic(topic, { partitions: 4 });
      await admin.close();
      const call = 'sendMany';
      seconds += await ask(client, { kind, broker, topic, recordBytes, recordCount, call });
    } else {
      const all = recordCount + 1;
      seconds += await ask(client, { kind, broker, topic, recordBytes, recordCount: all });
    }
  }
  await client.end();
  await running.stop();
  const rate = Math.round((TOPIC_COUNT * recordCount) / seconds).toLocaleString('en-US');
  say(
    `\n== ${kind}, ${recordBytes} B, --fsync ${schedule}: ${rate} records/s with the profiler on`,
  );
  showProfile('broker', join(directory, `${kind}-broker`));
  showProfile('client', join(directory, `${kind}-client`));
}

/** `perf` samples kernel and threads alike, which --cpu-prof does not see. */
function profileEngine(directory: string): void {
  if (spawnSync('perf', ['--version']).status !== 0) {
    say('\nperf is not installed: no profile of the native engine');
    return;
  }
  const program = buildNativeBench('engine_bench');
  const file = join(directory, 'perf.data');
  for (const load of ENGINE_LOADS) {
    const args = ['--dir', directory, '--loads', load, '--rounds', '3', '--payload-mib', '128'];
    const recorded = spawnSync('perf', ['record', '-q', '-o', file, '--', program, ...args], {
      encoding: 'utf8',
    });
    if (recorded.status !== 0) {
      say(`\nperf could not record ${load}: ${recorded.stderr.trim().split('\n').at(-1) ?? ''}`);
      return;
    }
    const report = ['report', '-i', file, '--stdio', '--no-children', '-g', 'none'];
    const sorted = ['--sort', 'comm,symbol', '--percent-limit', '1'];
    const { stdout } = spawnSync('perf', [...report, ...sorted], { encoding: 'utf8' });
    const lines = stdout
      .split('\n')
      .map((line) => line.replace(/[\s-]+$/, ''))
      .filter((line) => line.trim() !== '' && !line.startsWith('#'));
    say(`\n== engine, ${load} (closing the log included)\n${lines.slice(0, SHOWN).join('\n')}`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      fsync: { type: 'string', default: 'no-fsync' },
      'record-bytes': { type: 'string', default: '100' },
      engine: { type: 'boolean', default: false },
    },
  });
  const parent = join(__dirname, '..', '.make');
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'profile-'));
  try {
    if (!values.engine) {
      const recordBytes = Number(values['record-bytes']);
      const recordCount = Math.min(200_000, Math.floor(40e6 / recordBytes));
      const phase = { schedule: values.fsync, recordBytes, recordCount };
      await runPhase({ kind: 'produce', ...phase }, directory);
      await runPhase({ kind: 'consume', ...phase }, directory);
    }
    profileEngine(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(
    `bench:profile: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
});
