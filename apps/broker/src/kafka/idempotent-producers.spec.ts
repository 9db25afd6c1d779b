import { initProducerIdCodec, produceCodec } from '@walrusmq/kafka-protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import { openWalStorage } from '@walrusmq/storage';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';
import { STORAGES } from '../../test/test-broker';

const INIT_VERSIONS = advertisedVersions(initProducerIdCodec);
const INIT_VERSION = Math.max(...INIT_VERSIONS);
const PRODUCE_VERSION = 11;
const RECORDS_PER_BATCH = 2;
const BLOCKS = { blockBytes: 65_536, blocksPerFile: 4 };

let fixture: KafkaFixture;
afterEach(() => fixture.close());

const init = (producerId: number, producerEpoch: number) =>
  fixture.ask(initProducerIdCodec, INIT_VERSION, {
    transactionalId: null,
    transactionTimeoutMs: 60_000,
    producerId,
    producerEpoch,
  });

/** The error and the offset that a batch is answered with. */
async function produceFrom(producerId: number, baseSequence: number, producerEpoch = 0) {
  const values = Array.from({ length: RECORDS_PER_BATCH }, (_, at) =>
    Buffer.from(`${baseSequence}.${at}`),
  );
  const records = encodeBatch(
    values.map((value) => ({ value })),
    { producerId, producerEpoch, baseSequence },
  );
  const { responses } = await fixture.ask(produceCodec, PRODUCE_VERSION, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1_000,
    topicData: [{ name: 'orders', partitionData: [{ index: 0, records }] }],
  });
  const answer = responses[0]?.partitionResponses[0];
  if (answer === undefined) throw new Error('the partition has no answer');
  return [errorName(answer.errorCode), answer.baseOffset];
}

/** The same of the nth batch of a producer. */
const produce = (producerId: number, nth: number, producerEpoch = 0) =>
  produceFrom(producerId, nth * RECORDS_PER_BATCH, producerEpoch);

describe.each(STORAGES)('idempotent producers of Kafka on %s', (_, openStorage) => {
  beforeEach(async () => {
    fixture = await KafkaFixture.open(BLOCKS, openStorage);
    await fixture.topics.create({ name: 'orders', partitions: 1 });
  });

  // @platformatic/kafka begins with id 0 and epoch 0, which may be another producer's.
  it.each([
    ['nothing', -1, -1],
    ['zeros', 0, 0],
    ['an id that nobody has', 77, 3],
  ])(
    'each get an id of their own, with epoch 0, whatever they say they have: %s',
    async (...of) => {
      const [, producerId, producerEpoch] = of;
      const ids = new Set<number>();
      for (let asked = 0; asked < 3; asked += 1) {
        const given = await init(producerId, producerEpoch);
        expect([errorName(given.errorCode), given.producerEpoch]).toEqual(['NONE', 0]);
        ids.add(given.producerId);
      }
      expect(ids.size).toBe(3);
    },
  );

  // An error that every client takes as the end, where the others are tried again.
  it.each(INIT_VERSIONS)('are refused for good with a transactional id, version %d', async (v) => {
    const transactionalId = 'transfers';
    const asked = { transactionalId, transactionTimeoutMs: 60_000 };
    const refused = await fixture.ask(initProducerIdCodec, v, asked);
    expect(errorName(refused.errorCode)).toBe('TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
    expect([refused.producerId, refused.producerEpoch]).toEqual([-1, -1]);
  });

  it('are answered with the first offset when a batch comes again', async () => {
    const { producerId } = await init(-1, -1);
    for (let nth = 0; nth < 5; nth += 1) await produce(producerId, nth);
    for (const nth of [4, 0, 2]) {
      expect(await produce(producerId, nth)).toEqual(['NONE', nth * RECORDS_PER_BATCH]);
    }
    expect(await produce(producerId, 6)).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER', -1]);
    expect(await produce(producerId, 5)).toEqual(['NONE', 10]);
  });

  // Clients take DUPLICATE_SEQUENCE_NUMBER for success.
  it('are not told that a refused batch is written because the next one was taken', async () => {
    const { producerId } = await init(-1, -1);
    expect(await produce(producerId, 1)).toEqual(['NONE', 0]);
    expect(await produce(producerId, 0)).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER', -1]);
    expect(fixture.topics.partition('orders', 0).state.readableEnd).toBe(RECORDS_PER_BATCH);
  });

  it('begin an epoch at sequence 0, which fences the one before', async () => {
    const { producerId } = await init(-1, -1);
    expect(await produce(producerId, 0)).toEqual(['NONE', 0]);
    expect(await produce(producerId, 1, 1)).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER', -1]);
    expect(await produce(producerId, 0, 1)).toEqual(['NONE', 2]);
    expect(await produce(producerId, 1, 0)).toEqual(['INVALID_PRODUCER_EPOCH', -1]);
    expect(await produce(producerId, 1, 1)).toEqual(['NONE', 4]);
  });

  it('may begin anywhere where nobody knows them, and go on at 0 behind 2^31 - 1', async () => {
    const { producerId } = await init(-1, -1);
    const last = 2 ** 31 - RECORDS_PER_BATCH;
    expect(await produceFrom(producerId, last)).toEqual(['NONE', 0]);
    expect(await produceFrom(producerId, 1)).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER', -1]);
    expect(await produceFrom(producerId, 0)).toEqual(['NONE', 2]);
    expect(await produceFrom(producerId, last)).toEqual(['NONE', 0]);
  });
});

it('a restart knows idempotent producers of Kafka by their last batches', async () => {
  fixture = await KafkaFixture.open(BLOCKS, openWalStorage);
  await fixture.topics.create({ name: 'orders', partitions: 1 });
  const { producerId } = await init(-1, -1);
  for (let nth = 0; nth < 3; nth += 1) await produce(producerId, nth);
  fixture = await fixture.reopened(BLOCKS, openWalStorage);
  expect(await produce(producerId, 2)).toEqual(['NONE', 4]);
  expect(await produce(producerId, 4)).toEqual(['OUT_OF_ORDER_SEQUENCE_NUMBER', -1]);
  expect(await produce(producerId, 3)).toEqual(['NONE', 6]);
  expect((await init(-1, -1)).producerId).not.toBe(producerId);
});
