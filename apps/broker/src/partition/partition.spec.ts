import { encodeBatch } from '@walrusmq/record-batch';
import { StorageError, openMemoryStorage, type PartitionLog } from '@walrusmq/storage';
import { Partition } from './partition';

const TOPIC_ID = '11111111-2222-4333-8444-555555555555';
const batchOf = (value: string): Buffer => encodeBatch([{ value: Buffer.from(value) }]);

describe('Partition', () => {
  let log: PartitionLog;
  let partition: Partition;

  beforeEach(() => {
    log = openMemoryStorage().log(TOPIC_ID, 0);
    partition = new Partition('orders', 0, log, { batchBytesMax: 1000 });
  });

  it('gives offsets in call order before anything is written', async () => {
    const appends = ['a', 'b', 'c'].map((value) => partition.append([batchOf(value)]));
    expect(appends.map(({ baseOffset }) => baseOffset)).toEqual([0, 1, 2]);
    expect(partition.state.readableEnd).toBe(0);
    await appends[2]?.synced;
    expect(partition.state.readableEnd).toBe(3);
  });

  it('is empty up to the end of what was taken, and OFFSET_OUT_OF_RANGE above it', async () => {
    const late = partition.append([batchOf('a')]);
    partition.append([batchOf('b')]);
    expect(partition.readableEnd).toBe(0);
    for (const offset of [0, 1, 2]) expect(partition.read(offset, 100)).toHaveLength(0);
    const refusal = expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE' }) as Error;
    expect(() => partition.read(3, 100)).toThrow(refusal);
    await late.synced;
    await partition.truncate(1);
    expect(() => partition.read(0, 100)).toThrow(refusal);
  });

  it('listens to the log exactly while somebody watches', async () => {
    let listening = 0;
    const onReadable = log.onReadable.bind(log);
    log.onReadable = (listener) => {
      listening += 1;
      const stop = onReadable(listener);
      return () => {
        listening -= 1;
        stop();
      };
    };
    const seen: string[] = [];
    const stopFirst = partition.watch(() => seen.push('first'));
    const stopSecond = partition.watch(() => seen.push('second'));
    expect(listening).toBe(1);
    await partition.append([batchOf('x')]).synced;
    expect(seen).toEqual(['first', 'second']);
    stopFirst();
    expect(listening).toBe(1);
    stopSecond();
    expect(listening).toBe(0);
  });

  it('lets a watcher end itself while it is called', async () => {
    const seen: string[] = [];
    const stop = partition.watch(() => {
      seen.push('once');
      stop();
    });
    partition.watch(() => seen.push('always'));
    await partition.append([batchOf('x')]).synced;
    await partition.append([batchOf('y')]).synced;
    expect(seen).toEqual(['once', 'always', 'always']);
  });

  it('wakes its watchers when it closes and answers UNKNOWN_TOPIC from then on', async () => {
    const seen: boolean[] = [];
    partition.watch(() => seen.push(partition.isClosed));
    partition.close();
    partition.close();
    expect(seen).toEqual([true]);
    const unknown = expect.objectContaining({ code: 'UNKNOWN_TOPIC' }) as Error;
    expect(() => partition.append([batchOf('x')])).toThrow(unknown);
    expect(() => partition.read(0, 1)).toThrow(unknown);
    expect(() => partition.watch(() => undefined)).toThrow(unknown);
    expect(() => partition.cursor('r')).toThrow(unknown);
    await expect(partition.commitCursor('r', 0)).rejects.toEqual(unknown);
    await expect(partition.offsetForTimestamp(0)).rejects.toEqual(unknown);
  });

  it('reads from the disk where the log would have to wait', async () => {
    await partition.append([batchOf('cold')]).synced;
    const stored = await log.read(0, 100);
    log.readNow = () => undefined;
    log.read = () => Promise.resolve(stored);
    const read = partition.read(0, 100);
    expect(read).toBeInstanceOf(Promise);
    expect(await read).toEqual(stored);
  });

  it.each([
    ['BUSY', 'BUSY'],
    ['NO_SPACE', 'NO_SPACE'],
    ['FENCED', 'FENCED'],
    ['IO', 'FENCED'],
    ['CORRUPT', 'CORRUPT_BATCH'],
    ['INVALID_INPUT', 'INVALID_BATCH'],
    ['CLOSED', 'SHUTTING_DOWN'],
  ] as const)('says of an append that fails with %s: %s', (stored, said) => {
    log.append = () => {
      throw new StorageError(stored, 'no');
    };
    expect(() => partition.append([batchOf('x')])).toThrow(
      expect.objectContaining({ code: said }) as Error,
    );
  });

  it.each([
    ['IO', 'FENCED'],
    ['NO_SPACE', 'NO_SPACE'],
  ] as const)('says of an append that was taken and failed with %s: %s', async (stored, said) => {
    const failed = Promise.reject(new StorageError(stored, 'no'));
    failed.catch(() => undefined);
    const taken = { baseOffset: 0, recordCount: 1, isDuplicate: false };
    log.append = () => ({ ...taken, written: failed, synced: failed });
    const append = partition.append([batchOf('x')]);
    await expect(append.written).rejects.toMatchObject({ code: said });
    await expect(append.synced).rejects.toMatchObject({ code: said });
  });

  it('passes on what is no storage error', () => {
    const bug = new TypeError('bug');
    log.readNow = () => {
      throw bug;
    };
    expect(() => partition.read(0, 1)).toThrow(bug);
  });

  it('lets a reader stand from the log start to the end of what was taken', () => {
    partition.append([batchOf('x')]);
    expect(() => partition.checkCursor(0)).not.toThrow();
    expect(() => partition.checkCursor(1)).not.toThrow();
    expect(() => partition.checkCursor(2)).toThrow('orders-0: 2 is not from 0 to 1.');
  });
});
