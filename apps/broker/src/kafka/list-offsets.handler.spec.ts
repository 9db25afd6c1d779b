import { listOffsetsCodec } from '@walrusmq/kafka-protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';

const MAX_TIMESTAMP_VERSION = 7;
const VERSIONS = advertisedVersions(listOffsetsCodec);
const TOPIC = 'orders';

describe('ListOffsets', () => {
  let fixture: KafkaFixture;
  beforeAll(async () => {
    fixture = await KafkaFixture.open();
    await fixture.topics.create({ name: TOPIC, partitions: 1 });
    const partition = fixture.topics.partition(TOPIC, 0);
    for (const timestamp of [1_000, 3_000, 2_000]) {
      const value = Buffer.from(String(timestamp));
      await partition.append([encodeBatch([{ value, timestamp }])]).synced;
    }
  });
  afterAll(() => fixture.close());

  const ask = async (version: number, timestamp: number): Promise<readonly unknown[]> => {
    const partitions = [{ partitionIndex: 0, timestamp }];
    const asked = { replicaId: -1, topics: [{ name: TOPIC, partitions }] };
    const { topics } = await fixture.ask(listOffsetsCodec, version, asked);
    const answer = topics[0]?.partitions[0];
    return [errorName(answer?.errorCode ?? NaN), answer?.offset, answer?.timestamp];
  };

  it.each(VERSIONS)(
    'finds both ends and the first record that is not older, in version %d',
    async (version) => {
      expect(await ask(version, -2)).toEqual(['NONE', 0, -1]);
      expect(await ask(version, -1)).toEqual(['NONE', 3, -1]);
      expect(await ask(version, 1_001)).toEqual(['NONE', 1, 3_000]);
      expect(await ask(version, 3_001)).toEqual(['NONE', -1, -1]);
    },
  );

  it.each(VERSIONS.filter((version) => version >= MAX_TIMESTAMP_VERSION))(
    'finds the record with the greatest timestamp, in version %d',
    async (version) => {
      expect(await ask(version, -3)).toEqual(['NONE', 1, 3_000]);
    },
  );

  // KIP-405, KIP-1005 and KIP-1023: what is kept here, and what is tiered or about to be.
  it.each([
    ['the earliest record that is kept here', -4, 0],
    ['the latest that is tiered', -5, -1],
    ['the earliest that is still to be tiered', -6, -1],
  ])('has no tiers: %s', async (_, timestamp, offset) => {
    expect(await ask(11, timestamp)).toEqual(['NONE', offset, -1]);
  });
});
