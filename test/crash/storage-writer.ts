// The process that storage-cycles.ts kills: appends to a few logs until it is gone. It starts,
// loads the engine and waits; one line of JSON on stdin says where to write.
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { encodeBatch } from '@walrusmq/record-batch';
import { FsyncSchedule, openWalStorage, type PartitionLog } from '@walrusmq/storage';
import { RecordSource } from './record-source';
import { SeededRandom } from './seeded-random';
import { encodeNote } from './storage-notes';

/** What the line on stdin holds. */
export interface WriterOrder {
  readonly directory: string;
  readonly topicId: string;
  readonly partitionCount: number;
  readonly schedule: 'sync-each' | 'milliseconds' | 'no-fsync';
  readonly blockBytes: number;
  readonly sourceSeed: number;
  readonly choiceSeed: number;
  readonly firstId: number;
}

const NOTES_FD = 3;
const CALLS_IN_FLIGHT = 24;

function scheduleOf({ schedule }: WriterOrder): FsyncSchedule {
  if (schedule === 'sync-each') return FsyncSchedule.SyncEach;
  return schedule === 'no-fsync' ? FsyncSchedule.NoFsync : FsyncSchedule.Milliseconds(5);
}

/** One atomic call; resolves when its records are in the files and that was noted. */
async function appendCall(
  log: PartitionLog,
  source: RecordSource,
  random: SeededRandom,
  firstId: number,
  counts: readonly number[],
): Promise<void> {
  const recordCount = counts.reduce((sum, count) => sum + count, 0);
  const { partition } = log.id;
  const call = { firstId, recordCount, partition };
  let id = firstId;
  const batches = counts.map((count) => {
    const records = Array.from({ length: count }, () => source.record(id++));
    return encodeBatch(records);
  });
  // A pipe write is over when it returns: no kill takes it back.
  writeSync(NOTES_FD, encodeNote({ kind: 'sent', ...call, baseOffset: 0 }));
  const append = log.append(batches);
  await (random.chance(0.5) ? append.written : append.synced);
  const { baseOffset } = append;
  writeSync(NOTES_FD, encodeNote({ kind: 'acknowledged', ...call, baseOffset }));
}

async function write(order: WriterOrder): Promise<never> {
  const { directory, topicId, partitionCount, blockBytes } = order;
  const source = new RecordSource(order.sourceSeed);
  const random = new SeededRandom(order.choiceSeed);
  const storage = await openWalStorage({
    directory,
    fsyncSchedule: scheduleOf(order),
    blockBytes,
    blocksPerFile: 64,
    journalBytes: 512 * 1024,
  });
  const underWay = new Set<Promise<void>>();
  for (let id = order.firstId; ;) {
    const partition = random.between(0, partitionCount - 1);
    const counts = Array.from({ length: random.between(1, 3) }, () => random.between(1, 6));
    const done = appendCall(storage.log(topicId, partition), source, random, id, counts);
    id += counts.reduce((sum, count) => sum + count, 0);
    underWay.add(done);
    const settled = done.then(() => underWay.delete(done));
    if (underWay.size >= CALLS_IN_FLIGHT) await Promise.race(underWay);
    else if (random.chance(0.1)) await settled;
  }
}

createInterface(process.stdin).once('line', (line) => {
  write(JSON.parse(line) as WriterOrder).catch((error: unknown) => {
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  });
});
