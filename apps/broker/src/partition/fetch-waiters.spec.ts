import { encodeBatch } from '@walrusmq/record-batch';
import { openMemoryStorage } from '@walrusmq/storage';
import { FetchWaiters, type Cancellation } from './fetch-waiters';
import { Partition } from './partition';

const TOPIC_ID = '11111111-2222-4333-8444-555555555555';

class Client implements Cancellation {
  isCancelled = false;
  readonly listeners = new Set<() => void>();

  readonly onCancelled = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  cancel(): void {
    this.isCancelled = true;
    for (const listener of this.listeners) listener();
  }
}

describe('FetchWaiters', () => {
  const client = new Client();
  const append = (partition: Partition): Promise<void> =>
    partition.append([encodeBatch([{ value: Buffer.from('x') }])]).synced;
  let waiters: FetchWaiters;
  let partitions: Partition[];

  beforeEach(() => {
    const storage = openMemoryStorage();
    waiters = new FetchWaiters();
    partitions = [0, 1].map(
      (index) =>
        new Partition('orders', index, storage.log(TOPIC_ID, index), { batchBytesMax: 1000 }),
    );
  });

  const wait = (
    isReady: () => boolean,
    { maxWaitMs = 600_000, cancellation = client } = {},
  ): Promise<string> => waiters.wait({ partitions, maxWaitMs, isReady, cancellation });
  const readable = (): number =>
    partitions.reduce((sum, partition) => sum + partition.state.readableEnd, 0);

  it('does not wait when there is enough already', async () => {
    expect(await wait(() => true)).toBe('ready');
    expect(waiters.count).toBe(0);
  });

  it('ends on the change that makes it ready, and asks only on changes', async () => {
    let asked = 0;
    const end = wait(() => {
      asked += 1;
      return readable() === 3;
    });
    await append(partitions[0]!);
    await append(partitions[1]!);
    expect([asked, waiters.count]).toEqual([3, 1]);
    await append(partitions[0]!);
    expect(await end).toBe('ready');
    await append(partitions[0]!);
    expect([asked, waiters.count]).toEqual([4, 0]);
  });

  it('ends at its maximum and never before', async () => {
    const startMs = performance.now();
    expect(await wait(() => false, { maxWaitMs: 30 })).toBe('expired');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(29);
    expect(waiters.count).toBe(0);
  });

  it('ends with its client and leaves nothing behind', async () => {
    const leaving = new Client();
    const end = wait(() => false, { cancellation: leaving });
    leaving.cancel();
    expect(await end).toBe('cancelled');
    expect([waiters.count, leaving.listeners.size]).toEqual([0, 0]);
    expect(await wait(() => false, { cancellation: leaving })).toBe('cancelled');
  });

  it('asks again when a partition closes', async () => {
    const end = wait(() => partitions.some((partition) => partition.isClosed));
    partitions[1]?.close();
    expect(await end).toBe('ready');
  });

  it('ends every wait when it closes, and those to come', async () => {
    const ends = [wait(() => false), wait(() => false)];
    waiters.close();
    expect(await Promise.all(ends)).toEqual(['cancelled', 'cancelled']);
    expect(await wait(() => false)).toBe('cancelled');
    expect(waiters.count).toBe(0);
  });
});
