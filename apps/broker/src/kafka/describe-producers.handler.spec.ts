import { describeProducersCodec } from '@walrusmq/kafka-protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import { errorName, KafkaFixture } from '../../test/kafka-fixture';
import { STORAGES } from '../../test/test-broker';

describe.each(STORAGES)('DescribeProducers on %s', (_, openStorage) => {
  let fixture: KafkaFixture;
  beforeEach(async () => {
    const blocks = { blockBytes: 65_536, blocksPerFile: 4 };
    fixture = await KafkaFixture.open(blocks, openStorage);
    await fixture.topics.create({ name: 'orders', partitions: 2 });
  });
  afterEach(() => fixture.close());

  const append = async (producerId: number, producerEpoch: number, baseSequence: number) => {
    const records = [{ value: Buffer.from('a') }, { value: Buffer.from('b') }];
    const batch = encodeBatch(records, { producerId, producerEpoch, baseSequence });
    await fixture.topics.partition('orders', 1).append([batch]).synced;
  };
  const ask = async (...topics: readonly (readonly [string, readonly number[]])[]) => {
    const asked = topics.map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
    const answer = await fixture.ask(describeProducersCodec, 0, { topics: asked });
    expect(answer.throttleTimeMs).toBe(0);
    return answer.topics;
  };

  it('tells epoch, last sequence and last append of each idempotent producer', async () => {
    const before = Date.now();
    await append(7, 0, 0);
    await append(-1, -1, -1);
    await append(8, 3, 0);
    await append(7, 0, 2);
    const after = Date.now();
    const [topic] = await ask(['orders', [0, 1]]);
    const [empty, used] = topic?.partitions ?? [];
    expect(empty).toEqual({
      partitionIndex: 0,
      errorCode: 0,
      errorMessage: null,
      activeProducers: [],
    });
    const idle = { coordinatorEpoch: -1, currentTxnStartOffset: -1 };
    expect(used?.activeProducers).toEqual([
      { producerId: 8, producerEpoch: 3, lastSequence: 1, lastTimestamp: anyTime(), ...idle },
      { producerId: 7, producerEpoch: 0, lastSequence: 3, lastTimestamp: anyTime(), ...idle },
    ]);
    for (const { lastTimestamp } of used?.activeProducers ?? []) {
      expect(lastTimestamp).toBeGreaterThanOrEqual(before);
      expect(lastTimestamp).toBeLessThanOrEqual(after);
    }
  });

  it('answers each partition for itself, and none twice', async () => {
    const [orders, none] = await ask(['orders', [1, 2, 1, -1]], ['none', [0]]);
    const errors = [orders, none].map((topic) =>
      topic?.partitions.map(({ partitionIndex, errorCode }) => [
        partitionIndex,
        errorName(errorCode),
      ]),
    );
    expect(errors).toEqual([
      [
        [1, 'NONE'],
        [2, 'UNKNOWN_TOPIC_OR_PARTITION'],
        [1, 'INVALID_REQUEST'],
        [-1, 'UNKNOWN_TOPIC_OR_PARTITION'],
      ],
      [[0, 'UNKNOWN_TOPIC_OR_PARTITION']],
    ]);
    expect(none?.partitions[0]?.errorMessage).toBe("No topic 'none'.");
  });
});

function anyTime(): number {
  return expect.any(Number) as number;
}
