// `unshare --mount tsx test/faults/real-disks.ts full-disk …`: faults of real file systems, each
// met by a process of its own. Mounts stay in the namespace and end with it.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failSyncs } from './failing-disk';
import { fillBroker } from './full-broker';
import { fillDisk } from './full-disk';
import {
  refuseDescriptors,
  refuseForeign,
  refuseLargeFiles,
  refuseReadOnly,
} from './refused-places';
import { buildWorker, run } from './worker-process';

type Scenario = readonly [title: string, meet: (disk: string) => Promise<string>];

const LARGE_ENTRY_BYTES = 100_000;
const SMALL_ENTRY_BYTES = 900;

/** Each gets an empty directory; those of the first group a disk of 64 MB in it. */
const GROUPS: Record<string, readonly Scenario[]> = {
  'small-disks': [
    ['a full disk, descriptors', (disk) => fillDisk(disk, 'fd')],
    ['a full disk, io_uring', (disk) => fillDisk(disk, 'io_uring')],
    ['a full disk, mapped', (disk) => fillDisk(disk, 'mmap')],
    ['a full disk, a broker', fillBroker],
    ['a disk for reading only', refuseReadOnly],
    ['a directory of somebody else', refuseForeign],
    ['too few descriptors', refuseDescriptors],
    ['files that may not grow', refuseLargeFiles],
  ],
  'failing-syncs': [
    ['syncs that fail, large entries', (host) => failSyncs(host, LARGE_ENTRY_BYTES)],
    ['syncs that fail, small entries', (host) => failSyncs(host, SMALL_ENTRY_BYTES)],
  ],
};

async function meetOne([title, meet]: Scenario, folder: string, mounts: boolean): Promise<boolean> {
  const disk = join(folder, 'disk');
  mkdirSync(disk, { recursive: true });
  if (mounts) run('mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk);
  try {
    process.stdout.write(`✓ ${title}: ${await meet(disk)}\n`);
    if (mounts) run('umount', disk);
    return true;
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stdout.write(`✗ ${title}: ${text}\n`);
    return false;
  }
}

async function main(): Promise<void> {
  const group = process.argv[2] ?? '';
  const scenarios = GROUPS[group];
  if (scenarios === undefined) throw new Error(`one of ${Object.keys(GROUPS).join(', ')}`);
  buildWorker();
  let [passed, failed] = [0, 0];
  for (const scenario of scenarios) {
    const folder = mkdtempSync(join(tmpdir(), 'walrusmq-faults-'));
    if (await meetOne(scenario, folder, group === 'small-disks')) {
      passed += 1;
      rmSync(folder, { recursive: true });
    } else {
      failed += 1;
    }
  }
  process.stdout.write(`${String(passed)} passed, ${String(failed)} failed\n`);
  // Ends the workers of a scenario that failed, too: their input ends.
  process.exit(failed === 0 ? 0 : 1);
}

void main();
