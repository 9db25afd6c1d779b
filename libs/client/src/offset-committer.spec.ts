import { encodeBatch } from '@walrusmq/record-batch';
import { eventually, FakeBroker, type Interception } from '../testing/fake-broker';
import type { OffsetToCommit } from './commit-target';
import { ConsumedPartition } from './consumed-partition';
import { Consumer } from './consumer';
import { BrokerError, ConnectionError, TimeoutError } from './errors';
import { OffsetCommitter } from './offset-committer';
import { PartitionSet } from './partition-set';

describe('OffsetCommitter', () => {
  const saves: (readonly OffsetToCommit[])[] = [];
  let failure: Error | undefined;
  let partition: ConsumedPartition;
  let committer: OffsetCommitter;

  beforeEach(async () => {
    saves.length = 0;
    failure = undefined;
    const partitions = new PartitionSet();
    partition = new ConsumedPartition('t', 0, 'earliest');
    partition.moveTo(10);
    partitions.add([partition]);
    committer = new OffsetCommitter({
      target: {
        save: (offsets) => {
          saves.push(offsets);
          return failure === undefined ? Promise.resolve() : Promise.reject(failure);
        },
      },
      partitions,
      intervalMs: undefined,
      doneOf: ({ finished }) => finished,
      onFailed: (error) => {
        throw error;
      },
    });
    await committer.commitFinished();
  });

  const offset = (to: number): OffsetToCommit => ({ topic: 't', partition: 0, offset: to });

  it.each([
    ['the connection', new ConnectionError('h', 1, 'cut', true)],
    ['the time', new TimeoutError('late')],
  ])('saves the place again after a save that may have happened: it lost %s', async (_, error) => {
    failure = error;
    await expect(committer.commit([offset(3)])).rejects.toBe(error);
    // Nothing was finished since, but it may stand at 3.
    failure = undefined;
    await committer.commitFinished();
    expect(saves.slice(1)).toEqual([[offset(3)], [offset(10)]]);
    expect(partition).toMatchObject({ saved: 10, finished: 10, position: 10 });
    await committer.commitFinished();
    expect(saves).toHaveLength(3);
  });

  it('saves what was finished while a commit waited behind another', async () => {
    const finish = (to: number): void => {
      Object.assign(partition, { position: to, fetchOffset: to, finished: to });
    };
    finish(20);
    const first = committer.commitFinished();
    finish(23);
    const second = committer.commitFinished();
    finish(26);
    await Promise.all([first, second]);
    expect(saves.slice(1)).toEqual([[offset(20)], [offset(23)]]);
    expect(partition.saved).toBe(23);
    await committer.commitFinished();
    expect(saves.at(-1)).toEqual([offset(26)]);
    expect(partition).toMatchObject({ saved: 26, finished: 26 });
  });

  it('knows what is saved after a save that was refused', async () => {
    failure = new BrokerError('NO_SPACE', 'full');
    await expect(committer.commit([offset(3)])).rejects.toBe(failure);
    failure = undefined;
    await committer.commitFinished();
    expect(saves).toHaveLength(2);
    expect(partition.saved).toBe(10);
  });

  it('saves in the order of the calls, also behind one that failed', async () => {
    failure = new ConnectionError('h', 1, 'cut', true);
    const first = committer.commit([offset(12)]);
    const second = committer.commit([offset(13)]);
    await expect(first).rejects.toBe(failure);
    await expect(second).rejects.toBe(failure);
    expect(saves.slice(1)).toEqual([[offset(12)], [offset(13)]]);
  });
});

describe('a consumer whose commit loses its connection', () => {
  let broker: FakeBroker;
  let consumer: Consumer;

  beforeEach(async () => {
    broker = await FakeBroker.start({ t: 1 });
    const records = Array.from({ length: 6 }, (_, i) => ({ value: Buffer.from(`v-${i}`) }));
    broker.append('t', 0, encodeBatch(records));
  });

  afterEach(async () => {
    await consumer.close();
    await broker.stop();
  });

  it.each(['drop', 'apply-and-drop'] as const)(
    'hands nothing out twice, and ends where it got to: %s',
    async (cut: Interception) => {
      const backoff = { initialMs: 1, maxMs: 5 };
      const options = { broker: broker.address, topics: ['t'], reader: 'r', backoff };
      consumer = new Consumer({ ...options, autoCommit: 'eachRecord' });
      let cuts = 0;
      broker.intercept = ({ operation, fields }) => {
        const [[, , to]] = (fields.offsets ?? [[]]) as [[string, number, number]];
        if (operation !== 'readerCommit' || to !== 3 || cuts === 2) return undefined;
        cuts += 1;
        return cut;
      };
      const offsets: number[] = [];
      void consumer.run({ eachRecord: ({ offset: at }) => void offsets.push(at) });
      await eventually(() => broker.cursors.get('r:t/0') === 6, 'all saved');
      expect([offsets, cuts]).toEqual([[0, 1, 2, 3, 4, 5], 2]);
      expect(consumer.position()).toMatchObject([{ topic: 't', partition: 0, offset: 6 }]);
    },
  );
});
