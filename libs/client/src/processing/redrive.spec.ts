import { encodeBatch } from '@walrusmq/record-batch';
import { eventually, FakeBroker } from '../../testing/fake-broker';
import { Consumer } from '../consumer';
import { readDeadLetter } from './dead-letter-headers';
import { redriveDeadLetters } from './redrive';

describe('redriveDeadLetters', () => {
  let broker: FakeBroker;

  beforeEach(async () => {
    broker = await FakeBroker.start({ t: 2 });
    const headers = [
      { key: 'trace', value: Buffer.from('1') },
      { key: 'trace', value: Buffer.from('2') },
    ];
    for (const partition of [0, 1]) {
      const records = ['a', 'b', 'c'].map((key) => ({
        key: Buffer.from(key),
        value: Buffer.from(`${key}${partition}`),
        headers,
      }));
      broker.append('t', partition, encodeBatch(records));
    }
    await die('t', 6);
  });

  afterEach(() => broker.stop());

  /** Lets every record of a topic fail. */
  async function die(topic: string, count: number): Promise<void> {
    const consumer = new Consumer({ broker: broker.address, topics: [topic], reader: 'r' });
    let buried = 0;
    const run = consumer.run({
      eachRecord: () => Promise.reject(new Error('no')),
      deadLetters: { onDeadLetter: () => (buried += 1) },
    });
    await eventually(() => buried === count, 'the dead letters');
    await consumer.close();
    await run;
  }

  const redrive = (options = {}): ReturnType<typeof redriveDeadLetters> =>
    redriveDeadLetters({ broker: broker.address, topic: 't.dead-letters', ...options });

  it('sends every letter back as it was, to its partition, once', async () => {
    expect(await redrive()).toEqual({ redriven: 6, skipped: 0 });
    expect(broker.values('t', 0)).toEqual(['a0', 'b0', 'c0', 'a0', 'b0', 'c0']);
    expect(broker.values('t', 1)).toEqual(['a1', 'b1', 'c1', 'a1', 'b1', 'c1']);
    const [first, , , again] = broker.records('t', 1);
    expect(again?.headers).toEqual(first?.headers);
    expect(again?.key).toEqual(first?.key);
    expect(await redrive()).toEqual({ redriven: 0, skipped: 0 });
  });

  it('counts the attempts anew when a record dies again', async () => {
    await redrive();
    await die('t', 6);
    const letters = broker.records('t.dead-letters', 0);
    expect(letters).toHaveLength(6);
    expect(readDeadLetter(letters[5]!.headers)?.origin).toMatchObject({ partition: 0, offset: 5 });
    expect(letters[5]!.headers).toHaveLength(letters[0]!.headers.length);
  });

  it('stops at the limit, and the next call goes on there', async () => {
    expect(await redrive({ limit: 4 })).toEqual({ redriven: 4, skipped: 0 });
    expect(await redrive()).toEqual({ redriven: 2, skipped: 0 });
    expect([...broker.values('t', 0), ...broker.values('t', 1)]).toHaveLength(12);
  });

  it('passes over what the filter does not want, and what is no dead letter', async () => {
    broker.append('t.dead-letters', 0, encodeBatch([{ key: null, value: Buffer.from('stray') }]));
    const filter = (_: unknown, origin: { partition: number }): boolean => origin.partition === 1;
    expect(await redrive({ filter })).toEqual({ redriven: 3, skipped: 4 });
    expect(broker.values('t', 0)).toHaveLength(3);
  });

  it('leaves its reader before what could not be sent', async () => {
    broker.deleteTopic('t');
    await expect(redrive()).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    expect(broker.cursors.has('redrive:t.dead-letters/0')).toBe(false);
    broker.createTopic('t', 1);
    expect(await redrive()).toEqual({ redriven: 6, skipped: 0 });
    expect(broker.values('t', 0)).toHaveLength(6);
  });

  it('takes the last death of a letter that died in its own topic, too', async () => {
    await die('t.dead-letters', 6);
    const [letter] = broker.records('t.dead-letters.dead-letters', 0);
    const outer = readDeadLetter(letter!.headers);
    expect(outer?.origin).toMatchObject({ topic: 't.dead-letters', offset: 0 });
    expect(readDeadLetter(outer!.headers)?.origin).toMatchObject({ topic: 't', offset: 0 });
  });
});
