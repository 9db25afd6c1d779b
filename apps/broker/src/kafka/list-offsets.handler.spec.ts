import { listOffsetsCodec } from '@walrusmq/kafka-protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';
import { STORAGES } from '../../test/test-broker';

const VERSIONS = advertisedVersions(listOffsetsCodec);
const NEWEST = Math.max(...VERSIONS);
const LATEST = -1;
const EARLIEST = -2;
const MAX_TIMESTAMP = -3;
const EARLIEST_LOCAL = -4;
const LATEST_TIERED = -5;
const EARLIEST_PENDING_UPLOAD = -6;
const NOTHING = ['NONE', -1, -1, -1];
const REFUSED = ['UNSUPPORTED_VERSION', -1, -1, -1];

describe.each(STORAGES)('ListOffsets on %s', (_, openStorage) => {
  let fixture: KafkaFixture;
  beforeEach(async () => {
    const blocks = { blockBytes: 65_536, blocksPerFile: 4 };
    fixture = await KafkaFixture.open(blocks, openStorage);
    await fixture.topics.create({ name: 'orders', partitions: 2 });
    const partition = fixture.topics.partition('orders', 0);
    for (const timestamps of [[100, 300], [200], [300, 50]]) {
      const records = timestamps.map((timestamp) => ({ timestamp, value: Buffer.from('v') }));
      await partition.append([encodeBatch(records)]).synced;
    }
  });
  afterEach(() => fixture.close());

  /** Error, offset, timestamp and leader epoch. */
  const find = async (
    timestamp: number,
    { version = NEWEST, partitionIndex = 0, isolationLevel = 0, name = 'orders' } = {},
  ) => {
    const { throttleTimeMs, topics } = await fixture.ask(listOffsetsCodec, version, {
      replicaId: -1,
      ...(version >= 2 ? { isolationLevel } : {}),
      topics: [{ name, partitions: [{ partitionIndex, timestamp }] }],
    });
    expect(throttleTimeMs).toBe(0);
    const [answer] = topics[0]?.partitions ?? [];
    expect([topics[0]?.name, answer?.partitionIndex]).toEqual([name, partitionIndex]);
    if (answer === undefined) throw new Error('the partition has no answer');
    return [errorName(answer.errorCode), answer.offset, answer.timestamp, answer.leaderEpoch];
  };

  const epochIn = (version: number): number => (version >= 4 ? 0 : -1);

  it('finds beginning and end, with no timestamps, in every version', async () => {
    for (const version of VERSIONS) {
      const leaderEpoch = epochIn(version);
      for (const isolationLevel of version >= 2 ? [0, 1] : [0]) {
        const how = { version, isolationLevel };
        expect(await find(EARLIEST, how)).toEqual(['NONE', 0, -1, leaderEpoch]);
        expect(await find(LATEST, how)).toEqual(['NONE', 5, -1, leaderEpoch]);
      }
      const empty = { version, partitionIndex: 1 };
      expect(await find(EARLIEST, empty)).toEqual(['NONE', 0, -1, leaderEpoch]);
      expect(await find(LATEST, empty)).toEqual(['NONE', 0, -1, leaderEpoch]);
    }
    await fixture.topics.partition('orders', 0).truncate(2);
    for (const version of VERSIONS) {
      expect(await find(EARLIEST, { version })).toEqual(['NONE', 2, -1, epochIn(version)]);
    }
  });

  it('finds the first record that is not older, in every version', async () => {
    for (const version of VERSIONS) {
      for (const [timestamp, offset, found] of [
        [0, 0, 100],
        [100, 0, 100],
        [101, 1, 300],
        [300, 1, 300],
      ] as const) {
        const told = ['NONE', offset, found, epochIn(version)];
        expect(await find(timestamp, { version })).toEqual(told);
      }
      for (const late of [301, Number.MAX_SAFE_INTEGER]) {
        expect(await find(late, { version })).toEqual(NOTHING);
      }
      expect(await find(0, { version, partitionIndex: 1 })).toEqual(NOTHING);
    }
    await fixture.topics.partition('orders', 0).truncate(2);
    for (const version of VERSIONS) {
      expect(await find(100, { version })).toEqual(['NONE', 2, 200, epochIn(version)]);
    }
  });

  it('knows what else each version may ask for, and no more', async () => {
    for (const version of VERSIONS) {
      const since = (first: number, found: readonly unknown[]) =>
        version >= first ? found : REFUSED;
      const asked = async (timestamp: number) => find(timestamp, { version });
      expect(await asked(MAX_TIMESTAMP)).toEqual(since(7, ['NONE', 1, 300, 0]));
      const empty = { version, partitionIndex: 1 };
      expect(await find(MAX_TIMESTAMP, empty)).toEqual(since(7, NOTHING));
      expect(await asked(EARLIEST_LOCAL)).toEqual(since(8, ['NONE', 0, -1, 0]));
      // There are no tiers, so nothing is in them (KIP-1005, KIP-1023).
      expect(await asked(LATEST_TIERED)).toEqual(since(9, NOTHING));
      expect(await asked(EARLIEST_PENDING_UPLOAD)).toEqual(since(11, NOTHING));
      expect(await asked(-7)).toEqual(REFUSED);
    }
  });

  it('answers each partition for itself', async () => {
    const unknown = ['UNKNOWN_TOPIC_OR_PARTITION', -1, -1, -1];
    expect(await find(LATEST, { partitionIndex: 2 })).toEqual(unknown);
    expect(await find(LATEST, { name: 'none' })).toEqual(unknown);
  });
});
