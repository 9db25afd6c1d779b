// When progress is saved, in relation to the records that are handed over.
import { eventually, FakeBroker } from '../testing/fake-broker';
import { batch } from '../testing/group-fixture';
import { Consumer } from './consumer';
import type { ConsumerOptions, Handlers } from './consumer-options';

describe('when progress is saved', () => {
  let broker: FakeBroker;
  const consumers: Consumer[] = [];

  function open(options: Partial<ConsumerOptions> = {}): Consumer {
    const consumer = new Consumer({
      broker: broker.address,
      topics: ['t'],
      reader: 'r',
      backoff: { initialMs: 2, maxMs: 10 },
      ...options,
    });
    consumers.push(consumer);
    return consumer;
  }

  const cursor = (): number => broker.cursors.get('r:t/0') ?? 0;

  beforeEach(async () => {
    broker = await FakeBroker.start({ t: 1 });
    for (const first of [0, 5]) broker.append('t', 0, batch(first, first + 5));
  });

  afterEach(async () => {
    broker.intercept = () => undefined;
    await Promise.all(consumers.splice(0).map((each) => each.close().catch(() => undefined)));
    await broker.stop();
  });

  /** What was saved when each record came to the handler, until all ten have. */
  async function savedAt(
    options: Partial<ConsumerOptions>,
    handlers: Partial<Handlers> = {},
  ): Promise<number[]> {
    const consumer = open(options);
    const saved: number[] = [];
    const running = consumer.run({
      ...handlers,
      eachRecord: ({ offset }) => {
        saved[offset] = cursor();
      },
    });
    await eventually(() => saved.filter((each) => each >= 0).length === 10, 'all records');
    await consumer.close();
    await running;
    return saved;
  }

  it("saves each record before the next one with autoCommit 'eachRecord'", async () => {
    expect(await savedAt({ autoCommit: 'eachRecord' })).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(cursor()).toBe(10);
  });

  it("saves each batch before the next one with autoCommit 'eachBatch'", async () => {
    expect(await savedAt({ autoCommit: 'eachBatch' })).toEqual([0, 0, 0, 0, 0, 5, 5, 5, 5, 5]);
    expect(cursor()).toBe(10);
  });

  it('keeps to that for a loop, which finishes a record by asking for the next', async () => {
    const consumer = open({ autoCommit: 'eachRecord' });
    const saved: number[] = [];
    for await (const { offset } of consumer) {
      saved.push(cursor());
      if (offset === 6) break;
    }
    expect(saved).toEqual([0, 1, 2, 3, 4, 5, 6]);
    await consumer.close();
    expect(cursor()).toBe(6);
  });

  it('hands nothing over while a broker that is away keeps it from saving', async () => {
    let failures = 3;
    broker.intercept = ({ operation }) => {
      if (operation !== 'readerCommit' || failures-- <= 0) return undefined;
      return failures === 1 ? { error: 'NO_SPACE' } : 'drop';
    };
    const options = { autoCommit: 'eachRecord', requestTimeoutMs: 500 } as const;
    expect(await savedAt(options)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(failures).toBeLessThan(0);
  });

  it('ends when a commit that has to come first is refused', async () => {
    const consumer = open({ autoCommit: 'eachRecord' });
    broker.intercept = ({ operation }) =>
      operation === 'readerCommit' ? { error: 'FENCED' } : undefined;
    const seen: number[] = [];
    const running = consumer.run({ eachRecord: ({ offset }) => void seen.push(offset) });
    await expect(running).rejects.toMatchObject({ code: 'FENCED' });
    expect(seen).toEqual([0]);
  });

  it.each([
    ['one handler', {}],
    ['several handlers', { concurrency: { max: 3, per: 'key' } }],
  ] as const)('saves all of a batch before any of it comes to %s, at most once', async (_, how) => {
    const saved = await savedAt({ delivery: 'at-most-once' }, how);
    saved.forEach((each, offset) => expect(each).toBeGreaterThan(offset));
    expect(saved[0]).toBe(5);
    expect(cursor()).toBe(10);
  });

  it('saves what several handlers have done, and all of it at the end', async () => {
    const options = { autoCommit: 'eachRecord' } as const;
    const saved = await savedAt(options, { concurrency: { max: 3, per: 'key' } });
    saved.forEach((each, offset) => expect(each).toBeLessThanOrEqual(offset));
    expect(cursor()).toBe(10);
  });

  it('hands nothing over again of what was worked on at a crash, at most once', async () => {
    const consumer = open({ delivery: 'at-most-once' });
    for await (const { offset } of consumer) if (offset === 2) break;
    // As a crash: nothing is given back.
    const atCrash = cursor();
    const seen: number[] = [];
    void open({ delivery: 'at-most-once' }).run({
      eachRecord: ({ offset }) => void seen.push(offset),
    });
    await eventually(() => seen.length === 5, 'the records behind it');
    expect([atCrash, seen[0]]).toEqual([5, 5]);
  });

  it('gives back at close what it saved ahead and did not hand over', async () => {
    const consumer = open({ delivery: 'at-most-once' });
    for await (const { offset } of consumer) if (offset === 2) break;
    await consumer.close();
    // The record that was handed over does not come again.
    expect(cursor()).toBe(3);
  });

  it('does not hand a record over again whose handler failed, at most once', async () => {
    const consumer = open({ delivery: 'at-most-once' });
    const running = consumer.run({
      eachRecord: ({ offset }) => {
        if (offset === 3) throw new Error('bad record');
      },
    });
    await expect(running).rejects.toThrow('bad record');
    expect(cursor()).toBe(4);
  });

  it('refuses commits by the program where all is saved ahead', async () => {
    const consumer = open({ delivery: 'at-most-once' });
    await expect(consumer.commit()).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it.each([
    [{ delivery: 'at-most-once', reader: undefined }, /needs a group or a reader/],
    [{ delivery: 'at-most-once', autoCommit: 'eachRecord' }, /has no place in/],
    [{ delivery: 'exactly-once' }, /delivery must be one of/],
    [{ autoCommit: 'always' }, /autoCommit must be one of "eachRecord", "eachBatch"/],
    [{ autoCommit: 'eachRecord', reader: undefined }, /needs a group or a reader/],
    [{ group: 'g' }, /a group or a reader, not both/],
    [{ instanceId: 'i' }, /instanceId needs a group/],
    [{ group: '', reader: undefined }, /group must be a text of 1 to 249 bytes/],
    [{ group: 'g', reader: undefined, topicPattern: /t/g }, /may have the flag i only/],
    [{ group: 'g', reader: undefined, topicPattern: /t/ }, /topics or a topicPattern, not both/],
    [{ group: 'g', reader: undefined, topics: [{ topic: 't', partitions: [0] }] }, /topics whole/],
    [{ group: 'g', reader: undefined, assignor: 'sticky' }, /assignor must be one of/],
    [{ group: 'g', reader: undefined, onPartitionsLost: 1 }, /must be a function/],
  ] as const)('refuses the options %j', (options, message) => {
    expect(() => open(options as unknown as Partial<ConsumerOptions>)).toThrow(message);
  });
});
