// Places that cannot be written to: a clear sentence and an exit code, and nothing half-made that
// keeps a later opening from working. REQUIRES: root, in a mount namespace of its own.
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, WorkerProcess } from './worker-process';
import type { WorkerOptions } from './worker-orders';

const COMMAND = join(__dirname, '..', '..', 'bin', 'walrusmq');
const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
const BROKER_MS = 20_000;

/** Starts a broker that has to refuse; its sentence. */
function refusedBroker(dataDir: string, prefix: readonly string[], says: string): void {
  const words = [...prefix, process.execPath, COMMAND, 'broker', '--port', '0'];
  const ended = spawnSync(words[0]!, [...words.slice(1), '--data-dir', dataDir], {
    encoding: 'utf8',
    timeout: BROKER_MS,
  });
  const lines = ended.stderr.trimEnd().split('\n');
  assert.deepEqual([ended.status, ended.signal, lines.length], [1, null, 1], ended.stderr);
  assert.match(ended.stderr, /^walrusmq: /);
  // Node says it with a small letter, the engine with a capital one.
  assert.ok(ended.stderr.toLowerCase().includes(says.toLowerCase()), ended.stderr);
  assert.ok(ended.stderr.includes(dataDir), ended.stderr);
}

/** As the library sees it. */
async function refusedOpening(
  options: WorkerOptions,
  prefix: readonly string[],
  says: string,
): Promise<void> {
  const worker = new WorkerProcess(options, prefix);
  const { code, message = '' } = await worker.opened();
  assert.equal(code, 'IO');
  assert.ok(message.includes(says), message);
  const ended = await worker.finish();
  assert.deepEqual([ended.code, ended.stderr], [1, '']);
}

function optionsIn(directory: string): WorkerOptions {
  return { directory, backend: 'io_uring', schedule: 'sync-each', entryBytes: 5_000 };
}

/** A file system that was mounted for reading only, empty and with a log on it. */
export async function refuseReadOnly(disk: string): Promise<string> {
  const [empty, used] = [join(disk, 'empty'), join(disk, 'used')];
  mkdirSync(empty);
  await writeSome(optionsIn(used), 100, 0);
  const before = readdirSync(used);
  run('mount', '-o', 'remount,ro', disk);
  for (const directory of [empty, used, join(disk, 'new')]) {
    refusedBroker(directory, [], 'Read-only file system');
    await refusedOpening(optionsIn(directory), [], 'Read-only file system');
  }
  run('mount', '-o', 'remount,rw', disk);
  assert.deepEqual([readdirSync(empty), readdirSync(used)], [[], before]);
  await writeSome(optionsIn(used), 10, 100);
  return '3 directories';
}

/** Directories that belong to somebody else. */
export async function refuseForeign(disk: string): Promise<string> {
  chmodSync(disk, 0o755);
  const [closed, open] = [join(disk, 'closed'), join(disk, 'open')];
  mkdirSync(closed, { mode: 0o700 });
  mkdirSync(open, { mode: 0o755 });
  for (const directory of [closed, open, join(open, 'new')]) {
    refusedBroker(directory, NOBODY, 'Permission denied');
    await refusedOpening(optionsIn(directory), NOBODY, 'Permission denied');
  }
  assert.deepEqual([readdirSync(closed), readdirSync(open)], [[], []]);
  return '3 directories';
}

/** Too few descriptors, at each moment of the opening and of the work after it. */
export async function refuseDescriptors(disk: string): Promise<string> {
  const options = optionsIn(join(disk, 'wal'));
  await writeSome(options, 400, 0);
  let [refused, opened, end] = [0, 0, 400];
  for (let limit = 18; limit < 60 && opened < 4; limit += 1) {
    const worker = new WorkerProcess(options, ['prlimit', `--nofile=${String(limit)}`]);
    let answer;
    try {
      answer = await worker.opened();
    } catch {
      // Node itself could not start.
      continue;
    }
    if (answer.code !== undefined) {
      assert.match(answer.message ?? '', /Too many open files/);
      assert.equal((await worker.finish()).code, 1);
      refused += 1;
      continue;
    }
    opened += 1;
    const filled = await worker.order({ do: 'fill', most: 2_000 });
    // A file that cannot be created is a failed write: it fences.
    if (filled.code !== undefined) {
      assert.equal(filled.code, 'FENCED');
      assert.match(filled.message ?? '', /Too many open files/);
    }
    end = await endOf(options, worker, filled.end ?? 0);
  }
  assert.ok(refused >= 2 && opened === 4, `${String(refused)} refused, ${String(opened)} opened`);
  await writeSome(options, 10, end);
  return `${String(refused)} openings refused, ${String(opened)} not; ${String(end)} entries`;
}

/** Files that may not grow that far: at the opening, and while entries are appended. */
export async function refuseLargeFiles(disk: string): Promise<string> {
  const options = optionsIn(join(disk, 'wal'));
  const limits = [0, 64, 4_096, 500_000, 1_048_576, 2 * 2 ** 20];
  for (const limit of limits) {
    const prefix = ['prlimit', `--fsize=${String(limit)}`];
    const worker = new WorkerProcess(options, prefix);
    const opened = await worker.opened();
    const filled = opened.code === undefined ? await worker.order({ do: 'fill', most: 1 }) : opened;
    assert.match(filled.code ?? '', /^(IO|FENCED)$/, `${String(limit)}: ${JSON.stringify(filled)}`);
    assert.match(filled.message ?? '', /File too large/);
    await worker.finish();
  }
  refusedBroker(join(disk, 'broker'), ['prlimit', '--fsize=1048576'], 'File too large');
  await writeSome(options, 400, 0);
  return `${String(limits.length)} limits`;
}

/** Appends to a log that ends at `end`, and reads all of it. */
async function writeSome(options: WorkerOptions, count: number, end: number): Promise<void> {
  const worker = new WorkerProcess(options);
  assert.deepEqual(await worker.opened(), {});
  const filled = await worker.order({ do: 'fill', most: count });
  assert.deepEqual([filled.code, filled.count, filled.end], [undefined, count, end + count]);
  const read = await worker.order({ do: 'read' });
  assert.deepEqual([read.wrong, read.end], [[], end + count]);
  assert.deepEqual(await worker.order({ do: 'close' }), {});
  assert.equal((await worker.finish()).code, 0);
}

/** Ends a worker by force; where its log ends for the next one. */
async function endOf(
  options: WorkerOptions,
  worker: WorkerProcess,
  acknowledged: number,
): Promise<number> {
  await worker.kill();
  const next = new WorkerProcess(options);
  assert.deepEqual(await next.opened(), {});
  const { end = 0, wrong } = await next.order({ do: 'read' });
  assert.deepEqual(wrong, []);
  assert.ok(end >= acknowledged && end <= acknowledged + 1, `${String(end)} are there`);
  assert.deepEqual(await next.order({ do: 'close' }), {});
  await next.finish();
  return end;
}
