// A real Kafka client (kafkajs) against a broker in this process, on both storages.
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { STORAGES, TestBroker } from './test-broker';

describe.each(STORAGES)('kafkajs on %s', (_, openStorage) => {
  let broker: TestBroker;
  let kafka: Kafka;

  beforeAll(async () => {
    broker = await TestBroker.start({ kafkaPort: 0 }, openStorage);
    const { kafka: address } = broker.broker.addresses;
    if (address === undefined) throw new Error('there is no Kafka listener');
    kafka = new Kafka({ clientId: 'test', brokers: [address], logLevel: logLevel.NOTHING });
  });
  afterAll(() => broker.stop());

  it('learns of the broker, its topics and where they begin and end', async () => {
    await broker.withTopic('orders', 3);
    const admin = kafka.admin();
    await admin.connect();
    const { brokers, clusterId, controller } = await admin.describeCluster();
    expect(brokers).toEqual([{ nodeId: 1, host: '127.0.0.1', port: expect.any(Number) as number }]);
    expect(controller).toBe(1);
    expect(clusterId).toMatch(/^[0-9a-f]{32}$/);
    expect(await admin.listTopics()).toEqual(['orders']);
    const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] });
    expect(topics[0]?.partitions.map(({ partitionId, leader }) => [partitionId, leader])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
    await admin.disconnect();
  });

  it('writes records that the broker gives back as they were', async () => {
    const producer = kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    const messages = [
      { key: 'a', value: 'one', headers: { h: 'x' }, timestamp: '1700000000000' },
      { key: 'a', value: '', timestamp: '1700000000001' },
      { key: 'a', value: null, timestamp: '1700000000002' },
    ];
    const [receipt] = await producer.send({ topic: 'orders', messages });
    expect(receipt).toMatchObject({ errorCode: 0, baseOffset: '0' });
    await producer.disconnect();
    const admin = kafka.admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets('orders');
    const written = offsets.find(({ partition }) => partition === receipt?.partition);
    expect(written).toMatchObject({ low: '0', high: '3' });
    await admin.disconnect();
  });
});
