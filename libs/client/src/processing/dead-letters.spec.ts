import { eventually, FakeBroker } from '../../testing/fake-broker';
import { batch } from '../../testing/record-parts';
import { Consumer } from '../consumer';
import type { ConsumerOptions } from '../consumer-options';
import { DeliveryError } from '../errors';

const JSON_HEADER = { key: 'content-type', value: Buffer.from('application/json') };
const QUICK = { initialMs: 1, maxMs: 2 };

describe('Dead letters', () => {
  let broker: FakeBroker;
  const consumers: Consumer[] = [];

  function open(options: Partial<ConsumerOptions> = {}): Consumer {
    const backoff = { initialMs: 2, maxMs: 10 };
    const common = { broker: broker.address, topics: ['t'], reader: 'r', backoff };
    const consumer = new Consumer({ ...common, ...options });
    consumers.push(consumer);
    return consumer;
  }

  const cursor = (partition = 0): number | undefined => broker.cursors.get(`r:t/${partition}`);
  const dead = (partition = 0): Record<string, string>[] =>
    broker
      .records('t.dead-letters', partition)
      .map(({ headers }) =>
        Object.fromEntries(headers.map(({ key, value }) => [key, value?.toString() ?? ''])),
      );

  beforeEach(async () => {
    broker = await FakeBroker.start({ t: 2 });
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.close().catch(() => null)));
    await broker.stop();
  });

  it('sends the record as it was to the dead letters, with why and from where', async () => {
    const headers = [
      { key: 'trace', value: Buffer.from('1') },
      { key: 'trace', value: Buffer.from('2') },
      { key: 'empty', value: null },
    ];
    broker.append('t', 1, batch([{ key: 'ada', value: 'bytes', headers }, { key: 'bob' }]));
    const seen: number[] = [];
    const told: unknown[] = [];
    const consumer = open({ raw: true });
    const run = consumer.run({
      eachRecord: ({ offset }) => {
        seen.push(offset);
        if (offset === 0) throw new TypeError('broken', { cause: new Error('inner') });
      },
      retry: { attempts: 2, backoff: QUICK },
      deadLetters: { onDeadLetter: (...args) => told.push(args) },
    });
    await eventually(() => seen.includes(1), 'the next record');
    await consumer.close();
    await run;
    const [letter] = broker.records('t.dead-letters', 1);
    expect(letter?.key?.toString()).toBe('ada');
    expect(letter?.value?.toString()).toBe('bytes');
    expect(letter?.headers.slice(0, 3)).toEqual(headers);
    expect(letter?.headers[3]?.key).toBe('walrusmq-dead-letter-topic');
    const [named] = dead(1);
    expect(named).toMatchObject({
      'walrusmq-dead-letter-topic': 't',
      'walrusmq-dead-letter-partition': '1',
      'walrusmq-dead-letter-offset': '0',
      'walrusmq-dead-letter-timestamp': '1000',
      'walrusmq-dead-letter-attempts': '2',
      'walrusmq-dead-letter-cause': 'TypeError: broken',
      'walrusmq-dead-letter-reader': 'r',
    });
    expect(named?.['walrusmq-dead-letter-stack']).toMatch(
      /TypeError: broken[^]*caused by: .*inner/,
    );
    const first = Number(named?.['walrusmq-dead-letter-first-failure']);
    expect(Number(named?.['walrusmq-dead-letter-last-failure'])).toBeGreaterThanOrEqual(first);
    expect(told).toHaveLength(1);
    expect(cursor(1)).toBe(2);
  });

  it('buries what cannot be read, at once and as bytes', async () => {
    broker.append('t', 0, batch([{ value: '{"n":', headers: [JSON_HEADER] }, { value: 'fine' }]));
    const seen: number[] = [];
    const consumer = open();
    const run = consumer.run({
      eachRecord: ({ offset }) => seen.push(offset),
      retry: { attempts: 5, backoff: { initialMs: 60_000 } },
      deadLetters: {},
    });
    await eventually(() => seen.length === 1, 'the readable record');
    await consumer.close();
    await run;
    expect(seen).toEqual([1]);
    expect(broker.values('t.dead-letters')).toEqual(['{"n":']);
    expect(dead()[0]).toMatchObject({
      'walrusmq-dead-letter-attempts': '0',
      'walrusmq-dead-letter-cause': expect.stringContaining(
        'SerialisationError: t/0 offset 0',
      ) as string,
    });
    expect(cursor()).toBe(2);
  });

  it('leaves the stack out of a letter that is too large with it', async () => {
    broker.limits = { ...broker.limits, batchBytesMax: 4_096 };
    broker.append('t', 0, batch([{ value: 'x'.repeat(3_000) }]));
    const consumer = open();
    const run = consumer.run({
      eachRecord: () => {
        const error = new Error('large');
        error.stack = 's'.repeat(5_000);
        throw error;
      },
      deadLetters: {},
    });
    await eventually(() => dead().length === 1, 'the letter');
    await consumer.close();
    await run;
    expect(dead()[0]).toMatchObject({ 'walrusmq-dead-letter-cause': 'Error: large' });
    expect(dead()[0]).not.toHaveProperty('walrusmq-dead-letter-stack');
  });

  it('cuts cause and stack behind a whole character', async () => {
    broker.append('t', 0, batch([{}]));
    const consumer = open();
    const run = consumer.run({
      eachRecord: () => {
        const error = new Error('ü'.repeat(2_000));
        error.stack = `s${'🌊'.repeat(5_000)}`;
        throw error;
      },
      deadLetters: {},
    });
    await eventually(() => dead().length === 1, 'the letter');
    await consumer.close();
    await run;
    const { 'walrusmq-dead-letter-cause': cause, 'walrusmq-dead-letter-stack': stack } = dead()[0]!;
    expect(Buffer.byteLength(cause!)).toBe(1_023);
    expect(Buffer.byteLength(stack!)).toBe(8_189);
    expect(stack).not.toContain('\ufffd');
  });

  it('sends to the topic of choice, by key where that has fewer partitions', async () => {
    broker.createTopic('graveyard', 1);
    broker.append('t', 1, batch([{ key: 'a' }]));
    const consumer = open();
    const run = consumer.run({
      eachRecord: () => Promise.reject(new Error('no')),
      deadLetters: { topic: ({ topic }) => (topic === 't' ? 'graveyard' : 'other'), create: false },
    });
    await eventually(() => broker.records('graveyard', 0).length === 1, 'the letter');
    await consumer.close();
    await run;
    expect(broker.count('createTopic')).toBe(0);
  });

  it('makes the topic anew when it was deleted meanwhile', async () => {
    broker.append('t', 0, batch([{}, {}]));
    let opened: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (opened = resolve));
    const consumer = open();
    const run = consumer.run({
      eachRecord: async ({ offset }) => {
        if (offset === 1) await gate;
        throw new Error('no');
      },
      deadLetters: {},
    });
    await eventually(() => broker.count('produce') === 1, 'the first letter');
    broker.deleteTopic('t.dead-letters');
    opened();
    await eventually(() => broker.count('createTopic') === 2, 'the topic once more');
    await consumer.close();
    await run;
    expect(dead()).toHaveLength(1);
    expect(cursor()).toBe(2);
  });

  it('ends, with the record unfinished, when its letter cannot be sent', async () => {
    broker.append('t', 0, batch([{}, {}]));
    broker.intercept = ({ operation }) =>
      operation === 'produce' ? { error: 'INVALID_REQUEST' } : undefined;
    const consumer = open();
    const run = consumer.run({
      eachRecord: ({ offset }) => {
        if (offset === 1) throw new Error('no');
      },
      deadLetters: {},
    });
    await expect(run).rejects.toThrow(DeliveryError);
    expect(cursor()).toBe(1);
  });

  describe('of a group that reads topics by a pattern', () => {
    const pattern = { group: 'g', reader: undefined, topics: undefined } as const;
    const fail = (): never => {
      throw new Error('no');
    };

    it('refuses topics whose dead letters it would read again, before it handles any', async () => {
      broker.append('t', 0, batch([{}]));
      let calls = 0;
      const run = open({ ...pattern, topicPattern: /^t/ }).run({
        eachRecord: () => void (calls += 1),
        deadLetters: {},
      });
      await expect(run).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('topicPattern matches "t.dead-letters"') as string,
      });
      expect(calls).toBe(0);
      expect(broker.count('createTopic')).toBe(0);
      expect(broker.groups.get('g').committed.get('t/0')).toBe(0);
    });

    it('refuses a dead-letter topic that the pattern matches', async () => {
      const run = open({ ...pattern, topicPattern: '(?i)T.*' }).run({
        eachRecord: fail,
        deadLetters: { topic: 'tomb' },
      });
      await expect(run).rejects.toThrow(/topicPattern matches "tomb"/);
      expect(broker.requests).toEqual([]);
    });

    it('sends nothing where a function names a topic that the pattern matches', async () => {
      broker.append('t', 0, batch([{}]));
      const run = open({ ...pattern, topicPattern: /^t/ }).run({
        eachRecord: fail,
        deadLetters: { topic: ({ topic }) => `${topic}-dead` },
      });
      await expect(run).rejects.toThrow(/topicPattern matches "t-dead"/);
      expect(broker.count('createTopic')).toBe(0);
    });

    it('sends on no record that died in it before, whatever its pattern says', async () => {
      const header = { key: 'walrusmq-dead-letter-group', value: Buffer.from('g') };
      broker.append('t', 0, batch([{ headers: [header] }]));
      const run = open({ ...pattern, topicPattern: /^t$/ }).run({
        eachRecord: fail,
        deadLetters: {},
      });
      await expect(run).rejects.toThrow('t/0@0 is a dead letter of the group "g" itself');
      expect(broker.count('produce')).toBe(0);
    });

    it('sends letters to topics that the pattern does not match', async () => {
      broker.append('t', 0, batch([{}]));
      const consumer = open({ ...pattern, topicPattern: /^t$/ });
      const run = consumer.run({ eachRecord: fail, deadLetters: {} });
      await eventually(() => dead().length === 1, 'the letter');
      await consumer.close();
      await run;
      expect(broker.groups.get('g').committed.get('t/0')).toBe(1);
    });
  });

  it('ends when the topic is missing and must not be created', async () => {
    broker.append('t', 0, batch([{}]));
    const run = open().run({
      eachRecord: () => Promise.reject(new Error('no')),
      deadLetters: { create: false },
    });
    await expect(run).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    expect(cursor()).toBe(0);
  });
});
