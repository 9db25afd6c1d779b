// A disk of 64 MB that fills up: appends are refused, reads and cursors go on, and what frees space
// heals the instance without a restart. REQUIRES: root, in a mount namespace of its own.
import { strict as assert } from 'node:assert';
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, WorkerProcess } from './worker-process';
import type { Answer, WorkerOptions } from './worker-orders';

const MB = 2 ** 20;
const RESERVE_BYTES = 16 * MB;
const BALLAST_BYTES = 12 * MB;
const ENTRY_BYTES = 60_000;
const TAKEN = 200;
const HEALING_MS = 10_000;

function freeBytes(disk: string): number {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
}

/** Appends once it is possible again; space is given back in the background. */
async function fillOnceHealed(worker: WorkerProcess): Promise<Answer> {
  const deadline = Date.now() + HEALING_MS;
  for (;;) {
    const filled = await worker.order({ do: 'fill', most: 1 });
    if (filled.code === undefined || Date.now() > deadline) return filled;
    assert.equal(filled.code, 'NO_SPACE');
    await sleep(20);
  }
}

/** Everything from the start to `end` is there, and as it was appended. */
async function assertReadable(worker: WorkerProcess, end: number): Promise<void> {
  const { code, wrong, end: readEnd } = await worker.order({ do: 'read' });
  assert.deepEqual({ code, wrong, readEnd }, { code: undefined, wrong: [], readEnd: end });
}

/** Fills the disk; the end of the log then. */
async function fillUp(worker: WorkerProcess): Promise<number> {
  const filled = await worker.order({ do: 'fill', most: 10_000 });
  assert.equal(filled.code, 'NO_SPACE', JSON.stringify(filled));
  assert.ok(filled.end !== undefined && filled.end > 0);
  return filled.end;
}

/** Takes the last bytes of the disk: a process that knows nothing of the reserve. */
async function meetAnEmptyDisk(worker: WorkerProcess, disk: string, end: number): Promise<void> {
  const rest = join(disk, 'rest');
  run('fallocate', '-l', String(freeBytes(disk)), rest);
  const refused = await worker.order({ do: 'fill', most: 1 });
  assert.deepEqual([refused.code, refused.count], ['NO_SPACE', 0]);
  const taken = await worker.order({ do: 'take', most: TAKEN, reader: 'late' });
  assert.ok(taken.code === undefined || taken.code === 'NO_SPACE', JSON.stringify(taken));
  await assertReadable(worker, end);
  rmSync(rest);
}

/** One backend, from the first entry to a restart on a full disk. */
export async function fillDisk(disk: string, backend: WorkerOptions['backend']): Promise<string> {
  const ballast = join(disk, 'ballast');
  run('fallocate', '-l', String(BALLAST_BYTES), ballast);
  const directory = join(disk, 'wal');
  mkdirSync(directory);
  const options = { directory, backend, entryBytes: ENTRY_BYTES, schedule: 'sync-each' } as const;
  const worker = new WorkerProcess(options);
  assert.deepEqual(await worker.opened(), {});

  const end = await fillUp(worker);
  assert.ok(freeBytes(disk) >= RESERVE_BYTES / 2, `${String(freeBytes(disk))} bytes are kept back`);
  await assertReadable(worker, end);
  const taken = await worker.order({ do: 'take', most: TAKEN, reader: 'slow' });
  assert.deepEqual([taken.code, taken.count], [undefined, TAKEN]);
  await meetAnEmptyDisk(worker, disk, end);

  rmSync(ballast);
  const healed = await fillOnceHealed(worker);
  assert.equal(healed.code, undefined, `a deleted file heals: ${JSON.stringify(healed)}`);
  const second = await fillUp(worker);
  assert.ok(second > end + 50);
  // What every reader has passed is given back.
  for (const reader of ['slow', 'late', undefined]) {
    const rest = await worker.order({
      do: 'take',
      most: second,
      ...(reader === undefined ? {} : { reader }),
    });
    assert.equal(rest.code, undefined, JSON.stringify(rest));
  }
  const reclaimed = await fillOnceHealed(worker);
  assert.equal(reclaimed.code, undefined, `readers heal: ${JSON.stringify(reclaimed)}`);

  const third = await fillUp(worker);
  await worker.kill();
  await reopenFull(options, third);
  return `${String(end)}, ${String(second)}, ${String(third)} entries until it was full`;
}

/** After a kill on a full disk: all there, and the log grows again once its readers are through. */
async function reopenFull(options: WorkerOptions, end: number): Promise<void> {
  const worker = new WorkerProcess(options);
  assert.deepEqual(await worker.opened(), {});
  await assertReadable(worker, end);
  const { cursors } = await worker.order({ do: 'cursors' });
  assert.equal(cursors?.length, 3);
  for (const reader of ['slow', 'late', undefined]) {
    await worker.order({ do: 'take', most: end, ...(reader === undefined ? {} : { reader }) });
  }
  assert.equal((await fillOnceHealed(worker)).code, undefined);
  assert.deepEqual(await worker.order({ do: 'close' }), {});
  const ended = await worker.finish();
  assert.deepEqual([ended.code, ended.stderr], [0, '']);
}
