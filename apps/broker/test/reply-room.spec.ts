// What a fetch and a read say where the replies of others leave no room for a record.
import type { IncomingFrame } from '@walrusmq/protocol';
import { openMemoryStorage } from '@walrusmq/storage';
import { defaultSettings } from '../src/config/settings-table';
import { FetchHandler } from '../src/msgpack/fetch.handler';
import type { OperationHandler } from '../src/msgpack/operation-handler';
import { ReadHandler } from '../src/msgpack/read.handler';
import { Session } from '../src/msgpack/session';
import { Counters } from '../src/observability/counters';
import { FetchWaiters } from '../src/partition/fetch-waiters';
import { Pins, readerPositions } from '../src/partition/pins';
import { Readers } from '../src/reader/readers';
import { Topics } from '../src/topic/topics';
import { batchOf, until } from './test-broker';

const LONG = 600_000;
const SIZES = { fetchBytesMax: 1_000_000, batchBytesMax: 1_000_000 };
const FIELDS = {
  fetch: { partitions: [['orders', 0, 0]] },
  read: { reader: 'r', topic: 'orders' },
};

describe.each(['fetch', 'read'] as const)('a %s without room for its first batch', (operation) => {
  let waiters: FetchWaiters;
  let handler: OperationHandler;
  let session: Session;

  beforeEach(async () => {
    const fail = (_: unknown, error: unknown): never => {
      throw error;
    };
    const pins = new Pins({ reader: readerPositions }, () => 0);
    const topics = new Topics({ storage: openMemoryStorage() }, defaultSettings, pins, fail);
    await topics.create({ name: 'orders', partitions: 1 });
    await topics.partition('orders', 0).append([batchOf('x'.repeat(100_000))]).synced;
    waiters = new FetchWaiters();
    session = new Session();
    session.replyRoom = { roomBytes: () => 64 * 1024, reserve: () => undefined };
    const counters = new Counters();
    const { fetchBytesMax, batchBytesMax } = SIZES;
    const readers = new Readers(topics, fail);
    handler =
      operation === 'fetch'
        ? new FetchHandler(topics, waiters, fetchBytesMax, batchBytesMax, counters)
        : new ReadHandler({ topics, readers, waiters, counters, ...SIZES });
  });

  const ask = async (maxWaitMs: number): Promise<number> => {
    const fields = { ...FIELDS[operation], maxWaitMs };
    const frame: IncomingFrame = {
      kind: operation,
      correlationId: 1,
      fields,
      tail: [],
      tailBytes: 0,
      sizeBytes: 0,
      heldBytes: 0,
    };
    const reply = await handler.handle(frame, session);
    if (typeof reply === 'symbol') throw new Error('the request was left without a reply');
    return Buffer.concat(reply.tail ?? []).length;
  };

  it('holds an empty reply back for a while, not for the whole wait', async () => {
    const asked = ask(LONG);
    await until(() => waiters.count === 1);
    expect(await asked).toBe(0);
    expect(waiters.count).toBe(0);
  });

  it('ends that when the client leaves', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'performance'] });
    try {
      const asked = ask(LONG);
      await until(() => waiters.count === 1);
      session.cancel();
      expect(await asked).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('answers at once where the client does not wait', async () => {
    const wait = jest.spyOn(waiters, 'wait');
    expect(await ask(0)).toBe(0);
    expect(wait).not.toHaveBeenCalled();
  });

  it('gives the batch to who asks again once there is room', async () => {
    expect(await ask(0)).toBe(0);
    session.replyRoom = { roomBytes: () => 1_000_000, reserve: () => undefined };
    const wait = jest.spyOn(waiters, 'wait');
    expect(await ask(LONG)).toBeGreaterThan(100_000);
    expect(wait).not.toHaveBeenCalled();
  });
});
