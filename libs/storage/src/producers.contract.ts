// What every PartitionLog must do for idempotent producers, and every instance for their ids.
import { encodeBatch } from '@walrusmq/record-batch';
import type { InstanceStorage } from './instance-storage';
import type { LogAppend, PartitionLog } from './partition-log';

const LAST_SEQUENCE = 2 ** 31 - 1;

interface Made {
  readonly producerId?: number;
  readonly epoch?: number;
  readonly sequence: number;
  readonly values?: readonly string[];
}

/** A batch of an idempotent producer. */
export function producerBatch({
  producerId = 7,
  epoch = 0,
  sequence,
  values = ['v'],
}: Made): Buffer {
  const stamp = { producerId, producerEpoch: epoch, baseSequence: sequence };
  return encodeBatch(
    values.map((value) => ({ value: Buffer.from(value) })),
    stamp,
  );
}

/** Describes appends of producers. */
export function describeProducers(log: () => PartitionLog): void {
  const append = (...made: Made[]): LogAppend => log().append(made.map(producerBatch));
  const answer = (...made: Made[]): unknown => {
    try {
      const { baseOffset, isDuplicate } = append(...made);
      return isDuplicate ? `known at ${baseOffset}` : baseOffset;
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  };

  it('answers a duplicate with the first offset, settled after the first', async () => {
    const order: string[] = [];
    const note = async (name: string, { written, synced }: LogAppend): Promise<void> => {
      await written.then(() => order.push(`${name} written`));
      await synced.then(() => order.push(`${name} synced`));
    };
    const first = append({ sequence: 0, values: ['a', 'b'] });
    const again = append({ sequence: 0, values: ['a', 'b'] });
    expect(again).toMatchObject({ baseOffset: 0, recordCount: 2, isDuplicate: true });
    expect(first.isDuplicate).toBe(false);
    await Promise.all([note('again', again), note('first', first)]);
    expect(order.indexOf('first written')).toBeLessThan(order.indexOf('again written'));
    expect(order.indexOf('first synced')).toBeLessThan(order.indexOf('again synced'));
    expect(answer({ sequence: 0, values: ['a', 'b'] })).toBe('known at 0');
    await append({ sequence: 2 }).synced;
    expect(log()).toMatchObject({ logEndOffset: 3, readableEnd: 3 });
  });

  it('remembers the last five batches of a producer', () => {
    for (let i = 0; i < 7; i++) expect(answer({ sequence: i })).toBe(i);
    for (let i = 2; i < 7; i++) expect(answer({ sequence: i })).toBe(`known at ${i}`);
    expect(log().logEndOffset).toBe(7);
  });

  it('knows that a batch was appended long ago, and not where', async () => {
    for (let i = 0; i < 7; i++) await append({ sequence: i }).synced;
    expect(answer({ sequence: 0 })).toBe('DUPLICATE_SEQUENCE_NUMBER');
    expect(log().logEndOffset).toBe(7);
  });

  it('refuses a gap, an older epoch, and an epoch that does not begin at 0', () => {
    expect(answer({ sequence: 0, epoch: 1 })).toBe(0);
    expect(answer({ sequence: 2, epoch: 1 })).toBe('OUT_OF_ORDER_SEQUENCE');
    expect(answer({ sequence: 0, epoch: 0 })).toBe('INVALID_PRODUCER_EPOCH');
    expect(answer({ sequence: 1, epoch: 2 })).toBe('OUT_OF_ORDER_SEQUENCE');
    expect(answer({ sequence: 0, epoch: 2 })).toBe(1);
    expect(answer({ sequence: 1, epoch: 1 })).toBe('INVALID_PRODUCER_EPOCH');
    expect(log().logEndOffset).toBe(2);
  });

  it('lets a producer that it does not know begin anywhere, and sequences wrap', () => {
    expect(answer({ sequence: LAST_SEQUENCE, values: ['a', 'b'] })).toBe(0);
    expect(answer({ sequence: 1 })).toBe(2);
    expect(answer({ sequence: LAST_SEQUENCE, values: ['a', 'b'] })).toBe('known at 0');
  });

  it('takes up to five batches of one producer as one call, or as one duplicate', () => {
    const call = [0, 1, 2, 3, 4].map((sequence) => ({ sequence }));
    expect(answer(...call)).toBe(0);
    expect(answer(...call)).toBe('known at 0');
    expect(answer({ sequence: 4 }, { sequence: 5 })).toBe('OUT_OF_ORDER_SEQUENCE');
    expect(answer(...[5, 6, 7, 8, 9, 10].map((sequence) => ({ sequence })))).toBe('INVALID_INPUT');
    expect(answer({ sequence: 5 }, { sequence: 7 })).toBe('INVALID_INPUT');
    expect(answer({ sequence: 5 }, { sequence: 6, producerId: 8 })).toBe('INVALID_INPUT');
    expect(answer({ sequence: 5 }, { sequence: 6, producerId: -1 })).toBe('INVALID_INPUT');
    expect(answer({ sequence: -1 })).toBe('INVALID_INPUT');
  });

  it('lists the producers that it remembers, by their last appends', async () => {
    expect(log().activeProducers()).toEqual([]);
    const anyTime = expect.any(Number) as number;
    const before = Date.now();
    append({ producerId: 7, sequence: 0, values: ['a', 'b'] });
    append({ producerId: 8, epoch: 3, sequence: LAST_SEQUENCE });
    append({ producerId: 9, epoch: 1, sequence: 0 });
    append({ producerId: 7, sequence: 2 });
    append({ producerId: 9, epoch: 2, sequence: 0 });
    append({ producerId: 7, sequence: 2 });
    await append({ producerId: -1, sequence: -1 }).synced;
    const producers = log().activeProducers();
    expect(producers).toEqual([
      { producerId: 8, epoch: 3, lastSequence: LAST_SEQUENCE, lastAppendMs: anyTime },
      { producerId: 7, epoch: 0, lastSequence: 2, lastAppendMs: anyTime },
      { producerId: 9, epoch: 2, lastSequence: 0, lastAppendMs: anyTime },
    ]);
    for (const { lastAppendMs } of producers) {
      expect(lastAppendMs).toBeGreaterThanOrEqual(before);
      expect(lastAppendMs).toBeLessThanOrEqual(Date.now());
    }
  });

  it('checks nothing without a producer id', () => {
    const loose = { producerId: -1, epoch: 0, sequence: 0 };
    expect([answer(loose), answer(loose)]).toEqual([0, 1]);
  });
}

/** Describes producer ids. */
export function describeProducerIds(storage: () => InstanceStorage): void {
  it('gives out each producer id once', async () => {
    const { producerIds } = storage();
    expect(await producerIds.isAllocated(0)).toBe(false);
    const ids = await Promise.all(Array.from({ length: 2_500 }, () => producerIds.allocate()));
    expect(new Set(ids).size).toBe(2_500);
    expect(await producerIds.isAllocated(ids[0]!)).toBe(true);
    expect(await producerIds.isAllocated(Math.max(...ids) + 1)).toBe(false);
    expect(await producerIds.isAllocated(-1)).toBe(false);
  });
}
