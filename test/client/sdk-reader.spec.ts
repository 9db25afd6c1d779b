// `Reader` and the reader half of `Admin` against a broker in this process.
import { Admin, Producer, Reader, type ReaderOptions } from '@walrusmq/client';
import { MemoryBroker } from '../cli/memory-broker';
import { CuttingProxy } from './cutting-proxy';

describe('readers of the SDK', () => {
  let broker: MemoryBroker;
  let admin: Admin;
  const readers: Reader<Buffer, number>[] = [];

  beforeEach(async () => {
    broker = await MemoryBroker.start();
    ({ admin } = broker);
    await admin.createTopic('t', { partitions: 2 });
  });
  afterEach(async () => {
    for (const reader of readers.splice(0)) await reader.close().catch(() => undefined);
    await broker.stop();
  });

  async function produce(values: readonly number[], partition = 0): Promise<void> {
    const producer = new Producer({ broker: broker.address });
    await Promise.all(values.map((value) => producer.send({ topic: 't', partition, value })));
    await producer.close();
  }
  function open(options: Partial<ReaderOptions<Buffer, number>> = {}): Reader<Buffer, number> {
    const reader = new Reader<Buffer, number>({
      broker: broker.address,
      reader: 'r',
      topic: 't',
      clientId: 'one',
      ...options,
    });
    readers.push(reader);
    return reader;
  }
  const values = async (reader: Reader<Buffer, number>, options = {}): Promise<unknown[]> =>
    (await reader.read(options)).records.map(({ value }) => value);
  const lag = async (): Promise<number | undefined> =>
    (await admin.describeReader('r', ['t']))[0]?.lag;
  const refusal = (code: string): Error => expect.objectContaining({ code }) as Error;

  it('gives the next records each time', async () => {
    await produce([1, 2, 3, 4]);
    const reader = open();
    expect(await values(reader, { maxRecords: 3 })).toEqual([1, 2, 3]);
    expect(await values(reader)).toEqual([4]);
    expect(await values(reader)).toEqual([]);
    const waiting = values(reader, { maxWaitMs: 60_000 });
    await produce([5], 1);
    expect(await waiting).toEqual([5]);
    expect(await lag()).toBe(0);
  });

  it('ends a long wait when it is closed, and loses nothing', async () => {
    const reader = open();
    const waiting = values(reader, { maxWaitMs: 3_600_000 });
    await reader.close();
    expect(await waiting).toEqual([]);
    await produce([1]);
    expect(await values(open())).toEqual([1]);
  });

  it('refuses who comes second, or takes over from who came first', async () => {
    await produce([1, 2, 3]);
    const first = open();
    expect(await values(first, { maxRecords: 1 })).toEqual([1]);
    await expect(open().read()).rejects.toThrow(/is attached to 'one' at 127\.0\.0\.1:\d+/);
    expect((await admin.describeReader('r'))[0]?.holder).toMatchObject({ client: 'one' });
    const waiting = first.read({ maxRecords: 1, maxWaitMs: 60_000 });
    expect((await waiting).records).toHaveLength(1);
    const second = open({ attach: 'take-over', clientId: 'two' });
    expect(await values(second)).toEqual([3]);
    await expect(first.read()).rejects.toEqual(refusal('READER_TAKEN_OVER'));
    await expect(first.commit([])).rejects.toEqual(refusal('READER_TAKEN_OVER'));
    await second.close();
    expect(await values(open({ attach: 'none' }))).toEqual([]);
  });

  it('loops over records, over what was left, and gives back at its close', async () => {
    await produce([1, 2, 3, 4, 5]);
    const reader = open();
    const got: unknown[] = [];
    for await (const { value } of reader) if (got.push(value) === 2) break;
    for await (const { value } of reader) if (got.push(value) === 3) break;
    await reader.close();
    expect(got).toEqual([1, 2, 3]);
    expect(await lag()).toBe(2);
    expect(await values(open())).toEqual([4, 5]);
  });

  it('reads what a loop left first, and gives back what comes behind it', async () => {
    await produce([1, 2, 3, 4, 5, 6]);
    const reader = open({ maxRecords: 5 });
    for await (const { value } of reader) if (value === 2) break;
    expect(await values(reader, { maxRecords: 1 })).toEqual([3]);
    await reader.close();
    expect(await lag()).toBe(3);
    const next = open({ maxRecords: 2 });
    for await (const { value } of next) if (value === 4) break;
    expect([await values(next), await values(next)]).toEqual([[5], [6]]);
    await next.close();
    expect(await lag()).toBe(0);
  });

  it.each([true, false])(
    'goes on where a commit puts it, with checkpoint: %s',
    async (checkpoint) => {
      await produce([1, 2, 3, 4]);
      const reader = open({ checkpoint });
      const got: unknown[] = [];
      for await (const { value } of reader) {
        got.push(value);
        if (value === 1) await reader.commit([{ topic: 't', partition: 0, offset: 2 }]);
        if (value === 4) break;
      }
      expect(got).toEqual([1, 3, 4]);
    },
  );

  it('keeps what it has read while a loop commits record by record', async () => {
    await produce([1, 2, 3]);
    const reader = open({ checkpoint: false });
    const got: unknown[] = [];
    for await (const record of reader) {
      await reader.commit(record);
      if (got.push(record.value) === 3) break;
    }
    expect(got).toEqual([1, 2, 3]);
    expect(await lag()).toBe(0);
  });

  it('finishes records one by one where it has no checkpoints', async () => {
    await produce([1, 2, 3]);
    const reader = open({ checkpoint: false });
    for await (const { value } of reader) if (value === 2) break;
    expect(await lag()).toBe(2);
    const again: unknown[] = [];
    const loop = (async () => {
      for await (const { value } of reader) again.push(value);
    })();
    await produce([4]);
    while (again.length < 3) await new Promise((resolve) => setImmediate(resolve));
    await reader.close();
    await loop;
    expect(again).toEqual([2, 3, 4]);
    expect(await lag()).toBe(0);
  });

  it('saves what it has finished over a lost connection', async () => {
    await produce([1, 2, 3]);
    let isCutting = false;
    const port = Number(broker.address.split(':')[1]);
    const proxy = await CuttingProxy.start(port, () => isCutting);
    try {
      const backoff = { initialMs: 1, maxMs: 1 };
      const reader = open({ broker: proxy.address, backoff, checkpoint: false });
      const loop = async (): Promise<void> => {
        for await (const { value } of reader) {
          // The save behind the last of them is cut off.
          if (value === 3) isCutting = true;
          if (value === 4) break;
        }
      };
      const broken = async (): Promise<void> => {
        await proxy.untilCut(1);
        isCutting = false;
        await produce([4]);
      };
      await Promise.all([loop(), broken()]);
      expect(await lag()).toBe(1);
      await reader.close();
    } finally {
      await proxy.stop();
    }
  });

  it('waits in a loop until records come or it is closed', async () => {
    const reader = open();
    const got: unknown[] = [];
    const loop = (async () => {
      for await (const { value } of reader) if (got.push(value) === 2) break;
    })();
    await produce([1]);
    await produce([2], 1);
    await loop;
    expect(got.sort()).toEqual([1, 2]);
    await reader.close();
    await expect(reader.read()).rejects.toEqual(refusal('CLOSED'));
  });

  it('says that a lost answer may have cost records, and goes on behind them', async () => {
    await produce([1, 2, 3, 4]);
    let isCutting = false;
    const port = Number(broker.address.split(':')[1]);
    const proxy = await CuttingProxy.start(port, () => isCutting);
    try {
      const reader = open({ broker: proxy.address, backoff: { initialMs: 1, maxMs: 1 } });
      expect(await values(reader, { maxRecords: 1 })).toEqual([1]);
      isCutting = true;
      const lost = reader.read({ maxRecords: 2 });
      await expect(lost).rejects.toMatchObject({ code: 'CONNECTION', mayHaveReached: true });
      isCutting = false;
      expect(await values(reader)).toEqual([4]);
      await reader.close();
    } finally {
      await proxy.stop();
    }
  });

  it('creates, resets, copies, lists and deletes readers', async () => {
    await produce([1, 2, 3, 4]);
    await produce([5, 6], 1);
    expect(await admin.createReader('r', { topics: ['t'], at: 'latest' })).toEqual([
      { topic: 't', partition: 0, offset: 4 },
      { topic: 't', partition: 1, offset: 2 },
    ]);
    const again = admin.createReader('r', { topics: ['t'] });
    await expect(again).rejects.toEqual(refusal('READER_EXISTS'));
    await admin.createReader('r', { topics: ['t'], ifExists: 'keep' });
    const offsets = [{ topic: 't', partition: 0, offset: 1 }];
    await admin.createReader('s', { offsets });
    const partitions = [{ topic: 't', partition: 0 }];
    expect(await admin.resetReader('r', { partitions, copyFrom: 's', dryRun: true })).toEqual([
      { topic: 't', partition: 0, before: 4, after: 1 },
    ]);
    expect(await lag()).toBe(0);
    await admin.resetReader('r', { topics: ['t'], shiftBy: -1 });
    await admin.resetReader('s', { offsets: [{ topic: 't', partition: 0, offset: 99 }] });
    const listed: unknown[] = [];
    for await (const each of admin.listReaders({ pageSize: 1 })) {
      listed.push([each.topic, each.reader, each.partitions, each.lag]);
    }
    expect(listed).toEqual([
      ['t', 'r', 2, 2],
      ['t', 's', 1, 2],
    ]);
    expect(await admin.deleteReader('r')).toEqual(['t']);
    await expect(admin.describeReader('r')).rejects.toEqual(refusal('UNKNOWN_READER'));
  });

  it('refuses options that can never work', () => {
    const bad: Partial<ReaderOptions<Buffer, number>>[] = [
      { reader: 'a b' },
      { topic: '' },
      { partition: -1 },
      { maxRecords: 2_001 },
      { maxBytes: 0 },
      { maxWaitMs: -1 },
      { attach: 'steal' as never },
      { checkpoint: 'yes' as never },
    ];
    for (const options of bad) expect(() => open(options)).toThrow(refusal('INVALID_OPTION'));
  });
});
