// OffsetForLeaderEpoch, and the leader epochs that Fetch and ListOffsets are asked with.
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchCodec, listOffsetsCodec, offsetForLeaderEpochCodec } from '@walrusmq/kafka-protocol';
import { encodeBatch } from '@walrusmq/record-batch';
import { openMemoryStorage, openWalStorage, type InstanceStorage } from '@walrusmq/storage';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';
import type { Partition } from '../partition/partition';
import { epochEnd } from './epoch-end';

let fixture: KafkaFixture;
let storage: InstanceStorage;
let partition: Partition;
beforeEach(async () => {
  storage = openMemoryStorage();
  fixture = await KafkaFixture.open({}, () => storage);
  await fixture.topics.create({ name: 'orders' });
  partition = fixture.topics.partition('orders', 0);
});
afterEach(() => fixture.close());

const append = async (records: number): Promise<void> => {
  const values = Array.from({ length: records }, () => ({ value: Buffer.from('v') }));
  await partition.append([encodeBatch(values)]).synced;
};
/** From now on the log is in this epoch, as after a recovery that cut records. */
const beginEpoch = (leaderEpoch: number): void => {
  Object.assign(storage.log(fixture.topics.require('orders').id, 0), { leaderEpoch });
};

/** Epoch 0 has the offsets 0 to 4, 1 none, 2 those from 5 to 8, 5 those from 9 to 11. */
const beginEpochs = async (): Promise<void> => {
  await append(3);
  await append(2);
  beginEpoch(2);
  await append(4);
  beginEpoch(5);
  await append(1);
  await append(2);
};

describe('OffsetForLeaderEpoch', () => {
  const end = async (
    leaderEpoch: number,
    { version = 4, topic = 'orders', index = 0, currentLeaderEpoch = -1 } = {},
  ): Promise<readonly [leaderEpoch: number, endOffset: number, error: string]> => {
    const asked = { partition: index, currentLeaderEpoch, leaderEpoch };
    const request = { topics: [{ topic, partitions: [asked] }] };
    const answer = await fixture.ask(offsetForLeaderEpochCodec, version, request);
    expect(answer.throttleTimeMs).toBe(0);
    const [told] = answer.topics;
    const [result] = told?.partitions ?? [];
    expect([told?.topic, result?.partition]).toEqual([topic, index]);
    return [
      result?.leaderEpoch ?? NaN,
      result?.endOffset ?? NaN,
      errorName(result?.errorCode ?? 0),
    ];
  };

  it.each(advertisedVersions(offsetForLeaderEpochCodec))(
    'ends the one epoch at the readable end, in version %d',
    async (version) => {
      expect(await end(0, { version })).toEqual([0, 0, 'NONE']);
      await append(3);
      expect(await end(0, { version })).toEqual([0, 3, 'NONE']);
    },
  );

  it('ends an epoch before the first record of a greater one', async () => {
    await beginEpochs();
    expect(await end(0)).toEqual([0, 5, 'NONE']);
    expect(await end(2)).toEqual([2, 9, 'NONE']);
    expect(await end(5)).toEqual([5, 12, 'NONE']);
  });

  it('answers for an epoch without records with the one before it', async () => {
    await beginEpochs();
    expect(await end(1)).toEqual([0, 5, 'NONE']);
    expect(await end(4)).toEqual([2, 9, 'NONE']);
  });

  it('ends an epoch at the readable end while the next one has no records', async () => {
    await append(3);
    beginEpoch(1);
    expect(await end(0)).toEqual([0, 3, 'NONE']);
    expect(await end(1)).toEqual([1, 3, 'NONE']);
  });

  it('knows nothing of epochs to come, nor of none', async () => {
    await beginEpochs();
    expect(await end(6)).toEqual([-1, -1, 'NONE']);
    expect(await end(-1)).toEqual([-1, -1, 'NONE']);
  });

  it('ends an epoch at the log start where its records are gone', async () => {
    await beginEpochs();
    await partition.truncate(9);
    expect(await end(0)).toEqual([0, 9, 'NONE']);
    expect(await end(2)).toEqual([2, 9, 'NONE']);
    await partition.truncate(11);
    expect(await end(2)).toEqual([2, 11, 'NONE']);
  });

  it('finds every end in a log of many epochs, with few reads', async () => {
    const starts: number[] = [];
    let seed = 20_261_123;
    const next = (bound: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed % bound;
    };
    for (let epoch = 0; epoch < 40; epoch += 1) {
      beginEpoch(epoch);
      starts.push(partition.readableEnd);
      for (let batches = next(4); batches > 0; batches -= 1) await append(1 + next(5));
    }
    starts.push(partition.readableEnd);
    let reads = 0;
    const counted = {
      state: partition.state,
      read: (offset: number, maxBytes: number) => {
        reads += 1;
        return partition.read(offset, maxBytes);
      },
    };
    for (let epoch = 0; epoch < 40; epoch += 1) {
      const { endOffset } = await epochEnd(counted, epoch);
      expect([epoch, endOffset]).toEqual([epoch, starts[epoch + 1]]);
    }
    expect(reads).toBeLessThan(40 * 10);
  });

  it('holds the present epoch of the client against that of the partition', async () => {
    await beginEpochs();
    expect(await end(0, { currentLeaderEpoch: 5 })).toEqual([0, 5, 'NONE']);
    expect(await end(0, { currentLeaderEpoch: 4 })).toEqual([-1, -1, 'FENCED_LEADER_EPOCH']);
    expect(await end(0, { currentLeaderEpoch: 6 })).toEqual([-1, -1, 'UNKNOWN_LEADER_EPOCH']);
  });

  it('answers UNKNOWN_TOPIC_OR_PARTITION for what is not there', async () => {
    const unknown = [-1, -1, 'UNKNOWN_TOPIC_OR_PARTITION'];
    expect(await end(0, { topic: 'none' })).toEqual(unknown);
    expect(await end(0, { index: 1 })).toEqual(unknown);
    expect(await end(0, { index: -1 })).toEqual(unknown);
  });
});

