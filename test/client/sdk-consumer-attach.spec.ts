// A `Consumer` that has its named reader for itself, against a broker in this process.
import { Consumer, Producer, Reader, type ConsumerOptions } from '@walrusmq/client';
import { MemoryBroker } from '../cli/memory-broker';
import { CuttingProxy } from './cutting-proxy';

describe('a consumer that attaches its reader', () => {
  let broker: MemoryBroker;
  const consumers: Consumer[] = [];

  beforeEach(async () => {
    broker = await MemoryBroker.start();
    await broker.admin.createTopic('t', { partitions: 1 });
    await produce('a', 'b', 'c');
  });
  afterEach(async () => {
    for (const consumer of consumers.splice(0)) await consumer.close().catch(() => undefined);
    await broker.stop();
  });

  async function produce(...values: readonly string[]): Promise<void> {
    const producer = new Producer({ broker: broker.address });
    await producer.sendMany(values.map((value) => ({ topic: 't', value })));
    await producer.close();
  }
  function open(options: Partial<ConsumerOptions> = {}): Consumer {
    const consumer = new Consumer({
      broker: broker.address,
      reader: 'r',
      topics: ['t'],
      attach: 'refuse',
      autoCommit: false,
      ...options,
    });
    consumers.push(consumer);
    return consumer;
  }
  const next = async (consumer: Consumer): Promise<string | undefined> => {
    for await (const { valueBytes } of consumer) return String(valueBytes);
    return undefined;
  };
  const refusal = (code: string): Error => expect.objectContaining({ code }) as Error;
  const holder = async (): Promise<string | undefined> =>
    (await broker.admin.describeReader('r'))[0]?.holder?.client;

  it('refuses who comes second, in words that say who has it', async () => {
    const first = open({ clientId: 'one' });
    expect(await next(first)).toBe('a');
    await first.commit();
    await expect(next(open())).rejects.toThrow(/is attached to 'one' at 127\.0\.0\.1:\d+/);
    const other = new Reader({ broker: broker.address, reader: 'r', topic: 't' });
    await expect(other.read()).rejects.toEqual(refusal('READER_ATTACHED'));
    await other.close();
    // Who attaches nothing may read, and save nothing.
    const free = open({ attach: 'none' });
    expect(await next(free)).toBe('b');
    await expect(free.commit()).rejects.toEqual(refusal('READER_ATTACHED'));
    expect(await next(first)).toBe('b');
    await first.commit();
    expect(await holder()).toBe('one');
  });

  it('takes over by choice, and goes on from what the first one saved', async () => {
    const first = open();
    let saved = (): void => undefined;
    const allSaved = new Promise<void>((resolve) => (saved = resolve));
    const loop = (async (): Promise<void> => {
      for await (const { valueBytes } of first) {
        await first.commit();
        if (String(valueBytes) === 'c') saved();
      }
    })();
    // The loop rejects later; nobody waits for it until then.
    loop.catch(() => undefined);
    await allSaved;
    const second = open({ attach: 'take-over' });
    await second.lag();
    await produce('d');
    expect(await next(second)).toBe('d');
    await expect(loop).rejects.toEqual(refusal('READER_TAKEN_OVER'));
    await second.commit();
    await expect(next(first)).rejects.toEqual(refusal('READER_TAKEN_OVER'));
  });

  it('lets the reader go when it is closed', async () => {
    for (const value of ['a', 'b', 'c']) {
      const consumer = open({ autoCommit: 'eachRecord' });
      for await (const record of consumer) {
        expect(String(record.valueBytes)).toBe(value);
        await consumer.commit(record);
        break;
      }
      await consumer.close();
      expect(await holder()).toBeUndefined();
    }
  });

  it('has it again after its connections were lost', async () => {
    const port = Number(broker.address.split(':')[1]);
    let cutsLeft = 0;
    const proxy = await CuttingProxy.start(port, () => cutsLeft > 0 && cutsLeft-- > 0);
    const consumer = open({ broker: proxy.address, clientId: 'cut' });
    expect(await next(consumer)).toBe('a');
    cutsLeft = 1;
    await consumer.lag();
    expect(proxy.cutCount).toBe(1);
    expect(await next(consumer)).toBe('b');
    await consumer.commit();
    expect(await holder()).toBe('cut');
    await expect(next(open())).rejects.toEqual(refusal('READER_ATTACHED'));
    await consumer.close();
    await proxy.stop();
  });

  it('refuses options that can never work', () => {
    expect(() => open({ attach: 'steal' as 'refuse' })).toThrow(
      'attach must be one of "refuse", "take-over", "none"',
    );
    expect(() => open({ reader: undefined, autoCommit: undefined })).toThrow(
      "attach 'refuse' is about a named reader: give the consumer one",
    );
    expect(() => open({ reader: undefined, group: 'g', attach: 'take-over' })).toThrow(
      "attach 'take-over' is about a named reader",
    );
  });
});
