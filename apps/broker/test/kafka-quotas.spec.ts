// Quotas as Kafka clients are told of them (KIP-219). Nothing here looks at a clock: with a request
// or a byte per second whatever comes second would come much later.
import {
  apiVersionsCodec,
  fetchCodec,
  listOffsetsCodec,
  metadataCodec,
  produceCodec,
  type FetchRequest,
  type ListOffsetsRequest,
  type ProduceRequest,
} from '@walrusmq/kafka-protocol';
import { InstanceBroker, ok, produce } from './instance-fixture';
import { RawKafkaClient } from './raw-kafka-client';
import { batchOf } from './test-broker';

jest.setTimeout(60_000);

const PRODUCE = (bytes: number): ProduceRequest => ({
  acks: 1,
  timeoutMs: 1_000,
  topicData: [
    { name: 'orders', partitionData: [{ index: 0, records: batchOf('x'.repeat(bytes)) }] },
  ],
});
const FETCH: FetchRequest = {
  maxWaitMs: 0,
  minBytes: 1,
  isolationLevel: 0,
  topics: [
    {
      topic: 'orders',
      partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }],
    },
  ],
};
const LATEST: ListOffsetsRequest = {
  replicaId: -1,
  topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
};

describe('a quota, for Kafka clients', () => {
  let broker: InstanceBroker;
  let address: string;
  const clients: RawKafkaClient[] = [];
  const alter = (quotas: object): Promise<unknown> => broker.alter('default', { quotas });
  const connected = async (): Promise<RawKafkaClient> => {
    const client = await RawKafkaClient.connect(address);
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    broker = await InstanceBroker.start();
    address = broker.broker.broker.addresses.kafka ?? '';
    await ok(broker.admin, 'createTopic', { name: 'orders' });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await broker.stop();
  });

  it('of bytes in answers at once, says how long to wait, and then waits', async () => {
    const client = await connected();
    expect(await client.request(produceCodec, 7, PRODUCE(100))).toMatchObject({
      throttleTimeMs: 0,
    });
    await alter({ bytesInPerSecond: 1 });
    const told = await client.request(produceCodec, 7, PRODUCE(1_000));
    expect(told.throttleTimeMs).toBeGreaterThan(0);
    expect(told.throttleTimeMs).toBeLessThanOrEqual(10_000);
    expect(told.responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: 0 });
    client.send(produceCodec, 7, PRODUCE(1));
    client.send(metadataCodec, 9, { topics: null });
    // Another connection has not been told, and asks for no records.
    const other = await connected();
    const { topics } = await other.request(listOffsetsCodec, 4, LATEST);
    expect(topics[0]?.partitions[0]).toMatchObject({ offset: 2 });
    expect(client.unread).toBe(0);
  });

  it('of bytes out is told in the answer with the records', async () => {
    await produce(broker.admin, 'x'.repeat(1_000));
    await alter({ bytesOutPerSecond: 1 });
    const client = await connected();
    const told = await client.request(fetchCodec, 11, FETCH);
    expect(told.throttleTimeMs).toBeGreaterThan(0);
    expect(told.throttleTimeMs).toBeLessThanOrEqual(10_000);
    expect(told.responses[0]?.partitions[0]?.records?.[0]?.length).toBeGreaterThan(1_000);
    client.send(fetchCodec, 11, FETCH);
    const other = await connected();
    await other.request(listOffsetsCodec, 4, LATEST);
    expect(client.unread).toBe(0);
  });

  it('of requests is told in every response that has room for it, errors too', async () => {
    await alter({ requestsPerSecond: 1 });
    const told: number[] = [];
    const lists = await connected();
    told.push((await lists.request(metadataCodec, 9, { topics: null })).throttleTimeMs);
    const versions = await connected();
    told.push((await versions.request(apiVersionsCodec, 2, {})).throttleTimeMs);
    const refused = await connected();
    const request = { ...FETCH, sessionId: 7, sessionEpoch: 1 };
    const { errorCode, throttleTimeMs } = await refused.request(fetchCodec, 11, request);
    told.push(throttleTimeMs);
    // FETCH_SESSION_ID_NOT_FOUND.
    expect(errorCode).toBe(70);
    // The first of them took what was saved up.
    expect(told.every((ms, index) => index === 0 || ms > 0)).toBe(true);
    // A version without the field is answered as ever.
    const old = await connected();
    expect((await old.request(metadataCodec, 1, { topics: null })).topics).toHaveLength(1);
  });

  it('lets a client go on at once when it is taken away and the wait is over', async () => {
    const client = await connected();
    await alter({ requestsPerSecond: 2 });
    for (let count = 0; count < 6; count += 1) client.send(metadataCodec, 9, { topics: [] });
    const told: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      const { response } = await client.response(metadataCodec, 9);
      told.push(response.throttleTimeMs);
    }
    // Muted, not refused: all were answered, in order, one every half second.
    expect(Math.max(...told)).toBeLessThanOrEqual(10_000);
    expect(told.filter((ms) => ms > 0).length).toBeGreaterThan(3);
  });
});
