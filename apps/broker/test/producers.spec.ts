// Idempotent producers as a client sees them, on both storages.
import { encodeBatch } from '@walrusmq/record-batch';
import { codeOf, type RawClient } from './raw-client';
import { AppendGate, STORAGES, TestBroker, until } from './test-broker';

function batchOf(producerId: number, producerEpoch: number, baseSequence: number): Buffer {
  return encodeBatch([{ value: Buffer.from('v') }], { producerId, producerEpoch, baseSequence });
}

const PRODUCE = { topic: 'orders', partition: 0 };

describe.each(STORAGES)('idempotent producers on %s', (_, openStorage) => {
  let broker: TestBroker;
  let client: RawClient;

  beforeEach(async () => {
    broker = await TestBroker.start({}, openStorage);
    client = await broker.withTopic('orders', 2);
  });
  afterEach(() => broker.stop());

  const init = async (fields: object = {}): Promise<unknown> => {
    const reply = await client.request('initProducerId', fields);
    return reply.kind === 'ok' ? reply.fields : codeOf(reply);
  };

  it('gives every producer an id of its own, and raises the epoch of one', async () => {
    expect([await init(), await init()]).toEqual([
      { producerId: 0, producerEpoch: 0 },
      { producerId: 1, producerEpoch: 0 },
    ]);
    expect(await init({ producerId: 1, producerEpoch: 0 })).toEqual({
      producerId: 1,
      producerEpoch: 1,
    });
    expect(await init({ producerId: 1, producerEpoch: 32_767 })).toEqual({
      producerId: 2,
      producerEpoch: 0,
    });
  });

  it('refuses an id that it did not give out, and half an identity', async () => {
    expect(await init({ producerId: 5, producerEpoch: 0 })).toBe('UNKNOWN_PRODUCER_ID');
    expect(await init({ producerId: 5 })).toBe('INVALID_REQUEST');
    expect(await init({ producerEpoch: 0 })).toBe('INVALID_REQUEST');
    expect(await init({ producerId: 0, producerEpoch: 32_768 })).toBe('INVALID_REQUEST');
  });

  it.each([1, -1])('answers a repeated produce with the first offset, acks %i', async (acks) => {
    await init();
    const produce = async (sequence: number, epoch = 0): Promise<unknown> => {
      const reply = await client.request('produce', { ...PRODUCE, acks }, [
        batchOf(0, epoch, sequence),
      ]);
      return reply.kind === 'ok' ? reply.fields.baseOffset : codeOf(reply);
    };
    for (let i = 0; i < 7; i++) expect(await produce(i)).toBe(i);
    expect(await produce(6)).toBe(6);
    expect(await produce(2)).toBe(2);
    expect(await produce(1)).toBe('DUPLICATE_SEQUENCE_NUMBER');
    expect(await produce(9)).toBe('OUT_OF_ORDER_SEQUENCE');
    expect(await produce(0, 1)).toBe(7);
    expect(await produce(7)).toBe('INVALID_PRODUCER_EPOCH');
    expect(broker.counter('appends')).toBe(8);
    expect(broker.counter('duplicateAppends')).toBe(2);
  });

  it('checks each partition by itself', async () => {
    for (const partition of [0, 1]) {
      const reply = await client.request('produce', { topic: 'orders', partition }, [
        batchOf(0, 0, 0),
      ]);
      expect(reply.fields).toMatchObject({ partition, baseOffset: 0 });
    }
  });
});

describe('a repeated produce', () => {
  let broker: TestBroker;
  afterEach(() => broker.stop());

  it('waits for the first one to be durable', async () => {
    const gate = new AppendGate();
    broker = await TestBroker.start({}, gate.openStorage);
    const client = await broker.withTopic();
    client.send('produce', PRODUCE, [batchOf(0, 0, 0)]);
    client.send('produce', PRODUCE, [batchOf(0, 0, 0)]);
    await until(() => gate.appends === 2);
    expect(client.unreadReplies).toBe(0);
    gate.open();
    const replies = [await client.reply(), await client.reply()];
    expect(replies.map(({ fields }) => fields.baseOffset)).toEqual([0, 0]);
  });
});
