import {
  describeLogDirsCodec,
  type Decoded,
  type DescribeLogDirsResponse,
} from '@walrusmq/kafka-protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import { openMemoryStorage, openWalStorage, StorageError } from '@walrusmq/storage';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';
import { override } from '../../test/override';
import type { OpenStorage } from '../instance/broker-instance';

type Dir = Decoded<DescribeLogDirsResponse.DescribeLogDirsResult>;
type Asked = readonly (readonly [topic: string, partitions: readonly number[]])[] | null;

describe('DescribeLogDirs', () => {
  let fixture: KafkaFixture;
  const open = async (openStorage?: OpenStorage): Promise<void> => {
    fixture = await KafkaFixture.open({ blockBytes: 65_536, blocksPerFile: 4 }, openStorage);
    await fixture.topics.create({ name: 'a', partitions: 2 });
    await fixture.topics.create({ name: 'b', partitions: 300 });
    const batch = (): Buffer[] => [encodeBatch([{ value: Buffer.alloc(10_000) }])];
    await fixture.topics.partition('a', 1).append(batch()).synced;
  };
  afterEach(() => fixture.close());

  const describeDir = async (asked: Asked, version = 4): Promise<Dir> => {
    const topics = asked && asked.map(([topic, partitions]) => ({ topic, partitions }));
    const answer = await fixture.ask(describeLogDirsCodec, version, { topics });
    expect(answer).toMatchObject({ throttleTimeMs: 0, errorCode: 0 });
    expect(answer.results).toHaveLength(1);
    return answer.results[0] as Dir;
  };
  const sizesOf = ({ topics }: Dir): unknown =>
    Object.fromEntries(
      topics.map(({ name, partitions }) => [
        name,
        partitions.map(({ partitionIndex, partitionSize }) => [partitionIndex, partitionSize]),
      ]),
    );

  it.each(advertisedVersions(describeLogDirsCodec))(
    'tells what the partitions take of the disk, in version %d',
    async (version) => {
      await open(openWalStorage);
      const dir = await describeDir([['a', [0, 1]]], version);
      const [empty, written] = fixture.topics.states(fixture.topics.require('a'), 0, 2);
      expect(empty?.storedBytes).toBe(0);
      expect(written?.storedBytes).toBeGreaterThan(10_000);
      expect(sizesOf(dir)).toEqual({
        a: [
          [0, 0],
          [1, written?.storedBytes],
        ],
      });
      expect(dir.logDir).toBe(fixture.services.storage.dataDir);
      expect(dir.topics[0]?.partitions[0]).toMatchObject({ offsetLag: 0, isFutureKey: false });
      const { totalBytes, usableBytes } = dir;
      expect(totalBytes).toBeGreaterThanOrEqual(usableBytes);
      expect(usableBytes > 0).toBe(version >= 4);
    },
  );

  it('describes all partitions where no topics are named', async () => {
    await open();
    const { topics } = await describeDir(null);
    expect(topics.map(({ name, partitions }) => [name, partitions.length])).toEqual([
      ['a', 2],
      ['b', 300],
    ]);
    expect(topics[1]?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual(
      Array.from({ length: 300 }, (_, index) => index),
    );
  });

  it('leaves out what is not there, and describes once what is named twice', async () => {
    await open();
    const dir = await describeDir([
      ['none', [0]],
      ['a', [1, 2, -1, 1]],
      ['a', [1, 0]],
      ['b', []],
    ]);
    const size = expect.any(Number) as number;
    expect(sizesOf(dir)).toEqual({
      a: [
        [1, size],
        [0, size],
      ],
      b: [],
    });
  });

  it('has KAFKA_STORAGE_ERROR once nothing can be written any more', async () => {
    await open(() =>
      override(openMemoryStorage(), { fence: new StorageError('FENCED', 'the disk is gone') }),
    );
    const dir = await describeDir([['a', [0]]]);
    expect(errorName(dir.errorCode)).toBe('KAFKA_STORAGE_ERROR');
    expect(sizesOf(dir)).toEqual({ a: [[0, 0]] });
  });
});
