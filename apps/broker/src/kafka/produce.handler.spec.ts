// What acks do, and connections that are closed, is in test/kafka-failure-modes.spec.ts.
import { produceCodec } from '@walrusmq/kafka-protocol';
import { checkBatch, encodeBatch, readBatchHeader } from '@walrusmq/record-batch';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';
import { STORAGES } from '../../test/test-broker';

const VERSIONS = advertisedVersions(produceCodec);
const NEWEST = Math.max(...VERSIONS);
const MAGIC_POSITION = 16;
const CRC_POSITION = 17;
const LEADER_EPOCH_POSITION = 12;
const BATCH_BYTES_MAX = 2_000;

const batchOf = (...values: readonly string[]): Buffer =>
  encodeBatch(values.map((value) => ({ value: Buffer.from(value), timestamp: 5 })));

function ofFormat(magic: number): Buffer {
  const batch = batchOf('another format');
  batch.writeInt8(magic, MAGIC_POSITION);
  return batch;
}

function spoilt(): Buffer {
  const batch = batchOf('spoilt');
  batch[batch.length - 1]! ^= 1;
  return batch;
}

describe.each(STORAGES)('Produce on %s', (_, openStorage) => {
  let fixture: KafkaFixture;
  beforeEach(async () => {
    const blocks = { blockBytes: 65_536, blocksPerFile: 4 };
    fixture = await KafkaFixture.open({ ...blocks, batchBytesMax: BATCH_BYTES_MAX }, openStorage);
    await fixture.topics.create({ name: 'orders', partitions: 2 });
  });
  afterEach(() => fixture.close());

  /** What is told of each of these partitions of a topic. */
  const produce = async (
    partitions: readonly (readonly [index: number, records: Buffer | null])[],
    { version = NEWEST, topic = 'orders', transactionalId = null as string | null } = {},
  ) => {
    const { throttleTimeMs, responses } = await fixture.ask(produceCodec, version, {
      transactionalId,
      acks: -1,
      timeoutMs: 1_000,
      topicData: [
        { name: topic, partitionData: partitions.map(([index, records]) => ({ index, records })) },
      ],
    });
    expect(throttleTimeMs).toBe(0);
    expect(responses.map(({ name }) => name)).toEqual([topic]);
    const answers = responses.flatMap(({ partitionResponses }) => partitionResponses);
    expect(answers.map(({ index }) => index)).toEqual(partitions.map(([index]) => index));
    return answers;
  };
  const errorsOf = async (answers: ReturnType<typeof produce>) =>
    (await answers).map(({ errorCode, baseOffset }) => [errorName(errorCode), baseOffset]);
  const stored = async (offset: number, index = 0): Promise<Buffer> =>
    fixture.topics.partition('orders', index).read(offset, 1);

  it('appends and tells where, in every version', async () => {
    const partition = fixture.topics.partition('orders', 0);
    for (const version of VERSIONS) {
      const { logStartOffset: start, readableEnd: baseOffset } = partition.state;
      const logStartOffset = version >= 5 ? start : -1;
      const answers = await produce([[0, batchOf('a', 'b')]], { version });
      const told = { errorCode: 0, baseOffset, logAppendTimeMs: -1, logStartOffset };
      expect(answers).toMatchObject([told]);
      await partition.truncate(baseOffset + 1);
    }
    expect(partition.readableEnd).toBe(2 * VERSIONS.length);
  });

  it('changes nothing of a batch but its base offset and its leader epoch', async () => {
    await produce([[0, batchOf('before')]]);
    const batch = batchOf('a', 'b');
    // Clients fill in what they like: neither is under the checksum.
    batch.writeBigInt64BE(99n, 0);
    batch.writeInt32BE(7, LEADER_EPOCH_POSITION);
    const sent = Buffer.from(batch);
    expect(await errorsOf(produce([[0, batch]]))).toEqual([['NONE', 1]]);
    const bytes = await stored(1);
    expect(checkBatch(bytes)).toMatchObject({ baseOffset: 1, lastOffset: 2, leaderEpoch: 0 });
    expect(bytes.subarray(CRC_POSITION).equals(sent.subarray(CRC_POSITION))).toBe(true);
    expect(bytes.readInt32BE(CRC_POSITION)).toBe(sent.readInt32BE(CRC_POSITION));
    expect(bytes.readInt8(MAGIC_POSITION)).toBe(2);
  });

  it('stamps the time of the append where the topic says so, and its checksum anew', async () => {
    const configs = { 'message.timestamp.type': 'LogAppendTime' };
    await fixture.topics.create({ name: 'stamped', partitions: 1, configs });
    const startMs = Date.now();
    const [answer] = await produce([[0, batchOf('a', 'b')]], { topic: 'stamped' });
    expect(answer?.logAppendTimeMs).toBeGreaterThanOrEqual(startMs);
    const bytes = await fixture.topics.partition('stamped', 0).read(0, 1);
    const { timestampType, maxTimestamp } = checkBatch(bytes);
    expect([timestampType, maxTimestamp]).toEqual(['LogAppendTime', answer?.logAppendTimeMs]);
    // Elsewhere the client's own time stays, however long ago it was.
    expect(await errorsOf(produce([[0, batchOf('a')]]))).toEqual([['NONE', 0]]);
    expect(readBatchHeader(await stored(0))).toMatchObject({
      timestampType: 'CreateTime',
      maxTimestamp: 5,
    });
  });

  it.each([
    ['no records', 'INVALID_RECORD', null],
    ['no bytes', 'INVALID_RECORD', Buffer.alloc(0)],
    ['two batches', 'INVALID_RECORD', Buffer.concat([batchOf('a'), batchOf('b')])],
    ['half a batch', 'INVALID_RECORD', batchOf('a').subarray(0, -1)],
    ['a batch and more bytes', 'INVALID_RECORD', Buffer.concat([batchOf('a'), Buffer.alloc(3)])],
    ['a batch of the format of 2010', 'INVALID_RECORD', ofFormat(0)],
    ['a batch of the format of 2016', 'INVALID_RECORD', ofFormat(1)],
    ['a batch of a format to come', 'INVALID_RECORD', ofFormat(3)],
    ['a wrong checksum', 'CORRUPT_MESSAGE', spoilt()],
    ['too large a batch', 'MESSAGE_TOO_LARGE', batchOf('x'.repeat(BATCH_BYTES_MAX))],
  ])('refuses %s with %s, and takes the other partition', async (...of) => {
    const [, error, records] = of;
    for (const version of VERSIONS) {
      const end = fixture.topics.partition('orders', 1).readableEnd;
      const answers = await produce(
        [
          [0, records === null ? null : Buffer.from(records)],
          [1, batchOf('good')],
        ],
        { version },
      );
      expect([version, ...answers.map(({ errorCode }) => errorName(errorCode))]).toEqual([
        version,
        error,
        'NONE',
      ]);
      expect(answers[0]?.baseOffset).toBe(-1);
      expect(answers[1]?.baseOffset).toBe(end);
      expect((answers[0]?.errorMessage ?? '').length > 0).toBe(version >= 8);
    }
    expect(fixture.topics.partition('orders', 0).readableEnd).toBe(0);
  });

  it('takes a topic’s own limit for a batch', async () => {
    const configs = { 'max.message.bytes': '1000' };
    await fixture.topics.create({ name: 'small', partitions: 1, configs });
    const batch = batchOf('x'.repeat(1_000));
    expect(await errorsOf(produce([[0, batch]], { topic: 'small' }))).toEqual([
      ['MESSAGE_TOO_LARGE', -1],
    ]);
    expect(await errorsOf(produce([[0, batchOf('x')]], { topic: 'small' }))).toEqual([['NONE', 0]]);
  });

  // kafkajs and @platformatic/kafka number the batches of producers that are not idempotent.
  it('looks at no epoch and no sequence without a producer id', async () => {
    const numbered = (producerEpoch: number, baseSequence: number): Buffer =>
      encodeBatch([{ value: Buffer.from('v') }], { producerId: -1, producerEpoch, baseSequence });
    for (const [at, batch] of [
      numbered(0, 0),
      numbered(0, 0),
      numbered(5, 17),
      numbered(0, 0),
      numbered(-1, -1),
    ].entries()) {
      expect(await errorsOf(produce([[0, batch]]))).toEqual([['NONE', at]]);
    }
  });

  it('answers each partition for itself, and knows no transactions', async () => {
    expect(
      await errorsOf(
        produce([
          [2, batchOf('a')],
          [1, batchOf('a')],
          [-1, batchOf('a')],
        ]),
      ),
    ).toEqual([
      ['UNKNOWN_TOPIC_OR_PARTITION', -1],
      ['NONE', 0],
      ['UNKNOWN_TOPIC_OR_PARTITION', -1],
    ]);
    expect(await errorsOf(produce([[0, batchOf('a')]], { topic: 'none' }))).toEqual([
      ['UNKNOWN_TOPIC_OR_PARTITION', -1],
    ]);
    expect(await errorsOf(produce([[0, batchOf('a')]], { transactionalId: 't' }))).toEqual([
      ['INVALID_TXN_STATE', -1],
    ]);
  });
});
