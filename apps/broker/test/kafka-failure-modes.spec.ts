// One client of the Kafka listener for each way in which clients fail, and what becomes of it. How
// lengths and counts are held against the bytes is in libs/kafka-protocol; here is what a broker
// does with bytes that break those rules.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  apiVersionsCodec,
  fetchCodec,
  findCoordinatorCodec,
  listOffsetsCodec,
  metadataCodec,
  produceCodec,
  type FetchRequest,
  type ProduceRequest,
} from '@walrusmq/kafka-protocol';
import { encodeFrame } from '@walrusmq/protocol';
import { framed, RawKafkaClient } from './raw-kafka-client';
import { TestBroker, batchOf, until } from './test-broker';

const KIB = 1024;
const FRAME_BYTES_MAX = 64 * KIB;
const TOPIC = 'orders';
const ALL = { topics: null };
const UNSUPPORTED_VERSION = 35;
const CORRUPT_MESSAGE = 2;
const INVALID_REQUIRED_ACKS = 21;
const INVALID_REQUEST = 42;

const waitingFetch = (maxWaitMs = 600_000): FetchRequest => ({
  maxWaitMs,
  minBytes: 1,
  isolationLevel: 0,
  topics: [
    { topic: TOPIC, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] },
  ],
});
const produceOf = (records: Buffer, acks: number): ProduceRequest => ({
  acks,
  timeoutMs: 1_000,
  topicData: [{ name: TOPIC, partitionData: [{ index: 0, records }] }],
});
const prefixed = (body: Buffer): Buffer => {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(body.length);
  return Buffer.concat([prefix, body]);
};

/** The beginning of a request of any API and version, without a client id. */
function startOf(apiKey: number, version: number, ...rest: string[]): Buffer {
  const head = Buffer.alloc(10);
  head.writeInt16BE(apiKey, 0);
  head.writeInt16BE(version, 2);
  head.writeInt32BE(77, 4);
  head.writeInt16BE(-1, 8);
  return prefixed(Buffer.concat([head, Buffer.from(rest.join(''), 'hex')]));
}

jest.setTimeout(60_000);

