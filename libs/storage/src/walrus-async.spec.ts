import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EntryTail } from './entry-tail';
import { FsyncSchedule } from './fsync-schedule';
import type { StorageError } from './storage-error';
import { Walrus } from './walrus';
import type { WalrusOptions } from './walrus-options';

const SMALL = { blockBytes: 64 << 10, blocksPerFile: 4, journalBytes: 64 << 10 };
const codeOf = (code: string): Error => expect.objectContaining({ code }) as Error;

let directory: string;
let wal: Walrus;
const open = (options: WalrusOptions = {}): Walrus =>
  new Walrus({ ...SMALL, directory, ...options });
const bytes = (text: string): Buffer => Buffer.from(text);
const stored = (topic = 't'): string[] => {
  const { startOffset } = wal.topicStats(topic);
  return wal.readAt(topic, startOffset, { maxBytes: 1 << 30 }).map(({ data }) => String(data));
};
const nextOf = async (tail: EntryTail): Promise<string | undefined> => {
  const { value } = await tail.next();
  return value && String(value.data);
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-async-'));
  wal = open();
});
afterEach(async () => {
  await wal.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('asynchronous appends', () => {
  it.each([
    ['SyncEach', FsyncSchedule.SyncEach],
    ['Milliseconds', FsyncSchedule.Milliseconds(1000)],
    ['NoFsync', FsyncSchedule.NoFsync],
  ])('take effect in call order and resolve with their offsets, %s', async (_, fsyncSchedule) => {
    await wal.close();
    wal = open({ fsyncSchedule });
    const offsets = await Promise.all([
      wal.appendAsync('t', bytes('a')),
      wal.batchAppendAsync('t', [bytes('b'), bytes('c')]),
      wal.appendAsync('t', bytes('d')),
      wal.batchAppendAsync('t', [bytes('e')]),
    ]);
    expect(offsets).toEqual([0, 1, 3, 4]);
    expect(stored()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('W32: queue where synchronous ones answer WOULD_BLOCK', async () => {
    wal.appendForTopic('t', bytes('first'));
    const large = Array.from({ length: 50 }, () => Buffer.alloc(60 << 10, 'x'));
    const calls = [
      () => wal.appendForTopic('t', bytes('sync')),
      () => wal.batchAppendForTopic('t', [bytes('sync')]),
    ];
    const refusals: string[] = [];
    for (const call of calls) {
      // The engine may be done with a batch before this thread gets to the call.
      for (let isRefused = false; !isRefused;) {
        const next = wal.topicStats('t').nextOffset;
        const batch = wal.batchAppendAsync('t', large);
        const last = wal.appendAsync('t', bytes('last'));
        try {
          call();
        } catch (error) {
          refusals.push((error as StorageError).code);
          isRefused = true;
        }
        wal.appendForTopic('u', bytes('another topic'));
        await expect(Promise.all([batch, last])).resolves.toEqual([next, next + 50]);
        expect(wal.topicStats('t').nextOffset).toBe(next + (isRefused ? 51 : 52));
      }
    }
    expect(refusals).toEqual(['WOULD_BLOCK', 'WOULD_BLOCK']);
    wal.appendForTopic('t', bytes('yes'));
    const { endOffset } = wal.topicStats('t');
    const ends = wal.readAt('t', endOffset - 2).map(({ data }) => String(data));
    expect(ends).toEqual(['last', 'yes']);
  });

  it('answer BUSY only over the byte budget; one larger call goes in alone', async () => {
    await wal.close();
    wal = open({ queuedBytesMax: 100 << 10, fsyncSchedule: FsyncSchedule.SyncEach });
    await wal.appendAsync('t', bytes('first'));
    // An append settles just before it gives its bytes of the budget back.
    while (wal.stats().queuedBytes > 0) await sleep(1);
    const entry = Buffer.alloc(30 << 10);
    const large = wal.batchAppendAsync(
      't',
      Array.from({ length: 10 }, () => entry),
    );
    await expect(wal.appendAsync('t', entry)).rejects.toThrow(codeOf('BUSY'));
    await expect(large).resolves.toBe(1);
    while (wal.stats().queuedBytes > 0) await sleep(1);
    await expect(wal.appendAsync('t', entry)).resolves.toBe(11);
  });

  it('keep large entries where they are, and small ones in a copy', async () => {
    const small = bytes('as it was');
    const appended = wal.appendAsync('t', small);
    small.fill('!');
    await appended;
    const large = Buffer.alloc(150 << 10, 'large');
    await wal.batchAppendAsync('t', [bytes('a'), large, bytes('b')]);
    expect(stored()).toEqual(['as it was', 'a', String(large), 'b']);
  });

  it('refuse what a batch may not be, and settle before close resolves', async () => {
    await expect(wal.batchAppendAsync('t', [])).rejects.toThrow(codeOf('INVALID_INPUT'));
    await expect(wal.appendAsync('', bytes('x'))).rejects.toThrow(codeOf('INVALID_INPUT'));
    await expect(wal.appendAsync('t', 'x' as never)).rejects.toThrow(codeOf('INVALID_INPUT'));
    const order: string[] = [];
    const append = wal.appendAsync('t', bytes('x')).then(() => order.push('appended'));
    await Promise.all([append, wal.close().then(() => order.push('closed'))]);
    expect(order).toEqual(['appended', 'closed']);
    await expect(wal.appendAsync('t', bytes('x'))).rejects.toThrow(codeOf('CLOSED'));
  });
});

describe('tails', () => {
  it('give what is there and then what comes, to a reader that keeps its place', async () => {
    wal.batchAppendForTopic('t', [bytes('a'), bytes('b')]);
    const seen: string[] = [];
    for await (const { data, offset } of wal.tail('t', { reader: 'r' })) {
      seen.push(`${offset}${String(data)}`);
      if (seen.length === 2) setTimeout(() => wal.appendForTopic('t', bytes('c')), 20);
      if (seen.length === 3) void wal.appendAsync('t', bytes('d'));
      if (seen.length === 4) break;
    }
    expect(seen).toEqual(['0a', '1b', '2c', '3d']);
    wal.appendForTopic('t', bytes('e'));
    expect(String(wal.readNext('t', true, { reader: 'r' })?.data)).toBe('e');
  });

  it('begin at a position and move no cursor', async () => {
    wal.batchAppendForTopic('t', [bytes('a'), bytes('b'), bytes('c')]);
    const latest = wal.tail('t', { from: 'latest' });
    const second = wal.tail('t', { from: { offset: 1 } });
    wal.appendForTopic('t', bytes('d'));
    expect([await nextOf(second), await nextOf(second)]).toEqual(['b', 'c']);
    expect(await nextOf(latest)).toBe('d');
    expect(wal.readers('t')).toEqual([]);
    expect(() => wal.tail('t', { reader: 'r', from: 'latest' })).toThrow(codeOf('INVALID_INPUT'));
  });

  it('wait for a topic that does not exist yet', async () => {
    const tail = wal.tail('later', { from: 'latest' });
    const first = nextOf(tail);
    await sleep(20);
    wal.appendForTopic('another', bytes('x'));
    wal.appendForTopic('later', bytes('first'));
    expect(await first).toBe('first');
  });

  it('wait on an event, not by looking again and again', async () => {
    wal.appendForTopic('t', bytes('a'));
    const tail = wal.tail('t');
    expect(await nextOf(tail)).toBe('a');
    const timers = (): string[] => process.getActiveResourcesInfo().filter((k) => k === 'Timeout');
    const timersBefore = timers();
    const waiting = nextOf(tail);
    await new Promise((resolve) => setImmediate(resolve));
    expect(timers()).toEqual(timersBefore);
    const before = process.cpuUsage();
    await sleep(300);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(150_000);
    wal.appendForTopic('t', bytes('b'));
    expect(await waiting).toBe('b');
  });

  it('answer overlapping calls in their order', async () => {
    const tail = wal.tail('t');
    const three = [nextOf(tail), nextOf(tail), nextOf(tail)];
    await sleep(5);
    wal.batchAppendForTopic('t', [bytes('a'), bytes('b')]);
    await sleep(5);
    wal.appendForTopic('t', bytes('c'));
    await expect(Promise.all(three)).resolves.toEqual(['a', 'b', 'c']);
  });

  it('are done when they are returned, aborted, or their Walrus is closed', async () => {
    const controller = new AbortController();
    const tails = [wal.tail('t'), wal.tail('t', { signal: controller.signal }), wal.tail('u')];
    const waiting = tails.map((tail) => tail.next());
    await sleep(5);
    await tails[0]?.return();
    controller.abort();
    const done = { done: true, value: undefined };
    await expect(wal.tail('t', { signal: AbortSignal.abort() }).next()).resolves.toEqual(done);
    await wal.close();
    await expect(Promise.all(waiting)).resolves.toEqual([done, done, done]);
    await expect(tails[0]?.next()).resolves.toEqual(done);
    expect(() => wal.tail('t')).toThrow(codeOf('CLOSED'));
  });

  it('reject with CLOSED when the topic is deleted meanwhile', async () => {
    wal.appendForTopic('t', bytes('a'));
    const tail = wal.tail('t', { from: 'latest' });
    const waiting = tail.next();
    await sleep(5);
    await wal.deleteTopic('t');
    await expect(waiting).rejects.toThrow(codeOf('CLOSED'));
  });
});

describe('topics', () => {
  it('are listed, deleted, and created anew by an append', async () => {
    for (const topic of ['b', 'a']) wal.appendForTopic(topic, bytes('old'));
    wal.readNext('a');
    expect(wal.topics()).toEqual(['b', 'a']);
    await wal.deleteTopic('a');
    expect(wal.topics()).toEqual(['b']);
    expect(wal.readNext('a')).toBeNull();
    expect(() => wal.topicStats('a')).toThrow(codeOf('INVALID_INPUT'));
    await expect(wal.deleteTopic('a')).rejects.toThrow(codeOf('INVALID_INPUT'));
    wal.appendForTopic('a', bytes('new'));
    expect(String(wal.readNext('a')?.data)).toBe('new');
    await wal.close();
    wal = open();
    expect(wal.topics()).toEqual(['b', 'a']);
    expect(stored('a')).toEqual(['new']);
  });

  it('tell what is stored of them, and what that takes of the disk', async () => {
    wal.appendForTopic('small', bytes('x'));
    const large = Buffer.alloc(1_000, 'v');
    for (let n = 0; n < 400; ++n) wal.appendForTopic('large', large);
    const small = wal.topicStats('small');
    expect(small).toMatchObject({ startOffset: 0, endOffset: 1, nextOffset: 1, entryCount: 1 });
    expect(small.diskBytes).toBeGreaterThanOrEqual(small.storedBytes);
    expect(small.diskBytes).toBeLessThanOrEqual(8_192);
    const full = wal.topicStats('large');
    expect(full.diskBytes).toBeGreaterThan(400_000);
    await wal.truncate('large', 395);
    // Given back in the background.
    while (wal.topicStats('large').diskBytes > full.diskBytes / 3) await sleep(1);
  });

  it('that another handle deleted are created anew, and read anew', async () => {
    const other = open();
    wal.appendForTopic('t', bytes('old'));
    expect(String(other.readNext('t')?.data)).toBe('old');
    await other.deleteTopic('t');
    wal.appendForTopic('t', bytes('new'));
    expect(String(other.readNext('t')?.data)).toBe('new');
    await expect(wal.appendAsync('t', bytes('newer'))).resolves.toBe(1);
    await other.close();
  });
});
