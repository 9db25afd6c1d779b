// The SDK with instances: the option `instance`, and clients that live through a change of
// schedule.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, type RunningBroker } from '@walrusmq/broker';
import { Admin, Consumer, Producer } from '@walrusmq/client';

jest.setTimeout(60_000);

describe('the SDK and instances', () => {
  let broker: RunningBroker;
  let dataDir: string;
  let address: string;
  let admin: Admin;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'walrusmq-client-'));
    broker = await startBroker({ dataDir, port: 0, logLevel: 'silent' });
    address = broker.addresses.msgpack ?? '';
    admin = new Admin({ broker: address });
  });

  afterEach(async () => {
    await admin.close();
    await broker.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** The next `count` values of `orders` in that instance. */
  async function read(instance: string, count: number): Promise<unknown[]> {
    const values: unknown[] = [];
    const options = { broker: address, instance, topics: ['orders'] };
    const consumer = new Consumer(options);
    for await (const { value } of consumer) {
      values.push(value);
      if (values.length === count) break;
    }
    await consumer.close();
    return values;
  }

  async function withOrders(instance: string): Promise<Producer> {
    await admin.createInstance(instance);
    const own = new Admin({ broker: address, instance });
    await own.createTopic('orders');
    await own.close();
    return new Producer({ broker: address, instance });
  }

  it('write to and read from the one that they name', async () => {
    for (const instance of ['eu', 'us']) {
      const producer = await withOrders(instance);
      await producer.send({ topic: 'orders', value: { of: instance } });
      await producer.close();
    }
    expect(await read('eu', 1)).toEqual([{ of: 'eu' }]);
    expect(await read('us', 1)).toEqual([{ of: 'us' }]);
    const listed = (await admin.listInstances()).map(({ key, topics }) => [key, topics]);
    expect(listed).toEqual([
      ['default', 0],
      ['eu', 1],
      ['us', 1],
    ]);
    await expect(admin.deleteInstance('none')).rejects.toMatchObject({ code: 'UNKNOWN_INSTANCE' });
  });

  it('lose and repeat nothing while the instance is opened anew under them', async () => {
    const producer = await withOrders('eu');
    const changes = ['20ms', 'no-fsync', 'default'];
    const sent: number[] = [];
    const altering = (async () => {
      for (const fsync of changes) {
        await admin.alterInstance('eu', { fsync, force: true });
        // Some are sent under each schedule.
        const reached = sent.length + 20;
        while (sent.length < reached) await new Promise((resolve) => setImmediate(resolve));
      }
      return true;
    })();
    const ending = new AbortController();
    const done = altering.finally(() => ending.abort());
    for (let n = 0; !ending.signal.aborted; n += 1) {
      await producer.send({ topic: 'orders', value: n });
      sent.push(n);
    }
    expect(await done).toBe(true);
    await producer.close();
    expect((await admin.describeInstance('eu')).fsync.source).toBe('broker');
    expect(await read('eu', sent.length)).toEqual(sent);
  });
});