describe('a Kafka client that', () => {
  let broker: TestBroker;
  let address: string;
  let good: RawKafkaClient;

  beforeAll(async () => {
    broker = await TestBroker.start({
      frameBytesMax: FRAME_BYTES_MAX,
      batchBytesMax: 4 * KIB,
      helloTimeoutMs: 300,
      stallTimeoutMs: 300,
    });
    address = broker.broker.addresses.kafka ?? '';
    const admin = await broker.withTopic(TOPIC);
    admin.destroy();
    good = await RawKafkaClient.connect(address);
    await good.request(metadataCodec, 9, ALL);
  });
  afterAll(async () => {
    good.destroy();
    await broker.stop();
  });
  // Whatever it was: it left nothing behind, and others are served.
  afterEach(async () => {
    const { topics } = await good.request(metadataCodec, 9, ALL);
    if (topics.length !== 1 || topics[0]?.name !== TOPIC) throw new Error('not the one topic');
    await until(() => broker.counter('connectionsOpen') === 1);
    await until(() => broker.counter('heldBytes') === 0);
  });

  const rawSocket = async (): Promise<Socket> => {
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const endOffset = async (): Promise<number> => {
    const { topics } = await good.request(listOffsetsCodec, 4, {
      replicaId: -1,
      topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    });
    return topics[0]?.partitions[0]?.offset ?? NaN;
  };

  it('says nothing is hung up on in time', async () => {
    const socket = await rawSocket();
    socket.resume();
    const dropped = broker.counter('connectionsDropped');
    await once(socket, 'close');
    expect(broker.counter('connectionsDropped')).toBe(dropped + 1);
  });

  it('goes silent in the middle of a request is hung up on in time', async () => {
    const client = await RawKafkaClient.connect(address);
    await client.request(metadataCodec, 9, ALL);
    client.write(framed(metadataCodec, 9, 2, ALL).subarray(0, 9));
    expect(await client.bodyOrEnd()).toBeUndefined();
  });

  it('has asked something and is idle is not hung up on', async () => {
    const client = await RawKafkaClient.connect(address);
    await client.request(metadataCodec, 9, ALL);
    // Longer than the patience with those who owe something, told by one who does.
    const silent = await rawSocket();
    silent.resume();
    await once(silent, 'close');
    expect((await client.request(metadataCodec, 9, ALL)).topics).toHaveLength(1);
    client.destroy();
  });

  it('sends byte after byte is answered', async () => {
    const client = await RawKafkaClient.connect(address);
    const bytes = [framed(apiVersionsCodec, 0, 1, {}), framed(metadataCodec, 9, 2, ALL)];
    for (const byte of Buffer.concat(bytes)) {
      client.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await client.response(apiVersionsCodec, 0)).correlationId).toBe(1);
    expect((await client.response(metadataCodec, 9)).correlationId).toBe(2);
    client.destroy();
  });

  it('closes in the middle of a produce is forgotten, and nothing of it was done', async () => {
    const before = await endOffset();
    const client = await RawKafkaClient.connect(address);
    client.write(framed(produceCodec, 7, 1, produceOf(batchOf('half'), 1)).subarray(0, -1));
    await until(() => broker.counter('heldBytes') > 0);
    client.socket.end();
    expect(await client.bodyOrEnd()).toBeUndefined();
    expect(await endOffset()).toBe(before);
  });

  it('resets its connection in the middle of long polls is forgotten at once', async () => {
    const client = await RawKafkaClient.connect(address);
    const before = broker.counter('requests');
    const start = await endOffset();
    for (let i = 0; i < 20; i += 1) {
      const request = waitingFetch();
      const [topic] = request.topics;
      const partitions = [{ partition: 0, fetchOffset: start, partitionMaxBytes: 1 }];
      client.send(fetchCodec, 11, { ...request, topics: [{ ...topic, partitions }] });
    }
    await until(() => broker.counter('requests') === before + 21);
    client.socket.resetAndDestroy();
    await until(() => broker.counter('connectionsOpen') === 1);
    expect(broker.counter('requests')).toBe(before + 21);
  });

  it('closes its side in the middle of a long poll is answered, and let go', async () => {
    const client = await RawKafkaClient.connect(address);
    const start = await endOffset();
    client.send(fetchCodec, 11, {
      ...waitingFetch(),
      topics: [
        { topic: TOPIC, partitions: [{ partition: 0, fetchOffset: start, partitionMaxBytes: 1 }] },
      ],
    });
    client.socket.end();
    const { response } = await client.response(fetchCodec, 11);
    expect(response.responses[0]?.partitions[0]).toMatchObject({ errorCode: 0 });
    await client.closed;
  });

  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['TLS', Buffer.from('16030100f8010000f40303', 'hex')],
    [
      'the msgpack protocol',
      Buffer.concat(encodeFrame('hello', 1, { protocol: [1, 1], client: 'x' })),
    ],
    ['nothing that is known', Buffer.from('*1\r\n$4\r\nPING\r\n')],
    ['lengths below zero', Buffer.from('ffffffff', 'hex')],
    ['lengths of zero', Buffer.alloc(8)],
    ['the greatest length', Buffer.from('7fffffff', 'hex')],
    ['requests that are too short', prefixed(Buffer.alloc(7))],
    ['an API that is not there', startOf(999, 0)],
    ['an API below zero', startOf(-1, 0)],
    ['a version that is not there', startOf(3, 99)],
    ['a version below zero', startOf(3, -1)],
    [
      'topics by id where there are none',
      startOf(3, 11, '00', '02', '11'.repeat(16), '0000', '0000', '00'),
    ],
    ['produce requests of an older format', startOf(0, 2, 'ffff', '000003e8', '00000000')],
    ['arrays of 2^31 - 1', startOf(3, 1, '7fffffff')],
    ['compact arrays of 2^32 - 2', startOf(3, 12, '00', 'ffffffff0f')],
    ['strings longer than the request', startOf(3, 1, '00000001', '7fff', '41')],
    ['null where it may not be', startOf(3, 1, '00000001', 'ffff')],
    ['tagged fields without end', startOf(3, 12, 'ffffffff0f')],
    ['a tagged field longer than the request', startOf(3, 12, '01', '05', 'ffffffff0f')],
  ])('speaks %s is closed, behind what it asked before', async (_, bytes) => {
    const client = await RawKafkaClient.connect(address);
    const dropped = broker.counter('connectionsDropped');
    client.send(metadataCodec, 9, ALL);
    client.write(bytes);
    client.send(metadataCodec, 9, ALL);
    expect((await client.response(metadataCodec, 9)).correlationId).toBe(1);
    expect(await client.bodyOrEnd()).toBeUndefined();
    expect(broker.counter('connectionsDropped')).toBe(dropped + 1);
  });

  it('sends a request at the limit is answered, and closed one byte above it', async () => {
    const client = await RawKafkaClient.connect(address);
    const padded = (bytes: number): Buffer => {
      const request = framed(metadataCodec, 9, 1, ALL).subarray(4);
      // Bytes behind a request are ignored, as in Kafka.
      return prefixed(Buffer.concat([request, Buffer.alloc(bytes - request.length)]));
    };
    client.write(padded(FRAME_BYTES_MAX));
    expect((await client.response(metadataCodec, 9)).correlationId).toBe(1);
    client.write(padded(FRAME_BYTES_MAX + 1));
    expect(await client.bodyOrEnd()).toBeUndefined();
  });

  it('asks for versions in one that is not there is answered in version 0 (KIP-511)', async () => {
    const client = await RawKafkaClient.connect(address);
    client.write(startOf(18, 99, 'ffffffffffff'));
    const { correlationId, response } = await client.response(apiVersionsCodec, 0);
    expect([correlationId, response.errorCode]).toEqual([77, UNSUPPORTED_VERSION]);
    expect(response.apiKeys).toEqual([{ apiKey: 18, minVersion: 0, maxVersion: 4 }]);
    // The connection is as good as before.
    const again = await client.request(apiVersionsCodec, 3, {
      clientSoftwareName: 'raw',
      clientSoftwareVersion: '1',
    });
    expect(again.errorCode).toBe(0);
    client.destroy();
  });

  it('names its software as nobody does is told so, and stays', async () => {
    const client = await RawKafkaClient.connect(address);
    const software = { clientSoftwareName: '-', clientSoftwareVersion: '1' };
    const { errorCode } = await client.request(apiVersionsCodec, 3, software);
    expect(errorCode).toBe(INVALID_REQUEST);
    await client.request(metadataCodec, 9, ALL);
    client.destroy();
  });

  it('puts many in a row is answered in that order, whichever is ready first', async () => {
    const client = await RawKafkaClient.connect(address);
    client.send(produceCodec, 7, produceOf(batchOf('one'), -1));
    client.send(findCoordinatorCodec, 4, { coordinatorKeys: ['g'], keyType: 0 });
    client.send(produceCodec, 7, produceOf(batchOf('acks 0'), 0));
    client.send(fetchCodec, 12, waitingFetch(0));
    client.send(apiVersionsCodec, 2, {});
    client.send(metadataCodec, 9, ALL);
    // The header of a response has tags from where its API is flexible; ApiVersions' never has.
    expect((await client.response(produceCodec, 7)).correlationId).toBe(1);
    expect((await client.response(findCoordinatorCodec, 4)).correlationId).toBe(2);
    expect((await client.response(fetchCodec, 12)).correlationId).toBe(4);
    expect((await client.response(apiVersionsCodec, 2)).correlationId).toBe(5);
    expect((await client.response(metadataCodec, 9)).correlationId).toBe(6);
    client.destroy();
  });

  it('repeats a correlation id is answered each time', async () => {
    const client = await RawKafkaClient.connect(address);
    client.write(Buffer.concat([7, 7, 7].map((id) => framed(metadataCodec, 9, id, ALL))));
    for (let i = 0; i < 3; i += 1) {
      expect((await client.response(metadataCodec, 9)).correlationId).toBe(7);
    }
    client.destroy();
  });

  it('asks for acks that there are not is told so for each partition', async () => {
    const client = await RawKafkaClient.connect(address);
    const before = await endOffset();
    const { responses } = await client.request(produceCodec, 7, produceOf(batchOf('x'), 2));
    expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(INVALID_REQUIRED_ACKS);
    expect(await endOffset()).toBe(before);
    client.destroy();
  });

  it('sends a batch with a wrong checksum is told so, and nothing is stored', async () => {
    const client = await RawKafkaClient.connect(address);
    const before = await endOffset();
    const batch = batchOf('spoilt');
    batch[batch.length - 1]! ^= 1;
    const { responses } = await client.request(produceCodec, 7, produceOf(batch, -1));
    expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(CORRUPT_MESSAGE);
    expect(await endOffset()).toBe(before);
    client.destroy();
  });

  it('fails with acks 0 is closed, which is how it notices', async () => {
    const client = await RawKafkaClient.connect(address);
    const batch = batchOf('spoilt');
    batch[batch.length - 1]! ^= 1;
    client.send(produceCodec, 7, produceOf(batch, 0));
    // An answer to what is behind it would be taken for its own.
    client.send(apiVersionsCodec, 0, {});
    client.send(metadataCodec, 9, ALL);
    expect(await client.bodyOrEnd()).toBeUndefined();
  });

  it('pipelines 50,000 tiny requests is answered in order, from bounded memory', async () => {
    const count = 50_000;
    const frames = Array.from({ length: count }, (_, i) => framed(apiVersionsCodec, 0, i, {}));
    const bytes = Buffer.concat(frames);
    const client = await RawKafkaClient.connect(address);
    client.write(bytes);
    let most = 0;
    for (let i = 0; i < count; i += 1) {
      const body = await client.bodyOrEnd();
      if (body?.readInt32BE(0) !== i) throw new Error(`not the response to ${i}`);
      if (i % 100 === 0) most = Math.max(most, broker.counter('heldBytes'));
    }
    expect(most).toBeLessThan(4 * 1024 * KIB);
    client.destroy();
  });
});