describe('a client that names the leader epoch', () => {
  const EPOCHS: readonly (readonly [number, string])[] = [
    [-1, 'NONE'],
    [3, 'NONE'],
    [2, 'FENCED_LEADER_EPOCH'],
    [0, 'FENCED_LEADER_EPOCH'],
    [4, 'UNKNOWN_LEADER_EPOCH'],
  ];
  beforeEach(async () => {
    beginEpoch(3);
    await append(2);
  });

  it.each(EPOCHS)('fetches with the epoch %d: %s', async (currentLeaderEpoch, error) => {
    const asked = {
      partition: 0,
      currentLeaderEpoch,
      fetchOffset: 0,
      partitionMaxBytes: 1_000_000,
    };
    const { responses } = await fixture.ask(fetchCodec, 12, {
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1_000_000,
      isolationLevel: 0,
      topics: [{ topic: 'orders', partitions: [asked] }],
    });
    const answer = responses[0]?.partitions[0];
    expect(errorName(answer?.errorCode ?? NaN)).toBe(error);
    expect(answer?.highWatermark).toBe(error === 'NONE' ? 2 : -1);
  });

  it.each(EPOCHS)('lists offsets with the epoch %d: %s', async (currentLeaderEpoch, error) => {
    const asked = { partitionIndex: 0, currentLeaderEpoch, timestamp: -1 };
    const { topics } = await fixture.ask(listOffsetsCodec, 7, {
      replicaId: -1,
      topics: [{ name: 'orders', partitions: [asked] }],
    });
    const answer = topics[0]?.partitions[0];
    expect(errorName(answer?.errorCode ?? NaN)).toBe(error);
    expect([answer?.offset, answer?.leaderEpoch]).toEqual(error === 'NONE' ? [2, 3] : [-1, -1]);
  });
});

describe('a log that lost its last records', () => {
  it('ends the epoch before, and fences who still is in it', async () => {
    const settings = { fsync: { kind: 'no-fsync' }, blockBytes: 65_536, blocksPerFile: 4 } as const;
    const before = await KafkaFixture.open(settings, openWalStorage);
    await before.topics.create({ name: 'orders' });
    const write = async (value: string): Promise<void> => {
      const batch = encodeBatch([{ value: Buffer.from(value) }]);
      await fixture.topics.partition('orders', 0).append([batch]).synced;
    };
    await fixture.close();
    fixture = before;
    for (const value of ['first', 'second', 'the last record']) await write(value);
    // What a crash of the machine may leave: the end of the file did not reach the disk.
    const dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-torn-'));
    cpSync(before.directory, dataDir, { recursive: true });
    tear(dataDir, 'the last record');
    await before.close();
    fixture = await KafkaFixture.open({ ...settings, dataDir }, openWalStorage);
    expect(fixture.services.storage.storage.recoveryReport.leaderEpochBumped).toBe(true);
    const state = fixture.topics.partition('orders', 0).state;
    expect(state).toMatchObject({ leaderEpoch: 1, readableEnd: 2 });
    await write('another record at the same offset');
    const told = async (leaderEpoch: number, currentLeaderEpoch: number) => {
      const asked = { partition: 0, currentLeaderEpoch, leaderEpoch };
      const request = { topics: [{ topic: 'orders', partitions: [asked] }] };
      const { topics } = await fixture.ask(offsetForLeaderEpochCodec, 4, request);
      const answer = topics[0]?.partitions[0];
      return [answer?.leaderEpoch, answer?.endOffset, errorName(answer?.errorCode ?? NaN)];
    };
    expect(await told(0, 1)).toEqual([0, 2, 'NONE']);
    expect(await told(1, 1)).toEqual([1, 3, 'NONE']);
    expect(await told(0, 0)).toEqual([-1, -1, 'FENCED_LEADER_EPOCH']);
  });
});

/** Spoils a byte of the one file that holds these. */
function tear(directory: string, bytes: string): void {
  const files = readdirSync(directory, { withFileTypes: true }).filter((each) => each.isFile());
  for (const { name } of files) {
    const path = join(directory, name);
    const content = readFileSync(path);
    const at = content.indexOf(bytes);
    if (at < 0) continue;
    content.writeUInt8(content.readUInt8(at) ^ 1, at);
    writeFileSync(path, content);
    return;
  }
  throw new Error(`no file of ${directory} holds '${bytes}'`);
}
