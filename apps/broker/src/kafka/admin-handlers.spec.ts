// What holds for every API of administration alike.
import {
  API_TABLE,
  decodeResponse,
  encodeResponse,
  KAFKA_ERRORS,
  ZERO_UUID,
  type ApiCodec,
} from '@walrusmq/kafka-protocol';
import { ADVERTISED, advertisedVersions, KafkaFixture } from '../../test/kafka-fixture';
import type { AnyKafkaHandler } from './kafka-handler';
import { KafkaSession } from './kafka-session';

const NOT_NOW = { errorCode: KAFKA_ERRORS.REQUEST_TIMED_OUT.code, errorMessage: 'not now' };

/** Requests of one item each, by the name of the API. */
const REQUESTS: Readonly<Record<string, object>> = {
  CreateTopics: {
    topics: [{ name: 'a', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 1,
    validateOnly: false,
  },
  DeleteTopics: { topics: [{ name: 'a', topicId: ZERO_UUID }], topicNames: ['a'], timeoutMs: 1 },
  CreatePartitions: {
    topics: [{ name: 'a', count: 2, assignments: null }],
    timeoutMs: 1,
    validateOnly: false,
  },
  DescribeTopicPartitions: { topics: [{ name: 'a' }], responsePartitionLimit: 1, cursor: null },
  DeleteRecords: {
    topics: [{ name: 'a', partitions: [{ partitionIndex: 0, offset: 0 }] }],
    timeoutMs: 1,
  },
  OffsetForLeaderEpoch: {
    topics: [{ topic: 'a', partitions: [{ partition: 0, leaderEpoch: 0 }] }],
  },
  DescribeConfigs: {
    resources: [{ resourceType: 2, resourceName: 'a', configurationKeys: null }],
    includeSynonyms: true,
  },
  AlterConfigs: {
    resources: [{ resourceType: 2, resourceName: 'a', configs: [] }],
    validateOnly: false,
  },
  IncrementalAlterConfigs: {
    resources: [{ resourceType: 2, resourceName: 'a', configs: [] }],
    validateOnly: false,
  },
  DescribeCluster: { includeClusterAuthorizedOperations: false },
  DescribeLogDirs: { topics: null },
  DescribeProducers: { topics: [{ name: 'a', partitionIndexes: [0] }] },
  ElectLeaders: { electionType: 0, topicPartitions: [{ topic: 'a', partitions: [0] }] },
  AlterPartitionReassignments: {
    topics: [{ name: 'a', partitions: [{ partitionIndex: 0, replicas: null }] }],
  },
  ListPartitionReassignments: { topics: null },
};

/** Those that have no place for an error in these versions. */
const UNSAYABLE: Readonly<Record<string, readonly number[]>> = { DescribeLogDirs: [1, 2] };

describe('an API of administration', () => {
  let fixture: KafkaFixture;
  beforeAll(async () => {
    fixture = await KafkaFixture.open();
  });
  afterAll(() => fixture.close());

  const handlerOf = (name: string): AnyKafkaHandler => {
    const entry = API_TABLE.find(({ codec }) => codec.name === name);
    const api = fixture.services.kafka.find(entry?.codec.key ?? -1);
    if (api === undefined) throw new Error(`${name} is not answered`);
    return api.handler;
  };

  it.each(Object.keys(REQUESTS))('can be refused as a whole in every version: %s', (name) => {
    const handler = handlerOf(name);
    const codec = handler.codec as ApiCodec<object, object>;
    const call = { clientId: null, session: new KafkaSession(ADVERTISED) };
    const unsayable = UNSAYABLE[name] ?? [];
    const refuse = (version: number): object | undefined =>
      handler.refusal(REQUESTS[name] as never, NOT_NOW, { ...call, version }) as object | undefined;
    const versions = advertisedVersions(codec);
    expect(versions.filter((version) => refuse(version) === undefined)).toEqual(unsayable);
    for (const version of versions.filter((each) => !unsayable.includes(each))) {
      const frame = Buffer.concat(encodeResponse(codec, version, 7, refuse(version) ?? {}));
      const { response } = decodeResponse(codec, version, frame.subarray(4));
      // Wherever the error stands in it, the client is told of it.
      expect(JSON.stringify(response)).toContain(`"errorCode":${NOT_NOW.errorCode}`);
      expect(response).toMatchObject({ throttleTimeMs: 0 });
    }
  });
});
