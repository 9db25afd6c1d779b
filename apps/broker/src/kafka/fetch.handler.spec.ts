import {
  fetchCodec,
  ZERO_UUID,
  type Decoded,
  type FetchRequest,
  type FetchResponse,
} from '@walrusmq/kafka-protocol';
import { batchHeaders, encodeBatch } from '@walrusmq/record-batch';
import { settle } from '../../test/group-fixture';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';
import { STORAGES } from '../../test/test-broker';
import type { Partition } from '../partition/partition';

const VERSIONS = advertisedVersions(fetchCodec);
const TOPIC_ID_VERSION = 13;
const MIB = 1 << 20;
/** Longer than any test: what waits although it should not, is noticed. */
const FOR_EVER_MS = 600_000;
const READ_COMMITTED = 1;

type Asked = FetchRequest.FetchPartition;

const at = (partition: number, fetchOffset: number, partitionMaxBytes = MIB): Asked => ({
  partition,
  fetchOffset,
  partitionMaxBytes,
});

describe.each(STORAGES)('Fetch on %s', (_, openStorage) => {
  let fixture: KafkaFixture;
  let partition: Partition;
  beforeEach(async () => {
    const blocks = { blockBytes: 65_536, blocksPerFile: 4 };
    fixture = await KafkaFixture.open(blocks, openStorage);
    await fixture.topics.create({ name: 'orders', partitions: 3 });
    partition = fixture.topics.partition('orders', 0);
  });
  afterEach(() => fixture.close());

  /** Appends one batch of so many records. */
  const append = async (records: number, index = 0): Promise<void> => {
    const values = Array.from({ length: records }, () => ({ value: Buffer.alloc(100, 'v') }));
    await fixture.topics.partition('orders', index).append([encodeBatch(values)]).synced;
  };
  const topicOf = (version: number, partitions: readonly Asked[]): FetchRequest.FetchTopic =>
    version >= TOPIC_ID_VERSION
      ? { topicId: fixture.topics.require('orders').id, partitions }
      : { topic: 'orders', partitions };
  const fetch = (
    partitions: readonly Asked[],
    more: Partial<FetchRequest> = {},
    version = TOPIC_ID_VERSION - 1,
  ) =>
    fixture.ask(fetchCodec, version, {
      ...{ maxWaitMs: 0, minBytes: 1, isolationLevel: 0 },
      topics: [topicOf(version, partitions)],
      ...more,
    });
  type Answer = Awaited<ReturnType<typeof fetch>>;
  const answersOf = ({ responses }: Answer) => responses.flatMap(({ partitions }) => partitions);
  const batchesOf = ({ records }: Decoded<FetchResponse.PartitionData>) =>
    [...batchHeaders(Buffer.concat(records ?? []))].map(({ header }) => [
      header.baseOffset,
      header.lastOffset,
    ]);
  /** Of each partition, in the order of the request, its error and where its batches lie. */
  const seen = (answer: Answer) =>
    answersOf(answer).map((each) => [errorName(each.errorCode), ...batchesOf(each)]);

  it('gives the whole batch that an offset lies in, in every version', async () => {
    await append(3);
    await append(4);
    for (const version of VERSIONS) {
      for (const [offset, batch] of [
        [0, [0, 2]],
        [2, [0, 2]],
        [3, [3, 6]],
        [6, [3, 6]],
      ] as const) {
        const [[error, first] = []] = seen(await fetch([at(0, offset)], {}, version));
        expect([version, offset, error, first]).toEqual([version, offset, 'NONE', batch]);
      }
    }
  });

  it.each([
    ['uncommitted', 0, null],
    ['committed', READ_COMMITTED, []],
  ])('tells readers of what is %s what Kafka tells, in every version', async (...of) => {
    const [, isolationLevel, abortedTransactions] = of;
    await append(4);
    await partition.truncate(2);
    for (const version of VERSIONS) {
      const wanted = [at(0, 2), at(0, 4)];
      const [records, nothing] = answersOf(await fetch(wanted, { isolationLevel }, version));
      const told = {
        errorCode: 0,
        highWatermark: 4,
        lastStableOffset: 4,
        logStartOffset: version >= 5 ? 2 : -1,
        abortedTransactions,
        preferredReadReplica: -1,
      };
      expect(records).toMatchObject(told);
      expect(batchesOf(records!)).toEqual([[0, 3]]);
      expect(nothing).toMatchObject({ ...told, records: [] });
    }
  });

  it.each([
    ['below the log start', 1],
    ['behind the end', 5],
    ['below zero', -1],
    ['beyond exact numbers', Number.MAX_SAFE_INTEGER],
  ])('answers OFFSET_OUT_OF_RANGE at once, and no offsets, %s', async (...of) => {
    const [, offset] = of;
    await append(4);
    await partition.truncate(2);
    for (const version of VERSIONS) {
      const wanted = [at(0, offset), at(1, 0)];
      const answers = answersOf(await fetch(wanted, { maxWaitMs: FOR_EVER_MS }, version));
      expect(errorName(answers[0]!.errorCode)).toBe('OFFSET_OUT_OF_RANGE');
      const none = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1, records: [] };
      expect(answers[0]).toMatchObject(none);
      expect(answers[1]).toMatchObject({ errorCode: 0, highWatermark: 0, records: [] });
    }
  });

  // A producer with acks 1 is told an offset before the sync, up to which others may read.
  it('waits at an offset that was taken and cannot be read yet', async () => {
    const first = partition.append([encodeBatch([{ value: Buffer.from('a') }])]);
    expect(partition.readableEnd).toBe(0);
    const empty = fetch([at(0, 1)]);
    const waiting = fetch([at(0, 1)], { maxWaitMs: FOR_EVER_MS });
    expect(seen(await empty)).toEqual([['NONE']]);
    await first.synced;
    await append(1);
    expect(seen(await waiting)).toEqual([['NONE', [1, 1]]]);
  });

  it.each([
    ['nothing is asked for', []],
    ['there is enough', [at(0, 0), at(1, 0)]],
    ['a partition has an error', [at(1, 0), at(9, 0)]],
  ])('answers at once where %s', async (...of) => {
    const [, partitions] = of;
    await append(1);
    const answer = await fetch(partitions, { maxWaitMs: FOR_EVER_MS });
    expect(answersOf(answer)).toHaveLength(partitions.length);
  });

  it('waits for as many bytes as it is asked to, and for no longer', async () => {
    await append(1);
    const [one] = answersOf(await fetch([at(0, 0)]));
    const minBytes = 2 * Buffer.concat(one?.records ?? []).length;
    const waiting = fetch([at(1, 0), at(0, 1)], { maxWaitMs: FOR_EVER_MS, minBytes });
    let isAnswered = false;
    void waiting.then(() => (isAnswered = true));
    await append(1);
    await settle();
    expect(isAnswered).toBe(false);
    await append(1, 1);
    expect(seen(await waiting)).toEqual([
      ['NONE', [0, 0]],
      ['NONE', [1, 1]],
    ]);
    const startMs = performance.now();
    expect(seen(await fetch([at(0, 1)], { maxWaitMs: 50, minBytes }))).toEqual([['NONE', [1, 1]]]);
    // A timer may be early by the part of a millisecond that its clock does not have.
    expect(performance.now() - startMs).toBeGreaterThan(48);
  });

  it.each([1, 0, -1])('gives one batch although its limits are %d bytes', async (bytes) => {
    for (const index of [0, 1, 2]) await append(1, index);
    const wanted = [0, 1, 2].map((index) => at(index, 0, bytes));
    const answer = await fetch(wanted, { maxBytes: bytes, maxWaitMs: FOR_EVER_MS });
    expect(answersOf(answer).flatMap(batchesOf)).toEqual([[0, 0]]);
  });

  it('reads another partition first each time, so that none starves', async () => {
    for (const index of [0, 1, 2]) await append(1, index);
    const served = new Set<number>();
    for (let turn = 0; turn < 3; turn += 1) {
      const answers = answersOf(await fetch([at(0, 0), at(1, 0), at(2, 0)], { maxBytes: 1 }));
      expect(answers.map(({ partitionIndex }) => partitionIndex)).toEqual([0, 1, 2]);
      served.add(answers.findIndex((each) => batchesOf(each).length > 0));
    }
    expect([...served].sort()).toEqual([0, 1, 2]);
  });

  it('knows topics by their ids, and by those alone, from version 13 on', async () => {
    await append(1);
    const before = fixture.topics.require('orders').id;
    const versions = VERSIONS.filter((version) => version >= TOPIC_ID_VERSION);
    for (const version of versions) {
      const [known] = (await fetch([at(0, 0)], {}, version)).responses;
      expect([known?.topicId, known?.topic]).toEqual([before, '']);
      expect(batchesOf(known!.partitions[0]!)).toEqual([[0, 0]]);
    }
    await fixture.topics.delete('orders');
    await fixture.topics.create({ name: 'orders', partitions: 3 });
    const partitions = [at(0, 0), at(1, 0)];
    for (const version of versions) {
      for (const topicId of [before, ZERO_UUID]) {
        const answer = await fetch([], { topics: [{ topicId, partitions }] }, version);
        expect(answer.responses.map((each) => each.topicId)).toEqual([topicId]);
        expect(seen(answer)).toEqual([['UNKNOWN_TOPIC_ID'], ['UNKNOWN_TOPIC_ID']]);
      }
    }
  });

  it.each([
    ['without a session', 0, -1],
    ['that wants to begin a session', 0, 0],
    ['that ends a session of before and begins one', 77, 0],
    ['that ends a session of before', 77, -1],
  ])('answers a whole request %s in full, and opens none', async (...of) => {
    const [, sessionId, sessionEpoch] = of;
    await append(1);
    for (const version of VERSIONS.filter((each) => each >= 7)) {
      const forgotten = version >= TOPIC_ID_VERSION ? { topicId: ZERO_UUID } : { topic: 'orders' };
      const session = {
        ...{ sessionId, sessionEpoch },
        forgottenTopicsData: [{ ...forgotten, partitions: [0] }],
      };
      const answer = await fetch([at(0, 0), at(1, 0), at(7, 0)], session, version);
      expect(answer).toMatchObject({ errorCode: 0, sessionId: 0 });
      expect(seen(answer)).toEqual([['NONE', [0, 0]], ['NONE'], ['UNKNOWN_TOPIC_OR_PARTITION']]);
    }
  });

  it.each([
    [0, 1],
    [77, 1],
    [77, 2_147_483_647],
    [77, -2],
  ])('has no session %d to go on with at epoch %d', async (sessionId, sessionEpoch) => {
    await append(1);
    for (const version of VERSIONS.filter((each) => each >= 7)) {
      const session = { sessionId, sessionEpoch, maxWaitMs: FOR_EVER_MS };
      for (const partitions of [[], [at(1, 0)]]) {
        const answer = await fetch(partitions, session, version);
        expect(errorName(answer.errorCode)).toBe('FETCH_SESSION_ID_NOT_FOUND');
        expect(answer).toMatchObject({ sessionId: 0, responses: [] });
      }
    }
  });
});
