import { READERS_PER_PARTITION_MAX } from '@walrusmq/protocol';
import { openMemoryStorage, type PartitionLog } from '@walrusmq/storage';
import { ReaderPositions, type CursorStore } from './reader-positions';

const TOPIC_ID = '11111111-2222-4333-8444-555555555555';

/** A log's cursors that can be told to fail. */
class FlakyStore implements CursorStore {
  failure: Error | undefined;
  commits = 0;

  constructor(private readonly log: PartitionLog) {}

  cursor(reader: string): number | undefined {
    return this.log.cursor(reader);
  }

  cursors(): ReturnType<CursorStore['cursors']> {
    return this.log.cursors();
  }

  async commitCursor(reader: string, offset: number): Promise<void> {
    this.commits += 1;
    if (this.failure !== undefined) throw this.failure;
    await this.log.commitCursor(reader, offset);
  }

  async deleteCursor(reader: string): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    await this.log.deleteCursor(reader);
  }
}

describe('ReaderPositions', () => {
  let store: FlakyStore;
  beforeEach(() => {
    store = new FlakyStore(openMemoryStorage().log(TOPIC_ID, 0));
  });
  const limit = expect.objectContaining({ code: 'LIMIT_EXCEEDED' }) as Error;

  it('saves before it grants, strictly at once', async () => {
    const readers = new ReaderPositions(store, 1);
    await readers.advance('r', 3, 3);
    expect([readers.position('r'), store.cursor('r'), readers.unsaved()]).toEqual([3, 3, []]);
  });

  it('lets fewer than N records go unsaved, at least once every N', async () => {
    const readers = new ReaderPositions(store, 5);
    const saved: (number | undefined)[] = [];
    for (let to = 2; to <= 12; to += 2) {
      await readers.advance('r', to, 2);
      saved.push(store.cursor('r'));
      expect(readers.position('r')).toBe(to);
      expect(to - (store.cursor('r') ?? 0)).toBeLessThan(5);
    }
    expect(saved).toEqual([undefined, undefined, 6, 6, 6, 12]);
  });

  it('begins to count anew where the position is committed, saved or removed', async () => {
    const readers = new ReaderPositions(store, 5);
    await readers.advance('r', 4, 4);
    await readers.commit('r', 1);
    await readers.advance('r', 5, 4);
    expect([store.cursor('r'), readers.position('r')]).toEqual([1, 5]);
    await readers.save('r');
    await readers.save('r');
    expect([store.cursor('r'), store.commits]).toEqual([5, 2]);
    await readers.advance('r', 9, 4);
    await readers.remove('r');
    expect([readers.position('r'), store.cursor('r'), readers.unsaved()]).toEqual([
      undefined,
      undefined,
      [],
    ]);
  });

  it('moves nothing by a call that fails', async () => {
    const readers = new ReaderPositions(store, 3);
    await readers.advance('r', 2, 2);
    store.failure = new Error('disk full');
    await expect(readers.advance('r', 4, 2)).rejects.toBe(store.failure);
    await expect(readers.commit('r', 9)).rejects.toBe(store.failure);
    await expect(readers.commit('new', 9)).rejects.toBe(store.failure);
    expect([readers.position('r'), readers.position('new')]).toEqual([2, undefined]);
    store.failure = undefined;
    await readers.advance('r', 4, 2);
    expect(store.cursor('r')).toBe(4);
    store.failure = new Error('fenced');
    await expect(readers.remove('r')).rejects.toBe(store.failure);
    expect(readers.position('r')).toBe(4);
  });

  it.each([1, 1_000_000])(
    'refuses one reader more than it may have, saving every %i',
    async (n) => {
      for (let i = 0; i < 10; i += 1) await store.commitCursor(`before-${i}`, 0);
      const readers = new ReaderPositions(store, n);
      for (let i = 10; i < READERS_PER_PARTITION_MAX; i += 1) await readers.advance(`r${i}`, 1, 1);
      await expect(readers.advance('one-more', 1, 1)).rejects.toEqual(limit);
      await expect(readers.commit('one-more', 1)).rejects.toEqual(limit);
      await readers.advance('r10', 2, 1);
      await readers.commit('before-0', 1);
      await readers.remove('r11');
      await readers.commit('one-more', 1);
      await expect(readers.commit('two-more', 1)).rejects.toEqual(limit);
      await readers.remove('before-0');
      await readers.commit('two-more', 1);
      await expect(readers.commit('three-more', 1)).rejects.toEqual(limit);
    },
  );

  it('counts readers that arrive at the same time, and those that fail to', async () => {
    const readers = new ReaderPositions(store, 1);
    const names = Array.from({ length: READERS_PER_PARTITION_MAX + 5 }, (_, i) => `r${i}`);
    const results = await Promise.allSettled(names.map((name) => readers.commit(name, 0)));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(5);
    expect(store.cursors()).toHaveLength(READERS_PER_PARTITION_MAX);
    await readers.remove('r0');
    store.failure = new Error('disk full');
    await expect(readers.commit('late', 0)).rejects.toBe(store.failure);
    store.failure = undefined;
    await readers.commit('other', 0);
    await expect(readers.commit('late', 0)).rejects.toEqual(limit);
  });
});
