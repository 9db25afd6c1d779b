import { PendingAppend } from './pending-append';
import { SettlementQueue } from './settlement-queue';
import type { SettlingLog } from './settlement-queue';
import type { StorageError } from './storage-error';

/** Notes what a log is told. */
class RecordingLog implements SettlingLog {
  readonly announced: number[] = [];
  private end = 0;

  advanceReadable(endOffset: number): void {
    this.end = endOffset;
  }

  announceReadable(): void {
    this.announced.push(this.end);
  }
}

/** What has become of an append by now. */
async function outcomeOf(append: PendingAppend): Promise<string[]> {
  const settled = async (promise: Promise<void>): Promise<string> => {
    const outcome = promise.then(
      () => 'ok',
      (error: unknown) => (error as StorageError).code,
    );
    return Promise.race([outcome, new Promise<string>((done) => setImmediate(done, 'pending'))]);
  };
  return [await settled(append.written), await settled(append.synced)];
}

describe('SettlementQueue', () => {
  let log: RecordingLog;
  const pushMany = (queue: SettlementQueue, count: number): PendingAppend[] =>
    Array.from({ length: count }, (_, index) => {
      const append = new PendingAppend(index * 10, 10);
      queue.push(append, log);
      return append;
    });
  beforeEach(() => {
    log = new RecordingLog();
  });

  it('makes records readable when written, or when synced where readers wait for that', () => {
    const queue = new SettlementQueue(false);
    const strictQueue = new SettlementQueue(true);
    for (const each of [queue, strictQueue]) {
      pushMany(each, 3);
      each.settle(2, 1, []);
    }
    expect(log.announced).toEqual([20, 10]);
  });

  it('announces once per call, however much has settled', async () => {
    const queue = new SettlementQueue(true);
    const appends = pushMany(queue, 5000);
    queue.settle(5000, 0, []);
    queue.settle(5000, 5000, []);
    expect(log.announced).toEqual([50_000]);
    expect(await outcomeOf(appends[4999]!)).toEqual(['ok', 'ok']);
  });

  it('keeps its place over thousands of operations in flight', async () => {
    const queue = new SettlementQueue(true);
    const appends = pushMany(queue, 4000);
    for (let count = 0; count <= 4000; count += 7)
      queue.settle(Math.min(count + 50, 4000), count, []);
    expect(await outcomeOf(appends[3995]!)).toEqual(['ok', 'ok']);
    expect(await outcomeOf(appends[3999]!)).toEqual(['ok', 'pending']);
    queue.settle(4000, 4000, []);
    expect(await outcomeOf(appends[3999]!)).toEqual(['ok', 'ok']);
  });

  it('rejects both promises of an append that was not written', async () => {
    const queue = new SettlementQueue(true);
    const [first, second, third] = pushMany(queue, 3);
    queue.settle(3, 0, [[2, 'NO_SPACE', 'the disk is full']]);
    expect(await outcomeOf(first!)).toEqual(['ok', 'pending']);
    expect(await outcomeOf(second!)).toEqual(['NO_SPACE', 'NO_SPACE']);
    queue.settle(3, 3, []);
    expect(await outcomeOf(second!)).toEqual(['NO_SPACE', 'NO_SPACE']);
    expect(await outcomeOf(third!)).toEqual(['ok', 'ok']);
  });

  it('rejects only synced when the sync failed, and makes nothing readable', async () => {
    const queue = new SettlementQueue(true);
    const [append] = pushMany(queue, 1);
    queue.settle(1, 0, []);
    queue.settle(1, 1, [[1, 'FENCED', 'a sync failed']]);
    expect(await outcomeOf(append!)).toEqual(['ok', 'FENCED']);
    expect(log.announced).toEqual([]);
  });

  it('does not end the process when nobody watches a failure', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const queue = new SettlementQueue(false);
    const [watched] = pushMany(queue, 2);
    expect(watched!.written).toBeInstanceOf(Promise);
    queue.settle(2, 2, [
      [1, 'IO', 'broken'],
      [2, 'IO', 'broken'],
    ]);
    await new Promise((done) => setTimeout(done, 20));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
