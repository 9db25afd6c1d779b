// What Kafka brokers were attacked with, as far as nobody has to be authenticated for it: one test
// for each of the CVEs that apply to a listener of that protocol.
import {
  fetchCodec,
  listOffsetsCodec,
  metadataCodec,
  produceCodec,
  type FetchRequest,
  type ProduceRequest,
} from '@walrusmq/kafka-protocol';
import { crc32c } from '@walrusmq/record-batch';
import { openWalStorage } from '@walrusmq/storage';
import { REQUEST_ELEMENTS_MAX } from '../src/network/kafka-wire';
import { framed, RawKafkaClient } from './raw-kafka-client';
import { TestBroker, batchOf, until } from './test-broker';

jest.setTimeout(60_000);

const KIB = 1024;
const MIB = 1024 * KIB;
const TOPIC = 'orders';
const CLUSTER_AUTHORIZATION_FAILED = 31;
const INVALID_RECORD = 87;
const CRC_POSITION = 17;
const ATTRIBUTES_POSITION = 21;
const MAX_TIMESTAMP_POSITION = 35;
const GZIP = 1;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;

const produceOf = (records: Buffer): ProduceRequest => ({
  acks: -1,
  timeoutMs: 1_000,
  topicData: [{ name: TOPIC, partitionData: [{ index: 0, records }] }],
});
const FETCH: FetchRequest = {
  maxWaitMs: 0,
  minBytes: 1,
  isolationLevel: 0,
  topics: [
    { topic: TOPIC, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: MIB }] },
  ],
};

/** The batch with these bits of its attributes set, and a checksum that is right. */
function withAttributes(batch: Buffer, bits: number): Buffer {
  const changed = Buffer.from(batch);
  changed.writeInt16BE(changed.readInt16BE(ATTRIBUTES_POSITION) | bits, ATTRIBUTES_POSITION);
  changed.writeUInt32BE(crc32c(changed.subarray(ATTRIBUTES_POSITION)), CRC_POSITION);
  return changed;
}

function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 0x80);
  }
}

function prefixed(body: Buffer): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32BE(body.length);
  return Buffer.concat([prefix, body]);
}

/** Metadata of version 12 for no topics, with this behind it in the place of no tagged fields. */
function metadataWithTags(tags: Buffer): Buffer {
  const request = framed(metadataCodec, 12, 1, { topics: [], allowAutoTopicCreation: false });
  return prefixed(Buffer.concat([request.subarray(4, -1), tags]));
}

