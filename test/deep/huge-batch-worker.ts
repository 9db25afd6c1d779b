// The process of huge-batch.ts: `append` puts a few entries and then one batch of gigabytes into a
// topic, `check` says what of it is there. One line on stdout for each thing that is done.
import { readFileSync, writeSync } from 'node:fs';
import { FsyncSchedule, Walrus } from '@walrusmq/storage';

const TOPIC = 'huge';
const ENTRY_BYTES = 6 * 2 ** 20;
const SHIFT_BYTES = 4_099;
const READ_BYTES = 16 * 2 ** 20;
const SINGLE_ENTRIES = 3;

/** What is given on the command line, as JSON. */
export interface HugeBatchOrder {
  readonly do: 'append' | 'check';
  readonly directory: string;
  readonly schedule: 'sync-each' | 'milliseconds';
  readonly entryCount: number;
}

/** Entry `place` of a batch: another part of the same bytes, of another length. */
function entryOf(source: Buffer, place: number): Buffer {
  return source.subarray(place * SHIFT_BYTES, place * SHIFT_BYTES + ENTRY_BYTES - place);
}

function sourceFor(entryCount: number): Buffer {
  const source = Buffer.alloc(entryCount * SHIFT_BYTES + ENTRY_BYTES);
  let state = 1;
  for (let at = 0; at + 4 <= source.length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    source.writeUInt32LE(state, at);
  }
  return source;
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** The most memory that this process ever had, in MB. */
function peakMb(): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  if (found === null) throw new Error('the system does not say how much memory a process had');
  return Math.ceil(Number(found[1]) / 1024);
}

function append(walrus: Walrus, entryCount: number): void {
  const source = sourceFor(entryCount);
  for (let place = 0; place < SINGLE_ENTRIES; place += 1) {
    walrus.appendForTopic(TOPIC, entryOf(source, place));
    say('single');
  }
  const batch = Array.from({ length: entryCount }, (_, place) => entryOf(source, place));
  say('begin');
  walrus.batchAppendForTopic(TOPIC, batch);
  say('done');
}

/** Reads all entries from the start, which are runs of singles and whole batches. */
function check(walrus: Walrus, entryCount: number): void {
  const source = sourceFor(entryCount);
  if (!walrus.topics().includes(TOPIC)) {
    say('found 0 0');
    return;
  }
  const { startOffset, endOffset } = walrus.topicStats(TOPIC);
  let [singles, batches, place] = [0, 0, 0];
  for (let offset = startOffset; offset < endOffset;) {
    for (const entry of walrus.readAt(TOPIC, offset, { maxBytes: READ_BYTES })) {
      // A batch begins as the singles do: the entry that follows says which it was.
      const starts = entry.data.equals(entryOf(source, 0));
      if (starts && place === entryCount) batches += 1;
      else if (starts) singles += place;
      place = starts ? 0 : place;
      if (!entry.data.equals(entryOf(source, place))) {
        throw new Error(`another entry stands at offset ${String(entry.offset)}`);
      }
      place += 1;
      offset = entry.offset + 1;
    }
  }
  if (place === entryCount) batches += 1;
  else singles += place;
  say(`found ${String(singles)} ${String(batches)}`);
}

async function main(): Promise<void> {
  const order = JSON.parse(process.argv[2] ?? '') as HugeBatchOrder;
  const { directory, schedule, entryCount } = order;
  const fsyncSchedule =
    schedule === 'sync-each' ? FsyncSchedule.SyncEach : FsyncSchedule.Milliseconds(50);
  const walrus = new Walrus({ directory, fsyncSchedule, onLog: () => undefined });
  if (order.do === 'append') append(walrus, entryCount);
  else check(walrus, entryCount);
  await walrus.close();
  say(`peak ${String(peakMb())}`);
}

void main();
