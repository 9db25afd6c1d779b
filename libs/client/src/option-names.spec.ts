// Options that do not exist are refused wherever options are given, and before anything begins.
import { Admin } from './admin';
import { Consumer } from './consumer';
import type { Handlers } from './consumer-options';
import { InvalidOptionError } from './errors';
import { checkNames } from './option-names';
import { redriveDeadLetters, type RedriveOptions } from './processing/redrive';
import { Producer } from './producer';
import { Reader } from './reader';

// Nobody listens there, and nobody is asked.
const BROKER = '127.0.0.1:1';

describe('an option that does not exist', () => {
  const making = {
    Producer: (options: object) => new Producer({ broker: BROKER, ...options }),
    Consumer: (options: object) => new Consumer({ broker: BROKER, topics: ['t'], ...options }),
    Reader: (options: object) =>
      new Reader({ broker: BROKER, topic: 't', reader: 'r', ...options }),
    Admin: (options: object) => new Admin({ broker: BROKER, ...options }),
  };

  it.each<[owner: keyof typeof making, options: object, message: string]>([
    ['Producer', { lingerms: 5 }, 'a Producer has no option "lingerms"; did you mean lingerMs?'],
    ['Producer', { ack: 1 }, 'a Producer has no option "ack"; did you mean acks?'],
    ['Producer', { linger: 5 }, 'a Producer has no option "linger"; did you mean lingerMs?'],
    ['Producer', { idempotent: true }, '"idempotent"; did you mean idempotence?'],
    ['Producer', { lingerMS: undefined }, '"lingerMS"; did you mean lingerMs?'],
    ['Consumer', { groupId: 'g' }, 'a Consumer has no option "groupId"; did you mean group?'],
    ['Consumer', { fromBeginning: true }, '"fromBeginning"; did you mean from?'],
    ['Consumer', { sessionTimeout: 5 }, '"sessionTimeout"; did you mean sessionTimeoutMs?'],
    ['Reader', { partitions: [1] }, 'a Reader has no option "partitions"; did you mean partition?'],
    ['Admin', { brokers: [] }, 'an Admin has no option "brokers"; did you mean broker?'],
    [
      'Admin',
      { lingerMs: 5 },
      'an Admin has no option "lingerMs"; it has backoff, broker, clientId, connectTimeoutMs, ' +
        'instance, onRetry, requestTimeoutMs, retryTimeoutMs',
    ],
    ['Admin', { constructor: 1 }, 'an Admin has no option "constructor"; it has '],
    ['Admin', JSON.parse('{"__proto__":1}') as object, 'an Admin has no option "__proto__"; '],
    ['Producer', { backoff: { maxms: 5 } }, 'backoff has no option "maxms"; did you mean maxMs?'],
    ['Producer', { serialisation: { values: 'raw' } }, 'serialisation has no option "values"'],
    ['Consumer', { serialisation: { keys: 'raw' } }, 'serialisation has no option "keys"'],
    [
      'Consumer',
      { reader: 'r', autoCommit: { interval: 500 } },
      'autoCommit has no option "interval"; did you mean intervalMs?',
    ],
    [
      'Consumer',
      { topics: [{ topic: 'orders', partition: 0 }] },
      'topics: "orders" has no option "partition"; did you mean partitions?',
    ],
  ])('of a %s is named: %j', (owner, options, message) => {
    const make = (): unknown => making[owner](options);
    expect(make).toThrow(InvalidOptionError);
    expect(make).toThrow(message);
  });

  it.each([undefined, null, '127.0.0.1:9192', 9192, ['127.0.0.1:9192']])(
    'is not looked for in what is no object: %p',
    (given) => {
      const options = given as never;
      expect(() => new Consumer(options)).toThrow('a Consumer takes its options as an object, got');
      expect(() => new Reader(options)).toThrow('a Reader takes its options as an object, got');
    },
  );

  it('of one read is named', async () => {
    const reader = making.Reader({});
    const options = { maxwait: 1 } as object;
    await expect(reader.read(options)).rejects.toThrow(
      'read has no option "maxwait"; did you mean maxWaitMs?',
    );
    await reader.close();
  });

  it.each<[options: object, message: string]>([
    [{ eachMessage: () => 1 }, 'run has no option "eachMessage"; it has concurrency, deadLetters'],
    [{ deadLetter: {} }, 'run has no option "deadLetter"; did you mean deadLetters?'],
    [{ concurrency: { per: 'key', maximum: 3 } }, 'concurrency has no option "maximum"'],
    [{ retry: { attempt: 3 } }, 'retry has no option "attempt"; did you mean attempts?'],
    [{ retry: { backoff: { initial: 3 } } }, 'retry.backoff has no option "initial"; did you mean'],
    [{ deadLetters: { topics: 'd' } }, 'deadLetters has no option "topics"; did you mean topic?'],
    [
      { deadLetters: { producer: { acks: 1 } } },
      'deadLetters.producer has no option "acks"; it has backoff, ',
    ],
  ])('of run is named: %j', async (options, message) => {
    const consumer = making.Consumer({});
    const handlers = { eachRecord: () => undefined, ...options } as Handlers;
    await expect(consumer.run(handlers)).rejects.toThrow(message);
    await consumer.close();
  });

  it('of a redrive is named', async () => {
    const options = { broker: BROKER, topic: 't.dead-letters', max: 5 } as RedriveOptions;
    await expect(redriveDeadLetters(options)).rejects.toThrow(
      'redriveDeadLetters has no option "max"; it has ',
    );
  });

  it('is shown in part when it is long, and compared with nothing then', () => {
    const name = 'x'.repeat(1_000_000);
    expect(() => {
      checkNames('it', { [name]: 1 }, { one: true });
    }).toThrow(`it has no option "${'x'.repeat(60)}"; it has one`);
  });
});

describe('options that exist', () => {
  it('are taken by all who have them, unset ones too', async () => {
    const shared = {
      broker: BROKER,
      instance: undefined,
      clientId: 'me',
      connectTimeoutMs: 1,
      requestTimeoutMs: 1,
      backoff: { initialMs: 1, maxMs: undefined },
      onRetry: () => undefined,
    } as object;
    const clients = [
      new Producer({ ...shared, lingerMs: undefined, partitioner: undefined }),
      new Consumer({ ...shared, topics: ['t'], signal: undefined, group: undefined }),
      new Reader({ ...shared, topic: 't', reader: 'r', maxBytes: 5 }),
      new Admin({ ...shared, retryTimeoutMs: 0 }),
      new Admin(),
      new Producer(),
    ];
    for (const client of clients) await client.close();
    expect(clients).toHaveLength(6);
  });
});
