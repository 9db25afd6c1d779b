import {
  describeClusterCodec,
  findCoordinatorCodec,
  metadataCodec,
} from '@walrusmq/kafka-protocol';
import { ADVERTISED, advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';

const NOT_ASKED = -(2 ** 31);
const bitsOf = (value: number | undefined): number[] =>
  Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => ((value ?? 0) >> bit) & 1);

describe('DescribeCluster', () => {
  let fixture: KafkaFixture;
  beforeEach(async () => {
    fixture = await KafkaFixture.open();
  });
  afterEach(() => fixture.close());

  it.each(advertisedVersions(describeClusterCodec))(
    'gives the address, the controller and the id that Metadata gives, in version %d',
    async (version) => {
      const asked = { includeClusterAuthorizedOperations: false };
      const cluster = await fixture.ask(describeClusterCodec, version, asked);
      const metadata = await fixture.ask(metadataCodec, 9, { topics: [] });
      const coordinator = await fixture.ask(findCoordinatorCodec, 4, { coordinatorKeys: ['g'] });
      expect(cluster).toMatchObject({ throttleTimeMs: 0, errorCode: 0, errorMessage: null });
      expect(cluster.brokers).toEqual([
        { brokerId: 1, ...ADVERTISED, rack: null, isFenced: false },
      ]);
      expect(metadata.brokers).toEqual([{ nodeId: 1, ...ADVERTISED, rack: null }]);
      expect(coordinator.coordinators[0]).toMatchObject({ nodeId: 1, ...ADVERTISED });
      expect(cluster.clusterId).toMatch(/^[0-9a-f]{32}$/);
      expect(metadata.clusterId).toBe(cluster.clusterId);
      expect([cluster.controllerId, metadata.controllerId]).toEqual([1, 1]);
      expect(cluster.clusterAuthorizedOperations).toBe(NOT_ASKED);
    },
  );

  it('lets a client that asks do everything, here and in Metadata', async () => {
    await fixture.topics.create({ name: 'orders' });
    const includeClusterAuthorizedOperations = true;
    const asked = { includeClusterAuthorizedOperations };
    const cluster = await fixture.ask(describeClusterCodec, 1, asked);
    const metadata = await fixture.ask(metadataCodec, 10, {
      topics: null,
      includeClusterAuthorizedOperations,
      includeTopicAuthorizedOperations: true,
    });
    expect(bitsOf(cluster.clusterAuthorizedOperations)).toEqual([5, 7, 8, 9, 10, 11, 12]);
    expect(metadata.clusterAuthorizedOperations).toBe(cluster.clusterAuthorizedOperations);
    const [topic] = metadata.topics;
    expect(bitsOf(topic?.topicAuthorizedOperations)).toEqual([3, 4, 5, 6, 7, 8, 10, 11]);
  });

  it.each([
    [2, 'MISMATCHED_ENDPOINT_TYPE', 'not of a controller'],
    [3, 'UNSUPPORTED_ENDPOINT_TYPE', 'type of endpoint 3'],
  ])('has no endpoint of the type %d: %s', async (endpointType, error, words) => {
    const asked = { includeClusterAuthorizedOperations: false, endpointType };
    const answer = await fixture.ask(describeClusterCodec, 1, asked);
    expect([errorName(answer.errorCode), answer.errorMessage]).toEqual([
      error,
      expect.stringContaining(words),
    ]);
    expect(answer.brokers).toEqual([]);
  });
});
