// ElectLeaders, AlterPartitionReassignments, ListPartitionReassignments: there is one broker.
import {
  alterPartitionReassignmentsCodec,
  electLeadersCodec,
  listPartitionReassignmentsCodec,
} from '@walrusmq/kafka-protocol';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';

let fixture: KafkaFixture;
beforeEach(async () => {
  fixture = await KafkaFixture.open();
  await fixture.topics.create({ name: 'orders', partitions: 2 });
});
afterEach(() => fixture.close());

describe('ElectLeaders', () => {
  it.each(advertisedVersions(electLeadersCodec))(
    'answers ELECTION_NOT_NEEDED for each partition there is, in version %d',
    async (version) => {
      const topicPartitions = [
        { topic: 'orders', partitions: [1, 2, 0] },
        { topic: 'none', partitions: [0] },
      ];
      const answer = await fixture.ask(electLeadersCodec, version, { topicPartitions });
      expect(answer).toMatchObject({ throttleTimeMs: 0, errorCode: 0 });
      const results = answer.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
        partitionResult.map(({ partitionId, errorCode, errorMessage }) => {
          expect(errorMessage).toMatch(/\.$/);
          return [topic, partitionId, errorName(errorCode)];
        }),
      );
      expect(results).toEqual([
        ['orders', 1, 'ELECTION_NOT_NEEDED'],
        ['orders', 2, 'UNKNOWN_TOPIC_OR_PARTITION'],
        ['orders', 0, 'ELECTION_NOT_NEEDED'],
        ['none', 0, 'UNKNOWN_TOPIC_OR_PARTITION'],
      ]);
    },
  );

  it('has nothing to tell of all partitions, in clean and unclean elections', async () => {
    for (const electionType of [0, 1]) {
      const asked = { electionType, topicPartitions: null };
      const answer = await fixture.ask(electLeadersCodec, 2, asked);
      expect(answer).toMatchObject({ errorCode: 0, replicaElectionResults: [] });
    }
  });

  it('knows no other type of election', async () => {
    const topicPartitions = [{ topic: 'orders', partitions: [0] }];
    const asked = { electionType: 2, topicPartitions };
    const { errorCode, replicaElectionResults } = await fixture.ask(electLeadersCodec, 2, asked);
    expect(errorName(errorCode)).toBe('INVALID_REQUEST');
    const message = 'There is no type of election 2.';
    expect(replicaElectionResults[0]?.partitionResult).toEqual([
      { partitionId: 0, errorCode, errorMessage: message },
    ]);
  });
});

describe('AlterPartitionReassignments', () => {
  it('takes broker 1 and nothing else', async () => {
    const partition = (partitionIndex: number, replicas: readonly number[] | null) => ({
      partitionIndex,
      replicas,
    });
    const answer = await fixture.ask(alterPartitionReassignmentsCodec, 0, {
      topics: [
        {
          name: 'orders',
          partitions: [
            partition(0, [1]),
            partition(0, [2]),
            partition(1, [1, 2]),
            partition(1, []),
            partition(1, [1, 1]),
            partition(1, null),
            partition(2, [1]),
          ],
        },
        { name: 'none', partitions: [partition(0, [1])] },
      ],
    });
    expect(answer).toMatchObject({ throttleTimeMs: 0, errorCode: 0, errorMessage: null });
    const results = answer.responses.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, errorCode, errorMessage }) => {
        expect(errorMessage === null).toBe(errorCode === 0);
        return [name, partitionIndex, errorName(errorCode)];
      }),
    );
    expect(results).toEqual([
      ['orders', 0, 'NONE'],
      ['orders', 0, 'INVALID_REPLICA_ASSIGNMENT'],
      ['orders', 1, 'INVALID_REPLICA_ASSIGNMENT'],
      ['orders', 1, 'INVALID_REPLICA_ASSIGNMENT'],
      ['orders', 1, 'INVALID_REPLICA_ASSIGNMENT'],
      ['orders', 1, 'NO_REASSIGNMENT_IN_PROGRESS'],
      ['orders', 2, 'UNKNOWN_TOPIC_OR_PARTITION'],
      ['none', 0, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ]);
  });
});

describe('ListPartitionReassignments', () => {
  it.each([null, [{ name: 'orders', partitionIndexes: [0, 1] }]])(
    'lists none for %j',
    async (topics) => {
      const answer = await fixture.ask(listPartitionReassignmentsCodec, 0, { topics });
      expect(answer).toEqual({ throttleTimeMs: 0, errorCode: 0, errorMessage: null, topics: [] });
    },
  );
});
