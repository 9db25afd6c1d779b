// What is advertised, held against what clients need (their own tables of versions).
import { API_TABLE, findApi } from './api-table';

type Range = readonly [min: number, max: number];

/** Versions that a client can send, and the one that it has to end up with. */
type Wish = readonly [api: string, range: Range, used: number];

const KAFKAJS: readonly Wish[] = [
  ['Produce', [0, 7], 7],
  ['Fetch', [0, 11], 11],
  ['ListOffsets', [0, 3], 3],
  ['Metadata', [0, 6], 6],
  ['OffsetCommit', [0, 5], 5],
  ['OffsetFetch', [1, 4], 4],
  ['FindCoordinator', [0, 2], 2],
  ['JoinGroup', [0, 5], 5],
  ['Heartbeat', [0, 3], 3],
  ['LeaveGroup', [0, 3], 3],
  ['SyncGroup', [0, 3], 3],
  ['ApiVersions', [0, 2], 2],
  ['CreateTopics', [0, 3], 3],
  ['DeleteTopics', [0, 1], 1],
];

/** Versions 2.0 to 2.9, which look for a version that they know between the least and greatest. */
const PLATFORMATIC: readonly Wish[] = [
  ['Produce', [7, 11], 11],
  ['Fetch', [12, 17], 16],
  ['ListOffsets', [5, 9], 9],
  ['Metadata', [9, 12], 12],
  ['OffsetCommit', [8, 9], 9],
  ['OffsetFetch', [8, 9], 9],
  ['FindCoordinator', [4, 6], 6],
  ['JoinGroup', [6, 9], 9],
  ['Heartbeat', [4, 4], 4],
  ['LeaveGroup', [4, 5], 5],
  ['SyncGroup', [4, 5], 5],
  ['ApiVersions', [3, 4], 4],
  ['CreateTopics', [7, 7], 7],
  ['DeleteTopics', [6, 6], 6],
  ['InitProducerId', [3, 5], 5],
  ['AddPartitionsToTxn', [3, 5], 3],
  ['DeleteRecords', [2, 2], 2],
  ['DescribeGroups', [5, 5], 5],
  ['AlterConfigs', [2, 2], 2],
];

const LIBRDKAFKA: readonly Wish[] = [
  ['Produce', [3, 10], 10],
  ['Fetch', [0, 16], 16],
  ['ListOffsets', [0, 7], 7],
  ['Metadata', [0, 13], 12],
  ['OffsetCommit', [0, 9], 9],
  ['OffsetFetch', [0, 9], 9],
  ['FindCoordinator', [0, 2], 2],
  ['JoinGroup', [0, 5], 5],
  ['Heartbeat', [0, 3], 3],
  ['LeaveGroup', [0, 1], 1],
  ['SyncGroup', [0, 3], 3],
  ['OffsetForLeaderEpoch', [2, 2], 2],
];

const JAVA: readonly Wish[] = [
  ['Produce', [3, 13], 11],
  ['Fetch', [4, 18], 16],
  ['ListOffsets', [1, 11], 11],
  ['Metadata', [0, 13], 12],
  ['OffsetCommit', [2, 10], 9],
  ['OffsetFetch', [1, 10], 9],
  ['JoinGroup', [0, 9], 9],
  ['EndTxn', [0, 5], 4],
  ['TxnOffsetCommit', [0, 5], 4],
  ['ConsumerGroupHeartbeat', [0, 1], 1],
];

/** What librdkafka up to 2.11 wants to find in a range before it uses a feature. */
const OLD_LIBRDKAFKA: readonly (readonly [api: string, version: number])[] = [
  ['Produce', 0],
  ['Produce', 3],
  ['Produce', 7],
  ['Fetch', 4],
  ['Fetch', 10],
  ['ListOffsets', 1],
  ['FindCoordinator', 0],
  ['OffsetCommit', 2],
  ['OffsetFetch', 1],
  ['JoinGroup', 0],
  ['SyncGroup', 0],
  ['Heartbeat', 0],
  ['LeaveGroup', 0],
  ['SaslHandshake', 0],
  ['SaslHandshake', 1],
  ['SaslAuthenticate', 0],
  ['InitProducerId', 0],
  ['ApiVersions', 0],
];

function entryOf(name: string): (typeof API_TABLE)[number] {
  return API_TABLE.find(({ codec }) => codec.name === name)!;
}

describe('the table of APIs', () => {
  it.each([
    ['kafkajs', KAFKAJS],
    ['@platformatic/kafka', PLATFORMATIC],
    ['librdkafka', LIBRDKAFKA],
    ['Java', JAVA],
  ])('gives %s the versions that serve it best', (_client, wishes) => {
    const used = wishes.map(([name, [min, max]]) => {
      const entry = entryOf(name);
      const highest = Math.min(max, entry.maxVersion);
      return [name, highest >= Math.max(min, entry.minVersion) ? highest : undefined];
    });
    expect(used).toEqual(wishes.map(([name, , wanted]) => [name, wanted]));
  });

  it('contains the versions by which an old librdkafka tells features', () => {
    const missing = OLD_LIBRDKAFKA.filter(([name, version]) => {
      const { minVersion, maxVersion } = entryOf(name);
      return version < minVersion || version > maxVersion;
    });
    expect(missing).toEqual([]);
  });

  it('advertises nothing that has no codec, but Produce 0 to 2', () => {
    const uncovered = API_TABLE.filter(({ codec, minVersion, maxVersion }) => {
      return minVersion < codec.minVersion || maxVersion > codec.maxVersion;
    });
    expect(uncovered.map(({ codec }) => [codec.name, codec.minVersion])).toEqual([['Produce', 3]]);
  });

  it('finds an API by its key', () => {
    expect(findApi(18)?.codec.name).toBe('ApiVersions');
    expect(findApi(4)).toBeUndefined();
  });
});