describe('Kafka clients that read nothing', () => {
  it('are hung up on, keep others from nothing, and cost no more than the budget', async () => {
    const broker = await TestBroker.start({ stallTimeoutMs: 300, replyBytesMax: 4 * 1024 * KIB });
    const address = broker.broker.addresses.kafka ?? '';
    const admin = await broker.withTopic(TOPIC);
    const good = await RawKafkaClient.connect(address);
    for (let i = 0; i < 64; i += 1) {
      await good.request(produceCodec, 7, produceOf(batchOf('x'.repeat(60 * KIB)), 1));
    }
    const greedy = await Promise.all(
      Array.from({ length: 20 }, () => RawKafkaClient.connect(address)),
    );
    const fetch: FetchRequest = {
      maxWaitMs: 0,
      minBytes: 1,
      isolationLevel: 0,
      topics: [
        {
          topic: TOPIC,
          partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1024 * KIB }],
        },
      ],
    };
    let most = 0;
    for (const client of greedy) client.socket.pause();
    // What the kernel takes for a socket that is not read has to be filled first.
    while (broker.counter('connectionsOpen') > 2) {
      for (const client of greedy) if (client.socket.writable) client.send(fetchCodec, 11, fetch);
      most = Math.max(most, broker.counter('heldBytes'));
      await good.request(produceCodec, 7, produceOf(batchOf('meanwhile'), 1));
    }
    // The budget, a batch that is read when it is full, and 64 KiB for each connection.
    expect(most).toBeLessThan((4 + 2) * 1024 * KIB + 21 * 64 * KIB);
    expect(broker.counter('connectionsDropped')).toBe(20);
    for (const client of greedy) client.destroy();
    good.destroy();
    admin.destroy();
    await broker.stop();
  });
});
