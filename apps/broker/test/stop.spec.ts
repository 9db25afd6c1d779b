import { decodeBatches } from '@walrusmq/record-batch';
import { openMemoryStorage, type InstanceStorage } from '@walrusmq/storage';
import { codeOf } from './raw-client';
import { AppendGate, TestBroker, batchOf, override, until } from './test-broker';

describe('stop', () => {
  it('loses no acknowledged record under load', async () => {
    const storage = openMemoryStorage();
    // Closed by the broker, it could not be looked into any more.
    const kept = override<InstanceStorage>(storage, { close: () => Promise.resolve() });
    const broker = await TestBroker.start({}, () => kept);
    const client = await broker.withTopic();
    const acknowledged: string[] = [];
    const codes = new Set<unknown>();
    const values = new Map<number, string>();
    const produce = (): void => {
      const value = `value ${values.size}`;
      const id = client.send('produce', { topic: 'orders', partition: 0, acks: -1 }, [
        batchOf(value),
      ]);
      values.set(id, value);
    };
    for (let i = 0; i < 64; i += 1) produce();
    let stopped: Promise<void> | undefined;
    for (;;) {
      const reply = await client.replyOrEnd();
      if (reply === undefined) break;
      codes.add(codeOf(reply));
      if (reply.kind === 'ok') acknowledged.push(values.get(reply.correlationId) ?? 'unknown');
      if (acknowledged.length === 500) stopped ??= broker.broker.stop();
      produce();
    }
    await stopped;
    expect(acknowledged.length).toBeGreaterThanOrEqual(500);
    expect([...codes].filter((code) => code !== 'ok' && code !== 'SHUTTING_DOWN')).toEqual([]);

    const topic = storage.catalogue.find('orders');
    const log = storage.log(topic?.id ?? '', 0);
    const stored = [...decodeBatches(await log.read(0, 2 ** 30))].map(({ value }) => String(value));
    expect(stored.slice(0, acknowledged.length)).toEqual(acknowledged);
  });

  it('answers what is in flight, refuses what comes later, and closes', async () => {
    const gate = new AppendGate();
    const broker = await TestBroker.start({}, gate.openStorage);
    const client = await broker.withTopic();
    client.send('produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf('x')]);
    await until(() => gate.appends === 1);
    const stopped = broker.broker.stop();
    client.send('metadata', {});
    await until(() => broker.counter('errorReplies') === 1);
    gate.open();
    expect(codeOf(await client.reply())).toBe('ok');
    const late = await client.reply();
    expect([codeOf(late), late.fields.retriable]).toEqual(['SHUTTING_DOWN', true]);
    await client.closed;
    await stopped;
  });

  it('answers fetches that wait, at once', async () => {
    const broker = await TestBroker.start();
    const client = await broker.withTopic();
    client.send('fetch', { partitions: [['orders', 0, 0]], maxWaitMs: 600_000 });
    const other = await broker.greeted();
    await other.request('metadata', {});
    const stopped = broker.broker.stop();
    expect(codeOf(await client.reply())).toBe('ok');
    await stopped;
  });

  it('cuts off a request that does not end within the timeout', async () => {
    const gate = new AppendGate();
    const broker = await TestBroker.start({ stopTimeoutMs: 100 }, gate.openStorage);
    const client = await broker.withTopic();
    client.send('produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf('x')]);
    await until(() => gate.appends === 1);
    await broker.broker.stop();
    expect(await client.replyOrEnd()).toBeUndefined();
    gate.open();
  });

  it('takes no connection afterwards, and stops once however often it is asked', async () => {
    const broker = await TestBroker.start();
    await Promise.all([broker.broker.stop(), broker.broker.stop()]);
    await expect(broker.connect()).rejects.toThrow(/ECONNREFUSED/);
  });

  it('reports a close that failed, with everything else closed', async () => {
    const failing = override<InstanceStorage>(openMemoryStorage(), {
      close: () => Promise.reject(new Error('the last sync failed')),
    });
    const broker = await TestBroker.start({}, () => failing);
    const client = await broker.greeted();
    await expect(broker.broker.stop()).rejects.toThrow('the last sync failed');
    await client.closed;
  });
});
