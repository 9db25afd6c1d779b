// The life of named readers as a client sees it, on both storages.
import { READERS_PER_PARTITION_MAX } from '@walrusmq/protocol';
import { codeOf, type RawClient } from './raw-client';
import { STORAGES, TestBroker, batchOf } from './test-broker';

type Entry = readonly unknown[];

describe.each(STORAGES)('named readers on %s', (_, openStorage) => {
  let broker: TestBroker;
  let client: RawClient;

  beforeEach(async () => {
    broker = await TestBroker.start({}, openStorage);
    client = await broker.withTopic('orders', 3);
    await client.request('createTopic', { name: 'empty', partitions: 2 });
    // Partition 0 has 0 to 9, partition 1 has 0 to 4, partition 2 has nothing.
    await fill('orders', 0, 10);
    await fill('orders', 1, 5);
  });
  afterEach(() => broker.stop());

  const fill = async (topic: string, partition: number, count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      await client.request('produce', { topic, partition, acks: -1 }, [batchOf(`v${i}`)]);
    }
  };
  const ask = async (operation: string, fields: object, by = client): Promise<unknown> => {
    const reply = await by.request(operation, fields);
    return reply.kind === 'ok' ? reply.fields : codeOf(reply);
  };
  const create = (fields: object): Promise<unknown> =>
    ask('readerCreate', { reader: 'r', ...fields });
  const reset = async (fields: object): Promise<unknown> => {
    const reply = await ask('readerReset', { reader: 'r', ...fields });
    return typeof reply === 'string' ? reply : (reply as { offsets: Entry[] }).offsets;
  };
  const positions = async (reader = 'r', topic = 'orders'): Promise<unknown> => {
    const reply = await client.request('readerFetch', {
      reader,
      partitions: [0, 1, 2].map((partition) => [topic, partition]),
    });
    return (reply.fields.offsets as Entry[]).map(([, , offset]) => offset);
  };

  describe('readerCreate', () => {
    it.each([
      ['earliest', [3, 0, 0]],
      ['latest', [10, 5, 0]],
      [0, [3, 0, 0]],
      [Number.MAX_SAFE_INTEGER, [10, 5, 0]],
    ])('gives it a position at %j of all partitions', async (at, offsets) => {
      await ask('deleteRecords', { topic: 'orders', offsets: [[0, 3]] });
      const made = await create({ topics: ['orders'], at });
      expect(made).toEqual({ offsets: offsets.map((offset, i) => ['orders', i, offset]) });
      expect(await positions()).toEqual(offsets);
    });

    it('takes offsets, of which all have to be in the log', async () => {
      const offsets = [
        ['orders', 0, 7],
        ['orders', 1, 6],
      ];
      expect(await create({ offsets })).toBe('OFFSET_OUT_OF_RANGE');
      expect(await positions()).toEqual([null, null, null]);
      offsets[1] = ['orders', 1, 5];
      expect(await create({ offsets })).toEqual({ offsets });
      expect(await positions()).toEqual([7, 5, null]);
    });

    it('refuses one that is there, or leaves it where it is', async () => {
      await create({ partitions: [['orders', 1]], at: 'latest' });
      expect(await create({ topics: ['orders'], at: 'earliest' })).toBe('READER_EXISTS');
      expect(await positions()).toEqual([null, 5, null]);
      const kept = await create({ topics: ['orders'], at: 'earliest', ifExists: 'keep' });
      expect(kept).toMatchObject({
        offsets: [['orders', 0, 0], ['orders', 1, 5], expect.anything()],
      });
      expect(await positions()).toEqual([0, 5, 0]);
    });

    it('refuses topics and partitions that do not exist, and makes nothing', async () => {
      const gone = { topics: ['orders', 'gone'], at: 'latest' };
      expect(await create(gone)).toBe('UNKNOWN_TOPIC');
      const beyond = {
        partitions: [
          ['orders', 0],
          ['orders', 3],
        ],
        at: 'latest',
      };
      expect(await create(beyond)).toBe('UNKNOWN_PARTITION');
      expect(await positions()).toEqual([null, null, null]);
    });

    it(`refuses reader ${READERS_PER_PARTITION_MAX + 1} of a partition`, async () => {
      const at = { partitions: [['orders', 2]], at: 'latest' };
      for (let i = 0; i < READERS_PER_PARTITION_MAX; i += 1) {
        client.send('readerCreate', { reader: `r${i}`, ...at });
      }
      for (let i = 0; i < READERS_PER_PARTITION_MAX; i += 1) {
        expect((await client.reply()).kind).toBe('ok');
      }
      expect(await create(at)).toBe('LIMIT_EXCEEDED');
      const commit = { reader: 'late', offsets: [['orders', 2, 0]] };
      expect(await ask('readerCommit', commit)).toBe('LIMIT_EXCEEDED');
      expect(await ask('readerDelete', { reader: 'r5' })).toEqual({ topics: ['orders'] });
      expect(await create(at)).toEqual({ offsets: [['orders', 2, 0]] });
    });
  });

  describe('readerReset', () => {
    beforeEach(() =>
      create({
        offsets: [
          ['orders', 0, 4],
          ['orders', 1, 4],
        ],
      }),
    );
    const all = { topics: ['orders'] };

    it.each<[object, Entry[]]>([
      [
        { ...all, at: 'earliest' },
        [
          [4, 0],
          [4, 0],
          [null, 0],
        ],
      ],
      [
        { ...all, at: 'latest' },
        [
          [4, 10],
          [4, 5],
          [null, 0],
        ],
      ],
      [
        { ...all, at: 0 },
        [
          [4, 0],
          [4, 0],
          [null, 0],
        ],
      ],
      [
        { ...all, at: Number.MAX_SAFE_INTEGER },
        [
          [4, 10],
          [4, 5],
          [null, 0],
        ],
      ],
      [
        { ...all, shiftBy: 3 },
        [
          [4, 7],
          [4, 5],
          [null, 0],
        ],
      ],
      [
        { ...all, shiftBy: -5 },
        [
          [4, 0],
          [4, 0],
          [null, 0],
        ],
      ],
      [
        { ...all, shiftBy: -Number.MAX_SAFE_INTEGER },
        [
          [4, 0],
          [4, 0],
          [null, 0],
        ],
      ],
      [
        { ...all, shiftBy: Number.MAX_SAFE_INTEGER },
        [
          [4, 10],
          [4, 5],
          [null, 0],
        ],
      ],
      [{ partitions: [['orders', 1]], shiftBy: -1 }, [[4, 3]]],
      [
        {
          offsets: [
            ['orders', 0, 9],
            ['orders', 1, 99],
          ],
        },
        [
          [4, 9],
          [4, 5],
        ],
      ],
    ])('says by a dry run what it then does: %j', async (fields, moves) => {
      const planned = (await reset({ ...fields, dryRun: true })) as Entry[];
      expect(planned.map(([, , before, after]) => [before, after])).toEqual(moves);
      expect(await positions()).toEqual([4, 4, null]);
      expect(await reset(fields)).toEqual(planned);
      for (const [topic, partition, , after] of planned) {
        const request = { reader: 'r', partitions: [[topic, partition]] };
        const now = await ask('readerFetch', request);
        expect(now).toEqual({ offsets: [[topic, partition, after]] });
      }
    });

    it('goes to the first record that is not older than a time', async () => {
      await client.request('createTopic', { name: 'timed' });
      const records = [100, 200, 300].map((time) => [null, `t${time}`, null, time]);
      await ask('produce', { topic: 'timed', partition: 0, records });
      await create({ topics: ['timed'], at: 'latest' });
      expect(await reset({ topics: ['timed'], at: 150 })).toEqual([['timed', 0, 3, 1]]);
      expect(await reset({ topics: ['timed'], at: 301 })).toEqual([['timed', 0, 1, 3]]);
    });

    it('goes to where another reader stands, or to the log start', async () => {
      await ask('readerCommit', { reader: 'other', offsets: [['orders', 0, 8]] });
      const copy = { ...all, copyFrom: 'other' };
      expect(await reset(copy)).toEqual([
        ['orders', 0, 4, 8],
        ['orders', 1, 4, 0],
        ['orders', 2, null, 0],
      ]);
      expect(await reset({ ...all, copyFrom: 'nobody' })).toBe('UNKNOWN_READER');
      expect(await positions()).toEqual([8, 0, 0]);
      expect(await positions('other')).toEqual([8, null, null]);
    });

    it('stays within a log whose start has moved', async () => {
      await ask('deleteRecords', { topic: 'orders', offsets: [[0, 6]] });
      const one = { partitions: [['orders', 0]] };
      // It stands at the log start, which has passed it.
      expect(await reset({ ...one, shiftBy: 2, dryRun: true })).toEqual([['orders', 0, 4, 8]]);
      expect(await reset({ ...one, shiftBy: -1, dryRun: true })).toEqual([['orders', 0, 4, 6]]);
      expect(await reset({ ...one, at: 'earliest' })).toEqual([['orders', 0, 4, 6]]);
      expect(await reset({ offsets: [['orders', 0, 2]] })).toEqual([['orders', 0, 6, 6]]);
      await ask('deleteRecords', { topic: 'orders', before: 'latest' });
      expect(await reset({ ...one, at: 0 })).toEqual([['orders', 0, 6, 10]]);
    });

    it('knows only readers with a position there, none of a topic created anew', async () => {
      expect(await reset({ topics: ['empty'], at: 'latest' })).toBe('UNKNOWN_READER');
      expect(await reset({ reader: 'who', ...all, at: 'latest' })).toBe('UNKNOWN_READER');
      await ask('deleteTopic', { name: 'orders' });
      expect(await reset({ ...all, at: 'latest' })).toBe('UNKNOWN_TOPIC');
      await ask('createTopic', { name: 'orders', partitions: 3 });
      expect(await reset({ ...all, at: 'latest' })).toBe('UNKNOWN_READER');
      expect(await positions()).toEqual([null, null, null]);
    });

    it('moves on an empty topic to where its first record will be', async () => {
      await create({ topics: ['empty'], at: 'latest' });
      const moves = [0, 1].map((partition) => ['empty', partition, 0, 0]);
      for (const fields of [{ at: 'earliest' }, { at: 'latest' }, { at: 5 }, { shiftBy: 5 }]) {
        expect(await reset({ topics: ['empty'], ...fields })).toEqual(moves);
      }
    });
  });

  describe('readerDelete', () => {
    it('forgets positions and pins, of some topics or of all', async () => {
      await create({ topics: ['orders', 'empty'], at: 'latest' });
      await ask('readerPin', { reader: 'r', topic: 'orders' });
      await ask('readerCommit', { reader: 'other', offsets: [['orders', 0, 1]] });
      expect(await ask('readerDelete', { reader: 'r', topics: ['empty'] })).toEqual({
        topics: ['empty'],
      });
      expect(await positions()).toEqual([10, 5, 0]);
      expect(await ask('readerDelete', { reader: 'r' })).toEqual({ topics: ['orders'] });
      expect(await positions()).toEqual([null, null, null]);
      expect(await positions('other')).toEqual([1, null, null]);
      expect(await ask('describeTopic', { name: 'orders' })).toMatchObject({ pins: [] });
      expect(await ask('readerDelete', { reader: 'r' })).toBe('UNKNOWN_READER');
      expect(await ask('readerDelete', { reader: 'r', topics: ['orders'] })).toBe('UNKNOWN_READER');
      expect(await ask('readerDelete', { reader: 'r', topics: ['no'] })).toBe('UNKNOWN_TOPIC');
    });

    it('takes a pin off that never had a position', async () => {
      await ask('readerPin', { reader: 'idle', topic: 'orders' });
      expect(await ask('readerDelete', { reader: 'idle' })).toEqual({ topics: ['orders'] });
      expect(await ask('describeTopic', { name: 'orders' })).toMatchObject({ pins: [] });
    });
  });

  it('keeps what a pinned reader has not read, and no more once it is deleted', async () => {
    await ask('alterTopic', { name: 'orders', configs: { 'retention.consumed': true } });
    await create({ topics: ['orders'], at: 'earliest' });
    await ask('readerPin', { reader: 'r', topic: 'orders' });
    const behind = async (): Promise<unknown> => {
      const { pins } = (await ask('describeTopic', { name: 'orders' })) as {
        pins: { behindRecords: number }[];
      };
      return pins.map(({ behindRecords }) => behindRecords);
    };
    expect(await behind()).toEqual([15]);
    await ask('read', { reader: 'r', topic: 'orders', partition: 0, maxRecords: 7 });
    expect(await behind()).toEqual([8]);
    await reset({ topics: ['orders'], shiftBy: -2 });
    expect(await behind()).toEqual([10]);
    await ask('readerDelete', { reader: 'r' });
    expect(await behind()).toEqual([]);
  });

  it('has no word for the default reader of a log', async () => {
    const offsets = [['orders', 0, 0]];
    expect(await ask('readerCommit', { reader: '$default', offsets })).toBe('INVALID_REQUEST');
    expect(await ask('readerDelete', { reader: '$default' })).toBe('INVALID_REQUEST');
  });
});
