// A topic that is deleted and made again under the same name while its consumers are cut off: they
// are told, as those that were connected are, instead of going on somewhere in the new one.
import { eventually, FakeBroker } from '../testing/fake-broker';
import { Consumer, type ConsumerOptions } from './index';
import { Producer } from './producer';

describe('a topic that was deleted and made again', () => {
  let broker: FakeBroker;
  let consumer: Consumer;

  const produce = async (...values: string[]): Promise<void> => {
    const producer = new Producer({ broker: broker.address, maxInFlight: 1 });
    for (const value of values) await producer.send({ topic: 'orders', value });
    await producer.close();
  };
  const open = (options: Partial<ConsumerOptions> = {}): void => {
    const backoff = { initialMs: 1, maxMs: 5 };
    consumer = new Consumer({ broker: broker.address, topics: ['orders'], backoff, ...options });
  };
  /** Makes the topic anew while nobody is connected. */
  const recreate = async (...values: string[]): Promise<void> => {
    await broker.stop();
    broker.deleteTopic('orders');
    broker.createTopic('orders', 1);
    await broker.listen();
    await produce(...values);
  };

  beforeEach(async () => {
    broker = await FakeBroker.start({ orders: 1 });
    await produce('a', 'b');
  });
  afterEach(async () => {
    await consumer.close({ timeoutMs: 0 }).catch(() => undefined);
    await broker.stop();
  });

  it('ends a consumer that comes back, and hands over nothing of the new one', async () => {
    open();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { valueBytes } of consumer) seen.push(String(valueBytes));
    })();
    reading.catch(() => undefined);
    await eventually(() => seen.length === 2, 'both records');
    await recreate('1', '2', '3', '4');
    await expect(reading).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    expect(seen).toEqual(['a', 'b']);
  });

  it('gets no place of a reader that belongs to the old one', async () => {
    open({ reader: 'r', autoCommit: false });
    const records = consumer[Symbol.asyncIterator]();
    await records.next();
    await recreate('1', '2', '3', '4');
    const offsets = [{ topic: 'orders', partition: 0, offset: 1 }];
    await expect(consumer.commit(offsets)).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    expect(broker.cursors.get('r:orders/0')).toBeUndefined();
  });

  it('is read from its beginning by a consumer that is made anew', async () => {
    open({ reader: 'r' });
    await recreate('1', '2');
    const seen: string[] = [];
    for await (const { valueBytes } of consumer) {
      seen.push(String(valueBytes));
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(['1', '2']);
  });
});
