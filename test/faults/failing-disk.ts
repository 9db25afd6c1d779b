// A disk whose syncs fail: ext4 in an image that lies on a file system too small for it. REQUIRES:
// root and loop devices, in a mount namespace of its own.
import { strict as assert } from 'node:assert';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, WorkerProcess } from './worker-process';
import type { WorkerOptions } from './worker-orders';

const SYNCS = 'fdatasync,fsync,msync,sync_file_range';

interface SyncCall {
  readonly file: string;
  readonly failed: boolean;
}

/** The image's file system, mounted anew: the page cache of an earlier mount is gone. */
class SmallDisk {
  readonly mounted: string;
  private readonly image: string;

  constructor(private readonly host: string) {
    run('mount', '-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', host);
    this.image = join(host, 'image');
    this.mounted = join(host, 'mounted');
    mkdirSync(this.mounted);
    run('truncate', '-s', '200m', this.image);
    run('mkfs.ext4', '-q', '-F', '-E', 'nodiscard', '-J', 'size=4', this.image);
    this.mount();
  }

  mount(): void {
    run('mount', '-o', 'loop', this.image, this.mounted);
  }

  /** Gives the image the space that it promised, and drops all that was only in memory. */
  heal(): void {
    run('umount', this.mounted);
    run('mount', '-o', 'remount,size=400m', this.host);
    this.mount();
  }

  unmount(): void {
    run('umount', this.mounted);
    run('umount', this.host);
  }
}

/** The syncs that strace saw, in order. */
function syncsIn(trace: string): SyncCall[] {
  const calls = readFileSync(trace, 'utf8').matchAll(
    /^\d+ +(?:fdatasync|fsync|sync_file_range)\(\d+<([^>]*)>.*= (-?\d+)/gm,
  );
  return [...calls].map(([, file = '', result]) => ({ file, failed: result !== '0' }));
}

/**
 * Appends until a sync fails; nothing is acknowledged after that, nothing is synced again, what was
 * acknowledged is read, and is there when the disk works again.
 *
 * @param entryBytes Small entries go through the journal, large ones are synced in place.
 */
export async function failSyncs(host: string, entryBytes: number): Promise<string> {
  const disk = new SmallDisk(host);
  const directory = join(disk.mounted, 'wal');
  const options: WorkerOptions = { directory, backend: 'fd', entryBytes, schedule: 'sync-each' };
  const trace = join(host, '..', `syncs-${String(entryBytes)}`);
  const strace = ['strace', '-f', '-y', '-qq', '-e', `trace=${SYNCS}`, '-o', trace];
  const worker = new WorkerProcess(options, strace);
  assert.deepEqual(await worker.opened(), {});
  const filled = await worker.order({ do: 'fill', most: 10 ** 9 });
  assert.ok(filled.code === 'IO' || filled.code === 'FENCED', JSON.stringify(filled));
  const acknowledged = filled.count ?? 0;
  assert.ok(acknowledged > 10);

  for (const topic of ['filled', 'another']) {
    const later = await worker.order({ do: 'fill', most: 1, topic });
    assert.deepEqual([later.code, later.count], ['FENCED', 0]);
  }
  assert.equal((await worker.order({ do: 'take', most: 1 })).code, 'FENCED');
  const read = await worker.order({ do: 'read' });
  assert.deepEqual([read.code, read.wrong, read.end], [undefined, [], acknowledged]);
  assert.equal((await worker.order({ do: 'report' })).code, 'IO');
  assert.notEqual((await worker.order({ do: 'close' })).code, undefined);
  await worker.finish();

  const syncs = syncsIn(trace);
  const first = syncs.findIndex(({ failed }) => failed);
  assert.ok(first >= 0, 'no sync failed');
  assert.deepEqual(syncs.slice(first + 1), []);
  disk.heal();
  const found = await reopen(options, acknowledged);
  disk.unmount();
  return `${String(acknowledged)} acknowledged, then ${found}`;
}

/** The disk works again, and has what the device has. */
async function reopen(options: WorkerOptions, acknowledged: number): Promise<string> {
  const worker = new WorkerProcess(options);
  assert.deepEqual(await worker.opened(), {});
  const { cuts = 0, code } = await worker.order({ do: 'report' });
  assert.equal(code, undefined);
  const read = await worker.order({ do: 'read' });
  assert.deepEqual([read.code, read.wrong], [undefined, []]);
  const end = read.end ?? 0;
  // One more was in flight when the sync failed; nobody was told of it.
  assert.ok(end >= acknowledged && end <= acknowledged + 1, `${String(end)} are there`);
  const more = await worker.order({ do: 'fill', most: 50 });
  assert.deepEqual([more.code, more.count], [undefined, 50]);
  assert.deepEqual(await worker.order({ do: 'close' }), {});
  await worker.finish();
  return `${String(end)} found, ${String(cuts)} cuts`;
}
