import { deleteRecordsCodec, listOffsetsCodec } from '@walrusmq/kafka-protocol';
import { encodeBatch, readBatchHeader } from '@walrusmq/record-batch';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';

describe('DeleteRecords', () => {
  let fixture: KafkaFixture;
  beforeEach(async () => {
    fixture = await KafkaFixture.open();
    await fixture.topics.create({ name: 'orders', partitions: 3 });
    const values = Array.from({ length: 4 }, () => ({ value: Buffer.from('v') }));
    const partition = fixture.topics.partition('orders', 1);
    await partition.append([encodeBatch(values)]).synced;
    await partition.append([encodeBatch(values)]).synced;
  });
  afterEach(() => fixture.close());

  const remove = async (
    partitions: readonly (readonly [partitionIndex: number, offset: number])[],
    { name = 'orders', version = 2 } = {},
  ): Promise<readonly (readonly [index: number, lowWatermark: number, error: string])[]> => {
    const asked = partitions.map(([partitionIndex, offset]) => ({ partitionIndex, offset }));
    const request = { topics: [{ name, partitions: asked }], timeoutMs: 1 };
    const { throttleTimeMs, topics } = await fixture.ask(deleteRecordsCodec, version, request);
    expect(throttleTimeMs).toBe(0);
    expect(topics.map((topic) => topic.name)).toEqual([name]);
    return (topics[0]?.partitions ?? []).map(({ partitionIndex, lowWatermark, errorCode }) => [
      partitionIndex,
      lowWatermark,
      errorName(errorCode),
    ]);
  };

  it.each(advertisedVersions(deleteRecordsCodec))(
    'moves the log start in version %d',
    async (v) => {
      expect(await remove([[1, 3]], { version: v })).toEqual([[1, 3, 'NONE']]);
      const timestamps = { partitionIndex: 1, timestamp: -2 };
      const asked = { replicaId: -1, topics: [{ name: 'orders', partitions: [timestamps] }] };
      const { topics } = await fixture.ask(listOffsetsCodec, 1, asked);
      expect(topics[0]?.partitions[0]?.offset).toBe(3);
    },
  );

  it('keeps the offsets of the batch that the new log start lies in', async () => {
    await remove([[1, 6]]);
    const read = await fixture.topics.partition('orders', 1).read(6, 1);
    expect(readBatchHeader(read)).toMatchObject({ baseOffset: 4, lastOffset: 7, recordCount: 4 });
  });

  it('takes -1 for all that can be read, in an empty partition too', async () => {
    expect(
      await remove([
        [1, -1],
        [2, -1],
      ]),
    ).toEqual([
      [1, 8, 'NONE'],
      [2, 0, 'NONE'],
    ]);
  });

  it('changes nothing at or below the log start', async () => {
    await remove([[1, 5]]);
    expect(
      await remove([
        [1, 5],
        [1, 2],
        [1, 0],
      ]),
    ).toEqual([
      [1, 5, 'NONE'],
      [1, 5, 'NONE'],
      [1, 5, 'NONE'],
    ]);
  });

  it('answers each partition for itself', async () => {
    expect(
      await remove([
        [1, 9],
        [0, 1],
        [1, -2],
        [3, 0],
        [-1, 0],
        [1, 2],
      ]),
    ).toEqual([
      [1, -1, 'OFFSET_OUT_OF_RANGE'],
      [0, -1, 'OFFSET_OUT_OF_RANGE'],
      [1, -1, 'OFFSET_OUT_OF_RANGE'],
      [3, -1, 'UNKNOWN_TOPIC_OR_PARTITION'],
      [-1, -1, 'UNKNOWN_TOPIC_OR_PARTITION'],
      [1, 2, 'NONE'],
    ]);
    expect(await remove([[0, 0]], { name: 'none' })).toEqual([
      [0, -1, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ]);
  });
});
