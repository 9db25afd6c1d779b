// `max.message.bytes` of a topic, as a producer meets it, against a broker in this process.
import { Producer } from '@walrusmq/client';
import { MemoryBroker } from '../cli/memory-broker';

describe('a producer and the batches that a topic takes', () => {
  let broker: MemoryBroker;
  let producer: Producer;

  beforeEach(async () => {
    broker = await MemoryBroker.start();
    producer = new Producer({ broker: broker.address });
  });
  afterEach(async () => {
    await producer.close();
    await broker.stop();
  });
  const create = (bytes: number): Promise<unknown> =>
    broker.admin.createTopic('t', { configs: { 'max.message.bytes': String(bytes) } });

  it('sends too large batches in parts, and fails what is too large alone', async () => {
    await create(2_000);
    const values = Array.from({ length: 500 }, (_, i) => `value ${i}`);
    values[250] = 'x'.repeat(2_000);
    const outcomes = await Promise.allSettled(
      values.map((value) => producer.send({ topic: 't', value })),
    );
    const offsets = outcomes.flatMap((each) =>
      each.status === 'fulfilled' ? [each.value.offset] : [],
    );
    expect(offsets).toEqual(Array.from({ length: 499 }, (_, i) => i));
    expect(outcomes[250]).toMatchObject({
      reason: {
        code: 'RECORD_TOO_LARGE',
        message: expect.stringContaining('max.message.bytes of its topic is 2000') as string,
      },
    });
  });

  it('sends a record that is larger than the default, to a topic that takes it', async () => {
    await create(4 * 1024 * 1024);
    const { offset } = await producer.send({ topic: 't', value: Buffer.alloc(2 * 1024 * 1024) });
    expect(offset).toBe(0);
  });
});