describe('a Kafka listener', () => {
  let broker: TestBroker;
  let address: string;
  let client: RawKafkaClient;

  beforeEach(async () => {
    broker = await TestBroker.start();
    address = broker.broker.addresses.kafka ?? '';
    const admin = await broker.withTopic(TOPIC);
    admin.destroy();
    client = await RawKafkaClient.connect(address);
  });
  afterEach(async () => {
    client.destroy();
    await broker.stop();
  });

  const endOffset = async (): Promise<number | undefined> => {
    const other = await RawKafkaClient.connect(address);
    const { topics } = await other.request(listOffsetsCodec, 4, {
      replicaId: -1,
      topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    });
    other.destroy();
    return topics[0]?.partitions[0]?.offset;
  };

  it('allocates nothing for bytes that were only announced (CVE-2022-34917)', async () => {
    const announced = Buffer.alloc(5);
    announced.writeInt32BE(60 * MIB, 0);
    const before = process.memoryUsage().arrayBuffers;
    const liars = await Promise.all(
      Array.from({ length: 100 }, () => RawKafkaClient.connect(address)),
    );
    for (const liar of liars) liar.write(announced);
    await until(() => broker.counter('heldBytes') === 100 * announced.length);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * MIB);
    for (const liar of liars) liar.destroy();
  });

  it('takes nobody for a replica (CVE-2018-1288)', async () => {
    const asReplica = { ...FETCH, replicaId: 2 };
    const fetched = await client.request(fetchCodec, 11, asReplica);
    expect([fetched.errorCode, fetched.responses]).toEqual([CLUSTER_AUTHORIZATION_FAILED, []]);
    const replicaState = { replicaId: 2, replicaEpoch: 1 };
    const topics = [{ topicId: '00000000-0000-4000-8000-000000000001', partitions: [] }];
    const later = await client.request(fetchCodec, 16, { ...FETCH, topics, replicaState });
    expect(later.errorCode).toBe(CLUSTER_AUTHORIZATION_FAILED);
    const { topics: listed } = await client.request(listOffsetsCodec, 4, {
      replicaId: 2,
      topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    });
    expect(listed[0]?.partitions[0]).toMatchObject({
      errorCode: CLUSTER_AUTHORIZATION_FAILED,
      offset: -1,
    });
    // Older versions have a place for the error at each partition only.
    const { responses } = await client.request(fetchCodec, 4, asReplica);
    expect(responses[0]?.partitions[0]?.errorCode).toBe(CLUSTER_AUTHORIZATION_FAILED);
  });

  it.each([
    ['of a transaction', TRANSACTIONAL_BIT],
    ['of markers', CONTROL_BIT],
    ['of markers of a transaction', TRANSACTIONAL_BIT | CONTROL_BIT],
  ])('stores no batch %s from who has none (CVE-2018-17196)', async (_, bits) => {
    const batch = withAttributes(batchOf('crafted'), bits);
    const { responses } = await client.request(produceCodec, 7, produceOf(batch));
    expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(INVALID_RECORD);
    expect(await endOffset()).toBe(0);
  });

  it('counts the elements of a request before it makes them (CVE-2026-111108)', async () => {
    // Version 1 names topics by an int16 and so many bytes: two bytes for each empty name.
    const head = framed(metadataCodec, 1, 1, { topics: [] }).subarray(4, -4);
    const withTopics = (count: number): Buffer => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(count);
      return prefixed(Buffer.concat([head, length, Buffer.alloc(2 * count)]));
    };
    client.write(withTopics(REQUEST_ELEMENTS_MAX));
    const { response } = await client.response(metadataCodec, 1);
    expect(response.topics).toHaveLength(REQUEST_ELEMENTS_MAX);
    client.write(withTopics(REQUEST_ELEMENTS_MAX + 1));
    expect(await client.bodyOrEnd()).toBeUndefined();
    await until(() => broker.counter('heldBytes') === 0);
  });

  it('keeps nothing of tagged fields that it does not know (CVE-2026-111115)', async () => {
    const count = 1_000_000;
    const field = Buffer.from([0x05, 0x00]);
    const many = Buffer.concat([uvarint(count), ...Array.from({ length: count }, () => field)]);
    client.write(metadataWithTags(many));
    expect((await client.response(metadataCodec, 12)).response.topics).toEqual([]);
    // A count or a length without the bytes for it ends the connection.
    client.write(metadataWithTags(uvarint(2 ** 32 - 1)));
    expect(await client.bodyOrEnd()).toBeUndefined();
  });

  it('unpacks no batch, whatever it would become (CVE-2026-111073)', async () => {
    // What is no gzip at all is stored and given back as it came, so nobody has tried.
    const batch = withAttributes(batchOf('this is no gzip'), GZIP);
    const { responses } = await client.request(produceCodec, 7, produceOf(batch));
    expect(responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: 0, baseOffset: 0 });
    const fetched = await client.request(fetchCodec, 11, FETCH);
    const [records] = fetched.responses[0]?.partitions[0]?.records ?? [];
    // Base offset and leader epoch are the log's own.
    expect(records?.subarray(CRC_POSITION)).toEqual(batch.subarray(CRC_POSITION));
  });
});

it('gives old clients the batches of a producer whose timestamps no number holds', async () => {
  const broker = await TestBroker.start({}, openWalStorage);
  const admin = await broker.withTopic(TOPIC);
  const client = await RawKafkaClient.connect(broker.broker.addresses.kafka ?? '');
  const batch = batchOf('far');
  batch.writeBigInt64BE(2n ** 62n, MAX_TIMESTAMP_POSITION);
  const { responses } = await client.request(produceCodec, 7, produceOf(withAttributes(batch, 0)));
  expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
  for (const version of [4, 9, 11]) {
    const fetched = await client.request(fetchCodec, version, FETCH);
    const [partition] = fetched.responses[0]?.partitions ?? [];
    expect([partition?.errorCode, partition?.records?.[0]?.length]).toEqual([0, batch.length]);
  }
  client.destroy();
  admin.destroy();
  await broker.stop();
});
